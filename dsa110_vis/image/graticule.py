"""The grid of coordinates over a part of an image: lines, and labels where they meet the edges."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from dsa110_vis.image.celestial import Celestial

    Float = npt.NDArray[np.float64]

__all__ = ["Graticule", "graticule"]

SAMPLES = 61
"""Points of a line before it is cut at the window, at least."""
MOST_DEGREES = 2.0
"""Between two of its points."""
MESH = 25
"""Places along a side of the window where it is looked which sky is in it."""
SPACING = 130.0
"""Pixels of the screen that lines should be apart, about."""
MOST_LINES = 40
LETTER, LINE = 7.5, 18.0
"""Pixels of the screen for a letter and for a line of text: labels that are nearer are left out."""
_PARTS = (30, 20, 10, 5, 2, 1)
_FINE = (*(m / 60 for m in _PARTS), *(s / 3600 for s in _PARTS))
# degrees; hours are 15 of them
STEPS_DMS = (90.0, 60.0, 45.0, 30.0, 20.0, 15.0, 10.0, 5.0, 2.0, 1.0, *_FINE)
STEPS_HMS = tuple(15.0 * hours for hours in (6.0, 4.0, 3.0, 2.0, 1.0, *_FINE))
STEPS_DEGREES = (90.0, 60.0, 45.0, 30.0, 20.0, 15.0, 10.0, 5.0, 2.0, 1.0)
MINUS, DEGREES = "\N{MINUS SIGN}", "°\N{PRIME}\N{DOUBLE PRIME}"
LYING, STANDING = ("bottom", "top"), ("left", "right")
EDGES = (*STANDING, *LYING)
FOREIGN = ("top", "right", "bottom", "left")
"""Where a line is written that meets neither edge of its own, best first."""


@dataclass
class Graticule:
    """Lines and labels.

    Attributes
    ----------
    points : ndarray of float32, shape (n, 2)
        All lines one after the other, in pixels.
    lines : list of dict
        ``kind`` ("lon" or "lat"), ``text``, and ``start`` and ``count`` among the points.
    labels : list of dict
        ``edge`` ("bottom", "left", "top" or "right"), ``at`` (pixel along it), ``text`` and ``kind``.
    titles : dict
        What is along ``bottom`` and ``left``.
    """

    points: npt.NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 2), dtype=np.float32))
    lines: list[dict[str, Any]] = field(default_factory=list)
    labels: list[dict[str, Any]] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        """Give all but the points as plain data.

        Returns
        -------
        dict
            Lines, labels and titles.
        """
        return {"lines": self.lines, "labels": self.labels, "titles": self.titles}


def graticule(  # noqa: PLR0917  a window and its size
    celestial: Celestial | None,
    x0: float,
    x1: float,
    y0: float,
    y1: float,
    width: float,
    height: float,
    frame: str,
    style: str = "sexagesimal",
) -> Graticule:
    """Make the grid for a window.

    Parameters
    ----------
    celestial : Celestial or None
        The image's coordinates; without any there is no grid.
    x0, x1, y0, y1 : float
        The window, in pixels.
    width, height : float
        Its size on the screen, in pixels of that.
    frame : str
        A celestial frame, or "pixel" for no grid.
    style : str
        "sexagesimal" or "degrees".

    Returns
    -------
    Graticule
        Lines at round values, not nearer to each other than is good to look at.
    """
    found = Graticule()
    if celestial is None or frame == "pixel" or not (x1 > x0 and y1 > y0):
        return found
    window = _Window(celestial, (x0, x1, y0, y1), (width, height), frame)
    if window.empty:
        return found
    degrees = style == "degrees" or frame == "galactic"
    steps = {
        "lon": _step(window.lon, window.across, STEPS_DEGREES if degrees else STEPS_HMS),
        "lat": _step(window.lat, window.along, STEPS_DEGREES if degrees else STEPS_DMS),
    }
    values = [("lon", value) for value in _values(window.lon, steps["lon"])]
    values += [("lat", value) for value in _values(window.lat, steps["lat"]) if abs(value) < 90]
    texts = [_text(value, steps[kind], kind, degrees=degrees) for kind, value in values]
    ends: list[_End] = []
    pieces: list[Float] = []
    start = 0
    for number, piece in window.lines(values, ends):
        kind, text = values[number][0], texts[number]
        found.lines.append({"kind": kind, "text": text, "start": start, "count": len(piece)})
        pieces.append(piece)
        start += len(piece)
    if pieces:
        found.points = np.concatenate(pieces).astype(np.float32)
    found.labels = _labels(window, values, texts, ends)
    names = _titles(frame, celestial)
    found.titles = dict(zip(("bottom", "left"), reversed(names) if window.lies else names, strict=True))
    return found


def _titles(frame: str, celestial: Celestial) -> tuple[str, str]:
    if frame == "galactic":
        return "Galactic longitude", "Galactic latitude"
    equinox = celestial.equinox if frame == celestial.frame else None
    name = {"icrs": "ICRS", "fk5": f"J{equinox or 2000:g}", "fk4": f"B{equinox or 1950:g}"}[frame]
    return f"Right ascension ({name})", f"Declination ({name})"


class _End(NamedTuple):
    """Where a line leaves the window."""

    number: int
    edge: str
    at: float


class _Window:
    """A part of an image, and which part of the sky is in it."""

    def __init__(
        self, celestial: Celestial, box: tuple[float, float, float, float], size: tuple[float, float], frame: str
    ) -> None:
        self._celestial, self.box, self.size, self._frame = celestial, box, size, frame
        x0, x1, y0, y1 = box
        x, y = np.meshgrid(np.linspace(x0, x1, MESH), np.linspace(y0, y1, MESH))
        lon, lat = celestial.to_world(x, y, frame)
        good = np.isfinite(lon) & np.isfinite(lat)
        self.empty = not good.any()
        if self.empty:
            return
        middle = np.argmin(np.where(good, (x - (x0 + x1) / 2) ** 2 + (y - (y0 + y1) / 2) ** 2, np.inf))
        self._centre = float(lon.flat[middle])
        near = np.mod(lon[good] - self._centre + 180, 360) - 180
        # what the mesh missed
        margin = float(np.ptp(near)) / MESH, float(np.ptp(lat[good])) / MESH
        self.lon = (max(float(near.min()) - margin[0], -180.0), min(float(near.max()) + margin[0], 180.0))
        self.lat = (max(float(lat[good].min()) - margin[1], -90.0), min(float(lat[good].max()) + margin[1], 90.0))
        south, north = self._has(-90.0), self._has(90.0)
        if south or north:
            self.lon = (-180.0, 180.0)
            self.lat = (-90.0 if south else self.lat[0], 90.0 if north else self.lat[1])
        self.polar = south != north  # with both it is all of the sky
        self.lon = (self._centre + self.lon[0], self._centre + self.lon[1])
        angle = math.radians(celestial.north_angle(float(x.flat[middle]), float(y.flat[middle]), frame))
        if not math.isfinite(angle):
            angle = math.pi / 2
        stands, lies = abs(math.sin(angle)), abs(math.cos(angle))
        # north lies rather than stands: then it is declination that runs along the bottom
        self.lies = not self.polar and lies > stands
        wide, high = size
        self.across = 3 * wide if south or north else wide * stands + high * lies
        """Pixels of the screen over which longitude runs, about."""
        self.along = math.hypot(wide, high) / 2 if self.polar else wide * lies + high * stands
        """The same for latitude."""

    def _has(self, pole: float) -> bool:
        """Tell whether a pole is in the window, as a point."""
        x0, x1, y0, y1 = self.box
        x, y = self._celestial.to_pixel(self._centre + np.array([0.0, 90.0, 180.0]), np.full(3, pole), self._frame)
        inside = (x0 <= x[0] <= x1) and (y0 <= y[0] <= y1)
        return bool(inside and np.ptp(x) < 0.01 * (x1 - x0) and np.ptp(y) < 0.01 * (y1 - y0))

    def lines(self, values: list[tuple[str, float]], ends: list[_End]) -> Iterator[tuple[int, Float]]:
        """Give the pieces of lines in the window, each with the number of its line, and add where they leave it."""
        if not values:
            return
        n = max(SAMPLES, math.ceil(max(np.ptp(self.lon), np.ptp(self.lat)) / MOST_DEGREES) + 1)
        lon, lat = np.linspace(*self.lon, n), np.linspace(*self.lat, n)
        worlds = np.array(
            [(np.full(n, value), lat) if kind == "lon" else (lon, np.full(n, value)) for kind, value in values]
        )
        paths = np.stack(self._celestial.to_pixel(worlds[:, 0], worlds[:, 1], self._frame), axis=-1)
        first, last = paths[:, :-1], paths[:, 1:]
        enter, leave, edge_in, edge_out = _clip(first, last, self.box)
        shown = enter < leave
        shown &= ~self._jumps(worlds, first, last, shown)
        begin, end = (first + share[..., None] * (last - first) for share in (enter, leave))
        for share, edges, points in ((enter, edge_in, begin), (leave, edge_out, end)):
            for number, k in np.argwhere(shown & (share > 0) & (share < 1)):
                edge = edges[number, k]
                ends.append(_End(int(number), EDGES[edge], float(points[number, k, 0 if edge > 1 else 1])))
        goes_on = np.zeros_like(shown)
        goes_on[:, 1:] = shown[:, 1:] & shown[:, :-1] & (enter[:, 1:] == 0)
        for number in range(len(values)):
            steps = np.flatnonzero(shown[number])
            for piece in np.split(steps, np.flatnonzero(~goes_on[number, steps])):
                if piece.size:
                    yield number, np.concatenate((begin[number, piece[:1]], end[number, piece]))

    def _jumps(self, worlds: Float, first: Float, last: Float, shown: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Find the steps of a line that are none: from one side of the sky to the other."""
        wide, high = self.box[1] - self.box[0], self.box[3] - self.box[2]
        found: npt.NDArray[np.bool_] = shown & (
            np.hypot(*np.moveaxis(last - first, -1, 0)) > 0.05 * math.hypot(wide, high)
        )
        rows, columns = np.nonzero(found)
        if not rows.size:
            return found
        middle = (worlds[rows, :, columns] + worlds[rows, :, columns + 1]) / 2
        there = np.stack(self._celestial.to_pixel(middle[:, 0], middle[:, 1], self._frame), axis=-1)
        a, b = first[rows, columns], last[rows, columns]
        off = np.hypot(*(there - (a + b) / 2).T)
        # of a step that is one, the middle is near the middle
        found[rows, columns] = ~(off < 0.25 * np.hypot(*(b - a).T))
        return found


