"""The smallest steps over visibilities, compiled by numba: what is good, what it is worth, how it is added to a cell.

The sums of a cell are taken about a *shift*, its first good sample. As the shift is one of the samples, the sum of
squared deviations loses at most a factor of the count in precision, however large the mean is beside the scatter.

While a cell has no good sample its sums hold the finite flagged samples (`FINITE` says how many), so that fully
flagged cells can be drawn too; the first good sample wipes them.

Cells come as the three arrays of `dsa110_vis.raster.sums.Sums`: numba counts references to every array that it is
handed in a tuple, which would cost more than the sums.
"""

# ruff: noqa: PLR0917  numba's functions take what they take, by position
from __future__ import annotations

from typing import Any

import numpy as np

from dsa110_vis.compiled import compiler

__all__ = [
    "AMPLITUDE", "BIG", "COUNT", "FINITE", "FLAGGED", "HIGH", "IM", "IMAG", "LARGEST", "LOW", "MASS", "RE", "REAL",
    "SHIFT", "SQUARE", "TOTAL", "add_sample", "clear", "compiled", "larger", "quantity", "smaller",
    "usable", "weighty",
]  # fmt: skip

AMPLITUDE, REAL, IMAG = 0, 1, 2
COUNT, FLAGGED, FINITE = 0, 1, 2
SHIFT, LOW, HIGH = 0, 1, 2
TOTAL, SQUARE, RE, IM, MASS = 0, 1, 2, 3, 4
BIG = 1e300  # beyond the power of any complex64
LARGEST = np.iinfo(np.int32).max

compiled = compiler(__file__)


@compiled()
def usable(visibility: Any, flag: Any) -> Any:
    """Tell whether a sample is finite and not flagged."""
    real = np.float64(visibility.real)
    imag = np.float64(visibility.imag)
    return (real * real + imag * imag < BIG) & (flag == 0)


@compiled()
def weighty(weight: Any) -> Any:
    """Tell whether a weight is positive and finite."""
    return (weight > 0.0) & (weight < BIG)


@compiled()
def quantity(real: Any, imag: Any, kind: Any) -> Any:
    """Give amplitude, real or imaginary part."""
    if kind == AMPLITUDE:
        return np.sqrt(real * real + imag * imag)
    return real if kind == REAL else imag


@compiled()
def clear(numbers: Any, marks: Any, moments: Any, cell: Any) -> None:
    """Forget the flagged samples that the sums of a cell hold."""
    numbers[FINITE, cell] = 0
    marks[LOW, cell] = np.inf
    marks[HIGH, cell] = -np.inf
    for k in range(moments.shape[0]):
        moments[k, cell] = 0.0


@compiled()
def smaller(a: Any, b: Any) -> Any:
    """Give the smaller of two numbers, which may be infinite."""
    return min(a, b)


@compiled()
def larger(a: Any, b: Any) -> Any:
    """Give the larger of two numbers, which may be infinite."""
    return max(a, b)


@compiled()
def add_sample(
    numbers: Any, marks: Any, moments: Any, cell: Any, good: Any, visibility: Any, sign: Any, weight: Any, kind: Any
) -> None:
    """Add one sample to a cell: as it should be if it is good, else as long as the cell has no good one."""
    real = np.float64(visibility.real)
    imag = np.float64(visibility.imag) * sign
    q = quantity(real, imag, kind)
    if good:
        if numbers[COUNT, cell] == 0:
            clear(numbers, marks, moments, cell)
            marks[SHIFT, cell] = q
        numbers[COUNT, cell] += 1
    else:
        numbers[FLAGGED, cell] += 1
        if numbers[COUNT, cell] > 0 or not (usable(visibility, np.uint8(0)) and weighty(weight)):
            return
        if numbers[FINITE, cell] == 0:
            marks[SHIFT, cell] = q
        numbers[FINITE, cell] += 1
    d = q - np.float64(marks[SHIFT, cell])
    marks[LOW, cell] = min(marks[LOW, cell], np.float32(q))
    marks[HIGH, cell] = max(marks[HIGH, cell], np.float32(q))
    moments[TOTAL, cell] += weight * d
    moments[SQUARE, cell] += weight * d * d
    moments[RE, cell] += weight * real
    moments[IM, cell] += weight * imag
    if moments.shape[0] > MASS:
        moments[MASS, cell] += weight
