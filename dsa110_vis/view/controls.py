"""The controls of the raster viewer: names, defaults, and what each may be, as far as that is known without a file."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dsa110_vis.errors import OptionError
from dsa110_vis.ms.tables import absolute_path
from dsa110_vis.raster import (
    AGGREGATORS,
    AVERAGINGS,
    AXES,
    BASELINE_ORDERS,
    COLORMAPS,
    LIMITS_MODES,
    PRESETS,
    QUANTITIES,
    STRETCHES,
)

__all__ = ["CONTROLS", "SELECTION_KEYS", "Control", "ControlError", "checked"]

SELECTION_KEYS = (
    "spw", "antenna", "baseline", "timerange", "scan", "field", "correlation", "uvrange", "observation", "array",
    "intent", "taql",
)  # fmt: skip
"""Keys of the control `selection`: the parameters of `MeasurementSet.select`."""

_SHOWN_PANELS = 10


class ControlError(OptionError):
    """A control cannot have the value it was given.

    Parameters
    ----------
    message, hint : str
        As for every error.
    key : str
        The name of the control, so that a viewer can say it there.
    """

    def __init__(self, message: str, hint: str = "", *, key: str = "") -> None:
        super().__init__(message, hint)
        self.key = key


@dataclass(frozen=True)
class Control:
    """One control.

    Parameters
    ----------
    default : object
        Its value at the start.
    check : callable
        Takes the control's name and a value; returns the value as it is kept, or raises `OptionError`.
    picture : bool
        Whether a change needs another picture, and not only other colours of the same.
    help : str
        What it does, in one line.
    """

    default: Any
    check: Callable[[str, Any], Any]
    picture: bool
    help: str


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _near(value: Any, allowed: Iterable[str]) -> str:
    names = list(allowed)
    near = difflib.get_close_matches(str(value), names, n=1)
    return (f"Did you mean {near[0]!r}? " if near else "") + f"Allowed: {', '.join(names)}."


def _one_of(allowed: Sequence[str], *, optional: bool = False) -> Callable[[str, Any], Any]:
    def check(name: str, value: Any) -> Any:
        if optional and value in (None, ""):
            return None
        if not isinstance(value, str) or value not in allowed:
            message = f"{name} cannot be {_shown(value)}."
            raise OptionError(message, _near(value, allowed))
        return value

    return check


def _boolean(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        message = f"{name} cannot be {_shown(value)}."
        raise OptionError(message, "Allowed: True, False.")
    return value


def _text(*, optional: bool) -> Callable[[str, Any], Any]:
    def check(name: str, value: Any) -> Any:
        if optional and value in (None, ""):
            return None
        if not isinstance(value, str):
            message = f"{name} cannot be {_shown(value)}."
            raise OptionError(message, "It must be a string" + (" or None." if optional else "."))
        return value

    return check


def _title(name: str, value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        message = f"{name} cannot be {_shown(value)}."
        raise OptionError(message, "It must be a string, or None for an automatic one.")
    return value


def _path(name: str, value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "__fspath__"):
        value = value.__fspath__()
    if not isinstance(value, str):
        message = f"{name} cannot be {_shown(value)}."
        raise OptionError(message, "It must be the path of a Measurement Set.")
    return str(absolute_path(value)) if value else ""


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def _whole(name: str, value: Any) -> int:
    number = _number(value)
    if number is None or number != int(number) or number < 0:
        message = f"{name} cannot be {_shown(value)}."
        raise OptionError(message, "It must be a whole number, from 0.")
    return int(number)


def _percentile(name: str, value: Any) -> float:
    number = _number(value)
    if number is None or not 0.0 < number <= 100.0:
        message = f"{name} cannot be {_shown(value)}."
        raise OptionError(message, "It must be above 0 and at most 100: the share of the values between the limits.")
    return number


def _pair(value: Any) -> tuple[float, float] | None:
    if isinstance(value, str | Mapping) or not hasattr(value, "__len__") or len(value) != 2:
        return None
    first, second = (_number(item) for item in value)
    return None if first is None or second is None else (first, second)


def _limits(name: str, value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    pair = _pair(value)
    if pair is None or not pair[0] < pair[1]:
        message = f"{name} cannot be {_shown(value)}."
        raise OptionError(message, "It must be None or two numbers, the lower one first.")
    return pair


def _subplots(name: str, value: Any) -> tuple[int, int]:
    pair = (1.0, 1.0) if value is None else _pair(value)
    if pair is None or not all(item == int(item) and 1 <= item <= _SHOWN_PANELS for item in pair):
        message = f"{name} cannot be {_shown(value)}."
        raise OptionError(message, f"It must be (rows, columns), each from 1 to {_SHOWN_PANELS}.")
    return int(pair[0]), int(pair[1])


def _selection(name: str, value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        message = f"{name} cannot be {_shown(value)}."
        raise OptionError(message, f"It must be a dict with strings under: {', '.join(SELECTION_KEYS)}.")
    kept = {}
    for key, item in value.items():
        if key not in SELECTION_KEYS:
            message = f"{name} has no key {_shown(key)}."
            raise OptionError(message, _near(key, SELECTION_KEYS))
        if item is None or item == "":
            continue
        if isinstance(item, bool) or not isinstance(item, str | int):
            message = f"{name}[{key!r}] cannot be {_shown(item)}."
            raise OptionError(message, "It must be a string in CASA's selection syntax.")
        kept[str(key)] = str(item).strip()
    return {key: item for key, item in kept.items() if item}


CONTROLS: dict[str, Control] = {
    "path": Control("", _path, picture=True, help="The Measurement Set on disk."),
    "preset": Control(None, _one_of(tuple(PRESETS), optional=True), picture=True, help="A set of controls by name."),
    "x": Control("baseline", _one_of(tuple(AXES)), picture=True, help="Horizontal axis."),
    "y": Control("time", _one_of(tuple(AXES)), picture=True, help="Vertical axis."),
    "quantity": Control("amp", _one_of(tuple(QUANTITIES)), picture=True, help="What is drawn."),
    "column": Control(
        None, _text(optional=True), picture=True, help="Column of the table; None is corrected data if there are any."
    ),
    "aggregator": Control(
        "mean", _one_of(tuple(AGGREGATORS)), picture=True, help="Statistic of the samples in a cell."
    ),
    "averaging": Control(
        "scalar", _one_of(AVERAGINGS), picture=True, help="Mean of the amplitudes, or amplitude of the mean."
    ),
    "weighted": Control(default=False, check=_boolean, picture=True, help="Whether averages use the weights."),
    "autocorrelations": Control(default=False, check=_boolean, picture=True, help="Whether they are included."),
    "baseline_order": Control(
        "id", _one_of(BASELINE_ORDERS), picture=True, help="Baselines by the numbers of their antennas, or by length."
    ),
    "selection": Control({}, _selection, picture=True, help="CASA selection strings by name."),
    "iterate": Control(None, _one_of(tuple(AXES), optional=True), picture=True, help="An axis to step through."),
    "iteration": Control(0, _whole, picture=True, help="Which value of that axis, counted from 0."),
    "subplots": Control((1, 1), _subplots, picture=True, help="Rows and columns of pictures."),
    "colormap": Control("viridis", _one_of(COLORMAPS), picture=False, help="Colours of the good samples."),
    "flagged_colormap": Control("reds", _one_of(COLORMAPS), picture=False, help="Colours of the flagged samples."),
    "show_flagged": Control(default=True, check=_boolean, picture=False, help="Whether flagged cells are drawn."),
    "stretch": Control("linear", _one_of(STRETCHES), picture=False, help="How values become colours."),
    "limits_mode": Control(
        "auto", _one_of((*LIMITS_MODES, "manual")), picture=False, help="Where the colour limits come from."
    ),
    "percentile": Control(99.0, _percentile, picture=False, help="Share of the values inside the limits."),
    "limits": Control(None, _limits, picture=False, help="Lowest and highest value on the colour scale."),
    "title": Control(None, _title, picture=False, help="Title; None makes one, an empty string has none."),
}
"""All controls of the raster viewer by name."""


def checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Check new values of controls, as far as that is possible without the file.

    Parameters
    ----------
    changes : mapping
        New values by the names of the controls.

    Returns
    -------
    dict
        The values as they are kept.

    Raises
    ------
    OptionError
        If a name or a value is not allowed; the hint says what is.
    """
    kept = {}
    for name, value in changes.items():
        control = CONTROLS.get(name)
        if control is None:
            message = f"There is no control {_shown(name)}."
            raise OptionError(message, _near(name, CONTROLS))
        try:
            kept[name] = control.check(name, value)
        except OptionError as error:
            raise ControlError(error.message, error.hint, key=name) from None
    return kept
