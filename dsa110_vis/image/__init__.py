"""Images: FITS, CASA images and arrays as planes of float32 with sky coordinates, beams, statistics and tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsa110_vis.lazy import attach

if TYPE_CHECKING:
    from dsa110_vis.image.beam import Beam
    from dsa110_vis.image.celestial import FRAMES, Celestial
    from dsa110_vis.image.histogram import histogram
    from dsa110_vis.image.image import Image
    from dsa110_vis.image.limits import limits
    from dsa110_vis.image.opening import open_image
    from dsa110_vis.image.plane import Plane
    from dsa110_vis.image.pyramid import Pyramid
    from dsa110_vis.image.spectral import Spectral
    from dsa110_vis.image.statistics import Statistics
    from dsa110_vis.image.tile_cache import TileCache

__all__ = [
    "FRAMES",
    "Beam",
    "Celestial",
    "Image",
    "Plane",
    "Pyramid",
    "Spectral",
    "Statistics",
    "TileCache",
    "histogram",
    "limits",
    "open_image",
]

__getattr__ = attach(
    __name__,
    {
        "beam": "Beam",
        "celestial": "Celestial FRAMES",
        "image": "Image",
        "opening": "open_image",
        "plane": "Plane",
        "pyramid": "Pyramid",
        "spectral": "Spectral",
        "statistics": "Statistics",
        "tile_cache": "TileCache",
    },
)

# modules of the same names: the functions have to win
from dsa110_vis.image.histogram import histogram
from dsa110_vis.image.limits import limits
