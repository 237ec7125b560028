"""What CASA says when it fails, in one error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dsa110_vis.casa_process import LOG
from dsa110_vis.clean.casa_output import OUTPUT
from dsa110_vis.errors import CleanError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["failure"]

TAIL = 20_000
"""Bytes of the log that are looked at."""

MOST = 600
"""Letters of CASA's words that go into a message."""

_OLD_CLOCK = "MeasTable::dUTC"
"""What CASA says of data newer than its tables of time, whenever it reads them."""

_SEVERE = re.compile(r"^\S+ \S+\s+SEVERE\s+(?P<words>.*)$")


def failure(doing: str, error: Exception, folder: Path) -> CleanError:
    """Make the error for a step that failed.

    Parameters
    ----------
    doing : str
        What was being done.
    error : Exception
        What CASA raised.
    folder : pathlib.Path
        The session's folder, with CASA's log.

    Returns
    -------
    CleanError
        With CASA's reason and its last words.
    """
    reason = " ".join(str(error).split()) or type(error).__name__
    words = [line for line in _last_words(folder) if line not in reason and not line.startswith(_OLD_CLOCK)]
    message = f"CASA failed while {doing}: {reason[:MOST].rstrip('.')}."
    if words:
        message += f" Its log says: {words[-1][:MOST].rstrip('.')}."
    return CleanError(message, f"All of its words are in {folder / LOG} and {folder / OUTPUT}.")


def _last_words(folder: Path) -> list[str]:
    """Give what the log has of severe faults near its end."""
    try:
        with (folder / LOG).open("rb") as file:
            file.seek(0, 2)
            file.seek(max(file.tell() - TAIL, 0))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return []
    found = [_SEVERE.match(line) for line in lines]
    return [" ".join(match["words"].split()) for match in found if match]
