"""Visibilities in chunks: one data description each, read ahead by one thread into buffers that are used again."""

from __future__ import annotations

import itertools
import math
import queue
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.ms.plan import plan_units

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from dsa110_vis.ms.plan import Unit
    from dsa110_vis.ms.rows import Rows, RowTable
    from dsa110_vis.ms.tables import MainTable

__all__ = ["Chunk", "ColumnPlan", "ShapeClass", "read_chunks"]

BYTES_PER_CALL = 1 << 20
"""casacore holds the interpreter's lock during a call: this much takes about a millisecond."""
LONG_STRETCH_BYTES = 256 << 10
"""Stretches of rows of at least this size become chunks of their own, where gathering them would take a copy."""
SAMPLES_WORTH_A_SLICE = 600
"""Samples per cell that must be left out before casacore's slower reading of slices pays."""
FLAG = "FLAG"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of one data description. The arrays are valid until the next chunk is asked for.

    Attributes
    ----------
    ddid : int
        DATA_DESC_ID.
    position : ndarray of int64, shape (n,)
        Positions of the rows in the selection (`Rows`), ascending.
    columns : dict of str to ndarray, shape (n, n_channels, n_correlations)
        Visibilities: complex64, or float32 for FLOAT_DATA.
    flag : ndarray of bool, shape (n, n_channels, n_correlations), or None
        FLAG or FLAG_ROW; None if flags were not asked for.
    weight : ndarray of float32, shape (n, n_correlations) or (n, n_channels, n_correlations), or None
        WEIGHT_SPECTRUM where it can be used, else WEIGHT; None if weights were not asked for.
    channels : ndarray of int64, shape (n_channels,)
        Numbers of the channels that were read: successive, from the first to the last selected one.
    correlations : ndarray of int64, shape (n_correlations,)
        Numbers of the correlations that were read, likewise.
    bytes : int
        Size of the arrays.
    """

    ddid: int
    position: npt.NDArray[np.int64]
    columns: dict[str, npt.NDArray[Any]]
    flag: npt.NDArray[np.bool_] | None
    weight: npt.NDArray[np.float32] | None
    channels: npt.NDArray[np.int64]
    correlations: npt.NDArray[np.int64]
    bytes: int


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """How one array column is read.

    Attributes
    ----------
    name : str
        The column.
    dtype : dtype
        Type of the buffer.
    full : tuple of int
        Shape of a cell.
    part : tuple of (int, int)
        First index and end of what is wanted of each axis of a cell.
    """

    name: str
    dtype: np.dtype[Any]
    full: tuple[int, ...]
    part: tuple[tuple[int, int], ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of what is wanted of a cell."""
        return tuple(end - begin for begin, end in self.part)

    @property
    def whole(self) -> bool:
        """Whether the whole cell is wanted."""
        return self.shape == self.full

    @property
    def sliced(self) -> bool:
        """Whether casacore is asked for the slice only."""
        return math.prod(self.full) - math.prod(self.shape) > SAMPLES_WORTH_A_SLICE

    @property
    def read_shape(self) -> tuple[int, ...]:
        """Shape of what is read of a cell."""
        return self.shape if self.sliced else self.full

    @property
    def read_bytes(self) -> int:
        """Bytes that are read per row."""
        return math.prod(self.read_shape) * self.dtype.itemsize


@dataclass(frozen=True, slots=True)
class ShapeClass:
    """Data descriptions whose cells have one shape and are read in one way.

    Attributes
    ----------
    ddids : tuple of int
        DATA_DESC_IDs.
    columns : tuple of ColumnPlan
        Array columns, FLAG and weights among them.
    names : tuple of str
        Which of them are visibilities.
    weight : str or None
        Which of them is the weight.
    flags : bool
        Whether flags are wanted; they come from FLAG_ROW alone if FLAG is not among the columns.
    channels, correlations : ndarray of int64
        What is read.
    """

    ddids: tuple[int, ...]
    columns: tuple[ColumnPlan, ...]
    names: tuple[str, ...]
    weight: str | None
    flags: bool
    channels: npt.NDArray[np.int64]
    correlations: npt.NDArray[np.int64]

    @property
    def row_bytes(self) -> int:
        """Bytes per row that are read or made."""
        flags = self.channels.size * self.correlations.size if self.flags else 0
        return sum(column.read_bytes for column in self.columns if column.name != FLAG) + max(
            flags, sum(column.read_bytes for column in self.columns if column.name == FLAG)
        )


