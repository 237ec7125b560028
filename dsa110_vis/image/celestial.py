"""Where the pixels of a plane are in the sky."""

from __future__ import annotations

import functools
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import OptionError

if TYPE_CHECKING:
    import numpy.typing as npt
    from astropy.io.fits import Header
    from astropy.wcs import WCS

    Float = npt.NDArray[np.float64]

__all__ = ["FRAMES", "Celestial"]

FRAMES = ("icrs", "fk5", "fk4", "galactic")
"""Celestial frames: FK5 is of J2000 and FK4 of B1950 unless the image's own equinox is another."""
MOST_REPEATS = 50


class Celestial:
    """The celestial coordinates of a plane; pixels count from 0, at their centres.

    Parameters
    ----------
    wcs : astropy.wcs.WCS
        Two axes, longitude first.
    frame : str
        One of `FRAMES`.
    equinox : float, optional
        Of FK4 and FK5, in years.
    aberration : bool
        Whether positions of FK4 have its elliptic terms of aberration, as catalogues of that time do.
    middle : (float, float), optional
        The middle of the image, in pixels, where its rotation is told; the reference pixel by default.
    """

    def __init__(
        self,
        wcs: WCS,
        frame: str,
        equinox: float | None = None,
        *,
        aberration: bool = True,
        middle: tuple[float, float] | None = None,
    ) -> None:
        self._wcs, self.frame, self.equinox, self._aberration = wcs, frame, equinox, aberration
        self._middle = middle or (float(wcs.wcs.crpix[0] - 1), float(wcs.wcs.crpix[1] - 1))
        self.projection = str(wcs.wcs.ctype[0])[5:8].upper()
        self._distorted = any(part is not None for part in (wcs.sip, wcs.cpdis1, wcs.cpdis2, wcs.det2im1, wcs.det2im2))

    # -- conversion -------------------------------------------------------------------------------------------------

    def to_world(self, x: npt.ArrayLike, y: npt.ArrayLike, frame: str | None = None) -> tuple[Float, Float]:
        """Convert pixels to longitudes and latitudes.

        Parameters
        ----------
        x, y : array_like of float
            Pixels, counted from 0 at the centre of the first.
        frame : str, optional
            One of `FRAMES`; the image's own by default.

        Returns
        -------
        longitude, latitude : ndarray of float64
            Degrees, longitudes from 0 to 360; NaN where there is no sky.

        Raises
        ------
        OptionError
            If there is no such frame.
        """
        px, py = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
        pixels = np.column_stack((px.ravel(), py.ravel()))
        world = self._p2s(pixels)
        lon, lat = world[:, 0].reshape(px.shape), world[:, 1].reshape(px.shape)
        lon, lat = self._converted(lon, lat, self.frame, self._checked(frame))
        lon = np.mod(lon, 360.0)
        return np.where(lon >= 360.0, 0.0, lon), lat  # a tiny negative number has 360 as its remainder

    def to_pixel(
        self, longitude: npt.ArrayLike, latitude: npt.ArrayLike, frame: str | None = None
    ) -> tuple[Float, Float]:
        """Convert longitudes and latitudes to pixels.

        Parameters
        ----------
        longitude, latitude : array_like of float
            Degrees.
        frame : str, optional
            One of `FRAMES`; the image's own by default.

        Returns
        -------
        x, y : ndarray of float64
            Pixels, counted from 0 at the centre of the first; NaN where the projection does not reach.

        Raises
        ------
        OptionError
            If there is no such frame.
        """
        lon, lat = np.broadcast_arrays(np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64))
        lon, lat = self._converted(lon, lat, self._checked(frame), self.frame)
        pixels = self._s2p(np.column_stack((lon.ravel(), lat.ravel())))
        return pixels[:, 0].reshape(lon.shape), pixels[:, 1].reshape(lon.shape)

    def _p2s(self, pixels: Float) -> Float:
        if pixels.size == 0:
            return np.empty((0, 2))
        good = _finite(pixels)
        plain = np.where(good[:, None], pixels, 0.0)
        found = self._wcs.wcs.p2s(self._undistorted(plain), 0)
        world = np.array(found["world"], dtype=np.float64)
        world[(np.asarray(found["stat"]) != 0) | ~good] = np.nan
        return world

    def _s2p(self, world: Float) -> Float:
        if world.size == 0:
            return np.empty((0, 2))
        good = _finite(world)
        found = self._wcs.wcs.s2p(np.where(good[:, None], world, 0.0), 0)
        pixels = np.array(found["pixcrd"], dtype=np.float64)
        pixels[(np.asarray(found["stat"]) != 0) | ~good] = np.nan
        return self._distort(pixels) if self._distorted else pixels

    def _undistorted(self, pixels: Float) -> Float:
        return np.asarray(self._wcs.pix2foc(pixels, 0)) if self._distorted else pixels

    def _distort(self, target: Float) -> Float:
        """Find pixels that are undistorted to others: the distortion is small, so that repeating it converges."""
        good = _finite(target)
        pixels = np.where(good[:, None], target, 0.0)
        goal = pixels.copy()
        for _ in range(MOST_REPEATS):
            step = goal - self._undistorted(pixels)
            pixels += step
            if not step.size or np.abs(step).max() < 1e-9:
                break
        pixels[~good | (np.abs(step) > 1e-6).any(axis=1)] = np.nan
        return pixels

    def _checked(self, frame: str | None) -> str:
        if frame is None:
            return self.frame
        if frame not in FRAMES:
            message = f"There is no frame {frame!r}."
            raise OptionError(message, f"Allowed: {', '.join(FRAMES)}.")
        return frame

    def _converted(self, lon: Float, lat: Float, source: str, target: str) -> tuple[Float, Float]:
        if source == target:
            return lon, lat
        rotation, steady = _rotation(source, self._equinox_of(source), target, self._equinox_of(target))
        if not steady:
            return _by_astropy(lon, lat, self._frame_of(source), self._frame_of(target))
        a, d = np.radians(lon), np.radians(lat)
        vector = np.stack((np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)))
        u, v, w = np.tensordot(rotation, vector, axes=1)
        return np.mod(np.degrees(np.arctan2(v, u)), 360.0), np.degrees(np.arctan2(w, np.hypot(u, v)))

    def _equinox_of(self, frame: str) -> float:
        own = self.equinox if frame == self.frame else None
        return {"fk5": own or 2000.0, "fk4": own or 1950.0}.get(frame, 2000.0)

    def _frame_of(self, frame: str) -> Any:
        pure = frame == self.frame == "fk4" and not self._aberration
        return _frame("fk4-no-e" if pure else frame, self._equinox_of(frame))

    # -- the pixels' geometry ---------------------------------------------------------------------------------------

    def _tangents(self, x: npt.ArrayLike, y: npt.ArrayLike, frame: str | None = None) -> tuple[Float, Float]:
        """Give how far east and north (degrees on the sky) a step of one pixel along x and along y leads."""
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        lon, lat = self.to_world(np.stack((x, x - 0.5, x + 0.5, x, x)), np.stack((y, y, y, y - 0.5, y + 0.5)), frame)
        a, d = np.radians(lon), np.radians(lat)
        vector = np.stack((np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)))
        steps = np.degrees(vector[:, [2, 4]] - vector[:, [1, 3]])
        # as vectors, because at a pole longitudes say nothing
        east = np.stack((-np.sin(a[0]), np.cos(a[0]), np.zeros_like(a[0])))
        north = np.stack((-np.sin(d[0]) * np.cos(a[0]), -np.sin(d[0]) * np.sin(a[0]), np.cos(d[0])))
        return np.asarray((east[:, None] * steps).sum(axis=0)), np.asarray((north[:, None] * steps).sum(axis=0))

    def north_angle(self, x: float, y: float, frame: str | None = None) -> float:
        """Give the direction of north at a pixel.

        Parameters
        ----------
        x, y : float
            The pixel.
        frame : str, optional
            Whose north; the image's own frame by default.

        Returns
        -------
        float
            Degrees counter-clockwise from +x; 90 on an image with north up; NaN where there is no sky.
        """
        east, north = self._tangents(x, y, frame)
        # the step (sx, sy) in pixels that leads north and not east
        step = np.linalg.solve(np.array([east, north]), np.array([0.0, 1.0]))
        return float(np.degrees(np.arctan2(step[1], step[0])))

    def jacobian(self, x: npt.ArrayLike, y: npt.ArrayLike, frame: str | None = None) -> Float:
        """Give how pixels turn into the sky near a pixel.

        Parameters
        ----------
        x, y : array_like of float
            The pixel, or several.
        frame : str, optional
            Whose east and north; the image's own frame by default.

        Returns
        -------
        ndarray of float64, shape (2, 2) or (2, 2, n)
            Rows: east and north in degrees on the sky; columns: a step of one pixel along x and along y. NaN where
            there is no sky.
        """
        return np.array(self._tangents(x, y, frame))

    @property
    def plate(self) -> Float:
        """The same at the reference pixel of an image with east and north along its own axes: what the header says."""
        return np.asarray(self._wcs.pixel_scale_matrix, dtype=np.float64)

    def pixel_scale(self, x: float, y: float) -> tuple[float, float]:
        """Give the size of a pixel.

        Parameters
        ----------
        x, y : float
            The pixel.

        Returns
        -------
        along_x, along_y : float
            Degrees on the sky.
        """
        east, north = self._tangents(x, y)
        along = np.hypot(east, north)
        return float(along[0]), float(along[1])

    def pixel_area(self) -> float:
        """Give the area of the reference pixel.

        Returns
        -------
        float
            Square degrees.
        """
        return float(abs(np.linalg.det(self.plate)))

    @property
    def rotation(self) -> float:
        """By how much the image is turned in its middle, in degrees counter-clockwise; 0 with north up."""
        angle = self.north_angle(*self._middle)
        if not np.isfinite(angle):
            up = np.linalg.inv(self.plate)[:, 1]
            angle = float(np.degrees(np.arctan2(up[1], up[0])))
        return float(np.mod(angle - 90.0 + 180.0, 360.0) - 180.0) + 0.0

    @property
    def mirrored(self) -> bool:
        """Whether east is to the right of north."""
        return bool(np.linalg.det(self.plate) > 0)

    def header(self) -> Header:
        """Give the coordinates as FITS keywords.

        Returns
        -------
        astropy.io.fits.Header
            Of a two-dimensional image.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self._wcs.to_header(relax=self._distorted)

    @property
    def wcs(self) -> WCS:
        """The coordinates as astropy's; not to be changed."""
        return self._wcs

    # -- words ------------------------------------------------------------------------------------------------------

    def format(
        self, longitude: float, latitude: float, frame: str | None = None, style: str = "sexagesimal"
    ) -> tuple[str, str]:
        """Write a position, to a tenth of a pixel.

        Parameters
        ----------
        longitude, latitude : float
            Degrees.
        frame : str, optional
            In which they are; the image's own by default.
        style : str
            "sexagesimal" (hours for right ascension; degrees for galactic coordinates always) or "degrees".

        Returns
        -------
        longitude, latitude : str
            Empty where there is no sky.

        Raises
        ------
        OptionError
            If there is no such frame or style.
        """
        known = self._checked(frame)
        if style not in ("sexagesimal", "degrees"):
            message = f"There is no style {style!r}."
            raise OptionError(message, "Allowed: sexagesimal, degrees.")
        if not (np.isfinite(longitude) and np.isfinite(latitude)):
            return "", ""
        longitude, latitude = float(longitude), float(latitude)
        fine = self.pixel_area() ** 0.5 / 10 * (1 + 1e-6)
        if style == "degrees" or known == "galactic":
            places = int(np.clip(np.ceil(-np.log10(fine)), 0, 12))
            longitude, latitude = round(longitude, places) % 360.0, round(latitude, places) + 0.0
            return f"{longitude:.{places}f}°", f"{latitude:+.{places}f}°"
        places = int(np.clip(np.ceil(-np.log10(fine * 3600)), 0, 9))
        return _sexagesimal(longitude / 15, places + 1, "hms"), _sexagesimal(latitude, places, "dms")


