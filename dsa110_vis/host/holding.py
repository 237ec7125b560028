"""The one kernel that a host has at a time: how it is begun, spoken to and ended from any thread."""

from __future__ import annotations

import atexit
import threading
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import SessionStateError
from dsa110_vis.host.errors import KernelLostError
from dsa110_vis.host.kernel import Kernel
from dsa110_vis.host.loop import Loop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from dsa110_vis.host.kernel import Take

    Work = Callable[[Kernel], Coroutine[Any, Any, Any]]

__all__ = ["Holding"]

END_SECONDS = 10.0


class Holding:
    """A place for a kernel and the event loop that it runs on; empty at first, and again after each end.

    Parameters
    ----------
    take : callable
        Takes each message of the kernel with its buffers.
    died : callable
        Takes the reason when a kernel has ended, and whether it was told to.
    at_exit : callable
        Is called when this process ends and there is a kernel.

    Attributes
    ----------
    changing : RLock
        Is held while a kernel is begun or ended, and by who does both.
    """

    def __init__(self, take: Take, died: Callable[[KernelLostError, bool], None], at_exit: Callable[[], None]) -> None:
        self._take, self._died, self._at_exit = take, died, at_exit
        self.changing = threading.RLock()
        self._there: tuple[Kernel, Loop] | None = None
        self._ending = False

    @property
    def alive(self) -> bool:
        """Whether there is a kernel that runs."""
        there = self._there
        return there is not None and there[0].lost is None

    def allow(self) -> None:
        """Say that a kernel is wanted: from now on `end` breaks off what leads to it."""
        self._ending = False

    def begin(self, come: Work) -> dict[str, Any]:
        """Have a kernel, and wait until it is up.

        Parameters
        ----------
        come : callable
            Makes the coroutine that brings it up, and lets go of it if it cannot.

        Returns
        -------
        dict
            What the session says of itself.

        Raises
        ------
        SessionStateError
            If there is one already.
        KernelLostError
            If it was ended meanwhile.
        Dsa110VisError
            Whatever else the coroutine raised.
        """
        with self.changing:
            if self._there is not None:
                message = "The session has a kernel already."
                raise SessionStateError(message, "restart() gives it another one.")
            kernel, loop = self._there = Kernel(self._take, self._died), Loop("dsa110-vis-host")
            try:
                coming = loop.submit(come(kernel))
                if self._ending:
                    loop.soon(kernel.give_up)
                found: dict[str, Any] = coming.result()
            except BaseException as error:
                self._there = None
                loop.close()
                if isinstance(error, CancelledError):
                    message = "The session was ended before its kernel was up."
                    raise KernelLostError(message, "start() begins again.") from None
                raise
            atexit.register(self._at_exit)
            return found

    def end(self, go: Work) -> None:
        """End the kernel, or let go of it; where there is none, nothing happens.

        Parameters
        ----------
        go : callable
            Makes the coroutine that does it.
        """
        self._ending = True
        if (there := self._there) is not None:
            there[1].soon(there[0].give_up)
        with self.changing:
            if self._there is None:
                return
            kernel, loop = self._there
            try:
                loop.submit(go(kernel)).result(END_SECONDS)
            finally:
                self._there = None
                loop.close()
                atexit.unregister(self._at_exit)

    def post(self, message: dict[str, Any], buffers: list[Any]) -> bool:
        """Send a message, from any thread and at once.

        Parameters
        ----------
        message : dict
            Its JSON part.
        buffers : list of bytes-like
            Its binary part.

        Returns
        -------
        bool
            Whether there is a kernel.
        """
        if (there := self._there) is None:
            return False
        kernel, loop = there
        loop.soon(lambda: kernel.send(message, buffers))
        return True
