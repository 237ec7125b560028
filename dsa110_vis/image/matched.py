"""A second image on the pixels of a first."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.compiled import compiler

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.image.celestial import Celestial
    from dsa110_vis.image.plane import Plane

    Float = npt.NDArray[np.float64]

__all__ = ["DifferencePlane", "MatchedPlane", "same_grid"]

GRIDS = (32, 8)
"""Pixels between the places where coordinates are worked out exactly: as few as will do."""
MOST_ERROR = 0.01
"""Pixels by which the places in between may be wrong; where they would be, all are worked out exactly."""
FEW = 0.1
"""Share of the squares between such places that may be wrong before places are taken nearer to each other."""
SNAP = 1e-3
"""Pixels from the centre of a pixel within which it is its value that is meant."""
MOST_PIXELS = 16 << 20
"""That are read at once."""
LARGE = 1 << 20
"""Pixels from which it is looked whether those read are mostly not needed: those of a long strip, turned."""

compiled = compiler(__file__)


@compiled(inner=False)
def _spread(knots: Any, grid: int, out: Any) -> None:
    """Interpolate between knots."""
    for j in range(out.shape[0]):
        row, fy = j // grid, j % grid / grid
        for column in range(knots.shape[1] - 1):
            first = column * grid
            left = knots[row, column] * (1 - fy) + knots[row + 1, column] * fy
            slope = (knots[row, column + 1] * (1 - fy) + knots[row + 1, column + 1] * fy - left) / grid
            for i in range(first, min(first + grid, out.shape[1])):
                out[j, i] = left + slope * (i - first)


@compiled(inner=False)
def _extent(x: Any, y: Any, part: Any, shape: Any) -> Any:
    """Find between which pixels of a plane of a shape places are: left, right, low and high; right is -1 for none."""
    ny, nx = shape
    left, right, low, high = nx - 1.0, -1.0, ny - 1.0, -1.0
    for j in range(part[2], part[3]):
        for i in range(part[0], part[1]):
            px, py = x[j, i], y[j, i]
            if -0.5 < px < nx - 0.5 and -0.5 < py < ny - 0.5:
                left, right = min(left, px), max(right, px)
                low, high = min(low, py), max(high, py)
    return left, right, low, high


@compiled(inner=False)
def _interpolate(  # noqa: PLR0917  as in all compiled functions
    pixels: Any, corner: Any, shape: Any, x: Any, y: Any, part: Any, out: Any
) -> None:
    """Take the values at places from pixels, of which the first is at a corner of a plane of a shape."""
    height, width = pixels.shape
    ny, nx = shape
    for j in range(part[2], part[3]):
        for i in range(part[0], part[1]):
            px, py = x[j, i], y[j, i]
            if not (-0.5 < px < nx - 0.5 and -0.5 < py < ny - 0.5):
                continue
            px, py = min(max(px, 0.0), nx - 1.0), min(max(py, 0.0), ny - 1.0)
            if abs(px - round(px)) < SNAP:
                px = float(round(px))
            if abs(py - round(py)) < SNAP:
                py = float(round(py))
            left, low = int(px), int(py)
            fx, fy = px - left, py - low
            left, low = left - corner[0], low - corner[1]
            # where there is no next pixel, it has no weight
            right, high = min(left + 1, width - 1), min(low + 1, height - 1)
            total = (
                (1 - fx) * (1 - fy) * pixels[low, left] + fx * (1 - fy) * pixels[low, right]
                + (1 - fx) * fy * pixels[high, left] + fx * fy * pixels[high, right]
            )  # fmt: skip
            if not np.isfinite(total) and (fx == 0 or fy == 0):
                # it may be the pixel without weight that is blank
                if fx == 0:
                    right = left
                if fy == 0:
                    high = low
                total = (1 - fx - fy) * pixels[low, left] + fx * pixels[low, right] + fy * pixels[high, left]
            out[j, i] = total


def same_grid(one: Celestial, other: Celestial, nx: int, ny: int) -> bool:
    """Tell whether two images have the same coordinates.

    Parameters
    ----------
    one, other : Celestial
        Their coordinates.
    nx, ny : int
        Size of both.

    Returns
    -------
    bool
        Whether corners and middle are the same to a hundredth of a pixel.
    """
    x, y = np.array([0, nx - 1, 0, nx - 1, nx / 2]), np.array([0, 0, ny - 1, ny - 1, ny / 2])
    there = other.to_pixel(*one.to_world(x, y, "icrs"), "icrs")
    apart = np.hypot(there[0] - x, there[1] - y)
    return bool(np.all(apart[np.isfinite(apart)] < MOST_ERROR) and np.isfinite(apart).any())


class MatchedPlane:
    """A plane of an image, interpolated to the pixels of another.

    Parameters
    ----------
    plane : Plane
        The plane.
    celestial : Celestial
        Its coordinates.
    target : Celestial
        Those of the other image.
    shape : (int, int)
        Rows and columns of the other image.
    """

    def __init__(self, plane: Plane, celestial: Celestial, target: Celestial, shape: tuple[int, int]) -> None:
        self._plane, self._celestial, self._target = plane, celestial, target
        self.shape = shape
        self.key = f"{plane.key}>{target.header().tostring()}"

    def read(self, x0: int, x1: int, y0: int, y1: int) -> npt.NDArray[np.float32]:
        """Read a part, as every plane: linearly between the four pixels about each place, NaN where one is."""
        found = np.full((y1 - y0, x1 - x0), np.nan, dtype=np.float32)
        if found.size:
            self._fill(found, *self._places(x0, x1, y0, y1), (0, x1 - x0, 0, y1 - y0))
        return found

    def _fill(self, found: npt.NDArray[np.float32], x: Float, y: Float, part: tuple[int, int, int, int]) -> None:
        """Fill the columns and rows of a part."""
        ny, nx = self._plane.shape
        first_x, last_x, first_y, last_y = _extent(x, y, part, (ny, nx))
        if last_x < first_x:
            return
        left, low = (max(math.floor(first - SNAP), 0) for first in (first_x, first_y))
        right, high = min(math.floor(last_x + SNAP) + 2, nx), min(math.floor(last_y + SNAP) + 2, ny)
        a, b, c, d = part
        width, height, needed = b - a, d - c, (right - left) * (high - low)
        lengthy = max(width, height) > 2 * min(width, height)
        if width * height > 1 and (needed > MOST_PIXELS or (needed > LARGE and lengthy)):
            if width >= height:
                halves = (a, (a + b) // 2, c, d), ((a + b) // 2, b, c, d)
            else:
                halves = (a, b, c, (c + d) // 2), (a, b, (c + d) // 2, d)
            for half in halves:
                self._fill(found, x, y, half)
            return
        _interpolate(self._plane.read(left, right, low, high), (left, low), (ny, nx), x, y, part, found)

    def _places(self, x0: int, x1: int, y0: int, y1: int) -> tuple[Float, Float]:
        """Find where the pixels of a part are on the plane."""
        x, y = np.empty((y1 - y0, x1 - x0)), np.empty((y1 - y0, x1 - x0))
        for grid in GRIDS:
            knots_x, knots_y = np.arange(x0, x1 + grid, grid), np.arange(y0, y1 + grid, grid)
            corners = np.meshgrid(knots_x, knots_y)
            middles = np.meshgrid(knots_x[:-1] + grid // 2, knots_y[:-1] + grid // 2)
            wrong = np.zeros(middles[0].shape, dtype=np.bool_)
            exact = self._exact(
                *(np.concatenate((c.ravel(), m.ravel())) for c, m in zip(corners, middles, strict=True))
            )
            for part, out in zip(exact, (x, y), strict=True):
                knots, there = part[: corners[0].size].reshape(corners[0].shape), part[corners[0].size :]
                _spread(knots, grid, out)
                between = (knots[:-1, :-1] + knots[:-1, 1:] + knots[1:, :-1] + knots[1:, 1:]) / 4
                middle = there.reshape(wrong.shape)
                nowhere = np.isnan(middle)
                for corner in (knots[:-1, :-1], knots[:-1, 1:], knots[1:, :-1], knots[1:, 1:]):
                    nowhere &= np.isnan(corner)
                # where one of them is NaN too, but not where all are
                wrong |= ~(np.abs(between - middle) < MOST_ERROR / 2) & ~nowhere
            if wrong.mean() < FEW:
                break
        rows, columns = np.nonzero(wrong.repeat(grid, axis=0).repeat(grid, axis=1)[: y1 - y0, : x1 - x0])
        if rows.size:
            x[rows, columns], y[rows, columns] = self._exact(columns + x0, rows + y0)
        return x, y

    def _exact(self, x: npt.NDArray[np.int64], y: npt.NDArray[np.int64]) -> tuple[Float, Float]:
        own = self._celestial.frame
        return self._celestial.to_pixel(*self._target.to_world(x, y, own), own)


class DifferencePlane:
    """A plane less another of the same size.

    Parameters
    ----------
    first, second : Plane
        The two.
    """

    def __init__(self, first: Plane, second: Plane) -> None:
        self._first, self._second = first, second
        self.shape = first.shape
        self.key = f"{first.key}-{second.key}"

    def read(self, x0: int, x1: int, y0: int, y1: int) -> npt.NDArray[np.float32]:
        """Read a part, as every plane."""
        return self._first.read(x0, x1, y0, y1) - self._second.read(x0, x1, y0, y1)
