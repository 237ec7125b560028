"""``timerange``: times, ranges of times, from and until, on the clock of the file."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.ms.rows import read_column
from dsa110_vis.ms.selection.context import Resolved, refuse
from dsa110_vis.ms.selection.scanner import Scanner

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.ms.selection.context import Context

    Times = npt.NDArray[np.float64]
    Mask = npt.NDArray[np.bool_]

__all__ = ["format_time", "select_timerange"]

MJD_ZERO = datetime(1858, 11, 17, tzinfo=UTC)
FUZZ = 1e-5
"""Seconds by which bounds are widened: about ten times the rounding of a time in seconds since 1858."""
_SLASH = re.compile(r"(\*|\d{1,9})?\s*/")
_COLON = re.compile(r"(\*|\d{1,9})?\s*:")
_LAST = re.compile(r"\*|\d{1,9}\.\d*|\.\d+|\d{1,9}")
_WHOLE = re.compile(r"\*|\d{1,9}")
_WIDTH = re.compile(r"(\d+\.\d*|\.\d+)\s*\[")


@dataclass(frozen=True, slots=True)
class _Fields:
    """A time whose parts may be missing (None)."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    hour: int | None = None
    minute: int | None = None
    second: float | None = None

    def filled(self, other: _Fields) -> _Fields:
        """Take what is missing from another time."""
        missing = {name: getattr(other, name) for name in self.__slots__ if getattr(self, name) is None}
        return replace(self, **missing)


