"""One holder for each session: a lock that the system takes back when its holder dies."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import time
from typing import TYPE_CHECKING, Any, Self

from dsa110_vis.errors import OutputError, SessionBusyError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

__all__ = ["SessionLock"]

NAME = "lock"


class SessionLock:
    """Holds the session of a folder from when it is made until it is released, or its process ends.

    Parameters
    ----------
    folder : pathlib.Path
        The session's folder, which is made if it is not there.

    Raises
    ------
    SessionBusyError
        If another holds it; the message says who.
    OutputError
        If the folder cannot be made or written to, or its file system has no locks.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / NAME
        try:
            folder.mkdir(exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            message = f"The session's folder {folder} cannot be used: {error.strerror or error}."
            raise OutputError(
                message, "Choose an image name in a folder that exists and that you may write to."
            ) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _write_holder(handle)
        except BlockingIOError:
            os.close(handle)
            raise _busy(folder) from None
        except OSError as error:
            os.close(handle)
            message = f"The lock {path} cannot be taken: {error.strerror or error}."
            raise OutputError(message, "Choose a folder on a disk that has locks and space left.") from None
        self._handle: int | None = handle

    def release(self) -> None:
        """Let go; doing it twice does nothing. The file stays, so that all look at the same one."""
        handle, self._handle = self._handle, None
        if handle is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(handle, 0)
            os.close(handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _write_holder(handle: int) -> None:
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    content = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since}).encode()
    os.ftruncate(handle, 0)
    os.pwrite(handle, content, 0)


def _busy(folder: Path) -> SessionBusyError:
    """Say who holds a lock; he may just have taken it and not have written who he is."""
    holder: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):
        holder = json.loads((folder / NAME).read_text())
    who = "another process"
    if isinstance(holder, dict) and {"pid", "host", "since"} <= holder.keys():
        who = f"process {holder['pid']} on {holder['host']}, since {holder['since']}"
    message = f"The session in {folder} is held by {who}."
    return SessionBusyError(message, "End that session first, or choose another image name.")
