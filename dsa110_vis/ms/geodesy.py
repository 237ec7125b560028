"""ITRF positions to longitude, latitude, height and to east, north, up on the WGS84 ellipsoid."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["enu", "geodetic"]

SEMI_MAJOR_AXIS = 6_378_137.0
FLATTENING = 1 / 298.257_223_563
ECCENTRICITY2 = FLATTENING * (2 - FLATTENING)


def geodetic(position: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """Convert a geocentric position.

    Parameters
    ----------
    position : ndarray of float64, shape (3,)
        ITRF in metres.

    Returns
    -------
    longitude, latitude : float
        Geodetic, in degrees.
    height : float
        Above the ellipsoid, in metres.
    """
    x, y, z = (float(value) for value in position)
    distance = math.hypot(x, y)
    latitude = math.atan2(z, distance * (1 - ECCENTRICITY2))
    # Each step gains some three digits near the ground.
    for _ in range(20):
        normal = SEMI_MAJOR_AXIS / math.sqrt(1 - ECCENTRICITY2 * math.sin(latitude) ** 2)
        better = math.atan2(z + ECCENTRICITY2 * normal * math.sin(latitude), distance)
        done = abs(better - latitude) < 1e-15
        latitude = better
        if done:
            break
    sine, cosine = math.sin(latitude), math.cos(latitude)
    height = distance * cosine + z * sine - SEMI_MAJOR_AXIS * math.sqrt(1 - ECCENTRICITY2 * sine**2)
    return math.degrees(math.atan2(y, x)), math.degrees(latitude), height


def enu(positions: npt.NDArray[np.float64], centre: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Express positions in metres east, north and up of a centre.

    Parameters
    ----------
    positions : ndarray of float64, shape (n, 3)
        ITRF in metres.
    centre : ndarray of float64, shape (3,)
        ITRF in metres; north and up are those of the ellipsoid there.

    Returns
    -------
    ndarray of float64, shape (n, 3)
        East, north, up in metres.
    """
    longitude, latitude, _ = geodetic(centre)
    sin_lon, cos_lon = math.sin(math.radians(longitude)), math.cos(math.radians(longitude))
    sin_lat, cos_lat = math.sin(math.radians(latitude)), math.cos(math.radians(latitude))
    rotation = np.array(
        [
            [-sin_lon, cos_lon, 0.0],
            [-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat],
            [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat],
        ]
    )
    local: npt.NDArray[np.float64] = (positions - centre) @ rotation.T
    return local