def _clip(first: Float, last: Float, box: tuple[float, float, float, float]) -> tuple[Any, Any, Any, Any]:
    """Cut straight lines at the window: shares of them where they enter and leave, and through which edges."""
    x0, x1, y0, y1 = box
    step = last - first
    with np.errstate(invalid="ignore", divide="ignore"):
        towards = np.stack((-step[..., 0], step[..., 0], -step[..., 1], step[..., 1]))
        room = np.stack((first[..., 0] - x0, x1 - first[..., 0], first[..., 1] - y0, y1 - first[..., 1]))
        share = room / towards
        # a line along an edge is on one side of it all the way
        enters = np.where(towards < 0, share, np.where((towards == 0) & (room < 0), np.inf, -np.inf))
        leaves = np.where(towards > 0, share, np.inf)
    lost = ~(np.isfinite(first) & np.isfinite(last)).all(axis=-1)
    enter = np.where(lost, 1.0, np.clip(enters.max(axis=0), 0.0, 1.0))
    leave = np.where(lost, 0.0, np.clip(leaves.min(axis=0), 0.0, 1.0))
    return enter, leave, enters.argmax(axis=0), leaves.argmin(axis=0)


class _Labels:
    """What is written along the edges of a window."""

    def __init__(self, window: _Window, values: list[tuple[str, float]], texts: list[str]) -> None:
        self._window, self._values, self._texts = window, values, texts
        self._taken: dict[str, list[tuple[float, float]]] = {edge: [] for edge in EDGES}
        self.found: list[dict[str, Any]] = []

    def write(self, end: _End) -> bool:
        """Write a line where it leaves the window, if there is room."""
        (x0, x1, y0, y1), (wide, high) = self._window.box, self._window.size
        text = self._texts[end.number]
        place = (end.at - x0) / (x1 - x0) * wide if end.edge in LYING else (end.at - y0) / (y1 - y0) * high
        # at the right they stand upright
        half = LINE / 2 if end.edge == "left" else LETTER * len(text) / 2
        if any(place - half < last and place + half > first for first, last in self._taken[end.edge]):
            return False
        self._taken[end.edge].append((place - half, place + half))
        self.found.append({"edge": end.edge, "at": end.at, "text": text, "kind": self._values[end.number][0]})
        return True


