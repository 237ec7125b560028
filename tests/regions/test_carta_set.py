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
ROUNDED = 3
"""A narrow box whose centre is 1.1 pixels off in one file: the centres of boxes are whole pixels there."""
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
    least = 0.95 if (encoding, number) == ("world.reg", ROUNDED) else 0.96
    assert (first & second).sum() >= least * (first | second).sum()


def test_the_exception_really_differs(found):
    first, second = found["world.crtf"][DIFFERENT][1], found["world.reg"][DIFFERENT][1]
    assert (first & second).sum() < 0.3 * (first | second).sum()


@pytest.mark.parametrize("number", [n - 1 for n in POINTS])
def test_points_agree(found, number):
    places = np.array([[found[e][number][0].shape.x, found[e][number][0].shape.y] for e in ENCODINGS])
    # in this version CARTA counted pixels from 0 in DS9's format too
    assert places == pytest.approx(np.tile(places[1], (4, 1)), abs=0.1)
