"""Marking cells: boxes and points in a picture become a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import MemoryLimitError, OptionError
from dsa110_vis.view.facts import coordinates

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from dsa110_vis.view.picture import Picture

__all__ = ["MOST_CELLS", "Marks", "table"]

MOST_CELLS = 1_000_000
"""Most cells that can be marked at once."""

Box = tuple[int, int, int, int]
Point = tuple[int, int]


class Marks:
    """What is marked in a picture.

    Attributes
    ----------
    boxes : list of (x0, x1, y0, y1)
        In cells, without x1 and y1.
    points : list of (x, y)
        Cells.
    iteration : int
        In which of the pictures.
    """

    def __init__(self) -> None:
        self.boxes: list[Box] = []
        self.points: list[Point] = []
        self.iteration = 0

    def change(self, boxes: Sequence[Sequence[int]], points: Sequence[Sequence[int]], *, mode: str) -> Marks:
        """Give other marks, made from these.

        Parameters
        ----------
        boxes, points : sequence of sequences of int
            New marks.
        mode : str
            "replace", "add" or "clear".

        Returns
        -------
        Marks
            The new ones.

        Raises
        ------
        OptionError
            If there is no such mode.
        """
        if mode not in ("replace", "add", "clear"):
            message = f"mode cannot be {mode!r}."
            raise OptionError(message, "Allowed: replace, add, clear.")
        new = Marks()
        new.iteration = self.iteration
        if mode == "add":
            new.boxes, new.points = list(self.boxes), list(self.points)
        if mode != "clear":
            for box in boxes:
                x0, x1, y0, y1 = (int(item) for item in box)
                new.boxes.append((min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)))
            for point in points:
                x, y = (int(item) for item in point)
                new.points.append((x, y))
        return new

    def describe(self) -> dict[str, Any]:
        """Give the marks as plain data.

        Returns
        -------
        dict
            ``boxes``, ``points`` and ``iteration``.
        """
        return {"boxes": self.boxes, "points": self.points, "iteration": self.iteration}

    def cells(self, n_x: int, n_y: int) -> np.ndarray[Any, Any]:
        """List the cells that are marked, each once.

        Parameters
        ----------
        n_x, n_y : int
            Size of the picture.

        Returns
        -------
        ndarray of int64, shape (n,)
            ``iy * n_x + ix``, ascending.

        Raises
        ------
        OptionError
            If a mark is outside the picture altogether.
        MemoryLimitError
            If there are more than `MOST_CELLS`.
        """
        parts = [np.zeros(0, dtype=np.int64)]
        total = 0
        for x0, x1, y0, y1 in (*self.boxes, *((x, x + 1, y, y + 1) for x, y in self.points)):
            i0, i1, j0, j1 = max(x0, 0), min(x1, n_x), max(y0, 0), min(y1, n_y)
            if i0 >= i1 or j0 >= j1:
                message = f"The mark [{x0}, {x1}) by [{y0}, {y1}) is outside the picture."
                raise OptionError(message, f"The picture is [0, {n_x}) by [0, {n_y}).")
            total += (i1 - i0) * (j1 - j0)
            if total > MOST_CELLS:
                message = f"{total} cells are marked."
                raise MemoryLimitError(message, f"At most {MOST_CELLS} can be: draw a smaller box.")
            parts.append((np.arange(j0, j1)[:, None] * n_x + np.arange(i0, i1)).ravel())
        return np.unique(np.concatenate(parts))


def table(picture: Picture | None, marks: Marks) -> pd.DataFrame:
    """Make a table of the marked cells.

    Parameters
    ----------
    picture : Picture or None
        The picture.
    marks : Marks
        What is marked in it.

    Returns
    -------
    pandas.DataFrame
        One cell a row: the axes by their names (times as timestamps in the set's time frame), ``value`` (NaN where
        there is no good sample), ``count`` of good and ``flagged`` number of flagged samples.

    Raises
    ------
    OptionError
        If a mark is outside the picture.
    MemoryLimitError
        If there are too many cells.
    """
    import pandas as pd  # noqa: PLC0415  slow to import

    if picture is None:
        return pd.DataFrame({"value": np.zeros(0), "count": np.zeros(0, np.int64), "flagged": np.zeros(0, np.int64)})
    _, n_y, n_x = picture.axes.shape
    cells = marks.cells(n_x, n_y)
    iy, ix = np.divmod(cells, n_x)
    columns: dict[str, Any] = {}
    if picture.axes.iterate is not None:
        step = np.full(cells.size, min(marks.iteration, picture.n_iterations - 1))
        columns[picture.axes.iterate.name] = coordinates(picture.axes.iterate, step)
    columns[picture.axes.y.name] = coordinates(picture.axes.y, iy)
    columns[picture.axes.x.name] = coordinates(picture.axes.x, ix)
    value, count, flagged = picture.at(marks.iteration, iy, ix)
    return pd.DataFrame({**columns, "value": value, "count": count, "flagged": flagged})
