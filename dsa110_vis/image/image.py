"""An image: planes of pixels, and what they are in the sky, in frequency and in Stokes parameters."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from dsa110_vis.errors import OptionError
from dsa110_vis.image.sample import sample
from dsa110_vis.image.statistics import Statistics, flux_factor, of_plane, robust_sigma

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from dsa110_vis.image.beam import Beam
    from dsa110_vis.image.celestial import Celestial
    from dsa110_vis.image.plane import Plane
    from dsa110_vis.image.spectral import Spectral

__all__ = ["Image", "Where"]


class Where(Protocol):
    """Something that knows its pixels, such as a region."""

    def mask(self, image: Image) -> npt.NDArray[np.bool_]:
        """Give them: bool ``[y, x]``."""


def _nothing() -> None:
    """Close what needs no closing."""


@dataclass
class Image:
    """An image of two to four dimensions.

    Its planes are numbered Stokes parameter by Stokes parameter and, within each, channel by channel. Pixels count from
    0, and the centre of the first is (0, 0).

    Attributes
    ----------
    name : str
        Name of the file or folder, or what an array was called.
    path : str
        Where it is; empty for an array.
    kind : str
        "FITS", "CASA image" or "array".
    nx, ny : int
        Pixels along x (longitude, where there is one) and y.
    n_channels, n_stokes : int
        How many there are; 1 where there is no such axis.
    stokes : tuple of str
        Names of the Stokes parameters, or of what that axis has; an empty one where there is no such axis.
    unit : str
        Of the pixels; empty where the file does not say.
    celestial : Celestial or None
        Where pixels are in the sky.
    spectral : Spectral or None
        What the channels are.
    axes : tuple of str
        Axes of the file in the order of its array, first one slowest: "x", "y", "channel", "stokes" or "" for one of
        length 1 that is none of these. A mask for an imager has them all.
    facts : dict
        What else is known: ``object``, ``telescope``, ``observer``, ``date``; and ``physical`` of a part that was cut
        out of an image: factor and offset along x and along y, from that image's pixels to these, counted from 1.
    """

    name: str
    path: str
    kind: str
    nx: int
    ny: int
    n_channels: int
    n_stokes: int
    stokes: tuple[str, ...]
    unit: str
    celestial: Celestial | None
    spectral: Spectral | None
    axes: tuple[str, ...]
    facts: dict[str, Any]
    _plane: Callable[[int, int], Plane] = field(repr=False)
    _beam: Callable[[int, int], Beam | None] = field(repr=False)
    _fingerprint: Callable[[], str] = field(repr=False)
    _close: Callable[[], None] = field(default=_nothing, repr=False)

    @property
    def n_planes(self) -> int:
        """How many planes there are."""
        return self.n_stokes * self.n_channels

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of a plane: (ny, nx)."""
        return self.ny, self.nx

    def plane(self, channel: int = 0, stokes: int = 0) -> Plane:
        """Give a plane.

        Parameters
        ----------
        channel, stokes : int
            Which one, counted from 0.

        Returns
        -------
        Plane
            The plane; nothing is read yet.

        Raises
        ------
        OptionError
            If there is no such plane.
        """
        for name, index, size in (("channel", channel, self.n_channels), ("Stokes parameter", stokes, self.n_stokes)):
            if not 0 <= index < size:
                message = f"{self.name} has no {name} {index}."
                raise OptionError(message, f"It has {size}, counted from 0.")
        return self._plane(channel, stokes)

    def beam(self, channel: int = 0, stokes: int = 0) -> Beam | None:
        """Give the beam of a plane.

        Parameters
        ----------
        channel, stokes : int
            Which plane.

        Returns
        -------
        Beam or None
            None where the file does not say.
        """
        return self._beam(channel, stokes)

    def value(self, x: int, y: int, channel: int = 0, stokes: int = 0) -> float:
        """Give the value of a pixel.

        Parameters
        ----------
        x, y : int
            The pixel.
        channel, stokes : int
            Which plane.

        Returns
        -------
        float
            Its value; NaN where it is blank.

        Raises
        ------
        OptionError
            If the pixel is outside the image.
        """
        if not (0 <= x < self.nx and 0 <= y < self.ny):
            message = f"{self.name} has no pixel ({x}, {y})."
            raise OptionError(message, f"It has {self.nx} by {self.ny}, counted from 0.")
        return float(self.plane(channel, stokes).read(x, x + 1, y, y + 1)[0, 0])

    def statistics(
        self,
        where: npt.NDArray[np.bool_] | Where | None = None,
        channel: int = 0,
        stokes: int = 0,
        *,
        sigma: float | None = None,
    ) -> Statistics:
        """Work out statistics of pixels of a plane.

        Parameters
        ----------
        where : ndarray of bool, shape (ny, nx), or region, optional
            Which pixels; all by default.
        channel, stokes : int
            Which plane.
        sigma : float, optional
            Noise of the plane, for the error of the flux density; its robust standard deviation by default.

        Returns
        -------
        Statistics
            The statistics.

        Raises
        ------
        OptionError
            If `where` has another shape than the plane.
        """
        plane = self.plane(channel, stokes)
        inside = where if where is None or isinstance(where, np.ndarray) else where.mask(self)
        if inside is not None and inside.dtype != np.bool_:
            message = f"A mask of {inside.dtype} says not which pixels are meant."
            raise OptionError(message, "It must be of bool.")
        x0, x1, y0, y1 = 0, self.nx, 0, self.ny
        if inside is not None:
            if inside.shape != self.shape:
                message = f"A mask of {inside.shape[::-1]} pixels does not fit {self.name}."
                raise OptionError(message, f"It must have {self.nx} by {self.ny}.")
            rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
            if rows.size:
                x0, x1, y0, y1 = int(columns[0]), int(columns[-1]) + 1, int(rows[0]), int(rows[-1]) + 1
            else:
                x1 = y1 = 1
            inside = inside[y0:y1, x0:x1]
        found = of_plane(plane, inside, (x0, x1, y0, y1))
        return self._completed(found, channel, stokes, sigma)

    def _completed(self, found: Statistics, channel: int, stokes: int, sigma: float | None) -> Statistics:
        more: dict[str, Any] = {"unit": self.unit}
        if self.celestial is not None and found.npix:
            lon, lat = self.celestial.to_world(found.peak_x, found.peak_y)
            more |= {"peak_lon": float(lon), "peak_lat": float(lat)}
        beam = self.beam(channel, stokes)
        area = None if beam is None or self.celestial is None else beam.area_pixels(self.celestial)
        factor = flux_factor(self.unit, area)
        if factor is not None and found.npix:
            if sigma is None:
                sigma = robust_sigma(sample(self.plane(channel, stokes)))
            independent = max(found.npix / area, 1.0) if area else float(found.npix)
            more |= {
                "flux": found.sum * factor[0],
                "flux_error": sigma * float(np.sqrt(independent)),
                "flux_unit": factor[1],
            }
        return dataclasses.replace(found, **more)

    def describe(self) -> dict[str, Any]:
        """Say what is known of the image.

        Returns
        -------
        dict
            Plain data.
        """
        sky, spectral, beam = self.celestial, self.spectral, self.beam()
        return {
            "name": self.name,
            "path": self.path,
            "kind": self.kind,
            "nx": self.nx,
            "ny": self.ny,
            "n_channels": self.n_channels,
            "n_stokes": self.n_stokes,
            "stokes": list(self.stokes),
            "unit": self.unit,
            "frame": None if sky is None else sky.frame,
            "projection": None if sky is None else sky.projection,
            "equinox": None if sky is None else sky.equinox,
            "beam": None if beam is None else dataclasses.asdict(beam),
            "rest_frequency": None if spectral is None or not spectral.rest_frequency else spectral.rest_frequency,
            "spectral_frame": None if spectral is None else spectral.frame,
            **self.facts,
        }

    def fingerprint(self) -> str:
        """Identify the content as it is now.

        Returns
        -------
        str
            Changes when the file changes.
        """
        return self._fingerprint()

    def close(self) -> None:
        """Let go of the file."""
        self._close()
