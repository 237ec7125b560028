"""Compiled loops that make coarse pixels of fine ones; they release the interpreter's lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.compiled import compiler

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["any_set", "mean", "peak"]

compiled = compiler(__file__)


@compiled(inner=False)
def _peak(values: Any, step: int, out: Any) -> None:
    ny, nx = values.shape
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            best = np.float32(np.nan)
            size = np.float32(-1.0)
            for y in range(row * step, min((row + 1) * step, ny)):
                for x in range(column * step, min((column + 1) * step, nx)):
                    value = values[y, x]
                    magnitude = abs(value)
                    if size < magnitude < np.inf:  # never true for NaN
                        size = magnitude
                        best = value
            out[row, column] = best


@compiled(inner=False)
def _mean(values: Any, counts: Any, step: int, out: Any, out_counts: Any) -> None:
    ny, nx = values.shape
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            total, n = 0.0, 0.0
            for y in range(row * step, min((row + 1) * step, ny)):
                for x in range(column * step, min((column + 1) * step, nx)):
                    value = values[y, x]
                    if np.isfinite(value):
                        weight = 1.0 if counts is None else counts[y, x]
                        total += weight * value
                        n += weight
            out[row, column] = total / n if n > 0 else np.nan
            out_counts[row, column] = n


def _shape(values: npt.NDArray[Any], step: int) -> tuple[int, int]:
    return -(-values.shape[0] // step), -(-values.shape[1] // step)


def peak(values: npt.NDArray[np.float32], step: int) -> npt.NDArray[np.float32]:
    """Keep of each square of pixels the value of largest magnitude, with its sign.

    Parameters
    ----------
    values : ndarray of float32, shape (ny, nx)
        The pixels.
    step : int
        Side of the squares; those at the upper and right edges may be smaller.

    Returns
    -------
    ndarray of float32
        One value a square; NaN where none is finite.
    """
    out = np.empty(_shape(values, step), dtype=np.float32)
    _peak(values, step, out)
    return out


def mean(
    values: npt.NDArray[np.float32], step: int, counts: npt.NDArray[np.float32] | None = None
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Average the finite pixels of each square.

    Parameters
    ----------
    values : ndarray of float32, shape (ny, nx)
        The pixels, or means of pixels.
    step : int
        Side of the squares; those at the upper and right edges may be smaller.
    counts : ndarray of float32, shape (ny, nx), optional
        Of how many pixels each is the mean; 1 by default.

    Returns
    -------
    means : ndarray of float32
        One a square; NaN where no pixel is finite.
    counts : ndarray of float32
        How many finite pixels each square has.
    """
    means, numbers = (np.empty(_shape(values, step), dtype=np.float32) for _ in range(2))
    _mean(values, counts, step, means, numbers)
    return means, numbers


@compiled(inner=False)
def _any(bits: Any, step: int, out: Any) -> None:
    ny, nx = bits.shape
    for y in range(ny):
        row = y // step
        for x in range(nx):
            if bits[y, x]:
                out[row, x // step] = True


def any_set(bits: npt.NDArray[np.bool_], step: int) -> npt.NDArray[np.bool_]:
    """Tell of each square of bits whether any is set.

    Parameters
    ----------
    bits : ndarray of bool, shape (ny, nx)
        The bits.
    step : int
        Side of the squares.

    Returns
    -------
    ndarray of bool
        One a square.
    """
    out = np.zeros(_shape(bits, step), dtype=np.bool_)
    _any(bits, step, out)
    return out
