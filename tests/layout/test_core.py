"""Which antennas are outriggers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dsa110_vis.layout import core_of, open_source

coordinates = st.floats(-1000, 1000)


def test_the_outriggers_of_dsa110(caltables):
    source = open_source(caltables / "caltables" / "test_calibration_bandpass.table")
    layout = source.positions()
    source.close()
    names = layout.antennas["name"]
    assert [int(names[number]) for number in layout.core] == list(range(1, 103))


def test_arms_with_growing_steps_have_no_outriggers(threec273, ngc5921):
    for path in (threec273, ngc5921):
        source = open_source(path)
        layout = source.positions()
        source.close()
        assert len(layout.core) == layout.antennas["east_m"].notna().sum()


@given(st.lists(st.tuples(coordinates, coordinates), max_size=40), st.lists(st.integers(0, 50), max_size=10))
def test_at_least_half_of_those_with_a_position(points, without):
    where = np.array(points, float).reshape(-1, 2)
    where[[k for k in without if k < len(where)]] = np.nan
    core = core_of(where[:, 0], where[:, 1])
    placed = np.flatnonzero(np.isfinite(where[:, 0]))
    assert set(core) <= set(placed.tolist())
    assert 2 * len(core) >= placed.size
    assert core == sorted(core)
    inside = np.hypot(*(where[core] - np.median(where[placed], axis=0)).T) if core else np.zeros(1)
    outside = sorted(set(placed.tolist()) - set(core))
    if outside:
        assert np.hypot(*(where[outside] - np.median(where[placed], axis=0)).T).min() > inside.max()


@given(
    st.lists(st.tuples(coordinates, coordinates), min_size=8, max_size=40, unique=True),
    st.integers(1, 4),
    st.floats(0, 360),
)
def test_what_is_far_away_is_no_part_of_the_core(points, n_far, angle):
    where = np.array(points)
    direction = np.array([np.sin(np.radians(angle)), np.cos(np.radians(angle))])
    far = np.arange(1, n_far + 1)[:, None] * 1e6 * direction
    both = np.concatenate([where, far])
    core = core_of(both[:, 0], both[:, 1])
    assert not {len(where) + k for k in range(n_far)} & set(core)
