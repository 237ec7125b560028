"""Coordinates: there and back, in every projection and frame, and the words for them."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import FK4, FK5, ICRS, FK4NoETerms, Galactic, SkyCoord
from astropy.io.fits import Header
from astropy.time import Time
from astropy.wcs import WCS
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dsa110_vis.errors import OptionError
from dsa110_vis.image import FRAMES, Beam, open_image

PROJECTIONS = ("SIN", "TAN", "NCP", "CAR", "ARC", "SFL", "ZEA", "MOL", "AIT", "STG")
ALL_SKY = ("CAR", "SFL", "MOL", "AIT")


def sky(projection="SIN", lon=150.0, lat=40.0, cell=1e-3, *, turn=0.0, nx=101, ny=81, **cards):
    """The coordinates of an image about (lon, lat), turned counter-clockwise."""
    header = Header()
    angle = np.radians(turn)
    parts = {
        "CTYPE1": f"RA---{projection}", "CTYPE2": f"DEC--{projection}", "CRVAL1": lon, "CRVAL2": lat,
        "CDELT1": -cell, "CDELT2": cell, "CRPIX1": (nx + 1) / 2, "CRPIX2": (ny + 1) / 2,
        "PC1_1": np.cos(angle), "PC1_2": np.sin(angle), "PC2_1": -np.sin(angle), "PC2_2": np.cos(angle),
    }  # fmt: skip
    for key, value in {**parts, **cards}.items():
        header[key] = value
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return open_image(np.zeros((ny, nx), dtype="f4"), wcs=header).celestial


@settings(deadline=None, max_examples=300)
@given(
    projection=st.sampled_from(PROJECTIONS),
    lon=st.one_of(st.floats(0, 360), st.sampled_from([0.0, 1e-7, 359.9999999, 180.0])),
    lat=st.one_of(st.floats(-90, 90), st.sampled_from([-90.0, 89.99, 90.0, 0.0])),
    cell=st.floats(1e-6, 0.2),
    turn=st.floats(-180, 180),
    x=st.floats(-1, 101),
    y=st.floats(-1, 81),
)
def test_there_and_back(*, projection, lon, lat, cell, turn, x, y):
    assume(projection != "NCP" or abs(lat) > 5)
    coordinates = sky(projection, lon, 0.0 if projection in ALL_SKY else lat, cell, turn=turn)
    there = coordinates.to_world(x, y)
    assume(np.isfinite(there).all())
    assert 0 <= there[0] < 360
    assert -90 <= there[1] <= 90
    back = coordinates.to_pixel(*there)
    # near a pole two longitudes may be the same place: positions are compared, not numbers
    again = coordinates.to_world(*back)
    one, other = (SkyCoord(*(np.asarray(part) * units.deg for part in place)) for place in (there, again))
    assert one.separation(other).deg < 1e-8 + 1e-6 * cell
    if abs(there[1]) < 89.9 and projection != "CAR":
        np.testing.assert_allclose(back, (x, y), atol=1e-4)


@settings(deadline=None, max_examples=200)
@given(
    frame=st.sampled_from(FRAMES),
    own=st.sampled_from(["icrs", "fk5", "fk5-1985", "fk4", "fk4-1900", "fk4-no-e", "galactic"]),
    lon=st.floats(0, 360),
    lat=st.floats(-89, 89),
)
def test_frames_are_those_of_astropy(frame, own, lon, lat):
    name, _, equinox = own.partition("-")
    cards = {"RADESYS": name.upper(), **({"EQUINOX": float(equinox)} if equinox.isdigit() else {})}
    if own == "fk4-no-e":
        cards, equinox = {"RADESYS": "FK4-NO-E"}, ""
    if name == "galactic":
        cards = {"CTYPE1": "GLON-SIN", "CTYPE2": "GLAT-SIN"}
    coordinates = sky(lon=lon, lat=lat, **cards)
    assert coordinates.frame == name

    def astropys(kind):
        year = float(equinox) if equinox and kind == name else None
        return {
            "icrs": ICRS(),
            "galactic": Galactic(),
            "fk5": FK5(equinox=Time(year or 2000.0, format="jyear")),
            "fk4": (FK4NoETerms if own == "fk4-no-e" else FK4)(equinox=Time(year or 1950.0, format="byear")),
        }[kind]

    x, y = np.array([3.0, 50.0, 90.0]), np.array([70.0, 40.0, 11.0])
    own_lon, own_lat = coordinates.to_world(x, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = SkyCoord(own_lon * units.deg, own_lat * units.deg, frame=astropys(name)).transform_to(
            astropys(frame)
        )
    found = coordinates.to_world(x, y, frame)
    there = SkyCoord(*(part * units.deg for part in found), frame=astropys(frame))
    assert there.separation(expected).arcsec.max() < 1e-5
    np.testing.assert_allclose(coordinates.to_pixel(*found, frame), (x, y), atol=1e-3)


def test_an_old_header_without_radesys():
    assert sky(EQUINOX=1950.0).frame == "fk4"
    assert sky(EPOCH=1950.0).frame == "fk4"
    assert sky(EQUINOX=2000.0).frame == "fk5"
    assert sky().frame == "icrs"


def test_positions_where_there_is_no_sky_are_nan():
    half = sky("SIN", cell=1.0)
    lon, lat = half.to_world([50, 0, 100], [40, 0, 80])
    assert np.isfinite([lon[0], lat[0]]).all()
    assert np.isnan(lon[1:]).all()
    assert np.isnan(half.to_pixel(330.0, -40.0)).all()  # behind the observer
    assert np.isnan(half.to_pixel(np.nan, 0.0)).all()
    assert np.isnan(half.to_world(np.inf, 0.0)).all()
    ellipse = sky("AIT", 0.0, 0.0, 4.0)
    assert np.isnan(ellipse.to_world(0, 0)).all()
    for empty in (half.to_world([], []), half.to_pixel([], [], "galactic")):
        assert empty[0].shape == (0,)


@pytest.mark.parametrize("turn", [-120.0, 0.0, 40.0, 90.0, 179.0])
def test_rotation_and_north(turn):
    turned = sky("TAN", turn=turn)
    assert turned.rotation == pytest.approx(turn, abs=1e-6)
    assert not turned.mirrored
    angle = np.radians(turned.north_angle(50, 40))
    lon, lat = turned.to_world(50 + 3 * np.cos(angle), 40 + 3 * np.sin(angle))
    assert float(lat) == pytest.approx(40.003, abs=1e-6)
    assert float(lon) == pytest.approx(150, abs=1e-6)


def test_rotation_by_the_pole_of_the_projection():
    # LONPOLE turns an image as much as its matrix does
    assert sky("TAN", LONPOLE=150.0).rotation == pytest.approx(30.0, abs=1e-6)


def test_a_mirrored_image():
    assert sky(CDELT1=1e-3).mirrored


def test_north_in_another_frame():
    plain = sky()
    angle = np.radians(plain.north_angle(50, 40, "galactic"))
    here = plain.to_world(50, 40, "galactic")
    there = plain.to_world(50 + np.cos(angle), 40 + np.sin(angle), "galactic")
    assert float(there[0]) == pytest.approx(float(here[0]), abs=1e-6)
    assert float(there[1] - here[1]) == pytest.approx(1e-3, rel=1e-4)


@pytest.mark.parametrize("lat", [-90.0, 90.0])
def test_at_a_pole_there_is_a_size_and_a_beam(lat):
    pole = sky(lat=lat)
    assert pole.pixel_scale(50, 40) == pytest.approx((1e-3, 1e-3))
    assert np.isfinite(pole.north_angle(50, 40))
    a, b, _ = Beam(4e-3, 2e-3, 30.0).ellipse(pole, 50, 40)
    assert (a, b) == pytest.approx((2.0, 1.0), rel=1e-6)


@settings(deadline=None, max_examples=100)
@given(lat=st.floats(-85, 85), turn=st.floats(-180, 180), pa=st.floats(-90, 90), mirrored=st.booleans())
def test_the_beam_on_the_image(lat, turn, pa, mirrored):
    coordinates = sky("TAN", lat=lat, turn=turn, **({"CDELT1": 1e-3} if mirrored else {}))
    beam = Beam(8e-3, 3e-3, pa)
    a, b, angle = beam.ellipse(coordinates, 50, 40)
    assert (a, b) == pytest.approx((4.0, 1.5), rel=1e-5)
    # the end of the major axis lies where the position angle says
    tip = coordinates.to_world(50 + a * np.cos(np.radians(angle)), 40 + a * np.sin(np.radians(angle)))
    middle = coordinates.to_world(50, 40)
    one, other = (SkyCoord(*(float(part) * units.deg for part in place)) for place in (middle, tip))
    apart = (one.position_angle(other).deg - pa + 90) % 180 - 90
    assert abs(apart) < 0.01
    assert beam.area_pixels(coordinates) == pytest.approx(np.pi * 8 * 3 / (4 * np.log(2)), rel=1e-9)


def test_a_beam_where_the_middle_has_no_sky():
    assert np.isfinite(Beam(8.0, 3.0, 0.0).ellipse(sky("SIN", cell=1.0), 0, 0)).all()


def test_pixels_that_are_not_square():
    oblong = sky(CDELT1=-2e-3)
    assert oblong.pixel_scale(50, 40) == pytest.approx((2e-3, 1e-3), rel=1e-6)
    assert oblong.pixel_area() == pytest.approx(2e-6)
    a, b, angle = Beam(4e-3, 4e-3, 0.0).ellipse(oblong, 50, 40)
    assert (a, b) == pytest.approx((2.0, 1.0), rel=1e-6)
    assert angle % 180 == pytest.approx(90.0)


def test_a_distorted_image():
    cards = {
        "A_ORDER": 2,
        "B_ORDER": 2,
        "A_2_0": 2e-4,
        "B_1_1": -1e-4,
        "CTYPE1": "RA---TAN-SIP",
        "CTYPE2": "DEC--TAN-SIP",
    }
    coordinates = sky(**cards)
    assert coordinates.projection == "TAN"
    header = Header(cards)
    plain = sky("TAN")
    for key, value in plain.header().items():
        header.setdefault(key, value)
    x, y = np.array([3.0, 97.0, 50.0]), np.array([70.0, 5.0, 40.0])
    expected = WCS(header).all_pix2world(x, y, 0)
    found = coordinates.to_world(x, y)
    np.testing.assert_allclose(found, expected, atol=1e-10)
    assert np.abs(np.subtract(found, plain.to_world(x, y))).max() > 1e-5  # the distortion counts
    np.testing.assert_allclose(coordinates.to_pixel(*found), (x, y), atol=1e-6)
    again = open_image(np.zeros((81, 101)), wcs=coordinates.header()).celestial
    np.testing.assert_allclose(again.to_world(x, y), found, atol=1e-9)


@pytest.mark.parametrize("projection", PROJECTIONS)
def test_the_header_gives_the_same_coordinates(projection):
    one = sky(projection, lat=0.0 if projection in ALL_SKY else 40.0, turn=25.0, RADESYS="FK5", EQUINOX=1985.0)
    other = open_image(np.zeros((81, 101)), wcs=one.header().tostring()).celestial
    assert (other.frame, other.equinox, other.projection) == (one.frame, one.equinox, one.projection)
    np.testing.assert_allclose(other.to_world([3, 80], [70, 9]), one.to_world([3, 80], [70, 9]), atol=1e-9)


def test_words():
    plain = sky(cell=1 / 3600)  # a tenth of a pixel is a tenth of a second of arc
    assert plain.format(150.0, 40.0) == ("10:00:00.00", "+40:00:00.0")
    assert plain.format(359.9999999, -0.0000001) == ("00:00:00.00", "+00:00:00.0")
    assert plain.format(15 * 5.999999999, -59.99999999) == ("06:00:00.00", "-60:00:00.0")
    assert plain.format(359.9999999, -0.00001, style="degrees") == ("0.00000°", "-0.00001°")
    assert plain.format(123.456, -1.5, "galactic") == ("123.45600°", "-1.50000°")
    assert plain.format(np.nan, 1.0) == ("", "")
    assert sky(cell=2.5e-6).format(150.0, 40.0)[1] == "+40:00:00.0000"
    assert sky("AIT", 0.0, 0.0, 4.0).format(150.0, 40.0) == ("10:00:00.0", "+40:00:00")
    with pytest.raises(OptionError, match="no style"):
        plain.format(1, 1, style="hours")
    with pytest.raises(OptionError, match="no frame"):
        plain.to_world(1, 1, "j2000")


def test_shapes_are_kept():
    plain = sky()
    assert plain.to_world(np.zeros((3, 1)), np.zeros(4))[0].shape == (3, 4)
    assert plain.to_world(1, 2)[0].shape == ()
