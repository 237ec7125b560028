"""From casacore's record of coordinates to the axes of an image."""

from __future__ import annotations

import logging
import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.image.beam import Beam
from dsa110_vis.image.coordinates import Axes, celestial_of, plain_axes
from dsa110_vis.image.spectral import Spectral

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsa110_vis.image.celestial import Celestial

__all__ = ["axes_of_record", "beam_of_record"]

logger = logging.getLogger(__name__)

SYSTEMS = {"J2000": ("FK5", 2000.0), "B1950": ("FK4", 1950.0), "B1950_VLA": ("FK4", 1950.0), "ICRS": ("ICRS", None),
           "FK5": ("FK5", 2000.0), "FK4": ("FK4", 1950.0), "GALACTIC": ("", None)}  # fmt: skip
"""RADESYS and equinox by casacore's names of reference systems."""
DEGREES = {"deg": 1.0, "'": 1 / 60, "arcmin": 1 / 60, '"': 1 / 3600, "arcsec": 1 / 3600, "rad": 180 / math.pi,
           "mas": 1 / 3.6e6, "h": 15.0}  # fmt: skip
HERTZ = {"Hz": 1.0, "kHz": 1e3, "MHz": 1e6, "GHz": 1e9}
CONVENTIONS = {0: "radio", 1: "optical", 3: "relativistic"}
"""By casacore's numbers of Doppler types."""
VELOCITY_TYPES = {1: "radio", 2: "optical"}
"""Of axes that were velocities in the file from which the image was made, by casacore's numbers."""


def axes_of_record(record: Mapping[str, Any], shape: tuple[int, ...]) -> Axes:
    """Find the axes of an image.

    Parameters
    ----------
    record : mapping
        casacore's coordinate system as a record.
    shape : tuple of int
        Lengths of the axes, fastest first.

    Returns
    -------
    Axes
        The axes; without coordinates where they are of a kind that is not known here.
    """
    sky, spectral, stokes = (_part(record, kind) for kind in ("direction", "spectral", "stokes"))
    plain = plain_axes(shape)
    celestial = None
    if sky is not None and len(sky[1]) == 2 and max(sky[1]) < len(shape):
        celestial = _celestial(sky[0], ((shape[sky[1][0]] - 1) / 2, (shape[sky[1][1]] - 1) / 2))
    x, y = (plain.x, plain.y) if celestial is None or sky is None else sky[1]
    channel = spectral[1][0] if spectral is not None and spectral[1][0] not in (x, y) else -1
    stokes_axis = stokes[1][0] if stokes is not None and stokes[1][0] not in (x, y) else -1
    for axis, size in enumerate(shape):
        if size > 1 and axis not in (x, y, channel, stokes_axis):
            if channel < 0:
                channel = axis
            elif stokes_axis < 0:
                stokes_axis = axis
    names: tuple[str, ...] = ("",)
    if stokes_axis >= 0:
        n_stokes = shape[stokes_axis]
        if stokes is not None and stokes[1][0] == stokes_axis:
            names = tuple(str(name) for name in stokes[0].get("stokes", ()))
        if len(names) != n_stokes:
            names = tuple(str(number) for number in range(n_stokes)) if n_stokes > 1 else ("",)
    known = None
    if spectral is not None and channel == spectral[1][0]:
        known = _spectral(spectral[0], shape[channel])
    return Axes(x, y, channel, stokes_axis, celestial, known, names)


def beam_of_record(record: Any, channel: int, stokes: int) -> Beam | None:
    """Find the beam of a plane.

    Parameters
    ----------
    record : mapping
        casacore's facts about an image.
    channel, stokes : int
        Which plane.

    Returns
    -------
    Beam or None
        None where there is none.
    """
    found = record.get("restoringbeam")
    many = record.get("perplanebeams")
    if many:  # channel by channel for the first Stokes parameter, then for the next; one serves all where there is one
        n_channels, n_stokes = int(many.get("nChannels", 1)), int(many.get("nStokes", 1))
        at = min(stokes, n_stokes - 1) * n_channels + min(channel, n_channels - 1)
        found = many.get(f"*{at}", found)
    if not found or "major" not in found:
        return None
    sizes = [_degrees(found[name]) for name in ("major", "minor", "positionangle")]
    return Beam(*sizes) if sizes[0] > 0 and sizes[1] > 0 and math.isfinite(sizes[2]) else None


