"""The loops over visibilities, compiled by numba.

A chunk is ``data`` and ``flag``, channels and correlations of a row after one another, and the rows too. An *entry* is
one contribution of one row; sample ``i`` of it belongs to cell ``offset[entry] + local``. Where all samples of a row
have one cell, rows are taken as they come. Else entries of equal offset should come after each other: they meet the
same cells, and such a *group* is summed sample by sample first, and touches the large arrays of the cells once.

Two things make these loops fast, and shape them. The compiler vectorises a loop only if it needs few tests that its
arrays do not overlap, and has no branch but on one condition: hence several loops, and factors in place of branches.
And a call that hands over arrays counts references to each of them: hence long functions.

Only masked values enter arithmetic, which is compiled with ``fastmath``; the tests for NaN and infinity, and what may
meet infinities, are functions of their own that are compiled without.
"""

# ruff: noqa: C901, PLR0912, PLR0915, PLR0917  see above; and numba's functions take what they take, by position
from __future__ import annotations

from typing import Any

import numpy as np

from dsa110_vis.raster.kernels import (
    AMPLITUDE,
    BIG,
    COUNT,
    FINITE,
    FLAGGED,
    HIGH,
    IM,
    LARGEST,
    LOW,
    MASS,
    RE,
    REAL,
    SHIFT,
    SQUARE,
    TOTAL,
    add_sample,
    clear,
    compiled,
    larger,
    quantity,
    smaller,
    usable,
    weighty,
)

__all__ = ["add_columns", "add_whole_rows", "list_entries"]

U = np.uint64  # an unsigned index cannot mean "from the end", which leaves loops free to be vectorised


