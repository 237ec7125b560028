"""Clean sessions in kernels of their own: started, watched, asked and ended by their owner.

Names are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsa110_vis.lazy import attach

if TYPE_CHECKING:
    from dsa110_vis.host.errors import KernelLostError, KernelStartError
    from dsa110_vis.host.host import SessionHost

__all__ = ["KernelLostError", "KernelStartError", "SessionHost"]

__getattr__ = attach(__name__, {"errors": "KernelLostError KernelStartError", "host": "SessionHost"})
