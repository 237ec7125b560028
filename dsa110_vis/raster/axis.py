"""The axes of a raster: what occurs in a selection, as values with units and labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from dsa110_vis.errors import OptionError, SelectionEmptyError
from dsa110_vis.raster.options import BINNED_AXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from dsa110_vis.ms import MeasurementSet, Rows
    from dsa110_vis.raster.options import Request

__all__ = ["SPEED_OF_LIGHT", "Axes", "Axis", "build_axis", "join_frequencies"]

SPEED_OF_LIGHT = 299792458.0
CHANNEL_TOLERANCE = 0.1
"""Channels whose centres differ by less than this fraction of a channel are one."""

Kind = Literal["number", "time", "category"]


@dataclass(frozen=True)
class Axis:
    """One axis of a raster.

    Attributes
    ----------
    name : str
        One of `dsa110_vis.raster.AXES`.
    long_name : str
        What it is called beside a picture.
    unit : str
        Unit of `values`; empty where they have none.
    kind : str
        ``"number"``, ``"time"`` or ``"category"``.
    values : ndarray of float64, shape (n,)
        Numbers: Hz come as MHz, times as MJD seconds in the time frame of
        the set (its name is the unit), binned axes as the centres of the bins.
    labels : tuple of str or None
        Names, for categories.
    ids : ndarray of int64, shape (n,) or (n, 2), or None
        What the values mean in the file: numbers of antennas (pairs of them for baselines), fields, scans, windows.
    edges : ndarray of float64, shape (n + 1,), or None
        Edges of the bins, for binned axes.
    lengths : ndarray of float64, shape (n,), or None
        Lengths of the baselines in metres.
    """

    name: str
    long_name: str
    unit: str
    kind: Kind
    values: npt.NDArray[np.float64]
    labels: tuple[str, ...] | None = None
    ids: npt.NDArray[np.int64] | None = None
    edges: npt.NDArray[np.float64] | None = None
    lengths: npt.NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return int(self.values.size)

    @property
    def title(self) -> str:
        """Name with the unit, as it stands beside a picture."""
        return f"{self.long_name} ({self.unit})" if self.unit else self.long_name

    def merged(self, starts: Sequence[int] | npt.NDArray[np.integer[Any]]) -> Axis:
        """Give the axis with neighbouring values merged.

        Parameters
        ----------
        starts : sequence of int
            First index of each group, then the end of the last.

        Returns
        -------
        Axis
            Means of the values; the labels of a group become those of its ends.
        """
        begin = np.asarray(starts[:-1], dtype=np.int64)
        end = np.asarray(starts[1:], dtype=np.int64)
        sums = np.concatenate([[0.0], np.cumsum(self.values - self.values[begin[0]])])
        values = self.values[begin[0]] + (sums[end] - sums[begin]) / (end - begin)
        labels = None
        if self.labels is not None:
            labels = tuple(
                self.labels[a] if b - a == 1 else f"{self.labels[a]} … {self.labels[b - 1]}"
                for a, b in zip(begin.tolist(), end.tolist(), strict=True)
            )
        edges = None if self.edges is None else self.edges[np.append(begin, end[-1])]
        return Axis(self.name, self.long_name, self.unit, self.kind, values, labels, None, edges)


class Axes(NamedTuple):
    """The axes of a raster.

    Attributes
    ----------
    x, y : Axis
        Those of a picture.
    iterate : Axis or None
        What tells one picture from the next.
    """

    x: Axis
    y: Axis
    iterate: Axis | None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of values: iterate (1 if there is none), y, x."""
        return (1 if self.iterate is None else len(self.iterate), len(self.y), len(self.x))


def occurring(values: npt.NDArray[np.integer[Any]], size: int | None = None) -> npt.NDArray[np.int64]:
    """Give the different values, ascending.

    Parameters
    ----------
    values : ndarray of int
        Numbers.
    size : int, optional
        If given, all numbers are known to be from 0 up to below this, which makes it faster.

    Returns
    -------
    ndarray of int64
        Each number once.
    """
    if size is None:
        return np.unique(values).astype(np.int64)
    seen = np.zeros(size, dtype=np.bool_)
    seen[values] = True
    return np.flatnonzero(seen).astype(np.int64)


def unique_labels(names: Iterable[str], ids: Iterable[int]) -> tuple[str, ...]:
    """Make names tell things apart: numbers are added to names that are empty or come twice.

    Parameters
    ----------
    names : iterable of str
        Names.
    ids : iterable of int
        Their numbers.

    Returns
    -------
    tuple of str
        Different from each other.
    """
    pairs = list(zip(names, ids, strict=True))
    counts: dict[str, int] = {}
    for name, _ in pairs:
        counts[name] = counts.get(name, 0) + 1
    return tuple(
        f"#{number}" if not name else f"{name} (#{number})" if counts[name] > 1 else name for name, number in pairs
    )


