"""The arguments of `plot`, checked and turned into controls of the raster viewer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsa110_vis.casagui.errors import ArgumentError, ArgumentTypeError
from dsa110_vis.casagui.processing_set import DIMENSIONS

__all__ = ["AXES", "PlotArguments"]

AXES = {"time": "time", "baseline": "baseline", "frequency": "frequency", "polarization": "correlation"}
"""Our axes by the names of the dimensions."""

VIS_AXES = ("amp", "phase", "real", "imag")
AGGREGATORS = ("max", "mean", "median", "min", "std", "sum", "var")
COLOR_MODES = ("auto", "manual")


def _dimension(name: str, value: Any, *, optional: bool = False) -> str | None:
    if optional and value is None:
        return None
    if value == "antenna_name":
        value = "baseline"
    if value not in DIMENSIONS:
        message = f"{name} cannot be {value!r}."
        raise ArgumentError(message, f"It must be one of {', '.join(DIMENSIONS)}{' or None' if optional else ''}.")
    return str(value)


def _one_of(name: str, value: Any, allowed: Sequence[str]) -> str:
    if value not in allowed:
        message = f"{name} cannot be {value!r}."
        raise ArgumentError(message, f"It must be one of {', '.join(allowed)}.")
    return str(value)


def _pair(name: str, value: Any, meaning: str) -> tuple[Any, Any] | None:
    if value is None:
        return None
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) != 2:
        message = f"{name} cannot be {value!r}."
        raise ArgumentError(message, f"It must be None or {meaning}.")
    return value[0], value[1]


@dataclass(frozen=True)
class PlotArguments:
    """Arguments of `plot` that have been checked.

    Attributes
    ----------
    x, y : str
        Dimensions of the picture.
    vis_axis : str
        What is drawn.
    aggregator : str or None
        Statistic.
    over : tuple of str
        Dimensions it goes over.
    iterate : str or None
        Dimension to step through.
    first, last : int
        Inclusive range of the steps; last may be -1 for all.
    subplots : (int, int)
        Rows and columns.
    color_mode : str or None
        auto or manual.
    color_range : (float, float) or None
        Limits for manual.
    title : str or None
        As it was given.
    """

    x: str
    y: str
    vis_axis: str
    aggregator: str | None
    over: tuple[str, ...]
    iterate: str | None
    first: int
    last: int
    subplots: tuple[int, int]
    color_mode: str | None
    color_range: tuple[float, float] | None
    title: str | None

    @property
    def fixed(self) -> tuple[str, ...]:
        """The dimensions of which only one value is drawn."""
        return tuple(name for name in DIMENSIONS if name not in (self.x, self.y, self.iterate, *self.over))

    @property
    def controls(self) -> dict[str, Any]:
        """The controls of the viewer, without the file and the selection."""
        made: dict[str, Any] = {
            "x": AXES[self.x],
            "y": AXES[self.y],
            "quantity": self.vis_axis,
            "aggregator": self.aggregator or "mean",
            "iterate": None if self.iterate is None else AXES[self.iterate],
            "iteration": self.first if self.iterate else 0,
            "subplots": self.subplots if self.iterate else (1, 1),
            "limits_mode": "minmax",
            "title": None if self.title == "ms" else (self.title or ""),
        }
        if self.color_mode == "auto" and self.vis_axis == "amp":
            made["limits_mode"] = "auto"
        if self.color_mode == "manual" and self.color_range is not None:
            made.update(limits_mode="manual", limits=self.color_range)
        return made

    @classmethod
    def check(
        cls,
        *,
        x_axis: Any,
        y_axis: Any,
        vis_axis: Any,
        aggregator: Any,
        agg_axis: Any,
        iter_axis: Any,
        iter_range: Any,
        subplots: Any,
        color_mode: Any,
        color_range: Any,
        title: Any,
    ) -> PlotArguments:
        """Check the arguments of `plot`.

        Parameters
        ----------
        x_axis, y_axis, vis_axis, aggregator, agg_axis, iter_axis, iter_range, subplots
            As in `MsRaster.plot`.
        color_mode, color_range, title
            As in `MsRaster.plot`.

        Returns
        -------
        PlotArguments
            The arguments.

        Raises
        ------
        ArgumentError
            If one is not allowed; the hint says what is.
        """
        x, y = _dimension("x_axis", x_axis), _dimension("y_axis", y_axis)
        iterate = _dimension("iter_axis", iter_axis, optional=True)
        if x == y:
            message = f"x_axis and y_axis are both {x!r}."
            raise ArgumentError(message, "Choose two different dimensions.")
        if iterate in (x, y):
            message = f"iter_axis {iterate!r} is x_axis or y_axis too."
            raise ArgumentError(message, "Choose a dimension that is not drawn.")
        statistic = None if aggregator in (None, "None") else _one_of("aggregator", aggregator, AGGREGATORS)
        over: tuple[str, ...] = ()
        if agg_axis is not None and agg_axis != []:
            listed = [agg_axis] if isinstance(agg_axis, str) else agg_axis
            if not isinstance(listed, list | tuple):
                message = f"agg_axis cannot be {agg_axis!r}."
                raise ArgumentTypeError(message, "It must be a dimension or a list of dimensions.")
            over = tuple(str(_dimension("agg_axis", item)) for item in listed)
            if {x, y, iterate} & set(over):
                message = f"agg_axis {agg_axis!r} is drawn or stepped through."
                raise ArgumentError(message, "Choose dimensions that are not.")
        elif statistic:
            over = tuple(name for name in DIMENSIONS if name not in (x, y, iterate))
        first, last = _steps(_pair("iter_range", iter_range, "a tuple (first, last), last -1 for all"))
        grid = _pair("subplots", subplots, "a tuple (rows, columns)") or (1, 1)
        mode = None if color_mode is None else _one_of("color_mode", str(color_mode).lower(), COLOR_MODES)
        limits = _pair("color_range", color_range, "a tuple (lowest, highest)")
        if mode == "manual" and limits is None:
            message = "color_mode 'manual' needs a color_range."
            raise ArgumentError(message, "Give color_range=(lowest, highest).")
        if title is not None and not isinstance(title, str):
            message = f"title cannot be {title!r}."
            raise ArgumentTypeError(message, "It must be a string or None.")
        return cls(
            x=str(x),
            y=str(y),
            vis_axis=_one_of("vis_axis", vis_axis, VIS_AXES),
            aggregator=statistic,
            over=over if statistic else (),
            iterate=iterate,
            first=first,
            last=last,
            subplots=(int(grid[0]), int(grid[1])),
            color_mode=mode,
            color_range=limits,
            title=title,
        )


def _steps(given: tuple[Any, Any] | None) -> tuple[int, int]:
    if given is None:
        return 0, 0
    first, last = given
    if not isinstance(first, int) or not isinstance(last, int) or first < 0 or (last < first and last != -1):
        message = f"iter_range cannot be {given!r}."
        raise ArgumentError(message, "It is (first, last), both included, counted from 0; last -1 means all.")
    return first, last