@compiled(inner=False)
def list_entries(
    position: Any, offsets: Any, signs: Any, want: Any, add: Any, unit: Any, rows: Any, cells: Any, conjugated: Any
) -> Any:
    """List what the rows of a chunk contribute, those with equal offsets together if that is soon done.

    Parameters
    ----------
    position : int64 (n,)
        Which rows the chunk has.
    offsets, signs : int32 or int64, int8 (v, n_rows)
        As in `dsa110_vis.raster.entries.Contributions`.
    want : int
        Sign that is wanted; 0 takes both.
    add : int
        Added to all offsets.
    unit : int
        What all offsets are multiples of; 0 leaves the entries in the order of the rows.
    rows, cells, conjugated : int64, int64, float64 (room,)
        Filled in: row of the chunk, offset, sign.

    Returns
    -------
    int
        How many entries there are.
    """
    m = 0
    least = np.int64(0)
    most = np.int64(-1)
    for v in range(offsets.shape[0]):
        for r in range(position.size):
            offset = np.int64(offsets[v, position[r]])
            if offset < 0 or (want != 0 and signs[v, position[r]] != want):
                continue
            rows[m] = r
            cells[m] = offset + add
            conjugated[m] = signs[v, position[r]]
            least = offset if m == 0 else min(least, offset)
            most = max(most, offset)
            m += 1
    if m == 0 or unit == 0 or (most - least) // unit > 4 * m + 65536:
        return m
    n_places = (most - least) // unit + 1
    begins = np.zeros(n_places + 1, np.int64)
    ordered = True
    for e in range(m):
        begins[(cells[e] - add - least) // unit + 1] += 1
        ordered = ordered and (e == 0 or cells[e] >= cells[e - 1])
    if ordered or begins.max() < 2:
        return m
    for k in range(n_places):
        begins[k + 1] += begins[k]
    old_rows = rows[:m].copy()
    old_cells = cells[:m].copy()
    old_signs = conjugated[:m].copy()
    for e in range(m):
        place = (old_cells[e] - add - least) // unit
        rows[begins[place]] = old_rows[e]
        cells[begins[place]] = old_cells[e]
        conjugated[begins[place]] = old_signs[e]
        begins[place] += 1
    return m


@compiled(fastmath=True)
def _whole_rows(
    data: Any, flag: Any, weights: Any, size: Any, kind: Any, rows: Any, offsets: Any, signs: Any,
    numbers: Any, marks: Any, moments: Any,
) -> None:  # fmt: skip
    """Add entries to the cells, in any order; all samples of one belong to one cell.

    Smallest and largest value are found by the bits of 32-bit floats, since minima of floats are not vectorised:
    positive ones are in the order of integers, negative ones are when all bits but the sign are inverted.
    """
    values = np.empty(size, np.float32)
    keys = values.view(np.int32)
    good = np.empty(size, np.int32)
    for e in range(rows.size):
        cell = offsets[e]
        first = U(rows[e] * size)
        sign = signs[e]
        if numbers[COUNT, cell] == 0:
            found = -1
            for i in range(size):
                j = first + U(i)
                if usable(data[j], flag[j]) and (weights is None or weighty(np.float64(weights[j]))):
                    found = i
                    break
            if found < 0:
                for i in range(size):
                    j = first + U(i)
                    w = 1.0 if weights is None else np.float64(weights[j])
                    add_sample(numbers, marks, moments, cell, False, data[j], sign, w, kind)
                continue
            if numbers[FINITE, cell] > 0:
                clear(numbers, marks, moments, cell)
            value = data[first + U(found)]
            marks[SHIFT, cell] = quantity(np.float64(value.real), np.float64(value.imag) * sign, kind)
        shift = np.float64(marks[SHIFT, cell])
        n = mass = total = square = real = imag = 0.0
        for i in range(U(size)):
            value = data[first + i]
            use = usable(value, flag[first + i])
            if weights is not None:
                use = use & weighty(np.float64(weights[first + i]))
            re = np.float64(value.real) if use else 0.0
            im = np.float64(value.imag) * sign if use else 0.0
            g = 1.0 if use else 0.0
            if kind == AMPLITUDE:
                q = np.sqrt(re * re + im * im)
            elif kind == REAL:
                q = re
            else:
                q = im
            d = (q - shift) * g
            n += g
            if weights is None:
                total += d
                square += d * d
                real += re
                imag += im
            else:
                w = np.float64(weights[first + i]) if use else 0.0
                mass += w
                total += w * d
                square += w * d * d
                real += w * re
                imag += w * im
            values[i] = np.float32(q)
            good[i] = 1 if use else 0
        low = LARGEST
        high = -LARGEST
        for i in range(U(size)):
            key = keys[i]
            key = key ^ ((key >> 31) & LARGEST)
            low = min(low, key if good[i] else LARGEST)
            high = max(high, key if good[i] else -LARGEST)
        numbers[FLAGGED, cell] += size - int(n)
        if n > 0.0:
            numbers[COUNT, cell] += int(n)
            keys[0] = low ^ ((low >> 31) & LARGEST)
            marks[LOW, cell] = smaller(marks[LOW, cell], values[0])
            keys[0] = high ^ ((high >> 31) & LARGEST)
            marks[HIGH, cell] = larger(marks[HIGH, cell], values[0])
            moments[TOTAL, cell] += total
            moments[SQUARE, cell] += square
            moments[RE, cell] += real
            moments[IM, cell] += imag
            if weights is not None:
                moments[MASS, cell] += mass


@compiled(fastmath=True)
def _columns(
    data: Any, flag: Any, weights: Any, size: Any, kind: Any, rows: Any, offsets: Any, signs: Any,
    starts: Any, samples: Any, local: Any, numbers: Any, marks: Any, moments: Any,
) -> None:  # fmt: skip
    """Add entries to the cells, best with equal offsets together; their samples belong to several cells."""
    q = np.empty(size)
    shift = np.zeros(size)
    count = np.empty(size)
    mass = np.empty(size)
    total = np.empty(size)
    square = np.empty(size)
    low = np.empty(size)
    high = np.empty(size)
    real = np.empty(size)
    imag = np.empty(size)
    asleep = np.zeros(local.size, np.uint8)
    begin = 0
    while begin < rows.size:
        base = offsets[begin]
        end = begin + 1
        while end < rows.size and offsets[end] == base:
            end += 1
        awake = 0
        for c in range(local.size):
            cell = base + local[c]
            asleep[c] = 0
            if numbers[COUNT, cell] == 0:
                asleep[c] = 1
                for e in range(begin, end):
                    for k in range(starts[c], starts[c + 1]):
                        j = rows[e] * size + samples[k]
                        if usable(data[j], flag[j]) and (weights is None or weighty(np.float64(weights[j]))):
                            if numbers[FINITE, cell] > 0:
                                clear(numbers, marks, moments, cell)
                            value = data[j]
                            marks[SHIFT, cell] = quantity(
                                np.float64(value.real), np.float64(value.imag) * signs[e], kind
                            )
                            asleep[c] = 0
                            break
                    if asleep[c] == 0:
                        break
                if asleep[c]:
                    for e in range(begin, end):
                        for k in range(starts[c], starts[c + 1]):
                            j = rows[e] * size + samples[k]
                            w = 1.0 if weights is None else np.float64(weights[j])
                            add_sample(numbers, marks, moments, cell, False, data[j], signs[e], w, kind)
                    continue
            awake += 1
            for k in range(starts[c], starts[c + 1]):
                shift[samples[k]] = marks[SHIFT, cell]
        if awake == 0:
            begin = end
            continue
        for i in range(U(size)):
            low[i] = BIG
            high[i] = -BIG
            count[i] = mass[i] = total[i] = square[i] = real[i] = imag[i] = 0.0
        for e in range(begin, end):
            first = U(rows[e] * size)
            sign = signs[e]
            for i in range(U(size)):
                value = data[first + i]
                use = usable(value, flag[first + i])
                if weights is not None:
                    use = use & weighty(np.float64(weights[first + i]))
                re = np.float64(value.real) if use else 0.0
                im = np.float64(value.imag) * sign if use else 0.0
                if kind == AMPLITUDE:
                    x = np.sqrt(re * re + im * im)
                elif kind == REAL:
                    x = re
                else:
                    x = im
                q[i] = x if use else BIG
            for i in range(U(size)):
                value = data[first + i]
                w = 1.0 if weights is None else np.float64(weights[first + i])
                real[i] += np.float64(value.real) * w if q[i] < BIG else 0.0
                imag[i] += np.float64(value.imag) * sign * w if q[i] < BIG else 0.0
            for i in range(U(size)):
                d = q[i] - shift[i] if q[i] < BIG else 0.0
                if weights is None:
                    total[i] += d
                    square[i] += d * d
                else:
                    w = np.float64(weights[first + i]) if q[i] < BIG else 0.0
                    mass[i] += w
                    total[i] += w * d
                    square[i] += w * d * d
            for i in range(U(size)):
                x = q[i]
                y = x if x < BIG else -BIG
                a = low[i]
                b = high[i]
                count[i] += 1.0 if x < BIG else 0.0
                low[i] = x if x < a else a  # noqa: FURB136  the form that is vectorised
                high[i] = y if y > b else b  # noqa: FURB136
        for c in range(local.size):
            if asleep[c]:
                continue
            n = m = t = s = re = im = 0.0
            least = BIG
            most = -BIG
            for k in range(starts[c], starts[c + 1]):
                i = samples[k]
                n += count[i]
                m += mass[i]
                t += total[i]
                s += square[i]
                least = min(least, low[i])
                most = max(most, high[i])
                re += real[i]
                im += imag[i]
            cell = base + local[c]
            numbers[FLAGGED, cell] += (end - begin) * (starts[c + 1] - starts[c]) - int(n)
            if n > 0.0:
                numbers[COUNT, cell] += int(n)
                marks[LOW, cell] = smaller(marks[LOW, cell], np.float32(least))
                marks[HIGH, cell] = larger(marks[HIGH, cell], np.float32(most))
                moments[TOTAL, cell] += t
                moments[SQUARE, cell] += s
                moments[RE, cell] += re
                moments[IM, cell] += im
                if weights is not None:
                    moments[MASS, cell] += m
        begin = end


@compiled(inner=False)
def add_whole_rows(
    data: Any, flag: Any, weights: Any, size: Any, kind: Any,
    position: Any, offsets: Any, signs: Any, want: Any, add: Any, rows: Any, cells: Any, conjugated: Any,
    numbers: Any, marks: Any, moments: Any,
) -> None:  # fmt: skip
    """Add a chunk to the cells, where all samples of a row belong to one cell.

    Parameters
    ----------
    data : complex64 (n * size,)
        Visibilities, the samples of a row after one another.
    flag : uint8 (n * size,)
        Not 0 where flagged.
    weights : float32 (n * size,) or None
        Weights; a sample whose weight is not positive and finite is not good.
    size : int
        Samples in a row.
    kind : int
        AMPLITUDE, REAL or IMAG.
    position, offsets, signs, want, add, rows, cells, conjugated
        As for `list_entries`.
    numbers, marks, moments : arrays
        Of `dsa110_vis.raster.sums.Sums`, added to; there are masses exactly if there are weights.
    """
    m = list_entries(position, offsets, signs, want, add, 0, rows, cells, conjugated)
    _whole_rows(data, flag, weights, size, kind, rows[:m], cells[:m], conjugated[:m], numbers, marks, moments)


@compiled(inner=False)
def add_columns(
    data: Any, flag: Any, weights: Any, size: Any, kind: Any,
    position: Any, offsets: Any, signs: Any, want: Any, add: Any, unit: Any, rows: Any, cells: Any, conjugated: Any,
    starts: Any, samples: Any, local: Any, numbers: Any, marks: Any, moments: Any,
) -> None:  # fmt: skip
    """Add a chunk to the cells, where the samples of a row belong to several cells.

    Parameters
    ----------
    data, flag, weights, size, kind, numbers, marks, moments
        As for `add_whole_rows`.
    position, offsets, signs, want, add, unit, rows, cells, conjugated
        As for `list_entries`.
    starts, samples, local : int64 (k + 1,), (t,), (k,)
        The cells of an entry: ``offset + local[c]`` takes the samples ``samples[starts[c]:starts[c + 1]]``.
    """
    m = list_entries(position, offsets, signs, want, add, unit, rows, cells, conjugated)
    _columns(
        data, flag, weights, size, kind, rows[:m], cells[:m], conjugated[:m],
        starts, samples, local, numbers, marks, moments,
    )  # fmt: skip
