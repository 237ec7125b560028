"""What a change of some controls means for the others: presets, clashes of axes, colours that go with a quantity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import OptionError
from dsa110_vis.raster import PRESETS, allowed_aggregators
from dsa110_vis.view.controls import CONTROLS, checked

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["initial", "preset_controls", "settle"]

_COLORMAPS = {"phase": "twilight"}


def initial() -> dict[str, Any]:
    """Give all controls their defaults.

    Returns
    -------
    dict
        Values by the names of the controls.
    """
    return {name: control.default for name, control in CONTROLS.items()}


def preset_controls(name: str) -> dict[str, Any]:
    """Say what a preset sets.

    Parameters
    ----------
    name : str
        One of `dsa110_vis.raster.PRESETS`.

    Returns
    -------
    dict
        Values by the names of the controls.
    """
    return checked({key: value for key, value in PRESETS[name].options().items() if key in CONTROLS})


def settle(state: Mapping[str, Any], changes: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Work out all that changes when some controls are set.

    A clash is an error if the caller asked for both sides of it. Where a change clashes with an older value, the
    older value gives way if there is one obvious way for it, and a notice says so.

    Parameters
    ----------
    state : mapping
        All controls as they are.
    changes : mapping
        The new values.

    Returns
    -------
    changes : dict
        All controls whose value changes.
    notices : list of str
        What was changed besides, and why.

    Raises
    ------
    OptionError
        If a value is not allowed, alone or together with the others.
    """
    asked = checked(changes)
    notices: list[str] = []
    wanted = dict(asked)
    if asked.get("preset"):
        wanted = {**preset_controls(asked["preset"]), **asked}
    new = {**state, **wanted}
    _axes(state, wanted, new, notices)
    _statistic(asked, wanted, new, notices)
    _colours(state, wanted, new)
    if new["iterate"] != state["iterate"] and "iteration" not in wanted:
        new["iteration"] = 0
    if new["path"] != state["path"] and "iteration" not in wanted:
        new["iteration"] = 0
    if "preset" not in asked and new["preset"]:
        same = all(new[key] == value for key, value in preset_controls(new["preset"]).items())
        new["preset"] = new["preset"] if same else None
    return {name: value for name, value in new.items() if value != state[name]}, notices


def _axes(state: Mapping[str, Any], wanted: Mapping[str, Any], new: dict[str, Any], notices: list[str]) -> None:
    for name, other in (("x", "y"), ("y", "x")):
        if new["x"] == new["y"] and name in wanted and other not in wanted:
            if state[name] == new["iterate"]:
                new["iterate"] = None
            new[other] = state[name]
    if new["x"] == new["y"]:
        message = f"x and y are both {new['x']!r}."
        raise OptionError(message, "Choose another axis for one of them.")
    if new["iterate"] is not None and new["iterate"] in (new["x"], new["y"]):
        if "iterate" in wanted:
            message = f"iterate cannot be {new['iterate']!r}, which is already x or y."
            raise OptionError(message, "Choose an axis that is not drawn.")
        notices.append(f"Stepping through {new['iterate']} has ended, because it is an axis of the picture now.")
        new["iterate"] = None


def _statistic(asked: Mapping[str, Any], wanted: Mapping[str, Any], new: dict[str, Any], notices: list[str]) -> None:
    allowed = _allowed(new)
    if new["aggregator"] in allowed:
        return
    if "aggregator" not in asked and set(wanted) & {"quantity", "averaging", "weighted"}:
        notices.append(f"The statistic is the mean now: there is no {new['aggregator']} of what is drawn.")
        new["aggregator"] = "mean"
        return
    for name, value, text in (
        ("averaging", "scalar", "Averaging is scalar now"),
        ("weighted", False, "Weights are not used now"),
    ):
        if name not in asked and new["aggregator"] in _allowed({**new, name: value}):
            notices.append(f"{text}, because there is no {new['aggregator']} otherwise.")
            new[name] = value
            return
    message = f"There is no {new['aggregator']} of {new['quantity']}."
    raise OptionError(message, f"Allowed: {', '.join(allowed)}.")


def _allowed(state: Mapping[str, Any]) -> tuple[str, ...]:
    return allowed_aggregators(state["quantity"], state["averaging"], weighted=state["weighted"])


def _colours(state: Mapping[str, Any], wanted: Mapping[str, Any], new: dict[str, Any]) -> None:
    default = CONTROLS["colormap"].default
    if new["quantity"] != state["quantity"]:
        usual = _COLORMAPS.get(state["quantity"], default)
        if "colormap" not in wanted and state["colormap"] == usual:
            new["colormap"] = _COLORMAPS.get(new["quantity"], default)
        if "limits" not in wanted and "limits_mode" not in wanted and new["limits_mode"] == "manual":
            new["limits_mode"], new["limits"] = "auto", None
    if "limits" in wanted and "limits_mode" not in wanted:
        new["limits_mode"] = "auto" if wanted["limits"] is None else "manual"
    if new["limits_mode"] == "manual" and new["limits"] is None:
        message = "limits_mode 'manual' needs limits."
        raise OptionError(message, "Set limits to two numbers as well.")
