"""Times of rows into time slots: what was observed together belongs together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["cluster_times"]

SHARE = 0.25
"""Times closer than this share of the cadence fall into one slot."""


def cluster_times(
    time: npt.NDArray[np.float64], key: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32]]:
    """Gather the times of rows into slots.

    The tolerance follows from the cadence of each baseline: the median step between successive times of one baseline
    and data description, the smallest of these over all baselines. INTERVAL is not used: writers fill it with anything.
    Two different times of one baseline and data description never share a slot.

    Parameters
    ----------
    time : ndarray of float64, shape (n,)
        Time of each row in seconds.
    key : ndarray of int64, shape (n,)
        One number per baseline and data description.

    Returns
    -------
    slots : ndarray of float64, shape (m,)
        Times of the slots, ascending: the mean over the rows of each.
    index : ndarray of int32, shape (n,)
        Slot of each row.
    """
    unique, index, count = _unique(time)
    if unique.size == 1 or not _may_merge(unique, index, key):
        return unique, index
    tolerance = SHARE * _cadence(unique, index, key)
    slot_of = _group(unique, index, key, tolerance)
    n_slots = int(slot_of[-1]) + 1
    rows = np.bincount(slot_of, weights=count, minlength=n_slots)
    # Sums relative to the first time keep the precision of the difference.
    offset = np.bincount(slot_of, weights=count * (unique - unique[0]), minlength=n_slots) / rows
    slots = unique[0] + offset
    alone = np.bincount(slot_of, minlength=n_slots) == 1
    first = np.searchsorted(slot_of, np.arange(n_slots))
    slots[alone] = unique[first[alone]]
    return slots, slot_of[index]


def _unique(
    time: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Find the distinct times, quickly where many successive rows have the same."""
    starts = np.flatnonzero(np.concatenate(([True], time[1:] != time[:-1])))
    unique, inverse = np.unique(time[starts], return_inverse=True)
    lengths = np.diff(np.concatenate((starts, [time.size])))
    index = np.repeat(inverse.astype(np.int32), lengths)
    return unique, index, np.bincount(index, minlength=unique.size)


def _may_merge(unique: npt.NDArray[np.float64], index: npt.NDArray[np.int32], key: npt.NDArray[np.int64]) -> bool:
    """Rule merging out early: where the two closest times share most baselines, the cadence is about their distance."""
    closest = int(np.argmin(np.diff(unique)))
    return bool(np.isin(key[index == closest], key[index == closest + 1]).mean() < 0.5)


def _cadence(unique: npt.NDArray[np.float64], index: npt.NDArray[np.int32], key: npt.NDArray[np.int64]) -> float:
    order = np.lexsort((index, key))
    sorted_key, sorted_time = key[order], unique[index[order]]
    step = np.diff(sorted_time)
    good = (sorted_key[1:] == sorted_key[:-1]) & (step > 0)
    if not good.any():
        return 0.0
    step, owner = step[good], sorted_key[1:][good]
    order = np.lexsort((step, owner))
    step, owner = step[order], owner[order]
    starts = np.flatnonzero(np.concatenate(([True], owner[1:] != owner[:-1])))
    ends = np.concatenate((starts[1:], [owner.size]))
    return float(step[(starts + ends - 1) // 2].min())


def _group(
    unique: npt.NDArray[np.float64], index: npt.NDArray[np.int32], key: npt.NDArray[np.int64], tolerance: float
) -> npt.NDArray[np.int32]:
    """Join neighbouring times unless they are too far apart or hold the same baseline twice."""
    order = np.argsort(index, kind="stable")
    bounds = np.searchsorted(index[order], np.arange(unique.size + 1))
    slot_of = np.zeros(unique.size, dtype=np.int32)
    held: set[int] | None = None
    first = 0
    for number in range(1, unique.size):
        joined = False
        if unique[number] - unique[number - 1] <= tolerance and unique[number] - unique[first] <= 2 * tolerance:
            if held is None:
                held = set(key[order[bounds[first] : bounds[number]]].tolist())
            new = set(key[order[bounds[number] : bounds[number + 1]]].tolist())
            joined = held.isdisjoint(new)
            if joined:
                held |= new
        if not joined:
            first, held = number, None
        slot_of[number] = slot_of[number - 1] + (not joined)
    return slot_of
