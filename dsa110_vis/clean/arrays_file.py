"""Models and masks as bytes, exactly: only what is not zero, compressed.

The bytes are a NumPy ``.npz`` file without pickled objects, so that they can be read without this package. Of each
array it holds the shape, one packed bit a pixel, and of a model the values of the pixels whose bit is set.
"""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["pack_masks", "pack_models", "unpack_masks", "unpack_models"]

PART = 1 << 20
"""Pixels worked on at a time, which fit a cache; a multiple of 8, so that each part begins with a new byte."""
EFFORT = 1
"""Level of compression: bits that are nearly all zero get small at any."""


def pack_models(models: Sequence[NDArray[np.float32]]) -> bytes:
    """Pack models.

    Parameters
    ----------
    models : sequence of ndarray of float32
        Of any shapes. What is kept is every bit: minus zero and NaN, too.

    Returns
    -------
    bytes
        For `unpack_models`.
    """
    found: dict[str, NDArray[Any]] = {}
    for number, model in enumerate(models):
        pixels = np.ascontiguousarray(model, dtype=np.float32).reshape(-1)
        where, values = [], []
        for start in range(0, pixels.size, PART):
            part = pixels[start : start + PART]
            bits = part.view(np.uint32) != 0
            where.append(np.packbits(bits))
            values.append(part[bits])
        found[f"shape_{number}"] = np.array(np.shape(model), dtype=np.int64)
        found[f"where_{number}"] = np.concatenate(where or [np.empty(0, dtype=np.uint8)])
        found[f"values_{number}"] = np.concatenate(values or [np.empty(0, dtype=np.float32)])
    return _written(found)


def unpack_models(content: bytes) -> list[NDArray[np.float32]]:
    """Unpack models.

    Parameters
    ----------
    content : bytes
        From `pack_models`.

    Returns
    -------
    list of ndarray of float32
        As they were.
    """
    found = []
    with np.load(io.BytesIO(content), allow_pickle=False) as kept:
        for number in range(len(kept.files) // 3):
            model = np.zeros(tuple(kept[f"shape_{number}"].tolist()), dtype=np.float32)
            pixels, where, values = model.reshape(-1), kept[f"where_{number}"], kept[f"values_{number}"]
            used = 0
            for start in range(0, pixels.size, PART):
                part = pixels[start : start + PART]
                bits = np.unpackbits(where[start // 8 : (start + PART) // 8], count=part.size).view(np.bool_)
                count = int(np.count_nonzero(bits))
                part[bits] = values[used : used + count]
                used += count
            found.append(model)
    return found


def pack_masks(masks: Sequence[NDArray[np.bool_]]) -> bytes:
    """Pack masks.

    Parameters
    ----------
    masks : sequence of ndarray of bool
        Of any shapes.

    Returns
    -------
    bytes
        For `unpack_masks`.
    """
    found: dict[str, NDArray[Any]] = {}
    for number, mask in enumerate(masks):
        found[f"shape_{number}"] = np.array(np.shape(mask), dtype=np.int64)
        found[f"where_{number}"] = np.packbits(np.asarray(mask, dtype=np.bool_))
    return _written(found)


def unpack_masks(content: bytes) -> list[NDArray[np.bool_]]:
    """Unpack masks.

    Parameters
    ----------
    content : bytes
        From `pack_masks`.

    Returns
    -------
    list of ndarray of bool
        As they were.
    """
    found = []
    with np.load(io.BytesIO(content), allow_pickle=False) as kept:
        for number in range(len(kept.files) // 2):
            shape = tuple(kept[f"shape_{number}"].tolist())
            size = int(np.prod(shape, dtype=np.int64))
            found.append(np.unpackbits(kept[f"where_{number}"], count=size).view(np.bool_).reshape(shape))
    return found


def _written(found: dict[str, NDArray[Any]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, values in found.items():
            file = io.BytesIO()
            np.lib.format.write_array(file, values, allow_pickle=False)
            # without the time, so that the same arrays are the same bytes
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), file.getbuffer(), zipfile.ZIP_DEFLATED, EFFORT)
    return out.getvalue()
