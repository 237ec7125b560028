"""Compiled loops made ready before there is data."""

from __future__ import annotations

import numpy as np

from dsa110_vis.raster.folding import fold
from dsa110_vis.raster.kernels import AMPLITUDE
from dsa110_vis.raster.loops import add_columns, add_whole_rows
from dsa110_vis.raster.sums import empty_sums

__all__ = ["warm"]


def warm() -> None:
    """Load the loops of the most common rasters, or compile them where that was never done.

    Loading takes half a second, compiling some: a process that others are forked from does it once for all of them.
    """
    sums = empty_sums(1, "vis", weighted=False, wide=False)
    sample = np.ones(1, np.complex64), np.zeros(1, np.uint8), None, 1, AMPLITUDE
    listing = np.zeros(1, np.int64), np.zeros((1, 1), np.int32), np.ones((1, 1), np.int8), 0
    room = np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(1)
    tables = np.array([0, 1]), np.zeros(1, np.int64), np.zeros(1, np.int64)
    add_whole_rows(*sample, *listing, 0, *room, *sums.arrays)
    add_columns(*sample, *listing, 0, 1, *room, *tables, *sums.arrays)
    fold(*sums.arrays, np.zeros(1, np.int64), *empty_sums(1, "vis", weighted=False, wide=False).arrays)
