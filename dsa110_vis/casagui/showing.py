"""Where the plots go: into the notebook, into the web browser, into files."""

from __future__ import annotations

import io
import tempfile
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from bokeh.embed import file_html
from bokeh.layouts import gridplot
from bokeh.models.annotations import ColorBar
from bokeh.resources import INLINE
from IPython.core.getipython import get_ipython
from IPython.display import Image, display
from matplotlib.figure import Figure
from matplotlib.image import imread

from dsa110_vis.casagui.errors import ArgumentError
from dsa110_vis.errors import OutputError
from dsa110_vis.raster import render
from dsa110_vis.view.output import prepare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsa110_vis.ms import MeasurementSet
    from dsa110_vis.view import MsRasterModel
    from dsa110_vis.view.picture import Picture

__all__ = ["antennas", "phase_centres", "save", "show", "show_figure"]

FORMATS = ("png", "svg", "pdf", "html")


def _in_notebook() -> bool:
    return getattr(get_ipython(), "kernel", None) is not None


def show_figure(figure: Figure) -> None:
    """Show a figure in the notebook, or, in a script, as a file in the web browser.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    """
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=100)
    if _in_notebook():
        display(Image(data=data.getvalue(), format="png"))  # type: ignore[no-untyped-call]
        return
    with tempfile.NamedTemporaryFile(suffix=".png", prefix="dsa110-vis-", delete=False) as file:
        file.write(data.getvalue())
    webbrowser.open(Path(file.name).as_uri())


def antennas(ms: MeasurementSet, *, label: bool) -> Figure:
    """Show where the antennas are.

    Parameters
    ----------
    ms : MeasurementSet
        Whose antennas.
    label : bool
        Whether they have their names.

    Returns
    -------
    matplotlib.figure.Figure
        What was shown.
    """
    table = ms.antennas(flags=False)
    table = table[~table["zero_position"]]
    figure = Figure(figsize=(7, 6), layout="constrained")
    axes = figure.add_subplot()
    used = table["has_data"]
    axes.scatter(table.loc[used, "east_m"], table.loc[used, "north_m"], label="with data")
    if not used.all():
        axes.scatter(table.loc[~used, "east_m"], table.loc[~used, "north_m"], facecolors="none", edgecolors="0.5",
                     label="without data")  # fmt: skip
        axes.legend()
    if label:
        for row in table.itertuples():
            axes.annotate(
                str(row.name), (row.east_m, row.north_m), xytext=(3, 3), textcoords="offset points", fontsize=7
            )
    axes.set(xlabel="East (m)", ylabel="North (m)", title=f"{ms.name}: antennas", aspect="equal")
    show_figure(figure)
    return figure


def phase_centres(ms: MeasurementSet, *, label: bool) -> Figure:
    """Show the phase centres of all fields that have data.

    Parameters
    ----------
    ms : MeasurementSet
        Whose fields.
    label : bool
        Whether all have their names, and not only the central one.

    Returns
    -------
    matplotlib.figure.Figure
        What was shown.
    """
    present = set(np.unique(ms.rows().field).tolist())
    fields = [field for field in ms.metadata.fields if field.id in present and np.isfinite(field.ra_rad)]
    figure = Figure(figsize=(7, 6), layout="constrained")
    axes = figure.add_subplot()
    ra = np.degrees(np.unwrap([field.ra_rad for field in fields]))
    dec = np.degrees([field.dec_rad for field in fields])
    axes.scatter(ra, dec, marker="+")
    if fields:
        central = int(np.argmin(np.hypot((ra - ra.mean()) * np.cos(np.radians(dec.mean())), dec - dec.mean())))
        axes.scatter(ra[central], dec[central], marker="o", facecolors="none", edgecolors="C3")
        for number, field in enumerate(fields):
            if label or number == central:
                axes.annotate(field.name, (ra[number], dec[number]), xytext=(4, 4), textcoords="offset points")
    axes.invert_xaxis()
    axes.set(xlabel="Right ascension (deg)", ylabel="Declination (deg)", title=f"{ms.name}: phase centres")
    show_figure(figure)
    return figure


def show(models: Sequence[MsRasterModel], grid: tuple[int, int]) -> None:
    """Show plots: live in a notebook, otherwise as a file in the web browser.

    Parameters
    ----------
    models : sequence of MsRasterModel
        The plots.
    grid : (int, int)
        Rows and columns for several plots.
    """
    if not _in_notebook():
        for model in models:
            with tempfile.NamedTemporaryFile(suffix=".html", prefix="dsa110-vis-", delete=False) as file:
                file.write(model.export("html")[0])
            webbrowser.open(Path(file.name).as_uri())
        return
    from dsa110_vis.widgets import MsRaster  # noqa: PLC0415  needs the browser part

    shown = models[: grid[0] * grid[1]] if grid[0] * grid[1] > 1 else models
    for model in shown:
        display(MsRaster(model=model))  # type: ignore[no-untyped-call]


