"""The shapes of CASA's region files: what their numbers mean. Pixels there count from 0."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.regions.convert import to_pixels
from dsa110_vis.regions.report import BadRegionError, Report
from dsa110_vis.regions.shapes import Box, Circle, CircleAnnulus, Ellipse, Line, Point, Polygon, Polyline, Region, Shape
from dsa110_vis.regions.text import angle_of, finite, sexagesimal, split_outside

if TYPE_CHECKING:
    from dsa110_vis.image import Image

    Placed = tuple[Shape, str]

__all__ = ["COORDS", "SHAPES", "Maker"]

COORDS = {
    "J2000": "fk5", "FK5": "fk5", "JMEAN": "fk5", "B1950": "fk4", "B1950_VLA": "fk4", "FK4": "fk4", "ICRS": "icrs",
    "GALACTIC": "galactic",
}  # fmt: skip
"""Frames by the names that CASA and CARTA have for them."""
SHAPES = frozenset(
    ("box", "centerbox", "rotbox", "poly", "polygon", "polyline", "circle", "annulus", "ellipse", "line", "vector",
     "text", "symbol", "point")
)  # fmt: skip
_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([a-zA-Z\"']*)")


class Maker:
    """Makes shapes of what stands between the outer brackets of a region.

    Parameters
    ----------
    coord : str
        The frame that the region names; empty if it names none.
    image : Image or None
        The image it is for.
    report : Report
        Is told what one should know of.
    """

    def __init__(self, coord: str, image: Image | None, report: Report) -> None:
        self._image, self._report = image, report
        self._coord = coord.strip()

    def make(self, name: str, inside: str) -> Placed:
        """Make a shape.

        Parameters
        ----------
        name : str
            What it is called, in small letters.
        inside : str
            Its numbers.

        Returns
        -------
        shape : Shape
            The shape.
        frame : str
            Its frame.

        Raises
        ------
        BadRegionError
            If that is not possible.
        """
        makers = {
            "box": self._box, "centerbox": self._centerbox, "rotbox": self._centerbox, "poly": self._poly,
            "polygon": self._poly, "polyline": self._polyline, "circle": self._circle, "annulus": self._annulus,
            "ellipse": self._ellipse, "line": self._line, "vector": self._line, "text": self._point,
            "symbol": self._point, "point": self._point,
        }  # fmt: skip
        return makers[name](_lists(inside))

    def _frame(self) -> str:
        """Give the frame of celestial coordinates."""
        if self._coord:
            known = COORDS.get(self._coord.upper())
            if known is None:
                message = f"coord={self._coord[:40]} is no frame that is known."
                raise BadRegionError(message)
            return known
        if self._image is None or self._image.celestial is None:
            message = "It has no coord=, and there is no image to take it from."
            raise BadRegionError(message)
        self._report.warn(f"No coord= is given: the image's own frame is taken, {self._image.celestial.frame}.")
        return self._image.celestial.frame

    # -- numbers ------------------------------------------------------------------------------------------------------

    def _position(self, words: Any) -> tuple[float, float, bool]:
        """Read a position: x, y, and whether it is in pixels."""
        if not isinstance(words, list) or len(words) != 2:
            message = "A position is expected: two numbers in brackets."
            raise BadRegionError(message)
        pixels = [word.lower().endswith("pix") for word in words]
        if any(pixels):
            if not all(pixels):
                message = "Its position is in pixels and in angles."
                raise BadRegionError(message)
            return finite(words[0][:-3]), finite(words[1][:-3]), True
        # in galactic coordinates colons are degrees
        hours = self._frame() != "galactic"
        return _angle(words[0], hours=hours), _angle(words[1], hours=False), False

    def _size(self, word: Any) -> tuple[float, bool]:
        match = _QUANTITY.fullmatch(word) if isinstance(word, str) else None
        if not match:
            message = f"{str(word)[:40]!r} is no size."
            raise BadRegionError(message)
        value, unit = float(match.group(1)), match.group(2)
        if not unit:
            message = f"{word[:40]!r} has no unit."
            raise BadRegionError(message)
        return (value, True) if unit.lower() == "pix" else (angle_of(value, unit), False)

    def _with_sizes(self, where: Any, words: list[Any]) -> tuple[float, float, list[float], str]:
        """Read a position and sizes, and bring them into one frame."""
        x, y, in_pixels = self._position(where)
        sizes = [self._size(word) for word in words]
        kinds = {pixels for _, pixels in sizes}
        if len(kinds) > 1:
            message = "Its sizes are in pixels and in angles."
            raise BadRegionError(message)
        values, size_pixels = [value for value, _ in sizes], kinds.pop()
        if in_pixels == size_pixels:
            return x, y, values, "pixel" if in_pixels else self._frame()
        if self._image is None or self._image.celestial is None:
            message = "It is in pixels and in angles, and needs an image with celestial coordinates."
            raise BadRegionError(message)
        sky = self._image.celestial
        if in_pixels:
            lon, lat = sky.to_world(x, y)
            return float(lon), float(lat), values, sky.frame
        there: Any = to_pixels(Region(Point(x, y), self._frame()), sky).shape
        return there.x, there.y, values, "pixel"

    def _corners(self, arguments: list[Any], least: int) -> tuple[tuple[tuple[float, float], ...], str]:
        found = [self._position(words) for words in arguments]
        if len(found) < least:
            message = f"It has {len(found)} corners, and needs {least}."
            raise BadRegionError(message)
        if len({pixels for _, _, pixels in found}) > 1:
            message = "Its corners are in pixels and in angles."
            raise BadRegionError(message)
        return tuple((x, y) for x, y, _ in found), "pixel" if found[0][2] else self._frame()

    # -- shapes -------------------------------------------------------------------------------------------------------

    def _box(self, arguments: list[Any]) -> Placed:
        _expect(arguments, 2, 2)
        ((x1, y1), (x2, y2)), frame = self._corners(arguments, 2)
        if frame == "pixel":
            return Box((x1 + x2) / 2, (y1 + y2) / 2, abs(x2 - x1), abs(y2 - y1)), frame
        # the shorter way round, so that a box across longitude 0 is not the rest of the sky
        wide = np.mod(x2 - x1 + 180.0, 360.0) - 180.0
        lon, lat = float(np.mod(x1 + wide / 2, 360.0)), (y1 + y2) / 2
        return Box(lon, lat, float(abs(wide) * np.cos(np.radians(lat))), abs(y2 - y1)), frame

    def _centerbox(self, arguments: list[Any]) -> Placed:
        _expect(arguments, 2, 3)
        x, y, sizes, frame = self._with_sizes(arguments[0], _two(arguments[1]))
        return Box(x, y, sizes[0], sizes[1], _turn(arguments)), frame

    def _poly(self, arguments: list[Any]) -> Placed:
        vertices, frame = self._corners(arguments, 3)
        closed = len(vertices) > 3 and vertices[0] == vertices[-1]
        return Polygon(vertices[:-1] if closed else vertices), frame

    def _polyline(self, arguments: list[Any]) -> Placed:
        vertices, frame = self._corners(arguments, 2)
        return Polyline(vertices), frame

    def _circle(self, arguments: list[Any]) -> Placed:
        _expect(arguments, 2, 2)
        x, y, (radius,), frame = self._with_sizes(arguments[0], [arguments[1]])
        return Circle(x, y, radius), frame

    def _annulus(self, arguments: list[Any]) -> Placed:
        _expect(arguments, 2, 2)
        x, y, radii, frame = self._with_sizes(arguments[0], _two(arguments[1]))
        return CircleAnnulus(x, y, min(radii), max(radii)), frame

    def _ellipse(self, arguments: list[Any]) -> Placed:
        _expect(arguments, 2, 3)
        x, y, sizes, frame = self._with_sizes(arguments[0], _two(arguments[1]))
        # its angle is that of the first axis, from north through east
        return Ellipse(x, y, sizes[0], sizes[1], _turn(arguments) + 90.0), frame

    def _line(self, arguments: list[Any]) -> Placed:
        _expect(arguments, 2, 2)
        (first, second), frame = self._corners(arguments, 2)
        return Line(*first, *second), frame

    def _point(self, arguments: list[Any]) -> Placed:
        _expect(arguments, 1, 2)
        both = len(arguments) == 2 and not any(isinstance(word, list) for word in arguments)
        x, y, pixels = self._position(arguments if both else arguments[0])  # point[x, y] is written, too
        return Point(x, y), "pixel" if pixels else self._frame()


def _lists(text: str) -> list[Any]:
    """Split arguments: words, and lists of words."""
    found: list[Any] = []
    for part in split_outside(text, ","):
        inside = part.strip()
        bracketed = inside.startswith("[") and inside.endswith("]")
        found.append([word.strip() for word in split_outside(inside[1:-1], ",")] if bracketed else inside)
    return found


def _expect(arguments: list[Any], least: int, most: int) -> None:
    if not least <= len(arguments) <= most:
        message = f"It has {len(arguments)} arguments, and needs {least if least == most else f'{least} or {most}'}."
        raise BadRegionError(message)


def _two(words: Any) -> list[Any]:
    if not isinstance(words, list) or len(words) != 2:
        message = "Two sizes in brackets are expected."
        raise BadRegionError(message)
    return words


def _turn(arguments: list[Any]) -> float:
    """Give the angle, which comes third."""
    if len(arguments) < 3:
        return 0.0
    if not isinstance(arguments[2], str):
        message = "An angle is expected."
        raise BadRegionError(message)
    return _angle(arguments[2], hours=False)


def _angle(word: str, *, hours: bool) -> float:
    parts = sexagesimal(word)
    if parts is not None:
        return parts[0] * 15 if parts[1] == "h" or (parts[1] == ":" and hours) else parts[0]
    match = _QUANTITY.fullmatch(word)
    if not match:
        message = f"{word[:40]!r} is no coordinate and no angle."
        raise BadRegionError(message)
    if not match.group(2):
        message = f"{word[:40]!r} has no unit."
        raise BadRegionError(message)
    return angle_of(float(match.group(1)), match.group(2))
