"""What can be done to a mask, against slow and plain models."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dsa110_vis.errors import OptionError
from dsa110_vis.regions import edits

shapes = st.tuples(st.integers(1, 14), st.integers(1, 17))
masks = arrays(np.bool_, shapes, elements=st.booleans(), fill=st.just(False))
distances = st.one_of(st.floats(1, 6), st.integers(1, 20), st.sampled_from([2**0.5, 5**0.5]))


def near(bits, pixels):
    """All pixels whose centres are within a distance of one that is set."""
    found = np.zeros_like(bits)
    y, x = np.indices(bits.shape)
    for j, i in np.argwhere(bits):
        found |= (x - i) ** 2 + (y - j) ** 2 <= float(pixels) ** 2 * (1 + 1e-12)
    return found


def islands(bits):
    """Sets of pixels that touch at sides or corners."""
    left, found = {tuple(place) for place in np.argwhere(bits).tolist()}, []
    while left:
        todo = [left.pop()]
        island = set(todo)
        while todo:
            j, i = todo.pop()
            around = {(j + dj, i + di) for dj in (-1, 0, 1) for di in (-1, 0, 1)} & left
            left -= around
            island |= around
            todo += around
        found.append(island)
    return found


def of_islands(wanted, like):
    found = np.zeros_like(like)
    for island in wanted:
        for place in island:
            found[place] = True
    return found


@settings(deadline=None)
@given(masks, distances)
def test_growing_adds_all_within_a_distance(bits, pixels):
    before = bits.copy()
    np.testing.assert_array_equal(edits.grow(bits, pixels), near(bits, pixels))
    np.testing.assert_array_equal(bits, before)


@settings(deadline=None)
@given(masks, distances)
def test_shrinking_takes_away_all_within_a_distance_of_what_is_outside(bits, pixels):
    before = bits.copy()
    np.testing.assert_array_equal(edits.shrink(bits, pixels), ~near(~bits, pixels))
    np.testing.assert_array_equal(bits, before)


def test_growing_works_across_the_parts_in_which_it_is_done(monkeypatch):
    bits = np.random.default_rng(5).random((90, 40)) < 0.01
    monkeypatch.setattr(edits, "SLAB", 40 * 7)
    np.testing.assert_array_equal(edits.grow(bits, 9.5), near(bits, 9.5))


def test_growing_a_pixel_makes_a_disc():
    bits = np.zeros((101, 101), dtype=bool)
    bits[50, 50] = True
    assert edits.grow(bits, 20).sum() == 1257
    assert edits.shrink(edits.grow(bits, 20), 19).any()
    assert not edits.shrink(edits.grow(bits, 20), 21).any()


def test_nothing_grows_to_nothing_and_everything_stays():
    nothing, everything = np.zeros((5, 6), dtype=bool), np.ones((5, 6), dtype=bool)
    for change in (edits.grow, edits.shrink):
        np.testing.assert_array_equal(change(nothing, 3), nothing)
        np.testing.assert_array_equal(change(everything, 3), everything)
    np.testing.assert_array_equal(edits.drop_islands(nothing, 3), nothing)


@pytest.mark.parametrize("pixels", [0, -1, 0.5, 513, np.nan, np.inf])
@pytest.mark.parametrize("change", [edits.grow, edits.shrink])
def test_distances_that_mean_nothing_are_refused(change, pixels):
    with pytest.raises(OptionError, match="pixels cannot be"):
        change(np.ones((4, 4), dtype=bool), pixels)


@given(masks, st.floats(0, 30))
def test_small_islands_go(bits, area):
    expected = of_islands([island for island in islands(bits) if len(island) >= area], bits)
    np.testing.assert_array_equal(edits.drop_islands(bits, area), expected)


@given(masks, st.integers(-3, 20), st.integers(-3, 20))
def test_the_island_of_a_pixel_stays(bits, x, y):
    expected = of_islands([island for island in islands(bits) if (y, x) in island], bits)
    np.testing.assert_array_equal(edits.touching(bits, x, y), expected)


@given(st.data())
def test_masks_are_put_together(data):
    shape = data.draw(shapes)
    before, pixels = (data.draw(arrays(np.bool_, shape)) for _ in range(2))
    sets = [{tuple(place) for place in np.argwhere(bits).tolist()} for bits in (before, pixels)]
    for mode, expected in (
        ("add", sets[0] | sets[1]),
        ("subtract", sets[0] - sets[1]),
        ("intersect", sets[0] & sets[1]),
    ):
        assert {tuple(place) for place in np.argwhere(edits.combined(before, pixels, mode)).tolist()} == expected


def test_there_is_no_other_way_to_put_masks_together():
    with pytest.raises(OptionError, match="Allowed: add, subtract, intersect"):
        edits.combined(np.ones((2, 2), dtype=bool), np.ones((2, 2), dtype=bool), "xor")


def test_above_a_threshold_and_below_a_negative_one():
    values = np.array([[-5.0, -3.0, 0.0, 3.0, 5.0, np.nan, np.inf, -np.inf]], dtype=np.float32)
    assert edits.above(values, 3).tolist() == [[False, False, False, False, True, False, True, False]]
    assert edits.above(values, -3).tolist() == [[True, False, False, False, False, False, False, True]]


def test_growing_a_plane_of_5040_by_5040_takes_less_than_4_s():
    generator = np.random.default_rng(7)
    bits = np.zeros((5040, 5040), dtype=bool)
    for x, y in generator.integers(0, 5030, (2000, 2)):
        bits[y : y + 8, x : x + 8] = True
    start = time.thread_time()
    edits.grow(bits, 5)
    assert time.thread_time() - start < 4
