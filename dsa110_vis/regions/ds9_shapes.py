"""The shapes of DS9's region files: what their numbers mean."""

from __future__ import annotations

import dataclasses
import itertools
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.regions.convert import to_pixels
from dsa110_vis.regions.report import BadRegionError, Report
from dsa110_vis.regions.shapes import (
    Box,
    BoxAnnulus,
    Circle,
    CircleAnnulus,
    Ellipse,
    EllipseAnnulus,
    Line,
    Point,
    Polygon,
    Polyline,
    Region,
    Shape,
)
from dsa110_vis.regions.text import angle_of, finite, sexagesimal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsa110_vis.image import Celestial, Image

    Placed = tuple[Shape, str]

__all__ = ["FRAMES", "SHAPES", "Maker", "in_sky"]

FRAMES = {
    "image": "image", "physical": "physical", "fk4": "fk4", "b1950": "fk4", "fk5": "fk5", "j2000": "fk5",
    "icrs": "icrs", "galactic": "galactic", "gal": "galactic", "ecliptic": "ecliptic", "wcs": "wcs",
}  # fmt: skip
POINTS = frozenset(("circle", "box", "diamond", "cross", "x", "arrow", "boxcircle"))
"""Looks of a point, which may stand before it."""
SHAPES = POINTS | frozenset(
    ("ellipse", "rotbox", "rectangle", "rotrectangle", "polygon", "point", "line", "vector", "text", "annulus",
     "ruler", "projection", "segment", "polyline", "compass", "composite", "panda", "cpanda", "epanda", "bpanda",
     "pie", "sector", "field", "illustrate", "magnifier")
)  # fmt: skip
"""Everything that looks like a shape."""
MOST_RINGS = 1000
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([dDrRpPiI\"']?)")


def in_sky(word: str) -> bool:
    """Tell whether a coordinate can only be one in the sky.

    Parameters
    ----------
    word : str
        A number with colons, or with a letter that says so.

    Returns
    -------
    bool
        Whether it is.
    """
    match = _NUMBER.fullmatch(word)
    return bool(sexagesimal(word)) if not match else match.group(2).lower() in ("d", "r")


class Maker:
    """Makes shapes of the words of a line.

    Parameters
    ----------
    frame : str
        One of `FRAMES`.
    image : Image or None
        The image they are for.
    report : Report
        Is told what one should know of.
    first : int
        Number of the first pixel: 1, but for files of a program that was wrong about it.
    """

    def __init__(self, frame: str, image: Image | None, report: Report, first: int = 1) -> None:
        self._image, self._report, self._first = image, report, first
        self._named = FRAMES[frame]
        if self._named == "wcs":
            self._named = self._sky().frame
        self._in_pixels = self._named in ("image", "physical")

    def make(self, name: str, words: list[str]) -> list[Placed]:
        """Make a shape, or several.

        Parameters
        ----------
        name : str
            What it is called, in small letters.
        words : list of str
            Its numbers.

        Returns
        -------
        list of (Shape, str)
            Shapes and their frames.

        Raises
        ------
        BadRegionError
            If that is not possible.
        """
        if name in POINTS and words and words[0].lower() == "point":
            name, words = "point", words[1:]
        makers = {
            "circle": self._circle, "annulus": self._annulus, "ellipse": self._ellipse, "box": self._box,
            "rotbox": self._box, "rectangle": self._rectangle, "rotrectangle": self._rectangle,
            "polygon": self._polygon, "point": self._point, "text": self._point, "line": self._line,
            "ruler": self._line,
            "projection": self._line, "vector": self._vector, "segment": self._segment, "polyline": self._segment,
        }  # fmt: skip
        if name not in makers:
            message = f"The shape {name!r} is not supported."
            raise BadRegionError(message)
        _expect(words, 2)
        return [
            _from_ecliptic(shape) if frame == "ecliptic" else (shape, frame) for shape, frame in makers[name](words)
        ]

    # -- numbers ------------------------------------------------------------------------------------------------------

    def _sky(self) -> Celestial:
        if self._image is None or self._image.celestial is None:
            message = "It needs an image with celestial coordinates."
            raise BadRegionError(message)
        return self._image.celestial

    def _position(self, first: str, second: str) -> tuple[float, float, str]:
        """Read a position; a suffix can say that it is in pixels."""
        suffixes = {first[-1:].lower(), second[-1:].lower()}
        if suffixes in ({"i"}, {"p"}):
            kind = "image" if suffixes == {"i"} else "physical"
            return (*self._pixel(finite(first[:-1]), finite(second[:-1]), kind), "pixel")
        if self._in_pixels:
            if in_sky(first) or in_sky(second):
                message = "It has celestial coordinates where pixels are expected."
                raise BadRegionError(message)
            return (*self._pixel(finite(first), finite(second), self._named), "pixel")
        hours = self._named not in ("galactic", "ecliptic")
        return (_degrees(first, hours=hours), _degrees(second, hours=False), self._named)

    def _physical(self) -> Sequence[float]:
        """Give factor and offset along x and y from physical pixels to the image's own."""
        found = None if self._image is None else self._image.facts.get("physical")
        if found is None:
            self._report.warn("Physical coordinates are taken as image pixels: the image says nothing of them.")
            return 1.0, 0.0, 1.0, 0.0
        return found  # type: ignore[no-any-return]

    def _pixel(self, x: float, y: float, kind: str) -> tuple[float, float]:
        if kind == "physical":
            a, b, c, d = self._physical()
            x, y = a * x + b, c * y + d
        if self._first == 0:
            self._report.warn("Pixels are counted from 0: CARTA did so in this format until its version 3.")
        return x - self._first, y - self._first

    def _sizes(self, words: list[str], x: float, y: float, frame: str) -> tuple[list[float], float, float, str]:
        """Read sizes; gives them with the position in one frame."""
        found, kinds = [], set()
        for word in words:
            match = _NUMBER.fullmatch(word)
            if not match:
                message = f"{word[:40]!r} is no size."
                raise BadRegionError(message)
            value, suffix = float(match.group(1)), match.group(2).lower()
            if suffix in ("i", "p") or (not suffix and frame == "pixel"):
                if suffix == "p" or (not suffix and self._named == "physical"):
                    a, _, c, _ = self._physical()
                    value *= float(np.sqrt(abs(a * c)))
                found.append(value)
                kinds.add("pixel")
            else:
                found.append(angle_of(value, suffix or "deg"))
                kinds.add("sky")
        if len(kinds) > 1:
            message = "Its sizes are in pixels and in angles."
            raise BadRegionError(message)
        if kinds == {"sky"} and frame == "pixel":
            sky = self._sky()
            lon, lat = sky.to_world(x, y)
            return found, float(lon), float(lat), sky.frame
        if kinds == {"pixel"} and frame != "pixel":
            shape, where = _from_ecliptic(Point(x, y)) if frame == "ecliptic" else (Point(x, y), frame)
            there: Any = to_pixels(Region(shape, where), self._sky()).shape
            return found, there.x, there.y, "pixel"
        return found, x, y, frame

    def _with_sizes(self, words: list[str], sizes: list[str]) -> tuple[float, float, list[float], str]:
        x, y, frame = self._position(words[0], words[1])
        found, x, y, frame = self._sizes(sizes, x, y, frame)
        return x, y, found, frame

    def _with_angle(self, words: list[str]) -> tuple[float, float, list[float], float, str]:
        """Read a position, sizes, and the angle, which is the odd one at the end."""
        _expect(words, 4)
        angle = _degrees(words[-1], hours=False) if len(words) % 2 else 0.0
        x, y, found, frame = self._with_sizes(words, words[2 : len(words) - len(words) % 2])
        return x, y, found, angle, frame

    # -- shapes -------------------------------------------------------------------------------------------------------

    def _circle(self, words: list[str]) -> list[Placed]:
        _expect(words, 3)
        x, y, (radius,), frame = self._with_sizes(words, words[2:3])
        return [(Circle(x, y, radius), frame)]

    def _annulus(self, words: list[str]) -> list[Placed]:
        words, steps = _counted(words)
        _expect(words, 4)
        x, y, radii, frame = self._with_sizes(words, words[2:])
        if steps:
            radii = np.linspace(radii[0], radii[1], steps + 1).tolist()
        return [(CircleAnnulus(x, y, a, b), frame) for a, b in itertools.pairwise(radii)]

    def _ellipse(self, words: list[str]) -> list[Placed]:
        words, steps = _counted(words)
        x, y, found, angle, frame = self._with_angle(words)
        if len(found) == 2:
            return [(Ellipse(x, y, found[0], found[1], angle), frame)]
        return [(EllipseAnnulus(x, y, a, b, c, d, angle), frame) for (a, b), (c, d) in _rings(found, steps)]

    def _box(self, words: list[str]) -> list[Placed]:
        words, steps = _counted(words)
        x, y, found, angle, frame = self._with_angle(words)
        if len(found) == 2:
            return [(Box(x, y, found[0], found[1], angle), frame)]
        return [(BoxAnnulus(x, y, a, b, c, d, angle), frame) for (a, b), (c, d) in _rings(found, steps)]

    def _rectangle(self, words: list[str]) -> list[Placed]:
        """Take the rectangle of CIAO, which is given by two corners."""
        _expect(words, 4)
        ((x1, y1), (x2, y2)), frame = self._corners(words[:4], 2)
        angle = _degrees(words[4], hours=False) if len(words) > 4 else 0.0
        if frame == "pixel":
            return [(Box((x1 + x2) / 2, (y1 + y2) / 2, abs(x2 - x1), abs(y2 - y1), angle), frame)]
        if angle:
            message = "A rotated rectangle between two corners in the sky is not supported."
            raise BadRegionError(message)
        return [(Polygon(((x1, y1), (x2, y1), (x2, y2), (x1, y2))), frame)]

    def _corners(self, words: list[str], least: int) -> tuple[tuple[tuple[float, float], ...], str]:
        if len(words) % 2 or len(words) < 2 * least:
            message = f"It has {len(words)} numbers, and needs pairs, at least {least}."
            raise BadRegionError(message)
        found, frames = [], set()
        for first, second in zip(words[::2], words[1::2], strict=True):
            x, y, frame = self._position(first, second)
            found.append((x, y))
            frames.add(frame)
        if len(frames) > 1:
            message = "Its corners are in different frames."
            raise BadRegionError(message)
        return tuple(found), frames.pop()

    def _polygon(self, words: list[str]) -> list[Placed]:
        vertices, frame = self._corners(words, 3)
        return [(Polygon(vertices), frame)]

    def _segment(self, words: list[str]) -> list[Placed]:
        vertices, frame = self._corners(words, 2)
        return [(Polyline(vertices), frame)]

    def _point(self, words: list[str]) -> list[Placed]:
        x, y, frame = self._position(words[0], words[1])
        return [(Point(x, y), frame)]

    def _line(self, words: list[str]) -> list[Placed]:
        _expect(words, 4)
        (first, second), frame = self._corners(words[:4], 2)
        return [(Line(*first, *second), frame)]

    def _vector(self, words: list[str]) -> list[Placed]:
        _expect(words, 4)
        x, y, (length,), frame = self._with_sizes(words, words[2:3])
        angle = _degrees(words[3], hours=False)
        if frame == "pixel":
            t = np.radians(angle)
            return [(Line(x, y, x + length * float(np.cos(t)), y + length * float(np.sin(t))), frame)]
        return [(Line(x, y, *_along(x, y, length, angle - 90.0)), frame)]


def _along(lon: float, lat: float, length: float, position_angle: float) -> tuple[float, float]:
    """Give the place that lies so far in this direction (degrees, north through east), along a great circle."""
    d, r, pa = np.radians(lat), np.radians(length), np.radians(position_angle)
    up = np.sin(d) * np.cos(r) + np.cos(d) * np.sin(r) * np.cos(pa)
    east = np.arctan2(np.sin(pa) * np.sin(r) * np.cos(d), np.cos(r) - np.sin(d) * up)
    return float((lon + np.degrees(east)) % 360.0), float(np.degrees(np.arcsin(np.clip(up, -1.0, 1.0))))


def _degrees(word: str, *, hours: bool) -> float:
    parts = sexagesimal(word)
    if parts is not None and parts[1] != ".":
        return parts[0] * 15 if parts[1] == "h" or (parts[1] == ":" and hours) else parts[0]
    match = _NUMBER.fullmatch(word)
    if not match or match.group(2).lower() not in ("", "d", "r"):
        message = f"{word[:40]!r} is no coordinate and no angle."
        raise BadRegionError(message)
    return angle_of(float(match.group(1)), match.group(2) or "deg")


def _expect(words: list[str], least: int) -> None:
    if len(words) < least:
        message = f"It has {len(words)} numbers, and needs {least}."
        raise BadRegionError(message)


def _counted(words: list[str]) -> tuple[list[str], int]:
    """Take out ``n=4``: so many rings at equal steps."""
    counts = [word for word in words if word.lower().startswith("n=")]
    if not counts:
        return words, 0
    count = int(counts[0][2:])
    if not 1 <= count <= MOST_RINGS:
        message = f"It has {counts[0][2:][:20]} rings; 1 to {MOST_RINGS} can be read."
        raise BadRegionError(message)
    return [word for word in words if word not in counts], count


def _rings(sizes: list[float], steps: int) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    pairs = list(zip(sizes[::2], sizes[1::2], strict=True))
    if steps:
        (a, b), (c, d) = pairs[0], pairs[-1]
        pairs = list(zip(np.linspace(a, c, steps + 1).tolist(), np.linspace(b, d, steps + 1).tolist(), strict=True))
    return list(itertools.pairwise(pairs))


def _from_ecliptic(shape: Any) -> Placed:
    """Turn ecliptic coordinates of J2000, which regions do not have, into ICRS."""
    if hasattr(shape, "vertices"):
        x, y = _icrs(*np.asarray(shape.vertices).T)
        return dataclasses.replace(shape, vertices=tuple(zip(x.tolist(), y.tolist(), strict=True))), "icrs"
    if isinstance(shape, Line):
        x, y = _icrs(np.array([shape.x1, shape.x2]), np.array([shape.y1, shape.y2]))
        return Line(float(x[0]), float(y[0]), float(x[1]), float(y[1])), "icrs"
    # the second place shows where the ecliptic's north is
    up = 1e-4 if shape.y < 0 else -1e-4
    x, y = _icrs(np.array([shape.x, shape.x]), np.array([shape.y, shape.y + up]))
    more = {}
    if hasattr(shape, "angle"):
        east = (np.mod(x[1] - x[0] + 180.0, 360.0) - 180.0) * np.cos(np.radians(y[0]))
        more = {"angle": float(shape.angle + np.degrees(np.arctan2(east / up, (y[1] - y[0]) / up)))}
    return dataclasses.replace(shape, x=float(x[0]), y=float(y[0]), **more), "icrs"


def _icrs(lon: Any, lat: Any) -> tuple[Any, Any]:
    import erfa  # type: ignore[import-untyped]  # noqa: PLC0415  slow to import

    a, d = np.radians(lon), np.radians(lat)
    vector = np.stack((np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)))
    u, v, w = erfa.ecm06(2451545.0, 0.0).T @ vector
    return np.mod(np.degrees(np.arctan2(v, u)), 360.0), np.degrees(np.arctan2(w, np.hypot(u, v)))