class _Buffers:
    """Memory by name, made once and used again."""

    def __init__(self) -> None:
        self._memory: dict[str, npt.NDArray[np.uint8]] = {}

    def array(self, name: str, dtype: np.dtype[Any], shape: tuple[int, ...]) -> npt.NDArray[Any]:
        size = int(np.prod(shape)) * dtype.itemsize
        memory = self._memory.get(name)
        if memory is None or memory.size < size:
            memory = np.empty(size, dtype=np.uint8)
            self._memory[name] = memory
        return memory[:size].view(dtype).reshape(shape)


def read_chunks(
    main: MainTable,
    rows: Rows,
    positions: npt.NDArray[np.int64],
    *,
    table: RowTable,
    classes: Sequence[ShapeClass],
    chunk_bytes: int,
) -> Iterator[Chunk]:
    """Read rows in chunks; closing the iterator stops the thread that reads ahead.

    Parameters
    ----------
    main : MainTable
        The table.
    rows : Rows
        The selection.
    positions : ndarray of int64, shape (n,)
        Positions in the selection of the rows to be read, ascending.
    table : RowTable
        All rows of the table.
    classes : sequence of ShapeClass
        How the rows of each data description are read.
    chunk_bytes : int
        Size of one of the two sets of buffers.

    Yields
    ------
    Chunk
        Some rows; valid until the next one is asked for.
    """
    work = _work(rows, positions, table.ddid, classes, chunk_bytes)
    filler = _Filler(main, rows, table)
    first = next(work, None)
    if first is None:
        return
    second = next(work, None)
    if second is None:
        yield from filler.fill(*first, _Buffers())
        return
    yield from _read_ahead(filler, (first, second), work)


