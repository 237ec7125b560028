"""Regions as JSON: the form in which viewers exchange them, and a file of its own; `schema.json` describes both."""

from __future__ import annotations

import dataclasses
import functools
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from dsa110_vis.errors import OptionError, RegionSyntaxError
from dsa110_vis.regions.report import BadRegionError, Report
from dsa110_vis.regions.shapes import SHAPES, Region, Shape

__all__ = ["VERSION", "from_plain", "read_json", "shape_from_plain", "to_plain", "write_json"]

VERSION = 1
FORMAT = "dsa110_vis regions"
MOST_VERTICES = 90_000
"""A region goes to a viewer in one message."""
MOST_TEXT = 2000
_COLOUR = re.compile(r"[a-zA-Z]*\d*|#[0-9a-fA-F]{3,8}")
_STOKES = re.compile(r"\w{1,20}")


def _refuse(what: str, wanted: str) -> NoReturn:
    message = f"A region has {what}."
    raise RegionSyntaxError(message, f"Allowed: {wanted}.") from None


def to_plain(region: Region) -> dict[str, Any]:
    """Give a region as plain data.

    Parameters
    ----------
    region : Region
        The region.

    Returns
    -------
    dict
        What JSON can carry.
    """
    shape = dict(vars(region.shape))
    if "vertices" in shape:
        shape["vertices"] = [list(corner) for corner in shape["vertices"]]
    return {
        "shape": region.shape.name,
        **shape,
        "frame": region.frame,
        "drawn_in": region.drawn_in or region.frame,
        "include": region.include,
        "label": region.label,
        "colour": region.colour,
        "channels": None if region.channels is None else list(region.channels),
        "stokes": None if region.stokes is None else list(region.stokes),
        "annotation": region.annotation,
        "id": region.id,
    }


def shape_from_plain(plain: Mapping[str, Any]) -> Shape:
    """Make a shape of plain data.

    Parameters
    ----------
    plain : mapping
        With ``shape`` and the numbers of that shape; anything else in it is left alone.

    Returns
    -------
    Shape
        The shape.

    Raises
    ------
    RegionSyntaxError
        If a number is missing or not possible.
    """
    name = plain.get("shape")
    kind = SHAPES.get(name) if isinstance(name, str) else None
    if kind is None:
        _refuse(f"the shape {str(name)[:40]!r}", ", ".join(SHAPES))
    values: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        value = plain.get(field.name, None if field.default is dataclasses.MISSING else field.default)
        values[field.name] = _vertices(value) if field.name == "vertices" else _number(value, field.name)
    try:
        return kind(**values)
    except OptionError as error:
        raise RegionSyntaxError(error.message, error.hint) from None


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse(f"no number {name}", "a finite number")
    try:
        return float(value)
    except OverflowError:
        _refuse(f"a number {name} that is too large", "a finite number")


def _vertices(value: Any) -> tuple[tuple[float, float], ...]:
    wanted = f"a list of up to {MOST_VERTICES} pairs of numbers"
    if not isinstance(value, list | tuple) or len(value) > MOST_VERTICES:
        _refuse("no vertices that can be taken", wanted)
    if not all(isinstance(corner, list | tuple) and len(corner) == 2 for corner in value):
        _refuse("a vertex that is no pair of numbers", wanted)
    return tuple((_number(x, "in a vertex"), _number(y, "in a vertex")) for x, y in value)


def from_plain(plain: Mapping[str, Any]) -> Region:
    """Make a region of plain data.

    Parameters
    ----------
    plain : mapping
        As `to_plain` gives it; what is not there has its default.

    Returns
    -------
    Region
        The region.

    Raises
    ------
    RegionSyntaxError
        If something in it is not possible.
    """
    if not isinstance(plain, Mapping):
        _refuse("no fields", "an object")
    shape = shape_from_plain(plain)
    texts: dict[str, Any] = {}
    for name, usual in (("label", ""), ("colour", ""), ("id", ""), ("frame", "pixel"), ("drawn_in", "")):
        value = plain.get(name, usual)
        if not isinstance(value, str) or len(value) > MOST_TEXT:
            _refuse(f"a {name} that is no text", f"text of up to {MOST_TEXT} characters")
        texts[name] = value
    if not _COLOUR.fullmatch(texts["colour"]):
        _refuse(f"the colour {texts['colour'][:40]!r}", "names such as red, and #rrggbb")
    flags: dict[str, Any] = {}
    for name, default in (("include", True), ("annotation", False)):
        value = plain.get(name, default)
        if not isinstance(value, bool):
            _refuse(f"{name}={str(value)[:40]!r}", "true, false")
        flags[name] = value
    if texts["drawn_in"] == texts["frame"]:
        texts["drawn_in"] = ""
    channels, stokes = _channels(plain.get("channels")), _stokes(plain.get("stokes"))
    try:
        return Region(shape, channels=channels, stokes=stokes, **texts, **flags)
    except OptionError as error:
        raise RegionSyntaxError(error.message, error.hint) from None


def _channels(value: Any) -> tuple[int, int] | None:
    if value is None:
        return None
    whole = isinstance(value, list | tuple) and [type(item) for item in value] == [int, int]
    if not whole or not 0 <= value[0] <= value[1]:
        _refuse("channels that are no range", "[first, last], counted from 0, or null")
    return value[0], value[1]


def _stokes(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    names = value if isinstance(value, list | tuple) else [None]
    if not names or not all(isinstance(name, str) and _STOKES.fullmatch(name) for name in names):
        _refuse("stokes that are no list of names", 'names such as ["I"], or null')
    return tuple(names)


def write_json(regions: Sequence[Region]) -> str:
    """Write regions as a file.

    Parameters
    ----------
    regions : sequence of Region
        The regions, each in the frame that it is in.

    Returns
    -------
    str
        JSON; reading it gives the same regions.
    """
    lines = ",\n".join(json.dumps(to_plain(one), ensure_ascii=False) for one in regions)
    return f'{{"format": {json.dumps(FORMAT)}, "version": {VERSION}, "regions": [\n{lines}\n]}}\n'


def read_json(text: str) -> tuple[list[Region], Report]:
    """Read regions from a file.

    Parameters
    ----------
    text : str
        JSON.

    Returns
    -------
    regions : list of Region
        The regions.
    report : Report
        Those that could not be taken; the numbers of lines are those of regions, from 1.

    Raises
    ------
    RegionSyntaxError
        If it is no such file, or of a newer version.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"The file is no JSON: {error}."
        raise RegionSyntaxError(message, "Export the regions again.") from None
    known = isinstance(content, Mapping) and content.get("format") == FORMAT
    if not known or not isinstance(content.get("regions"), list):
        message = "The file is JSON, but has no regions of dsa110_vis in it."
        raise RegionSyntaxError(message, f'It must have "format": "{FORMAT}", "version" and "regions".')
    if content.get("version") != VERSION:
        message = f"The file has regions of version {str(content.get('version'))[:20]}."
        raise RegionSyntaxError(message, f"This program knows version {VERSION}: upgrade it.")
    report = Report("json")
    found: list[Region] = []
    for number, plain in enumerate(content["regions"], start=1):
        found.extend(report.take(number, repr(plain)[:200], functools.partial(_taken, plain)))
    return found, report


def _taken(plain: Any) -> list[Region]:
    try:
        return [from_plain(plain)]
    except RegionSyntaxError as error:
        raise BadRegionError(str(error)) from None
