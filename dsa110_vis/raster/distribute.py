"""The same reduction on the workers of dask.distributed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import DependencyError, UnreadableError
from dsa110_vis.raster.cells import Cells, Origin
from dsa110_vis.raster.median import Gathering
from dsa110_vis.raster.sums import empty_sums

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from dsa110_vis.raster.options import Request
    from dsa110_vis.raster.plan import Plan

__all__ = ["reduce_distributed", "reduce_share"]


def reduce_share(  # noqa: PLR0917  as dask hands them over
    path: str,
    selections: tuple[dict[str, str], ...],
    request: Request,
    iterations: Sequence[int] | None,
    index: npt.NDArray[np.int64],
    expected: tuple[str, int],
) -> Cells:
    """Reduce some rows on a worker.

    Parameters
    ----------
    path : str
        The Measurement Set.
    selections : tuple of dict
        What is selected in it before the selection of the request.
    request : Request
        What to compute, its column filled in.
    iterations : sequence of int or None
        Which values of the iterate axis are wanted.
    index : ndarray of int64, shape (n,)
        Positions of the rows.
    expected : (str, int)
        Fingerprint and number of rows that the client sees.

    Returns
    -------
    Cells
        Of these rows alone.

    Raises
    ------
    UnreadableError
        If the worker sees another Measurement Set than the client.
    """
    from dsa110_vis.ms import MeasurementSet  # noqa: PLC0415  on the worker
    from dsa110_vis.raster.plan import Plan  # noqa: PLC0415
    from dsa110_vis.raster.reduction import reduce_rows, selected  # noqa: PLC0415

    with MeasurementSet(path) as ms:
        plan = Plan(selected(ms.select_each(selections), request), request, iterations)
        if (ms.fingerprint, len(plan.rows)) != expected:
            message = f"A worker sees another {path} than this process."
            raise UnreadableError(message, "The path has to lead to the same files everywhere; is it being written to?")
        n_cells = int(np.prod(plan.shape))
        bound = plan.max_samples(index)
        sums = empty_sums(n_cells, request.family, weighted=request.weights_used, wide=bound >= 2**31)
        gathering = Gathering(bound, n_cells) if request.aggregator == "median" else None
        reduce_rows(plan, index, sums, gathering, None)
        values = None if gathering is None else gathering.finish(sums.count)
        return Cells(plan.axes, request, plan.iterations, sums, values=values)


def _merge(first: Cells, second: Cells) -> Cells:
    return first.merge(second)


def reduce_distributed(
    client: Any,
    plan: Plan,
    index: npt.NDArray[np.int64] | None,
    *,
    selections: tuple[dict[str, str], ...],
    origin: Origin,
    iterations: Sequence[int] | None = None,
    progress: Callable[[float], bool | None] | None = None,
) -> Cells:
    """Reduce on the workers of a cluster: each a run of rows, the cells merged in pairs.

    Parameters
    ----------
    client : distributed.Client
        The cluster.
    plan : Plan
        What to do.
    index : ndarray of int64 or None
        Positions of the rows; None means all.
    selections : tuple of dict
        What is selected before the selection of the request.
    origin : Origin
        For the result.
    iterations : sequence of int or None
        Which values of the iterate axis are wanted.
    progress : callable or None
        Called with the fraction done; returning False cancels.

    Returns
    -------
    Cells
        The same as without a cluster, but for the last bits of the sums.

    Raises
    ------
    DependencyError
        If dask.distributed is not installed.
    UnreadableError
        If a worker sees another Measurement Set.
    CancelledError
        If it was cancelled.
    """
    try:
        import distributed  # noqa: PLC0415  optional
    except ImportError as error:
        message = "dask.distributed is not installed."
        raise DependencyError(message, "pip install 'dsa110_vis[dask]'") from error
    from dsa110_vis.raster.reduction import tell  # noqa: PLC0415  reduction imports this module when it needs it

    rows = np.arange(len(plan.rows), dtype=np.int64) if index is None else index
    n_workers = max(sum(client.nthreads().values()), 1)
    shares = np.array_split(rows, min(n_workers, max(rows.size, 1)))
    expected = (origin.fingerprint, len(plan.rows))
    common = (str(plan.ms.path), selections, plan.request, iterations)
    futures = [client.submit(reduce_share, *common, share, expected, pure=False) for share in shares]
    level = futures
    try:
        tell(progress, 0.0)
        while len(level) > 1:
            pairs = [level[k : k + 2] for k in range(0, len(level), 2)]
            level = [client.submit(_merge, *pair, pure=False) if len(pair) == 2 else pair[0] for pair in pairs]
            futures.extend(future for future in level if future not in futures)
        arrived: Any = distributed.as_completed  # untyped
        for done, future in enumerate(arrived(futures), start=1):
            if future.status == "error":
                future.result()
            tell(progress, done / len(futures))
        result: Cells = level[0].result()
    finally:
        client.cancel(futures)
    return dataclasses.replace(result, request=plan.request, origin=origin)
