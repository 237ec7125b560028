"""What all viewers do alike when something leaves them: a picture small enough for a notebook file, and a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

__all__ = ["THUMBNAIL_BYTES", "call", "fitting", "unusual"]

THUMBNAIL_BYTES = 120_000
"""Bytes that a PNG in a notebook file should have at most."""


def fitting(draw: Callable[[tuple[int, int]], bytes], size: tuple[int, int], scales: Sequence[float]) -> bytes:
    """Draw a picture as large as fits into a notebook file.

    Parameters
    ----------
    draw : callable
        Takes width and height in pixels, gives a PNG.
    size : (int, int)
        The largest size.
    scales : sequence of float
        By which it is made smaller, the largest first.

    Returns
    -------
    bytes
        The first that has at most `THUMBNAIL_BYTES`, else the last.
    """
    data = b""
    for scale in scales:
        data = draw((int(size[0] * scale), int(size[1] * scale)))
        if len(data) <= THUMBNAIL_BYTES:
            break
    return data


def unusual(state: Mapping[str, Any], controls: Mapping[str, Any], without: Collection[str]) -> dict[str, Any]:
    """Give the controls that are not as they are at first.

    Parameters
    ----------
    state : mapping
        All controls.
    controls : mapping
        What they are, with their defaults.
    without : collection of str
        Those to leave out.

    Returns
    -------
    dict
        Values by the names of the controls.
    """
    return {
        name: state[name]
        for name, control in controls.items()
        if name not in without and state[name] != control.default
    }


def call(name: str, first: str, said: Mapping[str, Any]) -> str:
    """Write a call.

    Parameters
    ----------
    name : str
        What is called.
    first : str
        The first argument as code.
    said : mapping
        The others, plain data.

    Returns
    -------
    str
        Python.
    """
    return f"{name}({', '.join([first, *(f'{key}={value!r}' for key, value in said.items())])})"
