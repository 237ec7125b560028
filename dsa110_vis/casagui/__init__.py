"""A drop-in for the `MsRaster` of casagui and vidavis, and CASA's `plotants`: change the import, keep the notebook."""

from __future__ import annotations

from dsa110_vis.casagui.ms_raster import MsRaster
from dsa110_vis.casagui.plotants import plotants

__all__ = ["MsRaster", "plotants"]
