"""Coarse pictures of large images on disk, so that the next look at one is quick."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import tempfile
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import platformdirs

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["TileCache"]

LIMIT_BYTES = 2 << 30
CHECKSUM_BYTES = 4
LEFT_OVER = 3600.0
"""Seconds after which a file that is being written belongs to a process that was killed."""


class TileCache:
    """Arrays on disk by key, the least recently used thrown away first. Several processes may use it at once.

    Parameters
    ----------
    folder : path, optional
        Where; the user's cache folder by default.
    limit_bytes : int
        How much it may hold.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._folder = Path(folder) if folder is not None else Path(platformdirs.user_cache_dir("dsa110_vis")) / "tiles"
        self._limit = limit_bytes

    def _path(self, key: str) -> Path:
        return self._folder / f"{hashlib.blake2b(key.encode(), digest_size=20).hexdigest()}.tiles"

    def get(self, key: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32] | None:
        """Give an array.

        Parameters
        ----------
        key : str
            Its key.
        shape : tuple of int
            Its shape, as it has to be.

        Returns
        -------
        ndarray of float32 or None
            None if it is not there; what is damaged is thrown away.
        """
        path = self._path(key)
        try:
            found = _unpacked(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError, EOFError):
            found = None
        if found is None or found.shape != shape or found.dtype != np.float32:
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return found

    def put(self, key: str, values: npt.NDArray[np.float32]) -> None:
        """Keep an array; where the disk is full or not to be written to, nothing is kept.

        Parameters
        ----------
        key : str
            Its key.
        values : ndarray of float32
            The array.
        """
        if values.nbytes > self._limit:
            return
        part = ""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(dir=self._folder, suffix=".part")
            with os.fdopen(handle, "wb") as file:
                file.write(_packed(values))
            Path(part).replace(self._path(key))
            self._trim()
        except OSError:
            with contextlib.suppress(OSError):
                Path(part).unlink()

    def _trim(self) -> None:
        found = []
        for path in self._folder.iterdir():
            with contextlib.suppress(OSError):
                status = path.stat()
                if path.suffix == ".tiles":
                    found.append((status.st_mtime_ns, status.st_size, path))
                elif path.suffix == ".part" and time.time() - status.st_mtime > LEFT_OVER:
                    path.unlink()
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total <= self._limit:
                return
            with contextlib.suppress(OSError):
                path.unlink()
            total -= size


def _packed(values: npt.NDArray[np.float32]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=False)
    return buffer.getvalue() + zlib.crc32(buffer.getbuffer()).to_bytes(CHECKSUM_BYTES, "little")


def _unpacked(stored: bytes) -> npt.NDArray[Any]:
    """Read an array, if the file is whole; else ValueError."""
    body = memoryview(stored)[:-CHECKSUM_BYTES]
    if zlib.crc32(body).to_bytes(CHECKSUM_BYTES, "little") != stored[-CHECKSUM_BYTES:]:
        message = "the checksum is another"
        raise ValueError(message)
    found: npt.NDArray[Any] = np.load(io.BytesIO(body), allow_pickle=False)
    return found