def format_time(seconds: float) -> str:
    """Write a time as selections take it.

    Parameters
    ----------
    seconds : float
        MJD in seconds.

    Returns
    -------
    str
        ``"YYYY/MM/DD/hh:mm:ss.s"``, rounded to a tenth of a second.
    """
    tenths = round(seconds * 10)
    moment = MJD_ZERO + timedelta(seconds=tenths // 10)
    return f"{moment:%Y/%m/%d/%H:%M:%S}.{tenths % 10}"


def select_timerange(text: str, context: Context) -> Resolved:
    """Select rows by time.

    What a time lacks is taken from the first row: the first that the other selections leave, or without any, the first
    that is not flagged. A single time matches within half the exposure of that row. Two numbers with a colon between
    are minutes and seconds.

    Parameters
    ----------
    text : str
        The selection string.
    context : Context
        Where it is looked up.

    Returns
    -------
    Resolved
        The rows.

    Raises
    ------
    SelectionSyntaxError
        If the string cannot be understood.
    SelectionEmptyError
        If there are no data at that time.
    """
    scanner = Scanner("timerange", text)
    time = read_column(context.main, "TIME", np.float64)
    first_row = _first_row(context)
    exposure = _exposure(context, first_row)
    defaults = _from_seconds(float(time[first_row]))
    rows = np.zeros(time.size, dtype=np.bool_)
    while True:
        rows |= _element(scanner, time, defaults, exposure)
        if not scanner.take(","):
            break
    scanner.finish("',', '~' or '+'")
    if not rows.any():
        span = f"{format_time(time.min())} to {format_time(time.max())}"
        refuse(
            f"There are no data in timerange={text!r}.",
            f"They go from {span} ({context.metadata.time_frame}). Times are hh:mm:ss; two numbers are mm:ss.",
        )
    return Resolved(rows)


def _first_row(context: Context) -> int:
    if context.others is not None:
        return int(np.argmax(context.others))
    flag_row = context.table.flag_row
    return 0 if flag_row is None or flag_row.all() else int(np.argmin(flag_row))


def _exposure(context: Context, row: int) -> float:
    with context.main.use() as table:
        name = "EXPOSURE" if "EXPOSURE" in table.colnames() else "INTERVAL"
        return float(table.getcell(name, row)) if name in table.colnames() else 1.0


def _element(scanner: Scanner, time: Times, defaults: _Fields, exposure: float) -> Mask:
    """Read one time, range or bound."""
    if scanner.take(">"):
        return _at_least(time, _seconds(_time(scanner).filled(defaults), scanner))
    if scanner.take("<"):
        return ~_beyond(time, _seconds(_time(scanner).filled(defaults), scanner))
    width = None
    if scanner.take("["):
        width = exposure / 2
    elif (found := scanner.match(_WIDTH)) is not None:
        width = float(found.rstrip("[ \t"))
    scanner.skip()
    start = scanner.position
    fields = _time(scanner).filled(defaults)
    first = _seconds(fields, scanner)
    if scanner.take("~"):
        last = _seconds(_time(scanner).filled(fields), scanner)
    elif scanner.take("+"):
        last = first + _duration(scanner)
    elif width is None:
        return np.abs(time - first) <= exposure / 2
    else:
        scanner.fail("a range is expected within brackets: '~' or '+'")
    if last < first:
        scanner.fail("the range starts after its end", start)
    if width is None:
        return _at_least(time, first) & ~_beyond(time, last)
    scanner.expect("]")
    after = (time > first) | (np.abs(time - first) < width)
    before: Mask = (time < last) | (np.abs(time - last) < width)
    return after & before


def _at_least(time: Times, bound: float) -> Mask:
    found: Mask = time >= bound - FUZZ
    return found


def _beyond(time: Times, bound: float) -> Mask:
    found: Mask = time > bound + FUZZ
    return found


def _time(scanner: Scanner) -> _Fields:
    """Read ``year/month/day/hour:minute:second``, the date or the time of day alone."""
    scanner.skip()
    start = scanner.position
    date: list[int | None] = []
    while len(date) < 3 and (found := scanner.match(_SLASH)) is not None:
        date.append(_whole(found.rstrip("/ \t")))
    if date and len(date) < 3:
        # The day may stand at the end, without a slash.
        last = scanner.match(_WHOLE) if len(date) == 2 else None
        if last is None or scanner.sees(":"):
            scanner.fail("a date is expected as year/month/day", start)
        return _Fields(date[0], date[1], _whole(last))
    clock = _clock(scanner)
    if clock is None:
        if date:
            return _Fields(date[0], date[1], date[2])
        scanner.fail("a time is expected: hh:mm:ss or year/month/day/hh:mm:ss")
    year, month, day = date or (None, None, None)
    return _Fields(year, month, day, *clock)


def _whole(text: str) -> int | None:
    if text == "*":
        return None
    return int(text) if text else 0


def _clock(scanner: Scanner) -> tuple[int | None, int | None, float | None] | None:
    parts: list[int | None] = []
    while len(parts) < 2 and (found := scanner.match(_COLON)) is not None:
        parts.append(_whole(found.rstrip(": \t")))
    last = scanner.match(_LAST)
    if last is None and not parts:
        return None
    second = None if last is None or last == "*" else float(last)
    if len(parts) == 2:
        return parts[0], parts[1], 0.0 if last is None else second
    if len(parts) == 1:
        return (0, 0, _or_none(parts[0])) if last is None else (0, parts[0], second)
    return None, None, second


def _or_none(value: int | None) -> float | None:
    return None if value is None else float(value)


def _duration(scanner: Scanner) -> float:
    """Read a length of time: ``hh:mm:ss``, ``mm:ss`` or seconds."""
    scanner.skip()
    start = scanner.position
    clock = _clock(scanner)
    if clock is None:
        scanner.fail("a length of time is expected: hh:mm:ss", start)
    hours, minutes, seconds = clock
    return (hours or 0) * 3600.0 + (minutes or 0) * 60.0 + (seconds or 0.0)


def _from_seconds(seconds: float) -> _Fields:
    moment = MJD_ZERO + timedelta(seconds=int(seconds))
    fraction = int((seconds - int(seconds)) * 1000) / 1000
    return _Fields(moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second + fraction)


def _seconds(fields: _Fields, scanner: Scanner) -> float:
    """Turn a full time into MJD seconds; hours, minutes and seconds may be larger than usual."""
    year, month, day = fields.year or 0, fields.month or 0, fields.day or 0
    try:
        midnight = datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        scanner.fail(f"{year}/{month}/{day} is not a date (year/month/day)")
    days = (midnight - MJD_ZERO).days
    return days * 86400.0 + (fields.hour or 0) * 3600.0 + (fields.minute or 0) * 60.0 + (fields.second or 0.0)