def _labels(
    window: _Window, values: list[tuple[str, float]], texts: list[str], ends: list[_End]
) -> list[dict[str, Any]]:
    """Write each line at its own edge, else at the one opposite, else at any other, where there is room."""
    own: dict[str, tuple[str, ...]] = {"lon": LYING, "lat": STANDING}
    if window.lies:
        own = {"lon": STANDING, "lat": LYING}
    if window.polar:
        own["lon"] = (*LYING, "right")
    met: dict[int, set[str]] = {}
    for end in ends:
        met.setdefault(end.number, set()).add(end.edge)
    labels = _Labels(window, values, texts)
    strangers = []
    for end in sorted(ends, key=lambda end: (EDGES.index(end.edge), end.at)):
        edge = next((edge for edge in own[values[end.number][0]] if edge in met[end.number]), None)
        if end.edge == edge:
            labels.write(end)
        elif edge is None and not window.polar:
            strangers.append(end)
    # a line through a corner of a turned image
    written: set[int] = set()
    for end in sorted(strangers, key=lambda end: (FOREIGN.index(end.edge), end.at)):
        if end.number not in written and labels.write(end):
            written.add(end.number)
    return labels.found


def _step(span: tuple[float, float], pixels: float, steps: tuple[float, ...]) -> float:
    """Choose the smallest round step that is not too small for the screen."""
    least = (span[1] - span[0]) / max(2.0, min(pixels / SPACING, 12.0)) * (1 - 1e-9)
    if least > steps[-1]:
        return next((step for step in reversed(steps) if step >= least), steps[0])
    # below the last of them, which is a second of time, a second of arc or a degree, by tens
    power = 10.0 ** math.floor(math.log10(max(least / steps[-1], 1e-12)))
    return next(steps[-1] * power * k for k in (1, 2, 5, 10) if steps[-1] * power * k >= least)


