"""Regions from the sky to pixels and back, on all kinds of images."""

from __future__ import annotations

import dataclasses
import math
import time

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import SkyCoord
from astropy.wcs import WCS
from hypothesis import given, settings
from hypothesis import strategies as st

from dsa110_vis.errors import OptionError
from dsa110_vis.image.celestial import Celestial
from dsa110_vis.regions.convert import all_to_pixels, all_to_sky, to_pixels, to_sky
from dsa110_vis.regions.rasterise import patch_of
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
    Region,
)

ARCSEC = 1 / 3600
SKY = ("icrs", "fk5", "fk4", "galactic")


def image(
    declination=37.0, *, ra=10.0, turn=0.0, mirrored=False, steps=(2.5, 2.5), projection="SIN", frame="icrs", size=401
):
    """The coordinates of an image of `size` pixels a side, turned counter-clockwise by `turn` degrees."""
    wcs = WCS(naxis=2)
    kind = ("GLON", "GLAT") if frame == "galactic" else ("RA--", "DEC-")
    wcs.wcs.ctype = [f"{kind[0]}-{projection}", f"{kind[1]}-{projection}"]
    wcs.wcs.crval = [ra, declination]
    wcs.wcs.crpix = [size / 2 + 0.5] * 2
    wcs.wcs.cdelt = [steps[0] * ARCSEC * (1 if mirrored else -1), steps[1] * ARCSEC]
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    # of sky offsets from pixel offsets: the inverse of turning the picture
    wcs.wcs.pc = [[c, s * steps[1] / steps[0]], [-s * steps[0] / steps[1], c]]
    equinox = {"fk4": 1950.0, "fk5": 2000.0}.get(frame)
    if frame != "galactic":
        wcs.wcs.radesys = frame.upper()
        if equinox:
            wcs.wcs.equinox = equinox
    wcs.wcs.set()
    return Celestial(wcs, frame, equinox)


IMAGES = {
    "plain": image(),
    "south": image(-60),
    "equator": image(0),
    "north": image(85),
    "ra 0": image(37, ra=0.0),
    "turned": image(60, turn=40),
    "mirrored": image(mirrored=True),
    "mirrored and turned": image(mirrored=True, turn=-110),
    "near the pole": image(89.99),
    "oblong": image(steps=(2.5, 5.0)),
    "oblong and turned": image(steps=(6.0, 2.0), turn=25),
    "galactic": image(-5, ra=120, frame="galactic", projection="CAR"),
    "fk4": image(20, frame="fk4", projection="TAN"),
}
everywhere = pytest.mark.parametrize("sky", IMAGES.values(), ids=IMAGES)

inner = st.floats(20, 380)
size = st.floats(1, 60)
angle = st.floats(0, 360)
share = st.floats(0.05, 1)


@st.composite
def shapes(draw):
    x, y, a, b, part, turn = (draw(one) for one in (inner, inner, size, size, share, angle))
    corners = tuple(draw(st.lists(st.tuples(inner, inner), min_size=3, max_size=6)))
    return draw(
        st.sampled_from(
            (
                Point(x, y),
                Line(x, y, a, b),
                Polyline(corners),
                Polygon(corners),
                Brush(corners, a),
                Circle(x, y, a),
                Ellipse(x, y, a, b, turn),
                Box(x, y, a, b, turn),
                CircleAnnulus(x, y, a * part, a),
                EllipseAnnulus(x, y, a * part, b * part, a, b, turn),
                BoxAnnulus(x, y, a * part, b * part, a, b, turn),
            )
        )
    )


def numbers(shape):
    return {
        key: [item for pair in value for item in pair] if key == "vertices" else value
        for key, value in vars(shape).items()
    }


def same_ellipse(one, other):
    """Whether two ellipses are the same, whichever axis is called a."""
    return moments(one) == pytest.approx(moments(other), abs=1e-4)


def moments(shape):
    if isinstance(shape, Circle):
        shape = Ellipse(shape.x, shape.y, shape.radius, shape.radius)
    if isinstance(shape, CircleAnnulus):
        shape = Ellipse(shape.x, shape.y, shape.outer, shape.outer)
    if isinstance(shape, EllipseAnnulus):
        shape = Ellipse(shape.x, shape.y, shape.outer_a, shape.outer_b, shape.angle)
    c, s = math.cos(math.radians(shape.angle)), math.sin(math.radians(shape.angle))
    a, b = shape.a**2, shape.b**2
    return shape.x, shape.y, a * c * c + b * s * s, a * s * s + b * c * c, (a - b) * c * s


