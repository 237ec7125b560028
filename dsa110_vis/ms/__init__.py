"""Measurement Sets: open and check, describe, select, read in chunks, antennas in east, north, up."""

from dsa110_vis.ms.flags import FlagCounts
from dsa110_vis.ms.measurement_set import MeasurementSet
from dsa110_vis.ms.metadata import DataDescription, Field, Metadata, SpectralWindow
from dsa110_vis.ms.reader import Chunk
from dsa110_vis.ms.rows import Rows
from dsa110_vis.ms.selection import PARAMETERS, selection_from_aliases
from dsa110_vis.ms.summary import Summary

__all__ = [
    "PARAMETERS",
    "Chunk",
    "DataDescription",
    "Field",
    "FlagCounts",
    "MeasurementSet",
    "Metadata",
    "Rows",
    "SpectralWindow",
    "Summary",
    "selection_from_aliases",
]
