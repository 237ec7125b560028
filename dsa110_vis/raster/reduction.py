"""One pass over the selected column: from visibilities to cells."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import CancelledError, OptionError
from dsa110_vis.ms import selection_from_aliases
from dsa110_vis.raster.cells import Cells, Origin
from dsa110_vis.raster.columns import Source, flat_weights
from dsa110_vis.raster.kernels import AMPLITUDE, IMAG, REAL
from dsa110_vis.raster.loops import columns, whole_rows
from dsa110_vis.raster.median import MEDIAN_LIMIT, Gathering
from dsa110_vis.raster.plan import Plan
from dsa110_vis.raster.scatter import cell_matrix, count_flags, count_flags_scattered, list_entries, scatter
from dsa110_vis.raster.sums import CELLS_LIMIT, empty_sums

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from dsa110_vis.ms import Chunk, MeasurementSet
    from dsa110_vis.raster.axis import Axes
    from dsa110_vis.raster.entries import Samples
    from dsa110_vis.raster.options import Request
    from dsa110_vis.raster.sums import Sums

    Progress = Callable[[float], bool | None]

__all__ = ["axes", "make_plan", "reduce", "reduce_rows", "selected"]

NOTHING = np.empty(0, dtype=np.complex64)
NO_CELLS = np.empty((0, 0), dtype=np.int64)
KINDS = {"vis": AMPLITUDE, "flag_fraction": AMPLITUDE, "real": REAL, "imag": IMAG, "weight": REAL}


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
    """Adds chunks to cells, with few steps in Python: each of them waits for casacore."""

    def __init__(self, plan: Plan, sums: Sums, gathering: Gathering | None) -> None:
        self._plan = plan
        self._sums = sums
        self._gathering = gathering
        self._family = plan.request.family
        self._source = Source(plan.request.column)
        self._bins = plan.bins()
        self._where = plan.contributions()
        self._room = _Room()

    def read(self, index: npt.NDArray[np.int64] | None) -> Any:
        weights = self._family == "weight" or self._plan.request.weights_used
        return self._plan.ms.read(self._source.columns, rows=self._plan.rows, index=index, weights=weights)

    def add(self, chunk: Chunk) -> None:
        if chunk.flag is None:
            message = "The chunk was read without its flags."
            raise OptionError(message)
        flag = np.ascontiguousarray(chunk.flag).reshape(-1).view(np.uint8)
        size = chunk.channels.size * chunk.correlations.size
        weights = flat_weights(chunk) if self._family == "weight" or self._plan.request.weights_used else None
        if self._family == "flag_fraction":
            data = NOTHING
        elif self._family == "weight" and weights is not None:
            data, weights = self._source.weights_as_visibilities(weights), None
        else:
            data = self._source.visibilities(chunk)
        direct, swapped = self._plan.samples(chunk)
        if swapped is direct:
            self._add(chunk, direct, 0, data, flag, weights, size)
        else:  # the correlations of conjugated rows go elsewhere
            self._add(chunk, direct, 1, data, flag, weights, size)
            self._add(chunk, swapped, -1, data, flag, weights, size)

    def _add(  # noqa: PLR0917  as the kernels take them
        self,
        chunk: Chunk,
        samples: Samples,
        want: int,
        data: npt.NDArray[np.complex64],
        flag: npt.NDArray[np.uint8],
        weights: npt.NDArray[np.float32] | None,
        size: int,
    ) -> None:
        if samples.local.size == 0:
            return
        kind = KINDS[self._family]
        # offsets lead to the very cell where there is one only
        whole = samples.local.size == 1 and samples.samples.size == size and not self._plan.by_sample
        rows, offsets, signs = self._entries(chunk, want, int(samples.local[0]) if whole else 0)
        cells = NO_CELLS
        if self._plan.by_sample or self._gathering is not None:
            cells = self._matrix(chunk, samples, rows, offsets, whole=whole)
        if self._gathering is not None:
            self._gathering.add(data, flag, size, kind, rows, signs, cells)
        if self._family == "flag_fraction" and self._plan.by_sample:
            count_flags_scattered(flag, size, rows, cells, self._sums.numbers)
        elif self._family == "flag_fraction":
            local = np.zeros_like(samples.local) if whole else samples.local
            count_flags(flag, size, rows, offsets, samples.starts, samples.samples, local, self._sums.numbers)
        elif self._plan.by_sample:
            scatter(data, flag, weights, size, kind, rows, signs, cells, *self._sums.arrays)
        elif whole:
            whole_rows(data, flag, weights, size, kind, rows, offsets, signs, *self._sums.arrays)
        else:
            tables = (samples.starts, samples.samples, samples.local)
            columns(data, flag, weights, size, kind, rows, offsets, signs, *tables, *self._sums.arrays)

    def _entries(
        self, chunk: Chunk, want: int, add: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        where = self._where
        n = chunk.position.size * where.offsets.shape[0]
        rows, offsets = self._room.take("rows", np.int64, n), self._room.take("offsets", np.int64, n)
        signs = self._room.take("signs", np.float64, n)
        m = list_entries(chunk.position, where.offsets, where.signs, want, add, where.unit, rows, offsets, signs)
        return rows[:m], offsets[:m], signs[:m]

    def _matrix(
        self,
        chunk: Chunk,
        samples: Samples,
        rows: npt.NDArray[np.int64],
        offsets: npt.NDArray[np.int64],
        *,
        whole: bool,
    ) -> npt.NDArray[np.int64]:
        shape = (rows.size, samples.flat.size)
        out = self._room.take("cells", np.int64, shape[0] * shape[1]).reshape(shape)
        low, step, table = self._bins
        lengths = self._where.lengths
        local = np.zeros_like(samples.flat) if whole else samples.flat
        cell_matrix(rows, offsets, local, chunk.position, lengths, samples.scale, low, step, table, out)
        return out


class _Room:
    """Memory by name, made once and used again."""

    def __init__(self) -> None:
        self._held: dict[str, npt.NDArray[Any]] = {}

    def take(self, name: str, dtype: type[np.generic], size: int) -> npt.NDArray[Any]:
        if name not in self._held or self._held[name].size < size:
            self._held[name] = np.empty(size, dtype=dtype)
        return self._held[name][:size]


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
