"""Labels beside marks, none over another: those that find no place are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

__all__ = ["Placed", "place_labels"]

_SIDES = ((1, 0), (0, 1), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1))


class Placed(NamedTuple):
    """A label that found a place.

    Attributes
    ----------
    number : int
        Which label.
    x, y : float
        Its middle in pixels.
    """

    number: int
    x: float
    y: float


def place_labels(
    marks: npt.NDArray[np.float64],
    sizes: Sequence[tuple[float, float]],
    frame: tuple[float, float, float, float],
    *,
    radius: npt.NDArray[np.float64],
    first: Sequence[int] = (),
    taken: Sequence[tuple[float, float, float, float]] = (),
) -> list[Placed]:
    """Find places for labels, the loneliest marks first.

    Parameters
    ----------
    marks : ndarray of float64, shape (n, 2)
        Middles of the marks in pixels.
    sizes : sequence of (float, float)
        Widths and heights of the labels in pixels.
    frame : (x0, y0, x1, y1)
        Where labels may be.
    radius : ndarray of float64, shape (n,)
        Half the sizes of the marks.
    first : sequence of int
        Labels that get their places before all others.
    taken : sequence of (x0, y0, x1, y1)
        Where no label may be, besides the marks.

    Returns
    -------
    list of Placed
        Labels that overlap neither a mark nor each other.
    """
    if not len(marks):
        return []
    away = np.hypot(*(marks[:, None] - marks[None]).transpose(2, 0, 1))
    np.fill_diagonal(away, np.inf)
    lonely = np.argsort(-away.min(axis=1), kind="stable").tolist()
    order = [*first, *(index for index in lonely if index not in set(first))]
    boxes = np.concatenate([marks - radius[:, None], marks + radius[:, None]], axis=1)
    used = np.concatenate([boxes, np.asarray(taken, dtype=np.float64).reshape(-1, 4)])
    placed = []
    for index in order:
        x, y = marks[index]
        width, height = sizes[index]
        for across, up in _SIDES:
            # beside the mark, or over a corner of it
            near = radius[index] + 2 if 0 in (across, up) else radius[index] + 0.5
            middle = x + across * (near + width / 2), y + up * (near + height / 2)
            box = np.array(
                [middle[0] - width / 2, middle[1] - height / 2, middle[0] + width / 2, middle[1] + height / 2]
            )
            inside = (box[:2] >= frame[:2]).all() and (box[2:] <= frame[2:]).all()
            if inside and not ((used[:, :2] < box[2:]) & (used[:, 2:] > box[:2])).all(axis=1).any():
                placed.append(Placed(index, *middle))
                used = np.concatenate([used, box[None]])
                break
    return placed
