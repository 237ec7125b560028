"""Writing regions as CASA reads them (CRTF).

Where CASA would take a shape otherwise than it is meant, it is written as a polygon, of which CASA takes corner after
corner to pixels. That is so of most boxes in pixels, which CASA turns with the sky or loses a row of, of ellipses on
rotated images or far from the reference pixel, and of large shapes on wide fields, since CASA takes the scale of the
reference pixel for that of all.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import OptionError
from dsa110_vis.image.coordinates import STOKES
from dsa110_vis.regions.convert import all_to_pixels, all_to_sky
from dsa110_vis.regions.ds9_write import decimal, one_line
from dsa110_vis.regions.rasterise import outline, rings
from dsa110_vis.regions.shapes import (
    Box,
    Brush,
    Circle,
    CircleAnnulus,
    Ellipse,
    Line,
    Point,
    Polygon,
    Polyline,
    Region,
    Shape,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dsa110_vis.image import Celestial, Image

    Corners = Iterable[tuple[float, float]]

__all__ = ["write_crtf"]

HEADER = "#CRTFv0 CASA Region Text Format version 0"
COORDS = {"icrs": "ICRS", "fk5": "J2000", "fk4": "B1950", "galactic": "GALACTIC"}
EQUINOXES = {"fk5": 2000.0, "fk4": 1950.0}
COLOURS = frozenset(("black", "blue", "cyan", "gray", "green", "magenta", "orange", "red", "white", "yellow"))
"""Names of colours that CASA knows; it refuses a file with others."""
EXACT = 0.005
"""Pixels by which the edge of a shape may be elsewhere for CASA than it is."""
LEAST_CORNERS, MOST_CORNERS = 72, 2000


def write_crtf(regions: Sequence[Region], image: Image) -> str:
    """Write regions for CASA.

    Parameters
    ----------
    regions : sequence of Region
        The regions, in any frame.
    image : Image
        The image they are for.

    Returns
    -------
    str
        The file. Regions that were drawn in pixels are in pixels. All others are in the image's own frame: CASA
        converts between frames in its own way, which for galactic coordinates is 0.3 arcsec off. Points, lines and what
        is for none of the image's planes are annotations; a polyline, which CASA does not know, is its lines.

    Raises
    ------
    OptionError
        If a region cannot be placed on the image, or is a brush stroke.
    """
    sky = image.celestial
    writer = _Writer(sky)
    placed = all_to_pixels(regions, sky)
    there = all_to_sky(regions, sky, writer.frame) if writer.frame else placed
    lines = [HEADER]
    for region, pixels, found in zip(regions, placed, there, strict=True):
        in_pixels = (region.drawn_in or region.frame) == "pixel" or not isinstance(found, Region)
        chosen = pixels if in_pixels else found
        if isinstance(chosen, OptionError):
            raise chosen
        more, missing = _properties(chosen, image)
        noted = chosen.annotation or missing or not chosen.shape.has_area
        lead = "ann " if noted else "" if chosen.include else "-"
        shape = pixels.shape if isinstance(pixels, Region) else None
        lines += [f"{lead}{body}{more}" for body in writer.bodies(chosen, shape)]
    return "\n".join(lines) + "\n"


def _properties(region: Region, image: Image) -> tuple[str, bool]:
    """Give what follows the shape, and whether the region is for none of the image's planes."""
    parts = [] if region.frame == "pixel" else [f"coord={COORDS[region.frame]}"]
    missing = False
    if region.channels is not None:
        # without such an axis CASA does not mind, and neither does who reads it for another image
        missing = "channel" in image.axes and region.channels[0] >= image.n_channels
        if not missing:
            parts.append(f"range=[{region.channels[0]}chan, {region.channels[1]}chan]")
    if region.stokes is not None:
        # CASA refuses a file with others
        usable = image.stokes if "stokes" in image.axes else STOKES.values()
        names = [name for name in region.stokes if name in usable]
        missing |= not names
        if names:
            parts.append(f"corr=[{', '.join(names)}]")
    label = one_line(region.label)
    if label and not _is_text(region):
        parts.append(f"label={_quoted(label)}")
    colour = _colour(region.colour)
    if colour:
        parts.append(f"color={colour}")
    return "".join(f", {part}" for part in parts), missing


