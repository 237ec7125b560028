"""What the parsers of selections look things up in, and what they give back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from dsa110_vis.errors import SelectionEmptyError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from dsa110_vis.ms.metadata import Metadata
    from dsa110_vis.ms.rows import RowTable
    from dsa110_vis.ms.tables import MainTable

    Mask = npt.NDArray[np.bool_]

__all__ = ["Context", "Resolved", "listed", "numbers_between", "ranges", "refuse"]

SHOWN = 12


@dataclass(frozen=True, slots=True)
class Context:
    """Where selections are looked up.

    Attributes
    ----------
    metadata : Metadata
        Names and numbers.
    table : RowTable
        Columns of all rows.
    main : MainTable
        The table, for other columns.
    others : ndarray of bool, shape (n_rows,), or None
        Rows that the other selections leave, which time selections take their defaults from.
    """

    metadata: Metadata
    table: RowTable
    main: MainTable
    others: Mask | None = None


def refuse(message: str, hint: str) -> NoReturn:
    """Say that a selection matches nothing.

    Parameters
    ----------
    message : str
        What does not exist.
    hint : str
        What does.

    Raises
    ------
    SelectionEmptyError
        Always.
    """
    raise SelectionEmptyError(message, hint)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What is selected.

    Attributes
    ----------
    rows : ndarray of bool, shape (n_rows,), or None
        Which rows; None means all.
    channels : dict of int to ndarray of int64
        Selected channels by spectral window, ascending; all channels where there is no entry.
    correlations : dict of int to ndarray of int64
        Selected correlations by DATA_DESC_ID, ascending; all where there is no entry.
    """

    rows: Mask | None = None
    channels: dict[int, npt.NDArray[np.int64]] = field(default_factory=dict)
    correlations: dict[int, npt.NDArray[np.int64]] = field(default_factory=dict)

    def and_(self, other: Resolved) -> Resolved:
        """Give what both select; empty entries stay in, and are for the caller to find.

        Parameters
        ----------
        other : Resolved
            The other selection.

        Returns
        -------
        Resolved
            The intersection.
        """
        if self.rows is None or other.rows is None:
            rows = self.rows if other.rows is None else other.rows
        else:
            rows = self.rows & other.rows
        return Resolved(
            rows, _intersection(self.channels, other.channels), _intersection(self.correlations, other.correlations)
        )


def _intersection(
    one: dict[int, npt.NDArray[np.int64]], two: dict[int, npt.NDArray[np.int64]]
) -> dict[int, npt.NDArray[np.int64]]:
    both = {**one, **two}
    for key in one.keys() & two.keys():
        both[key] = np.intersect1d(one[key], two[key])
    return both


def numbers_between(first: int, last: int, size: int, names: Iterable[str]) -> range:
    """Give the numbers of a range that can mean something, so that a huge range costs nothing.

    Parameters
    ----------
    first, last : int
        The range, both included.
    size : int
        How many things are numbered, from 0.
    names : iterable of str
        Their names, which may be larger numbers.

    Returns
    -------
    range
        The numbers up to the largest that exists or is a name.
    """
    largest = max([size - 1, *(int(name) for name in names if name.isdecimal() and len(name) < 16)])
    return range(first, min(last, largest) + 1)


def ranges(numbers: Iterable[int]) -> str:
    """Write numbers with their ranges drawn together, for example ``"0-3, 7"``.

    Parameters
    ----------
    numbers : iterable of int
        The numbers.

    Returns
    -------
    str
        The text; the end is cut off where there is too much.
    """
    ordered = sorted(set(numbers))
    parts: list[str] = []
    start = 0
    for position in range(1, len(ordered) + 1):
        if position == len(ordered) or ordered[position] != ordered[position - 1] + 1:
            first, last = ordered[start], ordered[position - 1]
            parts.append(str(first) if first == last else f"{first}-{last}")
            start = position
    return listed(parts)


def listed(names: Iterable[str]) -> str:
    """Write names with commas between them.

    Parameters
    ----------
    names : iterable of str
        The names.

    Returns
    -------
    str
        The text; the end is cut off where there is too much.
    """
    names = list(names)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
