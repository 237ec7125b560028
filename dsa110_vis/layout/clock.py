"""Times as seconds since a start that can be written without fractions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dsa110_vis.raster.labels import time_text

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["clock"]


def clock(times: Iterable[float]) -> tuple[str, list[float]]:
    """Count times from their start.

    Parameters
    ----------
    times : iterable of float
        MJD seconds, ascending.

    Returns
    -------
    start : str
        The whole second in which they begin, such as ``"2025-09-05 03:23:14"``; empty where there is none.
    seconds : list of float
        Seconds since then.
    """
    every = [float(time) for time in times]
    if not every:
        return "", []
    start = math.floor(every[0])
    return time_text(start, digits=0), [time - start for time in every]
