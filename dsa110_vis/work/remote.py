"""The owner's end of an object in another process: call its methods, hear its events, relay a browser's messages."""

from __future__ import annotations

import contextlib
import itertools
import logging
import pickle
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, ClassVar

from dsa110_vis.errors import Dsa110VisError
from dsa110_vis.work.processes import Process

__all__ = ["Remote", "WorkerLostError", "prepare"]

logger = logging.getLogger(__name__)

_inside = threading.local()  # how many events, of whatever objects, the thread is handling

Send = Callable[[dict[str, Any], list[Any]], None]
Listener = Callable[[str, Any], None]


def prepare(preload: tuple[str, ...]) -> None:
    """Have what workers need imported while nobody waits for it; returns at once.

    Parameters
    ----------
    preload : tuple of str
        As for `Remote`.
    """
    Process.prepare(preload)


class WorkerLostError(Dsa110VisError):
    """A process that worked for this one has ended, most likely because casacore aborted it.

    Parameters
    ----------
    message : str
        One sentence: how it ended.
    hint : str, optional
        What to do.
    output : str
        The end of what it printed.
    """

    code: ClassVar[str] = "worker-lost"
    http_status: ClassVar[int] = 500

    def __init__(self, message: str, hint: str = "", *, output: str = "") -> None:
        super().__init__(message, hint)
        self.output = output