def save(
    models: Sequence[MsRasterModel],
    path: Path,
    kind: str,
    *,
    grid: tuple[int, int],
    steps: Sequence[int],
    size: tuple[int, int],
    bars: tuple[bool, bool],
) -> list[Path]:
    """Save plots to files.

    Parameters
    ----------
    models : sequence of MsRasterModel
        The plots.
    path : Path
        The file; numbers go before its ending if there is more than one.
    kind : str
        One of `FORMATS`.
    grid : (int, int)
        Rows and columns.
    steps : sequence of int
        Which values of the iterated axis of the last plot.
    size : (int, int)
        Size of one plot in pixels.
    bars : (bool, bool)
        Whether there are colour bars for good and for flagged samples.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    OptionError
        If there is no such format.
    OutputError
        If a file cannot be written.
    """
    if kind not in FORMATS:
        message = f"A plot cannot be saved as {kind!r}."
        raise ArgumentError(message, f"Allowed: {', '.join(FORMATS)}, or auto, which goes by the ending of the name.")
    rows, columns = grid
    iterated = models[-1].state["iterate"] is not None
    if rows * columns > 1 and len(models) == 1:
        used = -(-len(steps) // columns), min(columns, len(steps))
        return [_write(path, _drawn(models[0], steps, kind, (size[0] * used[1], size[1] * used[0]), bars))]
    if rows * columns > 1:
        return [_write(path, _mosaic(models[: rows * columns], columns, kind, size, bars))]
    wanted = [(model, [model.wait().iteration]) for model in models]
    if iterated:
        wanted = [*wanted[:-1], *((models[-1], [step]) for step in steps)]
    numbers = steps if iterated and len(models) == 1 else range(len(wanted))
    single = len(wanted) == 1 and not iterated
    return [
        _write(path if single else path.with_name(f"{path.stem}_{number}{path.suffix}"), _drawn(*one, kind, size, bars))
        for number, one in zip(numbers, wanted, strict=True)
    ]


def _write(path: Path, data: bytes) -> Path:
    try:
        path.write_bytes(data)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}."
        raise OutputError(message, "Choose a folder that exists and that you may write to.") from error
    return path


def _computed(model: MsRasterModel, steps: Sequence[int]) -> Picture:
    """Give the picture, having gone to the steps if they are not those at hand."""
    picture = model.wait()
    if not set(steps) <= set(picture.available):
        model.update(iteration=steps[0])
        picture = model.wait()
    return picture


def _drawn(
    model: MsRasterModel, steps: Sequence[int], kind: str, size: tuple[int, int], bars: tuple[bool, bool]
) -> bytes:
    dataset, style = prepare(_computed(model, steps), model.state, steps, size)
    if kind == "html":
        plot = render.to_bokeh(dataset, style)
        for bar, shown in zip(plot.select(ColorBar), bars * 100, strict=False):
            bar.visible = shown
        return str(file_html(plot, INLINE, title=style.title or "Raster")).encode()
    figure = render.to_figure(dataset, style)
    every = [axes for axes in figure.axes if axes.get_label() == "<colorbar>"]
    for axes, shown in zip(every, bars, strict=False):
        if not shown:
            axes.remove()
    return _printed(figure, kind)


def _printed(figure: Figure, kind: str) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format=kind)
    return out.getvalue()


def _mosaic(
    models: Sequence[MsRasterModel], columns: int, kind: str, size: tuple[int, int], bars: tuple[bool, bool]
) -> bytes:
    """Put plots side by side."""
    if kind == "html":
        plots = []
        for model in models:
            picture = model.wait()
            plots.append(render.to_bokeh(*prepare(picture, model.state, [picture.iteration], size)))
        return str(file_html(gridplot(plots, ncols=columns), INLINE, title="Rasters")).encode()
    rows = -(-len(models) // columns)
    figure = Figure(figsize=(columns * size[0] / 100, rows * size[1] / 100), dpi=100)
    for number, model in enumerate(models):
        drawn = imread(io.BytesIO(_drawn(model, [model.wait().iteration], "png", size, bars)))
        row, column = divmod(number, columns)
        axes = figure.add_axes((column / columns, 1 - (row + 1) / rows, 1 / columns, 1 / rows))
        axes.imshow(drawn, aspect="auto")
        axes.set_axis_off()
    return _printed(figure, kind)
