"""Reading the region files of DS9 and of programs that write like it: lines, frames and properties.

The format is that of the DS9 reference manual, section "Regions".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dsa110_vis.errors import RegionSyntaxError
from dsa110_vis.regions.ds9_shapes import FRAMES, SHAPES, Maker, in_sky
from dsa110_vis.regions.report import BadRegionError, Report
from dsa110_vis.regions.shapes import Region
from dsa110_vis.regions.text import closing, lines_of, split_outside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsa110_vis.image import Image

__all__ = ["read_ds9"]

ELSEWHERE = frozenset(("linear", "amplifier", "detector", *(f"wcs{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")))
"""Frames that say nothing about pixels or the sky of an image."""
COMMENTED = frozenset(("text", "vector", "ruler", "projection", "segment", "compass", "composite"))
"""Shapes that DS9 writes behind a hash, so that other programs take them for comments."""
DRAWN = frozenset(("text", "vector", "ruler", "projection", "segment"))
"""Shapes that are never part of a mask."""
_FROM_0 = re.compile(r"Region file format: DS9 CARTA [12]\.")
"""CARTA counted pixels from 0 in this format until its version 3."""
_HEAD = re.compile(r"\s*([+\-!])?\s*([a-zA-Z][a-zA-Z0-9]*)\s*(\()?")
_COMMENTED = re.compile(r"(annotation\s+)?[+\-!]?\s*([a-zA-Z]+)\s*\(")
_WORD = re.compile(r"[a-zA-Z]\w*")
_KEY = re.compile(r"([a-zA-Z_]\w*)\s*=\s*")
_COLOUR = re.compile(r"[a-zA-Z]+\d*|#[0-9a-fA-F]{3,8}")
_CHANNELS = re.compile(r"\bchannels=(\d{1,9})-(\d{1,9})\b")
_STOKES = re.compile(r"\bstokes=([\w+]+)")


def read_ds9(text: str, image: Image | None) -> tuple[list[Region], Report]:
    """Read regions.

    Parameters
    ----------
    text : str
        The file.
    image : Image or None
        The image they are for; without one, what needs it is reported.

    Returns
    -------
    regions : list of Region
        In the frames of the file; those in physical or image coordinates in pixels.
    report : Report
        What could not be taken.

    Raises
    ------
    RegionSyntaxError
        If nothing in it looks like a region.
    """
    return _Reader(image).read(text)


class _Reader:
    def __init__(self, image: Image | None) -> None:
        self._image = image
        self._report = Report("ds9")
        self._frame = ""
        self._globals: dict[str, str] = {}
        self._regions: list[Region] = []
        self._from_0 = False
        self._known = False
        """Whether anything was met that only region files have."""

    def read(self, text: str) -> tuple[list[Region], Report]:
        for number, line in lines_of(text):
            self._line(number, line)
        if self._report.problems and not self._known:
            first = self._report.problems[0]
            message = f"The file has no regions: line {first.line} is {first.text[:60]!r}."
            raise RegionSyntaxError(message, "Allowed: DS9, CASA (CRTF), JSON and FITS region files.")
        return self._regions, self._report

    def _line(self, number: int, line: str) -> None:
        if line.startswith("#"):
            body = line.lstrip("#").strip()
            self._known |= body.startswith("Region file format")
            self._from_0 |= _FROM_0.match(body) is not None
            match = _COMMENTED.match(body)
            if match and (match.group(1) or match.group(2).lower() in COMMENTED):
                self._piece(number, body, line)
            return
        if line[:6].lower() == "global":
            self._globals.update(_properties(line[6:]))
            return
        body, *comment = split_outside(line, "#")
        pieces = [piece for piece in split_outside(body, ";") if piece.strip()]
        for piece in pieces[:-1]:
            self._piece(number, piece.strip(), piece)
        if pieces:
            last = pieces[-1].strip()
            self._piece(number, "#".join([last, *comment]), last if len(pieces) > 1 else line)

    def _piece(self, number: int, piece: str, shown: str) -> None:
        """Take a frame, a shape, or a frame and a shape, since both of "fk5; circle" and "fk5 circle" are written."""
        first, _, rest = piece.partition("#")[0].strip().partition(" ")
        if first.lower() in FRAMES or first.lower() in ELSEWHERE:
            self._frame, self._known = first.lower(), True
            piece = piece[len(first) :].strip()
            if not rest.strip():
                return
        elif first.lower() in ("tile", "mosaic"):
            return
        elif _WORD.fullmatch(piece) and first.lower() not in SHAPES:
            self._frame = first
            self._report.refuse(number, shown, f"{first[:40]!r} is no frame that is known.")
            return
        self._regions.extend(self._report.take(number, shown, lambda: self._taken(piece)))

    def _taken(self, piece: str) -> Iterator[Region]:
        """Make the regions of a piece: one, as many as an annulus has rings, or the members of a composite."""
        parts: list[tuple[str, str, list[str]]] = []
        noted = piece.startswith("annotation")
        rest = piece.removeprefix("annotation")
        while (match := _HEAD.match(rest)) and (match.group(3) or not parts) and match.group(2).lower() in SHAPES:
            self._known = True
            if match.group(3):
                end = closing(rest, match.end() - 1)
                inside, rest = rest[match.end() : end], rest[end + 1 :].strip()
            else:
                inside, _, more = rest[match.end() :].partition("#")
                rest = f"#{more}"
            parts.append((match.group(1) or "", match.group(2).lower(), _words(inside)))
            if rest.startswith(("*", "&")):
                message = f"Shapes that are combined by {rest[0]!r} are not supported."
                raise BadRegionError(message)
            rest = rest.lstrip("|").strip()
        if not parts:
            message = f"{re.split(r'[ (#]', piece.strip())[0][:40]!r} is no shape that is known."
            raise BadRegionError(message)
        properties = {**self._globals, **_properties(rest)}
        for sign, name, words in parts:
            if name == "composite":
                self._report.warn("Composite regions are taken as their members.")
            else:
                yield from self._regions_of(sign, name, words, properties, noted=noted)

    def _regions_of(
        self, sign: str, name: str, words: list[str], properties: dict[str, str], *, noted: bool
    ) -> Iterator[Region]:
        self._settle_frame(words)
        tags = properties.get("tag", "")
        channels, stokes = _CHANNELS.search(tags), _STOKES.search(tags)
        label = properties.get("text", "")
        if name == "text" and words and words[-1][0] in "\"'{":
            label = words.pop()[1:-1]
        excluded = sign in ("-", "!") or properties.get("include", "1").lower() in ("0", "false")
        for shape, frame in Maker(self._frame, self._image, self._report, 0 if self._from_0 else 1).make(name, words):
            yield Region(
                shape=shape,
                frame=frame,
                include=not excluded,
                label=label,
                colour=properties.get("color", "") if _COLOUR.fullmatch(properties.get("color", "")) else "",
                channels=(int(channels.group(1)), int(channels.group(2))) if channels else None,
                stokes=tuple(stokes.group(1).split("+")) if stokes else None,
                annotation=noted or (name in DRAWN and name != "segment"),
            )

    def _settle_frame(self, words: list[str]) -> None:
        if self._frame and self._frame not in FRAMES:
            message = f"The image has no coordinates of the kind {self._frame[:40]!r}."
            raise BadRegionError(message)
        if not self._frame:
            self._frame = "fk5" if any(in_sky(word) for word in words[:2]) else "physical"
            kind = "FK5, since it is in the sky" if self._frame == "fk5" else "physical coordinates, as in DS9"
            self._report.warn(f"No frame is given before the first region: {kind}.")


def _words(text: str) -> list[str]:
    found = []
    for part in split_outside(text, ","):
        inside = part.strip()
        if inside[:1] in ("{", '"', "'"):
            found.append(inside)
        else:
            found.extend(inside.split())
    return found


def _properties(text: str) -> dict[str, str]:
    """Read ``key=value``; a value in braces may have braces in it, and several tags belong together."""
    found: dict[str, str] = {}
    at = 0
    while match := _KEY.search(text, at):
        key, start = match.group(1).lower(), match.end()
        opener = text[start : start + 1]
        if opener == "{":
            end = closing(text, start)
            value, at = text[start + 1 : end], end + 1
        elif opener in ("'", '"') and opener in text[start + 1 :]:
            end = text.index(opener, start + 1)
            value, at = text[start + 1 : end], end + 1
        else:
            value, *_ = text[start:].split(maxsplit=1) or [""]
            at = start + len(value)
        found[key] = f"{found[key]} {value}" if key == "tag" and key in found else value
    return found
