"""One two-dimensional picture, read in parts."""

from __future__ import annotations

import mmap
import warnings
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from dsa110_vis.errors import UnreadableError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from pathlib import Path

    import numpy.typing as npt

__all__ = ["ArrayPlane", "CasaPlane", "PackedPlane", "Plane"]


RELEASE_BYTES = 128 << 20
"""After so many bytes a mapped file is let go of, so that what the system keeps of it is not counted as ours."""
AROUND_BYTES = 64 << 10


def _map_of(values: Any) -> mmap.mmap | None:
    """Find the mapped file under an array, if there is one."""
    while isinstance(values, np.ndarray):
        values = values.base
    return values if isinstance(values, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED") else None


class Plane(Protocol):
    """One picture: float32, NaN where blanked or masked. May be read from any thread."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns: (ny, nx)."""

    @property
    def key(self) -> str:
        """Names the content, for caches."""

    def read(self, x0: int, x1: int, y0: int, y1: int) -> npt.NDArray[np.float32]:
        """Read the pixels of ``x0 <= x < x1`` and ``y0 <= y < y1``: float32 ``[y, x]``, contiguous."""


class ArrayPlane:
    """A plane of an array: in memory, or mapped from a file.

    Parameters
    ----------
    values : ndarray, shape (ny, nx)
        The plane, in any type and byte order.
    key : str
        Names the content.
    scale, zero : float
        Stored values are multiplied by `scale`, then `zero` is added.
    blank : int, optional
        The stored value that stands for no value.
    file_bytes : int
        How long a file has to be that `values` are mapped from.
    """

    def __init__(
        self,
        values: npt.NDArray[Any],
        key: str,
        *,
        scale: float = 1.0,
        zero: float = 0.0,
        blank: int | None = None,
        file_bytes: int = 0,
    ) -> None:
        self._values: npt.NDArray[Any] = values
        self._file_bytes = file_bytes
        self._map = _map_of(values)
        self._read_bytes = 0
        self._scale, self._zero, self._blank = scale, zero, blank
        self.key = key

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        ny, nx = self._values.shape
        return int(ny), int(nx)

    def read(self, x0: int, x1: int, y0: int, y1: int) -> npt.NDArray[np.float32]:
        """Read a part, as every plane."""
        if self._map is not None and self._map.size() < self._file_bytes:
            # to touch what is not there any more would end the process
            message = "The file of the image has become shorter since it was opened."
            raise UnreadableError(message, "It is being written anew: wait until that is done.")
        stored = self._values[y0:y1, x0:x1]
        part = _scaled(stored, self._scale, self._zero, self._blank)
        # the system maps the surroundings of what is touched, for each row
        self._read_bytes += stored.shape[0] * max(stored.shape[1] * stored.itemsize, AROUND_BYTES)
        if self._map is not None and self._read_bytes > RELEASE_BYTES:
            self._read_bytes = 0
            self._map.madvise(mmap.MADV_DONTNEED)
        return part


def _scaled(stored: npt.NDArray[Any], scale: float, zero: float, blank: int | None) -> npt.NDArray[np.float32]:
    if scale == 1.0 and zero == 0.0 and blank is None:
        return np.array(stored, dtype=np.float32, order="C")
    exact: Any = np.float64 if stored.dtype.itemsize > 2 else np.float32
    found: Any = np.array(stored, dtype=exact, order="C")
    found *= scale
    found += zero
    part: npt.NDArray[np.float32] = found.astype(np.float32, copy=False)
    if blank is not None:
        part[stored == blank] = np.nan
    return part


class PackedPlane:
    """A plane of a compressed extension of a FITS file, of which only the parts that are read are unpacked.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    index : int
        Number of the extension.
    where : tuple of int and slice
        Index of the plane in the extension's array; its two slices are the plane's axes.
    shape : (int, int)
        Rows and columns.
    key : str
        Names the content.
    turned : bool
        Whether x is the slower of the two axes.
    scale, zero, blank
        As for `ArrayPlane`.
    """

    def __init__(
        self,
        path: Path,
        index: int,
        where: tuple[Any, ...],
        shape: tuple[int, int],
        key: str,
        *,
        turned: bool,
        scale: float,
        zero: float,
        blank: int | None,
    ) -> None:
        self._path, self._index, self._where = path, index, where
        self.shape, self.key, self._turned = shape, key, turned
        self._scale, self._zero, self._blank = scale, zero, blank

    def read(self, x0: int, x1: int, y0: int, y1: int) -> npt.NDArray[np.float32]:
        """Read a part, as every plane."""
        from astropy.io import fits  # noqa: PLC0415  slow to import

        parts = iter([slice(x0, x1), slice(y0, y1)] if self._turned else [slice(y0, y1), slice(x0, x1)])
        where = tuple(next(parts) if isinstance(at, slice) else at for at in self._where)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                with self._path.open("rb") as file, fits.open(file, do_not_scale_image_data=True) as opened:
                    values = np.asarray(opened[self._index].section[where])
            except (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
                said = (str(error).strip().splitlines() or [repr(error)])[0].rstrip(".")
                message = f"{self._path.name} cannot be unpacked: {said}."
                raise UnreadableError(message, "Check that the file is complete: copy or make it again.") from None
        return _scaled(values.T if self._turned else values, self._scale, self._zero, self._blank)


class CasaPlane:
    """A plane of a CASA image.

    Parameters
    ----------
    read : callable
        Takes ``x0, x1, y0, y1``; gives the values ``[y, x]`` and which of them are good, or None if all are.
    shape : (int, int)
        Rows and columns.
    key : str
        Names the content.
    lock : threading.Lock
        Held while casacore is asked.
    """

    def __init__(
        self,
        read: Callable[[int, int, int, int], tuple[npt.NDArray[Any], npt.NDArray[np.bool_] | None]],
        shape: tuple[int, int],
        key: str,
        lock: threading.Lock,
    ) -> None:
        self._read, self.shape, self.key, self._lock = read, shape, key, lock

    def read(self, x0: int, x1: int, y0: int, y1: int) -> npt.NDArray[np.float32]:
        """Read a part, as every plane."""
        with self._lock:
            values, good = self._read(x0, x1, y0, y1)
        part = np.array(values, dtype=np.float32, order="C")
        if good is not None:
            part[~good] = np.nan
        return part
