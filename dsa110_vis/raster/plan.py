"""Where every sample goes: from rows, channels and correlations to cells.

A row counts once, as the baseline from its smaller to its larger antenna number: reversed rows are conjugated, and
their cross-hand correlations swapped (XY of a reversed row is YX). Some axes want every row twice, also as it is seen
from its second antenna: ``antenna``, ``u`` and ``v``, and ``antenna1`` together with ``antenna2``. Where only one of
``antenna1`` and ``antenna2`` is an axis, rows stay as they are in the file.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.errors import OptionError
from dsa110_vis.raster.axis import SPEED_OF_LIGHT, Axes, AxisSource, baseline_numbers, build_axis, correlation_names
from dsa110_vis.raster.axis import join_frequencies as _join
from dsa110_vis.raster.entries import Batch, Contributions, Samples, swapped_correlation

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from dsa110_vis.ms import Chunk, MeasurementSet
    from dsa110_vis.raster.axis import Axis
    from dsa110_vis.raster.options import Request

__all__ = ["Plan"]

BY_CHANNEL = ("frequency", "channel")
BY_ROW_AND_CHANNEL = "uvwave"
NOT_BY_ROW = (*BY_CHANNEL, "correlation", BY_ROW_AND_CHANNEL)
ROWS_AT_ONCE = 200_000
MANY_CROSS = 0.7
"""Where at least this part of the rows are cross-correlations, all are read."""
NEEDS_UVW = frozenset({"uvdist", "uvwave", "u", "v"})


class Plan:
    """The way from samples to cells for one request.

    Parameters
    ----------
    ms : MeasurementSet
        The data, selected.
    request : Request
        A request that was checked.
    iterations : sequence of int, optional
        Which values of the iterate axis are wanted; all by default.

    Raises
    ------
    OptionError
        If an iteration does not exist.
    SelectionEmptyError
        If there are no rows.
    """

    def __init__(self, ms: MeasurementSet, request: Request, iterations: Sequence[int] | None = None) -> None:
        names = request.axis_names
        self.request = request
        self.ms = ms
        # autocorrelations are read with the rest and left out here: reading around them costs more
        self.rows = ms.rows(uvw=bool(NEEDS_UVW & set(names)))
        cross = None
        if not request.autocorrelations:
            cross = self.rows.antenna1 != self.rows.antenna2
            cross = None if cross.all() else cross
        self._cross = cross
        ddid = self.rows.ddid if cross is None else self.rows.ddid[cross]
        ddids = tuple(entry.id for entry in ms.metadata.data_descriptions if (ddid == entry.id).any())
        self.source = AxisSource(ms, self.rows, request, ddids, cross)
        made = [build_axis(self.source, name) for name in names]
        self.axes = Axes(made[0], made[1], made[2] if len(made) > 2 else None)
        self.iterations = self._held(iterations)
        n_y, n_x = self.axes.shape[1:]
        self.shape = (self.iterations.size, n_y, n_x)
        self._strides = dict(zip(names, (1, n_x, n_x * n_y), strict=False))
        self.doubled = bool({"antenna", "u", "v"} & set(names)) or {"antenna1", "antenna2"} <= set(names)
        self._oriented = not self.doubled and not {"antenna1", "antenna2"} & set(names)
        self._tables: dict[str, npt.NDArray[np.int64]] = {}
        self._channel_codes: dict[tuple[str, int], npt.NDArray[np.int64]] = {}
        for axis in made:
            self._prepare(axis)
        self._samples: dict[tuple[int, ...], tuple[Samples, Samples]] = {}

    def _held(self, iterations: Sequence[int] | None) -> npt.NDArray[np.int64]:
        n = self.axes.shape[0]
        if iterations is None:
            return np.arange(n, dtype=np.int64)
        held = np.unique(np.asarray(iterations, dtype=np.int64))
        if held.size == 0 or held[0] < 0 or held[-1] >= n:
            message = f"Iterations {list(iterations)!r} are not all on the {self.request.iterate or 'missing'} axis."
            raise OptionError(message, f"Allowed: 0 to {n - 1}.")
        return held

    @property
    def by_sample(self) -> bool:
        """Whether the cell depends on row and channel together."""
        return BY_ROW_AND_CHANNEL in self.request.axis_names

    def bins(self) -> tuple[float, float, npt.NDArray[np.int64]]:
        """Give the bins of the axis that depends on row and channel together.

        Returns
        -------
        low, step : float
            Lower edge and width of the bins.
        table : ndarray of int64, shape (bins,)
            Offset that each adds; -1 where it is not held. Empty if there is no such axis.
        """
        if not self.by_sample:
            return 0.0, 1.0, np.empty(0, dtype=np.int64)
        axis = self._axis(BY_ROW_AND_CHANNEL)
        assert axis.edges is not None  # noqa: S101  for the type checker
        table = self._scaled(axis, np.arange(len(axis), dtype=np.int64))
        return float(axis.edges[0]), float(axis.edges[1] - axis.edges[0]), table

    def max_samples(self, index: npt.NDArray[np.int64] | None) -> int:
        """Give an upper limit of the number of samples that are summed.

        Parameters
        ----------
        index : ndarray of int64 or None
            Positions of the rows; None means all.

        Returns
        -------
        int
            How many there are if none is flagged.
        """
        rows = self.rows.ddid
        if index is not None:
            rows = rows[index]
        elif self._cross is not None:
            rows = rows[self._cross]
        total = 0
        for ddid in self.source.ddids:
            channels = self.ms.channels(ddid)
            for name in BY_CHANNEL:
                if name in self.request.axis_names:
                    channels = channels[self._channel_codes[name, ddid][channels] >= 0]
            correlations = self.ms.correlation_indices(ddid).size
            if self.request.iterate == "correlation":
                correlations = min(correlations, self.iterations.size)
            total += int(np.count_nonzero(rows == ddid)) * channels.size * correlations
        return total * (2 if self.doubled else 1)

    def _axis(self, name: str) -> Axis:
        found = next(axis for axis in self.axes if axis is not None and axis.name == name)
        assert found is not None  # noqa: S101  for the type checker
        return found

    def _scaled(self, axis: Axis, codes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Turn numbers on an axis into offsets of cells, -1 where the cell is not held."""
        codes = codes.astype(np.int64)
        if axis.name == self.request.iterate:
            held = np.full(len(axis) + 1, -1, dtype=np.int64)
            held[self.iterations] = np.arange(self.iterations.size)
            codes = held[codes]
        return np.where(codes < 0, -1, codes * self._strides[axis.name])

    def _table(self, axis: Axis, keys: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
        codes = np.full(size, -1, dtype=np.int64)
        codes[keys] = np.arange(keys.size)
        return self._scaled(axis, codes)

    def _prepare(self, axis: Axis) -> None:
        metadata = self.ms.metadata
        n = self.source.n_antennas
        if axis.name in BY_CHANNEL:
            parts = [self.source.frequencies(ddid) for ddid in self.source.ddids]
            _, place = _join(np.concatenate([f for f, _ in parts]), np.concatenate([w for _, w in parts]))
            ends = np.cumsum([f.size for f, _ in parts])
            for ddid, end, (part, _) in zip(self.source.ddids, ends.tolist(), parts, strict=True):
                channels = self.ms.channels(ddid)
                mine = place[end - part.size : end]
                if axis.name == "channel":
                    mine = np.searchsorted(axis.values, channels).astype(np.int64)
                codes = np.full(metadata.data_description(ddid).n_channels, -1, dtype=np.int64)
                codes[channels] = self._scaled(axis, mine)
                self._channel_codes[axis.name, ddid] = codes
        elif axis.ids is not None and axis.name == "time":
            self._tables["time"] = self._table(axis, axis.ids, metadata.times.size)
        elif axis.ids is not None and axis.name == "baseline":
            keys = axis.ids.min(axis=1) * n + axis.ids.max(axis=1)
            self._tables["baseline"] = self._table(axis, keys, n * n)
        elif axis.ids is not None and axis.name.startswith("antenna"):
            self._tables[axis.name] = self._table(axis, axis.ids, n)
        elif axis.ids is not None and axis.name == "spw":
            spws = [metadata.data_description(ddid).spw_id for ddid in self.source.ddids]
            codes = np.full(max(self.source.ddids) + 1, -1, dtype=np.int64)
            codes[list(self.source.ddids)] = np.searchsorted(axis.ids, spws)
            self._tables["spw"] = self._scaled(axis, codes)

    def _row_offsets(self, axis: Axis, batch: Batch) -> npt.NDArray[np.int64]:
        """Offsets that an axis decided by rows contributes; -1 where it rules a row out."""
        name = axis.name
        if name == "baseline":
            return self._tables[name][baseline_numbers(batch.antenna1, batch.antenna2, self.source.n_antennas)]
        if name in self._tables:
            keys = {"time": batch.time_index, "antenna2": batch.antenna2, "spw": batch.ddid}
            return self._tables[name][keys.get(name, batch.antenna1)]
        if name in ("scan", "field"):
            numbers = batch.scan if name == "scan" else batch.field
            return self._scaled(axis, np.searchsorted(axis.values, numbers).astype(np.int64))
        assert batch.uvw is not None  # noqa: S101  for the type checker: read where NEEDS_UVW
        assert axis.edges is not None  # noqa: S101
        u, v = batch.uvw[:, 0], batch.uvw[:, 1]
        number = {"u": u, "v": v}[name] if name in ("u", "v") else np.hypot(u, v)
        finite = np.isfinite(number)
        step = axis.edges[1] - axis.edges[0]
        codes = np.floor((np.where(finite, number, 0.0) - axis.edges[0]) / step)
        codes = np.clip(codes, 0, len(axis) - 1).astype(np.int64)
        return self._scaled(axis, np.where(finite, codes, -1))

    def _offsets(self, batch: Batch) -> npt.NDArray[np.int64]:
        total = np.zeros(batch.ddid.size, dtype=np.int64)
        wanted: npt.NDArray[np.bool_] | None = None
        if self._cross is not None:
            wanted = batch.antenna1 != batch.antenna2
        for axis in self.axes:
            if axis is None or axis.name in NOT_BY_ROW:
                continue
            part = self._row_offsets(axis, batch)
            if part.size and part.min() < 0:
                wanted = part >= 0 if wanted is None else wanted & (part >= 0)
            total += part
        if BY_ROW_AND_CHANNEL in self.request.axis_names and batch.uvw is not None:
            finite = np.isfinite(batch.uvw[:, :2]).all(axis=1)
            wanted = np.asarray(finite) if wanted is None else wanted & finite
        return total if wanted is None else np.where(wanted, total, -1)

    def samples(self, chunk: Chunk) -> tuple[Samples, Samples]:
        """Give the cells of the samples of a row.

        Parameters
        ----------
        chunk : Chunk
            What was read.

        Returns
        -------
        Samples, Samples
            For rows as they are in the file, and for conjugated ones.
        """
        key = (chunk.ddid, *(int(part[i]) for part in (chunk.channels, chunk.correlations) for i in (0, -1)))
        if key not in self._samples:
            direct = self._make_samples(chunk, swap=False)
            swapped = direct
            if "correlation" in self.request.axis_names:
                swapped = self._make_samples(chunk, swap=True)
                swapped = direct if np.array_equal(direct.flat, swapped.flat) else swapped
            self._samples[key] = (direct, swapped)
        return self._samples[key]

    def _make_samples(self, chunk: Chunk, *, swap: bool) -> Samples:
        by_channel = np.full(chunk.channels.size, -1, dtype=np.int64)
        by_channel[np.isin(chunk.channels, self.ms.channels(chunk.ddid))] = 0
        for name in BY_CHANNEL:
            if name in self.request.axis_names:
                part = self._channel_codes[name, chunk.ddid][chunk.channels]
                by_channel = np.where((by_channel < 0) | (part < 0), -1, by_channel + part)
        by_correlation = self._correlation_offsets(chunk, swap=swap)
        flat = np.where(
            (by_channel[:, None] < 0) | (by_correlation[None, :] < 0), -1, by_channel[:, None] + by_correlation[None, :]
        ).ravel()
        chosen = np.flatnonzero(flat >= 0)
        order = np.argsort(flat[chosen], kind="stable")
        local, first = np.unique(flat[chosen], return_index=False, return_counts=True)
        starts = np.concatenate([[0], np.cumsum(first)]).astype(np.int64)
        spw = self.ms.metadata.spectral_windows[self.ms.metadata.data_description(chunk.ddid).spw_id]
        scale = np.repeat(spw.frequencies[chunk.channels] / SPEED_OF_LIGHT, chunk.correlations.size)
        return Samples(flat, starts, chosen[order].astype(np.int64), local, scale)

    def _correlation_offsets(self, chunk: Chunk, *, swap: bool) -> npt.NDArray[np.int64]:
        offsets = np.full(chunk.correlations.size, -1, dtype=np.int64)
        selected = np.isin(chunk.correlations, self.ms.correlation_indices(chunk.ddid))
        if "correlation" not in self.request.axis_names:
            offsets[selected] = 0
            return offsets
        axis = self._axis("correlation")
        labels = axis.labels or ()
        mine = correlation_names(self.source, chunk.ddid)
        codes = []
        for name in mine:
            other = swapped_correlation(name) if swap else name
            codes.append(labels.index(other if other in mine else name))
        offsets[selected] = self._scaled(axis, np.asarray(codes, dtype=np.int64))
        return offsets

    def contributions(self) -> Contributions:
        """Find out where every row goes.

        This is done for all rows before anything is read: while casacore reads, it keeps Python waiting.

        Returns
        -------
        Contributions
            One or two per row.
        """
        n = len(self.rows)
        offsets = np.empty((2 if self.doubled else 1, n), dtype=np.int64 if self._beyond_32_bits else np.int32)
        signs = np.ones(offsets.shape, dtype=np.int8)
        lengths = np.empty(n if self.by_sample else 0)
        for first in range(0, n, ROWS_AT_ONCE):
            some = slice(first, min(first + ROWS_AT_ONCE, n))
            batch = Batch.of(self.rows, some)
            offsets[0, some] = self._offsets(batch)
            if self._oriented:
                signs[0, some][batch.antenna1 > batch.antenna2] = -1
            elif self.doubled:
                offsets[1, some] = np.where(batch.antenna1 == batch.antenna2, -1, self._offsets(batch.mirrored()))
                signs[1, some] = -1
            if self.by_sample and batch.uvw is not None:
                lengths[some] = np.hypot(batch.uvw[:, 0], batch.uvw[:, 1])
        strides = [self._strides[axis.name] for axis in self.axes if axis is not None and axis.name not in NOT_BY_ROW]
        return Contributions(offsets, signs, lengths, math.gcd(*strides) if strides else 1)

    @property
    def _beyond_32_bits(self) -> bool:
        return math.prod(self.shape) >= 2**31

    def index(self) -> npt.NDArray[np.int64] | None:
        """Give the positions of the rows to be read.

        Returns
        -------
        ndarray of int64 or None
            Ascending; None if all are best read.
        """
        wanted = np.ones(len(self.rows), dtype=np.bool_) if self._cross is None else self._cross
        if self.iterations.size == self.axes.shape[0]:
            if np.count_nonzero(wanted) >= MANY_CROSS * wanted.size:
                return None
            return np.flatnonzero(wanted).astype(np.int64)
        name = self.request.iterate
        if name in BY_CHANNEL:
            hit = [ddid for ddid in self.source.ddids if (self._channel_codes[name, ddid] >= 0).any()]
            wanted = wanted & np.isin(self.rows.ddid, hit)
        elif name == "correlation":
            labels = self._axis(name).labels or ()
            names = {labels[i] for i in self.iterations.tolist()}
            names |= {swapped_correlation(label) for label in names}
            hit = [ddid for ddid in self.source.ddids if names & set(correlation_names(self.source, ddid))]
            wanted = wanted & np.isin(self.rows.ddid, hit)
        elif name is not None and name != BY_ROW_AND_CHANNEL:
            batch = Batch.of(self.rows, slice(None))
            held = self._row_offsets(self._axis(name), batch) >= 0
            if self.doubled:
                held |= self._row_offsets(self._axis(name), batch.mirrored()) >= 0
            wanted = wanted & held
        return np.flatnonzero(wanted).astype(np.int64)
