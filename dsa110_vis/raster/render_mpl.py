"""Pictures by matplotlib, without a display and without pyplot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from dsa110_vis.raster.panels import cut_panels, grid_of, panel_title, quantity_title, round_numbers, thinned
from dsa110_vis.raster.scaling import stretched
from dsa110_vis.raster.style import Style, matplotlib_colormap

if TYPE_CHECKING:
    import numpy.typing as npt
    import xarray as xr

    from dsa110_vis.raster.panels import Panel, Ruler

__all__ = ["to_figure"]

DPI = 100
BACKGROUND = "#f2f2f2"  # what has no data


class StretchNorm(Normalize):
    """A normalisation with one of our stretches.

    Parameters
    ----------
    limits : (float, float)
        Values at the ends of the scale.
    stretch : str
        One of `dsa110_vis.raster.STRETCHES`.
    values : ndarray of float
        The data, for the ``histogram`` stretch.
    """

    def __init__(self, limits: tuple[float, float], stretch: str, values: npt.NDArray[np.float64]) -> None:
        super().__init__(*limits, clip=True)
        self.limits = limits
        self._grid = np.linspace(0.0, 1.0, 2049)
        self._curve = stretched(self._grid, stretch, np.clip(self._fraction(values[np.isfinite(values)]), 0.0, 1.0))

    def _fraction(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray((values - self.limits[0]) / (self.limits[1] - self.limits[0]))

    def __call__(self, value: Any, clip: bool | None = None) -> Any:  # noqa: FBT001  matplotlib's signature
        """Give the place on the scale, 0 to 1."""
        del clip
        result, is_scalar = self.process_value(value)
        fraction = np.clip(self._fraction(np.asarray(result.data)), 0.0, 1.0)
        out = np.ma.MaskedArray(np.interp(fraction, self._grid, self._curve), mask=np.ma.getmaskarray(result))
        return out[0] if is_scalar else out

    def inverse(self, value: Any) -> Any:
        """Give the value at a place on the scale."""
        return self.limits[0] + np.interp(value, self._curve, self._grid) * (self.limits[1] - self.limits[0])


def _text_room(pixels: float, texts: list[str], *, vertical: bool) -> int:
    if vertical:
        return max(int(pixels / 26), 2)
    longest = max((len(text) for text in texts), default=4)
    return max(int(pixels / (7 * min(longest, 12) + 22)), 2)


def _decorate(axes: Any, x: Ruler, y: Ruler, pixels: tuple[float, float], *, left: bool, bottom: bool) -> None:
    for ruler, vertical, shown in ((x, False, bottom), (y, True, left)):
        room = _text_room(pixels[vertical], ruler.texts, vertical=vertical)
        slanted = not vertical and ruler.kind == "category" and max(map(len, ruler.texts)) > 6 and len(ruler) > 4
        if slanted:
            room = max(int(pixels[0] / 22), 2)
        positions, texts = ruler.ticks(min(room, 24 if slanted else 12 if not vertical else 30))
        axis = axes.yaxis if vertical else axes.xaxis
        axis.set_ticks(positions)
        axis.set_ticklabels(texts if shown else [])
        if shown:
            axis.set_label_text(ruler.title)
        if slanted:
            axes.tick_params(axis="x", rotation=60)
            for label in axes.get_xticklabels():
                label.set_horizontalalignment("right")
                label.set_rotation_mode("anchor")


def _draw(axes: Any, panel: Panel, style: Style, norm: Normalize, colormap: str) -> None:
    n_y, n_x = panel.value.shape
    extent = (0, n_x, 0, n_y)
    axes.set_facecolor(BACKGROUND)
    common = {"origin": "lower", "extent": extent, "aspect": "auto", "interpolation": "nearest", "norm": norm}
    if style.show_flagged and np.isfinite(panel.flagged).any():
        axes.imshow(np.ma.masked_invalid(panel.flagged), cmap=matplotlib_colormap(style.flagged_colormap), **common)
    axes.imshow(np.ma.masked_invalid(panel.value), cmap=matplotlib_colormap(colormap), **common)
    axes.set_xlim(0, n_x)
    axes.set_ylim(0, n_y)
    if panel.title:
        axes.set_title(panel.title, fontsize="medium")


@rc_context({"text.parse_math": False})  # a title or the name of a set is text, not a formula
def to_figure(dataset: xr.Dataset, style: Style, iteration: int | None = None) -> Figure:
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
    matplotlib.figure.Figure
        With an Agg canvas.

    Raises
    ------
    OptionError
        If the iteration does not exist.
    """
    quantity = str(dataset.attrs.get("quantity", "amp"))
    panels, y, x, iterate = cut_panels(dataset, style, iteration)
    rows, columns = grid_of(len(panels), style.subplots if iteration is None else None)
    # in small pictures everything is drawn smaller, so that axes keep some room
    scale = min(1.0, style.width / max(480, 160 * columns), style.height / max(360, 130 * rows))
    dpi = DPI * scale
    figure = Figure(figsize=(style.width / dpi, style.height / dpi), dpi=dpi, layout="constrained")
    FigureCanvasAgg(figure)
    pixels = (style.width * 0.75 / columns / scale, style.height * 0.8 / rows / scale)
    steps = [max(1, int(len(ruler) // (2 * size * scale))) for ruler, size in ((y, pixels[1]), (x, pixels[0]))]
    panels = [thinned(panel, steps[0], steps[1], circular=quantity == "phase") for panel in panels]
    y, x = y.merged(steps[0]), x.merged(steps[1])
    shown = np.concatenate([panel.value[panel.cross] for panel in panels])
    if not np.isfinite(shown).any():
        shown = np.concatenate([panel.value.ravel() for panel in panels])
    if not np.isfinite(shown).any():
        shown = np.concatenate([panel.flagged.ravel() for panel in panels])
    lo, hi = style.find_limits(shown, quantity)
    norm = StretchNorm((lo, hi), style.stretch, shown)
    colormap = style.colormap_for(quantity)
    grid = figure.subplots(rows, columns, squeeze=False)
    for k, axes in enumerate(grid.flat):
        if k >= len(panels):
            axes.set_axis_off()
            continue
        _draw(axes, panels[k], style, norm, colormap)
        if {x.name, y.name} == {"u", "v"}:
            axes.set_aspect(_uv_aspect(x, y))
        _decorate(axes, x, y, pixels, left=k % columns == 0, bottom=k + columns >= len(panels))
    every = list(grid.flat)
    bar = figure.colorbar(
        ScalarMappable(norm, matplotlib_colormap(colormap)), ax=every, pad=0.01, fraction=0.05, aspect=30,
        label=quantity_title(dataset), extend=_extend(shown, lo, hi),
    )  # fmt: skip
    bar.set_ticks(_bar_ticks(norm, quantity, style.stretch))
    bar.minorticks_off()
    if style.show_flagged and any(np.isfinite(panel.flagged).any() for panel in panels):
        flagged = figure.colorbar(
            ScalarMappable(norm, matplotlib_colormap(style.flagged_colormap)), ax=every, pad=0.01, fraction=0.05,
            aspect=30, label="All flagged",
        )  # fmt: skip
        flagged.set_ticks([])
    title = style.title
    if title is None:
        title = panel_title(dataset)
        if iterate is not None and len(panels) < len(iterate):
            title += f" · {len(panels)} of {len(iterate)}"
    if title:
        figure.suptitle(title, fontsize="large")
    return figure


def _uv_aspect(x: Ruler, y: Ruler) -> float:
    """Give the height of a cell over its width that makes metres equal both ways."""
    steps = [float(ruler.values[1] - ruler.values[0]) if len(ruler) > 1 else 1.0 for ruler in (x, y)]
    return steps[1] / steps[0]


def _bar_ticks(norm: StretchNorm, quantity: str, stretch: str) -> Any:
    """Choose what to write beside the colour bar, within its limits."""
    lo, hi = norm.limits
    if quantity == "phase" and (lo, hi) == (-180.0, 180.0):
        return [-180, -90, 0, 90, 180]
    if stretch == "linear":
        return round_numbers(lo, hi, 8)
    found: list[float] = []
    for fraction in np.linspace(0.0, 1.0, 8).tolist():  # a round value near each place of the bent scale
        value = float(norm.inverse(fraction))
        room = abs(float(norm.inverse(min(fraction + 0.07, 1.0))) - float(norm.inverse(max(fraction - 0.07, 0.0))))
        near = round_numbers(value - room / 2, value + room / 2, 2)
        near = near[(near >= lo) & (near <= hi)]
        if near.size:
            found.append(float(near[np.argmin(np.abs(near - value))]))
    return sorted(set(found))


def _extend(values: npt.NDArray[np.float64], lo: float, hi: float) -> str:
    finite = values[np.isfinite(values)]
    below, above = bool((finite < lo).any()), bool((finite > hi).any())
    return {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}[below, above]
