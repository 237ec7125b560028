"""A worker: holds one object, does what it is asked, and ends when its owner does.

Messages are tuples, pickled, on one connection. From the owner: ``make`` the object, ``call`` a method, pass a
``message`` from a browser on. To the owner: that it is ``ready``, the ``result`` of a call, an ``event`` of the object,
a ``message`` for the browser, a ``log`` record.
"""

from __future__ import annotations

import faulthandler
import importlib
import logging
import os
import pickle
import sys
import threading
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import Dsa110VisError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["resolve", "run"]

logger = logging.getLogger(__name__)


def resolve(name: str) -> Any:
    """Find what is called ``"module:name"``.

    Parameters
    ----------
    name : str
        Its name; never from a user.

    Returns
    -------
    object
        It.
    """
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def run(descriptor: int) -> None:
    """Serve the object that is asked for on a connection, until the connection ends.

    Parameters
    ----------
    descriptor : int
        The connection's.
    """
    faulthandler.enable()  # if casacore aborts, what is printed says where
    worker = _Worker(Connection(descriptor))
    logging.basicConfig(handlers=[_ToOwner(worker.send)], level=logging.INFO, force=True)
    try:
        worker.serve()
    finally:
        os._exit(0)  # whatever other threads are doing: nobody wants it any more


class _Worker:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._object: Any = None
        self._failed: Exception | None = None
        self._dispatcher: Any = None

    def send(self, *message: Any) -> None:
        data = pickle.dumps(message, protocol=5)
        with self._sending:
            self._connection.send_bytes(data)

    def serve(self) -> None:
        self.send("ready")
        while True:
            try:
                kind, *rest = pickle.loads(self._connection.recv_bytes())  # noqa: S301  from the owner, who started us
            except (EOFError, OSError):
                return
            if kind == "make":
                self._make(*rest)
            elif kind == "message" and self._dispatcher is not None:
                self._dispatcher.receive(*rest)
            elif kind == "call":
                threading.Thread(target=self._call, args=rest, name="dsa110-vis-call", daemon=True).start()

    def _make(self, factory: str, args: tuple[Any, ...], options: dict[str, Any], path: list[str]) -> None:
        sys.path[:] = path
        try:
            self._object = resolve(factory)(*args, **options)
            if hasattr(self._object, "listen"):
                self._object.listen(self._event, replay=True)
            if hasattr(self._object, "connect"):
                self._dispatcher = self._object.connect(lambda message, buffers: self.send("message", message, buffers))
        except Exception as error:  # noqa: BLE001  the answer to every call
            self._failed = error

    def _event(self, event: str, data: Any) -> None:
        # an error keeps its class on this side of the browser
        self.send("event", event, self._object.failure if event == "failure" else data)

    def _call(self, number: int, method: str, args: tuple[Any, ...], options: dict[str, Any]) -> None:
        if self._failed is not None:
            self._answer(number, ok=False, value=self._failed)
            return
        try:
            target: Any = getattr(self._object, method)
            self._answer(number, ok=True, value=target(*args, **options) if callable(target) else target)
        except Dsa110VisError as error:
            self._answer(number, ok=False, value=error)
        except Exception as error:
            logger.exception("%s failed in a worker", method)
            self._answer(number, ok=False, value=error)

    def _answer(self, number: int, *, ok: bool, value: Any) -> None:
        try:
            self.send("result", number, ok, value)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            self.send("result", number, False, RuntimeError(f"{type(value).__name__} cannot be handed over: {error}"))


class _ToOwner(logging.Handler):
    """Hands log records to the owner, whose configuration decides what becomes of them."""

    def __init__(self, send: Callable[..., None]) -> None:
        super().__init__()
        self._send = send

    def emit(self, record: logging.LogRecord) -> None:
        self._send("log", record.name, record.levelno, self.format(record))
