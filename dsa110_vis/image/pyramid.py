"""Tiles of a plane: 256 pixels square, at binnings that are powers of two.

The plane is read once, in strips, down to a base level that is small enough for memory; coarser levels come from that,
finer ones from the pixels of a tile when it is asked for.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.errors import OptionError
from dsa110_vis.image import reduce

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.image.plane import Plane
    from dsa110_vis.image.tile_cache import TileCache

__all__ = ["TILE", "Pyramid"]

TILE = 256
"""Side of a tile."""
BASE_PIXELS = 2048 * 2048
"""Most pixels of the base level: 16 MiB."""
KEPT_PIXELS = 4096 * 4096
"""A plane with more pixels than this keeps its base level on disk too."""
KEPT_FORMAT = 1
"""Stands for how levels are made and kept: what another release kept in another way is not taken."""
STRIP_BYTES = 4 << 20
THREADS = 2
MODES = ("peak", "mean")


class Pyramid:
    """A plane at all binnings.

    Parameters
    ----------
    plane : Plane
        The plane.
    mode : str
        "peak" keeps the value of largest magnitude with its sign, so that no source vanishes; "mean" averages.
    cache : TileCache, optional
        Where the base level of a large plane is kept.

    Raises
    ------
    OptionError
        If there is no such mode.
    """

    tile_size = TILE

    def __init__(self, plane: Plane, *, mode: str = "peak", cache: TileCache | None = None) -> None:
        if mode not in MODES:
            message = f"There is no mode {mode!r}."
            raise OptionError(message, f"Allowed: {', '.join(MODES)}.")
        self._plane, self._mode, self._cache = plane, mode, cache
        ny, nx = plane.shape
        self._base = 1
        while -(-ny >> self._base) * -(-nx >> self._base) > BASE_PIXELS:
            self._base += 1
        self._lock = threading.Lock()
        self._levels: dict[int, npt.NDArray[np.float32]] = {}  # [value, and in the mode "mean" count; y, x]

    @property
    def levels(self) -> int:
        """How many levels there are; the last one is a single tile."""
        return max(0, (max(self._plane.shape) - 1) // TILE).bit_length() + 1

    def tile(self, level: int, column: int, row: int) -> npt.NDArray[np.float32]:
        """Give a tile.

        Parameters
        ----------
        level : int
            Bins of it are ``2**level`` pixels square; 0 has the pixels themselves.
        column, row : int
            Which one: its first bin holds pixel ``256 * 2**level * column``.

        Returns
        -------
        ndarray of float32, shape (up to 256, up to 256)
            ``[y, x]``; NaN where all pixels of a bin are blank.

        Raises
        ------
        OptionError
            If there is no such tile.
        """
        ny, nx = self._plane.shape
        step = 1 << level if 0 <= level < 32 else 0
        if not (step and 0 <= column * TILE * step < nx and 0 <= row * TILE * step < ny):
            message = f"There is no tile {column}, {row} at level {level}."
            raise OptionError(message, f"The plane has {nx} by {ny} pixels.")
        if level >= self._base:
            values = self._level(level)
            return np.ascontiguousarray(values[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE])
        x0, y0, size = column * TILE * step, row * TILE * step, TILE * step
        pixels = self._plane.read(x0, min(x0 + size, nx), y0, min(y0 + size, ny))
        return pixels if level == 0 else self._reduced(pixels[None], step)[0]

    def coarse(self) -> npt.NDArray[np.float32]:
        """Give the finest level that is kept in memory; the plane is read for it.

        Returns
        -------
        ndarray of float32
            ``[y, x]``, at most `BASE_PIXELS` values, not to be changed.
        """
        return self._level(self._base)

    def _reduced(self, values: npt.NDArray[np.float32], step: int) -> npt.NDArray[np.float32]:
        if self._mode == "peak":
            return reduce.peak(values[0], step)[None]
        return np.stack(reduce.mean(values[0], step, values[1] if len(values) > 1 else None))

    def _level(self, level: int) -> npt.NDArray[np.float32]:
        with self._lock:
            if self._base not in self._levels:
                self._levels[self._base] = self._make_base()
            for finer in range(self._base, level):
                if finer + 1 not in self._levels:
                    self._levels[finer + 1] = self._reduced(self._levels[finer], 2)
            found: npt.NDArray[np.float32] = self._levels[level][0]
            return found

    def _make_base(self) -> npt.NDArray[np.float32]:
        ny, nx = self._plane.shape
        step = 1 << self._base
        shape = (1 if self._mode == "peak" else 2, -(-ny // step), -(-nx // step))
        key = f"{KEPT_FORMAT}:{self._plane.key}:{self._mode}:{self._base}"
        kept = self._cache if nx * ny > KEPT_PIXELS else None
        found = None if kept is None else kept.get(key, shape)
        if found is not None:
            return found
        made = np.empty(shape, dtype=np.float32)
        rows = max(1, STRIP_BYTES // (4 * nx * step))

        def strip(first: int) -> None:
            last = min(first + rows, shape[1])
            pixels = self._plane.read(0, nx, first * step, min(last * step, ny))
            made[:, first:last] = self._reduced(pixels[None], step)

        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(strip, range(0, shape[1], rows)))
        if kept is not None:
            kept.put(key, made)
        return made
