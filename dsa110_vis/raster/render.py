"""Pictures of a raster: PNG, SVG and PDF by matplotlib, interactive HTML and JSON by Bokeh. No browser is needed.

All take the Dataset that `dsa110_vis.raster.raster` returns, and the fields of `dsa110_vis.raster.style.Style` as
keywords: colormap, flagged_colormap, show_flagged, limits, limits_mode, percentile, stretch, title, subplots, width,
height.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import DependencyError, OutputError
from dsa110_vis.raster.options import check_option
from dsa110_vis.raster.style import Style

if TYPE_CHECKING:
    import os

    import xarray as xr
    from matplotlib.figure import Figure

__all__ = ["FORMATS", "save", "to_bokeh", "to_figure", "to_html", "to_json_item", "to_pdf", "to_png", "to_svg"]

FORMATS = ("png", "svg", "pdf", "html", "nc")
"""What `save` can write."""


def _style(style: Style | None, options: dict[str, Any]) -> Style:
    known = [field.name for field in dataclasses.fields(Style)]
    for name in options:
        check_option("way to style a picture", name, known)
    return dataclasses.replace(style or Style(), **options)


def to_figure(
    dataset: xr.Dataset, style: Style | None = None, *, iteration: int | None = None, **options: Any
) -> Figure:
    """Draw a raster with matplotlib.

    Parameters
    ----------
    dataset : xarray.Dataset
        As from `dsa110_vis.raster.raster`.
    style : Style, optional
        How it looks.
    iteration : int, optional
        Which picture, if there are several; all that fit by default.
    **options
        Fields of `Style` to be changed.

    Returns
    -------
    matplotlib.figure.Figure
        With an Agg canvas, unknown to pyplot.

    Raises
    ------
    OptionError
        If an option is not possible; the hint lists what is.
    """
    from dsa110_vis.raster.render_mpl import to_figure as draw  # noqa: PLC0415  matplotlib takes a while to import

    return draw(dataset, _style(style, options), iteration)


def _printed(
    dataset: xr.Dataset, style: Style | None, iteration: int | None, form: str, options: dict[str, Any]
) -> bytes:
    import matplotlib as mpl  # noqa: PLC0415

    figure = to_figure(dataset, style, iteration=iteration, **options)
    out = io.BytesIO()
    metadata = {"Date": None} if form == "svg" else {"CreationDate": None} if form == "pdf" else {}
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "dsa110_vis", "pdf.fonttype": 42}):
        figure.savefig(out, format=form, metadata=metadata)
    content = out.getvalue()
    if form != "svg":
        return content
    # matplotlib writes points, and more of them for a small picture, which it draws smaller
    shown = _style(style, options)
    size = f'width="{shown.width}" height="{shown.height}"'.encode()
    return re.sub(rb'width="[^"]*pt" height="[^"]*pt"', size, content, count=1)


def to_png(dataset: xr.Dataset, style: Style | None = None, *, iteration: int | None = None, **options: Any) -> bytes:
    """Draw a raster as PNG.

    Parameters
    ----------
    dataset, style, iteration, **options
        As for `to_figure`.

    Returns
    -------
    bytes
        The file, ``width`` by ``height`` pixels.
    """
    return _printed(dataset, style, iteration, "png", options)


def to_svg(dataset: xr.Dataset, style: Style | None = None, *, iteration: int | None = None, **options: Any) -> bytes:
    """Draw a raster as SVG; texts stay texts.

    Parameters
    ----------
    dataset, style, iteration, **options
        As for `to_figure`.

    Returns
    -------
    bytes
        The file, ``width`` by ``height`` pixels in a browser.
    """
    return _printed(dataset, style, iteration, "svg", options)


def to_pdf(dataset: xr.Dataset, style: Style | None = None, *, iteration: int | None = None, **options: Any) -> bytes:
    """Draw a raster as PDF.

    Parameters
    ----------
    dataset, style, iteration, **options
        As for `to_figure`.

    Returns
    -------
    bytes
        The file.
    """
    return _printed(dataset, style, iteration, "pdf", options)


def to_bokeh(dataset: xr.Dataset, style: Style | None = None, *, iteration: int | None = None, **options: Any) -> Any:
    """Draw a raster with Bokeh, to be put into other dashboards.

    Parameters
    ----------
    dataset, style, iteration, **options
        As for `to_figure`.

    Returns
    -------
    bokeh.plotting.figure or bokeh.models.GridPlot
        With hover, pan and zoom; a grid with linked axes if there are several pictures.
    """
    from dsa110_vis.raster.render_bokeh import to_bokeh as draw  # noqa: PLC0415  Bokeh takes a while to import

    return draw(dataset, _style(style, options), iteration)


def to_html(dataset: xr.Dataset, style: Style | None = None, *, iteration: int | None = None, **options: Any) -> str:
    """Draw a raster as an HTML page that needs nothing else, also offline.

    Parameters
    ----------
    dataset, style, iteration, **options
        As for `to_figure`.

    Returns
    -------
    str
        The page, BokehJS within.
    """
    from bokeh.embed import file_html  # noqa: PLC0415
    from bokeh.resources import INLINE  # noqa: PLC0415

    from dsa110_vis.raster.panels import panel_title  # noqa: PLC0415

    chosen = _style(style, options)
    title = chosen.title or panel_title(dataset) or "Raster"
    page: str = file_html(to_bokeh(dataset, chosen, iteration=iteration), INLINE, title=title)
    return page


def to_json_item(
    dataset: xr.Dataset,
    style: Style | None = None,
    *,
    target: str | None = None,
    iteration: int | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Give a raster as the JSON that ``Bokeh.embed.embed_item`` takes.

    Parameters
    ----------
    dataset, style, iteration, **options
        As for `to_figure`.
    target : str, optional
        Id of the element to fill.

    Returns
    -------
    dict
        Plain data.
    """
    from bokeh.embed import json_item  # noqa: PLC0415

    identity: Any = target
    return dict(json_item(to_bokeh(dataset, style, iteration=iteration, **options), identity))


