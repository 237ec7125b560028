"""How long chunks of minor iterations are, and how progress is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsa110_vis.clean.chunks import FIRST, GROWTH, Chunks
from dsa110_vis.clean.time_left import minor_fraction, seconds_left


def settle(fixed, each, aim=0.5, chunks=30):
    """Run chunks on a machine with these costs, and give the seconds of each."""
    choice, took = Chunks(aim), []
    for _ in range(chunks):
        size = choice.size()
        took.append(fixed + size * each)
        choice.took(size, took[-1])
    return took


@pytest.mark.parametrize(("fixed", "each"), [(0.0, 0.001), (0.1, 0.001), (0.02, 1e-5), (0.2, 0.05), (0.0, 0.2)])
def test_chunks_settle_at_half_a_second(fixed, each):
    took = settle(fixed, each)
    assert took[-1] == pytest.approx(0.5, abs=max(each, 0.02))


def test_a_dear_call_is_made_worth_its_price():
    took = settle(2.0, 0.02)
    assert took[-1] == pytest.approx(4.0, rel=0.05)


def test_the_first_chunk_is_short_and_the_next_no_more_than_four_times_as_long():
    choice = Chunks(0.5)
    assert choice.size() == FIRST
    choice.took(FIRST, 1e-6)
    assert choice.size() == GROWTH * FIRST


def test_whole_cycles_have_no_chunks():
    choice = Chunks(None)
    choice.took(100, 1.0)
    assert choice.size() is None


@given(st.lists(st.tuples(st.integers(0, 10_000), st.floats(0, 100)), max_size=30))
def test_a_chunk_has_at_least_two_iterations(runs):
    choice = Chunks(0.5)
    for count, seconds in runs:
        choice.took(count, seconds)
        assert choice.size() >= 2


def test_a_minor_cycle_is_as_far_as_its_peak_has_fallen_or_its_iterations_are_used():
    assert minor_fraction(1.0, 1.0, 0.01, 0, 100) == 0
    assert minor_fraction(1.0, 0.1, 0.01, 0, 100) == pytest.approx(0.5)
    assert minor_fraction(1.0, 0.9, 0.01, 75, 100) == 0.75
    assert minor_fraction(1.0, 0.001, 0.01, 1, 100) == 1
    assert minor_fraction(0.0, 0.0, 0.01, 0, 0) == 1


@given(*[st.floats(0, 1e3)] * 3, *[st.integers(0, 1000)] * 2)
def test_a_fraction_is_one(start, peak, threshold, iterations, limit):
    assert 0 <= minor_fraction(start, peak, threshold, iterations, limit) <= 1


def test_time_left_is_not_guessed_from_nothing():
    assert seconds_left(0.01, 100.0) is None
    assert seconds_left(0.5, 0.1) is None
    assert seconds_left(0.25, 10.0) == pytest.approx(30.0)
    assert seconds_left(1.0, 10.0) == 0
