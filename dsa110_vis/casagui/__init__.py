"""A drop-in for the `MsRaster` of casagui and vidavis: change the import, keep the notebook."""

from __future__ import annotations

from dsa110_vis.casagui.ms_raster import MsRaster

__all__ = ["MsRaster"]
