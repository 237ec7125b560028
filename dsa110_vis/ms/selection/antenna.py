"""``antenna``: antennas, baselines and baseline lengths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.ms.selection.context import Resolved, listed, numbers_between, refuse
from dsa110_vis.ms.selection.scanner import Scanner, glob_to_regex

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from dsa110_vis.ms.selection.context import Context

    Mask = npt.NDArray[np.bool_]

__all__ = ["find_antennas", "select_antenna"]

LENGTH_UNITS = {"m": 1.0, "km": 1e3, "cm": 1e-2, "mm": 1e-3}
_RANGE_OF_LENGTHS = re.compile(r"\s*[\d.eE+-]+\s*[a-zA-Z]*\s*~\s*[\d.eE+-]+\s*[a-zA-Z]+|\s*\d*\.\d*\s*~")
_NAME = re.compile(r"(?:[-+\w.:*?^\[\]]|\\\S)+")
_SPECIAL = re.compile(r"[*?\[]")
_WORD = re.compile(r"[A-Za-z]+")


def select_antenna(text: str, context: Context) -> Resolved:
    """Select rows by their antennas.

    Parameters
    ----------
    text : str
        The selection string. Elements with ``;`` between them are joined, those with ``!`` are taken away from what
        stands before them. ``A&B`` are baselines from A to B, ``A&`` those within A, ``A`` those from A to any other;
        with ``&&`` autocorrelations are included, ``A&&&`` are autocorrelations only.
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
        If an antenna does not exist, or no row matches.
    """
    scanner = Scanner("antenna", text)
    reader = _Reader(scanner, context)
    rows: Mask | None = None
    while True:
        negated = scanner.take("!")
        part = reader.element()
        if negated:
            rows = ~part if rows is None else rows & ~part
        elif rows is None:
            rows = part
        else:
            rows |= part
        if not scanner.take(";"):
            break
    scanner.finish("';', ',' or '&'")
    if not rows.any():
        refuse(f"No row matches antenna={text!r}.", reader.hint())
    return Resolved(rows)


def find_antennas(text: str, names: Sequence[str], stations: Sequence[str]) -> list[int]:
    """Find the antennas that a list of antennas names, by the rules of selection strings.

    Parameters
    ----------
    text : str
        Numbers, names, patterns and stations with commas between them.
    names, stations : sequence of str
        By antenna number.

    Returns
    -------
    list of int
        Antenna numbers in the order of the text, each once.

    Raises
    ------
    SelectionSyntaxError
        If the string cannot be understood, or is about baselines.
    SelectionEmptyError
        If an antenna does not exist.
    """
    scanner = Scanner("antenna", text)
    found = _Names(scanner, names, stations).numbers()
    scanner.finish("','")
    return list(dict.fromkeys(found))


class _Names:
    """Reads antennas by number, name, pattern and station."""

    def __init__(self, scanner: Scanner, names: Sequence[str], stations: Sequence[str]) -> None:
        self._scanner = scanner
        self._names = names
        self._stations = stations

    def hint(self) -> str:
        """Say which antennas there are."""
        return f"Antennas are {listed(self._label(k) for k in range(len(self._names)))}."

    def numbers(self) -> list[int]:
        """Read antennas with commas between them. Of several numbers one has to exist, and every name."""
        start = self._scanner.position
        found = self._antenna()
        while self._scanner.take(","):
            found += self._antenna()
        known = [number for number in found if number < len(self._names)]
        if not known:
            what = self._scanner.text[start : self._scanner.position].strip()
            refuse(f"Antenna {what} does not exist.", self.hint())
        return known

    def _label(self, number: int) -> str:
        return f"{number} ({self._names[number]})"

    def _antenna(self) -> list[int]:
        scanner = self._scanner
        scanner.skip()
        start = scanner.position
        if scanner.take("@"):
            return self._at_station(start)
        if scanner.take("("):
            found = self._antenna()
            while scanner.take(","):
                found += self._antenna()
            scanner.expect(")")
            scanner.expect("@")
            return self._only(found, self._at_station(start), start)
        found = self._one(antennas=True)
        if scanner.take("@"):
            return self._only(found, self._at_station(start), start)
        return found

    def _at_station(self, start: int) -> list[int]:
        scanner = self._scanner
        parenthesis = scanner.take("(")
        found = self._one(antennas=False)
        while parenthesis and scanner.take(","):
            found += self._one(antennas=False)
        if parenthesis:
            scanner.expect(")")
        return self._only(found, found, start)

    def _only(self, one: list[int], two: list[int], start: int) -> list[int]:
        both = sorted(set(one) & set(two))
        if not both:
            what = self._scanner.text[start : self._scanner.position].strip()
            hint = f"Stations are {listed(dict.fromkeys(name for name in self._stations if name))}."
            refuse(f"There is no antenna at {what}.", hint)
        return both

    def _one(self, *, antennas: bool) -> list[int]:
        """Read a name, a pattern, a regular expression or, for antennas, numbers."""
        scanner = self._scanner
        scanner.skip()
        start = scanner.position
        negated = scanner.sees("^/") and scanner.take("^")
        expression = scanner.quoted("/")
        quoted = scanner.quoted("'" if scanner.sees("'") else '"')
        if expression is not None:
            found = self._matching(scanner.regex(expression, start), antennas=antennas)
        elif quoted is not None:
            negated = quoted.startswith("^")
            found = self._matching(_pattern(quoted), antennas=antennas)
        else:
            plain = scanner.match(_NAME)
            if plain is None:
                scanner.fail("an antenna is expected: a number, a name, a pattern or @station")
            if antennas and plain.isdecimal():
                return self._numbered(scanner.whole(plain, start), start)
            if _SPECIAL.search(plain) or plain.startswith("^"):
                negated = plain.startswith("^")
                found = self._matching(_pattern(plain), antennas=antennas)
            else:
                found = self._named(plain.removeprefix("\\"), antennas=antennas)
                if not found and plain[0].isdigit():
                    scanner.fail("this is neither a number nor the name of an antenna", start)
        if negated:
            found = [number for number in range(len(self._names)) if number not in found]
        if not found:
            what = scanner.text[start : scanner.position].strip()
            refuse(f"Antenna {what} does not exist.", self.hint())
        return found

    def _numbered(self, first: int, start: int) -> list[int]:
        last = self._scanner.integer("the end of the range") if self._scanner.take("~") else first
        if last < first:
            self._scanner.fail("the range starts after its end", start)
        # Antennas of the VLA have numbers for names, and the name counts.
        names = (*self._names, *self._stations)
        numbers = numbers_between(first, last, len(self._names), names)
        return [(self._named(str(number), antennas=True) or [number])[0] for number in numbers]

    def _named(self, name: str, *, antennas: bool) -> list[int]:
        """Find a name among antennas, then among stations."""
        found = [k for k, one in enumerate(self._names) if antennas and one == name]
        return found or [k for k, station in enumerate(self._stations) if station == name]

    def _matching(self, regex: re.Pattern[str], *, antennas: bool) -> list[int]:
        """Find antennas whose name or station matches."""
        pairs = enumerate(zip(self._names, self._stations, strict=True))
        return [k for k, (name, at) in pairs if (antennas and regex.fullmatch(name)) or regex.fullmatch(at)]


class _Reader(_Names):
    """Reads what makes rows of antennas: baselines and lengths."""

    def __init__(self, scanner: Scanner, context: Context) -> None:
        super().__init__(scanner, context.metadata.antenna_names, context.metadata.antenna_stations)
        self._context = context
        self._antenna1 = context.table.antenna1
        self._antenna2 = context.table.antenna2

    def element(self) -> Mask:
        """Read one element and give its rows."""
        scanner = self._scanner
        if scanner.sees("<") or scanner.sees(">") or _RANGE_OF_LENGTHS.match(scanner.text, scanner.position):
            return self._lengths()
        if (negated := scanner.sees("^/")) or scanner.sees("/"):
            end = scanner.text.find("/", scanner.position + 1 + negated)
            if "&" in scanner.text[scanner.position : end]:
                return self._baseline_expressions()
        first = self._antennas()
        if not scanner.take("&"):
            return (first[self._antenna1] | first[self._antenna2]) & self._cross()
        if not scanner.take("&"):
            return self._between(first, self._antennas() if self._more() else first) & self._cross()
        if scanner.take("&"):
            return first[self._antenna1] & ~self._cross()
        return self._between(first, self._antennas() if self._more() else first)

    def hint(self) -> str:
        """Say which antennas have data."""
        used = np.zeros(len(self._names), dtype=np.bool_)
        used[self._antenna1] = True
        used[self._antenna2] = True
        autos = "" if self._cross().all() else ", also with themselves"
        return f"Antennas with data are {listed(self._label(k) for k in np.flatnonzero(used).tolist())}{autos}."

    def _cross(self) -> Mask:
        cross: Mask = self._antenna1 != self._antenna2
        return cross

    def _between(self, one: Mask, two: Mask) -> Mask:
        forth = one[self._antenna1] & two[self._antenna2]
        back: Mask = two[self._antenna1] & one[self._antenna2]
        return forth | back

    def _more(self) -> bool:
        return not (self._scanner.at_end or self._scanner.sees(";"))

    def _antennas(self) -> Mask:
        mask = np.zeros(len(self._names), dtype=np.bool_)
        mask[self.numbers()] = True
        return mask

    def _baseline_expressions(self) -> Mask:
        match = np.zeros((len(self._names), len(self._names)), dtype=np.bool_)
        while True:
            start = self._scanner.position
            negated = self._scanner.take("^")
            regex = self._scanner.regex(self._scanner.quoted("/") or "", start)
            for row, one in enumerate(self._names):
                for column, two in enumerate(self._names):
                    match[row, column] |= (regex.fullmatch(f"{one}&{two}") is not None) != negated
            if not self._scanner.take(","):
                return match[self._antenna1, self._antenna2]

    def _lengths(self) -> Mask:
        positions = self._context.metadata.antenna_positions
        length = np.linalg.norm(positions[self._antenna1] - positions[self._antenna2], axis=1)
        rows = np.zeros(length.size, dtype=np.bool_)
        while True:
            if self._scanner.take("<="):
                rows |= length <= self._length()
            elif self._scanner.take("<"):
                rows |= length < self._length()
            elif self._scanner.take(">="):
                rows |= length >= self._length()
            elif self._scanner.take(">"):
                rows |= length > self._length()
            else:
                first, unit = self._length_and_unit()
                self._scanner.expect("~")
                last, last_unit = self._length_and_unit()
                last_unit = last_unit or 1.0
                rows |= (length >= first * (unit or last_unit)) & (length <= last * last_unit)
            if not self._scanner.take(","):
                return rows

    def _length(self) -> float:
        value, unit = self._length_and_unit()
        return value * (unit or 1.0)

    def _length_and_unit(self) -> tuple[float, float | None]:
        value = self._scanner.number()
        if value is None:
            self._scanner.fail("a length is expected")
        self._scanner.skip()
        start = self._scanner.position
        word = self._scanner.match(_WORD)
        if word is not None and word not in LENGTH_UNITS:
            self._scanner.fail(f"{word!r} is not a unit of length; allowed are {', '.join(LENGTH_UNITS)}", start)
        return value, None if word is None else LENGTH_UNITS[word]


def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(glob_to_regex(pattern.removeprefix("^")))
