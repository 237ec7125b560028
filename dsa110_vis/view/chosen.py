"""What a user wants to look at, as plain data that can go to another process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from dsa110_vis.errors import OptionError
from dsa110_vis.paths import absolute_path

if TYPE_CHECKING:
    from dsa110_vis.ms import MeasurementSet

__all__ = ["Chosen"]


class Chosen(NamedTuple):
    """What a user wants to look at: a Measurement Set, and what was selected in it before.

    Attributes
    ----------
    path : str
        The Measurement Set.
    selections : tuple of dict
        Selection strings by parameter, one dict for each `MeasurementSet.select`.
    """

    path: str
    selections: tuple[dict[str, str], ...] = ()

    @classmethod
    def of(cls, ms: MeasurementSet | Chosen | str | os.PathLike[str]) -> Chosen:
        """Take what the user gave as the Measurement Set.

        Parameters
        ----------
        ms : MeasurementSet, Chosen or path
            The Measurement Set; the selections of an open one are kept.

        Returns
        -------
        Chosen
            Plain data.

        Raises
        ------
        OptionError
            If it is none of these.
        """
        if isinstance(ms, cls):
            return ms
        if isinstance(ms, str | os.PathLike):
            return cls(str(absolute_path(ms)))
        selections = getattr(ms, "selections", None)
        if selections is None:
            message = f"{type(ms).__name__} is no Measurement Set."
            raise OptionError(message, "Give a path, or an open dsa110_vis.MeasurementSet.")
        return cls(str(ms.path), selections)
