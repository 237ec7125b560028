"""Writing regions as DS9 reads them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import OptionError
from dsa110_vis.regions.convert import all_to_pixels, all_to_sky
from dsa110_vis.regions.shapes import Brush, Line, Point, Polygon, Polyline, Region

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsa110_vis.image import Image

__all__ = ["decimal", "one_line", "write_ds9"]

_COLOUR = re.compile(r"[a-zA-Z]+\d*|#[0-9a-fA-F]{3,8}")
_QUOTES = (("{", "}"), ('"', '"'), ("'", "'"))
_CENTRED = {
    "circle": ("circle", ("radius",)),
    "ellipse": ("ellipse", ("a", "b")),
    "box": ("box", ("width", "height")),
    "circle_annulus": ("annulus", ("inner", "outer")),
    "ellipse_annulus": ("ellipse", ("inner_a", "inner_b", "outer_a", "outer_b")),
    "box_annulus": ("box", ("inner_width", "inner_height", "outer_width", "outer_height")),
}
"""Shapes with a centre: what DS9 calls them, and their sizes in DS9's order."""


def write_ds9(regions: Sequence[Region], image: Image) -> str:
    """Write regions for DS9.

    Parameters
    ----------
    regions : sequence of Region
        The regions, in any frame.
    image : Image
        The image they are for.

    Returns
    -------
    str
        The file. Regions drawn in pixels are in image coordinates, counted from 1, the others in the frame they were
        drawn in. Channels and Stokes parameters are in tags, for which DS9 does not care. What is only drawn stands
        behind a hash, where other programs do not take it for a region.

    Raises
    ------
    OptionError
        If a region cannot be placed on the image, or is a brush stroke.
    """
    lines = ["# Region file format: DS9 version 4.1"]
    frame = ""
    for region in _as_drawn(regions, image):
        if region.frame != frame:
            frame = region.frame
            lines.append("image" if frame == "pixel" else frame)
        body, properties = _shape(region), _properties(region)
        sign = "" if region.include else "-"
        if region.annotation or isinstance(region.shape, Polyline):
            note = "annotation " if region.annotation and not isinstance(region.shape, Point) else ""
            lines.append(f"# {note}{sign}{body} {properties}".strip())
        else:
            lines.append(f"{sign}{body} # {properties}" if properties else f"{sign}{body}")
    return "\n".join(lines) + "\n"


def _as_drawn(regions: Sequence[Region], image: Image) -> list[Region]:
    """Bring each region into the frame in which it was drawn, where it can be there."""
    found: list[Region | OptionError] = list(regions)
    wanted = [region.drawn_in or region.frame for region in regions]
    to_sky = [k for k, region in enumerate(regions) if wanted[k] not in (region.frame, "pixel")]
    for k, one in zip(to_sky, all_to_sky([regions[k] for k in to_sky], image.celestial), strict=True):
        # outside of the sky it stays in pixels
        found[k] = one if isinstance(one, Region) or regions[k].frame != "pixel" else regions[k]
    to_pixels = [k for k, region in enumerate(regions) if wanted[k] == "pixel" != region.frame]
    for k, one in zip(to_pixels, all_to_pixels([regions[k] for k in to_pixels], image.celestial), strict=True):
        found[k] = one
    for one in found:
        if isinstance(one, OptionError):
            raise one
    return found  # type: ignore[return-value]


def decimal(value: float) -> str:
    """Write a number.

    Parameters
    ----------
    value : float
        The number.

    Returns
    -------
    str
        With ten decimals at most, which in degrees is a thousandth of a milliarcsecond.
    """
    text = f"{value:.10f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def one_line(text: str) -> str:
    """Bring a text into one line.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    str
        With single spaces.
    """
    return " ".join(text.split())


def _properties(region: Region) -> str:
    parts = []
    if _COLOUR.fullmatch(region.colour):
        parts.append(f"color={region.colour}")
    label = one_line(region.label)
    if label:
        # braces may be in braces, in pairs
        paired = re.sub(r"[^{}]", "", label)
        while "{}" in paired:
            paired = paired.replace("{}", "")
        fitting = [pair for pair in _QUOTES if (not paired if pair[0] == "{" else pair[0] not in label)]
        if not fitting:
            label = label.translate({ord("{"): "(", ord("}"): ")"})
        opener, closer = (fitting or _QUOTES)[0]
        parts.append(f"text={opener}{label}{closer}")
    if region.channels is not None:
        parts.append(f"tag={{channels={region.channels[0]}-{region.channels[1]}}}")
    if region.stokes is not None:
        names = [re.sub(r"\W", "", name) for name in region.stokes]
        parts.append(f"tag={{stokes={'+'.join(names)}}}")
    return " ".join(parts)


def _shape(region: Region) -> str:
    shape: Any = region.shape
    pixels = region.frame == "pixel"
    shift = 1.0 if pixels else 0.0

    def at(*values: float) -> str:
        return ",".join(decimal(value + shift) for value in values)

    def size(value: float) -> str:
        return decimal(value) if pixels else f'{decimal(value * 3600)}"'

    if isinstance(shape, Point):
        return f"{'text' if region.annotation else 'point'}({at(shape.x, shape.y)})"
    if isinstance(shape, Line):
        return f"line({at(shape.x1, shape.y1, shape.x2, shape.y2)})"
    if isinstance(shape, Polygon | Polyline):
        name = "polygon" if isinstance(shape, Polygon) else "segment"
        return f"{name}({at(*(value for corner in shape.vertices for value in corner))})"
    if isinstance(shape, Brush):
        message = "A brush stroke cannot be written as a region: it is only pixels."
        raise OptionError(message, "Add it to the mask and write that, or write JSON.")
    name, sizes = _CENTRED[shape.name]
    words = [at(shape.x, shape.y), *(size(getattr(shape, one)) for one in sizes)]
    if hasattr(shape, "angle"):
        words.append(decimal(shape.angle))
    return f"{name}({','.join(words)})"
