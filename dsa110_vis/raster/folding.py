"""Merging cells into other cells."""

# ruff: noqa: PLR0917  numba's functions take what they take, by position
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.raster.kernels import (
    COUNT,
    FINITE,
    FLAGGED,
    HIGH,
    IM,
    LOW,
    MASS,
    RE,
    SHIFT,
    SQUARE,
    TOTAL,
    clear,
    compiled,
)

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["fold", "fold_values"]


@compiled()
def _merge_cell(marks: Any, moments: Any, k: Any, n: Any, to_marks: Any, to_moments: Any, cell: Any) -> None:
    """Add the sums of a cell, which are of `n` samples, taking them about the other shift."""
    mass = np.float64(n)
    if moments.shape[0] > MASS:
        mass = moments[MASS, k]
        to_moments[MASS, cell] += mass
    move = np.float64(marks[SHIFT, k]) - np.float64(to_marks[SHIFT, cell])
    to_moments[TOTAL, cell] += moments[TOTAL, k] + mass * move
    to_moments[SQUARE, cell] += moments[SQUARE, k] + move * (2.0 * moments[TOTAL, k] + mass * move)
    to_moments[RE, cell] += moments[RE, k]
    to_moments[IM, cell] += moments[IM, k]
    to_marks[LOW, cell] = min(to_marks[LOW, cell], marks[LOW, k])
    to_marks[HIGH, cell] = max(to_marks[HIGH, cell], marks[HIGH, k])


@compiled(inner=False)
def fold(numbers: Any, marks: Any, moments: Any, mapping: Any, to_numbers: Any, to_marks: Any, to_moments: Any) -> None:
    """Merge cells into others.

    Parameters
    ----------
    numbers, marks, moments : arrays
        Of the `dsa110_vis.raster.sums.Sums` to be added.
    mapping : int64 (n_source,)
        Into which cell each goes; -1 where it is left out.
    to_numbers, to_marks, to_moments : arrays
        Of the sums added to.
    """
    for k in range(mapping.size):
        cell = mapping[k]
        if cell < 0:
            continue
        to_numbers[FLAGGED, cell] += numbers[FLAGGED, k]
        n = numbers[COUNT, k]
        if marks.size == 0:
            to_numbers[COUNT, cell] += n
        elif n > 0:
            if to_numbers[COUNT, cell] == 0:
                clear(to_numbers, to_marks, to_moments, cell)
                to_marks[SHIFT, cell] = marks[SHIFT, k]
            to_numbers[COUNT, cell] += n
            _merge_cell(marks, moments, k, n, to_marks, to_moments, cell)
        elif numbers[FINITE, k] > 0 and to_numbers[COUNT, cell] == 0:
            n = numbers[FINITE, k]
            if to_numbers[FINITE, cell] == 0:
                to_marks[SHIFT, cell] = marks[SHIFT, k]
            to_numbers[FINITE, cell] += n
            _merge_cell(marks, moments, k, n, to_marks, to_moments, cell)


@compiled(inner=False)
def _move(starts: Any, values: Any, mapping: Any, position: Any, out: Any) -> None:
    for k in range(mapping.size):
        cell = mapping[k]
        if cell < 0:
            continue
        for j in range(starts[k], starts[k + 1]):
            out[position[cell]] = values[j]
            position[cell] += 1


def fold_values(
    source: tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]],
    mapping: npt.NDArray[np.int64],
    counts: npt.NDArray[np.integer[Any]],
    into: tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]] | None = None,
    filled: npt.NDArray[np.integer[Any]] | None = None,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Merge the samples of cells into those of others.

    Parameters
    ----------
    source : (ndarray of int64, ndarray of float32)
        Where the samples of each cell start, and the samples.
    mapping : ndarray of int64, shape (n_source,)
        Into which each cell goes; -1 where it is left out.
    counts : ndarray of int, shape (n_target,)
        How many samples each of the others has in the end.
    into : (ndarray of int64, ndarray of float32), optional
        Where to put them; made if not given.
    filled : ndarray of int, shape (n_target,), optional
        How many each has already.

    Returns
    -------
    (ndarray of int64, ndarray of float32)
        As `source`.
    """
    if into is None:
        starts = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
        into = (starts, np.empty(int(starts[-1]), dtype=np.float32))
    position = into[0][:-1].copy()
    if filled is not None:
        position += filled
    _move(source[0], source[1], mapping, position, into[1])
    return into
