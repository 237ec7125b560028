"""Regions together: in their order, as CASA takes them."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from dsa110_vis.casa_process import run_casa
from dsa110_vis.errors import OptionError
from dsa110_vis.regions import outline, pixels_of
from dsa110_vis.regions.shapes import Box, Circle, Line, Point, Region

SIZE = (101, 101)
SMALL, LARGE = Box(40, 40, 20, 20), Box(55, 55, 30, 30)


def region(shape=SMALL, include=True, **more):
    return Region(shape, include=include, **more)


def casa(lines):
    """Pixels of each channel of CRTF files on an image of 101 x 101 pixels, one Stokes parameter and four channels."""
    code = """
import casatools
image = casatools.image()
image.fromshape("t.im", [101, 101, 1, 4])
result = {}
for name, lines in arguments.items():
    with open(name + ".crtf", "w") as file:
        file.write("\\n".join(["#CRTFv0 CASA Region Text Format version 0", *lines, ""]))
    part = image.subimage("", region=name + ".crtf")
    result[name] = part.getchunk(getmask=True).sum(axis=(0, 1, 2)).tolist()
    part.done()
image.close()
"""
    return run_casa(code, lines)


CASES = {
    "one": [region()],
    "then away": [region(), region(LARGE, include=False)],
    "away first": [region(include=False), region(LARGE)],
    "away and back": [region(), region(LARGE, include=False), region(Circle(55, 55, 12))],
    "in channels": [region(LARGE), region(include=False, channels=(1, 2))],
    "added in channels": [region(channels=(0, 1)), region(LARGE, channels=(1, 3))],
    "not its channels": [region(include=False, channels=(1, 2)), region(LARGE)],
}


@pytest.mark.casa
@pytest.mark.skipif(importlib.util.find_spec("casatools") is None, reason="casatools is not installed")
def test_the_same_pixels_as_casa():
    def line(one):
        shape = one.shape
        if isinstance(shape, Circle):
            body = f"circle[[{shape.x}pix, {shape.y}pix], {shape.radius}pix]"
        else:  # by corners: CASA leaves out a row of a centerbox
            (x1, y1), (x2, y2) = outline(shape)[0][0], outline(shape)[0][2]
            body = f"box[[{x1}pix, {y1}pix], [{x2}pix, {y2}pix]]"
        channels = "" if one.channels is None else f", range=[{one.channels[0]}chan, {one.channels[1]}chan]"
        return ("" if one.include else "-") + body + channels

    expected = casa({name: [line(one) for one in regions] for name, regions in CASES.items()})
    for name, regions in CASES.items():
        found = [int(pixels_of(regions, SIZE, channel=channel).sum()) for channel in range(4)]
        # where the first excludes, CASA adds one pixel that is in no region, the first of the image
        stray = 0 if regions[0].include else 1
        assert found[0] + stray == expected[name][0], name
        assert found[1:] == expected[name][1:], name


def test_only_regions_that_exclude_leave_all_else():
    found = pixels_of([region(include=False), region(LARGE, include=False)], SIZE)
    np.testing.assert_array_equal(~found, pixels_of([region(), region(LARGE)], SIZE))
    assert found.sum() > 8000


def test_nothing_holds_nothing():
    assert not pixels_of([], SIZE).any()
    assert not pixels_of([region(Point(5, 5)), region(Line(0, 0, 9, 9), include=False)], SIZE).any()


def test_annotations_are_left_out():
    assert pixels_of([region(), region(LARGE, annotation=True)], SIZE).sum() == 441
    assert not pixels_of([region(annotation=True), region(LARGE, include=False, annotation=True)], SIZE).any()


def test_a_region_of_other_planes_does_not_turn_a_plane_inside_out():
    regions = [region(channels=(0, 0)), region(LARGE, include=False, channels=(1, 1))]
    assert pixels_of(regions, SIZE, channel=0).sum() == 441
    assert pixels_of(regions, SIZE, channel=1).sum() == 0


def test_stokes_parameters():
    regions = [region(), region(LARGE, stokes=("I", "V")), region(Circle(55, 55, 12), include=False, stokes=("V",))]
    counts = {name: int(pixels_of(regions, SIZE, stokes=name).sum()) for name in "IQUV"}
    assert counts["Q"] == counts["U"] == 441
    assert counts["I"] > counts["V"] > 441
    assert pixels_of(regions, SIZE).sum() == counts["V"]


def test_regions_in_the_sky_need_coordinates():
    with pytest.raises(OptionError, match="no celestial coordinates"):
        pixels_of([Region(Circle(10, 20, 0.1), frame="icrs")], SIZE)
