"""The uv coverage and the histogram of baseline lengths by matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from dsa110_vis.raster.style import matplotlib_colormap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsa110_vis.layout.style import LayoutStyle
    from dsa110_vis.layout.uv import UvPoints

__all__ = ["draw_lengths", "draw_uv"]

DPI = 100


def _figure(style: LayoutStyle) -> Figure:
    figure = Figure(figsize=(style.width / DPI, style.height / DPI), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def draw_uv(points: UvPoints, style: LayoutStyle, title: str) -> Figure:
    """Draw the uv coverage, with conjugates.

    Parameters
    ----------
    points : UvPoints
        The points.
    style : LayoutStyle
        How it looks.
    title : str
        Title, if the style has none.

    Returns
    -------
    matplotlib.figure.Figure
        With an Agg canvas, unknown to pyplot.
    """
    figure = _figure(style)
    axes = figure.add_subplot()
    low, high = points.range or (float(points.value[0]), float(points.value[0]) + 1)
    drawn: Any = None
    for sign in (1, -1):
        drawn = axes.scatter(
            sign * points.u,
            sign * points.v,
            s=float(np.clip(80.0 * points.u.size**-0.4, 0.3, 10.0)),
            c=points.value,
            cmap=matplotlib_colormap(style.colormap),
            vmin=low,
            vmax=high,
            linewidths=0,
            rasterized=True,
        )
    figure.colorbar(drawn, ax=axes, label=points.label, shrink=0.85)
    largest = 1.05 * max(float(np.abs(points.u).max()), float(np.abs(points.v).max()), 1e-3)
    axes.set(xlim=(-largest, largest), ylim=(-largest, largest), aspect="equal", xlabel="u (m)", ylabel="v (m)")
    per = points.wavelength * 1000
    over = axes.secondary_xaxis("top", functions=(lambda u: np.asarray(u) / per, lambda u: np.asarray(u) * per))
    over.set_xlabel(f"u (kλ at {points.frequency / 1e6:.1f} MHz)")
    axes.grid(color="#e4e4e4", lw=0.6)
    axes.set_axisbelow(True)
    axes.set_title(style.title if style.title is not None else title, fontsize=11, parse_math=False)
    if points.step > 1:
        axes.text(0.99, 0.01, f"every {points.step}th point", transform=axes.transAxes, ha="right", fontsize=7)
    return figure


def draw_lengths(lengths: Mapping[str, Any], style: LayoutStyle, title: str) -> Figure:
    """Draw how many baselines there are of each length.

    Parameters
    ----------
    lengths : mapping
        As the operation ``lengths`` answers.
    style : LayoutStyle
        How it looks.
    title : str
        Title, if the style has none.

    Returns
    -------
    matplotlib.figure.Figure
        With an Agg canvas, unknown to pyplot.
    """
    figure = _figure(style)
    axes = figure.add_subplot()
    kilo = lengths["edges_m"][-1] >= 20_000
    edges = np.asarray(lengths["edges_m"]) / (1000 if kilo else 1)
    axes.stairs(lengths["counts"], edges, fill=True, color="#5b84b1", edgecolor="#2b4a6f")
    axes.set(xlabel=f"Baseline length ({'km' if kilo else 'm'})", ylabel="Baselines", xlim=(0, edges[-1]))
    axes.grid(axis="y", color="#e4e4e4", lw=0.6)
    axes.set_axisbelow(True)
    axes.set_title(style.title if style.title is not None else title, fontsize=11, parse_math=False)
    if lengths["shortest_m"] is not None:
        span = f"{lengths['shortest_m']:.1f} m to {lengths['longest_m']:.1f} m"
        text = f"{sum(lengths['counts'])} pairs of antennas\n{span}"
        axes.text(0.98, 0.97, text, transform=axes.transAxes, ha="right", va="top", fontsize=9)
    return figure
