"""Numbers of one plane: how much is left inside and outside the mask, how much is in the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.clean.engine import PlaneMeasure

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["measure_plane"]

SAMPLE = 1 << 21
"""Pixels of which the noise is found: of more, every so many-th, which changes it by a thousandth of itself."""

GAUSSIAN = 1.4826
"""Standard deviation of Gaussian noise, in units of its median absolute deviation."""


def measure_plane(
    plane: tuple[int, int, int, int],
    residual: NDArray[np.float32],
    good: NDArray[np.bool_],
    *,
    mask: NDArray[np.bool_],
    model: NDArray[np.float32],
) -> PlaneMeasure:
    """Measure one plane.

    Parameters
    ----------
    plane : tuple of int
        Field, term, Stokes plane and channel.
    residual : ndarray of float32
        Residual in Jy/beam, shape (y, x).
    good : ndarray of bool
        Which of its pixels are not blank.
    mask : ndarray of bool
        Clean mask.
    model : ndarray of float32
        Model in Jy/pixel.

    Returns
    -------
    PlaneMeasure
        The numbers.
    """
    size = np.abs(residual)
    return PlaneMeasure(
        *plane,
        peak_inside=_largest(size, good & mask),
        peak_outside=_largest(size, good & ~mask),
        rms=_noise(residual, good),
        flux=float(model.sum(dtype=np.float64)),
    )


def _largest(values: NDArray[np.float32], where: NDArray[np.bool_]) -> float:
    largest = float(values.max(where=where, initial=-1.0))
    return largest if largest >= 0 else float("nan")


def _noise(residual: NDArray[np.float32], good: NDArray[np.bool_]) -> float:
    every = max(residual.size // SAMPLE, 1) | 1  # odd, so that it is not always the same columns
    some = residual.ravel()[::every][good.ravel()[::every]]
    return GAUSSIAN * float(np.median(np.abs(some - np.median(some)))) if some.size else float("nan")
