"""The array of a calibration table: antennas by their solutions."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import OptionError
from dsa110_vis.layout.array_layout import ArrayLayout, with_mean_amp
from dsa110_vis.layout.clock import clock
from dsa110_vis.layout.geometry import baseline_geometry, histogram_of
from dsa110_vis.layout.picking import written

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from dsa110_vis.layout.uv import UvPoints
    from dsa110_vis.ms import CalibrationTable

    Progress = Callable[[float], bool | None]

__all__ = ["CaltableSource"]


class CaltableSource:
    """Answers about the array of a calibration table. Its solutions belong to antennas: it has no baselines.

    Parameters
    ----------
    table : CalibrationTable
        Opened for this; `close` closes it.
    """

    kind = "caltable"

    def __init__(self, table: CalibrationTable) -> None:
        self._table = table
        self.fingerprint = table.fingerprint
        self.name, self.path = table.name, str(table.path)
        self.array = table.array
        self.warnings: tuple[str, ...] = ()

    def close(self) -> None:
        """Let go of the file."""
        self._table.close()

    def changed(self) -> bool:
        """Tell whether the file has been modified since it was opened.

        Returns
        -------
        bool
            True if it has.
        """
        return self._table.fingerprint != self.fingerprint

    def read_rows(self) -> None:
        """Read which antennas have solutions."""
        self._table.rows()

    def positions(self) -> ArrayLayout:
        """Give positions, and which antennas have solutions.

        Returns
        -------
        ArrayLayout
            Without flags; there are no amplitudes.
        """
        columns = with_mean_amp(self._table.antenna_columns(flags=False))
        centre = self._table.array_centre
        telescope = self.array.telescope
        place = None if np.isnan(centre[0]) else centre
        return ArrayLayout(self.kind, self.name, self.path, telescope, place, columns, 0)

    def with_flags(self, layout: ArrayLayout, progress: Progress | None = None) -> ArrayLayout:
        """Add the flagged shares.

        Parameters
        ----------
        layout : ArrayLayout
            As from `positions`.
        progress : callable, optional
            Gets the fraction done; returning False cancels.

        Returns
        -------
        ArrayLayout
            With flags.

        Raises
        ------
        CancelledError
            If `progress` returned False.
        """
        flags = self._table.flags(progress=progress)
        columns = with_mean_amp(self._table.antenna_columns())
        return dataclasses.replace(layout, columns=columns, flagged=flags.fraction)

    def with_amplitudes(self, layout: ArrayLayout, progress: Progress | None = None) -> ArrayLayout:
        """Add nothing: there are no visibilities.

        Parameters
        ----------
        layout : ArrayLayout
            With flags.
        progress : callable, optional
            Is not called.

        Returns
        -------
        ArrayLayout
            The same.
        """
        del progress
        return layout

    def antenna(self, number: int, check: Callable[[], None]) -> dict[str, Any]:
        """Describe one antenna: its flags by frequency and time.

        Parameters
        ----------
        number : int
            Antenna number.
        check : callable
            Raises to stop.

        Returns
        -------
        dict
            As the operation ``antenna`` answers.
        """
        check()
        flags = self._table.flags()
        order = np.argsort(flags.frequencies, kind="stable")
        channels = order[flags.by_channel[0, number, order] > 0]
        times = np.flatnonzero(flags.by_time[0, number] > 0)
        start, seconds = clock(flags.times[times])
        return {
            "id": number,
            "name": self.array.antenna_names[number],
            "baselines": [],
            "frequency_mhz": (flags.frequencies[channels] / 1e6).tolist(),
            "flagged_by_frequency": _shares(flags.by_channel[:, number, channels]),
            "time_s": seconds,
            "time_start": start,
            "time_frame": self._table.time_frame,
            "flagged_by_time": _shares(flags.by_time[:, number, times]),
        }

    def baseline(self, first: int, second: int, check: Callable[[], None]) -> dict[str, Any]:
        """Describe the line between two antennas; there are no visibilities.

        Parameters
        ----------
        first, second : int
            Antenna numbers.
        check : callable
            Raises to stop.

        Returns
        -------
        dict
            As the operation ``baseline`` answers, without values.
        """
        check()
        names = self.array.antenna_names
        nothing: dict[str, list[float]] = {"x": [], "amp": [], "phase": []}
        return {
            "a": first,
            "b": second,
            "name": f"{names[first]} & {names[second]}",
            **baseline_geometry(self.array, first, second).describe(),
            "flagged": None,
            "frequency": nothing,
            "time": nothing,
            "time_start": "",
            "time_frame": self._table.time_frame,
            "amp_unit": "",
            "column": None,
            "correlations": [],
        }

    def uv(self, color: str, max_points: int, check: Callable[[], None]) -> UvPoints:
        """Refuse: there is no uv coverage.

        Parameters
        ----------
        color, max_points, check
            As for a Measurement Set.

        Raises
        ------
        OptionError
            Always.
        """
        del color, max_points, check
        message = f"{self.name} is a calibration table and has no uv coverage."
        raise OptionError(message, "Open the Measurement Set that it was made from.")

    def partners(self, number: int) -> list[int]:
        """Give no antennas: there are no baselines.

        Parameters
        ----------
        number : int
            Antenna number.

        Returns
        -------
        list of int
            Nothing.
        """
        del number
        return []

    def lengths(self) -> dict[str, Any]:
        """Count the lines between antennas with solutions by their lengths.

        Returns
        -------
        dict
            As the operation ``lengths`` answers.
        """
        there = np.unique(self._table.rows())
        first, second = np.triu_indices(there.size, k=1)
        return histogram_of(self.array, np.stack([there[first], there[second]], axis=1).astype(np.int64))

    def picked(self, text: str) -> list[int]:
        """Find the antennas that a selection string names.

        Parameters
        ----------
        text : str
            The string: one antenna, two with ``&`` between them, or several with ``&`` after them.

        Returns
        -------
        list of int
            Antenna numbers.

        Raises
        ------
        OptionError
            If the string is about baselines, of which there are none.
        """
        found = written(text, self.array)
        if found is None:
            message = f"{self.name} is a calibration table and has no baselines to select from."
            raise OptionError(message, "Name antennas: A, or A&B, or A,B,C&.")
        return found


def _shares(counts: npt.NDArray[np.int64]) -> list[float]:
    return [float(share) for share in counts[1] / np.maximum(counts[0], 1)]
