"""A second image on the pixels of a first: at the right place, exactly where it can be, blank where it has to be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planes import Counting, plane, sky

from dsa110_vis.image import matched, open_image
from dsa110_vis.image.matched import DifferencePlane, MatchedPlane, same_grid
from dsa110_vis.image.pyramid import Pyramid

RNG = np.random.default_rng(60)


def slow(values, celestial, target, shape):
    """Pixel by pixel, with the exact coordinates of each."""
    ny, nx = values.shape
    x, y = celestial.to_pixel(*target.to_world(*np.meshgrid(np.arange(shape[1]), np.arange(shape[0])), "icrs"), "icrs")
    found = np.full(shape, np.nan)
    for j, i in np.argwhere((x > -0.5) & (x < nx - 0.5) & (y > -0.5) & (y < ny - 0.5)):
        px, py = min(max(x[j, i], 0), nx - 1), min(max(y[j, i], 0), ny - 1)
        left, low = min(int(px), nx - 2), min(int(py), ny - 2)
        fx, fy = px - left, py - low
        corners = values[low : low + 2, left : left + 2]
        found[j, i] = (corners * np.outer([1 - fy, fy], [1 - fx, fx])).sum()
    return found


CASES = {
    "turned": ({"turn": 33.0}, {}),
    "another projection": ({"projection": "TAN", "ra": 180.02}, {}),
    "galactic": ({"kind": "GLON", "ra": 167.479, "dec": 75.322}, {}),
    "B1950": ({"frame": "FK4", "ra": 179.4, "dec": 37.2}, {}),
    "J2000": ({"frame": "FK5"}, {}),
    "larger pixels": ({"scale": 7.3}, {}),
    "smaller pixels": ({"scale": 0.61}, {}),
    "over RA 0": ({"ra": 0.001, "turn": 5.0}, {"ra": 359.999}),
    "at the pole": ({"ra": 10.0, "dec": 89.99}, {"ra": 200.0, "dec": 89.99}),
    "the whole sky": ({"projection": "AIT", "scale": 3000.0, "dec": 0.0}, {"scale": 2500.0, "dec": 10.0}),
}


@pytest.mark.parametrize(("source", "target"), CASES.values(), ids=CASES)
def test_it_is_what_exact_coordinates_give(source, target):
    values = np.cumsum(np.cumsum(RNG.normal(size=(190, 190)), axis=0), axis=1).astype(np.float32)
    values /= np.ptp(values)
    one, other = sky(size=190, **source), sky(size=160, **target)
    found = MatchedPlane(plane(values), one, other, (150, 160)).read(0, 160, 0, 150)
    expected = slow(values, one, other, (150, 160))
    there = np.isfinite(expected)
    assert there.mean() > 0.02
    assert (np.isfinite(found) == there).mean() > 0.999  # the edge is at half a pixel, to a hundredth of one
    slope = np.abs(np.gradient(values)).max()
    both = there & np.isfinite(found)
    np.testing.assert_allclose(found[both], expected[both], atol=0.02 * slope)


def test_places_are_exact_to_a_hundredth_of_a_pixel():
    for source, target in CASES.values():
        one, other = sky(size=190, **source), sky(size=700, **target)
        source_plane = MatchedPlane(plane(np.zeros((190, 190))), one, other, (700, 700))
        x, y = source_plane._places(13, 700, 5, 690)
        exact = source_plane._exact(*np.meshgrid(np.arange(13, 700), np.arange(5, 690)))
        near = (exact[0] > -1) & (exact[0] < 191) & (exact[1] > -1) & (exact[1] < 191)
        assert near.any()
        assert np.nanmax(np.hypot(x - exact[0], y - exact[1])[near]) < 0.01
        assert (np.isnan(x) == np.isnan(exact[0]))[near].all()


def test_few_coordinates_are_worked_out_where_that_is_enough(monkeypatch):
    asked = []
    source_plane = MatchedPlane(plane(np.zeros((190, 190))), sky(turn=12.0), sky(), (1000, 1000))
    exact = source_plane._exact
    monkeypatch.setattr(source_plane, "_exact", lambda x, y: asked.append(x.size) or exact(x, y))
    source_plane.read(0, 1000, 0, 1000)
    assert sum(asked) < 1000 * 1000 / 400


def test_the_same_pixels_are_copied_exactly_and_blank_ones_do_not_spread():
    values = RNG.normal(size=(300, 300)).astype(np.float32)
    values[RNG.random(values.shape) < 0.1] = np.nan
    found = MatchedPlane(plane(values), sky(size=300), sky(size=300), (300, 300)).read(0, 300, 0, 300)
    np.testing.assert_array_equal(found, values)


@given(dx=st.integers(-299, 299), dy=st.integers(0, 90), x0=st.integers(0, 200), width=st.integers(1, 99))
@settings(max_examples=40, deadline=None)
def test_a_cut_out_is_copied_exactly(dx, dy, x0, width):
    values = np.random.default_rng(1).normal(size=(210, 300)).astype(np.float32)
    values[::7, ::5] = np.nan
    source = plane(values[dy:])
    one, other = sky(size=300, middle=150.0), sky(size=300, middle=150.0 + dx)
    # rows and columns of which the second image has another number
    one = type(one)(one.wcs.deepcopy(), one.frame)
    one.wcs.wcs.crpix = one.wcs.wcs.crpix - [0, dy]
    found = MatchedPlane(source, one, other, (210, 300)).read(x0, x0 + width, 0, 210)
    expected = np.full((210, 300), np.nan, dtype=np.float32)
    shifted = expected.copy()
    shifted[dy:] = values[dy:]
    first, stop = max(0, dx), min(300, 300 + dx)
    expected[:, first:stop] = shifted[:, first - dx : stop - dx]
    np.testing.assert_array_equal(found, expected[:, x0 : x0 + width])


def test_blank_pixels_make_their_neighbours_blank_and_no_more():
    values = np.ones((100, 100), dtype=np.float32)
    values[50, 60] = np.nan
    one, other = sky(size=100), sky(size=100, middle=49.5 + 0.5)
    found = MatchedPlane(plane(values), one, other, (100, 100)).read(0, 100, 0, 100)
    assert np.argwhere(np.isnan(found[:, 1:])).tolist() == [[50, 59], [50, 60]]
    np.testing.assert_allclose(found[np.isfinite(found)], 1, rtol=1e-6)


def test_any_part_is_the_part_of_the_whole():
    values = RNG.normal(size=(200, 200)).astype(np.float32)
    source = MatchedPlane(plane(values), sky(size=200, turn=40.0), sky(size=260), (260, 260))
    everything = source.read(0, 260, 0, 260)
    for x0, x1, y0, y1 in ((0, 1, 0, 1), (130, 131, 100, 200), (3, 250, 90, 91), (37, 201, 51, 259)):
        part = source.read(x0, x1, y0, y1)
        np.testing.assert_allclose(part, everything[y0:y1, x0:x1], atol=0.05)
        assert part.shape == (y1 - y0, x1 - x0)
    assert source.read(5, 5, 5, 9).shape == (4, 0)


def test_a_long_turned_strip_reads_little_that_is_not_needed(monkeypatch):
    values = np.zeros((2000, 2000), dtype=np.float32)
    monkeypatch.setattr(matched, "LARGE", 1 << 14)
    source = Counting(values)
    MatchedPlane(source, sky(size=2000, turn=45.0), sky(size=2000), (2000, 2000)).read(0, 2000, 980, 1020)
    assert source.pixels < 20 * 2000 * 40
    monkeypatch.setattr(matched, "MOST_PIXELS", 1 << 10)
    fine = MatchedPlane(source, sky(size=2000, scale=0.05), sky(size=2000), (2000, 2000))
    source.pixels = 0
    assert np.isfinite(fine.read(900, 1100, 900, 1100)).sum() == pytest.approx((2000 * 0.05 / 3) ** 2, rel=0.1)
    assert source.pixels <= 4 << 10 << 10


def test_tiles_of_a_matched_plane_and_of_a_difference():
    values = RNG.normal(size=(700, 700)).astype(np.float32)
    first, celestial = plane(values), sky(size=700)
    second = MatchedPlane(plane(2 * values), sky(size=700), celestial, (700, 700))
    difference = DifferencePlane(first, second)
    assert difference.shape == (700, 700)
    np.testing.assert_allclose(difference.read(10, 50, 20, 30), -values[20:30, 10:50], rtol=1e-6)
    tiles = Pyramid(difference)
    np.testing.assert_allclose(tiles.tile(2, 0, 0), -Pyramid(first).tile(2, 0, 0), rtol=1e-6)
    assert len({first.key, second.key, difference.key}) == 3


def test_keys_tell_targets_apart():
    source = plane(np.zeros((10, 10)))
    keys = {MatchedPlane(source, sky(), target, (10, 10)).key for target in (sky(), sky(turn=1.0), sky(frame="FK5"))}
    assert len(keys) == 3
    assert MatchedPlane(source, sky(), sky(), (10, 10)).key in keys


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"turn": 1e-4}, True),
        ({"turn": 0.1}, False),
        ({"frame": "FK5"}, False),
        ({"scale": 3.001}, False),
        ({"projection": "TAN"}, False),
        ({"middle": 499.0}, False),
        ({"ra": 0.0}, False),
    ],
)
def test_grids_are_the_same_if_their_pixels_are(changes, same):
    # 30 mas between ICRS and FK5 are a hundredth of a pixel of 3 arcsec: take smaller ones
    small = {"scale": 1.0, "size": 4000}
    changes = {**changes, "scale": changes.get("scale", 3.0) / 3}
    assert same_grid(sky(**small), sky(**{**small, **changes}), 4000, 4000) is same


@pytest.mark.parametrize(("one", "other"), [("SIN", "TAN"), ("TAN", "NCP"), ("NCP", "SIN"), ("SIN", "CAR")])
def test_real_images_of_one_field_match(unpack, one, other):
    folder = unpack("img_small_mixed") / "aegean_1904-66"
    first, second = (open_image(folder / f"1904-66_{name}.fits") for name in (one, other))
    assert first.celestial is not None
    assert second.celestial is not None
    second_here = MatchedPlane(second.plane(), second.celestial, first.celestial, first.shape)
    values, there = (source.read(0, first.nx, 0, first.ny) for source in (first.plane(), second_here))
    both = np.isfinite(values) & np.isfinite(there)
    assert both.mean() > 0.5
    # the same sky on other pixels: sources are in the same places
    aligned = np.corrcoef(values[both], there[both])[0, 1]
    shifted = np.roll(there, 1, axis=1)
    both &= np.isfinite(shifted)
    moved = np.corrcoef(values[both], shifted[both])[0, 1]
    assert aligned > 0.95
    assert moved < aligned
    for image in (first, second):
        image.close()
