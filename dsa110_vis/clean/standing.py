"""Where a session stands, and who is told of it: state, reason, failure and progress, kept to the transitions."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dsa110_vis.clean.states import TRANSITIONS, WORKING, State, StopReason

if TYPE_CHECKING:
    from dsa110_vis.errors import Dsa110VisError

__all__ = ["Listener", "Standing"]

logger = logging.getLogger(__name__)

Listener = Callable[[str, dict[str, Any]], None]


class Standing:
    """The state of a session; every change is told at once, on the thread that makes it.

    Attributes
    ----------
    state : State
        What the session does.
    reason : StopReason or None
        Why cleaning ended, if it did.
    failure : Dsa110VisError or None
        What went wrong last; told with the next state, and forgotten when work begins.
    progress : (float, str, float or None)
        How far the present step is (0 to 1), what it does, and the seconds it will take yet where that is known.
    """

    def __init__(self) -> None:
        self.state = State.STARTING
        self.reason: StopReason | None = None
        self.failure: Dsa110VisError | None = None
        self.progress: tuple[float, str, float | None] = (0.0, "", None)
        self._told_failure: Dsa110VisError | None = None
        self._listeners: list[Listener] = []

    def to(self, state: State, reason: StopReason | None = None) -> None:
        """Go to a state, and tell if anything is new.

        Parameters
        ----------
        state : State
            The new one.
        reason : StopReason or None
            Why cleaning ended, if it did.

        Raises
        ------
        RuntimeError
            If it may not follow the present one.
        """
        if state is not self.state and state not in TRANSITIONS[self.state]:
            message = f"A session does not go from {self.state} to {state}"
            raise RuntimeError(message)
        if state in WORKING and self.state not in WORKING:
            self.failure = None
        before = (self.state, self.reason, self._told_failure)
        self.state, self.reason, self._told_failure = state, reason, self.failure
        if before != (state, reason, self.failure):
            told = self.summary()
            self.tell("state", {key: told[key] for key in ("state", "reason", "failure")})

    def is_at(self, fraction: float, text: str, left: float | None) -> None:
        """Take how far the present step is, and tell.

        Parameters
        ----------
        fraction : float
            0 to 1.
        text : str
            What is being done.
        left : float or None
            Seconds until the step is done, where that can be said.
        """
        self.progress = (fraction, text, left)
        self.tell("progress", self.summary()["progress"])

    def summary(self) -> dict[str, Any]:
        """Say all of it.

        Returns
        -------
        dict
            ``state``, ``reason``, ``failure`` and ``progress``, as JSON can hold them.
        """
        fraction, text, left = self.progress
        return {
            "state": str(self.state),
            "reason": None if self.reason is None else str(self.reason),
            "failure": None if self.failure is None else dict(self.failure.describe()),
            "progress": {"fraction": fraction, "text": text, "left": left},
        }

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have something called with the name and the data of all that is told.

        Parameters
        ----------
        listener : callable
            Must return at once.

        Returns
        -------
        callable
            Ends it.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def tell(self, event: str, data: dict[str, Any]) -> None:
        """Tell those who listen.

        Parameters
        ----------
        event : str
            What it is about.
        data : dict
            What JSON can hold.
        """
        for listener in tuple(self._listeners):
            try:
                listener(event, data)
            except Exception:
                logger.exception("A listener failed on %s", event)
