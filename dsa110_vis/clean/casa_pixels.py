"""Pixels of CASA images, read from and written to the tables that they are.

An image is a table with one cell, which holds the pixels; its mask is another one. The image tool is slow at both, and
when it closes an image CASA forgets the orientation of the Earth, which the next major cycle has to read again. The
table tool makes float64 of them, for which 25 million pixels take half a second. So pixels are read as they lie in the
file of the storage manager (casacore's TiledStMan: tiles in Fortran order, all of the same size, those at the edges
filled up); the table tool is asked where that is, and sees that all of them are on disk.

CASA's order of axes is x, y, Stokes, channel; that of this package is Stokes, channel, y, x.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["flush", "read", "read_plane", "write"]

COLUMN = "map"
"""With the pixels of an image."""

BYTE_ORDERS = {"little": "<f4", "big": ">f4"}


def read(path: str) -> NDArray[np.float32]:
    """Read all pixels.

    Parameters
    ----------
    path : str
        The image.

    Returns
    -------
    ndarray of float32
        Shape (Stokes, channels, y, x).
    """
    with _flushed(path) as table:
        columns, rows, planes, channels = _shape(table, COLUMN)
        pixels = np.empty((planes, channels, rows, columns), np.float32)
        for stokes, channel in np.ndindex(planes, channels):
            pixels[stokes, channel] = _pixels(path, table, stokes, channel)
    return pixels


def read_plane(path: str, stokes: int, channel: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Read one plane, and which of its pixels are not blank.

    Parameters
    ----------
    path : str
        The image.
    stokes, channel : int
        Which plane, from 0.

    Returns
    -------
    pixels : ndarray of float32
        Shape (y, x).
    good : ndarray of bool
        Whether a pixel is finite and inside the limit of the primary beam.
    """
    with _flushed(path) as table:
        pixels = np.ascontiguousarray(_pixels(path, table, stokes, channel), np.float32)
        mask = table.getkeyword("Image_defaultmask") if "Image_defaultmask" in table.keywordnames() else ""
    good = np.isfinite(pixels)
    if mask:
        with _flushed(f"{path}/{mask}") as table:
            good &= _slice(table, table.colnames()[0], stokes, channel)
    return pixels, good


def write(path: str, pixels: NDArray[Any]) -> None:
    """Write all pixels, and see that they are on disk.

    Parameters
    ----------
    path : str
        The image.
    pixels : ndarray
        Shape (Stokes, channels, y, x); becomes float32.
    """
    with _flushed(path) as table:
        table.putcell(COLUMN, 0, np.asarray(pixels, np.float32).transpose(3, 2, 0, 1))
        table.flush()


def flush(path: str) -> None:
    """See that what was written to an image is on disk, for those who read it from another process.

    Parameters
    ----------
    path : str
        The image.
    """
    with _flushed(path):
        pass


@contextmanager
def _flushed(path: str) -> Iterator[Any]:
    from casatools import table as table_tool  # noqa: PLC0415  see casa_start

    if not Path(path).is_dir():
        raise FileNotFoundError(path)
    table = table_tool()
    table.open(path, nomodify=False)
    try:
        table.flush()
        yield table
    finally:
        table.close()


def _shape(table: Any, column: str) -> tuple[int, ...]:
    return tuple(json.loads(table.getcolshapestring(column)[0]))


def _slice(table: Any, column: str, stokes: int, channel: int) -> NDArray[Any]:
    """Have CASA read a plane, shape (y, x)."""
    columns, rows, _, _ = _shape(table, column)
    plane = table.getcellslice(column, 0, [0, 0, stokes, channel], [columns - 1, rows - 1, stokes, channel])
    turned: NDArray[Any] = plane[:, :, 0, 0].T
    return turned


def _pixels(path: str, table: Any, stokes: int, channel: int) -> NDArray[Any]:
    """Read a plane from the file, shape (y, x)."""
    (manager,) = (one for one in table.getdminfo().values() if COLUMN in one["COLUMNS"])
    if manager["TYPE"] != "TiledCellStMan":  # of an old image, or one that was not made by CASA
        return _slice(table, COLUMN, stokes, channel)
    columns, rows, planes, channels = _shape(table, COLUMN)
    wide, high, thick, deep = (int(size) for size in manager["SPEC"]["HYPERCUBES"]["*1"]["TileShape"])
    tiles = -(-channels // deep), -(-planes // thick), -(-rows // high), -(-columns // wide)
    file = np.memmap(
        Path(path) / f"table.f{manager['SEQNR']}_TSM0",
        BYTE_ORDERS[table.endianformat()],
        mode="r",
        shape=(*tiles, deep, thick, high, wide),
    )
    plane = file[channel // deep, stokes // thick, :, :, channel % deep, stokes % thick]
    return plane.transpose(0, 2, 1, 3).reshape(tiles[2] * high, tiles[3] * wide)[:rows, :columns]
