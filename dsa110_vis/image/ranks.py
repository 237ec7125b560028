"""Compiled loops for statistics of planes that are too large to be kept; they release the interpreter's lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy.typing as npt

__all__ = ["median", "moments"]

HALF = 1 << 16


@numba.njit(nogil=True, cache=True)
def _moments(values: Any, about: float) -> tuple[int, float, float, float, float, int]:
    n, total, squares = 0, 0.0, 0.0
    lowest, highest, peak, at = np.inf, -np.inf, -1.0, -1
    for k in range(values.size):
        value = values[k]
        if np.isfinite(value):
            n += 1
            apart = np.float64(value) - about
            total += apart
            squares += apart * apart
            lowest = min(lowest, np.float64(value))
            highest = max(highest, np.float64(value))
            if abs(value) > peak:
                peak = abs(value)
                at = k
    return n, total, squares, lowest, highest, at


@numba.njit(nogil=True, cache=True)
def _count(values: Any, shift: Any, absolute: bool, upper: int, counts: Any) -> None:  # noqa: FBT001  compiled
    """Count the upper halves of the bits, or the lower ones of those with a certain upper half."""
    for k in range(values.size):
        if np.isfinite(values[k]):
            value = np.float32(np.float64(values[k]) - shift)
            if absolute:
                value = abs(value)
            bits = np.float32(value).view(np.uint32)
            # in the order of the values: turned round where negative
            key = ~bits if bits >> np.uint32(31) else bits | np.uint32(0x80000000)
            if upper < 0:
                counts[key >> np.uint32(16)] += 1
            elif key >> np.uint32(16) == upper:
                counts[key & np.uint32(0xFFFF)] += 1


def moments(values: npt.NDArray[np.float32], about: float) -> tuple[int, float, float, float, float, int]:
    """Add up finite values.

    Parameters
    ----------
    values : ndarray of float32
        The values.
    about : float
        From which differences are taken, so that a small scatter about a large mean survives.

    Returns
    -------
    n : int
        How many are finite.
    total, squares : float
        Sums of the differences and of their squares.
    lowest, highest : float
        The smallest and the largest value.
    at : int
        Where the value of largest magnitude is, counted in memory order; -1 if there is none.
    """
    n, total, squares, lowest, highest, at = _moments(values.reshape(-1), about)
    return int(n), float(total), float(squares), float(lowest), float(highest), int(at)


def median(strips: Callable[[], Iterable[npt.NDArray[np.float32]]], n: int, *, about: float | None = None) -> float:
    """Find the median, exactly, in two or three readings: by the upper halves of the bits, then by the lower ones.

    Parameters
    ----------
    strips : callable
        Gives the values anew, in parts.
    n : int
        How many of them are finite.
    about : float, optional
        If given, it is the median of the absolute differences from this.

    Returns
    -------
    float
        The median.
    """
    shift, absolute = float(about or 0.0), about is not None

    def counted(upper: int) -> npt.NDArray[np.int64]:
        counts = np.zeros(HALF, dtype=np.int64)
        for values in strips():
            _count(values.reshape(-1), shift, absolute, upper, counts)
        return counts

    uppers = counted(-1)
    below = np.cumsum(uppers)
    found: list[float] = []
    lowers: dict[int, npt.NDArray[np.int64]] = {}
    for rank in ((n - 1) // 2, n // 2):
        upper = int(np.searchsorted(below, rank, side="right"))
        if upper not in lowers:
            lowers[upper] = np.cumsum(counted(upper))
        rest = rank - int(below[upper] - uppers[upper])
        key = upper << 16 | int(np.searchsorted(lowers[upper], rest, side="right"))
        bits = key ^ 0x80000000 if key & 0x80000000 else ~key & 0xFFFFFFFF
        found.append(float(np.array([bits], dtype=np.uint32).view(np.float32)[0]))
    return (found[0] + found[1]) / 2