def _is_text(region: Region) -> bool:
    return region.annotation and isinstance(region.shape, Point)


def _quoted(text: str) -> str:
    quote = "'" if "'" not in text else '"'
    return f"{quote}{text.replace(quote, ' ')}{quote}"


def _colour(name: str) -> str:
    """Give a colour as CASA takes it: one of its names, or six digits; none if there is no such colour."""
    if not name or name.lower() in COLOURS:
        return name.lower()
    from matplotlib.colors import is_color_like, to_hex  # noqa: PLC0415  slow to import

    return to_hex(name)[1:] if is_color_like(name) else ""


class _Text:
    """Writes the shape of a region in CASA's words."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._in_pixels = region.frame == "pixel"

    def _at(self, x: float, y: float) -> str:
        unit = "pix" if self._in_pixels else "deg"
        return f"[{decimal(x)}{unit}, {decimal(y)}{unit}]"

    def _size(self, value: float) -> str:
        return f"{decimal(value)}pix" if self._in_pixels else f"{decimal(value * 3600)}arcsec"

    def poly(self, corners: Corners) -> str:
        return f"poly[{', '.join(self._at(x, y) for x, y in corners)}]"

    def drawing(self, shape: Any) -> list[str]:
        """Write what has no area: a polyline, which CASA does not know, as lines."""
        noted = self._region.annotation
        if isinstance(shape, Point):
            where = self._at(shape.x, shape.y)
            return [f"text[{where}, {_quoted(one_line(self._region.label))}]" if noted else f"symbol[{where}, .]"]
        corners = shape.vertices if isinstance(shape, Polyline) else ((shape.x1, shape.y1), (shape.x2, shape.y2))
        name = "vector" if noted and isinstance(shape, Line) else "line"
        return [f"{name}[{self._at(*first)}, {self._at(*second)}]" for first, second in itertools.pairwise(corners)]

    def centred(self, shape: Any) -> str:
        """Write a shape that has a centre."""
        where = self._at(shape.x, shape.y)
        if isinstance(shape, Circle):
            return f"circle[{where}, {self._size(shape.radius)}]"
        if isinstance(shape, CircleAnnulus):
            return f"annulus[{where}, [{self._size(shape.inner)}, {self._size(shape.outer)}]]"
        if isinstance(shape, Ellipse):
            turn = decimal((shape.angle - 90.0) % 360.0)
            return f"ellipse[{where}, [{self._size(shape.a)}, {self._size(shape.b)}], {turn}deg]"
        if isinstance(shape, Box) and self._in_pixels:
            corners = outline(shape)[0]
            return f"box[{self._at(*map(min, *corners))}, {self._at(*map(max, *corners))}]"
        if isinstance(shape, Box):
            sides = f"[{self._size(shape.width)}, {self._size(shape.height)}]"
            return f"rotbox[{where}, {sides}, {decimal(shape.angle % 360.0)}deg]"
        message = f"A region of the shape {shape.name} cannot be written for CASA where the image has no sky."
        raise OptionError(message, "Write JSON or DS9.")


class _Writer:
    """Writes shapes for an image with these coordinates."""

    def __init__(self, sky: Celestial | None) -> None:
        self._sky = sky
        self.frame = ""
        """Frame for what is in the sky; empty if CASA has no name for the image's."""
        self._scale = 0.0
        """Degrees of a pixel, if all its sides are the same."""
        self._upright = False
        if sky is None:
            return
        if sky.equinox is None or sky.equinox == EQUINOXES.get(sky.frame, sky.equinox):
            self.frame = sky.frame
        scale = float(abs(np.linalg.det(sky.plate))) ** 0.5
        if np.allclose(sky.plate @ sky.plate.T, scale**2 * np.eye(2), rtol=0.0, atol=1e-6 * scale**2):
            self._scale = scale
            self._upright = bool(np.allclose(sky.plate, [[-scale, 0.0], [0.0, scale]], rtol=0.0, atol=1e-6 * scale))

    def bodies(self, region: Region, placed: Shape | None) -> list[str]:
        """Give the text of a region: a shape, or several."""
        text, shape = _Text(region), region.shape
        if isinstance(shape, Brush):
            message = "A brush stroke cannot be written as a region: it is only pixels."
            raise OptionError(message, "Add it to the mask and write that, or write JSON.")
        if isinstance(shape, Polygon):
            return [text.poly(shape.vertices)]
        if not shape.has_area:
            return text.drawing(shape)
        if placed is not None and not self._taken_well(region, placed):
            around = self._around(region.frame, placed)
            if around:
                return [text.poly(around)]
        return [text.centred(shape)]

    def _taken_well(self, region: Region, placed: Shape) -> bool:
        """Tell whether CASA makes of a shape with a centre what it is."""
        shape: Any = region.shape
        if not isinstance(shape, Circle | CircleAnnulus | Ellipse | Box):
            return False
        if region.frame == "pixel":
            return not isinstance(shape, Box) or shape.angle % 90.0 == 0.0
        if not self._scale or type(placed) is not type(shape):
            return False
        return self._corners_agree(shape, placed) if isinstance(shape, Box) else self._sizes_agree(shape, placed)

    def _sizes_agree(self, shape: Shape, placed: Shape) -> bool:
        """Tell whether a round shape has the size and the direction that it has at the reference pixel."""
        (sizes, holes, angle), (sizes_there, holes_there, angle_there) = rings(placed), rings(shape)
        off = np.array([*sizes, *holes]) - np.array([*sizes_there, *holes_there]) / self._scale
        turn = np.radians(np.mod(angle - angle_there + 90.0, 180.0) - 90.0)
        straight = not isinstance(shape, Ellipse) or (self._upright and abs(turn * (sizes[0] - sizes[1])) < EXACT)
        return bool(straight and np.abs(off).max() < EXACT)

    def _corners_agree(self, shape: Box, placed: Shape) -> bool:
        """Tell whether the corners of a box are where CASA has them: so far from its centre, in such a direction."""
        assert self._sky is not None  # noqa: S101  it is in the sky
        (a, b), _, angle = rings(shape)
        u, v = np.array((-a, a, a, -a)), np.array((-b, -b, b, b))
        c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        west, north = u * c - v * s, u * s + v * c
        lon, lat = _away(shape.x, shape.y, np.hypot(west, north), np.arctan2(-west, north))
        x, y = self._sky.to_pixel(lon, lat)
        corners = np.array(outline(placed)[0][:4])
        return bool((np.hypot(x - corners[:, 0], y - corners[:, 1]) < 2 * EXACT).all())

    def _around(self, frame: str, shape: Shape) -> list[tuple[float, float]]:
        """Give the outline of a shape in pixels as one line of corners, in a frame; none where that has no sky."""
        outer, _, _ = rings(shape)
        count = int(np.clip(np.pi * np.sqrt(max(outer) / (2 * EXACT)), LEAST_CORNERS, MOST_CORNERS))
        around, *holes = outline(shape, count)
        corners = around[:-1]
        for hole in holes:
            # in by a cut, round the other way, and out by the same cut
            corners = [*corners, corners[0], *reversed(hole)]
        if frame == "pixel" or self._sky is None:
            return corners
        x, y = np.asarray(corners).T
        lon, lat = self._sky.to_world(x, y, frame)
        if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
            return []
        return list(zip(lon.tolist(), lat.tolist(), strict=True))


def _away(lon: float, lat: float, distance: Any, direction: Any) -> tuple[Any, Any]:
    """Give the places so far away (degrees) in such directions (radians, north through east), along great circles."""
    d, r = np.radians(lat), np.radians(distance)
    up = np.sin(d) * np.cos(r) + np.cos(d) * np.sin(r) * np.cos(direction)
    east = np.arctan2(np.sin(direction) * np.sin(r) * np.cos(d), np.cos(r) - np.sin(d) * up)
    return np.mod(lon + np.degrees(east), 360.0), np.degrees(np.arcsin(np.clip(up, -1.0, 1.0)))
