"""A browser's end of a model in another process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dsa110_vis.view.protocol import StaleError, described

if TYPE_CHECKING:
    from dsa110_vis.errors import Dsa110VisError

__all__ = ["RemoteViewer"]

Send = Callable[[dict[str, Any], list[Any]], None]
PassOn = Callable[[Mapping[str, Any], Sequence[Any]], bool]


class RemoteViewer:
    """A browser's end of a model in another process: answers for it when it cannot.

    Parameters
    ----------
    pass_on : callable, optional
        Hands a message and its buffers to the process; returns False if there was none, and there is a new one now that
        knows nothing of earlier requests.
    send : callable, optional
        Sends a message to the browser.
    """

    def __init__(self, pass_on: PassOn | None = None, send: Send | None = None) -> None:
        self._pass_on = pass_on
        self._send = send
        self._sending = threading.Lock()
        self._open: dict[str | int, None] = {}

    def receive(self, message: Mapping[str, Any], buffers: Sequence[Any] = ()) -> None:
        """Take a message from the browser.

        Parameters
        ----------
        message : mapping
            A request or a cancellation.
        buffers : sequence
            Its binary buffers.
        """
        if self._pass_on is None or not isinstance(message, Mapping):
            return
        ident = message.get("id")
        asks = message.get("kind") == "request" and isinstance(ident, str | int)
        if asks:
            self._open[ident] = None  # type: ignore[index]  # checked above
        if not self._pass_on(message, buffers) and asks:
            stale = StaleError("The picture is made again, in a new process.", "Ask for the new one.")
            self._refuse([ident], described(stale))  # type: ignore[list-item]

    def deliver(self, message: dict[str, Any], buffers: list[Any]) -> None:
        """Give a message of the model to the browser.

        Parameters
        ----------
        message : dict
            Its JSON part.
        buffers : list
            Its buffers.
        """
        self._open.pop(message.get("id", ""), None)
        with self._sending:
            if self._send is not None:
                self._send(message, buffers)

    def restarted(self) -> None:
        """Have the view ask for everything again: another process is behind it."""
        self.deliver({"kind": "event", "event": "restarted", "data": {}}, [])

    def lost(self, error: Dsa110VisError) -> None:
        """Tell the view that the process has ended, and answer what it waits for.

        Parameters
        ----------
        error : Dsa110VisError
            Why.
        """
        self._refuse(list(self._open), described(error))
        self.deliver({"kind": "event", "event": "failure", "data": described(error)}, [])
        self.deliver({"kind": "event", "event": "busy", "data": {"busy": False}}, [])

    def close(self) -> None:
        """Take and give nothing more."""
        self._pass_on = self._send = None

    def _refuse(self, idents: Sequence[str | int], error: dict[str, Any]) -> None:
        for ident in idents:
            self.deliver({"kind": "response", "id": ident, "ok": False, "error": error}, [])
