"""What a clean session can be told and asked, wherever it is, as methods."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from dsa110_vis.host.desk import ask_desk
from dsa110_vis.host.fetching import fetch_convergence, fetch_image, fetch_masks, image_fields, is_whole, send_masks
from dsa110_vis.paths import absolute_path
from dsa110_vis.view.clean_images import image_path
from dsa110_vis.view.clean_packing import pack_masks, unpack_masks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from dsa110_vis.clean.engine import Masks
    from dsa110_vis.clean.parameters import Parameters
    from dsa110_vis.view.protocol import Reply

__all__ = ["Commands"]


class Commands:
    """Methods over requests (`dsa110_vis.view.clean_session`). Commands return when the session has taken them."""

    def request(
        self,
        op: str,
        params: Mapping[str, Any] | None = None,
        buffers: Sequence[Any] = (),
        timeout: float | None = None,
    ) -> Reply:
        """Ask the session something, and wait for the answer."""
        raise NotImplementedError

    @property
    def latest(self) -> dict[str, Any]:
        """How the session is doing."""
        raise NotImplementedError

    @property
    def parameters(self) -> Parameters:
        """The present parameters."""
        raise NotImplementedError

    def run(self, cycles: int | None = 1) -> None:
        """Do cycles, each a minor and a major one.

        Parameters
        ----------
        cycles : int or None
            How many; None until a rule says to stop.
        """
        self.request("run", {"cycles": cycles})

    def finish(self) -> None:
        """Run until a rule says to stop, and make the restored images."""
        self.request("finish")

    def restore(self) -> None:
        """Make the restored images of the present model."""
        self.request("restore")

    def undo(self) -> None:
        """Take the latest checkpoint back."""
        self.request("undo")

    def redo(self) -> None:
        """Do again what was taken back last."""
        self.request("redo")

    def go_to(self, cycle: int) -> None:
        """Go to any checkpoint; a cycle from there begins a branch.

        Parameters
        ----------
        cycle : int
            Its id, as ``latest["cycles"]`` has it.
        """
        self.request("go_to", {"cycle": cycle})

    def pause(self) -> None:
        """Rest at the next chunk, or at the end of the major cycle."""
        self.request("pause")

    def stop(self) -> None:
        """Stop at the next chunk, or at the end of the major cycle."""
        self.request("stop")

    def set_parameters(self, **changes: Any) -> None:
        """Go on with other parameters, from the next chunk on.

        Parameters
        ----------
        **changes
            Those of `dsa110_vis.clean.parameters.CHANGEABLE`.
        """
        self.request("set_parameters", {"changes": changes})

    def masks(self) -> Masks:
        """Get the clean masks.

        Returns
        -------
        list of ndarray of bool
            One a field, shape (Stokes, channels, y, x); none before the dirty image.
        """
        return unpack_masks(*fetch_masks(self.request))

    def set_masks(
        self, source: Any, *, field: int = 0, stokes: range | None = None, channels: range | None = None
    ) -> None:
        """Clean in another mask, from the next chunk on.

        Parameters
        ----------
        source : object
            A list with a mask for each field, as `masks` gives it; or what `dsa110_vis.clean.masks.masks_from` takes,
            for the field and the planes that are given.
        field : int
            Which image.
        stokes, channels : range, optional
            Which planes of it; all by default.

        Raises
        ------
        OptionError
            If the source does not fit, or no pixel is in it.
        """
        if is_whole(source):
            shapes, data = pack_masks(source)
        else:
            if isinstance(source, str | os.PathLike):
                source = absolute_path(source)  # from where this process is
            now = fetch_masks(self.request)
            fields = image_fields(self.latest.get("imagenames") or [], now[0], self.parameters)
            headers = [image_path(one.imagename, "residual", 0, terms=one.terms > 1) for one in fields]
            planes = {"field": field, "stokes": stokes, "channels": channels}
            shapes, data = ask_desk("masks", source, fields, now, headers, planes)
        send_masks(self.request, shapes, data)

    def convergence(self) -> pd.DataFrame:
        """Get the convergence record.

        Returns
        -------
        pandas.DataFrame
            A row for every plane after every cycle on the way to the present checkpoint.
        """
        return fetch_convergence(self.request)

    def image(
        self, name: str, *, field: int = 0, term: int = 0, stokes: int = 0, channel: int = 0
    ) -> npt.NDArray[np.float32]:
        """Get a plane of one of the session's images, at any moment.

        Parameters
        ----------
        name : str
            "residual", "model", "psf", "pb", "mask", "image", "image.pbcor", "weight", "alpha" or "alpha.error".
        field, term, stokes, channel : int
            Which plane, counted from 0.

        Returns
        -------
        ndarray of float32, shape (ny, nx)
            The plane; NaN where it is blank.

        Raises
        ------
        ImageNotFoundError
            If it has not been made yet.
        """
        which = {"name": name, "field": field, "term": term, "stokes": stokes, "channel": channel}
        return fetch_image(self.request, which)

    def code(self) -> str:
        """Get the call of tclean with the present parameters.

        Returns
        -------
        str
            Python.
        """
        return str((self.request("code").result or {})["code"])
