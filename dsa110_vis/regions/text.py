"""What the readers of region files share: lines, splitting, and numbers with units."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from dsa110_vis.regions.report import BadRegionError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["angle_of", "closing", "finite", "lines_of", "sexagesimal", "split_outside"]

_LINE_END = re.compile(r"\r\n|\r|\n")
_SPECIAL = re.compile(r"[\"'()\[\]{}]")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_INSIDE = {"(": re.compile(r"[()\"'{]"), "[": re.compile(r"[\[\]\"'{]"), "{": re.compile("[{}]")}
"""What to look for until a bracket is closed."""
_SEXAGESIMAL = (
    ("", re.compile(r"([+-]?)(\d+):(\d+)(?::(\d+(?:\.\d*)?))?")),
    ("", re.compile(r"([+-]?)(\d+)([hd])(\d+)m(?:(\d+(?:\.\d*)?)s?)?", re.IGNORECASE)),
    (".", re.compile(r"([+-]?)(\d+)\.(\d+)\.(\d+(?:\.\d*)?)")),
)
_UNITS = {
    "deg": 1.0, "degree": 1.0, "degrees": 1.0, "d": 1.0, "rad": 180 / math.pi, "r": 180 / math.pi,
    "arcmin": 1 / 60, "amin": 1 / 60, "'": 1 / 60, "arcsec": 1 / 3600, "asec": 1 / 3600, '"': 1 / 3600,
    "mas": 1 / 3.6e6, "marcsec": 1 / 3.6e6, "hour": 15.0, "h": 15.0,
}  # fmt: skip
"""Degrees."""


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Give the lines of a file with their numbers, as an editor counts them.

    Parameters
    ----------
    text : str
        The file.

    Yields
    ------
    int, str
        Number from 1, and the line without white space around it; empty lines are left out.
    """
    for number_of, line in enumerate(_LINE_END.split(text), start=1):
        stripped = line.strip()
        if stripped:
            yield number_of, stripped


def split_outside(text: str, separator: str) -> Iterator[str]:
    """Split a text at a character, but not inside brackets or quotes.

    Parameters
    ----------
    text : str
        The text.
    separator : str
        One character.

    Yields
    ------
    str
        The parts.
    """
    start = at = 0
    while True:
        end = text.find(separator, at)
        if end < 0:
            yield text[start:]
            return
        skipped = _skip(text, at, end)
        if skipped == end:
            yield text[start:end]
            start = skipped = end + 1
        at = skipped


def _skip(text: str, at: int, end: int) -> int:
    """Give the place itself if no bracket or quote is open there, else where what is open ends."""
    while True:
        match = _SPECIAL.search(text, at, end)
        if not match:
            return end
        after = _after(text, match.start())
        if after > end:
            return after
        at = after


def _after(text: str, at: int) -> int:
    """Give where what begins here ends; brackets that nothing closes reach to the end of the text."""
    opener = text[at]
    if opener in "\"'":
        # after a digit it is the sign of arc minutes or seconds
        before = text[at - 1 : at]
        end = -1 if before.isdigit() or before == "." else text.find(opener, at + 1)
        return at + 1 if end < 0 else end + 1
    if opener not in _CLOSING:
        return at + 1
    return closing(text, at) + 1


def closing(text: str, start: int) -> int:
    """Find the bracket that closes another.

    Parameters
    ----------
    text : str
        The text.
    start : int
        Where the first bracket is.

    Returns
    -------
    int
        Where the other is; the length of the text if there is none. Brackets of other kinds and, inside braces, quotes
        are like other characters.
    """
    opener = text[start]
    at, depth = start, 0
    while match := _INSIDE[opener].search(text, at):
        at, letter = match.end(), match.group()
        if letter == opener:
            depth += 1
        elif letter == _CLOSING[opener]:
            depth -= 1
            if depth == 0:
                return match.start()
        else:
            at = _after(text, match.start())
    return len(text)


def finite(word: str) -> float:
    """Read a number.

    Parameters
    ----------
    word : str
        The number, without a unit.

    Returns
    -------
    float
        A finite number.

    Raises
    ------
    BadRegionError
        If it is none.
    """
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        message = f"{word[:40]!r} is no number."
        raise BadRegionError(message)
    return value


def sexagesimal(text: str) -> tuple[float, str] | None:
    """Read a number in parts of 60.

    Parameters
    ----------
    text : str
        Such as ``10:20:30.5``, ``10h20m30.5s``, ``10d20m30.5s`` or CASA's ``10.20.30.5``.

    Returns
    -------
    (float, str) or None
        The number, and how it was written: ":", "h", "d" or "."; None if it is no such number.
    """
    for kind, pattern in _SEXAGESIMAL:
        match = pattern.fullmatch(text)
        if match:
            sign, whole, *middle, minutes, seconds = match.groups()
            value = int(whole) + int(minutes) / 60 + float(seconds or 0.0) / 3600
            return -value if sign == "-" else value, kind or (middle[0].lower() if middle else ":")
    return None


def angle_of(value: float, unit: str) -> float:
    """Turn an angle into degrees.

    Parameters
    ----------
    value : float
        The number.
    unit : str
        Its unit.

    Returns
    -------
    float
        Degrees.

    Raises
    ------
    BadRegionError
        If there is no such unit of angles.
    """
    factor = _UNITS.get(unit.lower())
    if factor is None:
        message = f"{unit!r} is no unit of angles."
        raise BadRegionError(message)
    return value * factor
