"""Astropy's package `regions` reads what is written here, and its objects can be taken and given."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from dsa110_vis.image import open_image
from dsa110_vis.regions import Region, pixels_of, to_sky, write
from dsa110_vis.regions.astropy_regions import from_astropy, to_astropy
from dsa110_vis.regions.shapes import (
    Box,
    BoxAnnulus,
    Circle,
    CircleAnnulus,
    Ellipse,
    EllipseAnnulus,
    Line,
    Point,
    Polygon,
    Polyline,
)

NX, NY = 160, 140
PLACES = {
    "south": (150.3, -60.0, 0), "equator": (150.3, 0.0, 0), "north": (150.3, 37.0, 0), "high": (150.3, 60.0, 0),
    "pole": (150.3, 85.0, 0), "zero": (0.002, 37.0, 0), "turned": (150.3, 37.0, 40),
}  # fmt: skip
AREAS = {
    "circle": Circle(70.3, 61.7, 30.4),
    "ellipse": Ellipse(75.2, 66.1, 40.3, 15.2, 25.0),
    "box": Box(82.3, 70.1, 61.3, 33.4),
    "rotbox": Box(78.4, 71.3, 70.2, 25.7, 33.0),
    "polygon": Polygon(((20.2, 25.1), (130.7, 40.2), (90.1, 120.3), (70.4, 60.6))),
    "circle_annulus": CircleAnnulus(80.2, 70.4, 20.3, 45.1),
    "ellipse_annulus": EllipseAnnulus(80.2, 70.4, 20.3, 10.2, 50.6, 30.3, 25.0),
    "box_annulus": BoxAnnulus(80.2, 70.4, 30.3, 20.1, 80.2, 60.4, 25.0),
}


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    made = {}
    for name, (lon, lat, turn) in PLACES.items():
        c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
        header = fits.Header(
            {
                "CTYPE1": "RA---SIN", "CRVAL1": lon, "CDELT1": -2.5 / 3600, "CRPIX1": 81.0, "CUNIT1": "deg",
                "CTYPE2": "DEC--SIN", "CRVAL2": lat, "CDELT2": 2.5 / 3600, "CRPIX2": 71.0, "CUNIT2": "deg",
                "PC1_1": c, "PC1_2": -s, "PC2_1": s, "PC2_2": c, "RADESYS": "ICRS",
            }
        )  # fmt: skip
        path = tmp_path_factory.mktemp(name) / "field.fits"
        fits.writeto(path, np.zeros((NY, NX), np.float32), header)
        made[name] = open_image(path), WCS(header)
    return made


def theirs(text, wcs):
    from regions import Regions

    (one,) = Regions.parse(text, format="ds9")
    placed = one if hasattr(one, "to_mask") else one.to_pixel(wcs)
    return placed.to_mask(mode="center").to_image((NY, NX)) > 0


@pytest.mark.parametrize("shape", AREAS)
@pytest.mark.parametrize("place", PLACES)
def test_regions_makes_the_same_mask_of_our_ds9_files(images, place, shape):
    image, wcs = images[place]
    pixel = Region(AREAS[shape])
    for region in (pixel, from_astropy(to_astropy([to_sky(pixel, image.celestial, "icrs")]))[0]):
        mine = pixels_of([region], (NY, NX), image.celestial)
        text = write([region], image, "ds9")
        assert ("image" in text) == (region is pixel)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            other = theirs(text, wcs)
        inside = np.pad(mine, 1)
        inner = inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2] & inside[1:-1, 2:]
        assert (mine != other).sum() <= 0.01 * (mine & ~inner).sum()


@pytest.mark.parametrize("frame", ["pixel", "icrs", "fk5", "galactic"])
@pytest.mark.parametrize("shape", [*AREAS.values(), Point(3, 4), Line(1, 2, 3, 4)], ids=lambda one: one.name)
def test_objects_go_both_ways(images, frame, shape):
    image, _ = images["north"]
    region = Region(shape, include=False, label="one, two", colour="red")
    region = region if frame == "pixel" else to_sky(region, image.celestial, frame)
    (again,) = from_astropy(to_astropy([region]))
    assert (again.frame, again.include, again.label, again.colour) == (frame, False, "one, two", "red")
    for key, value in vars(region.shape).items():
        assert np.ravel(getattr(again.shape, key)) == pytest.approx(np.ravel(value), abs=1e-9)


def test_a_place_in_a_frame_that_is_not_ours_becomes_icrs():
    from astropy import units as u
    from astropy.coordinates import BarycentricMeanEcliptic, SkyCoord
    from regions import CircleSkyRegion

    where = SkyCoord(100 * u.deg, 20 * u.deg, frame=BarycentricMeanEcliptic())
    (region,) = from_astropy([CircleSkyRegion(where, 3 * u.arcsec)])
    assert region.frame == "icrs"
    assert (region.shape.x, region.shape.y) == pytest.approx((where.icrs.ra.deg, where.icrs.dec.deg))


def test_a_polyline_is_its_lines():
    made = to_astropy([Region(Polyline(((1, 2), (3, 4), (5, 6)))), Region(Point(1, 2))])
    assert [region.shape for region in from_astropy(made)] == [Line(1, 2, 3, 4), Line(3, 4, 5, 6), Point(1, 2)]
