"""What an owner knows of a session without asking: kept by the session's events."""

from __future__ import annotations

import copy
import threading
from typing import TYPE_CHECKING, Any

from dsa110_vis.clean.states import WORKING, State
from dsa110_vis.host.errors import error_from
from dsa110_vis.host.wire import OWN
from dsa110_vis.view.protocol import described

if TYPE_CHECKING:
    from collections.abc import Collection

    from dsa110_vis.errors import Dsa110VisError

__all__ = ["Latest"]


class Latest:
    """The state of a session as its events tell it, and which commands are not done yet. Any thread may ask."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._facts: dict[str, Any] = {"state": str(State.STARTING), "reason": None, "failure": None}
        self._open: set[str] = set()
        self._done: set[str] = set()  # those of which this was heard before that they were accepted
        self._refused: list[Dsa110VisError] = []
        self._lost: Dsa110VisError | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """All that is known (a copy)."""
        with self._changed:
            return copy.deepcopy(self._facts)

    @property
    def state(self) -> State:
        """What the session does."""
        return State(self._facts["state"])

    def accepted(self, message: dict[str, Any]) -> None:
        """Look into an answer, whether it is that of a command which is going to be done.

        Parameters
        ----------
        message : dict
            The answer, as it came.
        """
        command = str((message.get("result") or {}).get("command", ""))
        with self._changed:
            if command.startswith(OWN) and command not in self._done:
                self._open.add(command)
            self._done.discard(command)

    def event(self, event: str, data: dict[str, Any]) -> None:
        """Take an event of the session.

        Parameters
        ----------
        event : str
            Its name.
        data : dict
            What it tells.
        """
        with self._changed:
            if event == "hello":
                self._facts = copy.deepcopy(data)
                self._lost = None
                self._refused.clear()
            elif event == "state":
                self._facts |= data
            elif event == "progress":
                self._facts["progress"] = dict(data)
            elif event == "cycle":
                # one that hello knew already may be told once more
                others = (entry for entry in self._facts.get("cycles", []) if entry["id"] != data.get("id"))
                self._facts["cycles"] = [*others, dict(data)]
                self._facts["cycle"] = data.get("id")
            elif event == "thinned":
                gone = set(data["cycles"])
                self._facts["cycles"] = [
                    {**entry, "kept": entry["id"] not in gone} for entry in self._facts.get("cycles", [])
                ]
            elif event == "parameters":
                self._facts["parameters"] = {**self._facts.get("parameters", {}), **data["changes"]}
            elif event == "masks":
                self._facts["mask_pixels"] = data["pixels"]
            elif event == "done":
                self._finish(data)
            self._changed.notify_all()

    def _finish(self, data: dict[str, Any]) -> None:
        self._facts |= {name: data[name] for name in ("cycle", "cycles", "imagenames") if name in data}
        command = str(data["command"])
        if not command.startswith(OWN):
            return
        if command in self._open:
            self._open.discard(command)
        else:
            self._done.add(command)
        if data.get("error"):
            self._refused.append(error_from(data["error"]))

    def lose(self, error: Dsa110VisError, *, asked: bool) -> None:
        """Take that the kernel has ended.

        Parameters
        ----------
        error : Dsa110VisError
            How.
        asked : bool
            Whether it was told to.
        """
        with self._changed:
            self._lost = error
            self._open.clear()
            self._done.clear()
            if not asked and self.state is not State.FINISHED:
                self._facts |= {"state": str(State.FAILED), "failure": described(error)}
            self._changed.notify_all()

    def wait(self, states: Collection[State] | None, timeout: float | None) -> State:
        """Wait until nothing goes on any more, or the session is in one of some states.

        Parameters
        ----------
        states : collection of State or None
            Which; None for any in which nothing goes on.
        timeout : float or None
            Seconds; None waits as long as it takes.

        Returns
        -------
        State
            The one it is in.

        Raises
        ------
        Dsa110VisError
            Why a command could not be done, or how the kernel ended.
        TimeoutError
            If it took too long.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._settled(states), timeout):
                message = f"The session is still {self.state} after {timeout:g} s."
                raise TimeoutError(message)
            refused, self._refused = self._refused, []
            if refused:
                raise refused[0]
            if states is not None and self.state in states:
                return self.state
            if self._lost is not None:
                raise self._lost
            if self.state is State.FAILED:
                raise error_from(self._facts.get("failure") or {"message": "The session has failed."})
            return self.state

    def _settled(self, states: Collection[State] | None) -> bool:
        if self._lost is not None or self._refused or self.state is State.FAILED:
            return True
        return not self._open and self.state not in WORKING if states is None else self.state in states
