"""Pictures by Bokeh: hover, pan and zoom without Python behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from bokeh import models
from bokeh.layouts import gridplot
from bokeh.plotting import figure

from dsa110_vis.raster.panels import cut_panels, grid_of, panel_title, quantity_title, thinned
from dsa110_vis.raster.scaling import stretched
from dsa110_vis.raster.style import Style, palette

if TYPE_CHECKING:
    import numpy.typing as npt
    import xarray as xr

    from dsa110_vis.raster.panels import Panel, Ruler

__all__ = ["to_bokeh"]

BK: Any = models  # its types do not know all that it has
new_figure: Any = figure

MAX_CELLS = 1_000_000
"""Cells in a page; more are merged, so that it stays a few MB."""
COLORS = 256
BACKGROUND = "#f2f2f2"

_PLACE = "const i = Math.floor({special}); return i >= 0 && i < names.length ? names[i] : '';"
_TICK = "const i = Math.floor(tick); return i >= 0 && i < names.length ? names[i] : '';"


def _mapper(colormap: str, limits: tuple[float, float], stretch: str, values: npt.NDArray[np.float64]) -> Any:
    """Make a linear mapper whose palette is bent as the stretch wants it."""
    lo, hi = limits
    inside = np.clip((values[np.isfinite(values)] - lo) / (hi - lo), 0.0, 1.0)
    places = stretched(np.linspace(0.0, 1.0, COLORS), stretch, inside)
    colors = palette(colormap, COLORS)
    bent = [colors[i] for i in np.clip(np.rint(places * (COLORS - 1)), 0, COLORS - 1).astype(int).tolist()]
    return BK.LinearColorMapper(palette=bent, low=lo, high=hi, nan_color="rgba(0, 0, 0, 0)")


def _ruled(plot: Any, ruler: Ruler, side: str) -> None:
    axis = plot.xaxis if side == "x" else plot.yaxis
    axis.axis_label = ruler.title
    axis.formatter = BK.CustomJSTickFormatter(args={"names": ruler.texts}, code=_TICK)
    axis.ticker = BK.BasicTicker(min_interval=1.0)
    if ruler.kind == "category" and len(ruler) <= 30:
        axis.ticker = BK.FixedTicker(ticks=(np.arange(len(ruler)) + 0.5).tolist())
    if side == "x" and ruler.kind == "category" and max(map(len, ruler.texts)) > 6:
        axis.major_label_orientation = 0.9


def _plot(  # noqa: PLR0917  called once
    panel: Panel, x: Ruler, y: Ruler, mappers: tuple[Any, Any], quantity: str, unit: str, size: tuple[int, int],
    ranges: dict[str, Any], style: Style,
) -> Any:  # fmt: skip
    n_y, n_x = panel.value.shape
    plot = new_figure(
        width=size[0], height=size[1], title=panel.title, active_scroll="wheel_zoom",
        tools="pan,box_zoom,wheel_zoom,reset,save", background_fill_color=BACKGROUND, **ranges,
    )  # fmt: skip
    plot.grid.visible = False
    plot.toolbar.logo = None
    box = {"x": 0, "y": 0, "dw": n_x, "dh": n_y}
    shown = panel.value
    if style.show_flagged:
        flagged = BK.ColumnDataSource({"image": [panel.flagged.astype(np.float32)]})
        plot.image(image="image", source=flagged, color_mapper=mappers[1], **box)
        shown = np.where(np.isfinite(panel.value), panel.value, panel.flagged)
    source = BK.ColumnDataSource(
        {
            "image": [panel.value.astype(np.float32)],
            "any": [shown.astype(np.float32)],
            "count": [panel.count.astype(np.float32)],
            "bad": [panel.bad.astype(np.float32)],
        }
    )
    drawn = plot.image(image="image", source=source, color_mapper=mappers[0], **box)
    hover = BK.HoverTool(
        renderers=[drawn],
        tooltips=[
            (x.title.partition(" (")[0], "$x{custom}"),
            (y.title.partition(" (")[0], "$y{custom}"),
            (quantity, f"@any{{custom}} {unit}"),
            ("Good samples", "@count{0,0}"),
            ("Flagged samples", "@bad{0,0}"),
        ],
        formatters={
            "$x": BK.CustomJSHover(args={"names": x.texts}, code=_PLACE.format(special="special_vars.x")),
            "$y": BK.CustomJSHover(args={"names": y.texts}, code=_PLACE.format(special="special_vars.y")),
            "@any": BK.CustomJSHover(code="return Number.isFinite(value) ? Number(value).toPrecision(6) : 'no data';"),
        },
    )
    plot.add_tools(hover)
    _ruled(plot, x, "x")
    _ruled(plot, y, "y")
    return plot


def to_bokeh(dataset: xr.Dataset, style: Style, iteration: int | None = None) -> Any:
    """Draw a raster.

    Parameters
    ----------
    dataset : xarray.Dataset
        As from `dsa110_vis.raster.raster`.
    style : Style
        How it looks.
    iteration : int, optional
        Which picture, if there are several; all that fit by default.

    Returns
    -------
    bokeh.plotting.figure or bokeh.models.GridPlot
        The picture, or a grid of them with linked axes.

    Raises
    ------
    OptionError
        If the iteration does not exist.
    """
    quantity = str(dataset.attrs.get("quantity", "amp"))
    panels, y, x, _ = cut_panels(dataset, style, iteration)
    rows, columns = grid_of(len(panels), style.subplots if iteration is None else None)
    steps = _steps(len(y), len(x), len(panels))
    panels = [thinned(panel, *steps, circular=quantity == "phase") for panel in panels]
    y, x = y.merged(steps[0]), x.merged(steps[1])
    shown = np.concatenate([panel.value[panel.cross] for panel in panels])
    if not np.isfinite(shown).any():
        shown = np.concatenate([panel.flagged.ravel() for panel in panels])
    limits = style.find_limits(shown, quantity)
    colormap = style.colormap_for(quantity)
    mappers = (
        _mapper(colormap, limits, style.stretch, shown),
        _mapper(style.flagged_colormap, limits, style.stretch, shown),
    )
    unit = str(dataset["value"].attrs.get("units", ""))
    name = str(dataset["value"].attrs.get("long_name", "Value"))
    size = (max(style.width // columns, 100), max(style.height // rows, 100))
    plots: list[Any] = []
    ranges: dict[str, Any] = {"x_range": (0, len(x)), "y_range": (0, len(y))}
    for k, panel in enumerate(panels):
        plot = _plot(panel, x, y, mappers, name, "" if unit == "Jy or arbitrary" else unit, size, ranges, style)
        ranges = {"x_range": plot.x_range, "y_range": plot.y_range}
        if k % columns == columns - 1 or k == len(panels) - 1:
            plot.add_layout(BK.ColorBar(color_mapper=mappers[0], title=quantity_title(dataset), padding=5), "right")
        plots.append(plot)
    title = panel_title(dataset) if style.title is None else style.title
    plots[0].title.text = " · ".join(part for part in (title, panels[0].title) if part)
    if len(plots) == 1:
        return plots[0]
    return gridplot(plots, ncols=columns, toolbar_location="right")


def _steps(n_y: int, n_x: int, n: int) -> tuple[int, int]:
    """Choose how many cells to merge each way: the finer axis first."""
    steps = [1, 1]
    while -(-n_y // steps[0]) * -(-n_x // steps[1]) * n > MAX_CELLS:
        finer = 0 if n_y / steps[0] >= n_x / steps[1] else 1
        steps[finer] += 1
    return steps[0], steps[1]
