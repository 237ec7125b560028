"""What CASA says of a run of minor iterations, and what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["iterations_of", "iterations_to_ask"]

# Rows of CASA's summary of a minor cycle, and what the last of them says where the number of iterations was the limit.
_ITERATIONS, _CHANNEL, _STOKES, _STOPPED_BY = 0, 5, 6, 16
_BY_ITERATIONS = 1


def iterations_to_ask(iterations: int, *, uncounted: bool) -> int:
    """Say how many iterations CASA is asked for, so that it does as many as are wanted.

    Parameters
    ----------
    iterations : int
        How many are wanted.
    uncounted : bool
        Whether CASA does one more than it is asked for and does not count it, as its Hogbom does (its loop goes from 0
        to the number asked for, both included), and this one is not wanted.

    Returns
    -------
    int
        At least 1.
    """
    return max(iterations - uncounted, 1)


def iterations_of(record: Mapping[str, Any], asked: int, *, uncounted: bool) -> dict[tuple[int, int], int]:
    """Read the iterations that were done.

    Parameters
    ----------
    record : mapping
        What CASA's deconvolver gave. Its summary may have the calls before as well; every call adds a column for each
        plane, also for one where nothing was done. Whether the model changed it says of the last plane only.
    asked : int
        How many it was asked for, in each plane.
    uncounted : bool
        Whether a plane that did as many has done one more.

    Returns
    -------
    dict of tuple of int to int
        Iterations by Stokes plane and channel; only planes that had any.
    """
    last = {(int(plane[_STOKES]), int(plane[_CHANNEL])): plane for plane in np.asarray(record["summaryminor"]).T}
    found: dict[tuple[int, int], int] = {}
    for number, plane in last.items():
        if (done := int(plane[_ITERATIONS])) > 0:
            more = uncounted and done >= asked and int(plane[_STOPPED_BY]) == _BY_ITERATIONS
            found[number] = done + more
    return found