def _part(record: Mapping[str, Any], kind: str) -> tuple[dict[str, Any], tuple[int, ...]] | None:
    """Give a coordinate of a kind, and the pixel axes that it describes, fastest first; None if one was taken away."""
    for number in range(16):
        part = record.get(f"{kind}{number}")
        if part is not None:
            axes = tuple(int(axis) for axis in np.atleast_1d(record.get(f"pixelmap{number}", [])))
            return (part, axes) if axes and min(axes) >= 0 else None
    return None


def _degrees(quantity: Mapping[str, Any]) -> float:
    return float(quantity["value"]) * DEGREES.get(str(quantity.get("unit", "deg")), float("nan"))


def _celestial(record: Mapping[str, Any], middle: tuple[float, float]) -> Celestial | None:
    """Make astropy's coordinates of casacore's."""
    from astropy.wcs import WCS  # noqa: PLC0415  slow to import

    system = str(record["system"]).upper()
    factors = [DEGREES.get(str(unit)) for unit in record["units"]]
    if system not in SYSTEMS or None in factors:
        logger.warning("Coordinates in %s, %s are not known here: pixels are shown.", system, record["units"])
        return None
    kind = str(record["projection"])
    values, steps = (
        [float(value) * factor for value, factor in zip(record[name], factors, strict=True) if factor is not None]
        for name in ("crval", "cdelt")
    )
    parameters = [float(value) for value in np.atleast_1d(record.get("projection_parameters", []))]
    wcs = WCS(naxis=2)
    names = ("GLON-", "GLAT-") if system == "GALACTIC" else ("RA---", "DEC--")
    wcs.wcs.ctype = [f"{name}{kind}" for name in names]
    wcs.wcs.crval, wcs.wcs.cdelt = values, steps
    wcs.wcs.crpix = [float(value) + 1 for value in record["crpix"]]
    wcs.wcs.pc = np.asarray(record["pc"], dtype=float)
    wcs.wcs.cunit = ["deg", "deg"]
    if any(parameters):
        wcs.wcs.set_pv([(2, k, value) for k, value in enumerate(parameters, start=0 if kind == "ZPN" else 1)])
    for key, attribute in (("longpole", "lonpole"), ("latpole", "latpole")):
        value = float(record.get(key, 999.0))
        if abs(value) <= 360.0:  # 999 says that it is not set
            setattr(wcs.wcs, attribute, value)
    wcs.wcs.radesys, equinox = SYSTEMS[system]
    if equinox is not None:
        wcs.wcs.equinox = equinox
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            wcs.wcs.set()
        except ValueError as error:  # wcslib's are of this kind
            logger.warning("Coordinates that wcslib does not take, so that pixels are shown: %s", error)
            return None
        return celestial_of(wcs, middle)


def _spectral(record: Mapping[str, Any], size: int) -> Spectral | None:
    factor = HERTZ.get(str(record.get("unit", "Hz")))
    wcs, table = record.get("wcs"), record.get("tabular")
    pixels = np.arange(size, dtype=float)
    if factor is None:
        return None
    if table:
        at, values = np.asarray(table["pixelvalues"], dtype=float), np.asarray(table["worldvalues"], dtype=float)
        found = np.interp(pixels, at, values)
    elif wcs:
        found = float(wcs["crval"]) + float(wcs["cdelt"]) * float(wcs.get("pc", 1.0)) * (pixels - float(wcs["crpix"]))
    else:
        return None
    native, doppler = int(record.get("nativeType", 0)), int(record.get("velType", 0))
    frame = str(record.get("system", ""))
    return Spectral.of_frequencies(
        found * factor,
        float(record.get("restfreq", 0.0) or 0.0),
        VELOCITY_TYPES.get(native, CONVENTIONS.get(doppler, "radio")),
        shows_velocity=native in VELOCITY_TYPES,
        frame="" if frame == "Undefined" else frame,
    )
