"""An event loop on a thread of its own, for those who wait elsewhere."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from concurrent.futures import Future

__all__ = ["Loop"]

JOIN_SECONDS = 5.0


class Loop:
    """Runs coroutines on a thread of its own.

    Parameters
    ----------
    name : str
        Of the thread.
    """

    def __init__(self, name: str) -> None:
        self._loop = asyncio.SelectorEventLoop()  # ZeroMQ needs one that selects
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        """Run a coroutine.

        Parameters
        ----------
        work : coroutine
            The work.

        Returns
        -------
        Future
            Of its result.
        """
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def soon(self, function: Callable[[], None]) -> None:
        """Have a function called on the loop; after `close` it is dropped.

        Parameters
        ----------
        function : callable
            Is called without arguments.
        """
        try:
            self._loop.call_soon_threadsafe(function)
        except RuntimeError:  # it is closed
            return

    def close(self) -> None:
        """End what still runs, and the thread; one that something holds up is left to end when it can."""
        self.soon(self._loop.stop)
        if threading.current_thread() is not self._thread:
            self._thread.join(JOIN_SECONDS)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()