# -- there and back ----------------------------------------------------------------------------------------------------


@everywhere
@settings(deadline=None, max_examples=60)
@given(shape=shapes(), frame=st.sampled_from(SKY))
def test_pixels_to_the_sky_and_back_give_the_same(sky, shape, frame):
    region = Region(shape, label="a", include=False)
    there = to_sky(region, sky, frame)
    assert (there.frame, there.drawn_in, there.label, there.include) == (frame, "pixel", "a", False)
    back = to_pixels(there, sky)
    assert (back.frame, back.drawn_in) == ("pixel", "")
    if isinstance(shape, Circle | CircleAnnulus | Ellipse | EllipseAnnulus):
        assert same_ellipse(back.shape, shape)
    elif isinstance(shape, Box | BoxAnnulus):
        turn = (back.shape.angle - shape.angle + 180.0) % 360.0 - 180.0
        assert turn == pytest.approx(0.0, abs=1e-4)
        plain = dataclasses.replace(back.shape, angle=shape.angle)
        assert numbers(plain) == pytest.approx(numbers(shape), abs=1e-5)
    else:
        assert numbers(back.shape) == {key: pytest.approx(value, abs=1e-5) for key, value in numbers(shape).items()}


def test_a_region_goes_home_to_the_frame_in_which_it_was_drawn():
    sky = IMAGES["turned"]
    drawn = Region(Ellipse(10.01, 60.02, 0.004, 0.002, 33.0), frame="fk5", label="a")
    pixels = to_pixels(drawn, sky)
    assert pixels.drawn_in == "fk5"
    back = to_sky(pixels, sky)
    assert (back.frame, back.drawn_in) == ("fk5", "")
    assert numbers(back.shape) == {key: pytest.approx(value, abs=1e-9) for key, value in numbers(drawn.shape).items()}
    assert to_sky(pixels, sky, "galactic").drawn_in == "fk5"
    assert to_sky(Region(Circle(9, 9, 2)), sky).frame == "icrs"


def test_a_region_in_pixels_stays_as_it_is():
    region = Region(Circle(1, 2, 3))
    assert to_pixels(region, None) is region


# -- where the sky is --------------------------------------------------------------------------------------------------


def on_the_edge(centre, frame, a, b, direction):
    """Positions on an ellipse in the sky whose axis a has this position angle."""
    there = SkyCoord(*centre, unit="deg", frame=frame)
    turns = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    u, v = a * np.cos(turns), b * np.sin(turns)
    return there.directional_offset_by(
        (direction + np.degrees(np.arctan2(v, u))) * units.deg, np.hypot(u, v) * units.deg
    )


@everywhere
@pytest.mark.parametrize("frame", SKY)
def test_an_ellipse_in_the_sky_is_where_astropy_says(sky, frame):
    """The position angle is the direction of a, and the angle is 90 degrees more: north up and east left."""
    a, b, position_angle = 50 * ARCSEC, 20 * ARCSEC, 25.0
    middle = sky.to_world(210.0, 190.0, frame)
    centre = float(middle[0]), float(middle[1])
    edge = on_the_edge(centre, frame, a, b, position_angle)
    x, y = sky.to_pixel(edge.data.lon.deg, edge.data.lat.deg, frame)
    made = to_pixels(Region(Ellipse(*centre, a, b, position_angle + 90.0), frame=frame), sky).shape
    c, s = math.cos(math.radians(made.angle)), math.sin(math.radians(made.angle))
    u = (x - made.x) * c + (y - made.y) * s
    v = (y - made.y) * c - (x - made.x) * s
    np.testing.assert_allclose((u / made.a) ** 2 + (v / made.b) ** 2, 1.0, atol=2e-3)


@everywhere
def test_a_circle_in_the_sky_has_its_radius_all_around(sky):
    middle = sky.to_world(150.0, 260.0)
    centre, radius = (float(middle[0]), float(middle[1])), 60 * ARCSEC
    edge = on_the_edge(centre, sky.frame, radius, radius, 0.0)
    x, y = sky.to_pixel(edge.data.lon.deg, edge.data.lat.deg)
    made = to_pixels(Region(Circle(*centre, radius), frame=sky.frame), sky).shape
    square = np.linalg.inv(np.array([[moments(made)[2], moments(made)[4]], [moments(made)[4], moments(made)[3]]]))
    away = np.stack((x - made.x, y - made.y))
    np.testing.assert_allclose(np.einsum("ik,ij,jk->k", away, square, away), 1.0, atol=2e-3)


