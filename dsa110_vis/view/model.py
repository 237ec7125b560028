"""What every viewer's model has: controls, events, and one job at a time."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dsa110_vis.view.jobs import Job, Jobs
from dsa110_vis.view.protocol import described

if TYPE_CHECKING:
    from dsa110_vis.errors import Dsa110VisError
    from dsa110_vis.view.dispatcher import Dispatcher, Send

__all__ = ["Listener", "Model"]

logger = logging.getLogger(__name__)

Listener = Callable[[str, Any], None]
"""Takes the name of an event and its data. Is called from any thread, one call at a time for one model."""


class Model(ABC):
    """Controls that can be set from anywhere, events that tell what has changed, and work that a newer change ends.

    All methods may be called from any thread.

    Parameters
    ----------
    thread : str
        Name of the thread that does the work.
    """

    def __init__(self, thread: str) -> None:
        self._lock = threading.RLock()
        self._emitting = threading.RLock()
        self._listeners: list[Listener] = []
        self._state: dict[str, Any] = {}
        self._jobs = Jobs(self._emit, self._emitting, name=thread)

    # -- what it is -------------------------------------------------------------------------------------------------

    @property
    def state(self) -> dict[str, Any]:
        """The values of all controls (a copy)."""
        with self._lock:
            return dict(self._state)

    @property
    def busy(self) -> bool:
        """Whether there is work in hand."""
        return self._jobs.busy

    @property
    def progress(self) -> tuple[float, str]:
        """How far the work is, from 0 to 1, and what is being done."""
        return self._jobs.progress

    @property
    def failure(self) -> Dsa110VisError | None:
        """Why what is shown does not go with the controls, if it does not."""
        return self._jobs.failure

    @property
    @abstractmethod
    def choices(self) -> dict[str, Any]:
        """What the controls may be, for menus; more of it is known once the file is open."""

    @property
    @abstractmethod
    def source(self) -> dict[str, Any]:
        """The name, path, title and telescope of what is looked at."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._state['path']!r})"

    # -- using it ---------------------------------------------------------------------------------------------------

    @abstractmethod
    def connect(self, send: Send) -> Dispatcher:
        """Join a view in a browser to the model.

        Parameters
        ----------
        send : callable
            Sends a message to the browser, given its JSON part and its buffers.

        Returns
        -------
        Dispatcher
            Takes the messages from the browser. Closing it also stops the events.
        """

    @abstractmethod
    def update(self, changes: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """Set controls.

        Parameters
        ----------
        changes : mapping, optional
            New values by the names of the controls.
        **more
            The same.

        Returns
        -------
        dict
            All controls that have changed, which can be more than asked for.

        Raises
        ------
        OptionError
            If a value is not allowed; nothing is changed then.
        """

    @abstractmethod
    def retry(self) -> None:
        """Try again what has failed or was cancelled."""

    @abstractmethod
    def code(self) -> str:
        """Give the Python code that makes this picture again.

        Returns
        -------
        str
            A few lines of Python.
        """

    @abstractmethod
    def export(self, kind: str, *, width: int, height: int) -> tuple[bytes, str, str]:
        """Draw what is shown.

        Parameters
        ----------
        kind : str
            The format.
        width, height : int
            Size in pixels.

        Returns
        -------
        data : bytes
            The file's content.
        filename : str
            A name for it.
        mime : str
            Its media type.
        """

    def listen(self, listener: Listener, *, replay: bool = False) -> Callable[[], None]:
        """Have a function called for every event.

        Parameters
        ----------
        listener : callable
            Takes the event's name and its data.
        replay : bool
            Whether to tell first how things are: all controls, why there is no picture, whether there is work in hand.

        Returns
        -------
        callable
            Ends it.
        """
        with self._emitting:
            if replay:
                listener("state", {"changes": self.state})
                if self.failure is not None:
                    listener("failure", described(self.failure))
                listener("busy", {"busy": self.busy})
            self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def cancel(self) -> None:
        """Stop the work in hand; what is shown stays as it is."""
        self._jobs.cancel()

    # -- inside -----------------------------------------------------------------------------------------------------

    def _apply(self, job: Job, values: Mapping[str, Any]) -> None:
        """Set controls to what the work has found, without more work."""
        with self._emitting:
            with self._lock:
                changed = {name: value for name, value in values.items() if self._state[name] != value}
                if not job.wanted or not changed:
                    return
                self._state.update(changed)
            self._emit("state", {"changes": changed})

    def _emit(self, event: str, data: Any) -> None:
        with self._emitting:
            for listener in list(self._listeners):
                try:
                    listener(event, data)
                except Exception:
                    logger.exception("A listener failed on %s", event)
