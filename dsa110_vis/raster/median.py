"""Exact medians: the samples themselves, gathered under a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import MemoryLimitError
from dsa110_vis.raster.cells import Values
from dsa110_vis.raster.scatter import gather, place

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["MEDIAN_LIMIT", "Gathering"]

MEDIAN_LIMIT = 512 << 20
"""Bytes that gathered samples may take unless told."""
BYTES_PER_SAMPLE = 12  # its cell and its value, and its value once more when they are put in order


class Gathering:
    """Samples with their cells, as they come.

    Parameters
    ----------
    bound : int
        Upper limit of the number of samples.
    n_cells : int
        Number of cells.
    limit : int
        Bytes that may be taken.

    Raises
    ------
    MemoryLimitError
        If the bound is beyond the limit; the hint says how to narrow.
    """

    def __init__(self, bound: int, n_cells: int, limit: int = MEDIAN_LIMIT) -> None:
        needed = bound * BYTES_PER_SAMPLE + n_cells * 16
        if needed > limit:
            message = (
                f"The exact median of {bound:,} samples needs {needed / 2**20:,.0f} MB; "
                f"the limit is {limit / 2**20:,.0f} MB."
            )
            times = f"{needed / limit:.1f} times"
            raise MemoryLimitError(message, f"Select {times} fewer rows, channels or correlations, or use the mean.")
        self._parts: list[tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]] = []
        self._cells: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._values: npt.NDArray[np.float32] = np.empty(0, dtype=np.float32)

    def add(  # noqa: PLR0917  as the kernel takes them
        self,
        data: npt.NDArray[np.complex64],
        flag: npt.NDArray[np.uint8],
        size: int,
        kind: int,
        rows: npt.NDArray[np.int64],
        signs: npt.NDArray[np.float64],
        cells: npt.NDArray[np.int64],
    ) -> None:
        """Take the good samples of a chunk.

        Parameters
        ----------
        data, flag, size, kind, rows, signs, cells
            As for `dsa110_vis.raster.scatter.gather`.
        """
        if self._cells.size < cells.size:
            self._cells = np.empty(cells.size, dtype=np.int64)
            self._values = np.empty(cells.size, dtype=np.float32)
        n = gather(data, flag, size, kind, rows, signs, cells, self._cells, self._values)
        self._parts.append((self._cells[:n].astype(np.int32), self._values[:n].copy()))

    def finish(self, count: npt.NDArray[np.integer[Any]]) -> Values:
        """Put the samples in order of their cells.

        Parameters
        ----------
        count : ndarray of int, shape (n_cells,)
            How many each cell has.

        Returns
        -------
        Values
            The samples.
        """
        starts = np.concatenate([[0], np.cumsum(count, dtype=np.int64)])
        values = np.empty(int(starts[-1]), dtype=np.float32)
        position = starts[:-1].copy()
        while self._parts:
            cells, part = self._parts.pop(0)
            place(cells, part, position, values)
        return Values(starts, values)
