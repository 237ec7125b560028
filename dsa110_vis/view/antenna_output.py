"""What leaves the array viewer: files, the small picture for the notebook, code, words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsa110_vis.layout.printing import FORMATS, printed, table
from dsa110_vis.layout.style import LayoutStyle
from dsa110_vis.raster.options import check_option
from dsa110_vis.view.antenna_controls import ANTENNA_CONTROLS
from dsa110_vis.view.small import call, fitting, unusual

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

    from dsa110_vis.layout.array_layout import ArrayLayout
    from dsa110_vis.layout.sources import Source

__all__ = ["code", "describe", "draw", "thumbnail"]

THUMBNAIL_SIZE = (800, 560)
"""Pixels that a PNG in a notebook file has at most."""
UV_POINTS = 200_000


def _figure(layout: ArrayLayout, source: Source, state: Mapping[str, Any], size: tuple[int, int]) -> Figure:
    # matplotlib takes a while to import
    from dsa110_vis.layout.draw_map import draw_map  # noqa: PLC0415
    from dsa110_vis.layout.draw_tabs import draw_lengths, draw_uv  # noqa: PLC0415

    style = LayoutStyle(
        color_by=state["color_by"],
        flags_of=state["flags_of"],
        thresholds=tuple(state["thresholds"]),
        colormap=state["colormap"],
        labels=state["labels"],
        scale=state["scale"],
        zoom=state["zoom"],
        exclude=tuple(state["exclude"]),
        only_with_data=state["only_with_data"],
        selected=tuple(state["selected"]),
        title=state["title"],
        width=size[0],
        height=size[1],
    )
    name = " · ".join(part for part in (layout.name, layout.telescope) if part)
    if state["tab"] == "uv":
        return draw_uv(source.uv(state["uv_color"], UV_POINTS, lambda: None), style, f"{name} · uv coverage")
    if state["tab"] == "lengths":
        return draw_lengths(source.lengths(), style, f"{name} · baseline lengths")
    picked = style.selected
    lines = [(picked[0], other) for other in source.partners(picked[0])] if len(picked) == 1 else []
    if len(picked) > 1:
        lines = [(one, two) for k, one in enumerate(picked) for two in picked[k + 1 :]]
    return draw_map(layout, style, lines)


def draw(
    layout: ArrayLayout, source: Source, state: Mapping[str, Any], kind: str, size: tuple[int, int]
) -> tuple[bytes, str, str]:
    """Draw what is shown, or write the table of the antennas.

    Parameters
    ----------
    layout : ArrayLayout
        The array.
    source : MsSource or CaltableSource
        Where it comes from.
    state : mapping
        All controls.
    kind : str
        One of `dsa110_vis.layout.printing.FORMATS`.
    size : (int, int)
        Width and height in pixels.

    Returns
    -------
    data : bytes
        The file's content.
    filename : str
        A name for it.
    mime : str
        Its media type.

    Raises
    ------
    OptionError
        If there is no such format, or the size is not possible.
    """
    check_option("format", kind, FORMATS)
    data = table(layout) if kind == "csv" else printed(_figure(layout, source, state, size), kind)
    what = "antennas" if state["tab"] == "map" or kind == "csv" else state["tab"]
    return data, f"{Path(layout.path).name.removesuffix('.ms')}-{what}.{kind}", FORMATS[kind]


def thumbnail(layout: ArrayLayout, source: Source, state: Mapping[str, Any]) -> bytes:
    """Draw the array small, for a notebook file.

    Parameters
    ----------
    layout : ArrayLayout
        The array.
    source : MsSource or CaltableSource
        Where it comes from.
    state : mapping
        All controls.

    Returns
    -------
    bytes
        A PNG, of at most `dsa110_vis.view.small.THUMBNAIL_BYTES` unless the uv coverage is too rich for that.
    """
    return fitting(lambda size: draw(layout, source, state, "png", size)[0], THUMBNAIL_SIZE, (1.0, 0.7, 0.5))


def describe(layout: ArrayLayout | None, state: Mapping[str, Any]) -> str:
    """Say in one line what is shown.

    Parameters
    ----------
    layout : ArrayLayout or None
        The array.
    state : mapping
        All controls.

    Returns
    -------
    str
        The line.
    """
    name = Path(state["path"]).name or "no Measurement Set"
    if layout is None:
        return f"Antennas of {name}: nothing known yet"
    frame = layout.antennas
    what = "solutions" if layout.kind == "caltable" else "data"
    text = f"Antennas of {name}: {len(frame)}, {int(frame['has_data'].sum())} with {what}"
    if layout.flagged is not None:
        text += f", {100 * layout.flagged:.1f} % flagged"
    if state["selected"]:
        text += f"; picked {', '.join(frame['name'].iloc[state['selected']])}"
    return text


def code(state: Mapping[str, Any]) -> str:
    """Write the Python code that makes the picture again.

    Parameters
    ----------
    state : mapping
        All controls.

    Returns
    -------
    str
        A few lines: the live widget, and the numbers without a browser.
    """
    path = repr(state["path"])
    widget = call("AntennaLayout", path, unusual(state, ANTENNA_CONTROLS, ("path",)))
    return (
        "from dsa110_vis import AntennaLayout\nfrom dsa110_vis.ms import open_array\n\n"
        f"widget = {widget}\n"
        "widget\n\n"
        "# the same numbers without a browser:\n"
        f"antennas = open_array({path}).antennas()\n"
    )
