"""The widgets for notebooks: thin, they join a model of `dsa110_vis.view` to a view in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsa110_vis.lazy import attach
from dsa110_vis.preload import PRELOAD
from dsa110_vis.work import prepare

if TYPE_CHECKING:
    from dsa110_vis.widgets.antenna_layout import AntennaLayout
    from dsa110_vis.widgets.mask_draw import MaskDraw
    from dsa110_vis.widgets.ms_raster import MsRaster

__all__ = ["AntennaLayout", "MaskDraw", "MsRaster"]

prepare(PRELOAD)  # whoever imports a widget will want one soon: its process starts while this one imports the rest

__getattr__ = attach(__name__, {"antenna_layout": "AntennaLayout", "mask_draw": "MaskDraw", "ms_raster": "MsRaster"})
