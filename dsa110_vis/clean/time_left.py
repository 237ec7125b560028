"""How far a step is, and how long it will take yet."""

from __future__ import annotations

import math

__all__ = ["minor_fraction", "seconds_left"]


def minor_fraction(start: float, peak: float, threshold: float, iterations: int, limit: int) -> float:
    """Say how far a minor cycle is: the peak falls about exponentially, and iterations may end first.

    Parameters
    ----------
    start, peak, threshold : float
        Absolute residual when the cycle began, now, and when it ends, in Jy/beam.
    iterations, limit : int
        Done so far, and the most that are done.

    Returns
    -------
    float
        0 to 1.
    """
    by_count = iterations / limit if limit > 0 else 1.0
    by_peak = 0.0
    if 0 < threshold < start and peak > 0:
        by_peak = math.log(start / peak) / math.log(start / threshold)
    return min(max(by_count, by_peak, 0.0), 1.0)


def seconds_left(fraction: float, elapsed: float) -> float | None:
    """Say how long a step will take yet, if it goes on as it went.

    Parameters
    ----------
    fraction : float
        How far it is, 0 to 1.
    elapsed : float
        Seconds since it began.

    Returns
    -------
    float or None
        Seconds; None as long as too little was seen.
    """
    if fraction < 0.02 or elapsed < 0.5:
        return None
    return elapsed * (1.0 - fraction) / fraction
