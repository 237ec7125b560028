"""The array of a Measurement Set: positions, flags, amplitudes, one antenna, one baseline."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import NoVisibilityColumnError, SelectionEmptyError
from dsa110_vis.layout.array_layout import ArrayLayout, with_mean_amp
from dsa110_vis.layout.clock import clock
from dsa110_vis.layout.geometry import baseline_geometry, histogram_of, unique_pairs
from dsa110_vis.layout.picking import antennas_of
from dsa110_vis.layout.uv import UvPoints, uv_points
from dsa110_vis.ms.selection import select_baselines
from dsa110_vis.raster.labels import column_unit
from dsa110_vis.raster.options import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from dsa110_vis.ms import FlagCounts, MeasurementSet
    from dsa110_vis.raster import Cells

    Progress = Callable[[float], bool | None]

__all__ = ["MsSource"]

PARALLEL_HANDS = ("I", "RR", "LL", "XX", "YY", "PP", "QQ")


class MsSource:
    """Answers about the array of a Measurement Set.

    Parameters
    ----------
    ms : MeasurementSet
        Opened for this; `close` closes it.
    selections : sequence of mapping
        What is selected of it.
    """

    kind = "ms"

    def __init__(self, ms: MeasurementSet, selections: Sequence[Mapping[str, str]] = ()) -> None:
        self._root = ms
        self._selections = tuple(selections)
        self._view = None if selections else ms
        self.fingerprint = ms.fingerprint
        self.name, self.path = ms.name, str(ms.path)
        self.array = ms.array
        self.warnings: tuple[str, ...] = ()
        self._counts: FlagCounts | None = None

    @property
    def ms(self) -> MeasurementSet:
        """What is selected of the Measurement Set, for which its rows are read."""
        if self._view is None:
            self._view = self._root.select_each(self._selections)
        return self._view

    def close(self) -> None:
        """Let go of the file."""
        self._root.close()

    def changed(self) -> bool:
        """Tell whether the file has been modified since it was opened.

        Returns
        -------
        bool
            True if it has.
        """
        return self._root.fingerprint != self.fingerprint

    # -- the whole array --------------------------------------------------------------------------------------------

    def read_rows(self) -> None:
        """Read which antennas have data."""
        self.ms.pairs()

    def positions(self) -> ArrayLayout:
        """Give positions, which antennas have data, and numbers of baselines.

        Returns
        -------
        ArrayLayout
            Without flags and amplitudes.
        """
        ms = self.ms
        columns = with_mean_amp(ms.antenna_columns(flags=False))
        centre = ms.array_centre
        return ArrayLayout(
            self.kind,
            ms.name,
            str(ms.path),
            self.array.telescope,
            None if np.isnan(centre[0]) else centre,
            columns,
            len(unique_pairs(*ms.pairs())),
        )

    def with_flags(self, layout: ArrayLayout, progress: Progress | None = None) -> ArrayLayout:
        """Add the flagged shares, for which FLAG is read once.

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
        self._counts = counts = self.ms.flag_counts(progress=progress)
        columns = with_mean_amp(self.ms.antenna_columns())
        return dataclasses.replace(layout, columns=columns, flagged=counts.fraction)

    def with_amplitudes(self, layout: ArrayLayout, progress: Progress | None = None) -> ArrayLayout:
        """Add mean amplitudes of the unflagged cross-correlations, for which the visibilities are read once.

        Parameters
        ----------
        layout : ArrayLayout
            With flags.
        progress : callable, optional
            Gets the fraction done; returning False cancels.

        Returns
        -------
        ArrayLayout
            With amplitudes, if there are visibilities.

        Raises
        ------
        CancelledError
            If `progress` returned False.
        """
        try:
            cells = _reduce(self.ms, Request("correlation", "baseline"), progress=progress)
        except (NoVisibilityColumnError, SelectionEmptyError):
            return layout
        self.warnings = cells.request.warnings
        pairs, count = cells.axes.y.ids, cells.counts()[0].reshape(cells.shape[1:])
        assert pairs is not None  # noqa: S101  baselines have antennas
        total = np.where(count > 0, np.nan_to_num(cells.value().reshape(count.shape)) * count, 0.0)
        sums, samples = np.zeros(len(self.array)), np.zeros(len(self.array), np.int64)
        for side in (0, 1):
            np.add.at(sums, pairs[:, side], total.sum(axis=1))
            np.add.at(samples, pairs[:, side], count.sum(axis=1))
        with np.errstate(invalid="ignore"):
            columns = with_mean_amp(layout.columns, sums / samples)
        unit = column_unit(cells.request.column)
        return dataclasses.replace(
            layout,
            columns=columns,
            amplitudes=True,
            amp_unit=unit if unit == "Jy" else "",
            column=cells.request.column,
        )

    # -- details ----------------------------------------------------------------------------------------------------

    def antenna(self, number: int, check: Callable[[], None]) -> dict[str, Any]:
        """Describe one antenna: its baselines, and its flags by frequency and time without autocorrelations.

        Parameters
        ----------
        number : int
            Antenna number.
        check : callable
            Is called now and then; raises to stop.

        Returns
        -------
        dict
            As the operation ``antenna`` answers.
        """
        partners = self.partners(number)
        shares = self._flagged_shares()
        found: dict[str, Any] = {
            "id": number,
            "name": self.array.antenna_names[number],
            "baselines": [
                {
                    "id": other,
                    "name": self.array.antenna_names[other],
                    "length_m": baseline_geometry(self.array, number, other).length,
                    "flagged": shares.get((min(number, other), max(number, other))),
                }
                for other in partners
            ],
            "frequency_mhz": [],
            "flagged_by_frequency": [],
            "time_s": [],
            "time_start": "",
            "time_frame": self.ms.metadata.time_frame,
            "flagged_by_time": [],
        }
        if partners:
            part = self._select(number)
            cells = {
                axis: _reduce(part, Request(axis, "correlation", quantity="flag_fraction"), progress=_going_on(check))
                for axis in ("frequency", "time")
            }
            found["frequency_mhz"] = _values(cells["frequency"])
            found["flagged_by_frequency"] = _shares(cells["frequency"])
            found["time_start"], found["time_s"] = clock(_values(cells["time"]))
            found["flagged_by_time"] = _shares(cells["time"])
        return found

    def baseline(self, first: int, second: int, check: Callable[[], None]) -> dict[str, Any]:
        """Describe one baseline: geometry, flags, and amplitude and phase of the parallel hands.

        Parameters
        ----------
        first, second : int
            Antenna numbers; phases and directions are from the first to the second.
        check : callable
            Is called now and then; raises to stop.

        Returns
        -------
        dict
            As the operation ``baseline`` answers.

        Raises
        ------
        SelectionEmptyError
            If there are no data between the two.
        """
        names = self.array.antenna_names
        pair = min(first, second), max(first, second)
        if not (unique_pairs(*self.ms.pairs()) == pair).all(axis=1).any():
            message = f"There are no data between {names[first]} and {names[second]}."
            raise SelectionEmptyError(message, "Pick two antennas that are joined by a line.")
        part = self._select(*pair)
        hands = [
            name for name in PARALLEL_HANDS if any(name in d.correlations for d in part.metadata.data_descriptions)
        ]
        if hands:
            part = part.select(correlation=",".join(hands))
        curves, column = {}, None
        for axis in ("frequency", "time"):
            cells = _reduce(part, Request(axis, "baseline"), progress=_going_on(check))
            column = cells.request.column
            phase = cells.value(dataclasses.replace(cells.request, quantity="phase"))
            # rasters have baselines from the smaller to the larger antenna number
            curves[axis] = {"amp": _flat(cells.value()), "phase": _flat(phase if first < second else -phase)}
            curves[axis]["x"] = _values(cells)
        start, curves["time"]["x"] = clock(curves["time"]["x"])
        unit = column_unit(column)
        return {
            "a": first,
            "b": second,
            "name": f"{names[first]} & {names[second]}",
            **baseline_geometry(self.array, first, second).describe(),
            "flagged": self._flagged_shares().get(pair),
            **curves,
            "time_start": start,
            "time_frame": self.ms.metadata.time_frame,
            "amp_unit": unit if unit == "Jy" else "",
            "column": column,
            "correlations": hands,
        }

    def uv(self, color: str, max_points: int, check: Callable[[], None]) -> UvPoints:
        """Give points of the uv plane.

        Parameters
        ----------
        color : str
            What colours the points: ``"baseline"``, ``"time"`` or ``"flagged"``.
        max_points : int
            At most how many points.
        check : callable
            Is called now and then; raises to stop.

        Returns
        -------
        UvPoints
            The points, without their conjugates.
        """
        return uv_points(self.ms, color, max_points, check)

    def partners(self, number: int) -> list[int]:
        """Give the antennas with which an antenna has baselines.

        Parameters
        ----------
        number : int
            Antenna number.

        Returns
        -------
        list of int
            Antenna numbers, ascending.
        """
        pairs = unique_pairs(*self.ms.pairs())
        return sorted([*pairs[pairs[:, 0] == number, 1].tolist(), *pairs[pairs[:, 1] == number, 0].tolist()])

    def lengths(self) -> dict[str, Any]:
        """Count baselines by their lengths.

        Returns
        -------
        dict
            As the operation ``lengths`` answers.
        """
        return histogram_of(self.array, unique_pairs(*self.ms.pairs()))

    def picked(self, text: str) -> list[int]:
        """Find the antennas that a selection string is about.

        Parameters
        ----------
        text : str
            The string.

        Returns
        -------
        list of int
            Antenna numbers.
        """
        return antennas_of(text, self.ms)

    # -- inside -----------------------------------------------------------------------------------------------------

    def _select(self, *numbers: int) -> MeasurementSet:
        """Select all baselines of one antenna, or the one between two."""
        try:
            text = select_baselines(numbers, self.array.antenna_names, self.array.antenna_stations)
        except SelectionEmptyError:  # a name is ambiguous
            ends = [f"(ANTENNA1 == {number:d} || ANTENNA2 == {number:d})" for number in numbers]
            return self.ms.select(taql=" && ".join(ends))
        return self.ms.select(antenna=text)

    def _flagged_shares(self) -> dict[tuple[int, int], float]:
        """Give the flagged share of each baseline, as far as it is known."""
        counts = self._counts
        if counts is None:
            return {}
        pairs = zip(counts.antenna1.tolist(), counts.antenna2.tolist(), strict=True)
        shares = (counts.flagged / np.maximum(counts.samples, 1)).tolist()
        return dict(zip(pairs, shares, strict=True))


def _reduce(ms: MeasurementSet, request: Request, progress: Progress | None) -> Cells:
    from dsa110_vis.raster.reduction import reduce  # noqa: PLC0415  imports numba, for which positions do not wait

    return reduce(ms, request, progress=progress)


def _going_on(check: Callable[[], None]) -> Progress:
    def go_on(_fraction: float) -> bool:
        check()
        return True

    return go_on


def _values(cells: Cells) -> list[float]:
    return [float(value) for value in cells.axes.x.values]


def _shares(cells: Cells) -> list[float]:
    good, bad = (counts.reshape(cells.shape[1:]).sum(axis=0) for counts in cells.counts())
    return [float(share) for share in bad / np.maximum(good + bad, 1)]


def _flat(values: npt.NDArray[np.float64]) -> list[float]:
    return [float(value) for value in values.ravel()]
