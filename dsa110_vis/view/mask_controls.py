"""The controls of the image viewer: names, defaults, and what each may be, as far as that is known without a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsa110_vis.errors import OptionError
from dsa110_vis.raster.style import COLORMAPS
from dsa110_vis.view.checks import Control, boolean, check_all, number, one_of, shown, title, whole
from dsa110_vis.view.checks import path as checked_path

__all__ = ["ARRAY", "MASK_CONTROLS", "choices", "initial", "settle"]

ARRAY = "<array>"
"""Stands for a path where the image is an array in memory; no path looks like this, since paths are absolute."""

STRETCHES = ("linear", "log", "sqrt", "square", "asinh", "power", "histogram")
LIMITS_MODES = ("zscale", "percentile", "minmax", "symmetric", "manual")
FRAMES = ("icrs", "fk5", "fk4", "galactic", "pixel")
STYLES = ("sexagesimal", "degrees")
LAYERS = ("mask", "regions")
PLANES = ("current", "channels", "all")
COMPARE_MODES = ("off", "blink", "swipe", "difference")
LEVELS = [-3.0, 3.0, 6.0, 12.0, 24.0, 48.0]
MOST_LEVELS = 40


def _path(name: str, value: Any) -> str:
    if value == ARRAY:
        return ARRAY
    try:
        return checked_path(name, value)
    except OptionError as error:
        raise OptionError(error.message, "It must be the path of a FITS file or a CASA image.") from None


def _between(low: float, high: float, unit: str = "") -> Any:
    def check(name: str, value: Any) -> float:
        found = number(value)
        if found is None or not low <= found <= high:
            message = f"{name} cannot be {shown(value)}."
            raise OptionError(message, f"It must be a number from {low:g} to {high:g}{unit}.")
        return found

    return check


def _percentile(name: str, value: Any) -> float:
    found = number(value)
    if found is None or not 0 < found <= 100:
        message = f"{name} cannot be {shown(value)}."
        raise OptionError(message, "It must be a number above 0, up to 100.")
    return found


def _numbers(value: Any) -> list[float] | None:
    if isinstance(value, str | Mapping) or not hasattr(value, "__iter__"):
        return None
    found = [number(item) for item in value]
    return None if None in found else [item for item in found if item is not None]


def _limits(name: str, value: Any) -> list[float] | None:
    if value is None:
        return None
    pair = _numbers(value)
    if pair is None or len(pair) != 2 or not pair[0] < pair[1]:
        message = f"{name} cannot be {shown(value)}."
        raise OptionError(message, "It must be two numbers, the lower one first, or None to have them found.")
    return pair


def _levels(name: str, value: Any) -> list[float]:
    found = _numbers(value)
    if found is None or not 1 <= len(found) <= MOST_LEVELS:
        message = f"{name} cannot be {shown(value)}."
        raise OptionError(message, f"It must be a list of 1 to {MOST_LEVELS} numbers, in units of the noise.")
    return sorted(set(found))


def _idents(name: str, value: Any) -> list[str]:
    items = [] if value is None else value
    if isinstance(items, str | Mapping) or not hasattr(items, "__iter__") or not all(isinstance(i, str) for i in items):
        message = f"{name} cannot be {shown(value)}."
        raise OptionError(message, "It must be a list of the ids of regions.")
    return list(dict.fromkeys(items))


MASK_CONTROLS: dict[str, Control] = {
    "path": Control("", _path, picture=True, help="The FITS file or CASA image on disk."),
    "channel": Control(0, whole, picture=True, help="Channel that is shown, counted from 0."),
    "stokes": Control(0, whole, picture=True, help="Stokes parameter that is shown, counted from 0."),
    "colormap": Control("cividis", one_of(COLORMAPS), picture=False, help="Colour map."),
    "invert": Control(default=False, check=boolean, picture=False, help="Whether the colour map runs backwards."),
    "stretch": Control("linear", one_of(STRETCHES), picture=False, help="Curve from values to colours."),
    "limits_mode": Control("zscale", one_of(LIMITS_MODES), picture=False, help="How colour limits are found."),
    "percentile": Control(99.5, _percentile, picture=False, help="Central part of the values within the limits."),
    "limits": Control(None, _limits, picture=False, help="Values of the lowest and the highest colour."),
    "frame": Control("", one_of(("", *FRAMES)), picture=False, help="Frame of coordinates; empty: the image's own."),
    "style": Control("sexagesimal", one_of(STYLES), picture=False, help="How coordinates are written."),
    "grid": Control(default=True, check=boolean, picture=False, help="Whether the grid of coordinates is drawn."),
    "beam": Control(default=True, check=boolean, picture=False, help="Whether the beam is drawn."),
    "contours": Control(default=False, check=boolean, picture=False, help="Whether contours are drawn."),
    "contour_levels": Control(LEVELS, _levels, picture=False, help="Contour levels in units of the noise."),
    "layer": Control("mask", one_of(LAYERS), picture=False, help="What is drawn by the tools: mask or regions."),
    "planes": Control("current", one_of(PLANES), picture=False, help="Planes that a change of the mask is for."),
    "show_mask": Control(default=True, check=boolean, picture=False, help="Whether the mask is shown."),
    "show_regions": Control(default=True, check=boolean, picture=False, help="Whether regions are shown."),
    "selected": Control([], _idents, picture=False, help="Ids of the regions that are selected."),
    "compare": Control("", _path, picture=True, help="A second image to blink or swipe against."),
    "compare_mode": Control("off", one_of(COMPARE_MODES), picture=False, help="How the second image is shown."),
    "swipe": Control(0.5, _between(0.0, 1.0), picture=False, help="Where the second image begins, from the left."),
    "blink_ms": Control(500, _between(100, 10_000, " ms"), picture=False, help="Time of each image when blinking."),
    "show_catalog": Control(default=True, check=boolean, picture=False, help="Whether the catalogue is shown."),
    "title": Control(None, title, picture=False, help="Title; None makes one, an empty string has none."),
}
"""All controls of the image viewer by name."""


def initial() -> dict[str, Any]:
    """Give all controls their defaults.

    Returns
    -------
    dict
        Values by the names of the controls.
    """
    return {name: list(c.default) if isinstance(c.default, list) else c.default for name, c in MASK_CONTROLS.items()}


def choices() -> dict[str, Any]:
    """Give what the controls may be.

    Returns
    -------
    dict
        Lists by what they are of.
    """
    return {
        "colormaps": list(COLORMAPS),
        "stretches": list(STRETCHES),
        "limits_modes": list(LIMITS_MODES),
        "frames": list(FRAMES),
        "styles": list(STYLES),
        "layers": list(LAYERS),
        "planes": list(PLANES),
        "compare_modes": list(COMPARE_MODES),
    }


def settle(state: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Work out all that changes when some controls are set.

    Parameters
    ----------
    state : mapping
        All controls as they are.
    changes : mapping
        The new values.

    Returns
    -------
    dict
        All controls whose value changes. Limits that are set are manual ones; another image is shown from its first
        plane on, in its own frame; a second image is blinked unless something else is wanted.

    Raises
    ------
    OptionError
        If a value is not allowed.
    """
    wanted = check_all(MASK_CONTROLS, changes)
    if wanted.get("limits") is not None and "limits_mode" not in wanted:
        wanted["limits_mode"] = "manual"
    if wanted.get("path", state["path"]) != state["path"]:
        wanted = {"channel": 0, "stokes": 0, "frame": "", **wanted}
    if "compare" in wanted and "compare_mode" not in wanted:
        mode = state["compare_mode"]
        wanted["compare_mode"] = "off" if not wanted["compare"] else "blink" if mode == "off" else mode
    return {name: value for name, value in wanted.items() if value != state[name]}
