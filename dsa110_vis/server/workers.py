"""One process for each request: a few at a time, a few more waiting, none longer than it may."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any

from dsa110_vis.preload import PRELOAD as COMMON
from dsa110_vis.server.errors import BusyError, ClosingError, TimeLimitError
from dsa110_vis.work import Remote

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PRELOAD", "Workers"]

DESK = "dsa110_vis.rest.desk:in_background"
PRELOAD = (*COMMON, "dsa110_vis.rest.desk")
"""What is ready in workers before there is work: the first of this process decides, be it for a request or a viewer."""


class Workers:
    """Runs questions in processes.

    All methods are called on the server's event loop.

    Parameters
    ----------
    most : int
        How many run at once.
    queue : int
        How many wait.
    seconds : float
        How long a request may take, its waiting included.
    make : callable, optional
        Makes the object that answers.
    """

    def __init__(
        self, most: int, queue: int, seconds: float, make: Callable[[], Remote] = lambda: Remote(DESK, preload=PRELOAD)
    ) -> None:
        self._most, self._queue, self._seconds, self._make = most, queue, seconds, make
        self._slots = asyncio.Semaphore(most)
        self._running: set[Remote] = set()
        self._waiting = 0
        self._typical = 1.0
        self._closed = False

    @property
    def busy(self) -> int:
        """How many requests run or wait."""
        return len(self._running) + self._waiting

    async def run(self, method: str, *args: Any) -> Any:
        """Ask in a process of its own. Cancelling ends the process.

        Parameters
        ----------
        method : str
            Of the desk.
        *args
            For the method.

        Returns
        -------
        object
            What it returned.

        Raises
        ------
        BusyError
            If too many wait already, or it did not get its turn in time.
        TimeLimitError
            If it took too long.
        ClosingError
            If the server is being stopped.
        WorkerLostError
            If the process died.
        Dsa110VisError
            What the method raised.
        """
        if self._slots.locked() and self._waiting >= self._queue:
            message = "The server has as many requests waiting as it may."
            raise self._busy(message)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._seconds
        await self._turn(deadline)
        try:
            return await self._ask(deadline, method, args)
        finally:
            self._slots.release()

    def close(self) -> None:
        """End all processes, and start no more."""
        self._closed = True
        for worker in list(self._running):
            worker.close()

    async def _turn(self, deadline: float) -> None:
        self._waiting += 1
        try:
            async with asyncio.timeout_at(deadline):
                await self._slots.acquire()
        except TimeoutError:
            message = f"The request did not get its turn within {self._seconds:g} s."
            raise self._busy(message) from None
        finally:
            self._waiting -= 1

    async def _ask(self, deadline: float, method: str, args: tuple[Any, ...]) -> Any:
        if self._closed:
            message = "The server is being stopped."
            raise ClosingError(message)
        loop = asyncio.get_running_loop()
        began = loop.time()
        worker = self._make()
        self._running.add(worker)
        try:
            async with asyncio.timeout_at(deadline):
                result = await asyncio.wrap_future(worker.submit(method, *args))
        except TimeoutError:
            message = f"The answer took longer than {self._seconds:g} s, and the work was ended."
            hint = "Select less, or ask the operator for a longer Dsa110VisApp.request_timeout."
            raise TimeLimitError(message, hint) from None
        finally:
            self._running.discard(worker)
            worker.close()
        self._typical += 0.2 * (loop.time() - began - self._typical)
        return result

    def _busy(self, message: str) -> BusyError:
        seconds = max(1, math.ceil((self._waiting + 1) * self._typical / self._most))
        return BusyError(message, f"Try again in about {seconds} s.", seconds=seconds)
