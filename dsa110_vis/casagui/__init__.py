"""A drop-in for the `MsRaster` of casagui and vidavis, its `CreateMask` and `CreateRegion`, and CASA's `plotants`.

Change the import, keep the notebook.
"""

from __future__ import annotations

from dsa110_vis.casagui.create_mask import CreateMask, CreateRegion
from dsa110_vis.casagui.ms_raster import MsRaster
from dsa110_vis.casagui.plotants import plotants

__all__ = ["CreateMask", "CreateRegion", "MsRaster", "plotants"]
