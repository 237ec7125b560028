"""Rasters: visibilities averaged over everything but two axes, in one pass over the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsa110_vis.lazy import attach

if TYPE_CHECKING:
    from dsa110_vis.raster.axis import Axes, Axis
    from dsa110_vis.raster.cells import Cells, Origin
    from dsa110_vis.raster.columns import available_columns
    from dsa110_vis.raster.dataset import raster
    from dsa110_vis.raster.labels import LABELS, axis_text, quantity_label, quantity_unit, time_text, value_text
    from dsa110_vis.raster.options import (
        AGGREGATORS,
        AVERAGINGS,
        AXES,
        BASELINE_ORDERS,
        DERIVED_COLUMNS,
        PRESETS,
        QUANTITIES,
        Preset,
        Request,
        allowed_aggregators,
        preset,
    )
    from dsa110_vis.raster.reduction import axes, reduce
    from dsa110_vis.raster.scaling import LIMITS_MODES, STRETCHES, cell_limits, histogram, limits
    from dsa110_vis.raster.style import COLORMAPS, CYCLIC_COLORMAPS, colormap_name

__all__ = [
    "AGGREGATORS",
    "AVERAGINGS",
    "AXES",
    "BASELINE_ORDERS",
    "COLORMAPS",
    "CYCLIC_COLORMAPS",
    "DERIVED_COLUMNS",
    "LABELS",
    "LIMITS_MODES",
    "PRESETS",
    "QUANTITIES",
    "STRETCHES",
    "Axes",
    "Axis",
    "Cells",
    "Origin",
    "Preset",
    "Request",
    "allowed_aggregators",
    "available_columns",
    "axes",
    "axis_text",
    "cell_limits",
    "colormap_name",
    "histogram",
    "limits",
    "preset",
    "quantity_label",
    "quantity_unit",
    "raster",
    "reduce",
    "time_text",
    "value_text",
]

__getattr__ = attach(
    __name__,
    {
        "axis": "Axes Axis",
        "cells": "Cells Origin",
        "columns": "available_columns",
        "dataset": "raster",
        "labels": "LABELS axis_text quantity_label quantity_unit time_text value_text",
        "options": (
            "AGGREGATORS AVERAGINGS AXES BASELINE_ORDERS DERIVED_COLUMNS PRESETS QUANTITIES Preset Request "
            "allowed_aggregators preset"
        ),
        "reduction": "axes reduce",
        "scaling": "LIMITS_MODES STRETCHES cell_limits histogram limits",
        "style": "COLORMAPS CYCLIC_COLORMAPS colormap_name",
    },
)
