"""Objects that live in processes of their own, so that whatever happens to them costs nobody else anything.

Names are imported when they are first used: the other processes need nothing of their owner's end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsa110_vis.lazy import attach

if TYPE_CHECKING:
    from dsa110_vis.work.remote import Remote, WorkerLostError, prepare

__all__ = ["Remote", "WorkerLostError", "prepare"]

__getattr__ = attach(__name__, {"remote": "Remote WorkerLostError prepare"})
