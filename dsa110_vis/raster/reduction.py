"""One pass over the selected column: from visibilities to cells."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import CancelledError, OptionError
from dsa110_vis.ms import selection_from_aliases
from dsa110_vis.raster.cells import Cells, Origin
from dsa110_vis.raster.columns import Source, flat_weights
from dsa110_vis.raster.groups import groups
from dsa110_vis.raster.kernels import AMPLITUDE, IMAG, REAL
from dsa110_vis.raster.median import MEDIAN_LIMIT, Gathering
from dsa110_vis.raster.plan import Plan
from dsa110_vis.raster.scatter import cell_matrix, count_flags, count_flags_scattered, scatter
from dsa110_vis.raster.sums import CELLS_LIMIT, empty_sums

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from dsa110_vis.ms import Chunk, MeasurementSet
    from dsa110_vis.raster.axis import Axes
    from dsa110_vis.raster.options import Request
    from dsa110_vis.raster.plan import Entries
    from dsa110_vis.raster.sums import Sums

    Progress = Callable[[float], bool | None]

__all__ = ["axes", "make_plan", "reduce", "reduce_rows", "selected"]

KINDS = {"vis": AMPLITUDE, "real": REAL, "imag": IMAG, "weight": REAL}


def selected(ms: MeasurementSet, request: Request) -> MeasurementSet:
    """Apply the selection of a request.

    Parameters
    ----------
    ms : MeasurementSet
        The data.
    request : Request
        The request.

    Returns
    -------
    MeasurementSet
        A view on the same table.

    Raises
    ------
    SelectionSyntaxError
        If a selection cannot be understood.
    SelectionEmptyError
        If it matches nothing.
    """
    chosen = {key: value for key, value in (request.selection or {}).items() if value not in (None, "")}
    return ms.select(**selection_from_aliases(chosen)) if chosen else ms


def make_plan(ms: MeasurementSet, request: Request, iterations: Sequence[int] | None = None) -> Plan:
    """Check a request against the data and plan it.

    Parameters
    ----------
    ms : MeasurementSet
        The data, without the selection of the request.
    request : Request
        The request.
    iterations : sequence of int, optional
        Which values of the iterate axis are wanted; all by default.

    Returns
    -------
    Plan
        The plan; its request has the column filled in.
    """
    view = selected(ms, request)
    return Plan(view, request.validate(view), iterations)


def axes(ms: MeasurementSet, request: Request) -> Axes:
    """Give the axes of a raster without reading any array column.

    Parameters
    ----------
    ms : MeasurementSet
        The data.
    request : Request
        The request; its column does not matter.

    Returns
    -------
    Axes
        What occurs in the selection.

    Raises
    ------
    OptionError
        If a name is not known.
    SelectionEmptyError
        If nothing is selected.
    """
    request.check()
    return Plan(selected(ms, request), request).axes


class _Reducer:
    """Adds chunks to cells."""

    def __init__(self, plan: Plan, sums: Sums, gathering: Gathering | None) -> None:
        self._plan = plan
        self._sums = sums
        self._gathering = gathering
        self._family = plan.request.family
        self._source = Source(plan.request.column)
        self._bins = plan.bins()
        self._cells: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)

    def read(self, index: npt.NDArray[np.int64] | None) -> Any:
        weights = self._family == "weight" or self._plan.request.weights_used
        return self._plan.ms.read(self._source.columns, rows=self._plan.rows, index=index, weights=weights)

    def add(self, chunk: Chunk) -> None:
        size = chunk.channels.size * chunk.correlations.size
        if chunk.flag is None:
            message = "The chunk was read without its flags."
            raise OptionError(message)
        flag = np.ascontiguousarray(chunk.flag).reshape(-1).view(np.uint8)
        if self._family == "flag_fraction":
            for entries in self._plan.entries(chunk):
                self._add_flags(entries, flag, size)
            return
        weights = flat_weights(chunk) if self._family == "weight" or self._plan.request.weights_used else None
        if self._family == "weight" and weights is not None:
            data, weights = self._source.weights_as_visibilities(weights), None
        else:
            data = self._source.visibilities(chunk)
        kind = KINDS[self._family]
        for entries in self._plan.entries(chunk):
            signs = entries.signs if self._family != "weight" else np.ones_like(entries.signs)
            if self._gathering is not None:
                self._gathering.add(data, flag, size, kind, entries.rows, signs, self._matrix(entries, size))
            if self._plan.by_sample:
                cells = self._matrix(entries, size)
                scatter(data, flag, weights, size, kind, entries.rows, signs, cells, *self._sums.arrays)
                continue
            rows, offsets = entries.rows, entries.offsets
            order = np.argsort(offsets)
            ascending = offsets[order]
            if (ascending[1:] == ascending[:-1]).any():  # else sorting brings nothing but jumping about
                rows, offsets, signs = rows[order], ascending, signs[order]
            samples = entries.samples
            groups(
                data, flag, weights, size, kind, rows, offsets, signs,
                samples.starts, samples.samples, samples.local, *self._sums.arrays,
            )  # fmt: skip

    def _add_flags(self, entries: Entries, flag: npt.NDArray[np.uint8], size: int) -> None:
        sums, samples = self._sums, entries.samples
        if self._plan.by_sample:
            count_flags_scattered(flag, size, entries.rows, self._matrix(entries, size), sums.numbers)
        else:
            count_flags(
                flag, size, entries.rows, entries.offsets, samples.starts, samples.samples, samples.local,
                sums.numbers,
            )  # fmt: skip

    def _matrix(self, entries: Entries, size: int) -> npt.NDArray[np.int64]:
        needed = entries.rows.size * size
        if self._cells.size < needed:
            self._cells = np.empty(needed, dtype=np.int64)
        out = self._cells[:needed].reshape(entries.rows.size, size)
        low, step, table = self._bins
        samples = entries.samples
        cell_matrix(entries.offsets, samples.flat, entries.lengths, samples.scale, low, step, table, out)
        return out


def reduce_rows(
    plan: Plan,
    index: npt.NDArray[np.int64] | None,
    sums: Sums,
    gathering: Gathering | None,
    progress: Progress | None,
) -> None:
    """Add rows to cells.

    Parameters
    ----------
    plan : Plan
        Where samples go.
    index : ndarray of int64 or None
        Positions of the rows; None means all.
    sums : Sums
        Added to.
    gathering : Gathering or None
        Collects the samples, if medians are wanted.
    progress : callable or None
        Called with the fraction done; returning False cancels.

    Raises
    ------
    CancelledError
        If it was cancelled.
    """
    total = len(plan.rows) if index is None else index.size
    if total == 0:
        return
    reducer = _Reducer(plan, sums, gathering)
    done = 0
    with contextlib.closing(reducer.read(index)) as chunks:
        for chunk in chunks:
            reducer.add(chunk)
            done += chunk.position.size
            tell(progress, done / total)


def tell(progress: Progress | None, fraction: float) -> None:
    """Report progress.

    Parameters
    ----------
    progress : callable or None
        Called with the fraction.
    fraction : float
        From 0 to 1.

    Raises
    ------
    CancelledError
        If it returns False.
    """
    if progress is not None and progress(fraction) is False:
        message = "The raster was cancelled."
        raise CancelledError(message)


def reduce(
    ms: MeasurementSet,
    request: Request,
    *,
    iterations: Sequence[int] | None = None,
    progress: Progress | None = None,
    client: Any = None,
    limit: int = CELLS_LIMIT,
    median_limit: int = MEDIAN_LIMIT,
) -> Cells:
    """Reduce a Measurement Set to the cells of a raster.

    Parameters
    ----------
    ms : MeasurementSet
        The data; the selection of the request is added to its own.
    request : Request
        What to show.
    iterations : sequence of int, optional
        Which values of the iterate axis are wanted; all by default. Only the rows that matter are read.
    progress : callable, optional
        Called with the fraction done, 0 to 1, from the calling thread; returning False cancels.
    client : distributed.Client, optional
        Where to do the work, instead of here. Its workers have to see the same path.
    limit, median_limit : int
        Bytes that cells, and samples gathered for a median, may take.

    Returns
    -------
    Cells
        The sums of every cell.

    Raises
    ------
    OptionError
        If the request is not possible; the hint lists what is.
    AbsentColumnError
        If the column, or weights, do not exist.
    SelectionSyntaxError, SelectionEmptyError
        If the selection is wrong or matches nothing.
    MemoryLimitError
        If a limit is exceeded.
    CancelledError
        If it was cancelled.
    """
    plan = make_plan(ms, request, iterations)
    index = plan.index()
    origin = Origin(ms.name, str(ms.path), ms.metadata.telescope, ms.fingerprint)
    n_cells = int(np.prod(plan.shape))
    bound = plan.max_samples(index)
    sums = empty_sums(
        n_cells, plan.request.family, weighted=plan.request.weights_used, wide=bound >= 2**31, limit=limit
    )
    gathering = None
    if plan.request.aggregator == "median":
        gathering = Gathering(bound, n_cells, median_limit)
    if client is not None:
        from dsa110_vis.raster.distribute import reduce_distributed  # noqa: PLC0415  dask is optional

        return reduce_distributed(
            client, plan, index, selection=ms.selection, origin=origin, iterations=iterations, progress=progress
        )
    tell(progress, 0.0)
    reduce_rows(plan, index, sums, gathering, progress)
    values = None if gathering is None else gathering.finish(sums.count)
    return Cells(plan.axes, plan.request, plan.iterations, sums, origin, values)
