"""When a minor cycle ends, and when cleaning does: CASA's arithmetic, with names for the reasons.

The arithmetic is that of CASA's iteration controller (``SIIterBot``, casa6 ``synthesis/ImagerObjects``), in single
precision, so that a session does the same cycles as tclean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.clean.states import StopReason

if TYPE_CHECKING:
    from dsa110_vis.clean.engine import CycleStart
    from dsa110_vis.clean.parameters import Parameters

__all__ = ["Limits", "Progress", "cycle_limit", "cycle_threshold", "reason_to_stop"]

NEAR = 0.01
"""A peak so near to the threshold, as a fraction of it, counts as below (CAS-11278)."""

GROWTH = 3.0
"""A peak that grew by more than so many times itself means that cleaning diverges."""

SAME = 1e-10
"""A peak that changed by less than this, in Jy/beam, in a whole cycle means that cleaning has stalled."""


@dataclass(frozen=True)
class Limits:
    """How far to clean.

    Attributes
    ----------
    niter : int
        Most iterations, of all planes together.
    threshold : float
        Peak residual at which cleaning ends, in Jy/beam.
    nmajor : int
        Most major cycles; negative for no limit.
    cycleniter : int
        Most iterations of a plane in a cycle; negative for no limit but `niter`.
    cyclefactor, minpsffraction, maxpsffraction : float
        As tclean's.
    """

    niter: int
    threshold: float
    nmajor: int
    cycleniter: int
    cyclefactor: float
    minpsffraction: float
    maxpsffraction: float

    @classmethod
    def of(cls, parameters: Parameters) -> Limits:
        """Take the limits from the parameters.

        Parameters
        ----------
        parameters : Parameters
            All of them.

        Returns
        -------
        Limits
            Those that matter here.
        """
        return cls(
            parameters.niter,
            parameters.threshold_jy,
            parameters.nmajor,
            parameters.cycleniter,
            parameters.cyclefactor,
            parameters.minpsffraction,
            parameters.maxpsffraction,
        )


@dataclass(frozen=True)
class Progress:
    """How far cleaning is.

    Attributes
    ----------
    iterations : int
        Done so far, of all planes together.
    majors : int
        Clean major cycles done so far.
    peaks : tuple of float
        The peak residual inside the mask at the start of every cycle so far, since the mask was changed last, in
        Jy/beam.
    """

    iterations: int
    majors: int
    peaks: tuple[float, ...] = ()


def cycle_threshold(start: CycleStart, limits: Limits) -> float:
    """Say at which residual a minor cycle hands over to a major cycle.

    Parameters
    ----------
    start : CycleStart
        What the cycle starts from.
    limits : Limits
        How far to clean.

    Returns
    -------
    float
        ``max(threshold, nsigma threshold, peak * fraction)`` in Jy/beam, with the fraction ``psf_sidelobe *
        cyclefactor`` kept within `minpsffraction` and `maxpsffraction`.
    """
    fraction = np.float32(start.psf_sidelobe) * np.float32(limits.cyclefactor)
    fraction = min(max(fraction, np.float32(limits.minpsffraction)), np.float32(limits.maxpsffraction))
    own = np.float32(start.peak) * fraction
    return float(max(own, np.float32(limits.threshold), np.float32(start.nsigma_threshold)))


def cycle_limit(progress: Progress, limits: Limits) -> int:
    """Say how many iterations a plane may have in a cycle.

    Parameters
    ----------
    progress : Progress
        How far cleaning is.
    limits : Limits
        How far to clean.

    Returns
    -------
    int
        At least 0.
    """
    left = max(limits.niter - progress.iterations, 0)
    return left if limits.cycleniter < 0 else min(left, limits.cycleniter)


def reason_to_stop(start: CycleStart, progress: Progress, limits: Limits) -> StopReason | None:
    """Find out whether cleaning has to end before another cycle.

    Parameters
    ----------
    start : CycleStart
        What the next cycle would start from.
    progress : Progress
        How far cleaning is; the last of its peaks is that of `start`.
    limits : Limits
        How far to clean.

    Returns
    -------
    StopReason or None
        The first rule that holds, or None to go on.
    """
    before = progress.peaks[-2] if len(progress.peaks) > 1 else math.inf
    lowest = min(progress.peaks, default=math.inf)
    rules = {
        StopReason.EMPTY_MASK: start.mask_pixels == 0,
        StopReason.NITER: progress.iterations >= limits.niter,
        StopReason.THRESHOLD: start.peak <= limits.threshold * (1 + NEAR),
        StopReason.NSIGMA: 0 < start.peak <= start.nsigma_threshold * (1 + NEAR),
        StopReason.STALLED: abs(start.peak - before) < SAME,
        StopReason.DIVERGED: start.peak > (1 + GROWTH) * min(before, lowest),
        StopReason.NMAJOR: 0 <= limits.nmajor <= progress.majors,
    }
    return next((reason for reason, holds in rules.items() if holds), None)
