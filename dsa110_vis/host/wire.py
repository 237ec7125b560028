"""Requests on their way to a session's kernel, and who waits for their answers: this process, or a browser's view."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from dsa110_vis.host.errors import error_from
from dsa110_vis.view.protocol import Reply, described, plain

if TYPE_CHECKING:
    from dsa110_vis.errors import Dsa110VisError

__all__ = ["OWN", "View", "Wire"]

logger = logging.getLogger(__name__)

OWN = "own-"
"""How the ids of this process's requests begin, and not those of views."""

Send = Callable[[dict[str, Any], list[Any]], None]
OnEvent = Callable[[str, dict[str, Any]], None]
OnAnswer = Callable[[dict[str, Any], list[Any]], None]


class Wire:
    """Gives requests ids, and brings the answers to those who asked.

    Parameters
    ----------
    send : callable
        Sends a message, with its buffers, to the kernel; from any thread, returns at once.
    on_event : callable
        Takes the name and the data of each event, before views have it.
    on_answer : callable
        Takes each answer before who asked has it.
    """

    def __init__(self, send: Send, on_event: OnEvent, on_answer: OnAnswer) -> None:
        self._send, self._on_event, self._on_answer = send, on_event, on_answer
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._waiting: dict[str, Callable[[dict[str, Any], list[Any]], None]] = {}
        self._views: list[View] = []
        self._lost: Dsa110VisError | None = None

    def request(self, op: str, params: Mapping[str, Any], buffers: Sequence[Any]) -> tuple[str, Future[Reply]]:
        """Send a request of this process.

        Parameters
        ----------
        op : str
            The operation.
        params : mapping
            Its parameters.
        buffers : sequence of bytes-like
            Binary data.

        Returns
        -------
        str
            The id that the request has, which begins with `OWN`.
        Future
            Of the reply; raises the error that came instead.
        """
        future: Future[Reply] = Future()
        future.set_running_or_notify_cancel()

        def answer(message: dict[str, Any], parts: list[Any]) -> None:
            if message.get("ok"):
                future.set_result(Reply(message.get("result"), parts))
            else:
                future.set_exception(error_from(message.get("error") or {}))

        ident = self.ask({"kind": "request", "op": op, "params": plain(params)}, buffers, answer, prefix=OWN)
        return ident, future

    def ask(
        self, message: Mapping[str, Any], buffers: Sequence[Any], answer: OnAnswer, *, prefix: str = "view-"
    ) -> str:
        """Send a request.

        Parameters
        ----------
        message : mapping
            Its JSON part, whose id is replaced.
        buffers : sequence of bytes-like
            Its binary part.
        answer : callable
            Takes the answer.
        prefix : str
            How its id begins.

        Returns
        -------
        str
            The id that it has on its way.
        """
        ident = f"{prefix}{next(self._numbers)}"
        with self._lock:
            lost = self._lost
            if lost is None:
                self._waiting[ident] = answer
        if lost is None:
            self._send({**message, "id": ident}, list(buffers))
        else:
            answer({"kind": "response", "id": ident, "ok": False, "error": described(lost)}, [])
        return ident

    def cancel(self, ident: str) -> None:
        """Say that nobody waits for an answer any more.

        Parameters
        ----------
        ident : str
            The id of the request.
        """
        self._send({"kind": "cancel", "id": ident}, [])

    def take(self, message: dict[str, Any], buffers: list[Any]) -> None:
        """Take a message of the kernel.

        Parameters
        ----------
        message : dict
            An answer or an event.
        buffers : list
            Its binary part.
        """
        if message.get("kind") == "event":
            self.tell(str(message.get("event")), message.get("data") or {})
            return
        with self._lock:
            answer = self._waiting.pop(str(message.get("id")), None)
        if answer is not None:
            self._on_answer(message, buffers)
            answer(message, buffers)

    def tell(self, event: str, data: dict[str, Any]) -> None:
        """Tell of an event.

        Parameters
        ----------
        event : str
            Its name.
        data : dict
            Its data.
        """
        self._on_event(event, data)
        with self._lock:
            views = list(self._views)
        for view in views:
            view.deliver({"kind": "event", "event": event, "data": data}, [])

    def fail(self, error: Dsa110VisError) -> None:
        """Answer all that wait, and all that come, with an error.

        Parameters
        ----------
        error : Dsa110VisError
            Why nothing can be answered.
        """
        with self._lock:
            self._lost = error
            waiting = dict(self._waiting)
            self._waiting.clear()
        for ident, answer in waiting.items():
            answer({"kind": "response", "id": ident, "ok": False, "error": described(error)}, [])

    def mend(self) -> None:
        """Take requests again: there is another kernel."""
        with self._lock:
            self._lost = None

    def connect(self, send: Send) -> View:
        """Give a browser's view a way to the kernel.

        Parameters
        ----------
        send : callable
            Sends a message to the browser.

        Returns
        -------
        View
            Takes the messages from the browser, as a dispatcher does.
        """
        view = View(self, send, self._leave)
        with self._lock:
            self._views.append(view)
        return view

    def _leave(self, view: View) -> None:
        with self._lock:
            if view in self._views:
                self._views.remove(view)


class View:
    """A browser's way to the kernel: its requests keep their ids on its side.

    Parameters
    ----------
    wire : Wire
        The way to the kernel.
    send : callable
        Sends a message to the browser.
    leave : callable
        Is called with this view when it is closed.
    """

    def __init__(self, wire: Wire, send: Send, leave: Callable[[View], None]) -> None:
        self._wire, self._send, self._leave = wire, send, leave
        self._sending = threading.Lock()
        self._open: dict[str | int, str] = {}
        self._closed = False

    def receive(self, message: Mapping[str, Any], buffers: Sequence[Any] = ()) -> None:
        """Pass on what a browser sent.

        Parameters
        ----------
        message : mapping
            A request or a cancellation; anything else is dropped.
        buffers : sequence
            Its binary buffers.
        """
        kind, ident = message.get("kind"), message.get("id")
        if isinstance(ident, bool) or not isinstance(ident, str | int):
            return
        if kind == "cancel" and ident in self._open:
            self._wire.cancel(self._open[ident])
        elif kind == "request" and ident not in self._open:
            self._open[ident] = ""

            def answer(reply: dict[str, Any], parts: list[Any]) -> None:
                self._open.pop(ident, None)
                self.deliver({**reply, "id": ident}, parts)

            on_its_way = self._wire.ask(message, buffers, answer)
            if ident in self._open:
                self._open[ident] = on_its_way

    def deliver(self, message: dict[str, Any], buffers: list[Any]) -> None:
        """Give the browser a message.

        Parameters
        ----------
        message : dict
            Its JSON part.
        buffers : list
            Its binary part.
        """
        with self._sending:
            if self._closed:
                return
            try:
                self._send(message, buffers)
            except Exception:
                logger.exception("A message for a view could not be sent")

    def close(self) -> None:
        """Take and give nothing more."""
        self._closed = True
        self._leave(self)
