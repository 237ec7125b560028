"""``spw``: spectral windows by number, name or frequency, and their channels by number or frequency."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.ms.selection.context import Resolved, listed, numbers_between, ranges, refuse
from dsa110_vis.ms.selection.scanner import Scanner, glob_to_regex

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.ms.metadata import SpectralWindow
    from dsa110_vis.ms.selection.context import Context

__all__ = ["select_spw", "spw_ids"]

UNITS = {"hz": 1.0, "khz": 1e3, "mhz": 1e6, "ghz": 1e9, "thz": 1e12}
_UNIT = re.compile(r"[kmgt]?hz", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z_*?{}#\[\]][\w*?{}#\[\]+.\-]*")
_SPECIAL = re.compile(r"[*?{\[]")


@dataclass(frozen=True, slots=True)
class _Range:
    """Numbers or frequencies from `first` to `last`, both included; `step` 0 means each."""

    first: float
    last: float
    step: float
    is_frequency: bool


def select_spw(text: str, context: Context) -> Resolved:
    """Select rows and channels.

    Parameters
    ----------
    text : str
        The selection string.
    context : Context
        Where it is looked up.

    Returns
    -------
    Resolved
        Rows and channels. Spectral windows without a matching channel are left out.

    Raises
    ------
    SelectionSyntaxError
        If the string cannot be understood.
    SelectionEmptyError
        If a spectral window does not exist, or no channel matches.
    """
    scanner = Scanner("spw", text)
    windows = context.metadata.spectral_windows
    masks: dict[int, npt.NDArray[np.bool_]] = {}
    while True:
        ids = _windows(scanner, context)
        parts = _ranges(scanner, "a channel number or a frequency") if scanner.take(":") else None
        for number in ids:
            mask = masks.setdefault(number, np.zeros(windows[number].frequencies.size, dtype=np.bool_))
            if parts is None:
                mask[:] = True
                continue
            for part in parts:
                mask |= _channels(part, windows[number])
        if not scanner.take(","):
            break
    scanner.finish("','")
    chosen = [number for number, mask in masks.items() if mask.any()]
    if not chosen:
        refuse(
            f"No channel matches spw={text!r}.", "There are " + listed(_describe(windows[number]) for number in masks)
        )
    return _resolved(chosen, masks, context)


def spw_ids(text: str, context: Context, parameter: str) -> list[int]:
    """Give the spectral windows that a string without channels means.

    Parameters
    ----------
    text : str
        The selection string.
    context : Context
        Where it is looked up.
    parameter : str
        The parameter of which it is a part, for messages.

    Returns
    -------
    list of int
        Their numbers.
    """
    scanner = Scanner(parameter, text)
    ids = _windows(scanner, context)
    while scanner.take(","):
        ids += _windows(scanner, context)
    scanner.finish("','")
    return ids


def _resolved(chosen: list[int], masks: dict[int, npt.NDArray[np.bool_]], context: Context) -> Resolved:
    ddids = [d.id for d in context.metadata.data_descriptions if d.spw_id in chosen]
    rows = np.isin(context.table.ddid, ddids)
    if not rows.any():
        with_data = {d.spw_id for d in context.metadata.data_descriptions}
        refuse(f"Spw {ranges(chosen)} has no data.", f"There are data in {ranges(with_data)}.")
    channels = {number: np.flatnonzero(masks[number]) for number in chosen if not masks[number].all()}
    return Resolved(rows, channels)


def _describe(window: SpectralWindow) -> str:
    low, high = window.frequencies.min() / 1e6, window.frequencies.max() / 1e6
    return f"{window.id} ({window.frequencies.size} channels, {low:.6g}-{high:.6g} MHz)"


def _windows(scanner: Scanner, context: Context) -> list[int]:
    """Read one element: what stands before a colon or a comma."""
    start_skipped = scanner.at_end
    start = scanner.position
    windows = context.metadata.spectral_windows
    everything = [window.id for window in windows]
    if start_skipped:
        scanner.fail("a spectral window is expected: a number, a name or a frequency")
    for sign in ("<", ">"):
        if scanner.take(sign):
            value, is_frequency = _value(scanner)
            measure = [w.reference_frequency if is_frequency else float(w.id) for w in windows]
            found = [k for k in everything if (measure[k] < value if sign == "<" else measure[k] > value)]
            return _existing(found, scanner.text[start : scanner.position], context)
    if scanner.take("~"):
        value, _ = _value(scanner)
        found = [w.id for w in windows if abs(_middle(w) - value) <= w.bandwidth]
        return _existing(found, scanner.text[start : scanner.position], context)
    names = _names(scanner, context)
    if names is not None:
        return _existing(names, scanner.text[start : scanner.position], context)
    found = []
    for part in _ranges(scanner, "a spectral window"):
        if scanner.take("<>"):
            last, _ = _value(scanner)
            found += [
                w.id for w in windows if part.first < (w.reference_frequency if part.is_frequency else w.id) < last
            ]
        elif part.is_frequency:
            found += _by_frequency(part, windows)
        else:
            found += _by_number(part, context)
    return _existing(found, scanner.text[start : scanner.position], context)


def _existing(found: list[int], what: str, context: Context) -> list[int]:
    if not found:
        refuse(f"Spw {what.strip()} does not exist.", _all(context))
    return found


def _all(context: Context) -> str:
    windows = context.metadata.spectral_windows
    return f"There are {ranges(window.id for window in windows)}: {listed(_describe(window) for window in windows)}."


def _by_number(part: _Range, context: Context) -> list[int]:
    windows = context.metadata.spectral_windows
    first, step = max(int(part.first), 0), max(int(part.step), 1)
    last = len(windows) - 1 if part.last == np.inf else int(part.last)
    candidates = numbers_between(first, last, len(windows), (window.name for window in windows))
    found = []
    for number in candidates[::step]:
        # A number that is too large may be a name.
        named = [w.id for w in windows if number >= len(windows) and w.name == str(number)]
        found += [number] if number < len(windows) else named[:1]
    if len(found) < len(range(first, last + 1, step)):
        missing = f"{max(first, len(windows))}-{last}" if last > max(first, len(windows)) else str(last)
        refuse(f"Spw {missing} does not exist.", _all(context))
    return found


def _by_frequency(part: _Range, windows: tuple[SpectralWindow, ...]) -> list[int]:
    """Find windows whose middle lies in the range, or the first one whose middle is within a channel."""
    if part.first != part.last:
        return [w.id for w in windows if part.first <= _middle(w) <= part.last]
    near = [w.id for w in windows if w.widths.size and abs(_middle(w) - part.first) < w.widths.max()]
    return near[:1]


def _middle(window: SpectralWindow) -> float:
    if not window.frequencies.size:
        return float("nan")
    return float(window.frequencies[0] + window.frequencies[-1]) / 2


def _names(scanner: Scanner, context: Context) -> list[int] | None:
    """Read a name, a pattern or a regular expression; None if none comes next."""
    scanner.skip()
    start = scanner.position
    quoted = scanner.quoted('"')
    expression = scanner.quoted("/") if quoted is None else None
    plain = scanner.match(_NAME) if quoted is None and expression is None else None
    windows = context.metadata.spectral_windows
    if expression is not None:
        regex = scanner.regex(expression, start)
    elif quoted is not None or (plain is not None and _SPECIAL.search(plain)):
        regex = re.compile(glob_to_regex(quoted if quoted is not None else str(plain)))
    elif plain is not None:
        return [window.id for window in windows if window.name == plain]
    else:
        return None
    return [window.id for window in windows if regex.fullmatch(window.name) or (quoted or plain) == "*"]


def _ranges(scanner: Scanner, what: str) -> list[_Range]:
    """Read numbers, frequencies and ranges with ``;`` between them."""
    parts = [_range(scanner, what)]
    while scanner.take(";"):
        parts.append(_range(scanner, what))
    return parts


def _range(scanner: Scanner, what: str) -> _Range:
    if scanner.take("^"):
        return _Range(0, np.inf, _step(scanner, is_frequency=False), is_frequency=False)
    if scanner.take("*"):
        return _Range(0, np.inf, 0, is_frequency=False)
    scanner.skip()
    start = scanner.position
    first = scanner.number()
    if first is None:
        scanner.fail(f"{what} is expected")
    unit = _unit(scanner)
    if not scanner.take("~"):
        value = first * (unit or 1.0)
        return _Range(value, value, 0, unit is not None) if unit else _Range(int(value), int(value), 0, False)
    last, last_unit = _bare_value(scanner)
    if unit is not None and last_unit is None:
        scanner.fail("a unit is expected, as the start of the range has one")
    is_frequency = last_unit is not None
    low, high = first * (unit or last_unit or 1.0), last * (last_unit or 1.0)
    if low > high:
        scanner.fail("the range starts after its end", start)
    step = _step(scanner, is_frequency=is_frequency) if scanner.take("^") else 0.0
    return _Range(low, high, step, is_frequency) if is_frequency else _Range(int(low), int(high), step, False)


def _step(scanner: Scanner, *, is_frequency: bool) -> float:
    scanner.skip()
    start = scanner.position
    value, unit = _bare_value(scanner)
    if (unit is not None) != is_frequency:
        scanner.fail("a step has the same unit as its range", start)
    return value * (unit or 1.0)


def _value(scanner: Scanner) -> tuple[float, bool]:
    value, unit = _bare_value(scanner)
    return value * (unit or 1.0), unit is not None


def _bare_value(scanner: Scanner) -> tuple[float, float | None]:
    value = scanner.number()
    if value is None:
        scanner.fail("a number is expected")
    return value, _unit(scanner)


def _unit(scanner: Scanner) -> float | None:
    found = scanner.match(_UNIT)
    return None if found is None else UNITS[found.lower()]


def _channels(part: _Range, window: SpectralWindow) -> npt.NDArray[np.bool_]:
    """Mark the channels of a window in a range; what lies beyond the last channel is cut off, as CASA does."""
    frequencies = window.frequencies
    mask = np.zeros(frequencies.size, dtype=np.bool_)
    if not frequencies.size:
        return mask
    if not part.is_frequency:
        last = int(min(part.last, frequencies.size - 1))
        first = min(int(part.first), frequencies.size - 1)
        mask[first : last + 1 : max(int(part.step), 1)] = True
        return mask
    above, below = np.flatnonzero(frequencies >= part.first), np.flatnonzero(frequencies <= part.last)
    if not above.size or not below.size:
        return mask
    # Of the channels above the start, the lowest; of those below the end, the highest. They may be each other's
    # neighbours the wrong way round: a range between two channels takes both.
    start = int(above[np.argmin(frequencies[above])])
    end = int(below[np.argmax(frequencies[below])])
    width = float(np.abs(window.widths).max()) if np.isfinite(window.widths).all() else 0.0
    step = max(int(part.step / width), 1) if width and part.step else 1
    mask[min(start, end) : max(start, end) + 1 : step] = True
    return mask
