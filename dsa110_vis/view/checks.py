"""What controls are, and checks that many of them share."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import OptionError
from dsa110_vis.paths import absolute_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = [
    "Control",
    "ControlError",
    "boolean",
    "check_all",
    "near",
    "number",
    "one_of",
    "path",
    "shown",
    "text",
    "title",
    "whole",
]


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


def shown(value: Any) -> str:
    """Write a value for a message.

    Parameters
    ----------
    value : object
        The value.

    Returns
    -------
    str
        At most 80 characters.
    """
    written = repr(value)
    return written if len(written) <= 80 else written[:77] + "..."


def near(value: Any, allowed: Iterable[str]) -> str:
    """Say what is allowed, and what was perhaps meant.

    Parameters
    ----------
    value : object
        What was given.
    allowed : iterable of str
        What is allowed.

    Returns
    -------
    str
        For a hint.
    """
    names = list(allowed)
    near = difflib.get_close_matches(str(value), names, n=1)
    return (f"Did you mean {near[0]!r}? " if near else "") + f"Allowed: {', '.join(names)}."


def one_of(allowed: Sequence[str], *, optional: bool = False) -> Callable[[str, Any], Any]:
    """Make a check that a value is one of several.

    Parameters
    ----------
    allowed : sequence of str
        The values.
    optional : bool
        Whether it may be None too.

    Returns
    -------
    callable
        As in `Control`.
    """

    def check(name: str, value: Any) -> Any:
        if optional and value in (None, ""):
            return None
        if not isinstance(value, str) or value not in allowed:
            message = f"{name} cannot be {shown(value)}."
            raise OptionError(message, near(value, allowed))
        return value

    return check


def boolean(name: str, value: Any) -> bool:
    """Check that a value is True or False.

    Parameters
    ----------
    name : str
        The control.
    value : object
        Its value.

    Returns
    -------
    bool
        The value as it is kept.

    Raises
    ------
    OptionError
        If it is not.
    """
    if not isinstance(value, bool):
        message = f"{name} cannot be {shown(value)}."
        raise OptionError(message, "Allowed: True, False.")
    return value


def text(*, optional: bool) -> Callable[[str, Any], Any]:
    """Make a check that a value is a string.

    Parameters
    ----------
    optional : bool
        Whether it may be None too.

    Returns
    -------
    callable
        As in `Control`.
    """

    def check(name: str, value: Any) -> Any:
        if optional and value in (None, ""):
            return None
        if not isinstance(value, str):
            message = f"{name} cannot be {shown(value)}."
            raise OptionError(message, "It must be a string" + (" or None." if optional else "."))
        return value

    return check


def title(name: str, value: Any) -> str | None:
    """Check that a value is a title.

    Parameters
    ----------
    name : str
        The control.
    value : object
        Its value.

    Returns
    -------
    str or None
        The value as it is kept.

    Raises
    ------
    OptionError
        If it is not.
    """
    if value is not None and not isinstance(value, str):
        message = f"{name} cannot be {shown(value)}."
        raise OptionError(message, "It must be a string, or None for an automatic one.")
    return value


def path(name: str, value: Any) -> str:
    """Check that a value is a path.

    Parameters
    ----------
    name : str
        The control.
    value : object
        Its value.

    Returns
    -------
    str
        The value as it is kept.

    Raises
    ------
    OptionError
        If it is not.
    """
    if value is None:
        return ""
    if hasattr(value, "__fspath__"):
        value = value.__fspath__()
    if not isinstance(value, str):
        message = f"{name} cannot be {shown(value)}."
        raise OptionError(message, "It must be the path of a Measurement Set.")
    return str(absolute_path(value)) if value else ""


def number(value: Any) -> float | None:
    """Take a value as a number.

    Parameters
    ----------
    value : object
        The value.

    Returns
    -------
    float or None
        None if it is no finite number.
    """
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        return None
    found = float(value)
    return found if math.isfinite(found) else None


def whole(name: str, value: Any) -> int:
    """Check that a value is a whole number from 0.

    Parameters
    ----------
    name : str
        The control.
    value : object
        Its value.

    Returns
    -------
    int
        The value as it is kept.

    Raises
    ------
    OptionError
        If it is not.
    """
    found = number(value)
    if found is None or found != int(found) or found < 0:
        message = f"{name} cannot be {shown(value)}."
        raise OptionError(message, "It must be a whole number, from 0.")
    return int(found)


def check_all(controls: Mapping[str, Control], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Check new values of controls, as far as that is possible without the file.

    Parameters
    ----------
    controls : mapping
        All controls by name.
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
        control = controls.get(name)
        if control is None:
            message = f"There is no control {shown(name)}."
            raise OptionError(message, near(name, controls))
        try:
            kept[name] = control.check(name, value)
        except OptionError as error:
            raise ControlError(error.message, error.hint, key=name) from None
    return kept
