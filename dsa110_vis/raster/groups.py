"""The loops over visibilities, compiled by numba.

A chunk is ``data`` and ``flag``, channels and correlations of a row after one another, and the rows too. An *entry* is
one contribution of one row; sample ``i`` of it belongs to cell ``offset[entry] + local``. Entries come sorted by
offset, so that the entries of a *group* meet the same cells: a group is summed in small buffers first, in loops that
the compiler can vectorise, and touches the large arrays of the cells once.

Only masked values enter arithmetic compiled with ``fastmath``; the tests for NaN and infinity are compiled without.
"""

# ruff: noqa: PLR0917  numba's functions take what they take, by position
from __future__ import annotations

from typing import Any

import numpy as np

from dsa110_vis.raster.kernels import (
    AMPLITUDE,
    BIG,
    COUNT,
    FINITE,
    FLAGGED,
    LARGEST,
    REAL,
    SHIFT,
    add_sample,
    add_sums,
    clear,
    compiled,
    quantity,
    usable,
    weighty,
)

__all__ = ["groups"]

U = np.uint64  # an unsigned index cannot mean "from the end", which leaves loops free to be vectorised


@compiled(fastmath=True)
def _reduce_row(
    data: Any, flag: Any, weights: Any, first: Any, sign: Any, shift: Any, kind: Any, values: Any, good: Any
) -> Any:
    """Sum all samples of a row, which belong to one cell, and keep their values for `_range`."""
    n = mass = total = square = real = imag = 0.0
    for i in range(U(values.size)):
        j = U(first) + i
        value = data[j]
        use = usable(value, flag[j])
        if weights is not None:
            w = np.float64(weights[j])
            use = use & weighty(w)
        re = np.float64(value.real) if use else 0.0
        im = np.float64(value.imag) * sign if use else 0.0
        g = 1.0 if use else 0.0  # a factor, since several branches on one condition are not vectorised
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
            w = w if use else 0.0
            mass += w
            total += w * d
            square += w * d * d
            real += w * re
            imag += w * im
        values[i] = np.float32(q)
        good[i] = 1 if use else 0
    return n, n if weights is None else mass, total, square, real, imag


@compiled()
def _range(keys: Any, good: Any) -> Any:
    """Find the smallest and the largest of 32-bit floats by their bits, which is vectorised.

    Positive floats are their own bits, in the order of integers; negative ones have all bits but the sign inverted.
    """
    low = LARGEST
    high = -LARGEST
    for i in range(U(keys.size)):
        key = keys[i]
        key = key ^ ((key >> 31) & LARGEST)
        a = key if good[i] else LARGEST
        b = key if good[i] else -LARGEST
        low = min(low, a)
        high = max(high, b)
    return low, high


@compiled()
def _add_whole(
    data: Any, flag: Any, weights: Any, kind: Any, rows: Any, signs: Any, begin: Any, end: Any,
    values: Any, keys: Any, good: Any, numbers: Any, marks: Any, moments: Any, cell: Any,
) -> None:  # fmt: skip
    """Add a group whose rows belong to one cell as a whole."""
    n = m = t = s = re = im = 0.0
    low = LARGEST
    high = -LARGEST
    shift = np.float64(marks[SHIFT, cell])
    for e in range(begin, end):
        part = _reduce_row(data, flag, weights, rows[e] * values.size, signs[e], shift, kind, values, good)
        limits = _range(keys, good)
        n += part[0]
        m += part[1]
        t += part[2]
        s += part[3]
        re += part[4]
        im += part[5]
        low = min(low, limits[0])
        high = max(high, limits[1])
    numbers[FLAGGED, cell] += (end - begin) * values.size - int(n)
    if n > 0.0:
        numbers[COUNT, cell] += int(n)
        keys[0] = low ^ ((low >> 31) & LARGEST)
        least = np.float64(values[0])
        keys[0] = high ^ ((high >> 31) & LARGEST)
        add_sums(marks, moments, cell, m, t, s, least, np.float64(values[0]), re, im)


@compiled(fastmath=True)
def _sum_columns(
    data: Any, flag: Any, weights: Any, kind: Any, rows: Any, signs: Any, begin: Any, end: Any, shift: Any, work: Any
) -> None:
    """Sum a group sample by sample, into the rows of `work`.

    Each loop writes few arrays: one is vectorised only if it needs few tests that its arrays do not overlap.
    """
    q, n, mass, total, square = work[0], work[1], work[2], work[3], work[4]
    low, high, real, imag = work[5], work[6], work[7], work[8]
    for i in range(U(q.size)):
        low[i] = BIG
        high[i] = -BIG
        n[i] = mass[i] = total[i] = square[i] = real[i] = imag[i] = 0.0
    for e in range(begin, end):
        first = rows[e] * q.size
        sign = signs[e]
        for i in range(U(q.size)):
            value = data[U(first) + i]
            use = usable(value, flag[U(first) + i])
            if weights is not None:
                use = use & weighty(np.float64(weights[U(first) + i]))
            re = np.float64(value.real) if use else 0.0
            im = np.float64(value.imag) * sign if use else 0.0
            if kind == AMPLITUDE:
                x = np.sqrt(re * re + im * im)
            elif kind == REAL:
                x = re
            else:
                x = im
            q[i] = x if use else BIG
        for i in range(U(q.size)):
            value = data[U(first) + i]
            w = 1.0 if weights is None else np.float64(weights[U(first) + i])
            real[i] += np.float64(value.real) * w if q[i] < BIG else 0.0
            imag[i] += np.float64(value.imag) * sign * w if q[i] < BIG else 0.0
        for i in range(U(q.size)):
            d = q[i] - shift[i] if q[i] < BIG else 0.0
            w = 1.0 if weights is None else np.float64(weights[U(first) + i])
            w = w if q[i] < BIG else 0.0
            total[i] += w * d
            square[i] += w * d * d
            if weights is not None:
                mass[i] += w
        for i in range(U(q.size)):
            x = q[i]
            y = x if x < BIG else -BIG
            n[i] += 1.0 if x < BIG else 0.0
            a = low[i]
            b = high[i]
            low[i] = x if x < a else a  # noqa: FURB136  the form that is vectorised
            high[i] = y if y > b else b  # noqa: FURB136


