"""What is written is read again: exactly as JSON, to the last digits that matter as DS9 and CRTF, and fast."""

from __future__ import annotations

import json
from dataclasses import astuple, replace
from importlib import resources

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsa110_vis.errors import OptionError, RegionSyntaxError
from dsa110_vis.image import open_image
from dsa110_vis.regions import Region, pixels_of, read, write
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
)

SKY = ("icrs", "fk5", "fk4", "galactic")


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    from astropy.io import fits

    header = fits.Header(
        {
            "CTYPE1": "RA---SIN", "CRVAL1": 202.5, "CDELT1": -2.5 / 3600, "CRPIX1": 161.0, "CUNIT1": "deg",
            "CTYPE2": "DEC--SIN", "CRVAL2": 30.5, "CDELT2": 2.5 / 3600, "CRPIX2": 141.0, "CUNIT2": "deg",
            "RADESYS": "ICRS",
        }
    )  # fmt: skip
    path = tmp_path_factory.mktemp("image") / "field.fits"
    fits.writeto(path, np.zeros((280, 320), np.float32), header)
    return open_image(path)


def number(low, high):
    return st.floats(low, high, allow_nan=False, allow_infinity=False, allow_subnormal=False)


@st.composite
def shapes(draw, pixels, brush):
    """Draw a shape: on the image and around it in pixels, or anywhere on the sky."""
    x, y = (number(-500, 1000),) * 2 if pixels else (number(0, 359.99), number(-89, 89))
    size = number(0.1, 500) if pixels else number(1e-4, 5.0)
    angle = number(0, 359.9)
    inner = draw(size)
    outer = inner + draw(size)
    corners = st.lists(st.tuples(x, y), min_size=3, max_size=8, unique=True).map(tuple)
    kinds = [
        st.builds(Point, x, y),
        st.builds(Line, x, y, x, y),
        st.builds(Polyline, corners),
        st.builds(Circle, x, y, size),
        st.builds(Ellipse, x, y, size, size, angle),
        st.builds(Box, x, y, size, size, angle),
        st.builds(Polygon, corners),
        st.builds(CircleAnnulus, x, y, st.just(inner), st.just(outer)),
        st.builds(EllipseAnnulus, x, y, st.just(inner), st.just(inner / 2), st.just(outer), st.just(outer / 2), angle),
        st.builds(BoxAnnulus, x, y, st.just(inner), st.just(inner / 2), st.just(outer), st.just(outer / 2), angle),
    ]
    if brush:
        kinds.append(st.builds(Brush, corners, size))
    return draw(st.one_of(kinds))


@st.composite
def regions(draw, frames=("pixel", *SKY), *, brush=False):
    frame = draw(st.sampled_from(frames))
    low = draw(st.integers(0, 700))
    limits = st.one_of(st.none(), st.integers(low, 768).map(lambda high: (low, high)))
    return Region(
        draw(shapes(frame == "pixel", brush)),
        frame=frame,
        include=draw(st.booleans()),
        label=draw(st.sampled_from(["", "A", "3C 286, core", "a # b; c", "ä = {b} c"])),
        colour=draw(st.sampled_from(["", "red", "#ff8800"])),
        channels=draw(limits),
        stokes=draw(st.sampled_from([None, ("I",), ("Q", "U")])),
        annotation=draw(st.booleans()),
    )


def same(first, second):
    """Compare but for the last digits: a 1e-10 of a degree, and a 1e-6 of a pixel."""
    assert replace(first, shape=second.shape) == second
    assert type(first.shape) is type(second.shape)
    close = 1e-6 if first.frame == "pixel" else 1e-9
    if hasattr(first.shape, "angle"):
        turn = (first.shape.angle - second.shape.angle + 180.0) % 360.0 - 180.0
        assert turn == pytest.approx(0.0, abs=1e-9)
        first = replace(first, shape=replace(first.shape, angle=second.shape.angle))
    numbers = [np.ravel(np.asarray(astuple(one.shape), dtype=float)) for one in (first, second)]
    assert numbers[0] == pytest.approx(numbers[1], abs=close, rel=0)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=50)
@given(st.lists(regions(brush=True), max_size=4))
def test_json_gives_the_same_regions(taken):
    again, report = read(write(taken, None, "json"), None, "json")
    assert again == taken
    assert (report.problems, report.n_regions) == ([], len(taken))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=50)
@given(st.lists(regions(), min_size=1, max_size=4))
def test_ds9_gives_the_same_regions(image, taken):
    again, report = read(write(taken, image, "ds9"), image)
    assert report.problems == []
    assert len(again) == len(taken)
    for first, second in zip(taken, again, strict=True):
        # DS9 has no region without a colour, and a line is a drawing
        same(replace(first, colour=first.colour or second.colour), second)


