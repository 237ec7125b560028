"""The dispatcher: requests in, exactly one answer each out, events out; on any thread, never blocking the caller."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dsa110_vis.errors import CancelledError, Dsa110VisError, MemoryLimitError
from dsa110_vis.view.lanes import Lane
from dsa110_vis.view.protocol import DOWN_BYTES, UP_BYTES, Params, Reply, RequestError, described, plain

__all__ = ["Call", "Dispatcher", "Handler", "Send"]

logger = logging.getLogger(__name__)

Send = Callable[[dict[str, Any], list[Any]], None]
"""Sends one message: its JSON part and its buffers. Is called from any thread, one call at a time."""


@dataclass
class Call:
    """A request while it is worked on.

    Parameters
    ----------
    id : str or int
        The id that the answer will carry.
    op : str
        The operation.
    params : Params
        The parameters.
    buffers : sequence
        The binary buffers that came along.
    """

    id: str | int
    op: str
    params: Params
    buffers: Sequence[Any] = ()
    _cancelled: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for the answer any more."""
        return self._cancelled.is_set()

    def check(self) -> None:
        """Stop here if the request was cancelled; long handlers call this now and then.

        Raises
        ------
        CancelledError
            If it was.
        """
        if self.cancelled:
            message = f"The request {self.op!r} was cancelled."
            raise CancelledError(message)


Handler = Callable[[Call], "Reply | dict[str, Any] | None"]
"""Answers a request. Errors of this package go to the user as they are, all others as an internal error."""


class Dispatcher:
    """Maps operations to handlers.

    `receive` may be called from any thread and returns at once: handlers run on worker threads, the quick ones on one
    and the slow ones on another, each in the order in which the requests came. A request gets one response, or one
    error, or, if it is cancelled, one error with the code ``cancelled``.

    Parameters
    ----------
    send : callable
        Sends a message, given its JSON part and its buffers. Calls do not overlap.
    name : str
        For the names of the threads and the log.
    """

    def __init__(self, send: Send, *, name: str = "dsa110-vis-view") -> None:
        self._send = send
        self._name = name
        self._handlers: dict[str, tuple[Handler, bool]] = {}
        self._calls: dict[str | int, Call] = {}
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._closed = False
        self._quick = Lane(f"{name}-quick")
        self._slow = Lane(f"{name}-slow")

    def register(self, op: str, handler: Handler, *, slow: bool = False) -> None:
        """Say who answers an operation.

        Parameters
        ----------
        op : str
            The operation.
        handler : callable
            Takes a `Call`; returns a `Reply`, a dict, or None for an empty result.
        slow : bool
            Whether it takes longer than a tenth of a second, so that quick ones should not wait behind it.
        """
        self._handlers[op] = (handler, slow)

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations that are answered, in alphabetical order."""
        return tuple(sorted(self._handlers))

    def receive(self, message: Mapping[str, Any], buffers: Sequence[Any] = ()) -> None:
        """Take a message from the other side.

        Parameters
        ----------
        message : mapping
            A request or a cancellation; anything else is logged and dropped.
        buffers : sequence
            Its binary buffers.
        """
        kind = message.get("kind") if isinstance(message, Mapping) else None
        ident = message.get("id") if isinstance(message, Mapping) else None
        if kind not in ("request", "cancel") or isinstance(ident, bool) or not isinstance(ident, str | int):
            logger.warning("%s: a message that is no request was dropped: %.200r", self._name, message)
        elif kind == "cancel":
            self._cancel(ident)
        else:
            self._request(ident, message, buffers)

    def emit(self, event: str, data: Any, buffers: Sequence[Any] = ()) -> None:
        """Send an event to the other side; after `close` it is dropped.

        Parameters
        ----------
        event : str
            Its name.
        data : object
            What JSON can carry, after `plain`.
        buffers : sequence of bytes-like
            Binary data.
        """
        self._deliver({"kind": "event", "event": event, "data": plain(data)}, list(buffers))

    def close(self) -> None:
        """Answer nothing more: what waits is dropped, what runs is told to stop."""
        with self._lock:
            self._closed = True
            calls = list(self._calls.values())
            self._calls.clear()
        for call in calls:
            call._cancelled.set()  # noqa: SLF001
        self._quick.close()
        self._slow.close()

    def _request(self, ident: str | int, message: Mapping[str, Any], buffers: Sequence[Any]) -> None:
        op, params = message.get("op"), message.get("params", {})
        call = Call(ident, str(op), Params(params if isinstance(params, Mapping) else {}), buffers)
        with self._lock:
            if self._closed:
                return
            if ident in self._calls:
                logger.warning("%s: the id %r is in use; the second request was dropped", self._name, ident)
                return
            self._calls[ident] = call
        problem: Dsa110VisError | None = None
        handler, slow = self._handlers.get(call.op, (None, False))
        if handler is None:
            problem = RequestError(f"There is no operation {call.op!r}.", f"Known are: {', '.join(self.operations)}.")
        elif not isinstance(params, Mapping):
            problem = RequestError("The parameters of a request must be an object.")
        elif (size := sum(memoryview(item).nbytes for item in buffers)) > UP_BYTES:
            problem = MemoryLimitError(
                f"The request carries {size / 2**20:.1f} MiB.", f"At most {UP_BYTES >> 20} MiB are taken."
            )
        elif not (self._slow if slow else self._quick).submit(lambda: self._work(call, handler)):
            problem = RequestError("Too many requests are waiting.", "Try again when some have been answered.")
        if problem is not None:
            self._fail(call, problem)

    def _cancel(self, ident: str | int) -> None:
        with self._lock:
            call = self._calls.get(ident)
        if call is not None:
            call._cancelled.set()  # noqa: SLF001
            self._fail(call, CancelledError(f"The request {call.op!r} was cancelled."))

    def _work(self, call: Call, handler: Handler) -> None:
        if call.cancelled:
            return
        try:
            answer = handler(call)
            reply = answer if isinstance(answer, Reply) else Reply({} if answer is None else answer)
            size = sum(memoryview(item).nbytes for item in reply.buffers)
            if size > DOWN_BYTES:
                message = f"The answer to {call.op!r} would carry {size / 2**20:.1f} MiB."
                raise MemoryLimitError(message, "Ask for a smaller part.")  # noqa: TRY301
            result = plain(reply.result)
        except Dsa110VisError as error:
            self._fail(call, error)
        except Exception as error:
            logger.exception("%s: the operation %r failed", self._name, call.op)
            self._answer(
                call,
                {
                    "ok": False,
                    "error": {
                        "code": "internal",
                        "message": f"The operation {call.op!r} failed: {type(error).__name__}: {str(error)[:200]}",
                        "hint": "This is a fault of dsa110_vis. The Python log has the details.",
                    },
                },
            )
        else:
            self._answer(call, {"ok": True, "result": result}, list(reply.buffers))

    def _fail(self, call: Call, error: Dsa110VisError) -> None:
        self._answer(call, {"ok": False, "error": plain(described(error))})

    def _answer(self, call: Call, content: dict[str, Any], buffers: list[Any] | None = None) -> None:
        with self._lock:
            if self._calls.get(call.id) is not call:
                return
            del self._calls[call.id]
        self._deliver({"kind": "response", "id": call.id, **content}, buffers or [])

    def _deliver(self, message: dict[str, Any], buffers: list[Any]) -> None:
        with self._sending:
            if self._closed:
                return
            try:
                self._send(message, buffers)
            except Exception:
                logger.exception("%s: a message could not be sent", self._name)
