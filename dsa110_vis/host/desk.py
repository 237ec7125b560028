"""What an owner has done by a worker process, because python-casacore reads for it: checks, and masks from files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsa110_vis.preload import PRELOAD
from dsa110_vis.work import Remote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dsa110_vis.clean.engine import ImageField

__all__ = ["Desk", "ask_desk"]


def ask_desk(method: str, *args: Any, **options: Any) -> Any:
    """Have something done in a worker process.

    Parameters
    ----------
    method : str
        Of `Desk`.
    *args, **options
        For the method.

    Returns
    -------
    object
        What it returned.

    Raises
    ------
    Dsa110VisError
        What it raised, or that the process was lost.
    """
    desk = Remote("dsa110_vis.host.desk:Desk", preload=PRELOAD)
    try:
        return desk.call(method, *args, **options)
    finally:
        desk.close()


class Desk:
    """Answers one question."""

    def check(self, parameters: Mapping[str, Any], *, resume: bool) -> list[str]:
        """Check parameters against the data and the disk.

        Parameters
        ----------
        parameters : mapping
            As `Parameters.to_dict` gives them.
        resume : bool
            Whether a session is resumed.

        Returns
        -------
        list of str
            Warnings.

        Raises
        ------
        ParameterError
            If something cannot work.
        """
        from dsa110_vis.clean.checks import check  # noqa: PLC0415  reads the data
        from dsa110_vis.clean.parameters import Parameters  # noqa: PLC0415

        return check(Parameters.from_dict(parameters), resume=resume)

    def masks(
        self,
        source: Any,
        fields: Sequence[ImageField],
        current: tuple[list[list[int]], bytes],
        headers: Sequence[str],
        planes: Mapping[str, Any],
    ) -> tuple[list[list[int]], bytes]:
        """Make masks of whatever says which pixels are meant.

        Parameters
        ----------
        source : object
            As `dsa110_vis.clean.masks.masks_from` takes it.
        fields : sequence of ImageField
            The session's images.
        current : (list of list of int, bytes)
            The present masks, as `pack_masks` gives them.
        headers : sequence of str
            For each field an image of it that is on disk.
        planes : mapping
            ``field``, ``stokes`` and ``channels``: for which planes the source is.

        Returns
        -------
        shapes : list of list of int
            As `pack_masks` gives them.
        data : bytes
            The same.
        """
        from dsa110_vis.clean.masks import masks_from  # noqa: PLC0415  reads images
        from dsa110_vis.view.clean_packing import pack_masks, unpack_masks  # noqa: PLC0415

        return pack_masks(masks_from(source, fields, current=unpack_masks(*current), headers=headers, **planes))
