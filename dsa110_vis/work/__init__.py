"""Objects that live in processes of their own, so that whatever happens to them costs nobody else anything."""

from __future__ import annotations

from dsa110_vis.work.remote import Remote, WorkerLostError, prepare

__all__ = ["Remote", "WorkerLostError", "prepare"]
