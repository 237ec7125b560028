"""Whether another process holds a casacore table for writing, found without casacore.

casacore locks a table by the first byte of its file ``table.lock``, with a POSIX lock. To ask who holds one takes none.
"""

from __future__ import annotations

import fcntl
import os
import platform
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LockLook"]

_APPLE = platform.system() == "Darwin"
_FLOCK = struct.Struct("qqihh" if _APPLE else "hhqqi4x")


class LockLook:
    """Looks at the locks of tables.

    It keeps the lock files open: to close one would take all of this process's locks on that table away, CASA's among
    them.
    """

    def __init__(self) -> None:
        self._handles: dict[tuple[int, int], int] = {}

    def writer(self, table: Path) -> int | None:
        """Find who holds a table for writing.

        Parameters
        ----------
        table : pathlib.Path
            Folder of the table.

        Returns
        -------
        int or None
            The number of the process, at most 0 where this system does not know it; None if no other process of
            this machine holds it, or that cannot be found out.
        """
        path = table / "table.lock"
        try:
            state = path.stat()
            known = (state.st_dev, state.st_ino)
            if known not in self._handles:
                self._handles[known] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            # would a reader have to wait?
            asked = (0, 1, 0, fcntl.F_RDLCK, 0) if _APPLE else (fcntl.F_RDLCK, 0, 0, 1, 0)
            found = _FLOCK.unpack(fcntl.fcntl(self._handles[known], fcntl.F_GETLK, _FLOCK.pack(*asked)))
        except OSError:
            return None
        kind, pid = (found[3], found[2]) if _APPLE else (found[0], found[4])
        return None if kind == fcntl.F_UNLCK else int(pid)
