"""The array: where antennas stand, what is flagged, baselines and uv coverage; as numbers and as pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsa110_vis.lazy import attach

if TYPE_CHECKING:
    from dsa110_vis.layout.array_layout import ArrayLayout, core_of
    from dsa110_vis.layout.sources import open_source
    from dsa110_vis.layout.style import LayoutStyle

__all__ = ["ArrayLayout", "LayoutStyle", "core_of", "open_source"]

__getattr__ = attach(
    __name__,
    {
        "array_layout": "ArrayLayout core_of",
        "sources": "open_source",
        "style": "LayoutStyle",
    },
)
