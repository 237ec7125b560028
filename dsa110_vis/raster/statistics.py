"""From sums to statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.raster.kernels import HIGH, IM, LOW, RE, SHIFT, SQUARE, TOTAL

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.raster.options import Request
    from dsa110_vis.raster.sums import Sums

__all__ = ["statistic"]


def _over(numerator: npt.NDArray[np.float64], denominator: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    out = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=out, where=denominator > 0)
    return out


def _length(sums: Sums) -> npt.NDArray[np.float64]:
    """Give the length of the vector sums; of float32 samples, so that squares cannot overflow."""
    real, imag = sums.moments[RE], sums.moments[IM]
    return np.asarray(np.sqrt(real * real + imag * imag))


def _scalar(sums: Sums, mass: npt.NDArray[Any], aggregator: str) -> npt.NDArray[np.float64]:
    shift, total = sums.marks[SHIFT], sums.moments[TOTAL]
    if aggregator in ("min", "max"):
        return np.asarray(sums.marks[LOW if aggregator == "min" else HIGH], dtype=np.float64)
    if aggregator == "sum":
        return np.asarray(total + mass * shift.astype(np.float64))
    mean = _over(total, mass)
    if aggregator == "mean":
        mean += shift
        return np.asarray(mean)
    # in place: with millions of cells, the time goes into fetching fresh memory
    variance = _over(sums.moments[SQUARE], mass)
    variance -= mean * mean
    np.maximum(variance, 0.0, out=variance)
    if aggregator == "var":
        return variance
    if aggregator == "rms":
        mean += shift
        mean *= mean
        variance += mean
    np.sqrt(variance, out=variance)
    return variance


def _phase(sums: Sums, mass: npt.NDArray[Any], aggregator: str) -> npt.NDArray[np.float64]:
    if aggregator == "mean":
        angle: npt.NDArray[np.float64] = np.degrees(np.arctan2(sums.moments[IM], sums.moments[RE]))
        return angle
    lengths = sums.moments[TOTAL] + mass * sums.marks[SHIFT].astype(np.float64)
    resultant = np.minimum(_over(_length(sums), lengths), 1.0)
    with np.errstate(divide="ignore"):
        spread: npt.NDArray[np.float64] = np.degrees(np.sqrt(-2.0 * np.log(resultant)))
    return spread


def statistic(sums: Sums, request: Request, *, flagged: bool = False) -> npt.NDArray[np.float64]:
    """Compute what a request asks for.

    Parameters
    ----------
    sums : Sums
        The sums, each of shape (n,).
    request : Request
        Quantity, aggregator and averaging. The median is not among what sums can tell.
    flagged : bool
        Whether to compute it for the cells with flagged samples only, from these; their mean instead of their median.

    Returns
    -------
    ndarray of float64, shape (n,)
        NaN where there is nothing to compute it from. Standard deviations and variances are those of the samples at
        hand (no degree of freedom is taken off). Phases are in degrees: the mean is the angle of the vector sum, the
        standard deviation is the circular one, sqrt(-2 ln R) with R the length of the vector sum over the sum of the
        lengths (Mardia and Jupp 2000, section 2.3). A flag fraction is the flagged part of all samples.
    """
    if request.quantity == "flag_fraction":
        if flagged:
            return np.full(sums.count.size, np.nan)
        return _over(sums.flagged.astype(np.float64), sums.flagged + sums.count)
    number = sums.finite if flagged else sums.count
    # where there are good samples, the sums are of these; else they are of the finite flagged ones
    valid = (sums.count == 0) & (number > 0) if flagged else number > 0
    if not valid.any():
        return np.full(valid.size, np.nan)
    mass = number if sums.mass is None else sums.mass
    aggregator = "mean" if request.aggregator == "median" else request.aggregator
    if request.quantity == "phase":
        out = _phase(sums, mass, aggregator)
    elif request.quantity == "amp" and request.averaging == "vector":
        out = _length(sums)
        if aggregator == "mean":
            out = _over(out, mass)
    else:
        out = _scalar(sums, mass, aggregator)
    out[~valid] = np.nan
    return out
