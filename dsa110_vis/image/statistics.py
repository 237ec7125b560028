"""Statistics of the pixels of a plane."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from dsa110_vis.image.plane import Plane

__all__ = ["Statistics", "flux_factor", "of_plane", "robust_sigma"]

MAD_TO_SIGMA = 1.4826
_POWER = r"(?:\^|\*\*)?\(?-1\)?"
_PER_BEAM = re.compile(rf"(\S+?)\s*(?:/\s*beam|[ .*]?beam{_POWER})(.*)$", re.IGNORECASE)
_PER_PIXEL = re.compile(rf"(\S+?)\s*(?:/\s*pix(?:el)?|[ .*]?pix(?:el)?{_POWER})(.*)$", re.IGNORECASE)
STRIP_PIXELS = 1 << 22
"""Pixels that are read at a time."""
KEPT_PIXELS = 1 << 24
"""Most pixels that are read at once; of more, the medians are found by reading them again and again."""


@dataclass(frozen=True)
class Statistics:
    """What the pixels of a region, a mask or a plane are like; the names are those of CASA's ``imstat``.

    Attributes
    ----------
    npix : int
        Pixels with a value.
    n_blank : int
        Pixels without one.
    sum, mean, median, rms, std, robust_sigma, minimum, maximum : float
        In the image's unit; `rms` is about zero, `std` about the mean (with n - 1), `robust_sigma` is 1.4826 times the
        median of the absolute deviations from the median. NaN where there is no pixel.
    peak : float
        The value of largest magnitude.
    peak_x, peak_y : int
        Where that is; -1 where there is no pixel.
    peak_lon, peak_lat : float
        The same in degrees, in the image's own frame; NaN where that is not known.
    flux : float or None
        Flux density in Jy (or what the unit says without "/beam"): the sum divided by the beam's area in pixels; None
        where the unit or the beam is not known.
    flux_error : float or None
        ``sigma sqrt(npix / area)`` with the robust sigma of the whole plane and the beam's area in pixels: the noise of
        as many independent beams as the pixels make, at least one. It is the error of a sum over noise that is
        correlated as the beam is; errors of calibration and of deconvolution are not in it. For a unit per pixel the
        area is 1.
    unit, flux_unit : str
        Units.
    """

    npix: int
    n_blank: int
    sum: float
    mean: float
    median: float
    rms: float
    std: float
    robust_sigma: float
    minimum: float
    maximum: float
    peak: float
    peak_x: int
    peak_y: int
    peak_lon: float = float("nan")
    peak_lat: float = float("nan")
    flux: float | None = None
    flux_error: float | None = None
    unit: str = ""
    flux_unit: str = ""

    def describe(self) -> dict[str, Any]:
        """Give the statistics as plain data.

        Returns
        -------
        dict
            By the names of the attributes.
        """
        return dataclasses.asdict(self)


def robust_sigma(values: npt.NDArray[np.floating]) -> float:
    """Give 1.4826 times the median of the absolute deviations from the median, which is sigma for Gaussian noise.

    Parameters
    ----------
    values : ndarray of float
        Finite values.

    Returns
    -------
    float
        0 if there is none.
    """
    return MAD_TO_SIGMA * float(np.median(np.abs(values - np.median(values)))) if values.size else 0.0


def of_plane(plane: Plane, inside: npt.NDArray[np.bool_] | None, box: tuple[int, int, int, int]) -> Statistics:
    """Work out the statistics that need nothing but pixels.

    Parameters
    ----------
    plane : Plane
        The plane.
    inside : ndarray of bool, optional
        Which pixels of the box count; all by default.
    box : (int, int, int, int)
        ``x0, x1, y0, y1`` of the part of the plane that is looked at. A large one is read a strip at a time.

    Returns
    -------
    Statistics
        Those in the unit of the pixels.
    """
    x0, x1, y0, y1 = box
    n_all = (x1 - x0) * (y1 - y0) if inside is None else int(np.count_nonzero(inside))
    if (x1 - x0) * (y1 - y0) > KEPT_PIXELS:
        return _of_strips(plane, inside, box, n_all)
    values = plane.read(x0, x1, y0, y1)
    counted = np.isfinite(values) if inside is None else np.isfinite(values) & inside
    chosen = values[counted].astype(np.float64)
    if not chosen.size:
        return _nothing(n_all)
    flat = int(np.argmax(np.abs(np.where(counted, values, np.float32(0)))))
    if not counted.flat[flat]:  # all are zero
        flat = int(np.argmax(counted))
    y, x = divmod(flat, values.shape[1])
    return Statistics(
        npix=chosen.size,
        n_blank=n_all - chosen.size,
        sum=float(chosen.sum()),
        mean=float(chosen.mean()),
        median=float(np.median(chosen)),
        rms=float(np.sqrt(np.mean(np.square(chosen)))),
        std=float(chosen.std(ddof=1)) if chosen.size > 1 else 0.0,
        robust_sigma=robust_sigma(chosen),
        minimum=float(chosen.min()),
        maximum=float(chosen.max()),
        peak=float(values[y, x]),
        peak_x=x0 + x,
        peak_y=y0 + y,
    )


def _nothing(n_all: int) -> Statistics:
    nan = float("nan")
    return Statistics(0, n_all, 0.0, nan, nan, nan, nan, nan, nan, nan, nan, -1, -1)


def _of_strips(
    plane: Plane, inside: npt.NDArray[np.bool_] | None, box: tuple[int, int, int, int], n_all: int
) -> Statistics:
    from dsa110_vis.image import ranks  # noqa: PLC0415  numba is slow to import

    x0, x1, y0, y1 = box
    rows = max(1, STRIP_PIXELS // (x1 - x0))

    def strips() -> Iterator[npt.NDArray[np.float32]]:
        for first in range(y0, y1, rows):
            values = plane.read(x0, x1, first, min(first + rows, y1))
            if inside is not None:
                values[~inside[first - y0 : first - y0 + rows]] = np.nan
            yield values

    n, total, squares, about = 0, 0.0, 0.0, None
    lowest, highest, peak, peak_x, peak_y = np.inf, -np.inf, 0.0, -1, -1
    for number, values in enumerate(strips()):
        if about is None:
            finite = values[np.isfinite(values)]
            about = float(np.median(finite)) if finite.size else None
        part = ranks.moments(values, about or 0.0)
        if not part[0]:
            continue
        n, total, squares = n + part[0], total + part[1], squares + part[2]
        lowest, highest = min(lowest, part[3]), max(highest, part[4])
        y, x = divmod(part[5], values.shape[1])
        if peak_x < 0 or abs(float(values[y, x])) > abs(peak):
            peak, peak_x, peak_y = float(values[y, x]), x0 + x, y0 + number * rows + y
    if about is None:
        return _nothing(n_all)
    mean = about + total / n
    spread = max(squares - total * total / n, 0.0)
    median = ranks.median(strips, n)
    return Statistics(
        npix=n,
        n_blank=n_all - n,
        sum=mean * n,
        mean=mean,
        median=median,
        rms=float(np.sqrt(spread / n + mean**2)),
        std=float(np.sqrt(spread / (n - 1))) if n > 1 else 0.0,
        robust_sigma=MAD_TO_SIGMA * ranks.median(strips, n, about=median),
        minimum=lowest,
        maximum=highest,
        peak=peak,
        peak_x=peak_x,
        peak_y=peak_y,
    )


def flux_factor(unit: str, beam_pixels: float | None) -> tuple[float, str] | None:
    """Find what makes a flux density of a sum of pixels.

    Parameters
    ----------
    unit : str
        The image's unit.
    beam_pixels : float or None
        The beam's area in pixels.

    Returns
    -------
    (float, str) or None
        The factor, and the unit of the result; None for a unit that has no flux density, or without a beam.
    """
    match = _PER_BEAM.match(unit.strip())
    if match:
        return (1.0 / beam_pixels, "".join(match.groups()).strip(" .*")) if beam_pixels else None
    match = _PER_PIXEL.match(unit.strip())
    return (1.0, "".join(match.groups()).strip(" .*")) if match else None
