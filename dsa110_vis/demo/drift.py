"""The geometry of a drift scan: what is on the meridian when, and how the baselines look from there.

The earth turns as in the IAU 2006/2000A models, with one fixed value of UT1-UTC and no polar motion: both change the
directions by less than an arcsecond, and fixed values give the same tile whatever earth-orientation data are installed.
Aberration is left out, as in a geometric simulation, so that the phases agree exactly with the UVW coordinates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import erfa  # type: ignore[import-untyped]
import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["antenna_uvw", "earth_rotation", "meridian_ra", "transit"]

MJD_ZERO = 2400000.5
TT_MINUS_UTC = 37.0 + 32.184
UT1_MINUS_UTC = 0.07
SIDEREAL_RATE = 1.00273790935


def earth_rotation(mjd: float) -> npt.NDArray[np.float64]:
    """Give the rotation from celestial (ICRS) to terrestrial (ITRF) axes.

    Parameters
    ----------
    mjd : float
        UTC, days; from 2017 until the next leap second.

    Returns
    -------
    numpy.ndarray
        (3, 3); its transpose goes from terrestrial to celestial.
    """
    day = 86400.0
    rotation = erfa.c2t06a(MJD_ZERO, mjd + TT_MINUS_UTC / day, MJD_ZERO, mjd + UT1_MINUS_UTC / day, 0.0, 0.0)
    return np.asarray(rotation, dtype=np.float64)


def meridian_ra(mjd: float, declination: float, longitude: float) -> float:
    """Find the right ascension that is on the meridian, at a declination: the sidereal time, in ICRS.

    Parameters
    ----------
    mjd : float
        UTC, days.
    declination : float
        ICRS, radians.
    longitude : float
        Of the place, east, radians.

    Returns
    -------
    float
        ICRS, radians, in [0, 2 pi).
    """
    rotation = earth_rotation(mjd)
    ra = 0.0
    for _ in range(8):  # precession couples the two coordinates weakly: each pass gains four digits
        x, y, _z = rotation @ np.asarray(erfa.s2c(ra, declination))
        ra += _wrapped(longitude - float(np.arctan2(y, x)))
    return ra % (2 * np.pi)


def transit(mjd: float, ra: float, declination: float, longitude: float) -> float:
    """Find when a direction is on the meridian.

    Parameters
    ----------
    mjd : float
        UTC, days; the search starts here.
    ra, declination : float
        ICRS, radians.
    longitude : float
        Of the place, east, radians.

    Returns
    -------
    float
        UTC, days: the transit nearest to the start.
    """
    for _ in range(6):
        mjd += _wrapped(ra - meridian_ra(mjd, declination, longitude)) / (2 * np.pi * SIDEREAL_RATE)
    return mjd


def antenna_uvw(
    positions: npt.NDArray[np.float64], mjd: float, ra: float, declination: float
) -> npt.NDArray[np.float64]:
    """Turn antenna positions to where they are as seen from a direction.

    Parameters
    ----------
    positions : numpy.ndarray
        ITRF, metres, (n, 3).
    mjd : float
        UTC, days.
    ra, declination : float
        The direction, ICRS, radians.

    Returns
    -------
    numpy.ndarray
        Metres east, north and towards the direction, (n, 3). The UVW of a baseline in a Measurement Set is that of its
        first antenna minus that of its second.
    """
    celestial = (positions - positions.mean(axis=0)) @ earth_rotation(mjd)
    east = np.array([-np.sin(ra), np.cos(ra), 0.0])
    towards = np.asarray(erfa.s2c(ra, declination))
    return np.stack([celestial @ east, celestial @ np.cross(towards, east), celestial @ towards], axis=1)


def _wrapped(angle: float) -> float:
    """Bring an angle into (-pi, pi]."""
    return float(np.angle(np.exp(1j * angle)))
