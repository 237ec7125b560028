"""Columns of sub-tables, which may be missing or have no rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["cell", "joined", "numbers", "strings"]


def strings(table: Any, name: str) -> tuple[str, ...]:
    """Give a column of strings.

    Parameters
    ----------
    table : casacore.tables.table
        The open sub-table.
    name : str
        The column.

    Returns
    -------
    tuple of str
        One per row; empty strings where there is no such column.
    """
    n_rows = table.nrows()
    if n_rows == 0:
        return ()
    values: list[object] = table.getcol(name) if name in table.colnames() else [""] * n_rows
    return tuple(str(value) for value in values)


def numbers(table: Any, name: str, absent: float) -> npt.NDArray[Any]:
    """Give a column of numbers.

    Parameters
    ----------
    table : casacore.tables.table
        The open sub-table.
    name : str
        The column.
    absent : float
        What stands for the numbers where there is no such column.

    Returns
    -------
    ndarray, shape (n_rows,)
        The numbers.
    """
    n_rows = table.nrows()
    if n_rows == 0 or name not in table.colnames():
        return np.full(n_rows, absent)
    return np.asarray(table.getcol(name))


def joined(table: Any, name: str) -> str:
    """Give the different texts of a column, with commas between them.

    Parameters
    ----------
    table : casacore.tables.table
        The open sub-table.
    name : str
        The column.

    Returns
    -------
    str
        The texts; empty if there is none.
    """
    return ", ".join(dict.fromkeys(text.strip() for text in strings(table, name) if text.strip()))


def cell(table: Any, name: str, row: int) -> npt.NDArray[Any] | None:
    """Give the cell of an array column.

    Parameters
    ----------
    table : casacore.tables.table
        The open sub-table.
    name : str
        The column.
    row : int
        The row.

    Returns
    -------
    ndarray or None
        None where there is no such column or the cell is undefined.
    """
    if name not in table.colnames() or not table.iscelldefined(name, row):
        return None
    return np.asarray(table.getcell(name, row))
