"""The restoring beam of an image."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dsa110_vis.image.celestial import Celestial

__all__ = ["Beam"]


@dataclass(frozen=True)
class Beam:
    """An elliptical Gaussian.

    Attributes
    ----------
    major_deg, minor_deg : float
        Full widths at half maximum in degrees.
    pa_deg : float
        Position angle of the major axis in degrees, from north through east.
    """

    major_deg: float
    minor_deg: float
    pa_deg: float

    @property
    def area_deg2(self) -> float:
        """Its integral in square degrees: pi a b / (4 ln 2), with the peak 1."""
        return math.pi * self.major_deg * self.minor_deg / (4 * math.log(2))

    def area_pixels(self, celestial: Celestial) -> float:
        """Give its integral.

        Parameters
        ----------
        celestial : Celestial
            The image's coordinates.

        Returns
        -------
        float
            In pixels of the size of the reference pixel.
        """
        return self.area_deg2 / celestial.pixel_area()

    def ellipse(self, celestial: Celestial, x: float, y: float) -> tuple[float, float, float]:
        """Give its half-maximum ellipse on the image.

        Parameters
        ----------
        celestial : Celestial
            The image's coordinates.
        x, y : float
            Where on the image.

        Returns
        -------
        a, b : float
            Semi-axes in pixels.
        angle : float
            Direction of the axis `a` in degrees counter-clockwise from +x.
        """
        pa = math.radians(self.pa_deg)
        # columns: the semi-axes as east and north
        axes = 0.5 * np.array([
            [self.major_deg * math.sin(pa), self.minor_deg * math.cos(pa)],
            [self.major_deg * math.cos(pa), -self.minor_deg * math.sin(pa)],
        ])  # fmt: skip
        there = celestial.jacobian(x, y)
        if not np.isfinite(there).all():  # no sky: as at the reference pixel
            there = celestial.plate
        vectors, sizes, _ = np.linalg.svd(np.linalg.solve(there, axes))
        return float(sizes[0]), float(sizes[1]), float(np.degrees(np.arctan2(vectors[1, 0], vectors[0, 0])) % 180.0)
