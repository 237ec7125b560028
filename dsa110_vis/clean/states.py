"""The states of a clean session, which may follow which, and why one stops."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["ENDED", "TRANSITIONS", "WORKING", "State", "StopReason"]


class State(StrEnum):
    """What a session does."""

    STARTING = "starting"
    PSF = "psf"
    DIRTY = "dirty"
    READY = "ready"
    MINOR = "minor"
    MAJOR = "major"
    RESTORING = "restoring"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


class StopReason(StrEnum):
    """Why cleaning ended; each is a rule of `stopping`, or the user."""

    NITER = "niter"
    THRESHOLD = "threshold"
    NSIGMA = "n-sigma"
    NMAJOR = "nmajor"
    STALLED = "stalled"
    DIVERGED = "diverged"
    EMPTY_MASK = "empty mask"
    USER = "user"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.STARTING: frozenset({State.PSF, State.DIRTY, State.MAJOR, State.STOPPED, State.FAILED}),
    State.PSF: frozenset({State.DIRTY, State.STOPPED, State.FAILED}),
    State.DIRTY: frozenset({State.READY, State.STOPPED, State.FAILED}),
    State.READY: frozenset({State.MINOR, State.MAJOR, State.RESTORING, State.STOPPED, State.FAILED}),
    State.MINOR: frozenset({State.READY, State.MAJOR, State.STOPPED, State.FAILED}),
    State.MAJOR: frozenset({State.READY, State.MINOR, State.RESTORING, State.STOPPED, State.FAILED}),
    State.RESTORING: frozenset({State.READY, State.FINISHED, State.STOPPED, State.FAILED}),
    State.FINISHED: frozenset({State.READY, State.MINOR, State.MAJOR, State.RESTORING, State.STOPPED, State.FAILED}),
    State.STOPPED: frozenset({State.READY, State.MINOR, State.MAJOR, State.RESTORING, State.FAILED}),
    State.FAILED: frozenset(),
}
"""What may follow each state."""

WORKING = frozenset({State.STARTING, State.PSF, State.DIRTY, State.MINOR, State.MAJOR, State.RESTORING})
"""States in which the engine is at work."""

ENDED = frozenset({State.FINISHED, State.STOPPED, State.FAILED})
"""States in which nothing goes on by itself."""
