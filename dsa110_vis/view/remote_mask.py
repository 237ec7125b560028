"""The image viewer's model in a process of its own."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from typing import TYPE_CHECKING, Any

from dsa110_vis.view.given import Given, GivenImage
from dsa110_vis.view.mask_controls import MASK_CONTROLS, initial, settle
from dsa110_vis.view.remote import RemoteModel
from dsa110_vis.work import WorkerLostError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RemoteMaskDraw"]


class RemoteMaskDraw(RemoteModel):
    """What an image viewer shows, and what is drawn on it, worked out in another process.

    The drawing is kept in a private folder, from which another process takes it if this one is lost; its undo history
    is not.

    Parameters
    ----------
    image : GivenImage
        The image.
    mask, regions : object, optional
        A first mask and first regions, as `Given` has them.
    **controls
        Values of controls (`dsa110_vis.view.mask_controls.MASK_CONTROLS`).

    Raises
    ------
    OptionError
        If a control does not exist or cannot have its value.
    """

    def __init__(self, image: GivenImage, *, mask: Any = None, regions: Any = None, **controls: Any) -> None:
        if image.path:
            controls["path"] = image.path
        keep = tempfile.mkdtemp(prefix="dsa110-vis-drawing-")
        self._clean = weakref.finalize(self, shutil.rmtree, keep, ignore_errors=True)
        self._given = Given(image, mask=mask, regions=regions, keep=keep, writes=True)
        super().__init__(
            "dsa110_vis.view.served:mask_draw",
            (self._given,),
            initial=initial(),
            controls=controls,
            settle=settle,
            settings=_settings,
            shows="image",
        )

    def set_catalog(self, name: str, columns: Mapping[str, Any] | None) -> None:
        """Mark sources.

        Parameters
        ----------
        name : str
            Name of the catalogue.
        columns : mapping or None
            Columns by name; None takes the marks away.

        Raises
        ------
        OptionError
            If no columns with coordinates are found.
        """
        self.ask("set_catalog", name, columns)
        # a new process is told from here
        self._given.catalog = None if columns is None else (name, dict(columns))

    def result(self, method: str, *args: Any, **options: Any) -> Any:
        """Wait for the image, then call a method of the model; if its process was lost, a new one takes the drawing up.

        Parameters
        ----------
        method, *args, **options
            As for every model.

        Returns
        -------
        object
            The same.
        """
        if isinstance(self.failure, WorkerLostError):
            self._worker()
        return super().result(method, *args, **options)

    def close(self) -> None:
        """Stop everything and let go of the files."""
        super().close()
        self._clean()


def _settings(state: Mapping[str, Any]) -> dict[str, Any]:
    """Give the controls with which a new model comes to a state."""
    said = {name: value for name, value in state.items() if name == "path" or value != MASK_CONTROLS[name].default}
    if state["limits_mode"] != "manual":
        said.pop("limits", None)  # they are found
    return said
