"""Measurement Sets: open and check, describe, select, read in chunks, antennas in east, north, up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsa110_vis.lazy import attach

if TYPE_CHECKING:
    from dsa110_vis.ms.array import Array
    from dsa110_vis.ms.caltable import CalibrationTable, SolutionFlags, open_array
    from dsa110_vis.ms.flags import FlagCounts
    from dsa110_vis.ms.measurement_set import MeasurementSet
    from dsa110_vis.ms.metadata import DataDescription, Field, Metadata, SpectralWindow
    from dsa110_vis.ms.reader import Chunk
    from dsa110_vis.ms.rows import Rows
    from dsa110_vis.ms.selection import PARAMETERS, selection_from_aliases
    from dsa110_vis.ms.summary import Summary

__all__ = [
    "PARAMETERS",
    "Array",
    "CalibrationTable",
    "Chunk",
    "DataDescription",
    "Field",
    "FlagCounts",
    "MeasurementSet",
    "Metadata",
    "Rows",
    "SolutionFlags",
    "SpectralWindow",
    "Summary",
    "open_array",
    "selection_from_aliases",
]

__getattr__ = attach(
    __name__,
    {
        "array": "Array",
        "caltable": "CalibrationTable SolutionFlags open_array",
        "flags": "FlagCounts",
        "measurement_set": "MeasurementSet",
        "metadata": "DataDescription Field Metadata SpectralWindow",
        "reader": "Chunk",
        "rows": "Rows",
        "selection": "PARAMETERS selection_from_aliases",
        "summary": "Summary",
    },
)
