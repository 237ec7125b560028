"""Sample by sample: for axes whose cell depends on row and channel together, for flags, and for the median."""

# ruff: noqa: PLR0917  loops over samples are long; and numba's functions take what they take, by position
from __future__ import annotations

from typing import Any

import numpy as np

from dsa110_vis.raster.kernels import (
    COUNT,
    FLAGGED,
    HIGH,
    IM,
    LOW,
    MASS,
    RE,
    SHIFT,
    SQUARE,
    TOTAL,
    add_sample,
    compiled,
    quantity,
    usable,
    weighty,
)

__all__ = [
    "cell_matrix",
    "count_flags",
    "count_flags_scattered",
    "gather",
    "medians",
    "place",
    "scatter",
]


@compiled(inner=False)
def cell_matrix(
    rows: Any,
    offsets: Any,
    local: Any,
    position: Any,
    lengths: Any,
    scale: Any,
    low: Any,
    step: Any,
    table: Any,
    out: Any,
) -> None:
    """Fill in the cell of every sample of every entry.

    Parameters
    ----------
    rows, offsets : int64 (m,)
        Row of the chunk and offset of the entries.
    local : int64 (s,)
        Cell of a sample relative to the offset; -1 where it is not wanted.
    position : int64 (n,)
        Which rows the chunk has.
    lengths : float64 (n_rows,) or (0,)
        What is binned, per row; empty where nothing is.
    scale : float64 (s,)
        What turns it into the unit of the bins, per sample: ``length * scale[i]`` is binned.
    low, step : float64
        Lower edge and width of the bins.
    table : int64 (bins,)
        Offset that each bin adds; -1 where it is not wanted.
    out : int64 (m, s)
        The cells; -1 where a sample is not wanted.
    """
    for e in range(offsets.size):
        for i in range(local.size):
            if local[i] < 0:
                out[e, i] = -1
                continue
            cell = offsets[e] + local[i]
            if lengths.size > 0:
                place = int(np.floor((lengths[position[rows[e]]] * scale[i] - low) / step))
                more = table[min(max(place, 0), table.size - 1)]
                cell = cell + more if more >= 0 else -1
            out[e, i] = cell


@compiled(inner=False)
def scatter(
    data: Any, flag: Any, weights: Any, size: Any, kind: Any, rows: Any, signs: Any, cells: Any,
    numbers: Any, marks: Any, moments: Any,
) -> None:  # fmt: skip
    """Add a chunk to the cells, each sample to a cell of its own.

    Parameters
    ----------
    data, flag, weights, size, kind, rows, signs
        As for `dsa110_vis.raster.loops.add_columns`; the entries may come in any order.
    cells : int64 (m, size)
        The cell of every sample, -1 where it is not wanted.
    numbers, marks, moments : arrays
        Of `dsa110_vis.raster.kernels.Sums`, added to.
    """
    for e in range(rows.size):
        begin = 0
        while begin < size:  # samples after each other that have one cell are added to it at once
            cell = cells[e, begin]
            end = begin + 1
            while end < size and cells[e, end] == cell:
                end += 1
            n = 0
            mass = total = square = real = imag = 0.0
            low = np.inf
            high = -np.inf
            for i in range(begin, end if cell >= 0 else begin):
                j = rows[e] * size + i
                w = 1.0 if weights is None else np.float64(weights[j])
                good = usable(data[j], flag[j]) and weighty(w)
                if numbers[COUNT, cell] + n == 0 or not good:
                    add_sample(numbers, marks, moments, cell, good, data[j], signs[e], w, kind)
                    continue
                re = np.float64(data[j].real)
                im = np.float64(data[j].imag) * signs[e]
                q = quantity(re, im, kind)
                d = q - np.float64(marks[SHIFT, cell])
                n += 1
                mass += w
                total += w * d
                square += w * d * d
                real += w * re
                imag += w * im
                low = min(low, q)
                high = max(high, q)
            if n > 0:
                numbers[COUNT, cell] += n
                marks[LOW, cell] = min(marks[LOW, cell], np.float32(low))
                marks[HIGH, cell] = max(marks[HIGH, cell], np.float32(high))
                moments[TOTAL, cell] += total
                moments[SQUARE, cell] += square
                moments[RE, cell] += real
                moments[IM, cell] += imag
                if weights is not None:
                    moments[MASS, cell] += mass
            begin = end


