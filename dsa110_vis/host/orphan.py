"""Ends a kernel that its owner has left before there is a session that could go on without one.

Jupyter's own look at the parent is not there in a kernel that is to outlive it, and in others it misses a parent that
dies early where orphans are not given to process 1. Nobody would ever find such a kernel again.
"""

from __future__ import annotations

import os
import threading

__all__ = ["release", "watch"]

LOOK_SECONDS = 1.0

_released = threading.Event()


def watch(owner: int) -> None:
    """End this process as soon as it is not the child of its owner any more, unless it is released before.

    Parameters
    ----------
    owner : int
        Number of the owner's process, which started this one.
    """

    def look() -> None:
        while os.getppid() == owner:
            if _released.wait(LOOK_SECONDS):
                return
        os._exit(1)

    threading.Thread(target=look, name="dsa110-vis-orphan", daemon=True).start()


def release() -> None:
    """Let this process outlive its owner."""
    _released.set()
