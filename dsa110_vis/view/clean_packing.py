"""Masks and tables on their way between a session's kernel and its owner: packed, and in parts that a message takes."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.view.protocol import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt
    import pandas as pd

    from dsa110_vis.clean.engine import Masks

__all__ = ["MASK_AXES", "Gathering", "columns_of", "pack_columns", "pack_masks", "parts_of", "unpack_masks"]

MASK_AXES = 4
"""Stokes, channels, y, x."""
SLACK = 1024
"""Bytes by which data can get longer when they are compressed, besides a thousandth."""


def pack_masks(masks: Masks) -> tuple[list[list[int]], bytes]:
    """Pack masks as bits, and compress these.

    Parameters
    ----------
    masks : list of ndarray of bool
        One a field, shape (Stokes, channels, y, x).

    Returns
    -------
    shapes : list of list of int
        The shape of each.
    data : bytes
        A zlib stream of the bits of all, the first pixel in the highest bit; each mask begins with a byte of its own.
    """
    bits = b"".join(np.packbits(np.ascontiguousarray(mask)).tobytes() for mask in masks)
    return [list(mask.shape) for mask in masks], zlib.compress(bits, 1)


def unpack_masks(shapes: Sequence[Sequence[int]], data: bytes) -> Masks:
    """Undo `pack_masks`.

    Parameters
    ----------
    shapes : sequence of sequence of int
        The shape of each mask; these decide how much is unpacked.
    data : bytes
        What `pack_masks` gave.

    Returns
    -------
    list of ndarray of bool
        The masks.

    Raises
    ------
    RequestError
        If the data are damaged, or do not fit the shapes.
    """
    sizes = [int(np.prod(shape)) for shape in shapes]
    expected = sum(_packed(size) for size in sizes)
    unpacking = zlib.decompressobj()
    try:
        bits = unpacking.decompress(data, expected + 1)
    except zlib.error as error:
        message = f"The mask cannot be unpacked: {error}."
        raise RequestError(message, "Send it again.") from None
    if len(bits) != expected or not unpacking.eof:
        message = f"The mask unpacks to another number of bytes than the {expected} of its pixels."
        raise RequestError(message, "Send one bit for each pixel of each field.")
    masks, at = [], 0
    for shape, size in zip(shapes, sizes, strict=True):
        part = np.frombuffer(bits, dtype=np.uint8, count=_packed(size), offset=at)
        masks.append(np.unpackbits(part, count=size).reshape(shape).view(np.bool_))
        at += _packed(size)
    return masks


def _packed(pixels: int) -> int:
    return -(-pixels // 8)


def parts_of(data: bytes, size: int) -> Iterator[bytes]:
    """Cut data into parts.

    Parameters
    ----------
    data : bytes
        The data.
    size : int
        Most bytes of a part.

    Yields
    ------
    bytes
        The parts in order; at least one.
    """
    for start in range(0, max(len(data), 1), size):
        yield data[start : start + size]


class Gathering:
    """Gathers a mask that comes in parts; a part with another token begins anew."""

    def __init__(self) -> None:
        self._token = ""
        self._parts: list[bytes] = []

    def take(self, token: str, part: int, parts: int, data: bytes, shapes: Sequence[Sequence[int]]) -> bytes | None:
        """Take a part.

        Parameters
        ----------
        token : str
            The same for all parts of a mask.
        part, parts : int
            Which one of how many.
        data : bytes
            The part.
        shapes : sequence of sequence of int
            Of the masks: these bound what is kept.

        Returns
        -------
        bytes or None
            The whole, with the last part.

        Raises
        ------
        RequestError
            If it is not the part that comes next, or there is more than the masks can need.
        """
        if part == 0:
            self._token, self._parts = token, []
        if token != self._token or part != len(self._parts) or not part < parts:
            self._parts = []
            message = f"Part {part} of {parts} of a mask does not follow what came before."
            raise RequestError(message, "Send all parts in order, with one token.")
        self._parts.append(data)
        most = sum(_packed(int(np.prod(shape))) for shape in shapes)
        if sum(map(len, self._parts)) > most + most // 1000 + SLACK:
            self._parts = []
            message = "The mask is longer than the bits of all its pixels."
            raise RequestError(message, "Send one bit for each pixel of each field, compressed.")
        if part + 1 < parts:
            return None
        whole, self._parts = b"".join(self._parts), []
        return whole


def pack_columns(frame: pd.DataFrame, start: int, most_bytes: int) -> tuple[dict[str, Any], list[bytes]]:
    """Pack rows of a table: numbers as binary columns, all else as JSON.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    start : int
        The first row.
    most_bytes : int
        Most bytes of all columns together.

    Returns
    -------
    result : dict
        ``rows`` of the whole table, ``start``, ``count``, and ``columns``: each with ``name``, ``type`` ("float64",
        "int64", "bool" or "json") and, for the last, ``values``.
    buffers : list of bytes
        A column each, little-endian, of those that are not JSON.
    """
    count = max(min(len(frame) - start, most_bytes // max(8 * len(frame.columns), 1)), 0)
    columns: list[dict[str, Any]] = []
    buffers: list[bytes] = []
    for name in frame.columns:
        values = frame[name].iloc[start : start + count].to_numpy()
        kind = {"f": "float64", "i": "int64", "u": "int64", "b": "bool"}.get(values.dtype.kind, "json")
        if kind == "json":
            columns.append({"name": str(name), "type": kind, "values": [_said(value) for value in values]})
        else:
            columns.append({"name": str(name), "type": kind})
            buffers.append(values.astype(np.dtype(kind).newbyteorder("<")).tobytes())
    return {"rows": len(frame), "start": start, "count": count, "columns": columns}, buffers


def _said(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def columns_of(result: dict[str, Any], buffers: Sequence[Any]) -> dict[str, npt.NDArray[Any]]:
    """Undo `pack_columns`.

    Parameters
    ----------
    result : dict
        Its JSON part.
    buffers : sequence of bytes-like
        Its binary part.

    Returns
    -------
    dict
        Columns by name.
    """
    binary = iter(buffers)
    columns: dict[str, npt.NDArray[Any]] = {}
    for column in result["columns"]:
        if column["type"] == "json":
            values = np.empty(len(column["values"]), dtype=object)
            values[:] = column["values"]
        else:
            kind = np.dtype(column["type"])
            values = np.frombuffer(next(binary), dtype=kind.newbyteorder("<")).astype(kind)
        columns[column["name"]] = values
    return columns
