"""Work done in turn on one thread, with moments in between: the thread on which an engine lives."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

__all__ = ["Turns", "already_failed"]

Work = Callable[[], Any]


def already_failed(error: Exception) -> Future[Any]:
    """Make a future of what cannot even begin.

    Parameters
    ----------
    error : Exception
        Why.

    Returns
    -------
    Future
        Which raises it.
    """
    future: Future[Any] = Future()
    future.set_exception(error)
    return future


class Turns:
    """One thread that does what it is given in order.

    Long work calls `between` now and then. There, work that does not wait for its turn is done, and the long work
    learns whether it was asked to rest.

    Parameters
    ----------
    name : str
        Of the thread.
    failed : callable
        Is given what work raised, on the thread, and whether that was pressing; gives the error to show for it.
    closed : callable
        Is called on the thread as the last thing.
    """

    def __init__(
        self, name: str, *, failed: Callable[[BaseException, bool], Exception], closed: Callable[[], None]
    ) -> None:
        self._failed, self._when_closed = failed, closed
        self._changed = threading.Condition()
        self._waiting: deque[tuple[Future[Any], Work]] = deque()
        self._pressing: deque[tuple[Future[Any], Work]] = deque()
        self._rest: str | None = None
        self._at_work = self._closed = False
        self._thread = threading.Thread(target=self._go, name=name, daemon=True)  # starts with the first work

    def submit(self, work: Work, *, pressing: bool = False) -> Future[Any] | None:
        """Have work done.

        Parameters
        ----------
        work : callable
            It.
        pressing : bool
            Whether it is done at the next moment in between, and not after what waits.

        Returns
        -------
        Future or None
            Of its result; None after `close`.
        """
        future: Future[Any] = Future()
        with self._changed:
            if self._closed:
                return None
            (self._pressing if pressing else self._waiting).append((future, work))
            if self._thread.ident is None:
                self._thread.start()
            self._changed.notify_all()
        return future

    def ask_to_rest(self, how: str) -> bool:
        """Ask the work that goes on to rest, and drop what waits for its turn.

        Parameters
        ----------
        how : str
            What `between` is to give.

        Returns
        -------
        bool
            Whether there is work that goes on.
        """
        with self._changed:
            dropped = [future for future, _ in self._waiting]
            self._waiting.clear()
            at_work = self._at_work
            if at_work:
                self._rest = how
        for future in dropped:
            future.cancel()
        return at_work

    def between(self) -> str | None:
        """Use a moment between two pieces of work; only from work on the thread.

        Returns
        -------
        str or None
            How to rest, if that was asked for.
        """
        while True:
            with self._changed:
                if not self._pressing:
                    return self._rest
                future, work = self._pressing.popleft()
            self._do(future, work, pressing=True)

    def close(self) -> None:
        """End the thread after the present work; what waits is dropped. Doing it twice does nothing."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread.ident is not None and threading.current_thread() is not self._thread:
            self._thread.join()

    def _go(self) -> None:
        while True:
            with self._changed:
                self._at_work, self._rest = False, None
                self._changed.wait_for(lambda: self._closed or self._waiting or self._pressing)
                if self._closed:
                    break
                pressing = bool(self._pressing)
                future, work = (self._pressing or self._waiting).popleft()
                self._at_work = True
            self._do(future, work, pressing=pressing)
        for future, _ in (*self._pressing, *self._waiting):
            future.cancel()
        self._when_closed()

    def _do(self, future: Future[Any], work: Work, *, pressing: bool) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001  whatever it is, it belongs to who asked
            future.set_exception(self._failed(error, pressing))
        else:
            future.set_result(result)
