"""Times gather into the slots in which the array observed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsa110_vis.ms import MeasurementSet
from dsa110_vis.ms.times import cluster_times


def cluster(time, key):
    return cluster_times(np.asarray(time, float), np.asarray(key, np.int64))


def test_equal_times_stay_exact():
    times = 5e9 + 12.884902 * np.arange(4)
    slots, index = cluster(np.repeat(times, 3), np.tile([0, 1, 2], 4))
    assert slots.tolist() == times.tolist()
    assert index.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]


def test_clocks_that_differ_between_baselines():
    start = 5e9 + 10.0 * np.arange(6)
    time = np.concatenate([start, start + 0.06])
    slots, index = cluster(time, np.repeat([0, 1], 6))
    assert slots == pytest.approx(start + 0.03)
    assert index.tolist() == [*range(6), *range(6)]


def test_the_order_of_rows_does_not_matter():
    rng = np.random.default_rng(0)
    start = 5e9 + 10.0 * np.arange(6)
    time, key = np.concatenate([start, start + 0.06, start - 0.5]), np.repeat([0, 1, 2], 6)
    shuffled = rng.permutation(time.size)
    slots, index = cluster(time, key)
    other, other_index = cluster(time[shuffled], key[shuffled])
    assert other == pytest.approx(slots)
    assert other_index.tolist() == index[shuffled].tolist()


def test_a_baseline_is_never_twice_in_a_slot():
    slots, index = cluster([0, 0.01, 10, 10.01, 20], [0, 0, 0, 0, 0])
    assert len(slots) == 5
    assert index.tolist() == [0, 1, 2, 3, 4]


def test_spectral_windows_that_take_turns_stay_apart():
    time = np.concatenate([10.0 * np.arange(5), 5 + 10.0 * np.arange(5)])
    slots, _ = cluster(time, np.repeat([0, 1], 5))
    assert len(slots) == 10


def test_gaps_and_single_times():
    assert len(cluster([5.0], [0])[0]) == 1
    assert len(cluster([5.0, 5.0], [0, 1])[0]) == 1
    assert len(cluster([5.0, 6.0], [0, 1])[0]) == 2
    assert len(cluster([0, 10, 20, 400, 410], [0] * 5)[0]) == 5


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3), st.integers(-3, 3)), min_size=1, max_size=60),
)
def test_slots_ascend_and_hold_their_rows(rows):
    time = np.array([5e9 + 10.0 * slot + 0.01 * jitter for slot, _, jitter in rows])
    key = np.array([baseline for _, baseline, _ in rows])
    slots, index = cluster(time, key)
    assert (np.diff(slots) > 0).all()
    held = {}
    for slot, one, moment in zip(index.tolist(), key.tolist(), time.tolist(), strict=True):
        assert held.setdefault((slot, one), moment) == moment
    order = np.argsort(time, kind="stable")
    assert (np.diff(index[order]) >= 0).all()
    assert set(index.tolist()) == set(range(len(slots)))


def test_the_irregular_evla_set(real_ms, reference):
    with MeasurementSet(real_ms("evla")) as ms:
        raw = reference("evla")["n_unique_times"]
        assert raw == 15
        # Four half-second steps at the start and 29.94 against 30.00 s within the others.
        assert ms.metadata.times.size == 9
        rows = ms.rows()
        baseline = rows.antenna1.astype(int) * 1000 + rows.antenna2
        pairs = np.stack([rows.time_index, baseline], axis=1)
        assert len(np.unique(pairs, axis=0)) == len(rows)
    for name in ("alma", "mwa", "lofar", "wsrt"):
        with MeasurementSet(real_ms(name)) as ms:
            assert ms.metadata.times.size == reference(name)["n_unique_times"]
