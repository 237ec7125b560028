"""The same 16 regions in four encodings, made by CARTA, are the same pixels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from astropy.io import fits

from dsa110_vis.image import open_image
from dsa110_vis.regions import pixels_of, read, to_pixels

ENCODINGS = ("pix.reg", "pix.crtf", "world.reg", "world.crtf")
POINTS = (1, 9)
DIFFERENT = 11
"""Its sides are 54.9 by 14.5 arcsec in one file and 28.6 by 49.1 in another."""
BOXES = (1, 2, 3, 9, 10, 11)
CUT = 3
"""A narrow box, 44 pixels wide: in the file whose centres of boxes are cut to whole pixels it lies 1.1 pixels off."""
MARGIN = 250
"""Some of the regions are left of the image."""


@pytest.fixture(scope="module")
def found(unpack, tmp_path_factory):
    """Each region of each encoding as pixels.

    Of the image they were drawn on, M17_SWex of 640 by 800 pixels, only a part of 6 by 6 is at hand, which begins at
    pixel (144, 183): with its coordinates moved by that, the positions in pixels and in the sky belong together.
    """
    part = fits.getheader(unpack("img_small_mixed") / "carta" / "M17_SWex_unit.fits")
    names = (
        "CTYPE1",
        "CRVAL1",
        "CDELT1",
        "CUNIT1",
        "CTYPE2",
        "CRVAL2",
        "CDELT2",
        "CUNIT2",
        "RADESYS",
        "LONPOLE",
        "LATPOLE",
    )
    header = fits.Header({name: part[name] for name in names})
    header["CRPIX1"], header["CRPIX2"] = part["CRPIX1"] + 144, part["CRPIX2"] + 183
    path = tmp_path_factory.mktemp("carta") / "whole.fits"
    fits.writeto(path, np.zeros((800, 640), np.float32), header)
    image = open_image(path)
    files = unpack("regions_dev") / "carta"
    masks = {}
    for encoding in ENCODINGS:
        regions, report = read(files / f"set_QA_regionTest__M17_SWex_regionSet1_{encoding}", image)
        assert report.problems == []
        placed = [to_pixels(region, image.celestial) for region in regions]
        masks[encoding] = [(region, moved(region)) for region in placed]
    return masks


def moved(region):
    shape = region.shape
    if hasattr(shape, "vertices"):
        shape = replace(shape, vertices=tuple((x + MARGIN, y) for x, y in shape.vertices))
    else:
        shape = replace(shape, x=shape.x + MARGIN)
    return pixels_of([replace(region, shape=shape)], (800, 640 + 2 * MARGIN))


def overlap(first, second):
    return (first & second).sum() / (first | second).sum()


def test_every_encoding_has_all_regions_of_the_same_kinds(found):
    kinds = {
        encoding: [region.shape.name.replace("circle", "ellipse") for region, _ in regions]
        for encoding, regions in found.items()
    }
    assert [len(names) for names in kinds.values()] == [16] * 4
    assert len({tuple(names) for names in kinds.values()}) == 1


@pytest.mark.parametrize("number", [n for n in range(16) if n + 1 not in POINTS and n != DIFFERENT])
@pytest.mark.parametrize("encoding", ["pix.reg", "world.reg", "world.crtf"])
def test_areas_agree(found, encoding, number):
    first, second = found["pix.crtf"][number][1], found[encoding][number][1]
    if (encoding, number) == ("world.reg", CUT):
        assert 0.95 <= overlap(first, second) < 0.96
    else:
        assert overlap(first, second) >= 0.96


@pytest.mark.parametrize("number", BOXES)
def test_one_file_has_the_centres_of_boxes_cut_to_whole_pixels(found, number):
    right, read = found["pix.crtf"][number][0].shape, found["world.reg"][number][0].shape
    # its last digit is 0.009 pixels, so that it lies no further from where it was written than half of that
    assert (read.x, read.y) == pytest.approx((np.trunc(right.x), np.trunc(right.y)), abs=0.005)


def test_the_box_that_lies_off_agrees_once_its_centre_is_put_back(found):
    right, cut = (found[encoding][CUT][0] for encoding in ("pix.crtf", "world.reg"))
    put_back = replace(cut, shape=replace(cut.shape, x=right.shape.x, y=right.shape.y))
    assert overlap(moved(put_back), found["pix.crtf"][CUT][1]) > 0.995


def test_no_reading_of_that_file_gives_more_for_this_box(found):
    """All ten numbers may be off by half of their last digit, each in the direction that helps most."""
    right, cut = (found[encoding][CUT][0].shape for encoding in ("pix.crtf", "world.reg"))
    assert (right.angle, cut.angle) == pytest.approx((45, 45), abs=0.02)
    # along the box and across it; pixels have one decimal, degrees six, at 0.4 arcsec a pixel
    dx, dy, half = cut.x - right.x, cut.y - right.y, 0.05 + 0.005
    along, across = (max(0, (abs(d) / np.sqrt(2)) - half * np.sqrt(2)) for d in (dx + dy, dy - dx))
    length, width = right.width + half, right.height + half
    common = (length - along) * (width - across)
    assert common < 0.96 * (2 * length * width - common)


def test_the_exception_really_differs(found):
    first, second = found["world.crtf"][DIFFERENT][1], found["world.reg"][DIFFERENT][1]
    assert overlap(first, second) < 0.3


@pytest.mark.parametrize("number", [n - 1 for n in POINTS])
def test_points_agree(found, number):
    places = np.array([[found[e][number][0].shape.x, found[e][number][0].shape.y] for e in ENCODINGS])
    # in this version CARTA counted pixels from 0 in DS9's format too
    assert places == pytest.approx(np.tile(places[1], (4, 1)), abs=0.1)