class Remote:
    """An object in a process of its own.

    Returns before the process runs; what is asked meanwhile waits for it. All methods may be called from any thread.

    Events come in order, one at a time. While a call waits for its answer they are kept for the thread that waits, and
    handled there before the call returns; otherwise a thread of this object handles them.

    Parameters
    ----------
    factory : str
        ``"module:name"`` of what makes the object.
    args : tuple or callable
        For the factory; a callable is asked for them when the process is there.
    options : mapping, optional
        Keywords for the factory.
    listener : callable, optional
        Takes the name of an event and its data; ``failure`` comes with the error itself.
    relay : callable, optional
        Takes messages for the browser, each with its buffers, on a thread of this object.
    on_lost : callable, optional
        Takes the error when the process has ended unasked.
    preload : tuple of str
        Modules that all workers of this process will need, and functions (``"module:name"``) that prepare what they
        will do; the first `Remote` decides.
    """

    def __init__(
        self,
        factory: str,
        args: tuple[Any, ...] | Callable[[], tuple[Any, ...]] = (),
        options: Mapping[str, Any] | None = None,
        *,
        listener: Listener | None = None,
        relay: Send | None = None,
        on_lost: Callable[[WorkerLostError], None] | None = None,
        preload: tuple[str, ...],
    ) -> None:
        self._listener, self._relay, self._on_lost = listener, relay, on_lost
        self._numbers = itertools.count()
        self._sending = threading.Lock()
        self._changed = threading.Condition()
        self._handling = threading.RLock()
        self._handler: int | None = None
        self._calls: dict[int, Future[Any]] = {}
        self._waiting = 0
        self._events: deque[tuple[str, Any]] = deque()
        self._closed = False
        self.lost: WorkerLostError | None = None
        self._make = factory, args, dict(options or {})
        self._early: list[bytes] | None = []
        self._process = Process.new(preload)
        threading.Thread(target=self._read, name="dsa110-vis-remote", daemon=True).start()
        if listener is not None:
            threading.Thread(target=self._handle_in_turn, name="dsa110-vis-events", daemon=True).start()

    @property
    def pid(self) -> int:
        """Number of the process; 0 while it is not there."""
        return self._process.pid

    @property
    def handling(self) -> bool:
        """Whether the calling thread is handling an event: it must not wait for another one."""
        return self._handler == threading.get_ident()

    def submit(self, method: str, *args: Any, **options: Any) -> Future[Any]:
        """Call a method, or get an attribute, without waiting for it.

        Parameters
        ----------
        method : str
            Its name.
        *args, **options
            For the method.

        Returns
        -------
        Future
            Of its result; raises what it raised, or `WorkerLostError`.
        """
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        with self._changed:
            lost = self.lost
            number = next(self._numbers)
            if lost is None:
                self._calls[number] = future
        if lost is not None:
            future.set_exception(lost)
        else:
            self._send("call", number, method, args, options)
        return future

    def call(self, method: str, *args: Any, **options: Any) -> Any:
        """Call a method, or get an attribute.

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
            Or whatever else it raised.
        WorkerLostError
            If the process ended before.
        """
        with self._changed:
            self._waiting += 1
        try:
            future = self.submit(method, *args, **options)
            future.exception()
        finally:
            with self._changed:
                self._waiting -= 1
                self._changed.notify_all()
        self._handle_events()
        return future.result()

    def receive(self, message: Mapping[str, Any], buffers: Sequence[Any] = ()) -> None:
        """Pass on what a browser sent.

        Parameters
        ----------
        message : mapping
            Its JSON part.
        buffers : sequence of bytes-like
            Its buffers.
        """
        self._send("message", message, [bytes(part) for part in buffers])

    def close(self) -> None:
        """End the process at once; closing twice does nothing."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
        self._process.kill()

    # -- inside -----------------------------------------------------------------------------------------------------

    def _send(self, *message: Any) -> None:
        data = pickle.dumps(message, protocol=5)
        with self._sending:
            if self._early is not None:
                self._early.append(data)
                return
            self._write(data)

    def _write(self, data: bytes) -> None:
        with contextlib.suppress(OSError):  # the thread that reads finds out why
            self._process.connection.send_bytes(data)

    def _begin(self) -> None:
        """Have the object made, now that there is a process, and send what was asked of it meanwhile."""
        factory, args, options = self._make
        with self._sending:
            arguments = args() if callable(args) else args
            self._write(pickle.dumps(("make", factory, arguments, options, sys.path), protocol=5))
            for data in self._early or ():
                self._write(data)
            self._early = None

    def _read(self) -> None:
        while True:
            try:
                kind, *rest = pickle.loads(self._process.connection.recv_bytes())  # noqa: S301  from our own process
            except (EOFError, OSError):
                break
            if kind == "ready":
                self._begin()
            elif kind == "result":
                self._finish(*rest)
            elif kind == "message" and self._relay is not None:
                self._relay(*rest)
            elif kind == "event" and self._listener is not None:
                with self._changed:
                    self._events.append((rest[0], rest[1]))
                    self._changed.notify_all()
            elif kind == "log":
                logging.getLogger(rest[0]).log(rest[1], "%s", rest[2])
        self._end()

    def _finish(self, number: int, ok: bool, value: Any) -> None:  # noqa: FBT001  as it comes
        with self._changed:
            future = self._calls.pop(number)
        if ok:
            future.set_result(value)
        else:
            future.set_exception(value)

    def _end(self) -> None:
        asked = self._closed or self._process.stopping
        reason = "it was closed" if asked else self._process.how_it_ended()
        lost = WorkerLostError(
            f"The process that did this has ended ({reason}).",
            "" if asked else "Most likely casacore met data that it cannot read. Try again, or select less.",
            output=self._process.printed(),
        )
        if not asked:
            logger.error("%s It printed: %s", lost.message, lost.output or "nothing")
        with self._changed:
            self.lost = lost
            self._closed = True
            calls = list(self._calls.values())
            self._calls.clear()
            self._changed.notify_all()
        for future in calls:
            future.set_exception(lost)
        self._process.close()
        if not asked and self._on_lost is not None:
            self._on_lost(lost)

    def _handle_in_turn(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or (self._events and not self._waiting))
                if self._closed:
                    return
            self._handle_events()

    def _handle_events(self) -> None:
        """Handle what has come, in order; leave it to another thread that does so if waiting for that could be forever.

        Who handles an event of one object may call another, whose events may just be handled by one that calls the
        first.
        """
        depth = getattr(_inside, "depth", 0)
        if not self._handling.acquire(blocking=depth == 0):
            return
        before, self._handler = self._handler, threading.get_ident()
        _inside.depth = depth + 1
        try:
            while self._events and self._listener is not None:
                event, data = self._events.popleft()
                try:
                    self._listener(event, data)
                except Exception:
                    logger.exception("A listener failed on %s", event)
        finally:
            _inside.depth = depth
            self._handler = before
            self._handling.release()