def _finite(pairs: Float) -> npt.NDArray[np.bool_]:
    return np.isfinite(pairs[:, 0]) & np.isfinite(pairs[:, 1])


def _sexagesimal(value: float, places: int, kind: str) -> str:
    """Write an angle or a time in parts of 60, rounded as a whole."""
    unit = 10**places
    total = round(abs(value) * 3600 * unit)
    if kind == "hms":
        total %= 24 * 3600 * unit
    seconds, fraction = divmod(total, unit)
    minutes, seconds = divmod(seconds, 60)
    whole, minutes = divmod(minutes, 60)
    sign = "" if kind == "hms" else "-" if value < 0 < total else "+"
    rest = f".{fraction:0{places}d}" if places else ""
    return f"{sign}{whole:02d}:{minutes:02d}:{seconds:02d}{rest}"


def _frame(name: str, equinox: float) -> Any:
    from astropy.coordinates import FK4, FK5, ICRS, FK4NoETerms, Galactic  # noqa: PLC0415  slow to import
    from astropy.time import Time  # noqa: PLC0415

    if name == "fk5":
        return FK5(equinox=Time(equinox, format="jyear"))
    if name in ("fk4", "fk4-no-e"):
        return (FK4 if name == "fk4" else FK4NoETerms)(equinox=Time(equinox, format="byear"))
    return Galactic() if name == "galactic" else ICRS()


def _by_astropy(lon: Float, lat: Float, source: Any, target: Any) -> tuple[Float, Float]:
    from astropy import units  # noqa: PLC0415
    from astropy.coordinates import SkyCoord  # noqa: PLC0415

    good = np.isfinite(lon) & np.isfinite(lat)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        there = SkyCoord(np.where(good, lon, 0.0) * units.deg, np.where(good, lat, 0.0) * units.deg, frame=source)
        found = there.transform_to(target).spherical
    return np.where(good, found.lon.deg, np.nan), np.where(good, found.lat.deg, np.nan)


@functools.cache
def _rotation(source: str, source_equinox: float, target: str, target_equinox: float) -> tuple[Float, bool]:
    """Give the rotation between two frames, and whether it is one: FK4 has aberration, which is no rotation."""
    if "fk4" in (source, target):
        return np.eye(3), False
    frames = _frame(source, source_equinox), _frame(target, target_equinox)
    lon, lat = _by_astropy(np.array([0.0, 90.0, 0.0]), np.array([0.0, 0.0, 90.0]), *frames)
    a, d = np.radians(lon), np.radians(lat)
    return np.stack((np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d))), True
