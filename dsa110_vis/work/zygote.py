"""The process that all workers come from: it has everything imported, and forks when it is asked for a worker.

It forks as soon as it has what the most urgent worker needs. The rest it imports when nobody has asked for a while, and
one module at a time, so that nobody waits for all of it; who is forked before imports what it needs by itself. What
takes long besides importing, such as compiling, comes after that, so that later workers find it done; but first in a
child, since it may take long where the outcome is not yet cached on disk, or abort.

It has one thread and opens nothing, so that forking is safe; a worker is there after some milliseconds, where
importing numpy, numba and casacore takes seconds, and shares the memory of all that.

It is told on a socket, one packet a message: ``new`` with the two descriptors of the worker (its connection, and the
file for what it prints), or ``kill PID``. It tells ``born PID`` for each ``new``, in turn, and ``dead PID STATUS``.
Only who started a process can kill it without ever hitting another one that was given the same number.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import time
from typing import TYPE_CHECKING, NoReturn

from dsa110_vis.work import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["PACKET_BYTES", "REHEARSAL_NICENESS", "run"]

PACKET_BYTES = 64
REHEARSAL_NICENESS = 10
QUIET_SECONDS = 0.5
"""How long nobody must have asked for a worker before there is time for other things."""


def run(descriptor: int, preload: Sequence[str]) -> None:
    """Fork workers until the other side of the socket is gone.

    Parameters
    ----------
    descriptor : int
        The socket.
    preload : sequence of str
        A module to import first, others to import when there is time, and functions (``"module:name"``) to call once
        after that.
    """
    # A key press at the owner's terminal goes to its whole process group, and is not for us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    first, *modules = (name for name in preload if ":" not in name)
    importlib.import_module(first)
    _Zygote(socket.socket(fileno=descriptor), modules, [name for name in preload if ":" in name]).run()


class _Zygote:
    def __init__(self, control: socket.socket, modules: list[str], functions: list[str]) -> None:
        self._control = control
        self._modules = modules
        self._functions = functions
        self._rehearsal = 0
        self._spare_from = time.monotonic() + QUIET_SECONDS
        self._living: set[int] = set()
        self._woken, self._waker = os.pipe()

    def run(self) -> None:
        _settle()
        os.set_blocking(self._waker, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        going_on = True
        while going_on:
            more = self._modules or (self._functions and not self._rehearsal)
            patience = max(self._spare_from - time.monotonic(), 0.0) if more else None
            ready, _, _ = select.select([self._control.fileno(), self._woken], [], [], patience)
            if not ready:
                self._do_more()
            if self._woken in ready:
                os.read(self._woken, 1024)
                self._reap()
            if self._control.fileno() in ready:
                going_on = self._listen()
        for pid in self._living:
            os.kill(pid, signal.SIGKILL)

    def _listen(self) -> bool:
        packet, descriptors, _, _ = socket.recv_fds(self._control, PACKET_BYTES, 2)
        word, _, number = packet.decode("ascii").partition(" ")
        if word == "new":
            self._spare_from = time.monotonic() + QUIET_SECONDS
            pid = self._fork(lambda: _work(*descriptors))
            for descriptor in descriptors:
                os.close(descriptor)
            self._tell(f"born {pid}")
        elif word == "kill" and int(number) in self._living:
            os.kill(int(number), signal.SIGKILL)
        return bool(packet)

    def _fork(self, task: Callable[[], None]) -> int:
        pid = os.fork()
        if pid == 0:
            self._be_child(task)
        self._living.add(pid)
        return pid

    def _be_child(self, task: Callable[[], None]) -> NoReturn:
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._control.close()
            os.close(self._woken)
            os.close(self._waker)
            task()
            code = 0
        finally:
            # not by returning or raising: the code of the zygote is on the stack
            os._exit(code)

    def _do_more(self) -> None:
        """Use the time in which nobody asks."""
        if not self._modules:
            self._rehearsal = self._fork(self._rehearse)
            return
        with contextlib.suppress(ImportError):  # who needs it will say so
            importlib.import_module(self._modules.pop(0))
        if not self._modules:
            _settle()

    def _rehearse(self) -> None:
        os.nice(REHEARSAL_NICENESS)
        self._call_functions()

    def _call_functions(self) -> None:
        for name in self._functions:
            serve.resolve(name)()

    def _reap(self) -> None:
        while self._living:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            self._living.discard(pid)
            code = os.waitstatus_to_exitcode(status)
            self._tell(f"dead {pid} {code}")
            if pid == self._rehearsal and code == 0:
                self._call_functions()
                self._functions.clear()
                _settle()

    def _tell(self, text: str) -> None:
        with contextlib.suppress(OSError):  # the owner has gone, and with it the interest
            self._control.send(text.encode("ascii"))


def _work(connection: int, printed: int) -> None:
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    os.close(printed)
    serve.run(connection)


def _settle() -> None:
    """Keep what there is from ever being moved or counted again: a worker would have to copy all that it shares."""
    gc.collect()
    gc.freeze()
