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
from dsa110_vis.raster.loops import add_columns, add_whole_rows, list_entries
from dsa110_vis.raster.median import MEDIAN_LIMIT, Gathering
from dsa110_vis.raster.plan import Plan
from dsa110_vis.raster.scatter import cell_matrix, count_flags, count_flags_scattered, scatter
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
        where = self._where
        n = chunk.position.size * where.offsets.shape[0]
        lists = (self._room.take("rows", np.int64, n), self._room.take("cells", np.int64, n))
        listing = (chunk.position, where.offsets, where.signs, want)
        filled = (*lists, self._room.take("signs", np.float64, n))
        tables = (samples.starts, samples.samples, samples.local)
        chunk_data = (data, flag, weights, size, kind)
        if self._gathering is not None or self._plan.by_sample:
            m = list_entries(*listing, 0, 0, *filled)
            rows, offsets, signs = (part[:m] for part in filled)
            cells = self._matrix(chunk, samples, rows, offsets)
            if self._gathering is not None:
                self._gathering.add(data, flag, size, kind, rows, signs, cells)
            if self._plan.by_sample and self._family == "flag_fraction":
                count_flags_scattered(flag, size, rows, cells, self._sums.numbers)
            elif self._plan.by_sample:
                scatter(*chunk_data, rows, signs, cells, *self._sums.arrays)
        if self._plan.by_sample:
            return
        if self._family == "flag_fraction":
            count_flags(flag, size, *listing, *tables, self._sums.numbers)
        elif samples.local.size == 1 and samples.samples.size == size:
            add_whole_rows(*chunk_data, *listing, int(samples.local[0]), *filled, *self._sums.arrays)
        else:
            add_columns(*chunk_data, *listing, 0, where.unit, *filled, *tables, *self._sums.arrays)

    def _matrix(
        self,
        chunk: Chunk,
        samples: Samples,
        rows: npt.NDArray[np.int64],
        offsets: npt.NDArray[np.int64],
    ) -> npt.NDArray[np.int64]:
        shape = (rows.size, samples.flat.size)
        out = self._room.take("matrix", np.int64, shape[0] * shape[1]).reshape(shape)
        low, step, table = self._bins
        lengths = self._where.lengths
        cell_matrix(rows, offsets, samples.flat, chunk.position, lengths, samples.scale, low, step, table, out)
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
            client, plan, index, selections=ms.selections, origin=origin, iterations=iterations, progress=progress
        )
    tell(progress, 0.0)
    reduce_rows(plan, index, sums, gathering, progress)
    values = None if gathering is None else gathering.finish(sums.count)
    return Cells(plan.axes, plan.request, plan.iterations, sums, origin, values)
