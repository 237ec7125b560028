"""One picture: cells under the settings they are shown with, and what a viewer asks of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import xarray as xr

from dsa110_vis.errors import OptionError
from dsa110_vis.raster import axis_text, histogram, limits, quantity_label, quantity_unit, value_text
from dsa110_vis.view.cache import BytesCache
from dsa110_vis.view.facts import axis_info, place_lines
from dsa110_vis.view.protocol import DOWN_BYTES, StaleError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from dsa110_vis.raster import Axes, Axis, Cells, Request

__all__ = ["Picture", "Tile"]

_PLANE_BYTES = 96 << 20
_BINS = 256

Floats: TypeAlias = "npt.NDArray[np.floating[Any]]"
Index: TypeAlias = "npt.NDArray[np.integer[Any]]"
Plane: TypeAlias = "tuple[npt.NDArray[np.float64], npt.NDArray[np.float32]]"


@dataclass(frozen=True)
class Tile:
    """A part of a picture as it is sent.

    Attributes
    ----------
    description : dict
        Which part, and its size.
    value, flagged : bytes
        float32, native order, ``(ny, nx)``, the first row at the bottom; NaN where there is nothing.
    """

    description: dict[str, Any]
    value: bytes
    flagged: bytes


class Picture:
    """Cells with the request and the settings that they answer. It does not change, and threads may share it.

    Parameters
    ----------
    cells : Cells
        The sums, of all or of some values of the iterated axis.
    axes : Axes
        The whole axes.
    request : Request
        What is shown, with the column filled in.
    state : mapping
        All controls.
    available : range
        The values of the iterated axis that `cells` has, in that order.
    title : str
        The title for an iteration is made from this.
    """

    def __init__(
        self,
        cells: Cells,
        axes: Axes,
        request: Request,
        *,
        state: Mapping[str, Any],
        available: range,
        title: str,
    ) -> None:
        self.cells = cells
        self.axes = axes
        self.request = request
        self.state = dict(state)
        self.available = available
        self.generation = 0
        self.new_warnings: tuple[str, ...] = ()
        self._title = title
        self._planes: BytesCache[Plane] = BytesCache(_PLANE_BYTES)
        self.iteration = min(int(state["iteration"]), self.n_iterations - 1)
        self.limits = (0.0, 1.0)

    # -- what it is -------------------------------------------------------------------------------------------------

    @property
    def n_iterations(self) -> int:
        """How many values the iterated axis has; 1 without one."""
        return self.axes.shape[0]

    @property
    def shown(self) -> list[int]:
        """The values of the iterated axis that are in view: one, or as many as there are sub-plots."""
        rows, columns = self.state["subplots"] if self.axes.iterate is not None else (1, 1)
        return list(range(self.iteration, min(self.iteration + rows * columns, self.n_iterations)))

    @property
    def quantity_label(self) -> str:
        """Name and unit of what is shown."""
        return quantity_label(self.request)

    @property
    def unit(self) -> str:
        """Unit of what is shown; empty for pure numbers."""
        return quantity_unit(self.request)

    @property
    def axes_key(self) -> tuple[Any, ...]:
        """Pictures with equal keys have the same cells at the same places."""
        return (self.state["path"], *(None if axis is None else _axis_key(axis) for axis in self.axes))

    @property
    def base_title(self) -> str:
        """The title without the value of the iterated axis."""
        return self._title

    def title(self, iteration: int | None = None) -> str:
        """Give the title of one of the pictures.

        Parameters
        ----------
        iteration : int, optional
            Which; the one in view by default.

        Returns
        -------
        str
            The title.
        """
        if self.axes.iterate is None:
            return self._title
        step = axis_text(self.axes.iterate, self.iteration if iteration is None else iteration)
        return f"{self._title} · {step}" if self._title else step

    def describe(self) -> dict[str, Any]:
        """Describe the picture for a viewer.

        Returns
        -------
        dict
            As the operation ``picture`` answers.
        """
        good, bad = self._counts(self.iteration)
        n_good, n_bad = int(good.sum()), int(bad.sum())
        return {
            "generation": self.generation,
            "x": axis_info(self.axes.x),
            "y": axis_info(self.axes.y),
            "iterate": None if self.axes.iterate is None else axis_info(self.axes.iterate),
            "iteration": self.iteration,
            "quantity_label": self.quantity_label,
            "unit": self.unit,
            "title": self.title(),
            "limits": list(self.limits),
            "flagged_pct": 100.0 * n_bad / (n_good + n_bad) if n_good + n_bad else 0.0,
            "column": self.request.column,
            "warnings": list(self.request.warnings),
        }

    def continues(self, other: Picture) -> bool:
        """Take over the work of another picture if it shows the same cells in the same way.

        Parameters
        ----------
        other : Picture
            The picture before.

        Returns
        -------
        bool
            Whether a viewer can keep what it has of the other one.
        """
        same = self.cells is other.cells and self.request == other.request
        if same:
            self._planes = other._planes
        return same

    # -- what a viewer asks -----------------------------------------------------------------------------------------

    def tile(
        self,
        iteration: int,
        box: tuple[int, int, int, int],
        *,
        width: int = 1024,
        height: int = 1024,
        bins: tuple[int, int] | None = None,
    ) -> Tile:
        """Cut out a part, with neighbouring cells merged where they are finer than the screen.

        Parameters
        ----------
        iteration : int
            Which of the pictures.
        box : (int, int, int, int)
            The part in cells: x0, x1, y0, y1, without x1 and y1.
        width, height : int
            How many pixels there are for it.
        bins : (int, int), optional
            How many cells share a pixel, in x and y, instead of `width` and `height`. Larger ones are used if the
            message would be too large.

        Returns
        -------
        Tile
            The part that was asked for, or a little more.

        Raises
        ------
        OptionError
            If the part is empty or there is no such picture.
        """
        _, n_y, n_x = self.axes.shape
        x0, x1, y0, y1 = max(box[0], 0), min(box[1], n_x), max(box[2], 0), min(box[3], n_y)
        if x0 >= x1 or y0 >= y1 or min(width, height, *(bins or (1,))) < 1:
            message = f"There is nothing in the part [{x0}, {x1}) by [{y0}, {y1})."
            raise OptionError(message, f"The picture is [0, {n_x}) by [0, {n_y}).")
        f_x, f_y = bins or (_factor(x1 - x0, width), _factor(y1 - y0, height))
        while 8 * (-(-(x1 - x0) // f_x) + 1) * (-(-(y1 - y0) // f_y) + 1) > DOWN_BYTES:
            f_x, f_y = 2 * f_x, 2 * f_y
        i0, i1, j0, j1 = x0 // f_x, -(-x1 // f_x), y0 // f_y, -(-y1 // f_y)
        value, flagged = self._plane(iteration, f_x, f_y)
        part = np.s_[j0:j1, i0:i1]
        description = {
            "generation": self.generation,
            "iteration": iteration,
            "x0": i0 * f_x,
            "x1": min(i1 * f_x, n_x),
            "y0": j0 * f_y,
            "y1": min(j1 * f_y, n_y),
            "nx": i1 - i0,
            "ny": j1 - j0,
            "fx": f_x,
            "fy": f_y,
        }
        return Tile(description, value[part].astype(np.float32).tobytes(), flagged[part].tobytes())

    def probe(self, iteration: int, ix: int, iy: int) -> dict[str, Any]:
        """Say all about one cell.

        Parameters
        ----------
        iteration : int
            Which of the pictures.
        ix, iy : int
            The cell.

        Returns
        -------
        dict
            ``value`` (None where there is none; of the flagged samples if there are no others), ``count``,
            ``flagged``, ``flagged_pct``, ``value_text`` and ``lines``.

        Raises
        ------
        OptionError
            If there is no such cell.
        """
        _, n_y, n_x = self.axes.shape
        if not (0 <= ix < n_x and 0 <= iy < n_y):
            message = f"There is no cell ({ix}, {iy})."
            raise OptionError(message, f"The picture has {n_x} by {n_y} cells.")
        values, flagged_values = self._plane(iteration, 1, 1)
        count, flagged = (int(part[iy, ix]) for part in self._counts(iteration))
        value, hidden = float(values[iy, ix]), float(flagged_values[iy, ix])
        text = value_text(value, self.unit)
        if count == 0:
            text = f"{value_text(hidden, self.unit)} (flagged)" if flagged else "no data"
        share = 100.0 * flagged / (count + flagged) if count + flagged else 0.0
        lines = [*place_lines(self.axes.x, ix), *place_lines(self.axes.y, iy)]
        if self.axes.iterate is not None:
            lines += place_lines(self.axes.iterate, iteration)
        lines.append(["Samples", f"{count} good, {flagged} flagged ({share:.1f} %)"])
        return {
            "value": value if count else None,
            "flagged_value": hidden if flagged and not count else None,
            "count": count,
            "flagged": flagged,
            "flagged_pct": share,
            "value_text": text,
            "lines": lines,
        }

    def histogram(self, iteration: int) -> dict[str, Any]:
        """Count the values.

        Parameters
        ----------
        iteration : int
            Which of the pictures.

        Returns
        -------
        dict
            ``edges`` [lowest, highest], ``counts`` and the ``auto`` limits.
        """
        values = self._plane(iteration, 1, 1)[0]
        edges, counts = histogram(values, _BINS)
        return {
            "edges": [float(edges[0]), float(edges[-1])],
            "counts": [int(count) for count in counts],
            "auto": list(self._limits([iteration], "auto", 99.0)),
        }

    def set_limits(self, state: Mapping[str, Any]) -> tuple[float, float]:
        """Find the colour limits.

        Parameters
        ----------
        state : mapping
            With ``limits_mode``, ``percentile`` and ``limits``.

        Returns
        -------
        (float, float)
            The limits, which are `limits` from now on.
        """
        if state["limits_mode"] == "manual" and state["limits"] is not None:
            self.limits = state["limits"]
        else:
            shown = [step for step in self.shown if step in self.available]
            mode = "auto" if state["limits_mode"] == "manual" else state["limits_mode"]
            self.limits = self._limits(shown, mode, state["percentile"])
        return self.limits

    def dataset(self, steps: Sequence[int] | None = None, f_x: int = 1, f_y: int = 1) -> xr.Dataset:
        """Give the numbers.

        Parameters
        ----------
        steps : sequence of int, optional
            Which values of the iterated axis; all that have been computed by default.
        f_x, f_y : int
            How many neighbouring cells are merged, each way.

        Returns
        -------
        xarray.Dataset
            ``value``, ``count`` and ``flagged``.
        """
        if steps is None and f_x == f_y == 1:
            return self.cells.dataset(self.request)
        _, n_y, n_x = self.axes.shape
        chosen = list(self.available if steps is None else steps)
        for step in chosen:
            self._check(step)
        edges = _edges(n_y, f_y), _edges(n_x, f_x)
        parts = [self.cells.binned(*edges, step).dataset(self.request) for step in chosen]
        if self.axes.iterate is None:
            return parts[0]
        return xr.concat(parts, self.axes.iterate.name, combine_attrs="override", join="override")

    def values(self, iteration: int) -> Floats:
        """Give the values of one of the pictures.

        Parameters
        ----------
        iteration : int
            Which.

        Returns
        -------
        ndarray of float64, shape (ny, nx)
            NaN where there is no good sample; not to be written to.
        """
        return self._plane(iteration, 1, 1)[0]

    def at(self, iteration: int, iy: Index, ix: Index) -> tuple[Floats, Index, Index]:
        """Give the numbers of some cells.

        Parameters
        ----------
        iteration : int
            Which of the pictures.
        iy, ix : ndarray of int, shape (n,)
            The cells.

        Returns
        -------
        value : ndarray of float64, shape (n,)
            NaN where there is no good sample.
        count, flagged : ndarray of int64, shape (n,)
            Samples.
        """
        count, flagged = (part[iy, ix].astype(np.int64) for part in self._counts(iteration))
        return self._plane(iteration, 1, 1)[0][iy, ix], count, flagged

    # -- inside -----------------------------------------------------------------------------------------------------

    def _limits(self, steps: Sequence[int], mode: str, percentile: float) -> tuple[float, float]:
        """Find limits from the good samples of cross-correlations, unless there are autocorrelations only."""
        values = np.stack([self._plane(step, 1, 1)[0] for step in steps])
        cross = self.cells.cross()
        chosen = values if cross.all() else values[:, cross]
        if not np.isfinite(chosen).any():
            chosen = values
        low, high = limits(chosen, mode, percentile=percentile, quantity=self.request.quantity)
        return float(low), float(high)

    def _check(self, iteration: int) -> None:
        if iteration not in self.available:
            message = f"Picture {iteration} is not ready."
            raise StaleError(message, f"Ready are {self.available.start} to {self.available.stop - 1}.")

    def _counts(self, iteration: int) -> tuple[npt.NDArray[np.integer[Any]], npt.NDArray[np.integer[Any]]]:
        self._check(iteration)
        return self.cells.counts(iteration)

    def _plane(self, iteration: int, f_x: int, f_y: int) -> Plane:
        """Give value and flagged value of a whole picture, of groups of `f_x` by `f_y` cells."""
        self._check(iteration)
        key = (iteration, f_x, f_y)
        plane = self._planes.get(key)
        if plane is None:
            cells, step = self.cells, iteration
            if f_x > 1 or f_y > 1:
                _, n_y, n_x = self.axes.shape
                cells = cells.binned(_edges(n_y, f_y), _edges(n_x, f_x), iteration)
                step = int(cells.iterations[0])
            plane = (cells.value(self.request, step), cells.flagged_value(self.request, step).astype(np.float32))
            self._planes.put(key, plane, plane[0].nbytes + plane[1].nbytes)
        return plane


def _axis_key(axis: Axis) -> tuple[Any, ...]:
    return axis.name, axis.labels, axis.values.tobytes()


def _factor(cells: int, pixels: int) -> int:
    """Give how many cells share a pixel."""
    return max(1, -(-cells // pixels))


def _edges(size: int, factor: int) -> npt.NDArray[np.int64]:
    return np.append(np.arange(0, size, factor, dtype=np.int64), size)
