"""Colour limits of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.errors import OptionError

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["LIMITS_MODES", "limits"]

LIMITS_MODES = ("zscale", "percentile", "minmax", "symmetric")
"""Ways to find limits."""


def limits(values: npt.NDArray[np.floating], mode: str = "zscale", *, percentile: float = 99.5) -> tuple[float, float]:
    """Find colour limits.

    Parameters
    ----------
    values : ndarray of float
        The values; those that are not finite are left out.
    mode : str
        ``"zscale"``: IRAF's and DS9's, about the median; ``"percentile"``: what the central `percentile` per cent
        span; ``"minmax"``: all; ``"symmetric"``: the same on both sides of 0, as far as the largest magnitude.
    percentile : float
        From 0 (excluded) to 100.

    Returns
    -------
    lo, hi : float
        With ``lo < hi``; 0 and 1 if there is no value.

    Raises
    ------
    OptionError
        If there is no such mode, or the percentile is out of range.
    """
    if mode not in LIMITS_MODES:
        message = f"There is no way {mode!r} to find limits."
        raise OptionError(message, f"Allowed: {', '.join(LIMITS_MODES)}.")
    if not 0 < percentile <= 100:
        message = f"percentile cannot be {percentile:g}."
        raise OptionError(message, "It must be above 0 and at most 100.")
    finite = values[np.isfinite(values)].astype(np.float64, copy=False)
    if finite.size == 0:
        return 0.0, 1.0
    if mode == "zscale":
        from astropy.visualization import ZScaleInterval  # noqa: PLC0415  slow to import

        lo, hi = (float(limit) for limit in ZScaleInterval().get_limits(finite))
    elif mode == "percentile":
        tail = (100.0 - percentile) / 2
        lo, hi = (float(limit) for limit in np.percentile(finite, [tail, 100.0 - tail]))
    else:
        lo, hi = float(finite.min()), float(finite.max())
        if mode == "symmetric":
            hi = max(abs(lo), abs(hi))
            lo = -hi
    if hi - lo > 1e-12 * max(abs(lo), abs(hi)):
        return lo, hi
    lo, hi = float(finite.min()), float(finite.max())
    if hi > lo:  # most values are the same: those that are not count
        return lo, hi
    margin = abs(lo) / 2 or 0.5
    return lo - margin, hi + margin
