"""What worker processes have imported, and made ready, before there is work.

It stands here, without an import, because those who start workers are of two kinds that share nothing else: models of
viewers, and a Jupyter server that must not import what its workers do.
"""

from __future__ import annotations

__all__ = ["PRELOAD"]

PRELOAD = (
    "dsa110_vis.view.antenna_layout",
    "pandas",
    "numba",
    "dsa110_vis.view.ms_raster",
    "dsa110_vis.view.mask_draw",
    "dsa110_vis.layout.draw_map",
    "dsa110_vis.raster.render_mpl",
    "dsa110_vis.raster.render_bokeh",
    "dsa110_vis.view.mask_figure",
    "dsa110_vis.raster.warm:warm",
    "dsa110_vis.image.warm:warm",
)
"""Modules, and functions as ``"module:name"``.

The first one is all that antennas need to be shown, which must not take longer than the eye notices: neither numba nor
pandas. The others come in parts, between which the zygote listens to who asks for a worker.
"""
