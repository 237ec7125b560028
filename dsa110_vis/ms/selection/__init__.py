"""CASA's MSSelection strings: parsed here, in Python, and resolved to rows, channels and correlations."""

from dsa110_vis.ms.selection.aliases import PARAMETERS, selection_from_aliases
from dsa110_vis.ms.selection.context import Resolved
from dsa110_vis.ms.selection.resolve import resolve

__all__ = ["PARAMETERS", "Resolved", "resolve", "selection_from_aliases"]
