"""From the keywords of a FITS header to the axes of an image."""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import NotAnImageError
from dsa110_vis.image.celestial import Celestial
from dsa110_vis.image.spectral import LIGHT, Spectral

if TYPE_CHECKING:
    from collections.abc import Callable

    from astropy.io.fits import Header
    from astropy.wcs import WCS

__all__ = ["STOKES", "Axes", "axes_of", "celestial_of", "header_errors", "plain_axes"]

logger = logging.getLogger(__name__)

STOKES = {1: "I", 2: "Q", 3: "U", 4: "V", 5: "Pp", 6: "Pf", 7: "Pa", -1: "RR", -2: "LL", -3: "RL", -4: "LR", -5: "XX",
          -6: "YY", -7: "XY", -8: "YX"}  # fmt: skip
"""Numbers of Stokes parameters and correlations in FITS (Greisen and Calabretta 2002, table 7)."""
SPECTRAL = ("FREQ", "VELO", "VRAD", "VOPT", "FELO", "WAVE")
RADESYS = {"J2000": "FK5", "B1950": "FK4"}
"""What some write, and what the standard calls it."""
VLA_EPOCH = 1979.9
"""What casacore writes as the equinox of positions of B1950 that are free of the aberration of 1979.9, as the VLA's."""


@dataclass(frozen=True)
class Axes:
    """What the axes of an image are.

    Attributes
    ----------
    x, y : int
        Numbers of the two axes of a plane, counted from 0 with the fastest first.
    channel, stokes : int
        The same of these; -1 where there is none.
    celestial : Celestial or None
        What the first two are in the sky.
    spectral : Spectral or None
        What the channels are.
    stokes_names : tuple of str
        What the Stokes parameters are.
    """

    x: int
    y: int
    channel: int
    stokes: int
    celestial: Celestial | None
    spectral: Spectral | None
    stokes_names: tuple[str, ...]

    def names(self, dimensions: int) -> tuple[str, ...]:
        """Name the axes of the array.

        Parameters
        ----------
        dimensions : int
            How many it has.

        Returns
        -------
        tuple of str
            Slowest first, as `Image.axes`.
        """
        found = ["" for _ in range(dimensions)]
        for axis, name in ((self.x, "x"), (self.y, "y"), (self.channel, "channel"), (self.stokes, "stokes")):
            if axis >= 0:
                found[dimensions - 1 - axis] = name
        return tuple(found)

    def check(self, name: str, shape: tuple[int, ...]) -> None:
        """Refuse what has more axes than can be shown.

        Parameters
        ----------
        name : str
            Name of the image.
        shape : tuple of int
            Lengths of its axes, fastest first.

        Raises
        ------
        NotAnImageError
            If there is an axis of more than one pixel beside the four.
        """
        used = {self.x, self.y, self.channel, self.stokes}
        if any(size > 1 and axis not in used for axis, size in enumerate(shape)):
            message = f"{name} has more than four axes: its shape is {tuple(reversed(shape))}."
            raise NotAnImageError(message, "An image has two to four.")


def celestial_of(wcs: WCS, middle: tuple[float, float] | None = None) -> Celestial | None:
    """Find the celestial coordinates among those of an image.

    Parameters
    ----------
    wcs : astropy.wcs.WCS
        Of all axes.
    middle : (float, float), optional
        The middle of the image, in pixels.

    Returns
    -------
    Celestial or None
        None where there are none, or none in a frame that is known here.
    """
    from astropy.coordinates import FK4, FK5, ICRS, FK4NoETerms, Galactic  # noqa: PLC0415  slow to import
    from astropy.wcs import WCSSUB_LATITUDE, WCSSUB_LONGITUDE  # noqa: PLC0415
    from astropy.wcs.utils import wcs_to_celestial_frame  # noqa: PLC0415

    if wcs.wcs.lng < 0 or wcs.wcs.lat < 0:
        return None
    try:
        plane = wcs.sub([WCSSUB_LONGITUDE, WCSSUB_LATITUDE])
        written = str(plane.wcs.radesys).strip().upper()
        plane.wcs.radesys = RADESYS.get(written, written)
        frame = wcs_to_celestial_frame(plane)
        plane.wcs.p2s([[0.0, 0.0]], 0)
    except header_errors() as error:
        logger.info("No celestial coordinates: %s", error)
        return None
    kinds = ((ICRS, "icrs"), (FK5, "fk5"), ((FK4, FK4NoETerms), "fk4"), (Galactic, "galactic"))
    name = next((name for kind, name in kinds if isinstance(frame, kind)), "")
    if not name:
        logger.info("Coordinates in a frame that is not known here: %s", frame)
        return None
    equinox = getattr(frame, "equinox", None) if name in ("fk4", "fk5") else None
    years = None if equinox is None else float(equinox.byear if name == "fk4" else equinox.jyear)
    if name == "fk4" and years is not None and abs(years - VLA_EPOCH) < 0.001:
        years = 1950.0
    return Celestial(plane, name, years, aberration=not isinstance(frame, FK4NoETerms), middle=middle)


