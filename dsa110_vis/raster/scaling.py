"""From values to colours: limits, histograms, stretches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.errors import OptionError
from dsa110_vis.raster.options import check_option

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from dsa110_vis.raster.cells import Cells
    from dsa110_vis.raster.options import Request

__all__ = ["LIMITS_MODES", "STRETCHES", "cell_limits", "histogram", "limits", "stretched"]

LIMITS_MODES = ("auto", "percentile", "minmax")
"""Ways to find colour limits."""

STRETCHES = ("linear", "log", "sqrt", "square", "asinh", "power", "histogram")
"""Curves from values to colours."""

SIGMAS = 3.0
DEGREES = (-180.0, 180.0)
STEEPNESS = 1000.0
_CURVES: dict[str, Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]] = {
    "log": lambda t: np.log1p(STEEPNESS * t) / np.log1p(STEEPNESS),
    "sqrt": lambda t: t**0.5,
    "square": lambda t: t * t,
    "asinh": lambda t: np.arcsinh(10.0 * t) / np.arcsinh(10.0),
    "power": lambda t: (np.power(STEEPNESS, t) - 1.0) / (STEEPNESS - 1.0),
}


def limits(
    values: npt.NDArray[np.floating], mode: str = "auto", *, percentile: float = 99.0, quantity: str = "amp"
) -> tuple[float, float]:
    """Find colour limits.

    Parameters
    ----------
    values : ndarray of float
        The values; NaN and infinities are left out.
    mode : str
        ``"auto"``: three standard deviations about the mean, but not beyond the data; ``"percentile"``: what the
        central `percentile` per cent of the values span; ``"minmax"``: all of them. Phases always get -180 to 180
        with ``"auto"``, and limits symmetric about 0 with the others; flag fractions get 0 to 1 with ``"auto"``.
    percentile : float
        From 0 (excluded) to 100.
    quantity : str
        One of `dsa110_vis.raster.QUANTITIES`.

    Returns
    -------
    lo, hi : float
        With ``lo < hi``; 0 and 1 if there is no value.

    Raises
    ------
    OptionError
        If the mode or the percentile is not known.
    """
    check_option("way to find limits", mode, LIMITS_MODES)
    if not 0 < percentile <= 100:
        message = f"percentile={percentile!r} is out of range."
        raise OptionError(message, "Allowed: above 0, up to 100.")
    if mode == "auto" and quantity == "phase":
        return DEGREES
    if mode == "auto" and quantity == "flag_fraction":
        return (0.0, 1.0)
    finite = values[np.isfinite(values)].astype(np.float64, copy=False)
    if finite.size == 0:
        return DEGREES if quantity == "phase" else (0.0, 1.0)
    if mode == "percentile":
        tail = (100.0 - percentile) / 2
        lo, hi = (float(limit) for limit in np.percentile(finite, [tail, 100.0 - tail]))
    else:
        lo, hi = float(finite.min()), float(finite.max())
        if mode == "auto":
            mean, spread = float(finite.mean()), float(finite.std())
            lo, hi = max(lo, mean - SIGMAS * spread), min(hi, mean + SIGMAS * spread)
    if quantity == "phase":
        hi = max(abs(lo), abs(hi))
        lo = -hi
    return _opened(lo, hi)


def _opened(lo: float, hi: float) -> tuple[float, float]:
    """Keep limits apart."""
    if hi - lo > 1e-12 * max(abs(lo), abs(hi)):
        return lo, hi
    margin = abs(lo) / 2 or 0.5
    return lo - margin, hi + margin


def cell_limits(
    cells: Cells,
    request: Request,
    iteration: int | None = None,
    mode: str = "auto",
    *,
    percentile: float = 99.0,
) -> tuple[float, float]:
    """Find colour limits of cells: of those with good samples that are not autocorrelations.

    Parameters
    ----------
    cells : Cells
        The cells.
    request : Request
        What is shown.
    iteration : int, optional
        Index on the iterate axis; needed if several are held.
    mode, percentile
        As for `limits`.

    Returns
    -------
    lo, hi : float
        With ``lo < hi``.

    Raises
    ------
    OptionError
        If the mode or the percentile is not known, or the cells cannot answer the request.
    """
    values = cells.value(request, iteration)
    cross = cells.cross()
    chosen = values if cross.all() else values[cross]
    if not np.isfinite(chosen).any():
        chosen = values
    return limits(chosen, mode, percentile=percentile, quantity=request.quantity)


def histogram(
    values: npt.NDArray[np.floating], bins: int = 256, limits: tuple[float, float] | None = None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Count values.

    Parameters
    ----------
    values : ndarray of float
        The values; NaN and infinities are left out.
    bins : int
        Number of bins.
    limits : (float, float), optional
        Where the bins begin and end; smallest and largest value by default.

    Returns
    -------
    edges : ndarray of float64, shape (bins + 1,)
        Edges of the bins.
    counts : ndarray of int64, shape (bins,)
        Number of values in each.
    """
    finite = values[np.isfinite(values)]
    lo, hi = (
        limits
        if limits is not None
        else (_opened(float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0))
    )
    counts, edges = np.histogram(finite, bins=bins, range=(lo, hi))
    return edges.astype(np.float64), counts.astype(np.int64)


def stretched(
    fraction: npt.NDArray[np.float64], stretch: str, values: npt.NDArray[np.floating] | None = None
) -> npt.NDArray[np.float64]:
    """Bend a scale from 0 to 1.

    Parameters
    ----------
    fraction : ndarray of float64
        Where values are between the limits; should be clipped to 0 to 1.
    stretch : str
        One of `STRETCHES`. ``log``: log(1 + 1000 t) / log(1001); ``power``: (1000^t - 1) / 999; ``asinh``:
        asinh(10 t) / asinh(10).
    values : ndarray of float, optional
        Where the data are, for ``histogram``: as many colours for each as there are values.

    Returns
    -------
    ndarray of float64
        From 0 to 1.

    Raises
    ------
    OptionError
        If the stretch is not known.
    """
    check_option("stretch", stretch, STRETCHES)
    if stretch in _CURVES:
        return np.asarray(_CURVES[stretch](fraction))
    if stretch == "histogram" and values is not None:
        inside = np.sort(values[np.isfinite(values)].astype(np.float64))
        if inside.size:
            knots = np.interp(np.linspace(0, inside.size - 1, 1025), np.arange(inside.size), inside)
            knots, first = np.unique(knots, return_index=True)
            return np.asarray(np.interp(fraction, knots, first / 1024.0))
    return fraction
