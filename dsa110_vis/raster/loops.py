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

__all__ = ["columns", "whole_rows"]

U = np.uint64  # an unsigned index cannot mean "from the end", which leaves loops free to be vectorised


@compiled(fastmath=True, inner=False)
def whole_rows(
    data: Any, flag: Any, weights: Any, size: Any, kind: Any, rows: Any, offsets: Any, signs: Any,
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
    rows, offsets, signs : int64, int64, float64 (m,)
        Entries in any order: row of the chunk, its cell, -1 where the visibility is to be conjugated.
    numbers, marks, moments : arrays
        Of `dsa110_vis.raster.sums.Sums`, added to; there are masses exactly if there are weights.

    Notes
    -----
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


@compiled(fastmath=True, inner=False)
def columns(
    data: Any, flag: Any, weights: Any, size: Any, kind: Any, rows: Any, offsets: Any, signs: Any,
    starts: Any, samples: Any, local: Any, numbers: Any, marks: Any, moments: Any,
) -> None:  # fmt: skip
    """Add a chunk to the cells, where the samples of a row belong to several cells.

    Parameters
    ----------
    data, flag, weights, size, kind
        As for `whole_rows`.
    rows, offsets, signs : int64, int64, float64 (m,)
        Entries, best those of equal offset together: row of the chunk, offset of its cells, -1 where the visibility is
        to be conjugated.
    starts, samples, local : int64 (k + 1,), (t,), (k,)
        The cells of an entry: ``offset + local[c]`` takes the samples ``samples[starts[c]:starts[c + 1]]``.
    numbers, marks, moments : arrays
        Of `dsa110_vis.raster.sums.Sums`, added to; there are masses exactly if there are weights.
    """
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