def join_frequencies(
    frequencies: npt.NDArray[np.float64], widths: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Put channels on one ascending axis; channels with the same centre share a place.

    Parameters
    ----------
    frequencies, widths : ndarray of float64, shape (n,)
        Channel centres and widths in Hz, in any order.

    Returns
    -------
    centres : ndarray of float64, shape (m,)
        Different centres in Hz, ascending.
    place : ndarray of int64, shape (n,)
        Where each channel is among them.
    """
    order = np.argsort(frequencies, kind="stable")
    ascending = frequencies[order]
    tolerance = np.abs(widths[order]) * CHANNEL_TOLERANCE
    new = np.ones(order.size, dtype=np.bool_)
    anchor = 0
    close = np.zeros(order.size, dtype=np.bool_)
    close[1:] = np.diff(ascending) <= np.minimum(tolerance[1:], tolerance[:-1])
    for i in np.flatnonzero(close).tolist():
        if new[i - 1]:
            anchor = i - 1
        new[i] = ascending[i] - ascending[anchor] > min(tolerance[i], tolerance[anchor])
    place = np.empty(order.size, dtype=np.int64)
    place[order] = np.cumsum(new) - 1
    return ascending[new], place


class AxisSource(NamedTuple):
    """What axes are made from.

    Attributes
    ----------
    ms : MeasurementSet
        The selected data.
    rows : Rows
        Its rows, with uvw where an axis needs them.
    request : Request
        What is asked for.
    ddids : tuple of int
        Data descriptions that the rows have.
    chosen : ndarray of bool, shape (n,), or None
        Which rows take part; None means all.
    """

    ms: MeasurementSet
    rows: Rows
    request: Request
    ddids: tuple[int, ...]
    chosen: npt.NDArray[np.bool_] | None = None

    def taken(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Give the part of a column of the rows that takes part."""
        return values if self.chosen is None else values[self.chosen]

    @property
    def n_antennas(self) -> int:
        """Number of antennas of the file."""
        return len(self.ms.metadata.antenna_names)

    def antenna_labels(self) -> tuple[str, ...]:
        """Give the names of all antennas, different from each other."""
        names = self.ms.metadata.antenna_names
        return unique_labels(names, range(len(names)))

    def channels(self) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
        """Give the selected channels by data description."""
        for ddid in self.ddids:
            yield ddid, self.ms.channels(ddid)

    def frequencies(self, ddid: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Give frequencies and widths in Hz of the selected channels of a data description."""
        spw = self.ms.metadata.spectral_windows[self.ms.metadata.data_description(ddid).spw_id]
        channels = self.ms.channels(ddid)
        return spw.frequencies[channels], spw.widths[channels]


def _time(source: AxisSource) -> Axis:
    times = source.ms.metadata.times
    found = occurring(source.taken(source.rows.time_index), times.size)
    return Axis("time", "Time", source.ms.metadata.time_frame, "time", times[found], ids=found)


def baseline_numbers(antenna1: npt.NDArray[Any], antenna2: npt.NDArray[Any], n_antennas: int) -> npt.NDArray[np.int32]:
    """Give baselines numbers by their antennas, whichever comes first in the file.

    Parameters
    ----------
    antenna1, antenna2 : ndarray of int
        Antenna numbers.
    n_antennas : int
        Number of antennas.

    Returns
    -------
    ndarray of int32
        The smaller antenna number times `n_antennas`, plus the larger.
    """
    number = np.minimum(antenna1, antenna2).astype(np.int32)
    number *= np.int32(n_antennas)
    number += np.maximum(antenna1, antenna2).astype(np.int32, copy=False)
    return np.asarray(number)


def _baseline(source: AxisSource) -> Axis:
    n = source.n_antennas
    found = occurring(source.taken(baseline_numbers(source.rows.antenna1, source.rows.antenna2, n)), n * n)
    pairs = np.stack([found // n, found % n], axis=1)
    positions = source.ms.metadata.antenna_positions
    lengths = np.linalg.norm(positions[pairs[:, 1]] - positions[pairs[:, 0]], axis=1)
    if source.request.baseline_order == "length":
        order = np.argsort(lengths, kind="stable")
        pairs, lengths = pairs[order], lengths[order]
    names = source.antenna_labels()
    labels = tuple(f"{names[a]} & {names[b]}" for a, b in pairs.tolist())
    return Axis(
        "baseline", "Baseline", "", "category", np.arange(len(labels), dtype=np.float64), labels, pairs, lengths=lengths
    )


def _antenna(source: AxisSource, name: str) -> Axis:
    n = source.n_antennas
    both = name == "antenna" or {"antenna1", "antenna2"} <= set(source.request.axis_names)
    if both:
        found = np.union1d(*(occurring(source.taken(a), n) for a in (source.rows.antenna1, source.rows.antenna2)))
    else:
        found = occurring(source.taken(source.rows.antenna1 if name == "antenna1" else source.rows.antenna2), n)
    names = source.antenna_labels()
    labels = tuple(names[number] for number in found.tolist())
    long_name = {"antenna": "Antenna", "antenna1": "Antenna 1", "antenna2": "Antenna 2"}[name]
    return Axis(name, long_name, "", "category", np.arange(found.size, dtype=np.float64), labels, found)


def _frequency(source: AxisSource) -> Axis:
    parts = [source.frequencies(ddid) for ddid in source.ddids]
    centres, _ = join_frequencies(np.concatenate([f for f, _ in parts]), np.concatenate([w for _, w in parts]))
    return Axis("frequency", "Frequency", "MHz", "number", centres / 1e6)


def _channel(source: AxisSource) -> Axis:
    found = np.unique(np.concatenate([channels for _, channels in source.channels()]))
    return Axis("channel", "Channel", "", "number", found.astype(np.float64), ids=found.astype(np.int64))


def correlation_names(source: AxisSource, ddid: int) -> tuple[str, ...]:
    """Give the names of the selected correlations of a data description."""
    names = source.ms.metadata.data_description(ddid).correlations
    return tuple(names[i] for i in source.ms.correlation_indices(ddid).tolist())


def _correlation(source: AxisSource) -> Axis:
    names = tuple(dict.fromkeys(name for ddid in source.ddids for name in correlation_names(source, ddid)))
    return Axis("correlation", "Correlation", "", "category", np.arange(len(names), dtype=np.float64), names)


def _scan(source: AxisSource) -> Axis:
    found = occurring(source.taken(source.rows.scan))
    labels = tuple(str(number) for number in found.tolist())
    return Axis("scan", "Scan", "", "category", found.astype(np.float64), labels, found)


def _field(source: AxisSource) -> Axis:
    found = occurring(source.taken(source.rows.field))
    known = {entry.id: entry.name for entry in source.ms.metadata.fields}
    labels = unique_labels((known.get(number, "") for number in found.tolist()), found.tolist())
    return Axis("field", "Field", "", "category", found.astype(np.float64), labels, found)


def _spw(source: AxisSource) -> Axis:
    metadata = source.ms.metadata
    found = np.unique([metadata.data_description(ddid).spw_id for ddid in source.ddids]).astype(np.int64)
    labels = tuple(str(number) for number in found.tolist())
    return Axis("spw", "Spectral window", "", "category", found.astype(np.float64), labels, found)


def _binned(source: AxisSource, name: str) -> Axis:
    uvw = source.rows.uvw
    if uvw is None:
        message = f"Axis {name!r} needs the UVW column, which was not read."
        raise OptionError(message, "Choose another axis.")
    bins = source.request.bins or BINNED_AXES[name]
    if name in ("u", "v"):
        column = source.taken(uvw[:, "uv".index(name)])
        largest = float(np.max(np.abs(column[np.isfinite(column)]), initial=0.0))
        low, high = -largest, largest
    else:
        distance = source.taken(np.hypot(uvw[:, 0], uvw[:, 1]))
        distance = distance[np.isfinite(distance)]
        low, high = float(distance.min(initial=np.inf)), float(distance.max(initial=0.0))
        if name == "uvwave":
            per_metre = np.concatenate([source.frequencies(ddid)[0] for ddid in source.ddids]) / SPEED_OF_LIGHT
            low, high = low * float(per_metre.min()), high * float(per_metre.max())
    if not low < high:  # one length only, or none that is finite
        middle = high if np.isfinite(high) else 0.0
        low, high, bins = middle - 0.5, middle + 0.5, 1
    edges = np.linspace(low, high, bins + 1)
    long_name = {"uvdist": "uv distance", "uvwave": "uv distance", "u": "u", "v": "v"}[name]
    unit = "wavelengths" if name == "uvwave" else "m"
    return Axis(name, long_name, unit, "number", (edges[1:] + edges[:-1]) / 2, edges=edges)


def build_axis(source: AxisSource, name: str) -> Axis:
    """Make an axis.

    Parameters
    ----------
    source : AxisSource
        What it is made from.
    name : str
        One of `dsa110_vis.raster.AXES`.

    Returns
    -------
    Axis
        The axis, with what occurs in the selection only.

    Raises
    ------
    SelectionEmptyError
        If there are no rows.
    """
    if not source.ddids:
        message = "Nothing is left to be shown."
        raise SelectionEmptyError(message, "Only autocorrelations are selected: switch autocorrelations on.")
    makers = {
        "time": _time, "baseline": _baseline, "frequency": _frequency, "channel": _channel,
        "correlation": _correlation, "scan": _scan, "field": _field, "spw": _spw,
    }  # fmt: skip
    if name in makers:
        return makers[name](source)
    return _binned(source, name) if name in BINNED_AXES else _antenna(source, name)