def test_kinds_of_shapes_on_square_and_on_oblong_pixels():
    plain, oblong = IMAGES["plain"], IMAGES["oblong"]
    circle = Region(Circle(10.0, 37.0, 100 * ARCSEC), frame="icrs")
    ring = Region(CircleAnnulus(10.0, 37.0, 50 * ARCSEC, 100 * ARCSEC), frame="icrs")
    assert numbers(to_pixels(circle, plain).shape) == pytest.approx({"x": 200, "y": 200, "radius": 40}, abs=1e-4)
    assert numbers(to_pixels(ring, plain).shape) == pytest.approx(
        {"x": 200, "y": 200, "inner": 20, "outer": 40}, abs=1e-4
    )
    wide = to_pixels(circle, oblong).shape
    assert (wide.a, wide.b, math.sin(math.radians(wide.angle))) == pytest.approx((40, 20, 0), abs=1e-4)
    wide = to_pixels(ring, oblong).shape
    assert (wide.inner_a, wide.inner_b, wide.outer_a, wide.outer_b) == pytest.approx((20, 10, 40, 20), abs=1e-4)


@pytest.mark.parametrize("turn", [0.0, 33.0, 90.0, 200.0])
def test_a_box_on_oblong_pixels_keeps_its_area_and_the_direction_of_its_width(turn):
    sky = IMAGES["oblong"]
    made = to_sky(Region(Box(200.0, 200.0, 20, 10, turn)), sky).shape
    assert made.width * made.height == pytest.approx(20 * 10 * 2.5 * 5 * ARCSEC**2, rel=1e-6)
    x, y = math.cos(math.radians(turn)) * 2.5, math.sin(math.radians(turn)) * 5
    assert made.width == pytest.approx(20 * math.hypot(x, y) * ARCSEC, rel=1e-6)
    assert math.cos(math.radians(made.angle) - math.atan2(y, x)) == pytest.approx(1.0)
    if turn == 90:
        assert (made.width, made.height) == pytest.approx((100 * ARCSEC, 25 * ARCSEC), rel=1e-6)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("plain", 30.0), ("mirrored", 150.0), ("turned", 70.0), ("mirrored and turned", 40.0)],
)
def test_angles_follow_north_and_east(name, expected):
    """30 degrees from west towards north; a mirrored image has west to the left."""
    sky = IMAGES[name]
    middle = sky.to_world(200.0, 200.0)
    box = Region(Box(float(middle[0]), float(middle[1]), 50 * ARCSEC, 20 * ARCSEC, 30.0), frame="icrs")
    made = to_pixels(box, sky).shape
    assert (made.width, made.height) == pytest.approx((20, 8), rel=1e-5)
    assert made.angle % 180 == pytest.approx(expected % 180, abs=1e-3)


def test_a_box_across_longitude_0_and_a_polygon_across_it():
    sky = IMAGES["ra 0"]
    box = to_pixels(Region(Box(359.999, 37.0, 40 * ARCSEC, 20 * ARCSEC), frame="icrs"), sky).shape
    assert (box.width, box.height) == pytest.approx((16, 8), rel=1e-4)
    corners = ((359.99, 36.99), (0.01, 36.99), (0.01, 37.01), (359.99, 37.01))
    bits, x0, y0 = patch_of(to_pixels(Region(Polygon(corners), frame="icrs"), sky).shape, (401, 401))
    assert bits.shape == pytest.approx((29, 23), abs=1)
    assert (x0, y0) == pytest.approx((189, 186), abs=1)


def test_a_small_box_at_the_pole_itself():
    sky = image(90.0, ra=0.0)
    back = to_pixels(to_sky(Region(Box(200.0, 200.0, 20, 10, 30)), sky), sky).shape
    assert (back.width, back.height) == pytest.approx((20, 10), rel=1e-6)


