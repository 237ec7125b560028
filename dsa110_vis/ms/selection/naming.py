"""Antennas by number into selection strings, which go by name first: names that are numbers must not be mixed up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsa110_vis.errors import SelectionEmptyError, SelectionSyntaxError
from dsa110_vis.ms.selection.antenna import find_antennas

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["name_antenna", "select_baselines"]


def name_antenna(number: int, names: Sequence[str], stations: Sequence[str]) -> str:
    """Write an antenna so that a selection string means this one and no other.

    Parameters
    ----------
    number : int
        Antenna number.
    names, stations : sequence of str
        By antenna number.

    Returns
    -------
    str
        Its name if that will do, else its number, else its name with its station.

    Raises
    ------
    SelectionEmptyError
        If the antenna does not exist, or shares its name and station with another and its number is a name.
    """
    if not 0 <= number < len(names):
        message = f"Antenna {number} does not exist."
        raise SelectionEmptyError(message, f"There are {len(names)}, counted from 0.")
    name, station = names[number], stations[number]
    for text in (name, str(number), f'"{name}"', f"{name}@{station}", f'"{name}"@"{station}"'):
        if _means(text, number, names, stations):
            return text
    message = f"Antenna {number} ({name}) cannot be selected by itself."
    raise SelectionEmptyError(
        message, "Another antenna has the same name and station, and a third its number as a name."
    )


def select_baselines(numbers: Sequence[int], names: Sequence[str], stations: Sequence[str]) -> str:
    """Write the selection string for antennas that were picked.

    Parameters
    ----------
    numbers : sequence of int
        Antenna numbers.
    names, stations : sequence of str
        By antenna number.

    Returns
    -------
    str
        For one antenna all its baselines, for two the one between them, for more those among them; empty for none.

    Raises
    ------
    SelectionEmptyError
        If an antenna does not exist or cannot be written.
    """
    written = [name_antenna(number, names, stations) for number in dict.fromkeys(numbers)]
    if len(written) < 3:
        return "&".join(written)
    return ",".join(written) + "&"


def _means(text: str, number: int, names: Sequence[str], stations: Sequence[str]) -> bool:
    try:
        return find_antennas(text, names, stations) == [number]
    except (SelectionEmptyError, SelectionSyntaxError):
        return False
