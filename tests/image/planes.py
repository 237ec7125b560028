"""Planes and coordinates for the tests of tiles, contours, grids and matching."""

from __future__ import annotations

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

from dsa110_vis.image.coordinates import celestial_of
from dsa110_vis.image.plane import ArrayPlane


def plane(values, key="test"):
    """A plane as a FITS file holds it."""
    return ArrayPlane(np.asarray(values).astype(">f4"), key)


class Counting:
    """A plane that counts the pixels that are read of it."""

    def __init__(self, values, key="test"):
        self._plane = plane(values, key)
        self.shape, self.key, self.pixels = self._plane.shape, key, 0

    def read(self, x0, x1, y0, y1):
        self.pixels += (x1 - x0) * (y1 - y0)
        return self._plane.read(x0, x1, y0, y1)


def sky(*, ra=180.0, dec=37.0, scale=3.0, size=1000, projection="SIN", turn=0.0, kind="RA", frame="ICRS", middle=None):
    """Coordinates with north up (or turned counter-clockwise) and a pixel of so many arcsec."""
    names = (f"{kind}---"[:5], "DEC--") if kind == "RA" else ("GLON-", "GLAT-")
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    at = (size + 1) / 2 if middle is None else middle + 1
    header = fits.Header({
        "CTYPE1": names[0] + projection, "CRVAL1": ra, "CDELT1": -scale / 3600, "CRPIX1": at, "CUNIT1": "deg",
        "CTYPE2": names[1] + projection, "CRVAL2": dec, "CDELT2": scale / 3600, "CRPIX2": (size + 1) / 2,
        "CUNIT2": "deg", "PC1_1": cos, "PC1_2": -sin, "PC2_1": sin, "PC2_2": cos,
    })  # fmt: skip
    if kind == "RA":
        header["RADESYS"] = frame
    return celestial_of(WCS(header))
