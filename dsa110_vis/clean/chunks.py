"""How many minor iterations to do before looking up: so many as take half a second.

A run of iterations takes a fixed time (CASA reads and writes images and convolves them with the scales) and a time for
each iteration. Both are found from the runs so far by least squares. Where the fixed part is more than half of what a
chunk aims at, a chunk does so many iterations that they take as long as the fixed part: half of the time is then spent
on iterations, and stopping takes twice the fixed part at most.
"""

from __future__ import annotations

from collections import deque

import numpy as np

__all__ = ["Chunks"]

FIRST = 10
"""Iterations of the first chunk, when nothing is known."""

GROWTH = 4
"""A chunk is at most so many times as long as the one before."""


class Chunks:
    """Chooses the length of chunks by how long the last ones took.

    Parameters
    ----------
    seconds : float or None
        What a chunk aims at; None for whole cycles.
    """

    def __init__(self, seconds: float | None) -> None:
        self._aim = seconds
        self._runs: deque[tuple[int, float]] = deque(maxlen=12)

    def size(self) -> int | None:
        """Choose how many iterations of a plane to do next.

        Returns
        -------
        int or None
            At least 2; None for all of the cycle.
        """
        if self._aim is None:
            return None
        if not self._runs:
            return FIRST
        fixed, each = self._cost()
        longest = GROWTH * max(count for count, _ in self._runs)
        wanted = max(self._aim - fixed, fixed) / each if each > 0 else longest
        return int(max(min(wanted, longest), 2))

    def took(self, iterations: int, seconds: float) -> None:
        """Learn from a chunk.

        Parameters
        ----------
        iterations : int
            Done in the plane that had most.
        seconds : float
            How long it took.
        """
        if iterations > 0:
            self._runs.append((iterations, seconds))

    def _cost(self) -> tuple[float, float]:
        """Give the fixed time of a run and the time of an iteration, in seconds, neither below 0."""
        counts, seconds = np.array(self._runs, dtype=float).T
        spread = counts - counts.mean()
        if (square := float(spread @ spread)) == 0:
            return 0.0, float(seconds.mean() / counts.mean())
        each = max(float(spread @ seconds) / square, 0.0)
        fixed = max(float(seconds.mean() - each * counts.mean()), 0.0)
        return fixed, each