def _values(span: tuple[float, float], step: float) -> list[float]:
    first, last = math.ceil(span[0] / step - 1e-9), math.floor(span[1] / step + 1e-9)
    if last - first > MOST_LINES:
        return []
    found = [step * k for k in range(first, last + 1)]
    if len(found) > 1 and abs(found[-1] - found[0] - 360) < 1e-9:
        found.pop()  # once round
    return found


def _text(value: float, step: float, kind: str, *, degrees: bool) -> str:
    """Write a value as precisely as the step asks for."""
    if kind == "lon":
        value %= 360.0
    if degrees:
        places = max(0, -math.floor(math.log10(step) + 1e-9))
        text = f"{abs(value):.{places}f}"
        if kind == "lon":
            return f"{0:.{places}f}°" if float(text) == 360 else f"{text}°"
        return f"{MINUS if value < 0 < float(text) else '+'}{text}°"
    unit, marks = (15.0, "hms") if kind == "lon" else (1.0, DEGREES)
    small = step / unit * 3600
    places = max(0, -math.floor(math.log10(small) + 1e-9))
    size = 10**places
    total = round(abs(value) / unit * 3600 * size)
    if kind == "lon":
        total %= 24 * 3600 * size
    seconds, fraction = divmod(total, size)
    minutes, seconds = divmod(seconds, 60)
    whole, minutes = divmod(minutes, 60)
    sign = "" if kind == "lon" else MINUS if value < 0 < total else "+"
    parts = [f"{sign}{whole:02d}{marks[0]}"]
    if small < 3600 - 1e-6:
        parts.append(f"{minutes:02d}{marks[1]}")
    if small < 60 - 1e-6:
        parts.append(f"{seconds:02d}" + (f".{fraction:0{places}d}" if places else "") + marks[2])
    return "".join(parts)
