"""Models in processes of their own: made there from plain data, and asked for here.

Each imports what it needs when it is made: what one viewer waits for is no matter of the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dsa110_vis.view.antenna_layout import AntennaLayoutModel
    from dsa110_vis.view.chosen import Chosen
    from dsa110_vis.view.given import Given
    from dsa110_vis.view.mask_draw import MaskDrawModel
    from dsa110_vis.view.ms_raster import MsRasterModel

__all__ = ["antenna_layout", "ms_raster"]


def ms_raster(chosen: Chosen | None, scheduler: tuple[str, Any] | None, controls: dict[str, Any]) -> MsRasterModel:
    """Make the model of a raster viewer.

    Parameters
    ----------
    chosen : Chosen or None
        What to look at.
    scheduler : (str, object) or None
        Address of a Dask scheduler, and how to connect to it.
    controls : dict
        Values of controls.

    Returns
    -------
    MsRasterModel
        The model.
    """
    from dsa110_vis.view.ms_raster import MsRasterModel  # noqa: PLC0415

    client = None
    if scheduler is not None:
        from distributed import Client  # noqa: PLC0415  optional

        address, security = scheduler
        client = Client(address, security=security, set_as_default=False)  # type: ignore[no-untyped-call]
    return MsRasterModel(chosen, client=client, **controls)


def antenna_layout(chosen: Chosen | None, controls: dict[str, Any]) -> AntennaLayoutModel:
    """Make the model of an array viewer.

    Parameters
    ----------
    chosen : Chosen or None
        What to look at.
    controls : dict
        Values of controls.

    Returns
    -------
    AntennaLayoutModel
        The model.
    """
    from dsa110_vis.view.antenna_layout import AntennaLayoutModel  # noqa: PLC0415

    return AntennaLayoutModel(chosen, **controls)


def mask_draw(given: Given, controls: dict[str, Any]) -> MaskDrawModel:
    """Make the model of an image viewer.

    Parameters
    ----------
    given : Given
        What the user gave.
    controls : dict
        Values of controls.

    Returns
    -------
    MaskDrawModel
        The model.
    """
    from dsa110_vis.view.mask_draw import MaskDrawModel  # noqa: PLC0415

    return MaskDrawModel(given, **controls)


def image_viewer(path: str, keep: str) -> MaskDrawModel:
    """Make the model of an image viewer that has no kernel.

    Parameters
    ----------
    path : str
        The image.
    keep : str
        Folder in which the drawing is kept.

    Returns
    -------
    MaskDrawModel
        The model.
    """
    from dsa110_vis.view.given import Given, GivenImage  # noqa: PLC0415

    return mask_draw(Given(GivenImage(path), keep=keep), {})