@compiled()
def _fold_columns(
    work: Any, n_rows: Any, samples: Any, start: Any, stop: Any, numbers: Any, marks: Any, moments: Any, cell: Any
) -> None:
    """Add what was summed sample by sample to a cell."""
    n = m = t = s = re = im = 0.0
    low = BIG
    high = -BIG
    for k in range(start, stop):
        i = samples[k]
        n += work[1, i]
        m += work[2, i]
        t += work[3, i]
        s += work[4, i]
        low = min(low, work[5, i])
        high = max(high, work[6, i])
        re += work[7, i]
        im += work[8, i]
    numbers[FLAGGED, cell] += n_rows * (stop - start) - int(n)
    if n > 0.0:
        numbers[COUNT, cell] += int(n)
        add_sums(marks, moments, cell, m, t, s, low, high, re, im)


@compiled()
def _first_good(
    data: Any, flag: Any, weights: Any, size: Any, rows: Any, begin: Any, end: Any, samples: Any, start: Any, stop: Any
) -> Any:
    """Find the entry and the place of the first good sample of a cell in a group; -1 if there is none."""
    for e in range(begin, end):
        for k in range(start, stop):
            j = rows[e] * size + samples[k]
            if usable(data[j], flag[j]) and (weights is None or weighty(np.float64(weights[j]))):
                return e, j
    return -1, -1


@compiled()
def _add_bad(
    data: Any, weights: Any, size: Any, kind: Any, rows: Any, signs: Any, begin: Any, end: Any,
    samples: Any, start: Any, stop: Any, numbers: Any, marks: Any, moments: Any, cell: Any,
) -> None:  # fmt: skip
    """Add a group without good samples to a cell without good samples."""
    for e in range(begin, end):
        for k in range(start, stop):
            j = rows[e] * size + samples[k]
            w = 1.0 if weights is None else np.float64(weights[j])
            add_sample(numbers, marks, moments, cell, False, data[j], signs[e], w, kind)


@compiled(inner=False)
def groups(  # noqa: C901  one loop over groups
    data: Any, flag: Any, weights: Any, size: Any, kind: Any, rows: Any, offsets: Any, signs: Any,
    starts: Any, samples: Any, local: Any, numbers: Any, marks: Any, moments: Any,
) -> None:  # fmt: skip
    """Add a chunk to the cells.

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
        Entries sorted by offset: row of the chunk, offset of its cells, -1 where the visibility is to be conjugated.
    starts, samples, local : int64 (k + 1,), (t,), (k,)
        The cells of an entry: ``offset + local[c]`` takes the samples ``samples[starts[c]:starts[c + 1]]``.
    numbers, marks, moments : arrays
        Of `dsa110_vis.raster.sums.Sums`, added to; there are masses exactly if there are weights.
    """
    whole = local.size == 1 and samples.size == size
    values = np.empty(size, np.float32)
    keys = values.view(np.int32)
    good = np.empty(size, np.int32)
    shift = np.zeros(size)
    work = np.zeros((9, size))
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
                e, j = _first_good(data, flag, weights, size, rows, begin, end, samples, starts[c], starts[c + 1])
                if e < 0:
                    asleep[c] = 1
                    _add_bad(
                        data, weights, size, kind, rows, signs, begin, end,
                        samples, starts[c], starts[c + 1], numbers, marks, moments, cell,
                    )  # fmt: skip
                    continue
                if numbers[FINITE, cell] > 0:
                    clear(numbers, marks, moments, cell)
                marks[SHIFT, cell] = quantity(np.float64(data[j].real), np.float64(data[j].imag) * signs[e], kind)
            awake += 1
            if not whole:
                for k in range(starts[c], starts[c + 1]):
                    shift[samples[k]] = marks[SHIFT, cell]
        if awake > 0 and whole:
            _add_whole(
                data, flag, weights, kind, rows, signs, begin, end,
                values, keys, good, numbers, marks, moments, base + local[0],
            )  # fmt: skip
        elif awake > 0:
            _sum_columns(data, flag, weights, kind, rows, signs, begin, end, shift, work)
            for c in range(local.size):
                if not asleep[c]:
                    _fold_columns(
                        work, end - begin, samples, starts[c], starts[c + 1], numbers, marks, moments, base + local[c]
                    )
        begin = end
