"""``scan``, ``observation``, ``array``, ``field`` and ``intent``: numbers, bounds and names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.ms.rows import read_column
from dsa110_vis.ms.selection.context import Resolved, listed, numbers_between, ranges, refuse
from dsa110_vis.ms.selection.scanner import Scanner, glob_to_regex

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from dsa110_vis.ms.selection.context import Context

__all__ = ["select_field", "select_intent", "select_number"]

COLUMNS = {"scan": "SCAN_NUMBER", "observation": "OBSERVATION_ID", "array": "ARRAY_ID"}
_NAME = re.compile(r"[^,~<>&/\"()]+")
_SPECIAL = re.compile(r"[*?\[{]")


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """What numbers and names are looked up in: how many there are, by name, by number, and what there is in words."""

    size: int
    named: Callable[[Callable[[str], object]], list[int]]
    numbered: Callable[[int], list[int]]
    exist: str
    names: tuple[str, ...] = ()

    def between(self, first: int, last: int) -> range:
        """Give the numbers of a range that can mean something."""
        return numbers_between(first, last, self.size, self.names)


def select_number(parameter: str, text: str, context: Context) -> Resolved:
    """Select rows by a number that they have: scan, observation or array.

    Parameters
    ----------
    parameter : {"scan", "observation", "array"}
        Which.
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
        If no row has such a number.
    """
    scanner = Scanner(parameter, text)
    values = _values(parameter, context)
    present = np.unique(values)
    chosen = np.zeros(present.size, dtype=np.bool_)
    while True:
        chosen |= _bounds(scanner, present) if scanner.sees("<") or scanner.sees(">") else _interval(scanner, present)
        if not scanner.take(","):
            break
    scanner.finish("',' or '~'")
    if not chosen.any():
        refuse(f"{parameter.capitalize()} {text.strip()} does not exist.", f"There are {ranges(present)}.")
    return Resolved(np.isin(values, present[chosen]))


def _values(parameter: str, context: Context) -> npt.NDArray[np.int32]:
    if parameter == "scan":
        return context.table.scan
    return read_column(context.main, COLUMNS[parameter], np.int32)


def _interval(scanner: Scanner, present: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
    scanner.skip()
    start = scanner.position
    first = scanner.integer("a number")
    last = scanner.integer("the end of the range") if scanner.take("~") else first
    if last < first:
        scanner.fail("the range starts after its end", start)
    return (present >= first) & (present <= last)


def _bounds(scanner: Scanner, present: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
    """Read ``<n``, ``>n``, ``<=n``, ``>=n``, also two of them with ``&`` between."""
    chosen = np.ones(present.size, dtype=np.bool_)
    while True:
        compare: Callable[[npt.NDArray[np.integer], int], npt.NDArray[np.bool_]]
        if scanner.take("<="):
            compare = np.less_equal
        elif scanner.take("<"):
            compare = np.less
        elif scanner.take(">="):
            compare = np.greater_equal
        elif scanner.take(">"):
            compare = np.greater
        else:
            scanner.fail("'<' or '>' is expected")
        chosen &= compare(present, scanner.integer("a number"))
        if not scanner.take("&"):
            return chosen


def select_field(text: str, context: Context) -> Resolved:
    """Select rows by fields.

    Parameters
    ----------
    text : str
        The selection string: numbers, ranges, bounds, names, patterns, regular expressions.
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
        If a name does not exist or no row has such a field.
    """
    fields = context.metadata.fields
    names = [one.name.strip() for one in fields]
    codes = [one.code.strip() for one in fields]
    exist = "There are " + listed(f"{one.id} ({one.name})" for one in fields) + "."

    def named(matches: Callable[[str], object]) -> list[int]:
        return [k for k, name in enumerate(names) if matches(name)] or [k for k, c in enumerate(codes) if matches(c)]

    def numbered(number: int) -> list[int]:
        # A number that is too large may be a name.
        return [number] if number < len(fields) else named(str(number).__eq__)[:1]

    chosen = _elements(Scanner("field", text), _Catalogue(len(fields), named, numbered, exist, (*names, *codes)))
    rows = np.isin(context.table.field, chosen)
    if not rows.any():
        present = np.unique(context.table.field).tolist()
        known = listed(f"{k} ({names[k]})" if 0 <= k < len(names) else str(k) for k in present)
        refuse(f"Field {text.strip()} has no data.", f"There are data of {known}.")
    return Resolved(rows)


def select_intent(text: str, context: Context) -> Resolved:
    """Select rows by what they were taken for (OBS_MODE of the STATE sub-table).

    Parameters
    ----------
    text : str
        The selection string: numbers, ranges, bounds, names, patterns; ``&`` between names means both.
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
        If there is no such intent.
    """
    modes: list[str] = []
    with context.main.use() as table:
        has_states = "STATE" in table.keywordnames()
    if has_states:
        with context.main.subtable("STATE") as table:
            if table.nrows():
                modes = [str(mode) for mode in table.getcol("OBS_MODE")]
    if not modes:
        refuse("There are no intents: the STATE table is empty.", "Select by scan or field instead.")
    every = dict.fromkeys(part for mode in modes for part in mode.split(","))
    exist = f"There are {listed(every)}."

    def named(matches: Callable[[str], object]) -> list[int]:
        return [k for k, mode in enumerate(modes) if matches(mode) or any(matches(part) for part in mode.split(","))]

    def numbered(number: int) -> list[int]:
        return [number] if number < len(modes) else []

    chosen = _elements(Scanner("intent", text), _Catalogue(len(modes), named, numbered, exist))
    rows = np.isin(read_column(context.main, "STATE_ID", np.int32), chosen)
    if not rows.any():
        refuse(f"Intent {text.strip()} has no data.", exist)
    return Resolved(rows)


def _elements(scanner: Scanner, catalogue: _Catalogue) -> list[int]:
    """Read elements with commas between them; those that are names have to exist, of the numbers one."""
    chosen: list[int] = []
    parenthesis = scanner.take("(")
    while True:
        scanner.skip()
        start = scanner.position
        if scanner.sees("<") or scanner.sees(">"):
            found = np.flatnonzero(_bounds(scanner, np.arange(catalogue.size))).tolist()
        else:
            found = _names_or_numbers(scanner, catalogue)
            while scanner.take("&"):
                other = _names_or_numbers(scanner, catalogue)
                found = [k for k in found if k in other]
        what = scanner.text[start : scanner.position].strip()
        if not found and not what[:1].isdigit():
            refuse(f"{scanner.parameter.capitalize()} {what} does not exist.", catalogue.exist)
        chosen += found
        if not scanner.take(","):
            break
    if parenthesis:
        scanner.expect(")")
    scanner.finish("','")
    if not chosen:
        refuse(f"{scanner.parameter.capitalize()} {scanner.text.strip()} does not exist.", catalogue.exist)
    return chosen


def _names_or_numbers(scanner: Scanner, catalogue: _Catalogue) -> list[int]:
    scanner.skip()
    start = scanner.position
    quoted = scanner.quoted('"')
    if quoted is not None:
        found = catalogue.named(re.compile(glob_to_regex(quoted)).fullmatch)
    elif (expression := scanner.quoted("/")) is not None:
        found = catalogue.named(scanner.regex(expression, start).fullmatch)
    else:
        plain = scanner.match(_NAME)
        if plain is None:
            scanner.fail("a number or a name is expected")
        plain = plain.strip()
        if plain.isdecimal():
            first = scanner.whole(plain, start)
            last = scanner.integer("the end of the range") if scanner.take("~") else first
            if last < first:
                scanner.fail("the range starts after its end", start)
            return [k for number in catalogue.between(first, last) for k in catalogue.numbered(number)]
        pattern = re.compile(glob_to_regex(plain)) if _SPECIAL.search(plain) else None
        found = catalogue.named(pattern.fullmatch if pattern else plain.__eq__)
    if not found:
        what = scanner.text[start : scanner.position].strip()
        refuse(f"{scanner.parameter.capitalize()} {what} does not exist.", catalogue.exist)
    return found
