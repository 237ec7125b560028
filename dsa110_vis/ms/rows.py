"""The rows of a Measurement Set as lean arrays: who, when, which spectral window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import UnreadableError
from dsa110_vis.ms.times import cluster_times

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.ms.tables import MainTable

__all__ = ["RowTable", "Rows", "read_column", "read_pairs"]

ROWS_PER_CALL = 200_000
"""Rows of a scalar column per casacore call, which holds the interpreter's lock for some 10 ms."""
_UNKNOWN = object()


@dataclass(frozen=True, slots=True)
class Rows:
    """Selected rows, in ascending order of row number; the arrays are shared and must not be written to.

    Attributes
    ----------
    row : ndarray of int64, shape (n,)
        Row numbers in the main table.
    ddid : ndarray of int32, shape (n,)
        DATA_DESC_ID.
    time_index : ndarray of int32, shape (n,)
        Index into ``metadata.times``.
    antenna1, antenna2 : ndarray of int32, shape (n,)
        Antenna numbers as they are in the file, so `antenna1` may be the larger.
    scan, field : ndarray of int32, shape (n,)
        SCAN_NUMBER and FIELD_ID.
    uvw : ndarray of float64, shape (n, 3), or None
        Baseline coordinates in metres, if asked for.
    """

    row: npt.NDArray[np.int64]
    ddid: npt.NDArray[np.int32]
    time_index: npt.NDArray[np.int32]
    antenna1: npt.NDArray[np.int32]
    antenna2: npt.NDArray[np.int32]
    scan: npt.NDArray[np.int32]
    field: npt.NDArray[np.int32]
    uvw: npt.NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return int(self.row.size)


def read_pairs(main: MainTable, n_antennas: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Read which antennas the rows are about.

    Parameters
    ----------
    main : MainTable
        The table.
    n_antennas : int
        How many antennas there are.

    Returns
    -------
    antenna1, antenna2 : ndarray of int32, shape (n_rows,)
        Antenna numbers as they are in the file.

    Raises
    ------
    UnreadableError
        If a row refers to an antenna that does not exist.
    """
    antenna1, antenna2 = (read_column(main, name, np.int32) for name in ("ANTENNA1", "ANTENNA2"))
    used = max(int(antenna1.max()), int(antenna2.max()))
    if used >= n_antennas or min(int(antenna1.min()), int(antenna2.min())) < 0:
        message = f"Rows of {main.path.name!r} refer to antenna {used}, but its ANTENNA table has {n_antennas} rows."
        raise UnreadableError(message, "The Measurement Set is inconsistent: make it again.")
    return antenna1, antenna2


def read_column(
    main: MainTable,
    name: str,
    dtype: npt.DTypeLike,
    *,
    cell: tuple[int, ...] = (),
    start: int = 0,
    stop: int | None = None,
) -> npt.NDArray[Any]:
    """Read a column whose cells all have one shape, in short calls.

    Parameters
    ----------
    main : MainTable
        The table.
    name : str
        The column: scalar, or with cells of a fixed shape.
    dtype : dtype
        Type of the result.
    cell : tuple of int
        Shape of a cell.
    start, stop : int
        Rows.

    Returns
    -------
    ndarray, shape (stop - start, *cell)
        The values.
    """
    stop = main.n_rows if stop is None else stop
    values = np.empty((stop - start, *cell), dtype=dtype)
    for first in range(start, stop, ROWS_PER_CALL):
        n_rows = min(ROWS_PER_CALL, stop - first)
        with main.use() as table:
            table.getcolnp(name, values[first - start : first - start + n_rows], first, n_rows)
    return values


class RowTable:
    """The scalar columns of all rows, read once.

    Parameters
    ----------
    main : MainTable
        The table.
    pairs : tuple of ndarray of int32, shape (n_rows,)
        ANTENNA1 and ANTENNA2, which are read earlier.
    """

    def __init__(self, main: MainTable, pairs: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]) -> None:
        self._main = main
        self.antenna1, self.antenna2 = pairs
        self.ddid: npt.NDArray[np.int32] = read_column(main, "DATA_DESC_ID", np.int32)
        self.scan: npt.NDArray[np.int32] = read_column(main, "SCAN_NUMBER", np.int32)
        self.field: npt.NDArray[np.int32] = read_column(main, "FIELD_ID", np.int32)
        self.times, self.time_index = cluster_times(read_column(main, "TIME", np.float64), self._keys())
        self._row = np.arange(main.n_rows, dtype=np.int64)
        self._flag_row: object = _UNKNOWN

    @property
    def flag_row(self) -> npt.NDArray[np.bool_] | None:
        """FLAG_ROW of all rows; None where no row is flagged."""
        if self._flag_row is _UNKNOWN:
            self._flag_row = self._read_flag_row()
        return self._flag_row if isinstance(self._flag_row, np.ndarray) else None

    def forget_flags(self) -> None:
        """Read FLAG_ROW again when it is next asked for."""
        self._flag_row = _UNKNOWN

    def _read_flag_row(self) -> npt.NDArray[np.bool_] | None:
        with self._main.use() as table:
            if "FLAG_ROW" not in table.colnames():
                return None
        flagged = read_column(self._main, "FLAG_ROW", np.bool_)
        return flagged if flagged.any() else None

    def _keys(self) -> npt.NDArray[np.int64]:
        """Give one number per baseline and data description."""
        low = min(int(self.antenna1.min()), int(self.antenna2.min()), int(self.ddid.min()))
        n_antennas = max(int(self.antenna1.max()), int(self.antenna2.max())) - low + 1
        key = self.ddid.astype(np.int64)
        key -= low
        key *= n_antennas
        key += self.antenna1
        key -= low
        key *= n_antennas
        key += self.antenna2
        key -= low
        return key

    def take(self, chosen: npt.NDArray[np.bool_] | None, *, uvw: bool) -> Rows:
        """Give the chosen rows.

        Parameters
        ----------
        chosen : ndarray of bool, shape (n_rows,), or None
            Which rows; None means all of them, without a copy.
        uvw : bool
            Whether to read the baseline coordinates too.

        Returns
        -------
        Rows
            The rows.
        """
        columns = (self._row, self.ddid, self.time_index, self.antenna1, self.antenna2, self.scan, self.field)
        if chosen is not None:
            columns = tuple(column[chosen] for column in columns)  # type: ignore[assignment]
        found = None
        if uvw:
            found = self.uvw(self._row if chosen is None else np.flatnonzero(chosen))
        return Rows(*columns, uvw=found)

    def uvw(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Read the baseline coordinates of some rows.

        Parameters
        ----------
        numbers : ndarray of int64, shape (n,)
            Row numbers, ascending.

        Returns
        -------
        ndarray of float64, shape (n, 3)
            In metres.
        """
        uvw = np.empty((numbers.size, 3))
        for first in range(0, self._main.n_rows, ROWS_PER_CALL):
            stop = min(first + ROWS_PER_CALL, self._main.n_rows)
            begin, end = np.searchsorted(numbers, [first, stop])
            if begin < end:
                block = read_column(self._main, "UVW", np.float64, cell=(3,), start=first, stop=stop)
                uvw[begin:end] = block[numbers[begin:end] - first]
        return uvw
