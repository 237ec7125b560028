"""The image as a figure: what the browser shows, drawn by matplotlib on astropy's axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.visualization.wcsaxes import WCSAxes
from astropy.wcs import WCS
from matplotlib.colors import FuncNorm, Normalize, is_color_like
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse

from dsa110_vis.errors import OptionError
from dsa110_vis.raster.scaling import stretched
from dsa110_vis.raster.style import matplotlib_colormap
from dsa110_vis.regions import outline

if TYPE_CHECKING:
    from dsa110_vis.view.image_reader import Picture
    from dsa110_vis.view.mask_draw import MaskDrawModel

__all__ = ["figure"]

DPI = 100
MASK_COLOUR = "#ff3b7f"
REGION_COLOUR = "#1fd65f"


def figure(model: MaskDrawModel, size: tuple[int, int]) -> Figure:
    """Draw the image with its mask, regions, beam and coordinates.

    Parameters
    ----------
    model : MaskDrawModel
        With an image.
    size : (int, int)
        Width and height in pixels.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    OptionError
        If it cannot have this size.
    """
    if not all(100 <= side <= 8000 for side in size):
        message = f"A picture of {size[0]} by {size[1]} pixels cannot be made."
        raise OptionError(message, "Allowed: 100 to 8000 pixels each way.")
    picture, state = model.wait(), model.state
    image = picture.image
    drawn = Figure(figsize=(size[0] / DPI, size[1] / DPI), dpi=DPI, layout="constrained")
    level = max(0, (max(image.nx, image.ny) // max(size)).bit_length() - 1)
    values = _values(model, picture, level)
    axes = _axes(drawn, picture, state, 1 << level)
    name = state["colormap"]
    colours = matplotlib_colormap(name)
    colours = colours.reversed() if state["invert"] else colours
    axes.set_facecolor("#8a8a8a")
    shown = axes.imshow(
        np.ma.masked_invalid(values), origin="lower", cmap=colours, norm=_norm(picture, state), interpolation="nearest"
    )
    bar = drawn.colorbar(shown, ax=axes, fraction=0.046, pad=0.02)
    bar.set_label(f"Intensity ({image.unit})" if image.unit else "Intensity")
    _draw_over(axes, model, picture, 1 << level)
    title = model.source["title"] if state["title"] is None else state["title"]
    if title:
        axes.set_title(title.replace("$", r"\$"), fontsize="medium")
    return drawn


def _values(model: MaskDrawModel, picture: Picture, level: int) -> Any:
    """Put the tiles of a level together."""
    pyramid = model.reader.pyramid(picture, "image")
    step = pyramid.tile_size << level
    rows = range(-(-picture.image.ny // step))
    columns = range(-(-picture.image.nx // step))
    return np.block([[pyramid.tile(level, column, row) for column in columns] for row in rows])


def _norm(picture: Picture, state: dict[str, Any]) -> Normalize:
    lo, hi = picture.limits
    if state["stretch"] == "linear":
        return Normalize(lo, hi, clip=True)
    knots = np.linspace(0.0, 1.0, 4097)
    inside = picture.values[(picture.values >= lo) & (picture.values <= hi)]
    bent = stretched(knots, state["stretch"], (inside - lo) / (hi - lo))
    bent = np.maximum.accumulate(bent) + 1e-9 * knots  # so that it can be turned round
    span = hi - lo
    return FuncNorm(
        (
            lambda v: np.interp((np.asarray(v) - lo) / span, knots, bent),
            lambda t: lo + span * np.interp(np.asarray(t), bent, knots),
        ),
        vmin=lo, vmax=hi, clip=True,
    )  # fmt: skip


def _axes(drawn: Figure, picture: Picture, state: dict[str, Any], step: int) -> Any:
    sky = picture.image.celestial
    if sky is None or state["frame"] == "pixel":
        axes: Any = drawn.add_subplot()
        axes.set_xlabel("x (pixels)")
        axes.set_ylabel("y (pixels)")
        if step > 1:
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_formatter(lambda value, _at: f"{(value + 0.5) * step - 0.5:.0f}")
        return axes
    header = sky.header()
    wcs = WCS(header)
    # bins of step pixels: the first one's middle is half a bin from the edge
    wcs.wcs.crpix = (wcs.wcs.crpix - 0.5) / step + 0.5
    scale = np.asarray(wcs.pixel_scale_matrix) * step
    wcs.wcs.cdelt = (1.0, 1.0)
    wcs.wcs.pc = scale
    axes = drawn.add_subplot(axes_class=WCSAxes, wcs=wcs)
    if state["grid"]:
        axes.coords.grid(color="white", alpha=0.35, linestyle="solid", linewidth=0.5)
    names = {"icrs": "ICRS", "fk5": "J2000", "fk4": "B1950"}
    if sky.frame in names:
        axes.coords[0].set_axislabel(f"Right ascension ({names[sky.frame]})")
        axes.coords[1].set_axislabel(f"Declination ({names[sky.frame]})")
    else:
        axes.coords[0].set_axislabel("Galactic longitude")
        axes.coords[1].set_axislabel("Galactic latitude")
    return axes


def _draw_over(axes: Any, model: MaskDrawModel, picture: Picture, step: int) -> None:
    state, drawing = model.state, model.drawing
    if state["show_mask"] and drawing.count(picture.plane_number):
        bits = drawing.coarse(picture.plane_number, step)
        axes.contour(bits, levels=[0.5], colors=MASK_COLOUR, linewidths=1.0)
    if state["show_regions"]:
        for region in drawing.regions:
            for path in outline(region.shape):
                x, y = ((np.asarray(part) + 0.5) / step - 0.5 for part in np.transpose(path))
                style = "solid" if region.include else "dashed"
                marker = "+" if len(x) == 1 else ""
                colour = region.colour if is_color_like(region.colour) else REGION_COLOUR
                axes.plot(x, y, color=colour, linestyle=style, marker=marker, linewidth=1.0)
    beam, sky = picture.image.beam(picture.channel, picture.stokes), picture.image.celestial
    if state["beam"] and beam is not None and sky is not None:
        image = picture.image
        a, b, angle = beam.ellipse(sky, (image.nx - 1) / 2, (image.ny - 1) / 2)
        at = (0.05 * image.nx / step + a / step, 0.05 * image.ny / step + a / step)
        axes.add_patch(
            Ellipse(at, 2 * a / step, 2 * b / step, angle=angle, facecolor="none", edgecolor="white", hatch="////")
        )
    axes.set_xlim(-0.5, picture.image.nx / step - 0.5)
    axes.set_ylim(-0.5, picture.image.ny / step - 0.5)
