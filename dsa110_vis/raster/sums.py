"""The mergeable sums of cells, from which every statistic follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import MemoryLimitError
from dsa110_vis.raster.kernels import COUNT, FINITE, FLAGGED, HIGH, LOW, MASS

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["CELLS_LIMIT", "Sums", "empty_sums"]

CELLS_LIMIT = 1 << 30
"""Bytes that cells may take unless told."""


@dataclass(frozen=True)
class Sums:
    """The mergeable sums of cells.

    Attributes
    ----------
    numbers : ndarray of int32 or int64, shape (3, n_cells)
        Good samples; all others; finite flagged samples that the sums hold, in cells without a good one.
    marks : ndarray of float32, shape (3, n_cells) or (3, 0)
        What `moments` are taken about, which is a value that occurs in the cell; smallest and largest value.
    moments : ndarray of float64, shape (4 or 5, n_cells) or (4, 0)
        Sum of (weighted) differences from the shift, and of their squares; sums of the real and the imaginary parts
        of the (weighted) visibilities; if weighted, the sum of the weights.

    Notes
    -----
    A sample is good if it is neither flagged nor NaN or infinite nor, if there are weights, without a positive one.
    """

    numbers: npt.NDArray[np.integer[Any]]
    marks: npt.NDArray[np.float32]
    moments: npt.NDArray[np.float64]

    @property
    def arrays(self) -> tuple[npt.NDArray[np.integer[Any]], npt.NDArray[np.float32], npt.NDArray[np.float64]]:
        """The arrays, as the kernels take them."""
        return self.numbers, self.marks, self.moments

    @property
    def count(self) -> npt.NDArray[np.integer[Any]]:
        """Good samples."""
        return np.asarray(self.numbers[COUNT])

    @property
    def flagged(self) -> npt.NDArray[np.integer[Any]]:
        """All other samples."""
        return np.asarray(self.numbers[FLAGGED])

    @property
    def finite(self) -> npt.NDArray[np.integer[Any]]:
        """Flagged samples that the sums hold."""
        return np.asarray(self.numbers[FINITE])

    @property
    def mass(self) -> npt.NDArray[np.float64] | None:
        """Sum of the weights, if there are any."""
        return np.asarray(self.moments[MASS]) if self.moments.shape[0] > MASS else None

    @property
    def nbytes(self) -> int:
        """Memory taken."""
        return self.numbers.nbytes + self.marks.nbytes + self.moments.nbytes

    def part(self, cells: slice) -> Sums:
        """Give a view of some cells.

        Parameters
        ----------
        cells : slice
            Which.

        Returns
        -------
        Sums
            Of these.
        """
        if not self.marks.size:
            return Sums(self.numbers[:, cells], self.marks, self.moments)
        return Sums(self.numbers[:, cells], self.marks[:, cells], self.moments[:, cells])


def bytes_per_cell(family: str, *, weighted: bool, wide: bool) -> int:
    """Give the memory that one cell takes.

    Parameters
    ----------
    family : str
        `Request.family`.
    weighted : bool
        Whether samples are weighted.
    wide : bool
        Whether counts need 64 bits.

    Returns
    -------
    int
        Bytes.
    """
    counter = 8 if wide else 4
    if family == "flag_fraction":
        return 3 * counter
    return 3 * counter + 12 + 32 + (8 if weighted else 0)


def empty_sums(
    n_cells: int, family: str, *, weighted: bool = False, wide: bool = False, limit: int = CELLS_LIMIT
) -> Sums:
    """Make cells with nothing in them.

    Parameters
    ----------
    n_cells : int
        How many.
    family : str
        `Request.family`.
    weighted : bool
        Whether samples are weighted.
    wide : bool
        Whether a cell may count to more than 32 bits hold.
    limit : int
        Bytes that may be taken.

    Returns
    -------
    Sums
        The sums.

    Raises
    ------
    MemoryLimitError
        If the limit is exceeded; the hint says how to narrow.
    """
    needed = n_cells * bytes_per_cell(family, weighted=weighted, wide=wide)
    if needed > limit:
        message = f"{n_cells:,} cells need {needed / 2**20:,.0f} MB; the limit is {limit / 2**20:,.0f} MB."
        raise MemoryLimitError(
            message, "Select fewer rows or channels, choose axes with fewer values, or look at single iterations."
        )
    n = 0 if family == "flag_fraction" else n_cells
    marks = np.zeros((3, n), dtype=np.float32)
    marks[LOW] = np.inf
    marks[HIGH] = -np.inf
    return Sums(
        np.zeros((3, n_cells), dtype=np.int64 if wide else np.int32), marks, np.zeros((5 if weighted else 4, n))
    )
