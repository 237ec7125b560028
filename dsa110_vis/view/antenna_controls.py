"""The controls of the array viewer: names, defaults, and what each may be, as far as that is known without a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsa110_vis.errors import OptionError
from dsa110_vis.layout.style import COLOR_BY, FLAGS_OF, LABELS, SCALES, TABS, UV_COLORS, ZOOMS
from dsa110_vis.raster.style import COLORMAPS
from dsa110_vis.view.checks import Control, boolean, check_all, number, one_of, path, shown, title

__all__ = ["ANTENNA_CONTROLS", "choices", "initial", "settle"]


def _antennas(name: str, value: Any) -> list[int]:
    items = [] if value is None else value
    wanted = "It must be a list of antenna numbers, counted from 0."
    if isinstance(items, str | Mapping) or not hasattr(items, "__iter__"):
        message = f"{name} cannot be {shown(value)}."
        raise OptionError(message, wanted)
    kept = []
    for item in items:
        found = number(item)
        if found is None or found != int(found) or found < 0:
            message = f"{name} cannot have {shown(item)} in it."
            raise OptionError(message, wanted)
        kept.append(int(found))
    return list(dict.fromkeys(kept))


def _thresholds(name: str, value: Any) -> list[float]:
    pair = [] if isinstance(value, str | Mapping) or not hasattr(value, "__iter__") else [number(one) for one in value]
    low, high = pair if len(pair) == 2 else (None, None)
    if low is None or high is None or not 0.0 <= low < high <= 1.0:
        message = f"{name} cannot be {shown(value)}."
        raise OptionError(message, "It must be two numbers from 0 to 1, the lower one first.")
    return [low, high]


ANTENNA_CONTROLS: dict[str, Control] = {
    "path": Control("", path, picture=True, help="The Measurement Set or calibration table on disk."),
    "selected": Control([], _antennas, picture=False, help="Numbers of the antennas that are picked, in that order."),
    "color_by": Control("class", one_of(COLOR_BY), picture=False, help="Three classes, or a colour map."),
    "flags_of": Control("cross", one_of(FLAGS_OF), picture=False, help="Flags without or with autocorrelations."),
    "thresholds": Control([0.2, 0.5], _thresholds, picture=False, help="Flagged shares at which the class changes."),
    "colormap": Control("cividis", one_of(COLORMAPS), picture=False, help="Colours of the flagged share."),
    "labels": Control("name", one_of(LABELS), picture=False, help="What stands beside the antennas."),
    "scale": Control("linear", one_of(SCALES), picture=False, help="Distances from the array's centre."),
    "zoom": Control("all", one_of(ZOOMS), picture=False, help="Which part of the array is in view."),
    "exclude": Control([], _antennas, picture=False, help="Numbers of the antennas that are not drawn."),
    "only_with_data": Control(default=False, check=boolean, picture=False, help="Whether only these are drawn."),
    "tab": Control("map", one_of(TABS), picture=False, help="The map, the uv coverage or the baseline lengths."),
    "uv_color": Control("baseline", one_of(UV_COLORS), picture=False, help="What colours the uv coverage."),
    "title": Control(None, title, picture=False, help="Title; None makes one, an empty string has none."),
}
"""All controls of the array viewer by name."""


def initial() -> dict[str, Any]:
    """Give all controls their defaults.

    Returns
    -------
    dict
        Values by the names of the controls.
    """
    return {name: list(c.default) if isinstance(c.default, list) else c.default for name, c in ANTENNA_CONTROLS.items()}


def choices() -> dict[str, Any]:
    """Give what the controls may be.

    Returns
    -------
    dict
        Lists by what they are of.
    """
    return {
        "colormaps": list(COLORMAPS),
        "color_by": list(COLOR_BY),
        "flags_of": list(FLAGS_OF),
        "labels": list(LABELS),
        "scales": list(SCALES),
        "zooms": list(ZOOMS),
        "tabs": list(TABS),
        "uv_colors": list(UV_COLORS),
    }


def settle(state: Mapping[str, Any], changes: Mapping[str, Any], n_antennas: int | None = None) -> dict[str, Any]:
    """Work out all that changes when some controls are set.

    Parameters
    ----------
    state : mapping
        All controls as they are.
    changes : mapping
        The new values.
    n_antennas : int, optional
        How many antennas there are, if that is known.

    Returns
    -------
    dict
        All controls whose value changes. Another file has other antennas: none of them is picked or excluded.

    Raises
    ------
    OptionError
        If a value is not allowed.
    """
    wanted = check_all(ANTENNA_CONTROLS, changes)
    if wanted.get("path", state["path"]) != state["path"]:
        wanted = {"selected": [], "exclude": [], **wanted}
    elif n_antennas is not None:
        for name in ("selected", "exclude"):
            beyond = [item for item in wanted.get(name, []) if item >= n_antennas]
            if beyond:
                message = f"{name} cannot have {beyond[0]} in it."
                raise OptionError(message, f"There are {n_antennas} antennas, counted from 0.")
    return {name: value for name, value in wanted.items() if value != state[name]}