KEPT = (Point, Line, Circle, Ellipse, Polygon, CircleAnnulus)
"""Shapes in pixels that CASA takes as they are, so that none becomes a polygon."""


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=50)
@given(st.lists(regions(("pixel",)).filter(lambda one: isinstance(one.shape, KEPT)), min_size=1, max_size=4))
def test_crtf_gives_the_same_regions(image, taken):
    again, report = read(write(taken, image, "crtf"), image)
    assert report.problems == []
    assert len(again) == len(taken)
    for first, second in zip(taken, again, strict=True):
        drawn = first.annotation or not first.shape.has_area
        # what is drawn has no sign in CASA
        same(replace(first, annotation=second.annotation, include=first.include or drawn), second)
        assert second.annotation or not first.annotation


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=40)
@given(regions(("pixel",)).filter(lambda one: one.shape.has_area and not one.annotation))
def test_all_formats_give_the_same_pixels(image, region):
    size = (image.ny, image.nx)
    mine = pixels_of([region], size, image.celestial)
    for name in ("ds9", "crtf", "json"):
        theirs = pixels_of(read(write([region], image, name), image)[0], size, image.celestial)
        # the annuli that are polygons in CRTF may miss some pixels at their edges
        few = 12 if name == "crtf" else 2
        assert (mine != theirs).sum() <= few


def test_the_schema_and_the_reader_agree_on_what_is_valid(image):
    schema = json.loads(resources.files("dsa110_vis.regions").joinpath("schema.json").read_text())
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(schema)
    whole = json.loads(
        write([Region(Circle(1, 2, 3), channels=(1, 2), stokes=("I",)), Region(Brush(((1, 2),), 3))], image, "json")
    )
    validator.validate(whole)
    good = whole["regions"][0]
    bad = [
        {**good, "radius": -1}, {**good, "radius": "3"}, {**good, "frame": "ecliptic"}, {**good, "include": 1},
        {**good, "channels": [1]}, {**good, "channels": [-1, 2]}, {**good, "stokes": "I"}, {**good, "shape": "cube"},
        {**good, "label": "x" * 3000}, {key: value for key, value in good.items() if key != "x"},
        {"shape": "polygon", "vertices": [[1, 2], [3, 4]]}, {"shape": "polygon", "vertices": [[1, 2], [3, 4], [5]]},
    ]  # fmt: skip
    for plain in bad:
        content = {**whole, "regions": [plain]}
        assert not validator.is_valid(content), plain
        found, report = read(json.dumps(content), image)
        assert found == [], plain
        assert len(report.problems) == 1


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        '{"format": "dsa110_vis regions", "version": 2, "regions": []}',
        '{"regions": [1]}',
        "[" * 100_000,
        "{" + "[" * 100_000,
    ],
)
def test_json_that_is_no_region_file_is_refused(text):
    with pytest.raises(RegionSyntaxError):
        read(text, None, "json")


def test_what_is_no_region_file_is_refused(tmp_path, image):
    for content in (b"\x89PNG\r\n\x1a\n\0\0\0", b"SIMPLE  =                    T", b"\0" * 100):
        with pytest.raises(RegionSyntaxError):
            read(content, image)
    for path in (tmp_path, tmp_path / "none.reg"):
        with pytest.raises(RegionSyntaxError):
            read(path, image)
    with pytest.raises(OptionError):
        read("image\ncircle(1,2,3)\n", image, "svg")
    with pytest.raises(OptionError):
        write([], image, "svg")


def test_a_file_that_is_too_large_is_refused(tmp_path, image):
    path = tmp_path / "large.reg"
    with path.open("wb") as file:
        file.truncate((64 << 20) + 1)
    with pytest.raises(RegionSyntaxError, match="MiB"):
        read(path, image)


@given(st.binary(max_size=400))
def test_bytes_of_any_kind_are_regions_or_refused(content):
    for name in (None, "ds9", "crtf", "json", "fits"):
        try:
            read(content, None, name)
        except RegionSyntaxError:
            continue


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=50)
@given(st.text(alphabet="circle(box[annulus]ellipse,polygon){}\"'#;|-+!=0123456789.eE: \n", max_size=200))
def test_text_of_any_kind_is_regions_or_problems(image, text):
    for name in ("ds9", "crtf"):
        try:
            found, report = read(text, image, name)
        except RegionSyntaxError:
            continue
        assert report.n_regions == len(found)


@pytest.mark.parametrize("name", ["ds9", "crtf", "json"])
def test_20_000_regions_come_back(image, name):
    places = np.random.default_rng(3).uniform(-0.05, 0.05, (20_000, 2))
    many = [Region(Ellipse(202.5 + x, 30.5 + y, 0.002, 0.001, 30.0), frame="icrs") for x, y in places.tolist()]
    found, report = read(write(many, image, name), image)
    assert (len(found), report.problems) == (20_000, [])
