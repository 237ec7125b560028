"""CASA's MSSelection strings: parsed here, in Python, and resolved to rows, channels and correlations."""

from dsa110_vis.ms.selection.aliases import PARAMETERS, selection_from_aliases
from dsa110_vis.ms.selection.antenna import find_antennas
from dsa110_vis.ms.selection.context import Resolved
from dsa110_vis.ms.selection.naming import name_antenna, select_baselines
from dsa110_vis.ms.selection.resolve import resolve

__all__ = [
    "PARAMETERS",
    "Resolved",
    "find_antennas",
    "name_antenna",
    "resolve",
    "select_baselines",
    "selection_from_aliases",
]
