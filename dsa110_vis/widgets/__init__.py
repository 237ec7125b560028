"""The widgets for notebooks: thin, they join a model of `dsa110_vis.view` to a view in the browser."""

from __future__ import annotations

from dsa110_vis.preload import PRELOAD
from dsa110_vis.widgets.antenna_layout import AntennaLayout
from dsa110_vis.widgets.ms_raster import MsRaster
from dsa110_vis.work import prepare

__all__ = ["AntennaLayout", "MsRaster"]

prepare(PRELOAD)  # whoever imports a widget will want one soon
