"""Messages with buffers as WebSocket frames.

A message alone is a text frame with its JSON. With buffers it is one binary frame: the number of parts and the length
of each (uint32, little-endian), then the parts, the JSON in UTF-8 first. Each part begins at a multiple of 8, so that
numbers of any type can be read in place.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

from dsa110_vis.server.errors import MessageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["MOST_BYTES", "pack", "unpack"]

MOST_BYTES = 8 << 20
"""Largest frame from a browser."""

ALIGNMENT = 8
MOST_PARTS = 1024
_UNREADABLE = "A frame cannot be read: {}."
_HINT = "Reload the page."


def _aligned(offset: int) -> int:
    return -(-offset // ALIGNMENT) * ALIGNMENT


def pack(message: Mapping[str, Any], buffers: Sequence[Any] = ()) -> str | bytes:
    """Make a frame.

    Parameters
    ----------
    message : mapping
        The JSON part, without NaN.
    buffers : sequence of bytes-like
        The binary part.

    Returns
    -------
    str or bytes
        A text frame, or a binary one if there are buffers.
    """
    text = json.dumps(message, allow_nan=False, separators=(",", ":"))
    if not buffers:
        return text
    parts = [text.encode(), *(memoryview(buffer).cast("B") for buffer in buffers)]
    frame = bytearray(struct.pack(f"<{len(parts) + 1}I", len(parts), *map(len, parts)))
    for part in parts:
        frame.extend(b"\0" * (_aligned(len(frame)) - len(frame)))
        frame.extend(part)
    return bytes(frame)


def unpack(frame: str | bytes) -> tuple[dict[str, Any], list[memoryview]]:
    """Read a frame.

    Parameters
    ----------
    frame : str or bytes
        What came in.

    Returns
    -------
    message : dict
        The JSON part.
    buffers : list of memoryview
        The binary part, not copied.

    Raises
    ------
    MessageError
        If it is no such frame.
    """
    if isinstance(frame, str):
        return _message(frame), []
    view = memoryview(frame)
    (count,) = struct.unpack_from("<I", view) if len(view) >= 4 else (0,)
    if not 1 <= count <= MOST_PARTS or len(view) < 4 * (count + 1):
        raise MessageError(_UNREADABLE.format(f"it cannot have {count} parts"), _HINT)
    parts = []
    end = 4 * (count + 1)
    for length in struct.unpack_from(f"<{count}I", view, 4):
        start = _aligned(end)
        end = start + length
        if end > len(view):
            raise MessageError(_UNREADABLE.format("a part leaves it"), _HINT)
        parts.append(view[start:end])
    return _message(bytes(parts[0])), parts[1:]


def _message(text: str | bytes) -> dict[str, Any]:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise MessageError(_UNREADABLE.format("its message is not JSON"), _HINT) from None
    if not isinstance(message, dict):
        raise MessageError(_UNREADABLE.format("its message is no object"), _HINT)
    return message