@compiled(inner=False)
def count_flags(
    flag: Any, size: Any, position: Any, offsets: Any, signs: Any, want: Any,
    starts: Any, samples: Any, local: Any, numbers: Any,
) -> None:  # fmt: skip
    """Count flags alone, without looking at visibilities.

    Parameters
    ----------
    flag, size
        As for `dsa110_vis.raster.loops.add_columns`.
    position, offsets, signs, want
        As for `dsa110_vis.raster.loops.list_entries`.
    starts, samples, local
        As for `dsa110_vis.raster.loops.add_columns`.
    numbers : int32 or int64 (3, cells)
        Of `dsa110_vis.raster.sums.Sums`, added to: samples that are not flagged, and that are.
    """
    for v in range(offsets.shape[0]):
        for r in range(position.size):
            offset = offsets[v, position[r]]
            if offset < 0 or (want != 0 and signs[v, position[r]] != want):
                continue
            first = r * size
            for c in range(local.size):
                bad = 0
                for k in range(starts[c], starts[c + 1]):
                    bad += 1 if flag[first + samples[k]] else 0
                numbers[FLAGGED, offset + local[c]] += bad
                numbers[COUNT, offset + local[c]] += starts[c + 1] - starts[c] - bad


@compiled(inner=False)
def count_flags_scattered(flag: Any, size: Any, rows: Any, cells: Any, numbers: Any) -> None:
    """Count flags alone where every sample has a cell of its own."""
    for e in range(rows.size):
        for i in range(size):
            cell = cells[e, i]
            if cell < 0:
                continue
            numbers[FLAGGED if flag[rows[e] * size + i] else COUNT, cell] += 1


@compiled(inner=False)
def gather(
    data: Any, flag: Any, size: Any, kind: Any, rows: Any, signs: Any, cells: Any, into: Any, values: Any
) -> Any:
    """Collect the good samples with their cells.

    Parameters
    ----------
    data, flag, size, kind, rows, signs, cells
        As for `scatter`.
    into : int64 (room,)
        Filled with the cells.
    values : float32 (room,)
        Filled with the values.

    Returns
    -------
    int
        How many there are.
    """
    n = 0
    for e in range(rows.size):
        for i in range(size):
            j = rows[e] * size + i
            if cells[e, i] >= 0 and usable(data[j], flag[j]):
                into[n] = cells[e, i]
                values[n] = quantity(np.float64(data[j].real), np.float64(data[j].imag) * signs[e], kind)
                n += 1
    return n


@compiled(inner=False)
def place(cells: Any, values: Any, position: Any, out: Any) -> None:
    """Put values in order of their cells.

    Parameters
    ----------
    cells, values : int32 and float32 (n,)
        Cell and value of each sample.
    position : int64 (n_cells,)
        Where the next value of a cell goes; moved on.
    out : float32
        Filled in.
    """
    for k in range(cells.size):
        cell = cells[k]
        out[position[cell]] = values[k]
        position[cell] += 1


@compiled(inner=False)
def medians(starts: Any, values: Any, out: Any) -> None:
    """Give the exact median of every cell.

    Parameters
    ----------
    starts : int64 (n_cells + 1,)
        Cell ``c`` has the values ``values[starts[c]:starts[c + 1]]``.
    values : float32
        The values; those of a cell may come in any order.
    out : float64 (n_cells,)
        Filled in, NaN where a cell has no value.
    """
    for c in range(out.size):
        out[c] = np.median(values[starts[c] : starts[c + 1]]) if starts[c + 1] > starts[c] else np.nan
