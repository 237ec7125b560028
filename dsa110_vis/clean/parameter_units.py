"""Numbers with units, as tclean takes them: angles and flux densities."""

from __future__ import annotations

import math
import re

__all__ = ["ANGLES", "FLUXES", "to_arcsec", "to_jansky"]

ANGLES = {
    "arcsec": 1.0,
    '"': 1.0,
    "arcmin": 60.0,
    "'": 60.0,
    "deg": 3600.0,
    "rad": math.degrees(1) * 3600,
    "mas": 1e-3,
    "marcsec": 1e-3,
    "uas": 1e-6,
    "uarcsec": 1e-6,
}
"""Arcseconds in each unit of angle."""

FLUXES = {"Jy": 1.0, "mJy": 1e-3, "uJy": 1e-6, "nJy": 1e-9, "kJy": 1e3, "MJy": 1e6}
"""Janskys in each unit of flux density."""

_QUANTITY = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(\S*)\s*", re.ASCII)


def to_arcsec(value: str | float) -> float | None:
    """Read an angle.

    Parameters
    ----------
    value : str or float
        A number with a unit of `ANGLES`; a bare number is in arcseconds.

    Returns
    -------
    float or None
        Arcseconds; None if it is no angle.
    """
    return _read(value, ANGLES)


def to_jansky(value: str | float) -> float | None:
    """Read a flux density.

    Parameters
    ----------
    value : str or float
        A number with a unit of `FLUXES`, with or without ``/beam``; a bare number is in Jy.

    Returns
    -------
    float or None
        Jy; None if it is no flux density.
    """
    return _read(value.removesuffix("/beam") if isinstance(value, str) else value, FLUXES)


def _read(value: str | float, units: dict[str, float]) -> float | None:
    if not isinstance(value, str):
        return float(value) if math.isfinite(value) else None
    found = _QUANTITY.fullmatch(value)
    if found is None or (found[2] and found[2] not in units):
        return None
    number = float(found[1]) * units.get(found[2], 1.0)
    return number if math.isfinite(number) else None
