"""Contours lie where the values are, through the centres of pixels, at every binning."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planes import Counting, plane

from dsa110_vis.image import contours as module
from dsa110_vis.image import open_image
from dsa110_vis.image.contours import contours

Y, X = np.mgrid[:400, :500]
CENTRE = (231.4, 187.7)
WIDTH = 30.0


def bell(x=X, y=Y):
    return np.exp(-((x - CENTRE[0]) ** 2 + (y - CENTRE[1]) ** 2) / (2 * WIDTH**2))


def centroid(path):
    """Of the area within a closed line."""
    x, y = (path - path[0]).T
    cross = x[:-1] * y[1:] - x[1:] * y[:-1]
    return path[0] + np.array([((part[:-1] + part[1:]) * cross).sum() for part in (x, y)]) / (3 * cross.sum())


@pytest.mark.parametrize("step", [1, 2, 4, 8])
@given(level=st.floats(0.15, 0.75), x=st.integers(0, 90), y=st.integers(0, 60))
@settings(max_examples=30, deadline=None)
def test_a_contour_of_a_round_source_is_a_circle_about_its_centre(step, level, x, y):
    # wherever the part begins, and however many pixels are averaged
    (paths,) = contours(plane(bell()), [level], (x, 420, y, 370), step)
    assert len(paths) == 1
    path = paths[0].astype(float)
    assert (path[0] == path[-1]).all()
    radius = np.hypot(path[:, 0] - CENTRE[0], path[:, 1] - CENTRE[1])
    # averages of squares are a little flatter, and lines between them straight
    np.testing.assert_allclose(radius, WIDTH * np.sqrt(-2 * np.log(level)), atol=0.02 + 0.1 * step)
    np.testing.assert_allclose(centroid(path), CENTRE, atol=0.03 * step)


@pytest.mark.parametrize("size", [30, 31, 33, 37])
@pytest.mark.parametrize("step", [1, 2, 4, 8])
def test_a_slope_is_cut_where_it_has_the_value_also_in_the_last_smaller_bin(size, step):
    x = np.arange(size, dtype=float)
    (paths,) = contours(plane(np.tile(x, (40, 1))), [size - 1.0 - step / 2], (0, size - 1, 0, 39), step)
    found = np.concatenate(paths)
    # linear between the middles of bins, of whatever size they are
    np.testing.assert_allclose(found[:, 0], size - 1.0 - step / 2, atol=1e-4)


def test_a_contour_stays_where_it_is_when_the_part_is_another():
    source = plane(bell() + 0.01 * np.random.default_rng(4).normal(size=X.shape))
    first, second = (contours(source, [0.5], box, 4)[0] for box in ((100, 380, 60, 330), (101, 382, 63, 335)))
    longest = [max(paths, key=len) for paths in (first, second)]
    assert {tuple(point) for point in longest[0]} == {tuple(point) for point in longest[1]}


@pytest.mark.parametrize("step", [1, 4, 16])
def test_contours_reach_the_edges_of_the_part(step):
    values = np.tile(np.arange(400.0)[:, None], (1, 500))
    (paths,) = contours(plane(values), [201.3], (100.2, 300.7, 150, 260), step)
    found = np.concatenate(paths)
    np.testing.assert_allclose(found[:, 1], 201.3, atol=1e-3)
    assert found[:, 0].min() <= 100.2
    assert found[:, 0].max() >= 300.7


def test_none_go_through_blank_pixels():
    values = bell()
    hole = np.hypot(X - 250, Y - 180) < 15
    values[hole] = np.nan
    for level in (0.5, 0.9, 0.95):
        (paths,) = contours(plane(values), [level], (0, 499, 0, 399))
        for path in paths:
            rows, columns = np.rint(path[:, 1]).astype(int), np.rint(path[:, 0]).astype(int)
            assert not hole[rows, columns].any()
    assert contours(plane(np.full((50, 50), np.nan)), [0.5], (0, 49, 0, 49)) == [[]]


@pytest.mark.parametrize(
    "box", [(-50, 900, -60, 1000), (600, 700, 0, 300), (-90, -20, 0, 300), (10, 10, 10, 10), (40, 20, 30, 10)]
)
def test_parts_may_be_outside(box):
    source = plane(bell())
    (paths,) = contours(source, [0.5], box)
    assert bool(paths) == (box[0] == -50)
    assert contours(source, [], box) == []


def test_a_single_row_has_no_contours():
    assert contours(plane(bell()[:1]), [0.5], (0, 499, 0, 0)) == [[]]


def test_there_is_a_limit_to_points_and_the_longest_lines_stay(monkeypatch):
    values = 0.2 * np.random.default_rng(5).normal(size=X.shape) + bell() * 20
    everything = contours(plane(values), [0.3, 10.0], (0, 499, 0, 399))
    most = 3000
    monkeypatch.setattr(module, "MOST_POINTS", most)
    some = contours(plane(values), [0.3, 10.0], (0, 499, 0, 399))
    n_all, n_some = (sum(len(path) for paths in found for path in paths) for found in (everything, some))
    assert n_all > 10 * most
    assert most / 2 < n_some <= most
    longest = max((path for paths in everything for path in paths), key=len)
    assert any(len(path) == len(longest) and (path == longest).all() for paths in some for path in paths)


def test_a_large_part_is_averaged_even_if_that_was_not_asked_for(monkeypatch):
    monkeypatch.setattr(module, "MOST_PIXELS", 100 * 100)
    source = Counting(bell())
    (paths,) = contours(source, [0.5], (0, 499, 0, 399), 1)
    assert len(paths[0]) < 2 * np.pi * WIDTH * 1.2 / 2  # about a point for each side of a bin
    radius = np.hypot(*(paths[0] - CENTRE).T)
    np.testing.assert_allclose(radius, WIDTH * np.sqrt(2 * np.log(2)), rtol=0.03)


def test_contours_of_a_real_source_enclose_its_peak(unpack):
    path = unpack("img_pisco_tclean_set") / "interferopy_alma_pisco" / "Pisco.cii.455kms.image.fits"
    image = open_image(path)
    found = image.statistics()
    (paths,) = contours(image.plane(), [found.peak / 2], (0, image.nx - 1, 0, image.ny - 1))
    around = [
        path
        for path in paths
        if path[:, 0].min() < found.peak_x < path[:, 0].max() and path[:, 1].min() < found.peak_y < path[:, 1].max()
    ]
    assert around
    values = image.plane().read(0, image.nx, 0, image.ny)
    for path in around:  # on each point, between the two pixels beside it
        x, y = path.T.astype(float)
        low = values[np.floor(y).astype(int), np.floor(x).astype(int)]
        high = values[np.ceil(y).astype(int), np.ceil(x).astype(int)]
        share = np.maximum(x % 1, y % 1)
        np.testing.assert_allclose(low + share * (high - low), found.peak / 2, rtol=1e-4)
    image.close()
