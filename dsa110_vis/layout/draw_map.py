"""The map of an array by matplotlib, without a display and without pyplot."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Circle
from matplotlib.ticker import FuncFormatter

from dsa110_vis.layout.labels import place_labels
from dsa110_vis.raster.panels import round_numbers
from dsa110_vis.raster.style import matplotlib_colormap

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pandas as pd

    from dsa110_vis.layout.array_layout import ArrayLayout
    from dsa110_vis.layout.style import LayoutStyle

__all__ = ["CLASSES", "antennas_drawn", "class_of", "draw_map"]

DPI = 100
CLASSES = (("#009e73", "o"), ("#e69f00", "s"), ("#c03a2b", "^"))
"""Colours and marks of good, doubtful and bad antennas, which can also be told apart by their shape."""
UNKNOWN = "#808080"
PLAIN = "#3a6ea5"
MARKS = (7.0, 5.0)
"""Sizes of a mark in points, for few and for many antennas."""
MANY = 60
FONT = FontProperties(size=7)


def class_of(share: npt.NDArray[np.float64], thresholds: tuple[float, float]) -> npt.NDArray[np.int64]:
    """Sort flagged shares into classes.

    Parameters
    ----------
    share : ndarray of float64, shape (n,)
        From 0 to 1, or NaN.
    thresholds : (float, float)
        Below the first is good, above the second is bad.

    Returns
    -------
    ndarray of int64, shape (n,)
        0 good, 1 doubtful, 2 bad, -1 not known.
    """
    found = np.where(share < thresholds[0], 0, np.where(share > thresholds[1], 2, 1))
    return np.where(np.isfinite(share), found, -1)


def antennas_drawn(layout: ArrayLayout, style: LayoutStyle) -> pd.DataFrame:
    """Choose the antennas that are drawn: with a position, not excluded, in view.

    Parameters
    ----------
    layout : ArrayLayout
        The array.
    style : LayoutStyle
        What is excluded.

    Returns
    -------
    pandas.DataFrame
        Rows of `ArrayLayout.antennas`.
    """
    frame = layout.antennas
    keep = ~frame["zero_position"] & frame["east_m"].notna() & ~frame["id"].isin(style.exclude)
    return frame[keep & frame["has_data"]] if style.only_with_data else frame[keep]


class _Scale:
    """Metres to places on the paper: as they are, or with logarithmic distances from the centre."""

    def __init__(self, distance: npt.NDArray[np.float64], *, log: bool) -> None:
        self.log = log
        self.farthest = float(distance.max(initial=1.0))
        near = distance[distance > 0]
        self.unit = 10.0 ** np.floor(np.log10(np.quantile(near, 0.1))) if near.size else 1.0
        self.kilo = self.farthest >= 20_000

    def radius(self, distance: Any) -> Any:
        return np.log10(1 + np.asarray(distance) / self.unit) if self.log else np.asarray(distance)

    def place(self, where: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        distance = np.hypot(where[:, 0], where[:, 1])
        if not self.log:
            return where
        return np.asarray(where * (self.radius(distance) / np.where(distance > 0, distance, 1.0))[:, None])

    def text(self, metres: float) -> str:
        return f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"

    def rings(self) -> list[float]:
        powers = np.arange(np.floor(np.log10(self.unit)), np.ceil(np.log10(self.farthest)) + 1)
        return [float(10.0**power) for power in powers if 10.0**power <= 1.5 * self.farthest]


def draw_map(layout: ArrayLayout, style: LayoutStyle, lines: Sequence[tuple[int, int]] = ()) -> Figure:
    """Draw where the antennas are.

    Parameters
    ----------
    layout : ArrayLayout
        The array.
    style : LayoutStyle
        How it looks.
    lines : sequence of (int, int)
        Pairs of antennas that are joined.

    Returns
    -------
    matplotlib.figure.Figure
        With an Agg canvas, unknown to pyplot.
    """
    figure = Figure(figsize=(style.width / DPI, style.height / DPI), dpi=DPI)
    canvas: Any = FigureCanvasAgg(figure)
    drawn = antennas_drawn(layout, style)
    where = drawn[["east_m", "north_m"]].to_numpy(dtype=np.float64)
    scale = _Scale(np.hypot(where[:, 0], where[:, 1]), log=style.scale == "log")
    places = scale.place(where)
    notes = _notes(layout, style)
    foot = (0.16 * len(notes) + 0.62) * DPI / style.height
    bar = style.color_by == "fraction" and layout.flags
    axes = figure.add_axes((90 / style.width, foot, 1 - (220 if bar else 120) / style.width, 0.93 - foot))
    shown = _frame(axes, places, _in_view(layout, style, drawn))
    _join(axes, places, drawn["id"].tolist(), lines)
    mark = MARKS[len(drawn) > MANY]
    legend = _marks(axes, drawn, places, style, mark=mark, known=layout.flags)
    if bar:
        _colour_bar(figure, axes, style)
    if scale.log:
        _rings(axes, scale)
    else:
        _metres(axes, scale)
        _scale_bar(axes, scale)
    _north(axes)
    for number, text in enumerate(notes):
        height = (8 + 16 * (len(notes) - 1 - number)) / style.height
        figure.text(12 / style.width, height, text, fontsize=8, color="#333", parse_math=False)
    title = style.title if style.title is not None else _title(layout)
    axes.set_title(title, fontsize=11, parse_math=False)
    if legend:
        axes.legend(loc="best", fontsize=8, framealpha=0.85)
    figure.draw_without_rendering()
    if style.labels != "none":
        left_out = _label(axes, canvas.get_renderer(), drawn[shown], places[shown], style, mark)
        if left_out:
            axes.text(1, 1.01, f"{left_out} labels do not fit", transform=axes.transAxes, ha="right", fontsize=7,
                      color="#666")  # fmt: skip
    return figure


def _title(layout: ArrayLayout) -> str:
    return " · ".join(part for part in (layout.name, layout.telescope) if part)


def _notes(layout: ArrayLayout, style: LayoutStyle) -> list[str]:
    """Say below the map what it does not show."""
    frame = layout.antennas
    used = int(frame["has_data"].sum())
    what = "solutions" if layout.kind == "caltable" else "data"
    parts = [f"{used} of {len(frame)} antennas with {what}"]
    if layout.n_baselines:
        parts.append(f"{layout.n_baselines} baselines")
    if layout.flagged is not None:
        parts.append(f"{100 * layout.flagged:.1f} % flagged")
    if layout.centre is not None:
        longitude, latitude, height = layout.centre
        parts.append(f"centre {latitude:+.5f}° {longitude:+.5f}° {height:.0f} m")
    width = max(int(style.width / 6), 20)  # letters
    notes = textwrap.wrap(" · ".join(parts), width)
    lost = frame.loc[frame["zero_position"], ["id", "name"]]
    if len(lost):
        names = ", ".join(str(name) or f"#{number}" for number, name in zip(lost["id"], lost["name"], strict=True))
        notes += textwrap.wrap(f"Without a position: {names}", width, max_lines=3)
    return notes


def _in_view(layout: ArrayLayout, style: LayoutStyle, drawn: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Choose the antennas that the picture is zoomed to."""
    core = drawn["id"].isin(layout.core).to_numpy()
    chosen = core if style.zoom == "core" else ~core
    return np.asarray(chosen) if style.zoom != "all" and chosen.any() else np.ones(len(drawn), dtype=np.bool_)


