"""How many pixels have which values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["histogram"]


def histogram(
    values: npt.NDArray[np.floating], bins: int = 512, window: tuple[float, float] | None = None
) -> tuple[float, float, list[int]]:
    """Count values in equal bins.

    Parameters
    ----------
    values : ndarray of float
        The values; those that are not finite are left out.
    bins : int
        Number of bins.
    window : (float, float), optional
        Where the bins begin and end; at the smallest and the largest value by default.

    Returns
    -------
    lo, hi : float
        Where the bins begin and end.
    counts : list of int
        Values in each bin.
    """
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return 0.0, 1.0, [0] * bins
    lo, hi = window if window is not None else (float(finite.min()), float(finite.max()))
    if not hi > lo:
        margin = abs(lo) / 2 or 0.5
        lo, hi = lo - margin, hi + margin
    counts, _ = np.histogram(finite, bins=bins, range=(lo, hi))
    return lo, hi, counts.tolist()