def _work(
    rows: Rows,
    positions: npt.NDArray[np.int64],
    table_ddid: npt.NDArray[np.int32],
    classes: Sequence[ShapeClass],
    chunk_bytes: int,
) -> Iterator[tuple[ShapeClass, Unit]]:
    for shape_class in classes:
        chosen = positions
        if len(classes) > 1:
            chosen = positions[np.isin(rows.ddid[positions], shape_class.ddids)]
        if not chosen.size:
            continue
        foreign = ~np.isin(table_ddid, shape_class.ddids)
        row_bytes = max(shape_class.row_bytes, 1)
        max_rows = max(chunk_bytes // row_bytes, 1)
        for unit in plan_units(rows.row[chosen], chosen, foreign if foreign.any() else None, row_bytes, max_rows):
            yield shape_class, unit


def _read_ahead(
    filler: _Filler, begun: tuple[tuple[ShapeClass, Unit], ...], work: Iterator[tuple[ShapeClass, Unit]]
) -> Iterator[Chunk]:
    free: queue.SimpleQueue[_Buffers | None] = queue.SimpleQueue()
    ready: queue.SimpleQueue[tuple[list[Chunk], _Buffers] | BaseException | None] = queue.SimpleQueue()
    stop = threading.Event()

    def run() -> None:
        try:
            for source in (begun, work):
                for shape_class, unit in source:
                    buffers = free.get()
                    if buffers is None or stop.is_set():
                        return
                    ready.put((filler.fill(shape_class, unit, buffers), buffers))
        except BaseException as error:  # noqa: BLE001  handed over to the reading thread, which raises it
            ready.put(error)
        else:
            ready.put(None)

    thread = threading.Thread(target=run, name="dsa110-vis-reader", daemon=True)
    for _ in range(2):
        free.put(_Buffers())
    thread.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            chunks, buffers = item
            yield from chunks
            free.put(buffers)
    finally:
        stop.set()
        free.put(None)
        thread.join()


class _Filler:
    """Reads units into buffers."""

    def __init__(self, main: MainTable, rows: Rows, table: RowTable) -> None:
        self._main = main
        self._rows = rows
        self._table = table

    def fill(self, shape_class: ShapeClass, unit: Unit, buffers: _Buffers) -> list[Chunk]:
        """Read a unit and cut it into chunks of one data description each."""
        arrays: dict[str, npt.NDArray[Any]] = {}
        names = [column.name for column in shape_class.columns]
        for column in shape_class.columns:
            read = buffers.array(column.name, column.dtype, (unit.n_rows, *column.read_shape))
            self._read(column, unit, read)
            if column.read_shape != column.shape:
                part = buffers.array(f"{column.name}/part", column.dtype, (unit.n_rows, *column.shape))
                np.copyto(part, read[(slice(None), *(slice(*piece) for piece in column.part))])
                read = part
            arrays[column.name] = read
        if shape_class.flags:
            if FLAG not in names:
                shape = (unit.n_rows, shape_class.channels.size, shape_class.correlations.size)
                arrays[FLAG] = buffers.array(FLAG, np.dtype(np.bool_), shape)
                arrays[FLAG][...] = False
            self._add_flag_row(unit, arrays[FLAG])
        ddid = self._rows.ddid[unit.positions]
        everything = np.arange(unit.positions.size) if unit.local is None else unit.local
        chunks = []
        for number in np.unique(ddid).tolist():
            mine = ddid == number
            positions, local = unit.positions[mine], everything[mine]
            for stretch in _parts(local, shape_class.row_bytes):
                gathered = _gather(arrays, local[stretch], number, buffers)
                chunks.append(self._chunk(shape_class, number, positions[stretch], gathered))
        return chunks

    def _read(self, column: ColumnPlan, unit: Unit, target: npt.NDArray[Any]) -> None:
        per_call = max(BYTES_PER_CALL // max(column.read_bytes, 1), 1)
        if unit.spans is None:
            numbers = self._rows.row[unit.positions]
            for first in range(0, unit.n_rows, per_call):
                part = numbers[first : first + per_call]
                with self._main.use() as table:
                    chosen = table.selectrows(part)
                    self._call(chosen, column, target[first : first + part.size], 0, int(part.size))
            return
        done = 0
        for start, count in unit.spans:
            for first in range(0, count, per_call):
                n_rows = min(per_call, count - first)
                with self._main.use() as table:
                    self._call(table, column, target[done : done + n_rows], start + first, n_rows)
                done += n_rows

    @staticmethod
    def _call(table: Any, column: ColumnPlan, target: npt.NDArray[Any], start: int, n_rows: int) -> None:
        if column.sliced:
            begin = [piece[0] for piece in column.part]
            end = [piece[1] - 1 for piece in column.part]
            table.getcolslicenp(column.name, target, begin, end, [], start, n_rows)
        else:
            table.getcolnp(column.name, target, start, n_rows)
        # casacore keeps the interpreter's lock: who waits for it, the consumer above all, gets it here and not only
        # when the interpreter's switching interval is over
        time.sleep(0)

    def _add_flag_row(self, unit: Unit, flag: npt.NDArray[np.bool_]) -> None:
        flag_row = self._table.flag_row
        if flag_row is None:
            return
        if unit.spans is None:
            flagged = flag_row[self._rows.row[unit.positions]]
        else:
            flagged = np.concatenate([flag_row[start : start + count] for start, count in unit.spans])
        if flagged.any():
            flag[flagged] = True

    @staticmethod
    def _chunk(
        shape_class: ShapeClass, ddid: int, positions: npt.NDArray[np.int64], arrays: dict[str, npt.NDArray[Any]]
    ) -> Chunk:
        return Chunk(
            ddid=ddid,
            position=positions,
            columns={name: arrays[name] for name in shape_class.names},
            flag=arrays.get(FLAG),
            weight=arrays[shape_class.weight] if shape_class.weight else None,
            channels=shape_class.channels,
            correlations=shape_class.correlations,
            bytes=sum(array.nbytes for array in arrays.values()),
        )


def _parts(local: npt.NDArray[np.int64], row_bytes: int) -> list[slice]:
    """Divide rows into stretches that need no copy, if these are long."""
    breaks = np.flatnonzero(np.diff(local) != 1) + 1
    if not breaks.size or local.size * row_bytes < LONG_STRETCH_BYTES * (breaks.size + 1):
        return [slice(0, local.size)]
    bounds = [0, *breaks.tolist(), local.size]
    return [slice(start, stop) for start, stop in itertools.pairwise(bounds)]


def _gather(
    arrays: dict[str, npt.NDArray[Any]], local: npt.NDArray[np.int64], ddid: int, buffers: _Buffers
) -> dict[str, npt.NDArray[Any]]:
    """Give some rows of arrays: themselves where possible, else a copy in buffers of the data description."""
    first, last = int(local[0]), int(local[-1])
    if last - first + 1 == local.size:
        return {name: array[first : last + 1] for name, array in arrays.items()}
    gathered = {}
    for name, array in arrays.items():
        target = buffers.array(f"{name}/{ddid}", array.dtype, (local.size, *array.shape[1:]))
        np.take(array, local, axis=0, out=target, mode="clip")
        gathered[name] = target
    return gathered
