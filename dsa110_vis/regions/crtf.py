"""Reading CASA's region text files (CRTF), also those of CARTA: lines and properties.

The format is that of "CASA Region Text Format" in the CASA documents.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.errors import RegionSyntaxError
from dsa110_vis.regions.crtf_shapes import SHAPES, Maker
from dsa110_vis.regions.report import BadRegionError, Report
from dsa110_vis.regions.shapes import Region
from dsa110_vis.regions.text import closing, finite, lines_of, split_outside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsa110_vis.image import Image

__all__ = ["read_crtf"]

DRAWN = frozenset(("text", "vector"))
"""Shapes that are never part of a mask."""
_HEAD = re.compile(r"([+-]?)\s*(ann\s+)?([+-]?)\s*([a-z]+)\s*\[", re.IGNORECASE)
_COLOUR = re.compile(r"[a-zA-Z]+\d*|#[0-9a-fA-F]{3,8}")
_RANGE = re.compile(r"\[?\s*([^\s,\[\]]+?)\s*([a-z/]*)\s*[,\s]\s*([^\s,\[\]]+?)\s*([a-z/]*)\s*\]?", re.IGNORECASE)
_FREQUENCIES = {"hz": 1.0, "khz": 1e3, "mhz": 1e6, "ghz": 1e9}
_SPEEDS = {"m/s": 1.0, "km/s": 1e3}


def read_crtf(text: str, image: Image | None) -> tuple[list[Region], Report]:
    """Read regions.

    Parameters
    ----------
    text : str
        The file.
    image : Image or None
        The image they are for.

    Returns
    -------
    regions : list of Region
        In the frames of the file.
    report : Report
        What could not be taken.

    Raises
    ------
    RegionSyntaxError
        If nothing in it looks like a region.
    """
    report = Report("crtf")
    regions: list[Region] = []
    shared: dict[str, str] = {}
    known = False
    for number, line in lines_of(text):
        content = _without_comment(line).strip().rstrip(";")
        known |= line.startswith("#CRTF")
        if not content:
            continue
        if content[:6].lower() == "global":
            shared.update(_properties(content[6:], report, number))
            continue
        head = _HEAD.match(content)
        known |= head is not None and head.group(4).lower() in SHAPES
        make = functools.partial(_region, content, number, shared, image, report)
        regions.extend(report.take(number, line, make))
    if report.problems and not known:
        first = report.problems[0]
        message = f"The file has no regions: line {first.line} is {first.text[:60]!r}."
        raise RegionSyntaxError(message, "Allowed: DS9, CASA (CRTF), JSON and FITS region files.")
    return regions, report


def _without_comment(line: str) -> str:
    """Take away what follows a hash, unless the hash begins a colour."""
    if line.startswith("#"):
        return ""
    kept, *rest = split_outside(line, "#")
    for part in rest:
        if not kept.rstrip().endswith("="):
            break
        kept += f"#{part}"
    return kept


def _properties(text: str, report: Report, number: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in split_outside(text, ","):
        if not part.strip():
            continue
        key, equals, value = part.partition("=")
        if not equals:
            report.warn(f"Line {number}: {part.strip()[:40]!r} is no key=value, and is left out.")
            continue
        value = value.strip()
        if len(value) > 1 and value[0] in "\"'" and value[-1] == value[0]:
            value = value[1:-1]
        found[key.strip().lower()] = value
    return found


def _region(content: str, number: int, shared: dict[str, str], image: Image | None, report: Report) -> Iterator[Region]:
    """Make the region of a line."""
    head = _HEAD.match(content)
    if head is None:
        message = "It is no region: a shape and a bracket are expected."
        raise BadRegionError(message)
    name = head.group(4).lower()
    if name not in SHAPES:
        message = f"{name!r} is no shape that is known."
        raise BadRegionError(message)
    end = closing(content, head.end() - 1)
    if end == len(content):
        message = "A bracket is not closed."
        raise BadRegionError(message)
    inside = content[head.end() : end]
    more = {**shared, **_properties(content[end + 1 :], report, number)}
    shape, frame = Maker(more.get("coord", ""), image, report).make(name, inside)
    label = more.get("label", "")
    if name == "text":
        label = inside[inside.rfind("]") + 1 :].strip(" ,").strip("\"'") if "," in inside else label
    yield Region(
        shape=shape,
        frame=frame,
        include="-" not in (head.group(1), head.group(3)),
        label=label,
        colour=_colour(more.get("color", "")),
        channels=_channels(more.get("range", ""), image),
        stokes=_stokes(more.get("corr", "")),
        annotation=name in DRAWN or (head.group(2) is not None and shape.has_area),
    )


def _colour(name: str) -> str:
    name = f"#{name}" if re.fullmatch(r"[0-9a-fA-F]{6}", name) else name
    return name if _COLOUR.fullmatch(name) else ""


def _stokes(text: str) -> tuple[str, ...] | None:
    return tuple(name for name in re.split(r"[\s,\[\]]+", text) if name) or None


def _channels(text: str, image: Image | None) -> tuple[int, int] | None:
    """Turn a range of channels, frequencies or velocities into channels."""
    if not text:
        return None
    match = _RANGE.fullmatch(text.strip())
    if not match:
        message = f"range={text[:60]} is no range."
        raise BadRegionError(message)
    numbers = [finite(match.group(1)), finite(match.group(3))]
    unit = (match.group(4) or match.group(2) or "chan").lower()
    if unit.startswith("chan"):
        return max(round(min(numbers)), 0), max(round(max(numbers)), 0)
    frequency, speed = _FREQUENCIES.get(unit), _SPEEDS.get(unit)
    if frequency is None and speed is None:
        message = f"{unit!r} is no unit of channels, frequencies or velocities."
        raise BadRegionError(message)
    if image is None or image.spectral is None:
        message = f"range={text[:60]} needs an image with a spectral axis."
        raise BadRegionError(message)
    axis = image.spectral.velocity if frequency is None else image.spectral.frequency
    low, high = sorted(number * (frequency or speed or 1.0) for number in numbers)
    # a channel that is half inside is inside
    half = abs(float(axis[1] - axis[0])) / 2 * (1 + 1e-6) if axis.size > 1 else 0.0
    inside = np.flatnonzero((axis >= low - half) & (axis <= high + half))
    if inside.size == 0:
        message = f"range={text[:60]} has none of the image's channels."
        raise BadRegionError(message)
    return int(inside[0]), int(inside[-1])
