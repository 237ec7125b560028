"""Where a session stands: what may follow what, and what is told of it."""

from __future__ import annotations

import itertools

import pytest

from dsa110_vis.clean.standing import Standing
from dsa110_vis.clean.states import TRANSITIONS, State, StopReason
from dsa110_vis.errors import CheckpointError


@pytest.fixture
def standing():
    return Standing()


@pytest.fixture
def told(standing):
    found = []
    standing.listen(lambda event, data: found.append((event, data)))
    return found


@pytest.mark.parametrize(("before", "after"), list(itertools.product(State, State)))
def test_only_what_may_follow_a_state_follows_it(standing, told, before, after):
    standing.state = before
    if after is before or after in TRANSITIONS[before]:
        standing.to(after)
        assert standing.state is after
    else:
        with pytest.raises(RuntimeError, match=f"from {before} to {after}"):
            standing.to(after)
        assert standing.state is before
        assert not told


def test_what_is_not_new_is_not_told(standing, told):
    standing.to(State.PSF)
    standing.to(State.PSF)
    assert told == [("state", {"state": "psf", "reason": None, "failure": None})]


def test_a_failure_is_told_once_and_forgotten_when_work_begins(standing, told):
    standing.state = State.READY
    standing.failure = CheckpointError("No room.", "Make some.")
    standing.to(State.READY)
    standing.to(State.READY)
    standing.to(State.MINOR)
    failures = [data["failure"] and data["failure"]["message"] for _, data in told]
    assert failures == ["No room.", None]


def test_a_failure_on_the_way_is_not_forgotten_by_the_next_step(standing):
    standing.state = State.MINOR
    standing.failure = CheckpointError("No room.")
    standing.to(State.MAJOR)
    assert standing.failure is not None


def test_a_reason_is_of_the_state_that_it_comes_with(standing):
    standing.state = State.MAJOR
    standing.to(State.RESTORING, StopReason.NITER)
    assert standing.reason is StopReason.NITER
    standing.to(State.FINISHED, StopReason.NITER)
    assert standing.reason is StopReason.NITER
    standing.to(State.MINOR)
    assert standing.reason is None


def test_progress_is_told_and_kept(standing, told):
    standing.is_at(0.5, "halfway", 2.0)
    assert standing.progress == (0.5, "halfway", 2.0)
    assert told == [("progress", {"fraction": 0.5, "text": "halfway", "left": 2.0})]
    assert standing.summary()["progress"] == told[0][1]


def test_a_listener_that_fails_keeps_no_other_from_hearing(standing, told, caplog):
    standing.listen(lambda *_: 1 / 0)
    unlisten = standing.listen(lambda event, _: told.append((event, {})))
    standing.to(State.PSF)
    assert len(told) == 2
    assert "A listener failed on state" in caplog.text
    unlisten()
    unlisten()
    standing.to(State.DIRTY)
    assert len(told) == 3
