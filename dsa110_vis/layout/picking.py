"""Antennas that were picked, and selection strings: the two sides of a link between the array and a raster.

One antenna stands for all its baselines, two for the one between them, three or more for those among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.errors import SelectionEmptyError, SelectionSyntaxError
from dsa110_vis.layout.geometry import unique_pairs
from dsa110_vis.ms.selection import find_antennas, select_baselines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsa110_vis.ms import Array, MeasurementSet

__all__ = ["antennas_of", "selection_of", "written"]


def selection_of(selected: Sequence[int], array: Array) -> str:
    """Give the selection string for antennas that were picked.

    Parameters
    ----------
    selected : sequence of int
        Antenna numbers.
    array : Array
        With the names, which the string goes by.

    Returns
    -------
    str
        For the parameter ``antenna``; empty if none is picked.

    Raises
    ------
    SelectionEmptyError
        If an antenna does not exist.
    """
    return select_baselines(selected, array.antenna_names, array.antenna_stations)


def antennas_of(text: str, ms: MeasurementSet) -> list[int]:
    """Find the antennas that a selection string is about.

    What `selection_of` writes gives the antennas that it was given. For any other string it is the one antenna that
    all selected baselines have in common if there are several, else all antennas that occur; autocorrelations count
    only where there is nothing else.

    Parameters
    ----------
    text : str
        For the parameter ``antenna``.
    ms : MeasurementSet
        What is selected from.

    Returns
    -------
    list of int
        Antenna numbers; empty for an empty string.

    Raises
    ------
    SelectionSyntaxError
        If the string cannot be understood.
    SelectionEmptyError
        If it matches nothing.
    """
    if not text.strip():
        return []
    found = written(text, ms.array)
    if found is not None:
        return found
    antenna1, antenna2 = ms.select(antenna=text).pairs()
    pairs = unique_pairs(antenna1, antenna2)
    if len(pairs) > 1:
        times = np.bincount(pairs.ravel())
        common = np.flatnonzero(times == len(pairs))
        if common.size:
            return [int(common[0])]
    there = np.unique(pairs if len(pairs) else np.concatenate([antenna1, antenna2]))
    return [int(number) for number in there]


def written(text: str, array: Array) -> list[int] | None:
    """Read a string as `selection_of` writes it.

    Parameters
    ----------
    text : str
        A selection string.
    array : Array
        With the names.

    Returns
    -------
    list of int or None
        Antenna numbers in the order of the text; None if it is another kind of string.
    """
    text = text.strip()
    if not text:
        return []
    parts = [part.strip() for part in text.split("&")]
    try:
        found = [find_antennas(part, array.antenna_names, array.antenna_stations) for part in parts if part]
    except (SelectionEmptyError, SelectionSyntaxError):
        return None
    if len(parts) == 1 and len(found[0]) == 1:
        return found[0]
    if len(parts) != 2 or not parts[0]:
        return None
    if parts[1]:
        both = found[0] + found[1]
        return both if len(found[0]) == len(found[1]) == 1 and both[0] != both[1] else None
    return found[0] if len(found[0]) > 1 else None