# -- many at once ------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(shapes(), st.sampled_from(("pixel", *SKY))), max_size=8), st.sampled_from(("", *SKY)))
def test_many_at_once_are_as_one_by_one(given, frame):
    sky = IMAGES["oblong and turned"]
    regions = [Region(shape) if name == "pixel" else to_sky(Region(shape), sky, name) for shape, name in given]
    one_by_one = [to_pixels(region, sky) for region in regions], [to_sky(region, sky, frame) for region in regions]
    for many, single in zip((all_to_pixels(regions, sky), all_to_sky(regions, sky, frame)), one_by_one, strict=True):
        assert [(one.frame, one.drawn_in, type(one.shape)) for one in many] == [
            (one.frame, one.drawn_in, type(one.shape)) for one in single
        ]
        for one, other in zip(many, single, strict=True):
            if isinstance(one.shape, Circle | CircleAnnulus | Ellipse | EllipseAnnulus):
                # an ellipse that is nearly a circle has no direction to speak of
                size = moments(other.shape)[2] + moments(other.shape)[3]
                assert moments(one.shape) == pytest.approx(moments(other.shape), rel=1e-9, abs=1e-9 * size)
            else:
                # an angle of nothing has no digits to agree in
                expected = {
                    key: pytest.approx(value, rel=1e-9, abs=1e-9) for key, value in numbers(other.shape).items()
                }
                assert numbers(one.shape) == expected


def test_one_that_cannot_be_placed_does_not_keep_the_others_back():
    good, bad = Region(Circle(10, 37, 0.1), frame="icrs"), Region(Circle(190, -37, 0.1), frame="icrs")
    found = all_to_pixels([Region(Circle(1, 2, 3)), bad, good], IMAGES["plain"])
    assert found[0] == Region(Circle(1, 2, 3))
    assert isinstance(found[1], OptionError)
    assert found[2].shape.x == pytest.approx(200)
    assert isinstance(all_to_pixels([good], None)[0], OptionError)
    assert isinstance(all_to_sky([bad], IMAGES["plain"], "fk5")[0], OptionError)
    assert all_to_sky([bad], IMAGES["plain"], "icrs") == [bad]
    assert all_to_pixels([], IMAGES["plain"]) == all_to_sky([], IMAGES["plain"]) == []


@pytest.mark.parametrize("frame", SKY)
def test_20000_regions_take_less_than_4_s_there_and_back(frame):
    sky = image(60, turn=10, size=5040)
    places = np.random.default_rng(7).random((20_000, 2)) * 5040
    kinds = (
        lambda x, y: Circle(x, y, 5),
        lambda x, y: Ellipse(x, y, 9, 4, 30),
        lambda x, y: Polygon(((x, y), (x + 9, y), (x, y + 9))),
    )
    regions = [Region(kinds[k % 3](float(x), float(y))) for k, (x, y) in enumerate(places)]
    start = time.thread_time()
    back = all_to_pixels(all_to_sky(regions, sky, frame), sky)
    assert time.thread_time() - start < 4
    assert all(isinstance(region, Region) for region in back)


# -- where there is no sky ---------------------------------------------------------------------------------------------


def test_without_coordinates_it_is_said_so():
    with pytest.raises(OptionError, match="no celestial coordinates"):
        to_pixels(Region(Circle(10, 37, 0.1), frame="icrs"), None)
    with pytest.raises(OptionError, match="no celestial coordinates"):
        to_sky(Region(Circle(10, 37, 3)), None)


@pytest.mark.parametrize("shape", [Circle(190, -37, 0.1), Point(190, -37), Polygon(((10, 37), (10.1, 37), (190, -37)))])
def test_what_is_behind_the_image_cannot_be_placed(shape):
    with pytest.raises(OptionError, match="does not reach"):
        to_pixels(Region(shape, frame="icrs"), IMAGES["plain"])


def test_what_is_outside_of_an_all_sky_image_has_no_position():
    wide = image(0, steps=(7200.0, 7200.0), size=101)
    for shape in (Circle(1.0, 1.0, 3.0), Polygon(((50, 50), (60, 50), (1, 1)))):
        with pytest.raises(OptionError, match="no sky"):
            to_sky(Region(shape), wide)


def test_at_the_very_edge_of_the_sky_there_is_no_size():
    wide = image(0, steps=(7200.0, 7200.0), size=101)
    edge = 50 + math.degrees(1) / 2 - 0.2
    with pytest.raises(OptionError, match="edge of the image's sky"):
        to_sky(Region(Circle(edge, 50.0, 3.0)), wide)
    to_sky(Region(Point(edge, 50.0)), wide)
