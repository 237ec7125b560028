"""Which pixels a shape holds: those whose centres are inside it or on its edge, which is CASA's rule."""

# ruff: noqa: PLR0917  numba's functions take what they take, by position
from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.compiled import compiler
from dsa110_vis.regions.shapes import (
    Box,
    BoxAnnulus,
    Brush,
    Circle,
    CircleAnnulus,
    Ellipse,
    EllipseAnnulus,
    Line,
    Point,
    Polygon,
    Polyline,
    Shape,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    Bits = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Ends = tuple[Floats, Floats]
    Place = tuple[int, int]

__all__ = ["Patch", "outline", "patch_of", "rings"]

compiled = compiler(__file__)

EDGE = 1e-9
"""Pixels by which a centre may miss an edge and still be on it: what rounding takes away."""
PARALLEL = 1e-15
"""Sine of an angle between a side and a row that makes no difference on any plane."""
ROUND = 72
"""Corners of a round shape where it is drawn as a polygon."""
_AROUND_BOX = np.array((-1.0, 1.0, 1.0, -1.0, -1.0)), np.array((-1.0, -1.0, 1.0, 1.0, -1.0))

Patch = tuple["Bits", int, int]
"""Pixels of a part of a plane, and where it begins: x0, y0."""


def patch_of(shape: Shape, size: Place) -> Patch | None:
    """Find the pixels of a shape.

    Parameters
    ----------
    shape : Shape
        In pixels.
    size : (int, int)
        Rows and columns of the plane.

    Returns
    -------
    (ndarray of bool, int, int) or None
        The pixels of the smallest part of the plane that holds it, and where that begins; None for a shape without area
        or outside the plane.
    """
    if not shape.has_area:
        return None
    x_low, x_high, y_low, y_high = _bounds(shape)
    x0, x1 = max(0, math.ceil(x_low - EDGE)), min(size[1], math.floor(x_high + EDGE) + 1)
    y0, y1 = max(0, math.ceil(y_low - EDGE)), min(size[0], math.floor(y_high + EDGE) + 1)
    if x1 <= x0 or y1 <= y0:
        return None
    found = np.zeros((y1 - y0, x1 - x0), dtype=np.bool_)
    if isinstance(shape, Polygon):
        _polygon(found, shape, x0, y0)
    elif isinstance(shape, Brush):
        _brush(found, shape, x0, y0)
    else:
        _centred(found, shape, x0, y0)
    return (found, x0, y0) if found.any() else None


def outline(shape: Shape, corners: int = ROUND) -> list[list[tuple[float, float]]]:
    """Give the lines with which a shape is drawn.

    Parameters
    ----------
    shape : Shape
        In pixels.
    corners : int
        How many a curve gets all round.

    Returns
    -------
    list of list of (float, float)
        Lines from corner to corner; closed ones end where they begin, and the inner one of a ring comes second. A point
        is a line of one.
    """
    if isinstance(shape, Polygon):
        return [[*shape.vertices, shape.vertices[0]]]
    if isinstance(shape, Polyline | Brush):
        return [list(shape.vertices)]
    if isinstance(shape, Line):
        return [[(shape.x1, shape.y1), (shape.x2, shape.y2)]]
    if isinstance(shape, Point):
        return [[(shape.x, shape.y)]]
    # all others have a centre
    outer, inner, angle = rings(shape)
    around = _AROUND_BOX if isinstance(shape, Box | BoxAnnulus) else _around_circle(corners)
    c, s = _cos_sin(angle)
    lines = []
    for a, b in (outer, inner) if min(inner) > 0 else (outer,):
        u, v = around[0] * a, around[1] * b
        x, y = shape.x + u * c - v * s, shape.y + u * s + v * c  # type: ignore[attr-defined]
        lines.append(list(zip(x.tolist(), y.tolist(), strict=True)))
    return lines


@functools.lru_cache(maxsize=16)
def _around_circle(corners: int) -> tuple[Floats, Floats]:
    turns = np.linspace(0.0, 2 * np.pi, corners + 1)
    return np.cos(turns), np.sin(turns)


# -- where a shape is --------------------------------------------------------------------------------------------------


def rings(shape: Any) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Give the sizes of a shape that has a centre.

    Parameters
    ----------
    shape : Shape
        A circle, ellipse, box or annulus.

    Returns
    -------
    outer, inner : (float, float)
        Half sizes along its angle and across it; 0 for the inner ones of a shape without a hole.
    angle : float
        Degrees; 0 for circles.
    """
    if isinstance(shape, Circle):
        return (shape.radius, shape.radius), (0.0, 0.0), 0.0
    if isinstance(shape, CircleAnnulus):
        return (shape.outer, shape.outer), (shape.inner, shape.inner), 0.0
    if isinstance(shape, Ellipse):
        return (shape.a, shape.b), (0.0, 0.0), shape.angle
    if isinstance(shape, EllipseAnnulus):
        return (shape.outer_a, shape.outer_b), (shape.inner_a, shape.inner_b), shape.angle
    if isinstance(shape, Box):
        return (shape.width / 2, shape.height / 2), (0.0, 0.0), shape.angle
    outer, inner = (shape.outer_width, shape.outer_height), (shape.inner_width, shape.inner_height)
    return (outer[0] / 2, outer[1] / 2), (inner[0] / 2, inner[1] / 2), shape.angle


def _cos_sin(angle: float) -> tuple[float, float]:
    return math.cos(math.radians(angle)), math.sin(math.radians(angle))


def _bounds(shape: Any) -> tuple[float, float, float, float]:
    if isinstance(shape, Polygon | Brush):
        x, y = np.asarray(shape.vertices, dtype=np.float64).T
        margin = getattr(shape, "radius", 0.0)
        return float(x.min() - margin), float(x.max() + margin), float(y.min() - margin), float(y.max() + margin)
    (a, b), _, angle = rings(shape)
    c, s = _cos_sin(angle)
    if isinstance(shape, Box | BoxAnnulus):
        half = a * abs(c) + b * abs(s), a * abs(s) + b * abs(c)
    else:
        half = math.hypot(a * c, b * s), math.hypot(a * s, b * c)
    return shape.x - half[0], shape.x + half[0], shape.y - half[1], shape.y + half[1]


# -- shapes with a centre: where each row enters and leaves ------------------------------------------------------------


def _ends_of_ellipse(dy: Floats, a: float, b: float, angle: float) -> Ends:
    c, s = _cos_sin(angle)
    square, mixed = (c / a) ** 2 + (s / b) ** 2, c * s * (1 / a**2 - 1 / b**2)
    rest = square - (dy / (a * b)) ** 2
    middle, half = -mixed / square * dy, np.sqrt(np.maximum(rest, 0.0)) / square
    return np.where(rest >= 0, middle - half, np.inf), np.where(rest >= 0, middle + half, -np.inf)


def _ends_of_box(dy: Floats, a: float, b: float, angle: float) -> Ends:
    c, s = _cos_sin(angle)
    low, high = np.full_like(dy, -np.inf), np.full_like(dy, np.inf)
    # it is where two stripes cross: |c dx + s dy| <= a and |c dy - s dx| <= b
    for along, across, half in ((c, s, a), (-s, c, b)):
        if abs(along) < PARALLEL:
            outside = abs(across * dy) > half
            low[outside], high[outside] = np.inf, -np.inf
            continue
        one, other = (-half - across * dy) / along, (half - across * dy) / along
        low, high = np.maximum(low, np.minimum(one, other)), np.minimum(high, np.maximum(one, other))
    return low, high


def _centred(out: Bits, shape: Any, x0: int, y0: int) -> None:
    ends_of = _ends_of_box if isinstance(shape, Box | BoxAnnulus) else _ends_of_ellipse
    outer, inner, angle = rings(shape)
    dy = np.arange(y0, y0 + out.shape[0]) - float(shape.y)
    # both edges of a ring belong to it
    _set_rows(out, ends_of(dy, outer[0] + EDGE, outer[1] + EDGE, angle), shape.x - x0, value=True)
    if min(inner) > 2 * EDGE:
        _set_rows(out, ends_of(dy, inner[0] - EDGE, inner[1] - EDGE, angle), shape.x - x0, value=False)


def _set_rows(out: Bits, ends: Ends, x: float, *, value: bool) -> None:
    first = np.minimum(np.maximum(np.ceil(ends[0] + x), 0), out.shape[1]).astype(np.int64)
    after = np.minimum(np.maximum(np.floor(ends[1] + x) + 1, 0), out.shape[1]).astype(np.int64)
    for row, i, j in zip(out, first.tolist(), after.tolist(), strict=True):
        row[i:j] = value


# -- shapes with corners -----------------------------------------------------------------------------------------------


def _polygon(out: Bits, shape: Polygon, x0: int, y0: int) -> None:
    xs, ys = _corners_of(shape)
    _fill(out.view(np.uint8), xs - x0, ys - y0, EDGE)


def _brush(out: Bits, shape: Brush, x0: int, y0: int) -> None:
    xs, ys = _corners_of(shape)
    _stroke(out, xs - x0, ys - y0, shape.radius + EDGE)


def _corners_of(shape: Polygon | Brush) -> tuple[Floats, Floats]:
    xs, ys = np.asarray(shape.vertices, dtype=np.float64).T
    return xs, ys


@compiled()
def _first(value: float) -> int:
    """Give the first pixel from a position on, and 0 for those before it."""
    return int(np.ceil(max(value, 0.0)))


@compiled()
def _after(value: float, count: int) -> int:
    """Give the first pixel after a position, and at most how many there are."""
    return int(np.floor(min(max(value, -1.0), count - 1.0))) + 1


@compiled(inner=False)
def _fill(out: Any, xs: Any, ys: Any, edge: float) -> None:
    """Fill a polygon by the even-odd rule, and what is on its sides.

    First each side turns bit 0 over where it crosses a row, and sets bit 1 where it meets a pixel's centre; then each
    row is run through. So the work is that of the crossings and of the pixels, however many sides there are.
    """
    height, width = out.shape
    n = len(xs)
    for k in range(n):
        m = k + 1 if k + 1 < n else 0
        xa, ya, xb, yb = xs[k], ys[k], xs[m], ys[m]
        left, right, low, high = min(xa, xb), max(xa, xb), min(ya, yb), max(ya, yb)
        if high > low:
            slope = (xb - xa) / (yb - ya)
            reach = edge * np.sqrt(1.0 + slope * slope)
            for j in range(_first(low), _after(high, height)):
                x = xa + (j - ya) * slope
                if j < high and x <= width - 1:  # a corner belongs to the side above it
                    out[j, _first(x)] ^= 1
                for i in range(_first(max(x - reach, left - edge)), _after(min(x + reach, right + edge), width)):
                    out[j, i] |= 2
        _mark_row(out, xa, ya, xb, yb, edge)
    for j in range(height):
        inside = 0
        for i in range(width):
            inside ^= out[j, i] & 1
            out[j, i] = inside | out[j, i] >> 1


@compiled()
def _mark_row(out: Any, xa: float, ya: float, xb: float, yb: float, edge: float) -> None:
    """Set bit 1 along a side that lies on a row, and at a corner that misses one by what rounding takes away."""
    j = int(np.round(min(max(ya, -1.0), float(out.shape[0]))))
    if 0 <= j < out.shape[0] and abs(ya - j) <= edge:
        other = xb if abs(yb - j) <= edge else xa
        for i in range(_first(min(xa, other) - edge), _after(max(xa, other) + edge, out.shape[1])):
            out[j, i] |= 2


@compiled(inner=False)
def _stroke(out: Any, xs: Any, ys: Any, radius: float) -> None:
    """Set what is within a distance of the lines from point to point."""
    height, width = out.shape
    for k in range(max(1, len(xs) - 1)):
        m = min(k + 1, len(xs) - 1)
        xa, ya, dx, dy = xs[k], ys[k], xs[m] - xs[k], ys[m] - ys[k]
        length = dx * dx + dy * dy
        for j in range(_first(min(ya, ya + dy) - radius), _after(max(ya, ya + dy) + radius, height)):
            # the part of the line that is near enough to this row
            start, end = 0.0, 1.0
            if dy != 0.0:
                one, other = (j - radius - ya) / dy, (j + radius - ya) / dy
                start, end = max(0.0, min(one, other)), min(1.0, max(one, other))
            left, right = min(xa + start * dx, xa + end * dx), max(xa + start * dx, xa + end * dx)
            for i in range(_first(left - radius), _after(right + radius, width)):
                t = min(1.0, max(0.0, ((i - xa) * dx + (j - ya) * dy) / length)) if length > 0 else 0.0
                if (i - xa - t * dx) ** 2 + (j - ya - t * dy) ** 2 <= radius * radius:
                    out[j, i] = True
