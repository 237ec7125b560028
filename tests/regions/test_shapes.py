"""Shapes and regions refuse numbers that mean nothing, and say so."""

from __future__ import annotations

import dataclasses
import math

import pytest

from dsa110_vis.errors import OptionError
from dsa110_vis.regions.shapes import SHAPES, Box, BoxAnnulus, Brush, Circle, CircleAnnulus, Polygon, Polyline, Region


def test_shapes_are_known_by_name():
    round_and_square = {f"{kind}{ring}" for kind in ("circle", "ellipse", "box") for ring in ("", "_annulus")}
    assert set(SHAPES) == round_and_square | {"point", "line", "polyline", "polygon", "brush"}
    assert all(kind.name == name for name, kind in SHAPES.items())


def test_shapes_and_regions_can_be_compared_and_not_changed():
    region = Region(Circle(1.0, 2.0, 3.0), label="a")
    assert region == dataclasses.replace(region, id="r7")
    assert hash(region.shape) == hash(Circle(1.0, 2.0, 3.0))
    with pytest.raises(dataclasses.FrozenInstanceError):
        region.label = "b"


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 1e13])
@pytest.mark.parametrize("kind", SHAPES.values(), ids=SHAPES)
def test_numbers_are_finite(kind, number):
    names = [field.name for field in dataclasses.fields(kind)]
    good = {name: ((1.0, 2.0), (3.0, 4.0), (5.0, 0.0)) if name == "vertices" else 1.0 for name in names}
    kind(**good)
    for name in names:
        bad = ((1.0, 2.0), (3.0, number), (5.0, 0.0)) if name == "vertices" else number
        with pytest.raises(OptionError, match=kind.name):
            kind(**good | {name: bad})


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Circle(0, 0, 0), "circle cannot have radius 0. Sizes must be above 0."),
        (lambda: Circle(0, 0, -1.0), "radius -1.0"),
        (lambda: Box(0, 0, 1, -2), "height -2"),
        (lambda: CircleAnnulus(0, 0, 5, 4), "inner 5. It must be from 0 to the outer one."),
        (lambda: CircleAnnulus(0, 0, -1, 4), "inner -1"),
        (lambda: BoxAnnulus(0, 0, 1, 3, 2, 2), "inner_height 3"),
        (lambda: Polygon(((0, 0), (1, 1))), "2 vertices. It needs at least 3."),
        (lambda: Polyline(((0, 0),)), "1 vertices"),
        (lambda: Brush((), 1.0), "0 vertices"),
        (lambda: Region(Circle(0, 0, 1), frame="sky"), "There is no frame 'sky'."),
        (lambda: Region(Circle(0, 0, 1), drawn_in="J2000"), "There is no frame 'J2000'."),
    ],
)
def test_what_is_not_possible_is_refused(make, words):
    with pytest.raises(OptionError) as caught:
        make()
    assert words in str(caught.value)


def test_an_inner_size_can_be_nothing_or_all():
    assert CircleAnnulus(0, 0, 0, 4).inner == 0
    assert CircleAnnulus(0, 0, 4, 4).inner == 4
