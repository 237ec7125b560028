"""Interactive deconvolution: parameters and presets, the engine, and the session that drives it step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsa110_vis.lazy import attach

if TYPE_CHECKING:
    from dsa110_vis.clean.parameters import CHANGEABLE, Parameters
    from dsa110_vis.clean.presets import PRESETS, preset
    from dsa110_vis.clean.session import CleanSession
    from dsa110_vis.clean.states import State, StopReason
    from dsa110_vis.clean.tclean_call import from_tclean, to_tclean

__all__ = [
    "CHANGEABLE",
    "PRESETS",
    "CleanSession",
    "Parameters",
    "State",
    "StopReason",
    "from_tclean",
    "preset",
    "to_tclean",
]

__getattr__ = attach(
    __name__,
    {
        "parameters": "CHANGEABLE Parameters",
        "presets": "PRESETS preset",
        "session": "CleanSession",
        "states": "State StopReason",
        "tclean_call": "from_tclean to_tclean",
    },
)
