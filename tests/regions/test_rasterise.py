"""Which pixels a shape holds, against exact arithmetic pixel by pixel."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsa110_vis.regions.rasterise import outline, patch_of
from dsa110_vis.regions.shapes import (
    SHAPES,
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
)

SIZE = (19, 23)

exact = settings(deadline=None)  # exact arithmetic takes its time

# A quarter of a pixel is exact in binary: edges meet centres of pixels often, and no rounding decides.
quarters = st.integers(-24, 120).map(lambda n: n / 4)
lengths = st.integers(1, 80).map(lambda n: n / 4)
corners = st.tuples(quarters, quarters)
# angles whose cosine and sine are fractions
TRIANGLES = {
    0: (1, 0),
    1: (Fraction(3, 5), Fraction(4, 5)),
    2: (0, 1),
    3: (Fraction(-5, 13), Fraction(12, 13)),
    4: (-1, 0),
}
turns = st.sampled_from(sorted(TRIANGLES))


def whole(shape, size=SIZE):
    """The pixels of a shape in its plane."""
    found = np.zeros(size, dtype=bool)
    patch = patch_of(shape, size)
    if patch is not None:
        bits, x0, y0 = patch
        assert bits.dtype == bool
        assert bits.any()
        found[y0 : y0 + bits.shape[0], x0 : x0 + bits.shape[1]] = bits
    return found


def pixel_by_pixel(inside):
    return np.array([[inside(Fraction(x), Fraction(y)) for x in range(SIZE[1])] for y in range(SIZE[0])])


def degrees(turn):
    c, s = TRIANGLES[turn]
    return math.degrees(math.atan2(s, c))


def turned(shape, turn):
    c, s = TRIANGLES[turn]

    def along_and_across(x, y):
        dx, dy = x - Fraction(shape.x), y - Fraction(shape.y)
        return dx * c + dy * s, dy * c - dx * s

    return along_and_across


# -- CASA's numbers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "pixels"),
    [
        (Box(50, 50, 20, 20), 441),
        (Box(50.5, 50.5, 20, 20), 400),
        (Box(50, 50, 20, 20, 90.0), 441),
        (Box(50, 50, 20, 20, -270.0), 441),
        (Circle(50, 50, 20), 1257),
        (Ellipse(50, 50, 20, 20, 33.0), 1257),
        (CircleAnnulus(50, 50, 0, 20), 1257),
        (Polygon(((40, 40), (60, 40), (60, 60), (40, 60))), 441),
        (Circle(50, 50, 0.4), 1),
        (Box(50, 50, 0.2, 4), 5),
    ],
)
def test_what_lies_on_the_edge_is_inside_as_in_casa(shape, pixels):
    assert whole(shape, (101, 101)).sum() == pixels


# -- against exact arithmetic ------------------------------------------------------------------------------------------


@exact
@given(quarters, quarters, lengths, lengths)
def test_circles_and_rings(x, y, r, inner):
    def within(radius):
        return pixel_by_pixel(lambda i, j: (i - Fraction(x)) ** 2 + (j - Fraction(y)) ** 2 <= Fraction(radius) ** 2)

    def strictly(radius):
        return pixel_by_pixel(lambda i, j: (i - Fraction(x)) ** 2 + (j - Fraction(y)) ** 2 < Fraction(radius) ** 2)

    np.testing.assert_array_equal(whole(Circle(x, y, r)), within(r))
    inner = min(inner, r)
    np.testing.assert_array_equal(whole(CircleAnnulus(x, y, inner, r)), within(r) & ~strictly(inner))


@exact
@given(corners, st.tuples(lengths, lengths), st.integers(0, 4), turns)
def test_boxes_at_any_angle(centre, sides, part, turn):
    (x, y), (width, height) = centre, sides
    shape = Box(x, y, width, height, degrees(turn))
    place = turned(shape, turn)

    def within(w, h, *, strictly=False):
        def inside(i, j):
            u, v = place(i, j)
            if strictly:
                return 2 * abs(u) < w and 2 * abs(v) < h
            return 2 * abs(u) <= w and 2 * abs(v) <= h

        return pixel_by_pixel(inside)

    np.testing.assert_array_equal(whole(shape), within(width, height))
    inner = width * part / 4, height * part / 4
    ring = BoxAnnulus(x, y, *inner, width, height, shape.angle)
    np.testing.assert_array_equal(whole(ring), within(width, height) & ~within(*inner, strictly=True))


@exact
@given(corners, st.tuples(lengths, lengths), st.integers(0, 4), turns)
def test_ellipses_at_any_angle(centre, axes, part, turn):
    (x, y), (a, b) = centre, axes
    shape = Ellipse(x, y, a, b, degrees(turn))
    place = turned(shape, turn)

    def square(a, b):
        def value(i, j):
            u, v = place(i, j)
            return (u / Fraction(a)) ** 2 + (v / Fraction(b)) ** 2

        return value

    outer = pixel_by_pixel(lambda i, j: square(a, b)(i, j) <= 1)
    np.testing.assert_array_equal(whole(shape), outer)
    inner = a * part / 4, b * part / 4
    ring = EllipseAnnulus(x, y, *inner, a, b, shape.angle)
    hole = pixel_by_pixel(lambda i, j: square(*inner)(i, j) < 1) if part else np.zeros(SIZE, dtype=bool)
    np.testing.assert_array_equal(whole(ring), outer & ~hole)


def in_polygon(vertices):
    points = [(Fraction(x), Fraction(y)) for x, y in vertices]
    sides = list(zip(points, points[1:] + points[:1], strict=True))

    def inside(x, y):
        odd = False
        for (xa, ya), (xb, yb) in sides:
            cross = (xb - xa) * (y - ya) - (yb - ya) * (x - xa)
            if cross == 0 and min(xa, xb) <= x <= max(xa, xb) and min(ya, yb) <= y <= max(ya, yb):
                return True
            if (ya <= y) != (yb <= y) and (cross < 0) == (yb < ya):
                odd = not odd
        return odd

    return pixel_by_pixel(inside)


@exact
@given(st.lists(corners, min_size=3, max_size=9))
def test_polygons_also_where_their_sides_cross(vertices):
    expected = in_polygon(vertices)
    np.testing.assert_array_equal(whole(Polygon(tuple(vertices))), expected)
    np.testing.assert_array_equal(whole(Polygon(tuple(vertices[::-1]))), expected)
    np.testing.assert_array_equal(whole(Polygon(tuple(vertices[1:] + vertices[:1]))), expected)


@exact
@given(st.lists(st.tuples(st.integers(0, 22), st.integers(0, 18)), min_size=3, max_size=9), st.floats(-1e-12, 1e-12))
def test_rounding_of_corners_changes_no_pixel(vertices, error):
    moved = tuple((x + error * (k % 3 - 1), y + error * (k % 2)) for k, (x, y) in enumerate(vertices))
    found, expected = whole(Polygon(moved)), in_polygon(vertices)
    # what is on the edge may not fall out; nothing else may come in
    np.testing.assert_array_equal(found, expected)


@exact
@given(st.lists(corners, min_size=1, max_size=6), lengths)
def test_strokes_of_a_brush(points, radius):
    places = [(Fraction(x), Fraction(y)) for x, y in points]
    lines = list(pairwise(places)) or [(places[0], places[0])]

    def inside(x, y):
        for (xa, ya), (xb, yb) in lines:
            length = (xb - xa) ** 2 + (yb - ya) ** 2
            t = ((x - xa) * (xb - xa) + (y - ya) * (yb - ya)) / length if length else Fraction(0)
            t = min(max(t, Fraction(0)), Fraction(1))
            if (x - xa - t * (xb - xa)) ** 2 + (y - ya - t * (yb - ya)) ** 2 <= Fraction(radius) ** 2:
                return True
        return False

    np.testing.assert_array_equal(whole(Brush(tuple(points), radius)), pixel_by_pixel(inside))


@exact
@given(
    st.sampled_from(
        [
            Circle(500.2, 300.7, 90.3),
            Ellipse(500, 300, 200, 30, 77),
            EllipseAnnulus(500, 300, 50, 20, 200, 40, 12),
            Box(500, 300, 111, 222, 33),
            BoxAnnulus(500, 300, 11, 22, 111, 222, 33),
            Polygon(((400, 200), (700, 310), (420, 333), (505, 290))),
            Brush(((400, 200), (700, 310)), 12),
        ]
    ),
    st.integers(-900, 200),
    st.integers(-700, 200),
)
def test_a_part_outside_of_the_plane_changes_nothing_within(shape, dx, dy):
    size = (300, 400)
    if isinstance(shape, Polygon | Brush):
        moved = replace(shape, vertices=tuple((x + dx, y + dy) for x, y in shape.vertices))
    else:
        moved = replace(shape, x=shape.x + dx, y=shape.y + dy)
    large = whole(moved if (dx, dy) == (0, 0) else shape, (900, 1400))
    expected = np.zeros(size, dtype=bool)
    x, y = np.meshgrid(np.arange(size[1]) - dx, np.arange(size[0]) - dy)
    known = (x >= 0) & (x < 1400) & (y >= 0) & (y < 900)
    expected[known] = large[y[known], x[known]]
    np.testing.assert_array_equal(whole(moved, size), expected)


# -- limits ------------------------------------------------------------------------------------------------------------


def test_what_has_no_area_holds_no_pixel():
    for shape in (Point(5, 5), Line(0, 0, 9, 9), Polyline(((0, 0), (9, 9), (9, 0)))):
        assert patch_of(shape, SIZE) is None


@pytest.mark.parametrize(
    "shape",
    [
        Circle(-10, 5, 9.9),
        Circle(5.5, 5.5, 0.1),
        Box(100, 5, 10, 10),
        Polygon(((30, 30), (40, 30), (40, 40))),
        Brush(((-5, -5), (-9, 20)), 4.5),
        Circle(9e11, 5, 10),
    ],
)
def test_a_shape_without_a_pixel_in_the_plane_gives_nothing(shape):
    assert patch_of(shape, SIZE) is None


@pytest.mark.parametrize(
    "shape",
    [
        Circle(5, 5, 9e11),
        Ellipse(5, 5, 9e11, 9e10, 30),
        Box(5, 5, 9e11, 9e11, 45),
        Brush(((-9e11, -9e11), (9e11, 9e11)), 100),
        Polygon(((-9e11, -9e11), (9e11, -9e11), (9e11, 9e11), (-9e11, 9e11))),
        Polygon(((-9e11, 5), (5, -9e11), (9e11, 5), (5, 9e11))),
    ],
)
def test_absurd_sizes_fill_the_plane(shape):
    assert whole(shape).all()


def test_a_patch_is_no_larger_than_the_shape():
    bits, x0, y0 = patch_of(Circle(1000, 2000, 10), (5000, 5000))
    assert (x0, y0, bits.shape) == (990, 1990, (21, 21))


@exact
@given(st.sampled_from(sorted(SHAPES)), st.floats(0, 360))
def test_outlines_are_where_the_pixels_are(name, angle):
    shapes = {
        "circle": Circle(200, 150, 80.3),
        "circle_annulus": CircleAnnulus(200, 150, 40.2, 80.3),
        "ellipse": Ellipse(200, 150, 120.2, 33.3, angle),
        "ellipse_annulus": EllipseAnnulus(200, 150, 50.2, 20.1, 120.2, 33.3, angle),
        "box": Box(200, 150, 120.2, 33.3, angle),
        "box_annulus": BoxAnnulus(200, 150, 50.2, 20.1, 120.2, 33.3, angle),
        "polygon": Polygon(((100.1, 50), (300, 80.2), (180, 222.3))),
    }
    if name not in shapes:
        return
    lines = outline(shapes[name])
    assert all(line[0] == pytest.approx(line[-1]) for line in lines)
    drawn = np.zeros((300, 400), dtype=bool)
    for line in lines:
        drawn ^= whole(Polygon(tuple(line[:-1])), drawn.shape)
    found = whole(shapes[name], drawn.shape)
    # a polygon of 72 corners lies within its circle by a thousandth of the radius
    length = sum(math.dist(p, q) for line in lines for p, q in pairwise(line))
    assert (found ^ drawn).sum() < 0.15 * length
    assert (found ^ drawn).sum() < 0.03 * found.sum()


def test_outlines_of_what_has_no_area():
    assert outline(Point(1, 2)) == [[(1, 2)]]
    assert outline(Line(1, 2, 3, 4)) == [[(1, 2), (3, 4)]]
    assert outline(Polyline(((1, 2), (3, 4), (5, 5)))) == [[(1, 2), (3, 4), (5, 5)]]
    assert outline(Brush(((1, 2), (3, 4)), 2)) == [[(1, 2), (3, 4)]]
    assert len(outline(CircleAnnulus(0, 0, 0, 5))) == 1


# -- time --------------------------------------------------------------------------------------------------------------


def fastest(work):
    """Milliseconds of the processor for the fastest of some runs: others use the machine too."""
    taken = []
    for _ in range(5):
        start = time.thread_time()
        work()
        taken.append(time.thread_time() - start)
    return 1000 * min(taken)


def test_a_polygon_of_1000_corners_on_5040_by_5040_takes_less_than_50_ms():
    generator = np.random.default_rng(7)
    turns = np.sort(generator.uniform(0, 2 * np.pi, 1000))
    reach = 2500 * generator.uniform(0.6, 1.0, 1000)
    star = Polygon(
        tuple(zip((2520 + reach * np.cos(turns)).tolist(), (2520 + reach * np.sin(turns)).tolist(), strict=True))
    )
    tangle = Polygon(tuple(map(tuple, (generator.random((1000, 2)) * 5040).tolist())))
    assert fastest(lambda: patch_of(star, (5040, 5040))) < 50
    # sides from one end of the plane to the other cross each row hundreds of times
    assert fastest(lambda: patch_of(tangle, (5040, 5040))) < 150


def test_20000_regions_take_less_than_4_s():
    places = np.random.default_rng(7).random((20_000, 2)) * 5040
    kinds = (
        lambda x, y: Circle(x, y, 5),
        lambda x, y: Ellipse(x, y, 9, 4, 30),
        lambda x, y: Box(x, y, 9, 4, 30),
        lambda x, y: Polygon(((x, y), (x + 9, y), (x, y + 9))),
        lambda x, y: CircleAnnulus(x, y, 5, 9),
    )
    shapes = [kinds[k % len(kinds)](float(x), float(y)) for k, (x, y) in enumerate(places)]
    start = time.thread_time()
    for shape in shapes:
        patch_of(shape, (5040, 5040))
    assert time.thread_time() - start < 4
