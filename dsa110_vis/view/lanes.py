"""Lanes: one worker thread each, started when there is work and gone when there is none."""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Lane"]

logger = logging.getLogger(__name__)


class Lane:
    """Runs functions one after the other on a thread of its own.

    The thread is a daemon, so that work in hand never keeps a kernel from ending, and it ends after a while without
    work, so that a notebook with many viewers has few threads.

    Parameters
    ----------
    name : str
        The name of the thread.
    limit : int
        How many functions may wait.
    linger : float
        Seconds without work after which the thread ends.
    """

    def __init__(self, name: str, *, limit: int = 256, linger: float = 5.0) -> None:
        self._name = name
        self._limit = limit
        self._linger = linger
        self._work: deque[Callable[[], None]] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, work: Callable[[], None]) -> bool:
        """Have a function called later, in turn.

        Parameters
        ----------
        work : callable
            Is called without arguments. It must not raise; if it does, that is logged.

        Returns
        -------
        bool
            False if too many wait already, or the lane is closed.
        """
        with self._changed:
            if self._closed or len(self._work) >= self._limit:
                return False
            self._work.append(work)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            else:
                self._changed.notify()
            return True

    def is_current(self) -> bool:
        """Tell whether the caller is work of this lane.

        Returns
        -------
        bool
            True on the lane's own thread.
        """
        return threading.current_thread() is self._thread

    def close(self, last: Callable[[], None] | None = None) -> None:
        """Drop what waits and take no more; what runs is left to end.

        Parameters
        ----------
        last : callable, optional
            Is called when it has ended.
        """
        with self._changed:
            self._closed = True
            self._work.clear()
            busy = self._thread is not None
            if busy and last is not None:
                self._work.append(last)
            self._changed.notify_all()
        if not busy and last is not None:
            last()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._work and not self._closed:
                    self._changed.wait(self._linger)
                if not self._work:
                    self._thread = None
                    return
                work = self._work.popleft()
            try:
                work()
            except Exception:
                logger.exception("Work on %s failed", self._name)
            del work
