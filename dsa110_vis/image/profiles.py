"""Profiles: along a row, a column, a line, and through the channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.errors import OptionError
from dsa110_vis.image.statistics import flux_factor

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.image.image import Image
    from dsa110_vis.image.plane import Plane

__all__ = ["column", "line", "row", "spectrum"]

MOST_SAMPLES = 20_000
PIECE = 256
"""Samples along a line that are read at once."""


def row(plane: Plane, y: int) -> npt.NDArray[np.float32]:
    """Give the values of a row.

    Parameters
    ----------
    plane : Plane
        The plane.
    y : int
        Which row.

    Returns
    -------
    ndarray of float32, shape (nx,)
        The values; NaN where blank.

    Raises
    ------
    OptionError
        If there is no such row.
    """
    ny, nx = plane.shape
    _check("row", y, ny)
    return plane.read(0, nx, y, y + 1).reshape(-1)


def column(plane: Plane, x: int) -> npt.NDArray[np.float32]:
    """Give the values of a column.

    Parameters
    ----------
    plane : Plane
        The plane.
    x : int
        Which column.

    Returns
    -------
    ndarray of float32, shape (ny,)
        The values; NaN where blank.

    Raises
    ------
    OptionError
        If there is no such column.
    """
    ny, nx = plane.shape
    _check("column", x, nx)
    return plane.read(x, x + 1, 0, ny).reshape(-1)


def line(plane: Plane, points: npt.ArrayLike) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32]]:
    """Give the values along straight lines, one about every pixel.

    Parameters
    ----------
    plane : Plane
        The plane.
    points : array_like, shape (n, 2)
        Where the lines go, in pixels.

    Returns
    -------
    distance : ndarray of float64
        From the first point, in pixels.
    values : ndarray of float32
        Of the pixels that the points are in; NaN outside the image.

    Raises
    ------
    OptionError
        If there are fewer than two points.
    """
    corners = np.asarray(points, dtype=np.float64)
    if corners.ndim != 2 or corners.shape[0] < 2 or not np.isfinite(corners).all():
        message = "A line needs two points or more."
        raise OptionError(message, "Give them as [[x, y], [x, y]].")
    steps = np.hypot(*np.diff(corners, axis=0).T)
    along = np.concatenate(([0.0], np.cumsum(steps)))
    at = np.linspace(0.0, along[-1], min(max(2, int(np.ceil(along[-1])) + 1), MOST_SAMPLES))
    x, y = (np.rint(np.interp(at, along, corners[:, k])).astype(int) for k in (0, 1))
    ny, nx = plane.shape
    inside = (x >= 0) & (x < nx) & (y >= 0) & (y < ny)
    values = np.full(at.shape, np.nan, dtype=np.float32)
    for first in range(0, at.size, PIECE):  # the box about a piece is small, that about the whole may be the plane
        part = slice(first, first + PIECE)
        good = inside[part]
        if good.any():
            px, py = x[part][good], y[part][good]
            x0, y0 = int(px.min()), int(py.min())
            pixels = plane.read(x0, int(px.max()) + 1, y0, int(py.max()) + 1)
            values[part][good] = pixels[py - y0, px - x0]
    return at, values


def spectrum(
    image: Image, inside: npt.NDArray[np.bool_], x0: int = 0, y0: int = 0, stokes: int = 0
) -> tuple[npt.NDArray[np.float64], str]:
    """Give what pixels have in each channel.

    Parameters
    ----------
    image : Image
        The image.
    inside : ndarray of bool, shape (ny, nx)
        Which pixels of a part of the plane.
    x0, y0 : int
        Where the part begins.
    stokes : int
        Which Stokes parameter.

    Returns
    -------
    values : ndarray of float64, shape (n_channels,)
        The flux density in each channel, where unit and beam are known; else the mean. NaN where all is blank.
    unit : str
        Of the values.
    """
    ny, nx = inside.shape
    found = np.full(image.n_channels, np.nan)
    unit = image.unit
    for channel in range(image.n_channels):
        values = image.plane(channel, stokes).read(x0, x0 + nx, y0, y0 + ny)
        chosen = values[inside & np.isfinite(values)].astype(np.float64)
        if chosen.size == 0:
            continue
        beam = image.beam(channel, stokes)
        area = None if beam is None or image.celestial is None else beam.area_pixels(image.celestial)
        factor = flux_factor(image.unit, area) if int(np.count_nonzero(inside)) > 1 else None
        found[channel] = chosen.mean() if factor is None else chosen.sum() * factor[0]
        unit = image.unit if factor is None else factor[1]
    return found, unit


def _check(what: str, index: int, size: int) -> None:
    if not 0 <= index < size:
        message = f"There is no {what} {index}."
        raise OptionError(message, f"There are {size}, counted from 0.")
