"""What can be done to the mask of a plane: each gives the plane as it will be, and leaves it as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.errors import OptionError

if TYPE_CHECKING:
    import numpy.typing as npt

    Bits = npt.NDArray[np.bool_]

__all__ = ["MODES", "above", "combined", "drop_islands", "grow", "shrink", "touching"]

MODES = ("add", "subtract", "intersect")
"""How pixels are put together with a mask."""
EIGHT = np.ones((3, 3), dtype=np.bool_)
MOST_GROWTH = 512
FAR = np.int32(1 << 14)
"""A distance beyond any growth."""
SLAB = 1 << 17
"""Pixels that are worked on at a time, so that they stay in the processor's cache."""


def combined(before: Bits, pixels: Bits, mode: str) -> Bits:
    """Put pixels together with a mask.

    Parameters
    ----------
    before, pixels : ndarray of bool
        The mask and the pixels.
    mode : str
        One of `MODES`.

    Returns
    -------
    ndarray of bool
        The mask after it.

    Raises
    ------
    OptionError
        If there is no such mode.
    """
    if mode == "add":
        return before | pixels
    if mode == "subtract":
        return before & ~pixels
    if mode == "intersect":
        return before & pixels
    message = f"mode cannot be {mode!r}."
    raise OptionError(message, f"Allowed: {', '.join(MODES)}.")


def grow(bits: Bits, pixels: float) -> Bits:
    """Add all pixels within a distance.

    Parameters
    ----------
    bits : ndarray of bool, shape (ny, nx)
        A mask.
    pixels : float
        The distance, between centres of pixels.

    Returns
    -------
    ndarray of bool
        The mask after it.

    Raises
    ------
    OptionError
        If the distance is below 1, or very large.
    """
    _check(pixels)
    found, part = np.array(bits), _part_of(bits, int(pixels))
    found[part] = _within(bits[part], pixels)
    return found


def shrink(bits: Bits, pixels: float) -> Bits:
    """Take away all pixels within a distance of what is outside; the edge of the image is not outside.

    Parameters
    ----------
    bits : ndarray of bool, shape (ny, nx)
        A mask.
    pixels : float
        The distance, between centres of pixels.

    Returns
    -------
    ndarray of bool
        The mask after it.

    Raises
    ------
    OptionError
        If the distance is below 1, or very large.
    """
    _check(pixels)
    found, part = np.array(bits), _part_of(bits, int(pixels))
    found[part] = ~_within(~bits[part], pixels)
    return found


def _check(pixels: float) -> None:
    if not 1 <= pixels <= MOST_GROWTH:
        message = f"pixels cannot be {pixels}."
        raise OptionError(message, f"It must be a number from 1 to {MOST_GROWTH}.")


def _part_of(bits: Bits, margin: int = 0) -> tuple[slice, slice]:
    """Give the smallest part of a plane that holds all that is set, and a margin."""
    rows, columns = np.flatnonzero(bits.any(axis=1)), np.flatnonzero(bits.any(axis=0))
    if rows.size == 0:
        return slice(0), slice(0)
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + margin + 1),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + margin + 1),
    )


def _within(bits: Bits, pixels: float) -> Bits:
    """Find the pixels within a distance of those that are set.

    Each is in the disc around one that is set if, in some row, the nearest is no further along it than the disc is wide
    there. That takes one pass for each row of the disc, and far less memory than distances in the plane.
    """
    found = np.zeros_like(bits)
    height, width = bits.shape
    lines = max(1, SLAB // max(1, width))
    away = np.empty(bits.shape, dtype=np.uint16)
    for start in range(0, height, lines):
        away[start : start + lines] = _along_rows(bits[start : start + lines])
    reach = int(pixels)
    half = np.sqrt(float(pixels) ** 2 - np.arange(reach + 1) ** 2).astype(np.uint16)
    for start in range(0, height, lines):
        for step in range(-reach, reach + 1):
            first, after = max(start, -step), min(start + lines, height, height - step)
            if first < after:
                found[first:after] |= away[first + step : after + step] <= half[abs(step)]
    return found


def _along_rows(bits: Bits) -> npt.NDArray[np.int32]:
    """Give the distance to the nearest that is set in the same row."""
    columns = np.arange(bits.shape[1], dtype=np.int32)
    before = np.maximum.accumulate(np.where(bits, columns, -FAR), axis=1)
    after = np.minimum.accumulate(np.where(bits, columns, bits.shape[1] + FAR)[:, ::-1], axis=1)[:, ::-1]
    return np.minimum(np.minimum(columns - before, after - columns), FAR)


def above(values: npt.NDArray[np.float32], threshold: float) -> Bits:
    """Find pixels that are brighter than a threshold; below a negative one, those that are fainter.

    Parameters
    ----------
    values : ndarray of float32
        The pixels; blank ones are never found.
    threshold : float
        In the image's unit.

    Returns
    -------
    ndarray of bool
        Which they are.
    """
    with np.errstate(invalid="ignore"):
        return values > threshold if threshold >= 0 else values < threshold


def _islands(bits: Bits) -> tuple[npt.NDArray[np.int32], int]:
    from scipy.ndimage import label  # noqa: PLC0415  slow to import

    numbers, count = label(bits, structure=EIGHT)
    return numbers, int(count)


def touching(bits: Bits, x: int, y: int) -> Bits:
    """Keep the island that a pixel is in; pixels touch at sides and corners.

    Parameters
    ----------
    bits : ndarray of bool, shape (ny, nx)
        A mask.
    x, y : int
        The pixel.

    Returns
    -------
    ndarray of bool
        The island; nothing if the pixel is in none.
    """
    found = np.zeros_like(bits)
    if 0 <= y < bits.shape[0] and 0 <= x < bits.shape[1] and bits[y, x]:
        rows, columns = part = _part_of(bits)
        numbers, _ = _islands(bits[part])
        found[part] = numbers == numbers[y - rows.start, x - columns.start]
    return found


def drop_islands(bits: Bits, area: float) -> Bits:
    """Take away islands that are smaller than an area; pixels touch at sides and corners.

    Parameters
    ----------
    bits : ndarray of bool, shape (ny, nx)
        A mask.
    area : float
        Least number of pixels of an island that stays.

    Returns
    -------
    ndarray of bool
        The mask after it.
    """
    found, part = np.zeros_like(bits), _part_of(bits)
    numbers, count = _islands(bits[part])
    kept = np.bincount(numbers.ravel(), minlength=count + 1) >= area
    kept[0] = False
    found[part] = kept[numbers]
    return found
