"""Proof that cells have the shape they should have, before any of them is read.

casacore fills a buffer for cells of one shape; where the cells of a range differ, it returns wrong values without a
word or damages memory. So no array column is read unless the shape of every cell in question is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import UnreadableError

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.ms.tables import MainTable

__all__ = ["ShapeProofs"]

ROWS_PER_CALL = 10_000
SAMPLED_ROWS = 200
UNDEFINED = -1
_HINT = "Its cells do not fit the description of its data: the Measurement Set is inconsistent, make it again."


class ShapeProofs:
    """Proofs of cell shapes, kept per column and data description.

    Parameters
    ----------
    main : MainTable
        The table.
    ddid : ndarray of int32, shape (n_rows,)
        DATA_DESC_ID of all rows.
    cells : dict of int to tuple of int
        Shape (channels, correlations) by DATA_DESC_ID.
    """

    def __init__(self, main: MainTable, ddid: npt.NDArray[np.int32], cells: dict[int, tuple[int, int]]) -> None:
        self._main = main
        self._ddid = ddid
        self._cells = cells
        self._proved: dict[tuple[str, int, int], bool] = {}
        self._uniform: dict[str, tuple[int, ...] | None] = {}
        self._cubes: dict[str, dict[tuple[int, ...], int] | None] = {}
        self._codes: dict[str, int] = {}
        self._shapes: dict[str, npt.NDArray[np.int32]] = {}

    def uniform(self, column: str) -> tuple[int, ...] | None:
        """Give the shape that all cells of a column surely have.

        Parameters
        ----------
        column : str
            An array column.

        Returns
        -------
        tuple of int or None
            None where cells may differ or be undefined.
        """
        if column not in self._uniform:
            self._uniform[column] = self._find_uniform(column)
        return self._uniform[column]

    def holds(self, column: str, ddid: int, axes: int = 2) -> bool:
        """Prove that all cells of a data description have the shape that it calls for.

        Parameters
        ----------
        column : str
            An array column that exists.
        ddid : int
            DATA_DESC_ID.
        axes : int
            2 for cells of (channels, correlations), 1 for cells of (correlations,).

        Returns
        -------
        bool
            True where proved, False where none of the cells is defined.

        Raises
        ------
        UnreadableError
            If some cells have another shape, or only some are undefined.
        """
        key = (column, ddid, axes)
        if key not in self._proved:
            self._proved[key] = self._prove(column, ddid, axes)
        return self._proved[key]

    def _find_uniform(self, column: str) -> tuple[int, ...] | None:
        with self._main.use() as table:
            if not table.isvarcol(column):
                description = table.getcoldesc(column)
                return tuple(int(size) for size in description["shape"])
        cubes = self._hypercubes(column)
        if cubes is not None and len(cubes) == 1:
            shape, n_rows = next(iter(cubes.items()))
            if n_rows == self._main.n_rows:
                return shape
        return None

    def _hypercubes(self, column: str) -> dict[tuple[int, ...], int] | None:
        """Give the number of rows per cell shape of a tiled column, None for other storage."""
        if column not in self._cubes:
            with self._main.use() as table:
                information: dict[str, Any] = table.getdminfo(column)
            self._cubes[column] = _count_cubes(information)
        return self._cubes[column]

    def _prove(self, column: str, ddid: int, axes: int) -> bool:
        shape = self._cells[ddid][-axes:]
        uniform = self.uniform(column)
        if uniform is not None:
            if uniform != shape:
                self._refuse(column, ddid, uniform, shape)
            return True
        cubes = self._hypercubes(column)
        if cubes is not None and not cubes:
            return False
        rows = np.flatnonzero(self._ddid == ddid)
        if cubes is not None and cubes.get(shape) == self._expected_rows(shape, axes):
            rows = _sample(rows)
            found = self._shapes_of(column, rows)
        else:
            found = self._all_shapes(column)[rows]
        return self._compare(column, ddid, shape, rows, found)

    def _compare(
        self,
        column: str,
        ddid: int,
        shape: tuple[int, ...],
        rows: npt.NDArray[np.int64],
        found: npt.NDArray[np.int32],
    ) -> bool:
        undefined = found == UNDEFINED
        if undefined.all():
            return False
        if undefined.any():
            one, other = rows[np.argmax(undefined)], rows[np.argmin(undefined)]
            message = (
                f"Column {column} of {self._main.path.name!r} has cells in only some of the rows of "
                f"DATA_DESC_ID {ddid}: row {other} has one, row {one} has not."
            )
            raise UnreadableError(message, _HINT)
        wrong = found != self._code(_text(shape))
        if wrong.any():
            at = int(np.argmax(wrong))
            names = {code: text for text, code in self._codes.items()}
            self._refuse(column, ddid, names[int(found[at])], _text(shape), int(rows[at]))
        return True

    def _code(self, text: str) -> int:
        return self._codes.setdefault(text, len(self._codes))

    def _expected_rows(self, shape: tuple[int, ...], axes: int) -> int:
        """Count the rows of the table that call for a shape."""
        ddids = [ddid for ddid, cell in self._cells.items() if cell[-axes:] == shape]
        return int(np.count_nonzero(np.isin(self._ddid, ddids)))

    def _all_shapes(self, column: str) -> npt.NDArray[np.int32]:
        """Give a number for the cell shape of each row of the table, `UNDEFINED` where there is no cell."""
        if column not in self._shapes:
            shapes = np.empty(self._main.n_rows, dtype=np.int32)
            for first in range(0, shapes.size, ROWS_PER_CALL):
                count = min(ROWS_PER_CALL, shapes.size - first)
                shapes[first : first + count] = self._span_of_shapes(column, first, count)
            self._shapes[column] = shapes
        return self._shapes[column]

    def _span_of_shapes(self, column: str, first: int, count: int) -> npt.NDArray[np.int32]:
        with self._main.use() as table:
            try:
                texts = table.getcolshapestring(column, first, count)
            except RuntimeError:
                # A cell is undefined. Look at each.
                rows = range(first, first + count)
                texts = [
                    table.getcolshapestring(column, k, 1)[0] if table.iscelldefined(column, k) else "" for k in rows
                ]
        codes = {text: self._code(text) if text else UNDEFINED for text in set(texts)}
        found = np.fromiter((codes[text] for text in texts), dtype=np.int32, count=len(texts))
        return np.broadcast_to(found, (count,)) if len(texts) == 1 else found

    def _shapes_of(self, column: str, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        return np.array([self._span_of_shapes(column, row, 1)[0] for row in rows.tolist()], dtype=np.int32)

    def _refuse(self, column: str, ddid: int, found: object, wanted: object, row: int | None = None) -> None:
        where = "" if row is None else f" in row {row}"
        message = (
            f"Column {column} of {self._main.path.name!r} has cells of shape {found}{where} where DATA_DESC_ID {ddid} "
            f"calls for {wanted} (channels, correlations)."
        )
        raise UnreadableError(message, _HINT)


def _sample(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    at = np.linspace(0, rows.size - 1, min(rows.size, SAMPLED_ROWS))
    return rows[np.unique(at.astype(np.int64))]


def _text(shape: tuple[int, ...]) -> str:
    """Write a shape as casacore does."""
    return "[" + ", ".join(str(size) for size in shape) + "]"


def _count_cubes(information: dict[str, Any]) -> dict[tuple[int, ...], int] | None:
    cubes = information.get("SPEC", {}).get("HYPERCUBES")
    if cubes is None or not str(information.get("TYPE", "")).startswith("Tiled"):
        return None
    counts: dict[tuple[int, ...], int] = {}
    for cube in cubes.values():
        cell = tuple(int(size) for size in reversed(cube["CellShape"]))
        n_rows = int(cube["CubeShape"][-1]) if len(cube["CubeShape"]) > len(cell) else 0
        if cell and n_rows:
            counts[cell] = counts.get(cell, 0) + n_rows
    return counts
