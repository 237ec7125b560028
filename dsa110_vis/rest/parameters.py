"""The parameters of a raster as they stand in a URL: texts in, keywords out, and what is allowed where one is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import OptionError
from dsa110_vis.ms import PARAMETERS
from dsa110_vis.raster import AXES, PRESETS, QUANTITIES, colormap_name, preset
from dsa110_vis.raster.options import check_option

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["FORMATS", "MEDIA_TYPES", "NAMES", "PIXELS", "Asked", "read"]

MEDIA_TYPES = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "html": "text/html; charset=UTF-8",
    "json": "application/json",
    "bokeh": "application/json",
}
"""Formats, and their media types."""

FORMATS = tuple(MEDIA_TYPES)
PIXELS = (200, 2000)
"""Smallest and largest width and height."""

_TEXTS = ("x", "y", "quantity", "column", "aggregator", "averaging", "iterate", "baseline_order")
_SWITCHES = ("weighted", "autocorrelations")
_PLAN = ("xaxis", "yaxis")
NAMES = (
    *_TEXTS, *_SWITCHES, "bins", "iterations", "preset", "select", *PARAMETERS, "title", "colormap", "width", "height",
    "format", *_PLAN,
)  # fmt: skip
"""All parameters."""

# Where the second name says what is drawn, as in the plan, these are the other axes.
_OTHER_AXIS = {"time": "baseline", "baseline": "time", "frequency": "time", "channel": "time"}
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_MAX_TEXT = 2000
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Asked:
    """What was asked for.

    Attributes
    ----------
    raster : dict
        Keywords of `dsa110_vis.raster.raster`.
    style : dict
        Fields of `dsa110_vis.raster.style.Style`.
    format : str
        One of `FORMATS`.
    """

    raster: dict[str, Any] = field(default_factory=dict)
    style: dict[str, Any] = field(default_factory=dict)
    format: str = "png"


def read(query: Mapping[str, Sequence[str]]) -> Asked:
    """Read the parameters of a raster.

    Parameters
    ----------
    query : mapping of str to sequence of str
        Names and the values that each was given.

    Returns
    -------
    Asked
        What was asked for.

    Raises
    ------
    OptionError
        If a name is not known, or a value is not allowed; the hint says what is.
    """
    given = {check_option("parameter", name, NAMES): [_text(name, value) for value in query[name]] for name in query}
    single = {name: _one(name, values) for name, values in given.items() if name != "select"}
    chosen: dict[str, Any] = {"x": "baseline", "y": "time"}
    if "preset" in single:
        chosen.update(preset(check_option("preset", single["preset"], PRESETS)).options())
    chosen.update(_of_the_plan(single))
    chosen.update({name: single[name] for name in _TEXTS if name in single})
    chosen.update({name: _switch(name, single[name]) for name in _SWITCHES if name in single})
    if "bins" in single:
        chosen["bins"] = _whole("bins", single["bins"], (1, 4096))
    if "iterations" in single:
        chosen["iterations"] = [_whole("iterations", part, (0, 10**6)) for part in single["iterations"].split(",")]
    chosen["selection"] = _selection(given.get("select", ()), single) or None
    style: dict[str, Any] = {name: _whole(name, single[name], PIXELS) for name in ("width", "height") if name in single}
    if "title" in single:
        style["title"] = single["title"]
    if "colormap" in single:
        style["colormap"] = colormap_name(single["colormap"])
    return Asked(chosen, style, check_option("format", single.get("format", "png").lower(), FORMATS))


def _text(name: str, value: str) -> str:
    if len(value) > _MAX_TEXT or _CONTROL.search(value):
        message = f"The value of {name} is too long or has control characters in it."
        raise OptionError(message, f"Allowed: up to {_MAX_TEXT} printable characters.")
    return value


def _one(name: str, values: Sequence[str]) -> str:
    if len(values) != 1:
        message = f"{name} is given {len(values)} times."
        raise OptionError(message, "Only select may be given several times: select=spw=0&select=antenna=1.")
    return values[0]


def _switch(name: str, value: str) -> bool:
    return _BOOLEANS[check_option(f"value of {name}", value.lower(), _BOOLEANS)]


def _whole(name: str, value: str, bounds: tuple[int, int]) -> int:
    if not _WHOLE.fullmatch(value) or not bounds[0] <= int(value) <= bounds[1]:
        message = f"{name} cannot be {value[:60]!r}."
        raise OptionError(message, f"Allowed: whole numbers from {bounds[0]} to {bounds[1]}.")
    return int(value)


def _selection(pairs: Sequence[str], single: Mapping[str, str]) -> dict[str, str]:
    chosen = {name: single[name] for name in PARAMETERS if single.get(name, "").strip()}
    for pair in pairs:
        key, separator, value = pair.partition("=")
        key = key.strip()
        if not separator or not key:
            message = f"select takes key=value, not {pair[:60]!r}."
            raise OptionError(message, f"For example select=spw=0:10~50. Keys: {', '.join(PARAMETERS)}.")
        if key in chosen:
            message = f"The selection by {key} is given twice."
            raise OptionError(message, "Join the two with a semicolon or a comma.")
        chosen[key] = value
    return chosen


def _of_the_plan(single: Mapping[str, str]) -> dict[str, str]:
    """Read ``xaxis`` and ``yaxis``; the latter may be an axis, or what is drawn (amp, phase, real, imag)."""
    if not any(name in single for name in _PLAN):
        return {}
    both = [name for name in ("x", "y", "preset") if name in single]
    if both:
        message = f"xaxis and yaxis do not go with {' and '.join(both)}."
        raise OptionError(message, "Give x and y, or xaxis and yaxis.")
    x = check_option("x axis", single.get("xaxis", "time").lower(), AXES)
    second = check_option("y axis", single.get("yaxis", "amp").lower(), (*QUANTITIES, *AXES))
    if second in AXES:
        return {"x": x, "y": second}
    if "quantity" in single:
        message = f"yaxis={second} and quantity={single['quantity'][:60]} both say what is drawn."
        raise OptionError(message, "Give one of the two.")
    return {"x": x, "y": _OTHER_AXIS.get(x, "time" if x != "time" else "baseline"), "quantity": second}