def _frame(axes: Any, places: npt.NDArray[np.float64], view: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Set the limits; give the antennas inside them."""
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_facecolor("#fbfbfb")
    if not len(places):
        axes.text(0.5, 0.5, "No antenna to be drawn", transform=axes.transAxes, ha="center")
        return view
    low, high = places[view].min(axis=0), places[view].max(axis=0)
    room = 0.08 * max(float((high - low).max()), 1e-3) if view.sum() > 1 else 1.0
    box = axes.get_window_extent()
    # both ways the same metres per pixel, so that nothing moves when it is drawn
    per_pixel = max((high[0] - low[0] + 2 * room) / box.width, (high[1] - low[1] + 2 * room) / box.height)
    middle = (low + high) / 2
    half = np.array([box.width, box.height]) * per_pixel / 2
    axes.set_xlim(middle[0] - half[0], middle[0] + half[0])
    axes.set_ylim(middle[1] - half[1], middle[1] + half[1])
    return np.asarray((np.abs(places - middle) <= half).all(axis=1))


def _join(axes: Any, places: npt.NDArray[np.float64], numbers: list[int], lines: Sequence[tuple[int, int]]) -> None:
    at = dict(zip(numbers, places, strict=True))
    for one, two in lines:
        if one in at and two in at:
            axes.plot(*np.stack([at[one], at[two]]).T, color="#3a6ea5", lw=0.8, alpha=0.6, zorder=1)


def _marks(
    axes: Any,
    drawn: pd.DataFrame,
    places: npt.NDArray[np.float64],
    style: LayoutStyle,
    *,
    mark: float,
    known: bool,
) -> bool:
    """Draw the antennas; say whether there is something for a legend."""
    used = drawn["has_data"].to_numpy()
    share = drawn[style.share].to_numpy(dtype=np.float64)
    size = mark**2
    groups: list[tuple[npt.NDArray[np.bool_], str, Any, str]] = []
    if style.color_by == "none":
        groups.append((used, "o", PLAIN, ""))
    elif not known:
        groups.append((used, "o", UNKNOWN, "flags not known"))
    elif style.color_by == "class":
        low, high = (f"{100 * value:g} %" for value in style.thresholds)
        names = (f"under {low} flagged", f"{low} to {high}", f"over {high}")
        classes = class_of(share, style.thresholds)
        groups += [
            (used & (classes == number), shape, colour, names[number]) for number, (colour, shape) in enumerate(CLASSES)
        ]
        groups.append((used & (classes < 0), "o", UNKNOWN, "no such samples"))
    else:
        colours = matplotlib_colormap(style.colormap)(np.nan_to_num(share))
        groups.append((used & np.isfinite(share), "o", colours[used & np.isfinite(share)], ""))
        groups.append((used & ~np.isfinite(share), "o", UNKNOWN, "no such samples"))
    for chosen, shape, colour, name in groups:
        if chosen.any():
            axes.scatter(*places[chosen].T, s=size, marker=shape, c=colour, edgecolors="#222", linewidths=0.5, zorder=3,
                         label=f"{name} ({chosen.sum()})" if name else None)  # fmt: skip
    if (~used).any():
        axes.scatter(*places[~used].T, s=size, facecolors="none", edgecolors=UNKNOWN, linewidths=0.9, zorder=2,
                     label=f"without data ({(~used).sum()})")  # fmt: skip
    picked = drawn["id"].isin(style.selected).to_numpy()
    if picked.any():
        axes.scatter(*places[picked].T, s=4 * size, facecolors="none", edgecolors="#1f4e9c", linewidths=1.6, zorder=4)
    return any(name and chosen.any() for chosen, _, _, name in groups) or bool((~used).any())


def _colour_bar(figure: Figure, axes: Any, style: LayoutStyle) -> None:
    box = axes.get_position()
    place = figure.add_axes((box.x1 + 24 / style.width, box.y0, 16 / style.width, box.height))
    colours = ScalarMappable(Normalize(0, 100), matplotlib_colormap(style.colormap))
    what = "cross-correlations" if style.flags_of == "cross" else "all samples"
    figure.colorbar(colours, cax=place, label=f"Flagged (%), {what}")


def _metres(axes: Any, scale: _Scale) -> None:
    unit = "km" if scale.kilo else "m"
    axes.set(xlabel=f"East ({unit})", ylabel=f"North ({unit})")
    if scale.kilo:
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / 1000:g}"))
    axes.grid(color="#e4e4e4", lw=0.6, zorder=0)
    axes.set_axisbelow(True)


def _scale_bar(axes: Any, scale: _Scale) -> None:
    low, high = axes.get_xlim()
    length = float(round_numbers(0.0, high - low, 8)[1])
    box = axes.get_window_extent()
    per_pixel = (high - low) / box.width
    left, bottom = low + 16 * per_pixel, axes.get_ylim()[0] + 16 * per_pixel
    x, y = [left, left, left + length, left + length], [bottom + 5 * per_pixel, bottom, bottom, bottom + 5 * per_pixel]
    axes.plot(x, y, color="#222", lw=1.4, zorder=5)
    middle = left + length / 2
    axes.text(middle, bottom + 4 * per_pixel, scale.text(length), ha="center", va="bottom", fontsize=8, zorder=5)


def _rings(axes: Any, scale: _Scale) -> None:
    """Draw circles at powers of ten, which say how far it is on a logarithmic scale."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set(xlabel="East", ylabel="North")
    for ring in scale.rings():
        radius = float(scale.radius(ring))
        axes.add_patch(Circle((0, 0), radius, fill=False, color="#cfcfcf", lw=0.8, zorder=0))
        axes.text(radius * np.sqrt(0.5), -radius * np.sqrt(0.5), scale.text(ring), fontsize=7, color="#777",
                  clip_on=True, ha="left", va="top", zorder=1)  # fmt: skip
    axes.plot(0, 0, "+", color="#999", zorder=0)


def _north(axes: Any) -> None:
    box = axes.get_window_extent()
    x = 1 - 22 / box.width
    axes.annotate("N", (x, 1 - 14 / box.height), (x, 1 - 52 / box.height), xycoords="axes fraction", ha="center",
                  va="center", fontsize=9, arrowprops={"arrowstyle": "-|>", "color": "#222"}, zorder=5)  # fmt: skip


def _label(  # noqa: PLR0917
    axes: Any, renderer: Any, shown: pd.DataFrame, places: npt.NDArray[np.float64], style: LayoutStyle, mark: float
) -> int:
    """Write labels where there is room; give the number of those left out."""
    both = zip(shown["id"], shown["name"], strict=True)
    texts = [{"name": f"{name}", "id": f"{number}"}.get(style.labels, f"{name} ({number})") for number, name in both]
    sizes = [renderer.get_text_width_height_descent(text or " ", FONT, ismath=False)[:2] for text in texts]
    taken = [artist.get_window_extent(renderer).extents for artist in axes.texts]
    legend = axes.get_legend()
    if legend is not None:
        taken.append(legend.get_window_extent(renderer).extents)
    picked = shown["id"].isin(style.selected).to_numpy()
    found = place_labels(
        axes.transData.transform(places),
        [(width + 1, height + 1) for width, height in sizes],
        tuple(axes.get_window_extent().extents),
        radius=np.where(picked, 2.0, 1.0) * (mark / 2 * DPI / 72 + 0.5),
        first=np.flatnonzero(picked).tolist(),
        taken=taken,
    )
    back = axes.transData.inverted()
    for label in found:
        x, y = back.transform((label.x, label.y))
        axes.text(x, y, texts[label.number], ha="center", va="center_baseline", fontproperties=FONT, parse_math=False,
                  zorder=6, clip_on=True)  # fmt: skip
    return len(texts) - len(found)
