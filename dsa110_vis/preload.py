"""What worker processes have imported, and made ready, before there is work.

It stands here, without an import, because those who start workers are of two kinds that share nothing else: models of
viewers, and a Jupyter server that must not import what its workers do.
"""

from __future__ import annotations

__all__ = ["PRELOAD"]

PRELOAD = ("dsa110_vis.view.served", "dsa110_vis.raster.warm:warm")
"""Modules, and functions as ``"module:name"``."""
