"""What CASA prints, kept from the terminal and read for how far it is.

CASA's C++ writes on the file descriptors 1 and 2. While it is called, they lead to a file, which a thread reads: not to
a pipe, whose words would be lost when the process is killed. A step that takes longer than seven seconds prints its
progress there, as ``0%....10....20``. What Python prints on the same descriptors meanwhile goes to the file, too.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
import threading
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dsa110_vis.clean.engine import Progress

__all__ = ["OUTPUT", "captured", "fraction_of"]

OUTPUT = "casa.out"
"""Name of the file in the session's folder that has what the last step printed."""

POLL = 0.2
"""Seconds between two looks at what was printed."""

_METER = re.compile(rb"(?m)^0%([.0-9]*)")
_LIBC = ctypes.CDLL(None)


@contextmanager
def captured(folder: Path, progress: Progress | None = None, text: str = "") -> Iterator[None]:
    """Take what the process prints into a file, and tell how far CASA is.

    Parameters
    ----------
    folder : pathlib.Path
        The session's folder.
    progress : callable, optional
        Is told 0 at once, what CASA says in between, and 1 at the end.
    text : str, optional
        What is being done, for `progress`.

    Yields
    ------
    None
        While everything that C++ prints goes to the file.
    """
    path = folder / OUTPUT
    _flush()
    real = [os.dup(number) for number in (1, 2)]
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
    try:
        for number in (1, 2):
            os.dup2(file, number)
        with nullcontext() if progress is None else _watched(path, progress, text):
            yield
    finally:
        _flush()
        for number, before in zip((1, 2), real, strict=True):
            os.dup2(before, number)
            os.close(before)
        os.close(file)


def fraction_of(printed: bytes) -> float:
    """Read how far the last progress meter is.

    Parameters
    ----------
    printed : bytes
        What CASA printed so far.

    Returns
    -------
    float
        0 to 1; 0 where there is no meter.
    """
    meters = _METER.findall(printed)
    if not meters:
        return 0.0
    tens = re.findall(rb"\d+", meters[-1])
    dots = len(meters[-1]) - len(meters[-1].rstrip(b"."))
    return min((int(tens[-1]) if tens else 0) + 2 * dots, 100) / 100


@contextmanager
def _watched(path: Path, progress: Progress, text: str) -> Iterator[None]:
    """Read a file while it is written, and tell how far the meter in it is."""
    ended = threading.Event()

    def watch() -> None:
        last = 0.0
        while not ended.wait(POLL):
            now = fraction_of(path.read_bytes())
            if now != last:
                progress(now, text)
                last = now

    reader = threading.Thread(target=watch, name="casa-output", daemon=True)
    progress(0.0, text)
    reader.start()
    try:
        yield
    finally:
        ended.set()
        reader.join()
    progress(1.0, text)


def _flush() -> None:
    """Let everything that was printed so far go where it belongs."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
    _LIBC.fflush(None)
