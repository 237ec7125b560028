"""The controls of the raster viewer: names, defaults, and what each may be, as far as that is known without a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsa110_vis.errors import OptionError
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
from dsa110_vis.view.checks import (
    Control,
    ControlError,
    boolean,
    check_all,
    near,
    number,
    one_of,
    path,
    shown,
    text,
    title,
    whole,
)

__all__ = ["CONTROLS", "SELECTION_KEYS", "Control", "ControlError", "checked"]

SELECTION_KEYS = (
    "spw", "antenna", "baseline", "timerange", "scan", "field", "correlation", "uvrange", "observation", "array",
    "intent", "taql",
)  # fmt: skip
"""Keys of the control `selection`: the parameters of `MeasurementSet.select`."""

_SHOWN_PANELS = 10


def _percentile(name: str, value: Any) -> float:
    found = number(value)
    if found is None or not 0.0 < found <= 100.0:
        message = f"{name} cannot be {shown(value)}."
        raise OptionError(message, "It must be above 0 and at most 100: the share of the values between the limits.")
    return found


def _pair(value: Any) -> tuple[float, float] | None:
    if isinstance(value, str | Mapping) or not hasattr(value, "__len__") or len(value) != 2:
        return None
    first, second = (number(item) for item in value)
    return None if first is None or second is None else (first, second)


def _limits(name: str, value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    pair = _pair(value)
    if pair is None or not pair[0] < pair[1]:
        message = f"{name} cannot be {shown(value)}."
        raise OptionError(message, "It must be None or two numbers, the lower one first.")
    return pair


def _subplots(name: str, value: Any) -> tuple[int, int]:
    pair = (1.0, 1.0) if value is None else _pair(value)
    if pair is None or not all(item == int(item) and 1 <= item <= _SHOWN_PANELS for item in pair):
        message = f"{name} cannot be {shown(value)}."
        raise OptionError(message, f"It must be (rows, columns), each from 1 to {_SHOWN_PANELS}.")
    return int(pair[0]), int(pair[1])


def _selection(name: str, value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        message = f"{name} cannot be {shown(value)}."
        raise OptionError(message, f"It must be a dict with strings under: {', '.join(SELECTION_KEYS)}.")
    kept = {}
    for key, item in value.items():
        if key not in SELECTION_KEYS:
            message = f"{name} has no key {shown(key)}."
            raise OptionError(message, near(key, SELECTION_KEYS))
        if item is None or item == "":
            continue
        if isinstance(item, bool) or not isinstance(item, str | int):
            message = f"{name}[{key!r}] cannot be {shown(item)}."
            raise OptionError(message, "It must be a string in CASA's selection syntax.")
        kept[str(key)] = str(item).strip()
    return {key: item for key, item in kept.items() if item}


CONTROLS: dict[str, Control] = {
    "path": Control("", path, picture=True, help="The Measurement Set on disk."),
    "preset": Control(None, one_of(tuple(PRESETS), optional=True), picture=True, help="A set of controls by name."),
    "x": Control("baseline", one_of(tuple(AXES)), picture=True, help="Horizontal axis."),
    "y": Control("time", one_of(tuple(AXES)), picture=True, help="Vertical axis."),
    "quantity": Control("amp", one_of(tuple(QUANTITIES)), picture=True, help="What is drawn."),
    "column": Control(
        None, text(optional=True), picture=True, help="Column of the table; None is corrected data if there are any."
    ),
    "aggregator": Control("mean", one_of(tuple(AGGREGATORS)), picture=True, help="Statistic of the samples in a cell."),
    "averaging": Control(
        "scalar", one_of(AVERAGINGS), picture=True, help="Mean of the amplitudes, or amplitude of the mean."
    ),
    "weighted": Control(default=False, check=boolean, picture=True, help="Whether averages use the weights."),
    "autocorrelations": Control(default=False, check=boolean, picture=True, help="Whether they are included."),
    "baseline_order": Control(
        "id", one_of(BASELINE_ORDERS), picture=True, help="Baselines by the numbers of their antennas, or by length."
    ),
    "selection": Control({}, _selection, picture=True, help="CASA selection strings by name."),
    "iterate": Control(None, one_of(tuple(AXES), optional=True), picture=True, help="An axis to step through."),
    "iteration": Control(0, whole, picture=True, help="Which value of that axis, counted from 0."),
    "subplots": Control((1, 1), _subplots, picture=True, help="Rows and columns of pictures."),
    "colormap": Control("viridis", one_of(COLORMAPS), picture=False, help="Colours of the good samples."),
    "flagged_colormap": Control("reds", one_of(COLORMAPS), picture=False, help="Colours of the flagged samples."),
    "show_flagged": Control(default=True, check=boolean, picture=False, help="Whether flagged cells are drawn."),
    "stretch": Control("linear", one_of(STRETCHES), picture=False, help="How values become colours."),
    "limits_mode": Control(
        "auto", one_of((*LIMITS_MODES, "manual")), picture=False, help="Where the colour limits come from."
    ),
    "percentile": Control(99.0, _percentile, picture=False, help="Share of the values inside the limits."),
    "limits": Control(None, _limits, picture=False, help="Lowest and highest value on the colour scale."),
    "title": Control(None, title, picture=False, help="Title; None makes one, an empty string has none."),
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
    return check_all(CONTROLS, changes)