def header_errors() -> tuple[type[Exception], ...]:
    """Give the errors that astropy and wcslib raise for a header that they do not take.

    Returns
    -------
    tuple of type
        For an ``except``. Faults of the code itself are not among them.
    """
    from astropy.io.fits import VerifyError  # noqa: PLC0415  slow to import

    return ValueError, KeyError, OSError, VerifyError


def axes_of(header: Header, shape: tuple[int, ...], otherwise: Callable[[], Axes | None] | None = None) -> Axes:
    """Find the axes of a FITS image.

    Parameters
    ----------
    header : astropy.io.fits.Header
        Its header.
    shape : tuple of int
        Lengths of its axes, fastest first; two or more.
    otherwise : callable, optional
        Gives the axes where astropy does not understand the header.

    Returns
    -------
    Axes
        Without coordinates where nothing understands them.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wcs = _wcs(header)
        celestial = None if wcs is None else celestial_of(wcs, _middle(shape, (wcs.wcs.lng, wcs.wcs.lat)))
        sky = _sky_axes(header)
        if celestial is None and sky is not None:
            # another axis, or how a unit is written, may be what cannot be understood
            alone = _wcs(_with_units(header, sky), [axis + 1 for axis in sky])
            celestial = None if alone is None else celestial_of(alone, _middle(shape, sky))
            if celestial is not None:
                return _completed(header, shape, sky, celestial, wcs)
            found = None if otherwise is None else otherwise()
            if found is not None:
                return found
            logger.warning("The celestial coordinates of the header are not understood: pixels are shown.")
        at = (wcs.wcs.lng, wcs.wcs.lat) if celestial is not None and wcs is not None else None
        return _completed(header, shape, at, celestial, wcs)


def _middle(shape: tuple[int, ...], axes: tuple[int, int]) -> tuple[float, float] | None:
    if not 0 <= min(axes) <= max(axes) < len(shape):
        return None
    return (shape[axes[0]] - 1) / 2, (shape[axes[1]] - 1) / 2


def plain_axes(shape: tuple[int, ...]) -> Axes:
    """Take the axes of an image without coordinates in their order: x, y, channel, Stokes parameter.

    Parameters
    ----------
    shape : tuple of int
        Lengths of its axes, fastest first.

    Returns
    -------
    Axes
        The axes.
    """
    x, y = _plain_pair(shape, -1)
    stokes, channel = _others(shape, x, y, -1, -1)
    return Axes(x, y, channel, stokes, None, None, _numbered(shape, stokes))


def _wcs(header: Header, axes: list[int] | None = None) -> WCS | None:
    from astropy.wcs import WCS  # noqa: PLC0415  slow to import

    try:
        wcs = WCS(header, naxis=axes)
        wcs.wcs.set()
    except header_errors() as error:
        logger.info("astropy has no coordinates for this header: %s", error)
        return None
    return wcs


def _with_units(header: Header, sky: tuple[int, int]) -> Header:
    """Write units of the celestial axes as the standard does; it says degrees where there is none."""
    found = header.copy()
    for axis in sky:
        unit = str(header.get(f"CUNIT{axis + 1}", "")).strip().lower()
        found[f"CUNIT{axis + 1}"] = unit if unit in ("arcmin", "arcsec", "rad", "mas") else "deg"
    return found


def _sky_axes(header: Header) -> tuple[int, int] | None:
    """Find the axes that the header calls celestial, counted from 0: longitude and latitude."""
    found: dict[str, int] = {}
    for axis in range(8):
        kind = str(header.get(f"CTYPE{axis + 1}", "")).upper()
        if kind.startswith(("RA", "GLON")):
            found.setdefault("lon", axis)
        elif kind.startswith(("DEC", "GLAT")):
            found.setdefault("lat", axis)
    return (found["lon"], found["lat"]) if len(found) == 2 else None


def _completed(
    header: Header,
    shape: tuple[int, ...],
    sky: tuple[int, int] | None,
    celestial: Celestial | None,
    wcs: WCS | None,
) -> Axes:
    """Say what the axes are, knowing where the sky is."""
    types = [str(header.get(f"CTYPE{axis + 1}", "")).strip().upper() for axis in range(len(shape))]
    if wcs is None:
        spectral_axis = next((axis for axis, kind in enumerate(types) if kind[:4] in SPECTRAL), -1)
        wcs = _wcs(header, [spectral_axis + 1]) if spectral_axis >= 0 else None
    else:
        spectral_axis = wcs.wcs.spec
    stokes = next((axis for axis, kind in enumerate(types) if kind.startswith("STOKES")), -1)
    if sky is None or max(sky) >= len(shape):  # a header of more axes than the image has
        sky, celestial = _plain_pair(shape, stokes), None
    x, y = sky
    named = stokes
    stokes, channel = _others(shape, x, y, stokes, spectral_axis)
    spectral = _spectral(wcs, shape[channel]) if wcs is not None and channel == spectral_axis >= 0 else None
    names = _stokes_names(header, stokes, shape[stokes]) if stokes == named >= 0 else _numbered(shape, stokes)
    return Axes(x, y, channel, stokes, celestial, spectral, names)


def _plain_pair(shape: tuple[int, ...], stokes: int) -> tuple[int, int]:
    """Choose the axes of a plane where there is no sky: the first two that have more than one pixel."""
    long = [axis for axis, size in enumerate(shape) if size > 1 and axis != stokes]
    rest = [axis for axis in range(len(shape)) if axis not in long]
    chosen = sorted((long + rest)[:2])
    return chosen[0], chosen[1]


def _others(shape: tuple[int, ...], x: int, y: int, stokes: int, spectral: int) -> tuple[int, int]:
    """Say which axes are Stokes parameters and channels; others of more than one pixel take the place that is free."""
    if stokes in (x, y):
        stokes = -1
    channel = spectral if 0 <= spectral < len(shape) and spectral not in (x, y) else -1
    if len(shape) == 4 and (x, y) == (0, 1) and stokes == channel == -1:
        return 3, 2
    for axis, size in enumerate(shape):
        if size > 1 and axis not in (x, y, stokes, channel):
            if channel < 0 or shape[channel] == 1:
                channel = axis
            elif stokes < 0 or shape[stokes] == 1:
                stokes = axis
    return stokes, channel


def _numbered(shape: tuple[int, ...], stokes: int) -> tuple[str, ...]:
    return tuple(str(k) for k in range(shape[stokes])) if stokes >= 0 and shape[stokes] > 1 else ("",)


def _stokes_names(header: Header, axis: int, size: int) -> tuple[str, ...]:
    try:
        value, step, at = (float(header.get(f"{key}{axis + 1}", 1)) for key in ("CRVAL", "CDELT", "CRPIX"))
    except (TypeError, ValueError):
        return tuple(str(k) for k in range(size))
    numbers = [round(value + step * (k + 1 - at)) for k in range(size)]
    return tuple(STOKES.get(number, str(number)) for number in numbers)


def _spectral(wcs: Any, size: int) -> Spectral | None:
    from astropy.wcs import WCSSUB_SPECTRAL  # noqa: PLC0415

    try:
        axis = wcs.sub([WCSSUB_SPECTRAL])
        values = np.asarray(axis.wcs.p2s(np.arange(size, dtype=float)[:, None], 0)["world"])[:, 0]
    except header_errors() as error:
        logger.info("No spectral coordinates: %s", error)
        return None
    kind, rest = str(axis.wcs.ctype[0])[:4].upper(), float(wcs.wcs.restfrq or 0.0)
    if rest == 0 and wcs.wcs.restwav:
        rest = LIGHT / float(wcs.wcs.restwav)
    frame = str(wcs.wcs.specsys).strip()
    if kind == "FREQ":
        return Spectral.of_frequencies(values, rest, frame=frame)
    conventions = {"VRAD": "radio", "VOPT": "optical", "FELO": "optical", "VELO": "relativistic"}
    if kind in conventions:
        return Spectral.of_velocities(values, rest, conventions[kind], frame=frame)
    if kind == "WAVE":
        return Spectral.of_frequencies(LIGHT / values, rest, frame=frame)
    return None
