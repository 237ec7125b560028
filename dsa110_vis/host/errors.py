"""What can go wrong with a session's kernel, and errors that come from there."""

from __future__ import annotations

import shutil
import signal
import sys
from typing import TYPE_CHECKING, Any, ClassVar

from dsa110_vis import errors
from dsa110_vis.errors import CleanError, Dsa110VisError, ParameterError
from dsa110_vis.view import protocol
from dsa110_vis.work import remote

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["KernelLostError", "KernelStartError", "error_from", "how_it_ended", "is_full"]

FULL_BYTES = 64 << 10
"""A disk with less room than this is full."""


class KernelStartError(Dsa110VisError):
    """The kernel of a session did not start."""

    code: ClassVar[str] = "kernel-not-started"
    http_status: ClassVar[int] = 500


class KernelLostError(Dsa110VisError):
    """The kernel of a session has ended, unasked or because it was told to."""

    code: ClassVar[str] = "kernel-lost"
    http_status: ClassVar[int] = 500


def is_full(folder: Path) -> bool:
    """Say whether a folder of this machine is on a disk without room.

    Parameters
    ----------
    folder : pathlib.Path
        The folder.

    Returns
    -------
    bool
        False where that cannot be found out.
    """
    try:
        return shutil.disk_usage(folder).free < FULL_BYTES
    except OSError:
        return False


def how_it_ended(exit_code: int | None) -> str:
    """Say how a process ended.

    Parameters
    ----------
    exit_code : int or None
        As `subprocess.Popen.returncode`; None where it is not known.

    Returns
    -------
    str
        The name of a signal, or the exit code in words.
    """
    if exit_code is None:
        return "no reason known"
    try:
        return signal.Signals(-exit_code).name if exit_code < 0 else f"exit code {exit_code}"
    except ValueError:
        return f"signal {-exit_code}"


def error_from(described: Mapping[str, Any]) -> Dsa110VisError:
    """Make an error of what came over the wire.

    Parameters
    ----------
    described : mapping
        ``code``, ``message`` and ``hint``, and ``key`` where it is about one parameter.

    Returns
    -------
    Dsa110VisError
        Of the class that has the code; of `CleanError` where none has.
    """
    kind = _kinds().get(str(described.get("code")), CleanError)
    error = kind(str(described.get("message", "")), str(described.get("hint", "")))
    if isinstance(error, ParameterError):
        error.key = str(described.get("key", ""))
    return error


def _kinds() -> dict[str, type[Dsa110VisError]]:
    """Give the class for each code that a session, its viewer or its owner uses.

    Other parts of the package have classes with the same codes, so it does not go by what happens to be imported.
    """
    homes = (errors, protocol, remote, sys.modules[__name__])
    found = (kind for home in homes for kind in vars(home).values())
    return {kind.code: kind for kind in found if isinstance(kind, type) and issubclass(kind, Dsa110VisError)}
