"""Contours of a part of a plane."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.image import reduce

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from dsa110_vis.image.plane import Plane

__all__ = ["contours"]

MOST_POINTS = 400_000
MOST_PIXELS = 2048 * 2048
"""After averaging."""
STRIP_PIXELS = 1 << 20


def contours(
    plane: Plane, levels: Sequence[float], box: Sequence[float], step: int = 1
) -> list[list[npt.NDArray[np.float32]]]:
    """Trace contours.

    Parameters
    ----------
    plane : Plane
        The plane.
    levels : sequence of float
        Values of the contours.
    box : (x0, x1, y0, y1)
        The part, in pixels.
    step : int
        How many pixels are averaged each way before; is made larger where the part is too large.

    Returns
    -------
    list of list of ndarray of float32, shape (n, 2)
        For each level its lines, in pixels; closed ones end where they begin. None go through blank pixels. What
        would be more than `MOST_POINTS` points is left out, the shortest lines first.
    """
    from contourpy import LineType, contour_generator  # noqa: PLC0415  slow to import

    ny, nx = plane.shape
    while (box[1] - box[0]) * (box[3] - box[2]) > MOST_PIXELS * step * step:
        step *= 2
    # whole bins, so that a contour stays where it is when the part is another
    x0, x1 = _whole(box[0], box[1], step, nx)
    y0, y1 = _whole(box[2], box[3], step, ny)
    if min(x1 - x0, y1 - y0) <= step:
        return [[] for _ in levels]
    values = np.ma.masked_invalid(_binned(plane, (x0, x1, y0, y1), step), copy=False)
    tracer = contour_generator(_middles(x0, x1, step), _middles(y0, y1, step), values, line_type=LineType.Separate)
    found = [[np.asarray(path, dtype=np.float32) for path in tracer.lines(level)] for level in levels]
    return _bounded(found)


def _whole(low: float, high: float, step: int, size: int) -> tuple[int, int]:
    """Give the bins of which the middles enclose a part."""
    first = math.floor(min(max(low, 0), size) / step - 1) * step
    stop = math.ceil((min(max(high, 0), size) + 1) / step + 1) * step
    return max(first, 0), min(stop, size)


def _middles(first: int, stop: int, step: int) -> npt.NDArray[np.float64]:
    """Give the middles of bins, of which the last may be smaller."""
    edges = np.append(np.arange(first, stop, step), stop) - 0.5
    return (edges[:-1] + edges[1:]) / 2


def _binned(plane: Plane, box: tuple[int, int, int, int], step: int) -> npt.NDArray[np.float32]:
    x0, x1, y0, y1 = box
    if step == 1:
        return plane.read(x0, x1, y0, y1)
    rows = max(1, STRIP_PIXELS // ((x1 - x0) * step)) * step
    parts = [reduce.mean(plane.read(x0, x1, y, min(y + rows, y1)), step)[0] for y in range(y0, y1, rows)]
    return np.concatenate(parts)


def _bounded(found: list[list[npt.NDArray[np.float32]]]) -> list[list[npt.NDArray[np.float32]]]:
    sizes = sorted((len(path) for paths in found for path in paths), reverse=True)
    total = np.cumsum(sizes)
    if not sizes or total[-1] <= MOST_POINTS:
        return found
    least = sizes[int(np.searchsorted(total, MOST_POINTS))]
    return [[path for path in paths if len(path) > least] for paths in found]
