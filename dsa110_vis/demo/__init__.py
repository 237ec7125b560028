"""Data to look at without having any: real VLA observations, and a simulated DSA-110 tile."""

from __future__ import annotations

from dsa110_vis.demo.observations import OBSERVATIONS, cache_folder, image_of_3c273, observation
from dsa110_vis.demo.simulator import FIELDS, SIZES, VISIBILITY_COLUMNS, simulate

__all__ = [
    "FIELDS",
    "OBSERVATIONS",
    "SIZES",
    "VISIBILITY_COLUMNS",
    "cache_folder",
    "image_of_3c273",
    "observation",
    "simulate",
]
