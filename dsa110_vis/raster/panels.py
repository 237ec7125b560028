"""From a Dataset to pictures in cells: what matplotlib and Bokeh have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import OptionError
from dsa110_vis.raster.labels import LABELS, MJD_OF_1970, SECONDS_PER_DAY, time_text

if TYPE_CHECKING:
    import numpy.typing as npt
    import xarray as xr

    from dsa110_vis.raster.style import Style

__all__ = ["Panel", "Ruler", "cut_panels", "grid_of", "panel_title", "quantity_title"]

MAX_PANELS = 16
TIME_STEPS = (
    0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 21600, 43200
)  # fmt: skip


@dataclass(frozen=True)
class Ruler:
    """An axis in the space of cells, where cell ``i`` spans ``i`` to ``i + 1``.

    Attributes
    ----------
    name : str
        One of `dsa110_vis.raster.AXES`.
    title : str
        What stands beside it, with its unit; for times, with the date.
    kind : str
        ``"number"``, ``"time"`` or ``"category"``.
    values : ndarray of float64, shape (n,)
        Numbers; MJD seconds for times.
    texts : list of str
        What each cell is called.
    """

    name: str
    title: str
    kind: str
    values: npt.NDArray[np.float64]
    texts: list[str]

    def __len__(self) -> int:
        return len(self.texts)

    def merged(self, step: int) -> Ruler:
        """Give the ruler for every `step` cells merged into one.

        Parameters
        ----------
        step : int
            How many.

        Returns
        -------
        Ruler
            Each merged cell is called after the first of its cells.
        """
        return Ruler(self.name, self.title, self.kind, self.values[::step], self.texts[::step])

    def place(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Find values among the cells.

        Parameters
        ----------
        values : ndarray of float64
            Values.

        Returns
        -------
        ndarray of float64
            Where they are; the centre of cell ``i`` is ``i + 0.5``.
        """
        if len(self) == 1:
            return np.full(values.size, 0.5)
        order = np.argsort(self.values, kind="stable")
        return np.asarray(np.interp(values, self.values[order], order + 0.5))

    def ticks(self, room: int) -> tuple[npt.NDArray[np.float64], list[str]]:
        """Choose what to write beside the axis.

        Parameters
        ----------
        room : int
            How many texts fit.

        Returns
        -------
        positions : ndarray of float64
            In cells.
        texts : list of str
            Round numbers, whole steps of time, or some of the names.
        """
        n = len(self)
        room = max(room, 2)
        if self.kind == "category" or n == 1 or self.name == "channel":
            step = -(-n // room)
            chosen = np.arange(0, n, step)
            return np.asarray(chosen + 0.5, dtype=np.float64), [self.texts[i] for i in chosen.tolist()]
        if self.kind == "time":
            return self._time_ticks(room)
        lo, hi = float(self.values.min()), float(self.values.max())
        numbers = self._present(round_numbers(lo, hi, room))
        if numbers.size < 2:
            numbers = np.asarray([lo, hi], dtype=np.float64)
        return self.place(numbers), number_texts(numbers)

    def _present(self, numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Leave out numbers that fall into a gap of the values."""
        values = np.sort(self.values)
        near = values[np.clip(np.searchsorted(values, numbers), 1, values.size - 1)]
        before = values[np.clip(np.searchsorted(values, numbers) - 1, 0, values.size - 2)]
        distance = np.minimum(np.abs(near - numbers), np.abs(before - numbers))
        return numbers[distance <= np.median(np.diff(values)) * 0.6 + 1e-12 * np.abs(numbers)]

    def _time_ticks(self, room: int) -> tuple[npt.NDArray[np.float64], list[str]]:
        """Choose whole steps of time; where times have gaps, ticks that would meet are left out."""
        lo, hi = float(self.values.min()), float(self.values.max())
        span = hi - lo
        step = next((s for s in TIME_STEPS if s >= span / room), SECONDS_PER_DAY)
        midnight = float(np.floor(lo / SECONDS_PER_DAY)) * SECONDS_PER_DAY
        numbers = midnight + np.arange(np.ceil((lo - midnight) / step), np.floor((hi - midnight) / step) + 1) * step
        numbers = self._present(numbers)
        if numbers.size < 2:
            numbers = np.asarray([lo, hi], dtype=np.float64)
        positions = self.place(numbers)
        if numbers.size * 2 <= room and len(self) > numbers.size:  # gaps swallow the round times: name some cells
            chosen = np.arange(0, len(self), -(-len(self) // room))
            numbers, positions = self.values[chosen], np.asarray(chosen + 0.5, dtype=np.float64)
        wide = len({time_text(value, digits=0)[:10] for value in (lo, hi)}) > 1 and span > SECONDS_PER_DAY
        digits = 1 if step < 1 else 0
        texts = [time_text(value, date=False, digits=digits) for value in numbers.tolist()]
        if wide:
            texts = [time_text(value, digits=digits)[5:] for value in numbers.tolist()]
        apart = max(len(self) / (1.5 * room), 0.0)
        kept: list[int] = []
        for i in range(len(texts)):
            if not kept or positions[i] - positions[kept[-1]] >= apart:
                kept.append(i)
        return positions[kept], [texts[i] for i in kept]


def round_numbers(lo: float, hi: float, room: int) -> npt.NDArray[np.float64]:
    """Find round numbers between limits.

    Parameters
    ----------
    lo, hi : float
        Limits.
    room : int
        About how many at most.

    Returns
    -------
    ndarray of float64
        Multiples of 1, 2, 2.5 or 5 times a power of ten.
    """
    step = (hi - lo) / room
    if not step > 0:
        return np.asarray([lo])
    power = 10.0 ** np.floor(np.log10(step))
    step = next((c * power for c in (1.0, 2.0, 2.5, 5.0) if c * power >= step * (1 - 1e-9)), 10 * power)
    numbers: npt.NDArray[np.float64] = np.arange(np.ceil(lo / step - 1e-9), np.floor(hi / step + 1e-9) + 1) * step
    return numbers


def number_texts(numbers: npt.NDArray[np.float64]) -> list[str]:
    """Write numbers with as many decimals as tell them apart.

    Parameters
    ----------
    numbers : ndarray of float64
        Numbers.

    Returns
    -------
    list of str
        All with the same number of decimals.
    """
    for digits in range(10):
        if np.allclose(np.round(numbers, digits), numbers, rtol=1e-12, atol=10.0**-12):
            break
    if digits > 4 and np.abs(numbers).max() < 1e-3:
        return [f"{number:.3g}" for number in numbers.tolist()]
    return [f"{number + 0.0:.{min(digits, 6)}f}" for number in numbers.tolist()]


@dataclass(frozen=True)
class Panel:
    """One picture.

    Attributes
    ----------
    title : str
        What tells it from the others; empty if there is one only.
    value, flagged : ndarray of float64, shape (ny, nx)
        Values, and those of fully flagged cells.
    count, bad : ndarray of int, shape (ny, nx)
        Good and flagged samples.
    cross : ndarray of bool, shape (ny, nx)
        False for autocorrelations.
    """

    title: str
    value: npt.NDArray[np.float64]
    flagged: npt.NDArray[np.float64]
    count: npt.NDArray[Any]
    bad: npt.NDArray[Any]
    cross: npt.NDArray[np.bool_]


def quantity_title(dataset: xr.Dataset) -> str:
    """Give name and unit of the values.

    Parameters
    ----------
    dataset : xarray.Dataset
        As from `dsa110_vis.raster.raster`.

    Returns
    -------
    str
        Such as ``"Amplitude (Jy)"``.
    """
    attrs = dataset["value"].attrs
    return f"{attrs['long_name']} ({attrs['units']})" if attrs.get("units") else str(attrs["long_name"])


def panel_title(dataset: xr.Dataset) -> str:
    """Make a title.

    Parameters
    ----------
    dataset : xarray.Dataset
        As from `dsa110_vis.raster.raster`.

    Returns
    -------
    str
        Measurement Set, column and quantity.
    """
    parts = [dataset.attrs.get("measurement_set", ""), dataset.attrs.get("column", "")]
    return " · ".join(part for part in parts if part)


def _times(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    seconds: npt.NDArray[np.float64] = values.astype("datetime64[us]").astype(np.int64) / 1e6
    return seconds + MJD_OF_1970 * SECONDS_PER_DAY


def ruler(dataset: xr.Dataset, name: str) -> Ruler:
    """Make the ruler of an axis.

    Parameters
    ----------
    dataset : xarray.Dataset
        As from `dsa110_vis.raster.raster`.
    name : str
        Name of a dimension.

    Returns
    -------
    Ruler
        The ruler.
    """
    coordinate = dataset[name]
    values = np.asarray(coordinate.values)
    title = str(coordinate.attrs.get("long_name", LABELS.get(name, name)))
    if values.dtype.kind == "M":
        numbers = _times(values)
        days = [time_text(value, digits=0)[:10] for value in (float(numbers.min()), float(numbers.max()))]
        date = days[0] if days[0] == days[1] else f"{days[0]} to {days[1]}"
        texts = [time_text(value, date=days[0] != days[1]) for value in numbers.tolist()]
        return Ruler(name, f"{title} ({coordinate.attrs['time_scale']}, {date})", "time", numbers, texts)
    if coordinate.attrs.get("units"):
        title = f"{title} ({coordinate.attrs['units']})"
    if values.dtype.kind in "US" or name in ("scan", "spw"):
        names = [str(value) for value in values.tolist()]
        return Ruler(name, title, "category", np.arange(values.size, dtype=np.float64), names)
    texts = [f"{value:.6g}" if name != "frequency" else f"{value:.6f}" for value in values.tolist()]
    return Ruler(name, title, "number", values.astype(np.float64), texts)


def _cross(dataset: xr.Dataset, y: str, x: str) -> npt.NDArray[np.bool_]:
    keep = np.ones((dataset.sizes[y], dataset.sizes[x]), dtype=np.bool_)
    if "baseline_antenna1" in dataset.coords:
        autos = np.asarray(dataset["baseline_antenna1"].values == dataset["baseline_antenna2"].values)
        if y == "baseline":
            keep[autos] = False
        elif x == "baseline":
            keep[:, autos] = False
    if {x, y} == {"antenna1", "antenna2"}:
        keep[dataset[f"{y}_id"].values[:, None] == dataset[f"{x}_id"].values[None, :]] = False
    return keep


def cut_panels(
    dataset: xr.Dataset, style: Style, iteration: int | None
) -> tuple[list[Panel], Ruler, Ruler, Ruler | None]:
    """Cut a Dataset into pictures.

    Parameters
    ----------
    dataset : xarray.Dataset
        As from `dsa110_vis.raster.raster`.
    style : Style
        How many pictures there may be.
    iteration : int or None
        Which one is wanted; None means all that fit.

    Returns
    -------
    panels : list of Panel
        The pictures.
    y, x : Ruler
        Their axes.
    iterate : Ruler or None
        What tells them apart.

    Raises
    ------
    OptionError
        If the iteration does not exist, or it is no such Dataset.
    """
    if "value" not in dataset or dataset["value"].ndim not in (2, 3):
        message = "This is not a raster."
        raise OptionError(message, "Give the Dataset that raster() returns.")
    dims = [str(name) for name in dataset["value"].dims]
    y, x = dims[-2:]
    cross = _cross(dataset, y, x)
    if len(dims) == 2:
        chosen, iterate = [0], None
    else:
        iterate = ruler(dataset, dims[0])
        room = MAX_PANELS if style.subplots is None else style.subplots[0] * style.subplots[1]
        chosen = list(range(min(len(iterate), room)))
        if iteration is not None:
            if not 0 <= iteration < len(iterate):
                message = f"Iteration {iteration!r} does not exist."
                raise OptionError(message, f"Allowed: 0 to {len(iterate) - 1}.")
            chosen = [iteration]
    panels = []
    for i in chosen:
        part = dataset if iterate is None else dataset.isel({dims[0]: i})
        flagged = part["flagged_value"].values if "flagged_value" in part else np.full(cross.shape, np.nan)
        title = "" if iterate is None else f"{LABELS.get(iterate.name, iterate.name)} {iterate.texts[i]}"
        value, flagged = (np.asarray(values, dtype=np.float64) for values in (part["value"].values, flagged))
        panels.append(Panel(title, value, flagged, part["count"].values, part["flagged"].values, cross))
    return panels, ruler(dataset, y), ruler(dataset, x), iterate


def grid_of(n: int, subplots: tuple[int, int] | None) -> tuple[int, int]:
    """Arrange pictures.

    Parameters
    ----------
    n : int
        How many.
    subplots : (int, int) or None
        Rows and columns, if that is decided.

    Returns
    -------
    rows, columns : int
        As decided, without empty rows; else about as many of each.
    """
    if subplots is None:
        columns = int(np.ceil(np.sqrt(n)))
        return -(-n // columns), columns
    columns = min(subplots[1], n)
    return -(-n // columns), columns


def thinned(panel: Panel, step_y: int, step_x: int, *, circular: bool) -> Panel:
    """Merge neighbouring cells for a picture that has fewer pixels than cells.

    Parameters
    ----------
    panel : Panel
        The picture.
    step_y, step_x : int
        How many cells are merged.
    circular : bool
        Whether values are angles in degrees.

    Returns
    -------
    Panel
        Means of the values; counts summed.
    """
    if step_y == 1 and step_x == 1:
        return panel
    starts = [np.arange(0, n, step) for n, step in zip(panel.value.shape, (step_y, step_x), strict=True)]

    def blocks(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.add.reduceat(np.add.reduceat(values, starts[0], axis=0), starts[1], axis=1)

    def mean(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        good = np.isfinite(values)
        n = blocks(good.astype(np.int64))
        if circular:
            turned = np.exp(1j * np.radians(np.where(good, values, 0.0))) * good
            out = np.degrees(np.angle(blocks(turned)))
        else:
            out = blocks(np.where(good, values, 0.0)) / np.maximum(n, 1)
        return np.where(n > 0, out, np.nan)

    value = mean(panel.value)
    flagged = np.where(np.isfinite(value), np.nan, mean(panel.flagged))
    cross = blocks(panel.cross.astype(np.int64)) > 0
    return Panel(panel.title, value, flagged, blocks(panel.count), blocks(panel.bad), cross)
