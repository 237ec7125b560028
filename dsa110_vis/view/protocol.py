"""What goes over the wire: typed access to parameters, replies, and the sizes that are allowed.

A message is a JSON object and a list of binary buffers. Nothing here knows how it travels.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dsa110_vis.errors import Dsa110VisError, SelectionSyntaxError

__all__ = ["DOWN_BYTES", "UP_BYTES", "Params", "Reply", "RequestError", "StaleError", "described", "plain"]

DOWN_BYTES = 4 << 20
"""Most bytes of buffers in one message to the browser."""

UP_BYTES = 8 << 20
"""Most bytes of buffers in one message from the browser; larger ones are refused."""

_NOTHING: Any = object()


class RequestError(Dsa110VisError):
    """A request that the protocol does not allow: unknown operation, wrong parameters, too many at once."""

    code = "bad-request"
    http_status = 400


class StaleError(Dsa110VisError):
    """A request was about a picture that is not shown any more, or not yet."""

    code = "stale"
    http_status = 409


def described(error: Dsa110VisError) -> dict[str, Any]:
    """Describe an error for a viewer.

    Parameters
    ----------
    error : Dsa110VisError
        The error.

    Returns
    -------
    dict
        ``code``, ``message``, ``hint``, and ``key`` if it is about one control: its name, or ``selection.spw``.
    """
    key = getattr(error, "key", "")
    if isinstance(error, SelectionSyntaxError) and error.parameter:
        key = f"selection.{error.parameter}"
    return {**error.describe(), **({"key": key} if key else {})}


@dataclass(frozen=True)
class Reply:
    """An answer with binary buffers.

    Parameters
    ----------
    result : dict or None
        The JSON part.
    buffers : sequence of bytes-like
        The binary part, at most `DOWN_BYTES` in all.
    """

    result: dict[str, Any] | None
    buffers: Sequence[bytes | memoryview] = field(default=())


def plain(value: Any) -> Any:
    """Turn a value into what JSON can carry.

    Parameters
    ----------
    value : object
        Numbers, strings, numpy scalars and arrays, mappings and sequences of these.

    Returns
    -------
    object
        The same with Python's own types; NaN and infinities become None.

    Raises
    ------
    TypeError
        For a type that has no place in a message.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes | bytearray):
        return [plain(item) for item in value]
    message = f"{type(value).__name__} cannot be sent as JSON"
    raise TypeError(message)


class Params:
    """The parameters of a request, each fetched with the type it must have.

    Parameters
    ----------
    values : mapping
        As they came in.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def _get(self, name: str, default: Any) -> Any:
        value = self._values.get(name, default)
        if value is _NOTHING:
            message = f"The parameter {name!r} is missing."
            raise RequestError(message)
        return value

    @staticmethod
    def _wrong(name: str, value: Any, wanted: str) -> RequestError:
        return RequestError(f"The parameter {name!r} is {str(value)[:60]!r}.", f"It must be {wanted}.")

    def given(self, name: str) -> bool:
        """Tell whether a parameter was given and is not null.

        Parameters
        ----------
        name : str
            Which parameter.

        Returns
        -------
        bool
            True if so.
        """
        return self._values.get(name) is not None

    def integer(self, name: str, default: Any = _NOTHING) -> int:
        """Get a whole number.

        Parameters
        ----------
        name : str
            Which parameter.
        default : int, optional
            For when it is not given.

        Returns
        -------
        int
            The number.

        Raises
        ------
        RequestError
            If it is missing or no whole number.
        """
        value = self._get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
            raise self._wrong(name, value, "a whole number")
        return int(value)

    def number(self, name: str, default: Any = _NOTHING) -> float:
        """Get a finite number.

        Parameters
        ----------
        name : str
            Which parameter.
        default : float, optional
            For when it is not given.

        Returns
        -------
        float
            The number.

        Raises
        ------
        RequestError
            If it is missing or no finite number.
        """
        value = self._get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self._wrong(name, value, "a number")
        return float(value)

    def numbers(self, name: str, size: int) -> list[float]:
        """Get a list of finite numbers.

        Parameters
        ----------
        name : str
            Which parameter.
        size : int
            How many there must be.

        Returns
        -------
        list of float
            The numbers; none where it is not given.

        Raises
        ------
        RequestError
            If it is something else.
        """
        value = self._get(name, None)
        if value is None:
            return []
        items: list[Any] = value if isinstance(value, list) and len(value) == size else [None]
        if not all(
            isinstance(item, int | float) and not isinstance(item, bool) and math.isfinite(item) for item in items
        ):
            raise self._wrong(name, value, f"a list of {size} numbers")
        return [float(item) for item in items]

    def texts(self, name: str) -> list[str]:
        """Get a list of strings.

        Parameters
        ----------
        name : str
            Which parameter.

        Returns
        -------
        list of str
            The strings.

        Raises
        ------
        RequestError
            If it is missing or something else.
        """
        value = self._get(name, _NOTHING)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong(name, value, "a list of strings")
        return list(value)

    def mappings(self, name: str) -> list[dict[str, Any]]:
        """Get a list of objects.

        Parameters
        ----------
        name : str
            Which parameter.

        Returns
        -------
        list of dict
            The objects.

        Raises
        ------
        RequestError
            If it is missing or something else.
        """
        value = self._get(name, _NOTHING)
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            raise self._wrong(name, value, "a list of objects")
        return [dict(item) for item in value]

    def text(self, name: str, default: Any = _NOTHING, *, allowed: Sequence[str] = ()) -> str:
        """Get a string.

        Parameters
        ----------
        name : str
            Which parameter.
        default : str, optional
            For when it is not given.
        allowed : sequence of str, optional
            The values it may have.

        Returns
        -------
        str
            The string.

        Raises
        ------
        RequestError
            If it is missing, no string, or not one of `allowed`.
        """
        value = self._get(name, default)
        if not isinstance(value, str) or (allowed and value not in allowed):
            raise self._wrong(name, value, f"one of {', '.join(allowed)}" if allowed else "a string")
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        """Get an object.

        Parameters
        ----------
        name : str
            Which parameter.

        Returns
        -------
        dict
            The object.

        Raises
        ------
        RequestError
            If it is missing or no object.
        """
        value = self._get(name, _NOTHING)
        if not isinstance(value, Mapping):
            raise self._wrong(name, value, "an object")
        return dict(value)

    def rows(self, name: str, width: int) -> list[tuple[int, ...]]:
        """Get a list of lists of whole numbers.

        Parameters
        ----------
        name : str
            Which parameter; an empty list is taken where it is not given.
        width : int
            How many numbers are in each of the lists.

        Returns
        -------
        list of tuple of int
            The numbers.

        Raises
        ------
        RequestError
            If it has another shape.
        """
        value = self._get(name, [])
        wanted = f"a list of lists of {width} whole numbers"
        if not isinstance(value, list):
            raise self._wrong(name, value, wanted)
        for row in value:
            if not isinstance(row, list | tuple) or len(row) != width:
                raise self._wrong(name, value, wanted)
            if not all(
                isinstance(item, int | float) and not isinstance(item, bool) and item == item // 1 for item in row
            ):
                raise self._wrong(name, value, wanted)
        return [tuple(int(item) for item in row) for row in value]
