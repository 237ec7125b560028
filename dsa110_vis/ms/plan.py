"""Which rows are read in which casacore call: few long calls, each for cells of one shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

__all__ = ["Unit", "plan_units"]

BRIDGED_BYTES = 16_000
"""Reading this much more is cheaper than another call."""
SHORT_SPAN = 4
"""Spans shorter than this on average are read through a reference table."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What is read into one set of buffers.

    Attributes
    ----------
    spans : list of (int, int), or None
        First row and number of rows of each stretch, in order; None: exactly the wanted rows, by number.
    positions : ndarray of int64, shape (n,)
        Positions of the wanted rows in the selection.
    local : ndarray of int64, shape (n,), or None
        Where in the buffer each wanted row lies; None: in order, nothing between.
    n_rows : int
        Rows that are read.
    """

    spans: list[tuple[int, int]] | None
    positions: npt.NDArray[np.int64]
    local: npt.NDArray[np.int64] | None
    n_rows: int


def plan_units(
    numbers: npt.NDArray[np.int64],
    positions: npt.NDArray[np.int64],
    foreign: npt.NDArray[np.bool_] | None,
    row_bytes: int,
    max_rows: int,
) -> Iterator[Unit]:
    """Divide rows of one cell shape into units.

    Parameters
    ----------
    numbers : ndarray of int64, shape (n,)
        Row numbers, ascending.
    positions : ndarray of int64, shape (n,)
        Their positions in the selection.
    foreign : ndarray of bool, shape (n_table_rows,), or None
        Rows of the table whose cells have another shape, and which must not be read; None: there are none.
    row_bytes : int
        Bytes per row.
    max_rows : int
        Rows per unit at most.

    Yields
    ------
    Unit
        What to read next.
    """
    starts, stops = _spans(numbers, foreign, row_bytes)
    if starts.size * SHORT_SPAN > numbers.size and starts.size > 1:
        for first in range(0, numbers.size, max_rows):
            part = positions[first : first + max_rows]
            yield Unit(None, part, None, int(part.size))
        return
    spans: list[tuple[int, int]] = []
    n_rows = 0
    done = 0
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        first = start
        while first < stop:
            taken = min(stop - first, max_rows - n_rows)
            spans.append((first, taken))
            n_rows += taken
            first += taken
            if n_rows == max_rows:
                unit, done = _unit(spans, n_rows, numbers, positions, done)
                if unit.positions.size:
                    yield unit
                spans, n_rows = [], 0
    if spans:
        yield _unit(spans, n_rows, numbers, positions, done)[0]


def _spans(
    numbers: npt.NDArray[np.int64], foreign: npt.NDArray[np.bool_] | None, row_bytes: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    gap = np.diff(numbers) - 1
    bridged = (gap > 0) & (gap <= BRIDGED_BYTES // row_bytes)
    if foreign is not None and bridged.any():
        before = np.concatenate(([0], np.cumsum(foreign)))
        at = np.flatnonzero(bridged)
        bridged[at] = before[numbers[at + 1]] == before[numbers[at]]
    split = np.flatnonzero((gap > 0) & ~bridged)
    starts = numbers[np.concatenate(([0], split + 1))]
    stops = numbers[np.concatenate((split, [numbers.size - 1]))] + 1
    return starts, stops


def _unit(
    spans: list[tuple[int, int]],
    n_rows: int,
    numbers: npt.NDArray[np.int64],
    positions: npt.NDArray[np.int64],
    done: int,
) -> tuple[Unit, int]:
    last, taken = spans[-1]
    end = done + int(np.searchsorted(numbers[done : done + n_rows], last + taken))
    part = positions[done:end]
    if part.size == n_rows:
        return Unit(spans, part, None, n_rows), end
    starts = np.array([start for start, _ in spans])
    before = np.concatenate(([0], np.cumsum([count for _, count in spans])))
    wanted = numbers[done:end]
    span = np.searchsorted(starts, wanted, side="right") - 1
    return Unit(spans, part, before[span] + wanted - starts[span], n_rows), end
