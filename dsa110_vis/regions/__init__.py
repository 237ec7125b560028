"""Regions and masks: shapes, which pixels they hold, mask algebra with undo, and the files they come from and go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsa110_vis.lazy import attach

if TYPE_CHECKING:
    from dsa110_vis.regions.combine import pixels_of
    from dsa110_vis.regions.convert import to_pixels, to_sky
    from dsa110_vis.regions.files import read, write
    from dsa110_vis.regions.mask import MaskCube
    from dsa110_vis.regions.rasterise import outline
    from dsa110_vis.regions.report import Report
    from dsa110_vis.regions.shapes import Region

__all__ = ["MaskCube", "Region", "Report", "outline", "pixels_of", "read", "to_pixels", "to_sky", "write"]

__getattr__ = attach(
    __name__,
    {
        "combine": "pixels_of",
        "convert": "to_pixels to_sky",
        "files": "read write",
        "mask": "MaskCube",
        "rasterise": "outline",
        "report": "Report",
        "shapes": "Region",
    },
)