def save(
    dataset: xr.Dataset,
    path: str | os.PathLike[str],
    style: Style | None = None,
    *,
    format: str | None = None,  # noqa: A002  what everyone calls it
    iteration: int | None = None,
    **options: Any,
) -> Path:
    """Write a raster to a file: under another name first, so that there is never half a file.

    Parameters
    ----------
    dataset, style, iteration, **options
        As for `to_figure`.
    path : str or os.PathLike
        Where to.
    format : str, optional
        One of `FORMATS`; by default what the name ends with.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    OptionError
        If the format is not known.
    OutputError
        If the file cannot be written.
    DependencyError
        If netCDF is asked for and its packages are not installed.
    """
    target = Path(path)
    form = (format or target.suffix.lstrip(".")).lower()
    check_option("format", form, FORMATS)
    makers = {"png": to_png, "svg": to_svg, "pdf": to_pdf}
    part = target.with_name(f".{target.name}.part")
    try:
        if form == "nc":
            _write_netcdf(dataset, part)
        elif form == "html":
            part.write_text(to_html(dataset, style, iteration=iteration, **options), encoding="utf-8")
        else:
            part.write_bytes(makers[form](dataset, style, iteration=iteration, **options))
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        message = f"{target} cannot be written: {error.strerror or error}."
        raise OutputError(message, "Choose a folder that exists and that you may write to.") from error
    return target


def _write_netcdf(dataset: xr.Dataset, path: Path) -> None:
    missing = [name for name in ("h5netcdf", "h5py") if importlib.util.find_spec(name) is None]
    if missing:
        message = f"netCDF files need {' and '.join(missing)}, which is not installed."
        raise DependencyError(message, "pip install 'dsa110_vis[netcdf]', or choose png, svg, pdf or html.")
    dataset.to_netcdf(path, engine="h5netcdf")
