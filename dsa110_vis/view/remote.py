"""A viewer's model in a process of its own, as those see it who own it.

Reading a table keeps Python busy and can abort the process: neither may happen to a notebook's kernel or to a server.
So the model lives in a worker; here are a copy of its controls and how it is doing, kept up to date by its events.
"""

from __future__ import annotations

import itertools
import logging
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from dsa110_vis.errors import Dsa110VisError, OptionError
from dsa110_vis.paths import absolute_path
from dsa110_vis.preload import PRELOAD
from dsa110_vis.view.protocol import described
from dsa110_vis.view.remote_viewer import RemoteViewer
from dsa110_vis.work import Remote, WorkerLostError

if TYPE_CHECKING:
    import os

__all__ = ["RemoteModel"]

logger = logging.getLogger(__name__)

Listener = Callable[[str, Any], None]
Send = Callable[[dict[str, Any], list[Any]], None]

MOST_PROCESSES = 8
"""How many models keep a process; one that was used longer ago gets its process again when it is needed."""

_USES = itertools.count()


class RemoteModel:
    """A model that works elsewhere.

    Returns at once. If the process is lost, that is a failure like any other, and the next thing that is asked of the
    model starts a new process with the same controls.

    Parameters
    ----------
    factory : str
        ``"module:name"`` of what makes the model.
    arguments : tuple
        What it takes before the controls.
    initial : mapping
        The controls as a model has them to which none is given.
    controls : mapping
        Those that are given to it.
    settle : callable
        Takes the state and changes; gives all that changes. The model does the same.
    settings : callable
        Takes the state; gives the controls with which a new model comes to the same state.
    shows : str
        The event with which the model tells that there is something to see.

    Raises
    ------
    OptionError
        If a control does not exist or cannot have its value.
    """

    _users: ClassVar[weakref.WeakSet[RemoteModel]] = weakref.WeakSet()

    def __init__(
        self,
        factory: str,
        arguments: tuple[Any, ...],
        *,
        initial: Mapping[str, Any],
        controls: Mapping[str, Any],
        settle: Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]],
        settings: Callable[[Mapping[str, Any]], dict[str, Any]],
        shows: str = "picture",
    ) -> None:
        self._factory = factory
        self._arguments = arguments
        self._settle = settle
        self._settings = settings
        self._shows = shows
        self._state = {**initial, **settle(initial, controls)}
        self._unmade: dict[str, Any] | None = None  # the controls that a process will be given once it is there
        self._changed = threading.Condition()
        self._listeners: list[Listener] = []
        self._viewer = RemoteViewer()
        self._closed = False
        self.used = 0  # when: a number that grows
        self.busy = bool(self._state["path"])
        self.progress = (0.0, "")
        self.failure: Dsa110VisError | None = None
        self.picture: dict[str, Any] | None = None
        self._remote: Remote | None = None
        self._starting = threading.RLock()
        with self._starting:
            self._begin(controls)

    # -- what it is -------------------------------------------------------------------------------------------------

    @property
    def state(self) -> dict[str, Any]:
        """The values of all controls (a copy)."""
        return dict(self._state)

    @property
    def pid(self) -> int:
        """Number of the process; 0 where there is none."""
        return 0 if self._remote is None else self._remote.pid

    @property
    def alive(self) -> bool:
        """Whether there is a process."""
        return self._remote is not None and self._remote.lost is None

    def listen(self, listener: Listener, *, replay: bool = False) -> Callable[[], None]:
        """Have a function called for every event.

        Parameters
        ----------
        listener : callable
            Takes the event's name and its data.
        replay : bool
            Whether to tell first how things are: all controls, and whether there is work in hand.

        Returns
        -------
        callable
            Ends it.
        """
        if replay:
            listener("state", {"changes": self.state})
            listener("busy", {"busy": self.busy})
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    # -- asking it --------------------------------------------------------------------------------------------------

    def update(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Set controls.

        Parameters
        ----------
        changes : mapping
            New values by the names of the controls.

        Returns
        -------
        dict
            All controls that have changed.

        Raises
        ------
        OptionError
            If a value is not allowed; nothing is changed then.
        """
        worker = self._worker()
        with self._starting:
            early = self._unmade is not None
            if self._unmade is not None:
                changed = self._settle(self._state, changes)
                self._unmade.update(changes)
        if early:
            self._hear("state", {"changes": changed})
            self._hear("busy", {"busy": bool(self._state["path"])})
        else:
            changed = worker.call("update", dict(changes))
        return changed

    def ask(self, method: str, *args: Any, **options: Any) -> Any:
        """Call a method of the model, or get an attribute.

        Parameters
        ----------
        method : str
            Its name.
        *args, **options
            For the method.

        Returns
        -------
        object
            What it returned.

        Raises
        ------
        Dsa110VisError
            What it raised.
        WorkerLostError
            If the process ended before.
        """
        return self._worker().call(method, *args, **options)

    def result(self, method: str, *args: Any, **options: Any) -> Any:
        """Wait for the picture, then call a method of the model.

        Parameters
        ----------
        method : str
            Its name.
        *args, **options
            For the method.

        Returns
        -------
        object
            What it returned.

        Raises
        ------
        Dsa110VisError
            The reason why there is no picture, or what the method raised.
        """
        if self.failure is None:
            self._worker()
        self.wait()
        return self.ask(method, *args, **options)

    def cancel(self) -> None:
        """Stop the reading in hand; the picture stays as it was."""
        if self.busy and self._remote is not None:
            self._remote.submit("cancel")

    def reload(self) -> None:
        """Read everything again, whatever is remembered."""
        with self._changed:
            self.busy = True
        self._worker().submit("reload")

    def wait(self, timeout: float | None = None) -> None:
        """Wait for the picture for the controls as they are.

        Parameters
        ----------
        timeout : float, optional
            Seconds; None waits as long as it takes.

        Raises
        ------
        Dsa110VisError
            The reason why it could not be made.
        TimeoutError
            If it took too long.
        RuntimeError
            If an observer waits, for which the picture waits.
        """
        if self._remote is not None and self._remote.handling:
            message = "An observer cannot wait for the picture, because the picture waits for the observer."
            raise RuntimeError(message)
        with self._changed:
            if not self._changed.wait_for(lambda: not self.busy, timeout):
                message = f"The picture was not ready within {timeout} s."
                raise TimeoutError(message)
            if self.failure is not None:
                raise self.failure
            if not self._state["path"]:
                message = "There is no Measurement Set to look at."
                raise OptionError(message, "Set path to the one you want to see.")

    def code(self) -> str:
        """Give the Python code that makes this picture again.

        Returns
        -------
        str
            A few lines of Python.
        """
        lines: str = self.ask("code")
        return lines

    def describe(self) -> str:
        """Say in one line what is shown, for those who do not see it.

        Returns
        -------
        str
            The line.
        """
        remote = self._remote
        if remote is None or remote.lost is not None or self.picture is None:
            return "No picture yet"
        line: str = remote.call("describe")
        return line

    def thumbnail(self) -> bytes | None:
        """Draw the picture small, for the notebook file.

        Returns
        -------
        bytes or None
            A PNG; None if there is no picture or nobody to draw it.
        """
        remote = self._remote
        if remote is None or remote.lost is not None or self.picture is None:
            return None
        try:
            drawn: bytes | None = remote.call("thumbnail")
        except WorkerLostError:
            return None
        return drawn

    def save(self, filename: str | os.PathLike[str], **options: Any) -> Any:
        """Save the picture to a file; waits for a reading in hand.

        Parameters
        ----------
        filename : path
            The file; its ending says the format.
        **options
            As for the model.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        OptionError
            If the ending is not one of those that are known.
        OutputError
            If the file cannot be written.
        Dsa110VisError
            The reason why there is no picture.
        """
        # the process has a working folder of its own
        return self.result("save", absolute_path(filename), **options)

    def close(self) -> None:
        """Stop everything and let go of the file."""
        with self._starting:
            self._closed = True
            self._listeners.clear()
            if self._remote is not None:
                self._remote.close()

    # -- a browser --------------------------------------------------------------------------------------------------

    def connect(self, send: Send) -> RemoteViewer:
        """Join a view in a browser to the model.

        Parameters
        ----------
        send : callable
            Sends a message to the browser. Calls do not overlap.

        Returns
        -------
        RemoteViewer
            Takes the messages from the browser. There is one at a time.
        """
        self._viewer = RemoteViewer(self.pass_on, send)
        return self._viewer

    def pass_on(self, message: Mapping[str, Any], buffers: Sequence[Any]) -> bool:
        """Hand a message from the browser to the process.

        Parameters
        ----------
        message : mapping
            Its JSON part.
        buffers : sequence
            Its buffers.

        Returns
        -------
        bool
            False if there was no process; there is a new one then, which knows nothing of earlier requests.
        """
        alive = self.alive
        worker = self._worker()
        if alive or message.get("op") == "hello":
            worker.receive(message, buffers)
            return True
        return False

    # -- inside -----------------------------------------------------------------------------------------------------

    def _worker(self) -> Remote:
        """Give the process; a new one where it was lost or put to rest."""
        with self._starting:
            if self._closed:
                message = "This viewer is closed."
                raise OptionError(message, "Make a new one.")
            if not self.alive:
                with self._changed:
                    self.failure, self.busy, self.picture = None, bool(self._state["path"]), None
                self._begin(self._settings(self._state))
                self._viewer.restarted()
            self.used = next(_USES)
            assert self._remote is not None  # noqa: S101  for the type checker
            return self._remote

    def _begin(self, controls: Mapping[str, Any]) -> None:
        self.used = next(_USES)
        self._unmade = dict(controls)
        self._remote = Remote(
            self._factory,
            self._make,
            listener=self._hear,
            relay=self._relay,
            on_lost=self._lose,
            preload=PRELOAD,
        )
        self._users.add(self)
        living = sorted((model for model in list(self._users) if model.alive), key=lambda model: model.used)
        for model in living[: max(len(living) - MOST_PROCESSES, 0)]:
            model.rest()

    def _make(self) -> tuple[Any, ...]:
        """Give what the model is made from: from now on it decides."""
        with self._starting:
            controls, self._unmade = self._unmade, None
            return (*self._arguments, controls)

    def rest(self) -> None:
        """Let go of the process, if it has nothing to do; what is asked next brings a new one."""
        if not self.busy and self._remote is not None:
            remote, self._remote = self._remote, None
            remote.close()

    def _relay(self, message: dict[str, Any], buffers: list[Any]) -> None:
        self._viewer.deliver(message, buffers)

    def _hear(self, event: str, data: Any) -> None:
        with self._changed:
            if event == "state":
                self._state.update(data["changes"])
            elif event == "busy":
                self.busy = data["busy"]
            elif event == "progress":
                self.progress = (data["fraction"], data["text"])
            elif event == self._shows:
                self.picture = data
            elif event == "failure":
                self.failure = data
            self._tell(event, described(data) if isinstance(data, Dsa110VisError) else data)
            # who waits goes on when all listeners know
            self._changed.notify_all()

    def _lose(self, lost: WorkerLostError) -> None:
        with self._changed:
            self.failure, self.busy, self.picture = lost, False, None
            self._tell("failure", described(lost))
            self._tell("busy", {"busy": False})
            self._changed.notify_all()
        self._viewer.lost(lost)

    def _tell(self, event: str, data: Any) -> None:
        for listener in list(self._listeners):
            try:
                listener(event, data)
            except Exception:
                logger.exception("A listener failed on %s", event)
