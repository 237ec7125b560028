"""Region files of all kinds, both ways."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dsa110_vis.errors import OptionError, RegionSyntaxError
from dsa110_vis.paths import absolute_path
from dsa110_vis.regions.crtf import read_crtf
from dsa110_vis.regions.crtf_write import write_crtf
from dsa110_vis.regions.ds9 import read_ds9
from dsa110_vis.regions.ds9_write import write_ds9
from dsa110_vis.regions.fits_regions import read_fits_regions
from dsa110_vis.regions.json import read_json, write_json

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from dsa110_vis.image import Image
    from dsa110_vis.regions.report import Report
    from dsa110_vis.regions.shapes import Region

__all__ = ["FORMATS", "format_of", "read", "write"]

FORMATS = ("ds9", "crtf", "json", "fits")
"""Formats that can be read; all but the last can be written."""
MOST_BYTES = 64 << 20
ENDINGS = (".reg", ".crtf", ".rgn", ".json", ".fits", ".txt")


def format_of(content: bytes) -> str:
    """Tell the format of a region file by its content: endings do not always say it.

    Parameters
    ----------
    content : bytes
        The file.

    Returns
    -------
    str
        One of `FORMATS`.
    """
    start = content[:4096].lstrip()
    if start.startswith(b"SIMPLE  ="):
        return "fits"
    if start.startswith(b"{"):
        return "json"
    lines = [line.strip() for line in content[:65536].splitlines()]
    if any(line.startswith(b"#CRTF") for line in lines[:5]):
        return "crtf"
    # a shape with brackets is CASA's
    bodies = [line for line in lines if line and not line.startswith((b"#", b"global"))]
    return "crtf" if any(b"[[" in line or b"[ [" in line for line in bodies[:20]) else "ds9"


def read(
    source: str | bytes | os.PathLike[str],
    image: Image | None,
    format: str | None = None,  # noqa: A002
) -> tuple[list[Region], Report]:
    """Read regions.

    Parameters
    ----------
    source : path, str or bytes
        A file, or its content; a string with a line break or a bracket in it is content.
    image : Image or None
        The image they are for: what is given in frequencies, in physical coordinates or without a frame needs it.
    format : str, optional
        One of `FORMATS`; found by the content by default.

    Returns
    -------
    regions : list of Region
        Each in the frame that the file has it in.
    report : Report
        Every line that looks like a shape is a region, or stands here with its number and why not.

    Raises
    ------
    RegionSyntaxError
        If it is no region file, or one that is too large.
    OptionError
        If there is no such format.
    """
    if format is not None and format not in FORMATS:
        message = f"There is no format {format!r}."
        raise OptionError(message, f"Allowed: {', '.join(FORMATS)}.")
    content = _content(source)
    if len(content) > MOST_BYTES:
        message = f"The file has {len(content) / 2**20:.0f} MiB."
        raise RegionSyntaxError(message, f"At most {MOST_BYTES >> 20} are taken.")
    kind = format or format_of(content)
    if kind == "fits":
        return read_fits_regions(content, image)
    if b"\0" in content:
        message = "The file is no text."
        raise RegionSyntaxError(message, "Allowed: DS9, CASA (CRTF), JSON and FITS region files.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if kind == "json":
        return read_json(text)
    return read_crtf(text, image) if kind == "crtf" else read_ds9(text, image)


def _content(source: str | bytes | os.PathLike[str]) -> bytes:
    if isinstance(source, bytes):
        return source
    if isinstance(source, str) and _is_content(source):
        return source.encode(errors="replace")
    path = absolute_path(source)
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        message = f"{path.name[:80]} cannot be read: {getattr(error, 'strerror', None) or error}."
        raise RegionSyntaxError(message, "Check the path.") from None


def _is_content(text: str) -> bool:
    """Tell a region from the name of a file, which may have brackets in it, too."""
    if "\n" in text:
        return True
    if not any(sign in text for sign in "([{#") or text.lower().endswith(ENDINGS):
        return False
    try:
        return not Path(text).is_file()
    except (OSError, ValueError):
        return True


def write(regions: Sequence[Region], image: Image, format: str) -> str:  # noqa: A002
    """Write regions.

    Parameters
    ----------
    regions : sequence of Region
        The regions, in any frame.
    image : Image
        The image they are for.
    format : str
        "ds9", "crtf" or "json".

    Returns
    -------
    str
        The file.

    Raises
    ------
    OptionError
        If there is no such format.
    """
    if format == "ds9":
        return write_ds9(regions, image)
    if format == "crtf":
        return write_crtf(regions, image)
    if format == "json":
        return write_json(regions)
    message = f"Regions cannot be written as {format!r}."
    raise OptionError(message, "Allowed: ds9, crtf, json.")
