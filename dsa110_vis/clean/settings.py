"""Parameters as words of a command line: ``imsize=512``, ``scales=0,5,15``, ``pbcor=true``."""

from __future__ import annotations

import types
import typing
from typing import TYPE_CHECKING, Any

from dsa110_vis.clean.parameters import Parameters
from dsa110_vis.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["settings"]


def settings(words: Sequence[str]) -> dict[str, Any]:
    """Read ``key=value`` words, each value as the type that its parameter has.

    A parameter that takes a list takes words with commas between them, in square brackets where it takes a single
    string as well: ``vis=[a.ms,b.ms]``.

    Parameters
    ----------
    words : sequence of str
        The words; a later one overrides an earlier one.

    Returns
    -------
    dict
        Values by name, for `Parameters.changed`, which checks them. An unknown name keeps its text.

    Raises
    ------
    OptionError
        For a word that is no ``key=value``.
    """
    found: dict[str, Any] = {}
    for word in words:
        key, separator, text = word.partition("=")
        if not separator or not key.strip():
            message = f"--set takes key=value, not {word!r}."
            raise OptionError(message, "For example --set imsize=512 --set scales=0,5,15.")
        found[key.strip()] = _value(key.strip(), text.strip())
    return found


def _value(key: str, text: str) -> Any:
    known = Parameters.model_fields.get(key)
    if known is None:
        return text
    kinds = _kinds(known.annotation)
    if list in kinds and (str not in kinds or (text.startswith("[") and text.endswith("]"))):
        parts = [part.strip().strip("'\"") for part in text.removeprefix("[").removesuffix("]").split(",")]
        numbers = _item_kinds(known.annotation) & {int, float}
        return [_number(part) if numbers else part for part in parts if part]
    # a single word is left to pydantic, but for one that may stay a word
    return _number(text) if str in kinds and kinds & {int, float} else text


def _number(text: str) -> int | float | str:
    """Take a number for what it is; anything else is text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _kinds(annotation: Any) -> set[Any]:
    """Name the outermost types that an annotation allows."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _kinds(typing.get_args(annotation)[0])
    if origin in {typing.Union, types.UnionType}:
        return set().union(*map(_kinds, typing.get_args(annotation)))
    if origin is typing.Literal:
        return {type(value) for value in typing.get_args(annotation)}
    return {origin or annotation}


def _item_kinds(annotation: Any) -> set[Any]:
    """Name the types of what is in the lists that an annotation allows."""
    if typing.get_origin(annotation) is list:
        return set().union(*map(_kinds, typing.get_args(annotation)))
    return set().union(*map(_item_kinds, typing.get_args(annotation)))
