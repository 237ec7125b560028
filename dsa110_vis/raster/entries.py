"""What a plan makes of a chunk: its rows, what each contributes, and where the samples go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from dsa110_vis.ms import Rows

__all__ = ["Batch", "Contributions", "Samples", "swapped_correlation"]


class Samples(NamedTuple):
    """Cells of the samples of a row, relative to the offset of the row.

    Attributes
    ----------
    flat : ndarray of int64, shape (s,)
        Cell of every sample; -1 where it is not wanted.
    starts, samples, local : ndarray of int64, shape (k + 1,), (t,), (k,)
        The same by cell: ``local[c]`` takes ``samples[starts[c]:starts[c + 1]]``.
    scale : ndarray of float64, shape (s,)
        Wavelengths per metre.
    """

    flat: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    samples: npt.NDArray[np.int64]
    local: npt.NDArray[np.int64]
    scale: npt.NDArray[np.float64]


class Contributions(NamedTuple):
    """What the rows contribute: each once, or twice if it also counts as seen from its second antenna.

    Attributes
    ----------
    offsets : ndarray of int32 or int64, shape (1 or 2, n_rows)
        Offset of the cells of a row; -1 where it does not take part.
    signs : ndarray of int8, shape (1 or 2, n_rows)
        -1 where the visibilities are to be conjugated.
    lengths : ndarray of float64, shape (n_rows,) or (0,)
        uv distance in metres, if an axis depends on it and on the channel.
    unit : int
        What all offsets are multiples of.
    """

    offsets: npt.NDArray[np.signedinteger[Any]]
    signs: npt.NDArray[np.int8]
    lengths: npt.NDArray[np.float64]
    unit: int


@dataclass(frozen=True)
class Batch:
    """Rows, perhaps as seen from their second antennas."""

    ddid: npt.NDArray[np.int32]
    time_index: npt.NDArray[np.int32]
    antenna1: npt.NDArray[np.int32]
    antenna2: npt.NDArray[np.int32]
    scan: npt.NDArray[np.int32]
    field: npt.NDArray[np.int32]
    uvw: npt.NDArray[np.float64] | None

    @classmethod
    def of(cls, rows: Rows, some: slice) -> Batch:
        """Take rows.

        Parameters
        ----------
        rows : Rows
            The selection.
        some : slice
            Which.

        Returns
        -------
        Batch
            Views.
        """
        return cls(
            rows.ddid[some],
            rows.time_index[some],
            rows.antenna1[some],
            rows.antenna2[some],
            rows.scan[some],
            rows.field[some],
            None if rows.uvw is None else rows.uvw[some],
        )

    def mirrored(self) -> Batch:
        """Give the rows seen from their second antennas.

        Returns
        -------
        Batch
            With antennas swapped and baseline coordinates negated.
        """
        return Batch(
            self.ddid, self.time_index, self.antenna2, self.antenna1, self.scan, self.field,
            None if self.uvw is None else -self.uvw,
        )  # fmt: skip


def swapped_correlation(name: str) -> str:
    """Name the correlation of the reversed baseline: XY becomes YX, XX and I stay.

    Parameters
    ----------
    name : str
        Name.

    Returns
    -------
    str
        Name.
    """
    return name[::-1] if len(name) == 2 else name
