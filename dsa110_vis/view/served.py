"""Models in processes of their own: made there from plain data, and asked for here.

Workers import this module before there is work, and with it all that they will need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsa110_vis.layout import draw_map
from dsa110_vis.raster import render_bokeh, render_mpl
from dsa110_vis.view.antenna_layout import AntennaLayoutModel
from dsa110_vis.view.ms_raster import MsRasterModel

if TYPE_CHECKING:
    from dsa110_vis.view.chosen import Chosen

__all__ = ["antenna_layout", "ms_raster"]

assert draw_map  # noqa: S101  imported for those who fork from here
assert render_bokeh  # noqa: S101
assert render_mpl  # noqa: S101


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
    return AntennaLayoutModel(chosen, **controls)
