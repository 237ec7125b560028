"""What each measured process does: ``children.py WHAT MS [WORDS]`` prints one JSON line with seconds and peak memory.

Every measurement is a process of its own, so that its peak memory is its own and nothing is warm by accident. Imports
are timed apart.
"""

from __future__ import annotations

import itertools
import json
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable


def floor(path: str) -> dict[str, float]:
    """Read DATA and FLAG once, in contiguous runs of one DATA_DESC_ID, into reused buffers: nothing can be faster."""
    from casacore.tables import table

    rows_at_once = 16384
    began = time.perf_counter()
    with table(path, ack=False) as ms:
        ddid = ms.getcol("DATA_DESC_ID")
        starts = np.concatenate(([0], np.flatnonzero(np.diff(ddid)) + 1, [len(ddid)]))
        shape = ms.getcell("DATA", 0).shape
        data = np.empty((rows_at_once, *shape), np.complex64)
        flag = np.empty((rows_at_once, *shape), bool)
        for start, stop in itertools.pairwise(starts):
            for row in range(start, stop, rows_at_once):
                n = min(rows_at_once, stop - row)
                ms.getcolnp("DATA", data[:n], row, n)
                ms.getcolnp("FLAG", flag[:n], row, n)
    return {"seconds": time.perf_counter() - began}


def ours(path: str, x: str, y: str, spw: str = "") -> dict[str, float]:
    """Make one raster twice: first in a fresh process, then again in the same one (no result is kept between)."""
    began = time.perf_counter()
    from dsa110_vis.raster import raster

    imported = time.perf_counter()
    selection = {"spw": spw} if spw else None
    raster(path, x, y, column="DATA", autocorrelations=True, selection=selection)
    first = time.perf_counter()
    raster(path, x, y, column="DATA", autocorrelations=True, selection=selection)
    second = time.perf_counter()
    return {"import": imported - began, "cold": first - imported, "seconds": second - first}


def cached(path: str) -> dict[str, float]:
    """Answer from cells that are there already: other statistic, other quantity, other range."""
    from dataclasses import replace

    from dsa110_vis.ms import MeasurementSet
    from dsa110_vis.raster import Request, reduce

    with MeasurementSet(path) as ms:
        request = Request("frequency", "baseline", column="DATA").validate(ms)
        cells = reduce(ms, request)
        times: dict[str, float] = {}
        for name, change in {
            "std": {"aggregator": "std"},
            "max": {"aggregator": "max"},
            "phase": {"quantity": "phase"},
            "vector": {"averaging": "vector"},
        }.items():
            began = time.perf_counter()
            cells.value(replace(request, **change), 0)
            times[name] = time.perf_counter() - began
        for name, (ny, nx) in {
            "whole view": cells.shape[1:],
            "quarter view": (n // 2 for n in cells.shape[1:]),
        }.items():
            # the first fold in a process loads its compiled loop
            cells.binned(np.array([0, ny]), np.array([0, nx]), 0)
            began = time.perf_counter()
            edges_y = np.unique(np.linspace(0, ny, min(ny, 600) + 1).astype(int))
            edges_x = np.unique(np.linspace(0, nx, min(nx, 768) + 1).astype(int))
            cells.binned(edges_y, edges_x, 0).value(request)
            times[name] = time.perf_counter() - began
    return times


CHILDREN: dict[str, Callable[..., dict[str, float]]] = {"floor": floor, "ours": ours, "cached": cached}


def main() -> None:
    what, path, *words = sys.argv[1:]
    result = CHILDREN[what](str(Path(path)), *words)
    result["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(result))


if __name__ == "__main__":
    main()
