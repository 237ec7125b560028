"""Cells: the mergeable sums of a raster, and everything that they can answer without reading the data again."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dsa110_vis.errors import OptionError
from dsa110_vis.raster.axis import Axes
from dsa110_vis.raster.folding import fold, fold_values
from dsa110_vis.raster.scatter import medians
from dsa110_vis.raster.statistics import statistic
from dsa110_vis.raster.sums import Sums, empty_sums

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import xarray as xr

    from dsa110_vis.raster.options import Request

__all__ = ["Cells", "Origin", "Values"]


class Origin(NamedTuple):
    """Where cells come from.

    Attributes
    ----------
    name, path, telescope : str
        Of the Measurement Set.
    fingerprint : str
        Of the table when it was read.
    """

    name: str
    path: str
    telescope: str
    fingerprint: str


class Values(NamedTuple):
    """All good samples by cell, for the median.

    Attributes
    ----------
    starts : ndarray of int64, shape (n_cells + 1,)
        Cell ``c`` has ``values[starts[c]:starts[c + 1]]``.
    values : ndarray of float32
        The samples.
    """

    starts: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Cells:
    """The sums of a raster.

    Attributes
    ----------
    axes : Axes
        The axes.
    request : Request
        What was asked for, with its column.
    iterations : ndarray of int64, shape (n_iter,)
        Which values of the iterate axis are held, ascending.
    sums : Sums
        Each of shape ``(n_iter * ny * nx,)``.
    origin : Origin
        Where they come from.
    values : Values or None
        The samples themselves, if medians were asked for.
    """

    axes: Axes
    request: Request
    iterations: npt.NDArray[np.int64]
    sums: Sums
    origin: Origin = field(default=Origin("", "", "", ""))
    values: Values | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Iterations held, y, x."""
        return (int(self.iterations.size), len(self.axes.y), len(self.axes.x))

    @property
    def nbytes(self) -> int:
        """Memory taken in bytes."""
        more = 0 if self.values is None else self.values.starts.nbytes + self.values.values.nbytes
        return more + self.sums.nbytes

    def answers(self, request: Request) -> bool:
        """Tell whether a request can be answered from these cells.

        Parameters
        ----------
        request : Request
            The request; a column that it leaves open is taken to be that of the cells.

        Returns
        -------
        bool
            True if it differs in what is computed from the sums only.
        """
        mine = dataclasses.replace(self.request, aggregator="mean")
        other = dataclasses.replace(request, column=request.column or self.request.column, aggregator="mean")
        if mine.cells_key != other.cells_key:
            return False
        return request.aggregator != "median" or self.values is not None

    def _part(self, iteration: int | None) -> slice:
        size = self.shape[1] * self.shape[2]
        if iteration is None:
            if self.shape[0] != 1:
                message = f"The cells hold {self.shape[0]} iterations; one has to be named."
                raise OptionError(message, f"Allowed: {_listed(self.iterations)}.")
            return slice(0, size)
        place = int(np.searchsorted(self.iterations, iteration))
        if place >= self.iterations.size or self.iterations[place] != iteration:
            message = f"Iteration {iteration!r} was not computed."
            raise OptionError(message, f"Allowed: {_listed(self.iterations)}.")
        return slice(place * size, (place + 1) * size)

    def _checked(self, request: Request | None) -> Request:
        if request is None:
            return self.request
        request.check()
        if not self.answers(request):
            message = "These cells cannot answer that request."
            raise OptionError(message, "Only aggregator, averaging, and amp or phase may differ; a median is its own.")
        return request

    def _compute(self, request: Request | None, part: slice, *, flagged: bool) -> npt.NDArray[np.float64]:
        request = self._checked(request)
        sums = self.sums.part(part)
        if request.aggregator == "median" and not flagged and self.values is not None:
            out = np.empty(sums.count.size)
            medians(self.values.starts[part.start : part.stop + 1], self.values.values, out)
            return out
        return statistic(sums, request, flagged=flagged)

    def value(self, request: Request | None = None, iteration: int | None = None) -> npt.NDArray[np.float64]:
        """Compute a statistic of the good samples.

        Parameters
        ----------
        request : Request, optional
            What to compute; that of the cells by default.
        iteration : int, optional
            Index on the iterate axis; needed if several are held.

        Returns
        -------
        ndarray of float64, shape (ny, nx)
            NaN where there is no good sample.

        Raises
        ------
        OptionError
            If the cells do not hold the iteration, or cannot answer the request.
        """
        return self._compute(request, self._part(iteration), flagged=False).reshape(self.shape[1:])

    def flagged_value(self, request: Request | None = None, iteration: int | None = None) -> npt.NDArray[np.float64]:
        """Compute a statistic of the flagged samples of the cells that have no good sample.

        Parameters
        ----------
        request : Request, optional
            What to compute; that of the cells by default. The mean stands in for the median.
        iteration : int, optional
            Index on the iterate axis; needed if several are held.

        Returns
        -------
        ndarray of float64, shape (ny, nx)
            NaN where there is a good sample, or no finite one. For flag fractions, NaN everywhere.

        Raises
        ------
        OptionError
            If the cells do not hold the iteration, or cannot answer the request.
        """
        return self._compute(request, self._part(iteration), flagged=True).reshape(self.shape[1:])

    def counts(self, iteration: int | None = None) -> tuple[npt.NDArray[np.integer[Any]], npt.NDArray[np.integer[Any]]]:
        """Give the number of good and of flagged samples.

        Parameters
        ----------
        iteration : int, optional
            Index on the iterate axis; needed if several are held.

        Returns
        -------
        count, flagged : ndarray of int, shape (ny, nx)
            Views, not to be written to.

        Raises
        ------
        OptionError
            If the cells do not hold the iteration.
        """
        part = self._part(iteration)
        shape = self.shape[1:]
        return self.sums.count[part].reshape(shape), self.sums.flagged[part].reshape(shape)

    def cross(self) -> npt.NDArray[np.bool_]:
        """Tell which cells do not belong to an autocorrelation.

        Returns
        -------
        ndarray of bool, shape (ny, nx)
            False where both antennas of a cell are one.
        """
        keep = np.ones(self.shape[1:], dtype=np.bool_)
        x, y = self.axes.x, self.axes.y
        for axis, view in ((x, keep), (y, keep.T)):
            if axis.name == "baseline" and axis.ids is not None:
                view[:, axis.ids[:, 0] == axis.ids[:, 1]] = False
        if {x.name, y.name} == {"antenna1", "antenna2"} and x.ids is not None and y.ids is not None:
            keep[y.ids[:, None] == x.ids[None, :]] = False
        return keep

    def merge(self, other: Cells) -> Cells:
        """Add cells of the same request over other samples.

        Parameters
        ----------
        other : Cells
            With the same axes and iterations.

        Returns
        -------
        Cells
            New cells. The order of merging does not matter, but for the last bits of the sums.

        Raises
        ------
        OptionError
            If they are of different shape, or of different requests.
        """
        if self.shape != other.shape or self.request.cells_key != other.request.cells_key:
            message = "Cells of different requests cannot be merged."
            raise OptionError(message, "Reduce the same request over different rows.")
        wide = np.result_type(self.sums.numbers, other.sums.numbers)
        sums = Sums(self.sums.numbers.astype(wide), self.sums.marks.copy(), self.sums.moments.copy())
        return dataclasses.replace(self, sums=sums).merge_in(other)

    def merge_in(self, other: Cells) -> Cells:
        """Add cells as `merge` does, overwriting the sums of this one.

        Parameters
        ----------
        other : Cells
            With the same axes and iterations.

        Returns
        -------
        Cells
            The result, which shares its sums with this one.
        """
        values = None
        fold(*other.sums.arrays, np.arange(self.sums.count.size, dtype=np.int64), *self.sums.arrays)
        if self.values is not None and other.values is not None:
            values = _joined_values(self.values, other.values)
        return dataclasses.replace(self, values=values)

    def binned(
        self,
        y_edges: Sequence[int] | npt.NDArray[np.integer[Any]],
        x_edges: Sequence[int] | npt.NDArray[np.integer[Any]],
        iteration: int | None = None,
    ) -> Cells:
        """Merge neighbouring cells of one iteration, so that every statistic stays exact.

        Parameters
        ----------
        y_edges, x_edges : sequence of int
            Strictly ascending indices: first cell of each group, then the end of the last. What lies outside is cut.
        iteration : int, optional
            Index on the iterate axis; needed if several are held.

        Returns
        -------
        Cells
            Of shape ``(1, len(y_edges) - 1, len(x_edges) - 1)``.

        Raises
        ------
        OptionError
            If the edges do not ascend, lie outside, or the iteration is not held.
        """
        edges = [_checked_edges(given, n) for given, n in zip((y_edges, x_edges), self.shape[1:], strict=True)]
        part = self._part(iteration)
        to_y, to_x = (_groups(given, n) for given, n in zip(edges, self.shape[1:], strict=True))
        n_y, n_x = edges[0].size - 1, edges[1].size - 1
        target = np.where((to_y[:, None] < 0) | (to_x[None, :] < 0), -1, to_y[:, None] * n_x + to_x[None, :]).ravel()
        source = self.sums.part(part)
        sums = empty_sums(
            n_y * n_x, self.request.family, weighted=source.mass is not None, wide=source.numbers.dtype.itemsize == 8
        )
        fold(*source.arrays, target, *sums.arrays)
        values = None
        if self.values is not None:
            mine = Values(self.values.starts[part.start : part.stop + 1], self.values.values)
            values = fold_values(mine, target, sums.count)
        axes = Axes(self.axes.x.merged(edges[1]), self.axes.y.merged(edges[0]), self.axes.iterate)
        held = self.iterations[:1] if iteration is None else np.asarray([iteration], dtype=np.int64)
        return Cells(axes, self.request, held, sums, self.origin, None if values is None else Values(*values))

    def dataset(self, request: Request | None = None) -> xr.Dataset:
        """Give the result with coordinates, units and long names.

        Parameters
        ----------
        request : Request, optional
            What to compute; that of the cells by default.

        Returns
        -------
        xarray.Dataset
            ``value``, ``count``, ``flagged`` and ``flagged_value`` over (y, x) or (iterate, y, x).

        Raises
        ------
        OptionError
            If the cells cannot answer the request.
        """
        from dsa110_vis.raster.dataset import to_dataset  # noqa: PLC0415  xarray is needed here only

        return to_dataset(self, self._checked(request))


def _listed(numbers: npt.NDArray[np.int64]) -> str:
    return ", ".join(map(str, numbers.tolist())) if numbers.size <= 8 else f"{numbers[0]} … {numbers[-1]}"


def _checked_edges(edges: Sequence[int] | npt.NDArray[np.integer[Any]], n: int) -> npt.NDArray[np.int64]:
    checked = np.asarray(edges, dtype=np.int64)
    if checked.size < 2 or checked[0] < 0 or checked[-1] > n or (np.diff(checked) <= 0).any():
        message = "Edges of merged cells have to ascend."
        raise OptionError(message, f"Allowed: two or more of 0 to {n}.")
    return checked


def _groups(edges: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.int64]:
    group = np.full(n, -1, dtype=np.int64)
    group[edges[0] : edges[-1]] = np.repeat(np.arange(edges.size - 1), np.diff(edges))
    return group


def _joined_values(first: Values, second: Values) -> Values:
    counts = np.diff(first.starts) + np.diff(second.starts)
    target = np.arange(counts.size, dtype=np.int64)
    starts, values = fold_values(first, target, counts)
    return Values(*fold_values(second, target, counts, (starts, values), np.diff(first.starts)))
