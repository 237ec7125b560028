"""How worker processes come to be and how they end: forked by a zygote on Linux, started one by one elsewhere."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from multiprocessing.connection import Connection
from typing import IO, ClassVar

from dsa110_vis.work.zygote import PACKET_BYTES

__all__ = ["Process"]

ENDING_SECONDS = 5.0
"""How long to wait for the news of how a process has ended, when its connection is gone."""
PRINTED = 2000
"""How many characters are kept of what a process printed before it died, and of Python's account of that."""


class Process:
    """A worker process and the connection to it.

    Attributes
    ----------
    connection : Connection
        To the worker.
    """

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self.connection = Connection(ours.detach())
        self._printed: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  as long as the process
        self._exit_code: int | None = None
        self._known = threading.Event()
        self._ended = threading.Event()
        self._kill_wanted = False
        self.pid = 0
        with theirs:
            self._start(theirs.fileno(), self._printed.fileno())

    @staticmethod
    def prepare(preload: tuple[str, ...]) -> None:
        """Make ready for workers, which then come at once.

        Parameters
        ----------
        preload : tuple of str
            As for `Remote`. The first call decides.
        """
        if sys.platform == "linux":
            Zygote.get(preload)

    @staticmethod
    def new(preload: tuple[str, ...]) -> Process:
        """Start a worker.

        Parameters
        ----------
        preload : tuple of str
            As for `prepare`.

        Returns
        -------
        Process
            The worker, perhaps not yet running.
        """
        return Forked(preload) if sys.platform == "linux" else Executed()

    def _start(self, connection: int, printed: int) -> None:
        raise NotImplementedError

    def kill(self) -> None:
        """End it at once."""
        raise NotImplementedError

    @property
    def stopping(self) -> bool:
        """Whether it ends because this process does."""
        return False

    def how_it_ended(self) -> str:
        """Wait for the end, and say how it came.

        Returns
        -------
        str
            The name of a signal, or the exit code in words.
        """
        self._ended.wait(ENDING_SECONDS)
        code = self._exit_code
        if code is None:
            return "no reason known"
        if code < 0:
            with contextlib.suppress(ValueError):
                return signal.Signals(-code).name
        return f"exit code {code}"

    def printed(self) -> str:
        """Give the end of what it has printed.

        Returns
        -------
        str
            Text.
        """
        size = os.fstat(self._printed.fileno()).st_size
        text = os.pread(self._printed.fileno(), size, 0).decode("utf-8", "replace")
        before, account, after = text.partition("Fatal Python error")  # of faulthandler
        return f"{before[-PRINTED:]}{account}{after[:PRINTED]}".strip()

    def close(self) -> None:
        """Let go of the connection and of what was printed."""
        self.connection.close()
        self._printed.close()


def _environment() -> dict[str, str]:
    """Give the environment of the workers: they import what this process imports, and have one core each."""
    path = os.pathsep.join(part for part in sys.path if part)
    return {**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def _command(role: str, descriptor: int, preload: tuple[str, ...] = ()) -> list[str]:
    return [sys.executable, "-P", "-m", "dsa110_vis.work", role, str(descriptor), *preload]


class Executed(Process):
    """A worker that is a new Python: where forking is not safe, as on macOS, whose libraries forbid it."""

    def _start(self, connection: int, printed: int) -> None:
        self._popen = subprocess.Popen(  # noqa: S603  our own module
            _command("worker", connection),
            pass_fds=[connection], env=_environment(), stdin=subprocess.DEVNULL, stdout=printed, stderr=printed,
        )  # fmt: skip
        self.pid = self._popen.pid
        threading.Thread(target=self._wait, name="dsa110-vis-worker-end", daemon=True).start()

    def _wait(self) -> None:
        self._exit_code = self._popen.wait()
        self._ended.set()

    def kill(self) -> None:
        self._popen.kill()


class Forked(Process):
    """A worker that the zygote forks.

    Parameters
    ----------
    preload : tuple of str
        As for `Remote`.
    """

    def __init__(self, preload: tuple[str, ...]) -> None:
        self._preload = preload
        super().__init__()

    def _start(self, connection: int, printed: int) -> None:
        self._zygote = Zygote.get(self._preload)
        self._zygote.fork(self, connection, printed)

    def kill(self) -> None:
        self._zygote.kill(self)

    @property
    def stopping(self) -> bool:
        return self._zygote.stopping

    def born(self, pid: int) -> None:
        """Take the number of the process."""
        self.pid = pid

    def died(self, exit_code: int | None) -> None:
        """Take how the process has ended."""
        self._exit_code = exit_code
        self._ended.set()


class Zygote:
    """The owner's end of the process that forks workers: one for all workers of this process.

    Parameters
    ----------
    preload : tuple of str
        As for `Remote`.
    """

    _lock = threading.Lock()
    _current: ClassVar[Zygote | None] = None

    @classmethod
    def get(cls, preload: tuple[str, ...]) -> Zygote:
        """Give the zygote of this process; start it where there is none or it has died."""
        with cls._lock:
            if cls._current is None or cls._current.gone or cls._current.owner != os.getpid():
                cls._current = cls(preload)
            return cls._current

    def __init__(self, preload: tuple[str, ...]) -> None:
        self.owner = os.getpid()
        self.gone = False
        self.stopping = False
        self._changing = threading.Lock()
        self._unborn: list[Forked] = []
        self._living: dict[int, Forked] = {}
        self._doomed: list[Forked] = []
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._popen = subprocess.Popen(  # noqa: S603  our own module
                _command("zygote", theirs.fileno(), preload),
                pass_fds=[theirs.fileno()], env=_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            )  # fmt: skip
        threading.Thread(target=self._listen, name="dsa110-vis-zygote", daemon=True).start()
        atexit.register(self._stop)

    def _stop(self) -> None:
        self.stopping = True
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        self._popen.wait()
        self._control.close()

    def fork(self, process: Forked, connection: int, printed: int) -> None:
        """Ask for a worker."""
        with self._changing:
            self._unborn.append(process)
            with contextlib.suppress(OSError):  # it has died: the worker's connection will say so
                socket.send_fds(self._control, [b"new"], [connection, printed])

    def kill(self, process: Forked) -> None:
        """End a worker, now or as soon as it is there."""
        with self._changing:
            if process in self._unborn:
                self._doomed.append(process)
            elif self._living.get(process.pid) is process:
                self._kill(process.pid)

    def _kill(self, pid: int) -> None:
        with contextlib.suppress(OSError):  # it has died, and its workers end by themselves
            self._control.send(f"kill {pid}".encode("ascii"))

    def _listen(self) -> None:
        while packet := self._receive():
            word, *numbers = packet.decode("ascii").split()
            with self._changing:
                if word == "born":
                    process = self._unborn.pop(0)
                    process.born(int(numbers[0]))
                    self._living[process.pid] = process
                    if process in self._doomed:
                        self._doomed.remove(process)
                        self._kill(process.pid)
                elif (ended := self._living.pop(int(numbers[0]), None)) is not None:
                    ended.died(int(numbers[1]))
        with self._changing:
            self.gone = True
            for process in [*self._unborn, *self._living.values()]:
                process.died(None)
        self._popen.wait()

    def _receive(self) -> bytes:
        try:
            return self._control.recv(PACKET_BYTES)
        except OSError:
            return b""
