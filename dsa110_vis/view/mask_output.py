"""What leaves the image viewer: pictures, masks and regions as files, the notebook's small picture, code, words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import OptionError
from dsa110_vis.layout.printing import printed, write
from dsa110_vis.raster.options import check_option
from dsa110_vis.view.mask_controls import ARRAY, MASK_CONTROLS
from dsa110_vis.view.mask_facts import channel_label
from dsa110_vis.view.small import call, fitting, unusual

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsa110_vis.view.mask_draw import MaskDrawModel

__all__ = ["ENDINGS", "FORMATS", "code", "describe", "draw", "save", "thumbnail"]

FORMATS = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "ds9": "text/plain",
    "crtf": "text/plain",
    "json": "application/json",
    "mask.fits": "application/fits",
}
"""Formats of what a browser can save, and their media types."""
ENDINGS = {"png": "png", "svg": "svg", "pdf": "pdf", "reg": "ds9", "crtf": "crtf", "json": "json", "fits": "mask.fits"}
"""Formats by the ending of a file."""
SUFFIXES = {"ds9": "reg"}

THUMBNAIL_SIZE = (640, 640)
"""Pixels that a PNG in a notebook file has at most."""


def draw(model: MaskDrawModel, kind: str, size: tuple[int, int]) -> tuple[bytes, str, str]:
    """Draw what is shown, or write the regions or the mask.

    Parameters
    ----------
    model : MaskDrawModel
        With an image.
    kind : str
        One of `FORMATS`.
    size : (int, int)
        Width and height of a picture in pixels.

    Returns
    -------
    data : bytes
        The file's content.
    filename : str
        A name for it.
    mime : str
        Its media type.

    Raises
    ------
    OptionError
        If there is no such format, or the size is not possible.
    """
    check_option("format", kind, FORMATS)
    picture = model.picture
    assert picture is not None  # noqa: S101  the image is open
    stem = Path(picture.image.name).name
    for ending in (".gz", ".fz", ".fits", ".fit", ".image", ".im"):
        stem = stem.removesuffix(ending)
    if kind in ("png", "svg", "pdf"):
        data = _printed(model, kind, size)
    elif kind == "mask.fits":
        data = model.drawing.fits_mask()
    else:
        data = model.drawing.write(kind, model.state["selected"]).encode()
    return data, f"{stem}.{SUFFIXES.get(kind, kind)}", FORMATS[kind]


def save(model: MaskDrawModel, path: Path, size: tuple[int, int]) -> Path:
    """Save what is shown, the regions or the mask.

    Parameters
    ----------
    model : MaskDrawModel
        With an image.
    path : pathlib.Path
        The ending says what and how.
    size : (int, int)
        Width and height of a picture in pixels.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    OptionError
        If the ending is not known.
    OutputError
        If the file cannot be written.
    """
    ending = path.suffix.lstrip(".").lower()
    if ending in ("mask", "image", "fits"):
        model.drawing.save_mask(path)
        return path
    if ending not in ENDINGS:
        message = f"What is shown cannot be saved as {path.suffix!r}."
        allowed = [*(f".{name}" for name in ENDINGS), ".mask"]
        raise OptionError(message, f"Allowed: {', '.join(allowed)} (a CASA image).")
    return write(path, draw(model, ENDINGS[ending], size)[0])


def _printed(model: MaskDrawModel, kind: str, size: tuple[int, int]) -> bytes:
    # matplotlib takes a while to import
    from dsa110_vis.view.mask_figure import figure  # noqa: PLC0415

    return printed(figure(model, size), kind)


def thumbnail(model: MaskDrawModel) -> bytes:
    """Draw the image small, for a notebook file.

    Parameters
    ----------
    model : MaskDrawModel
        With an image.

    Returns
    -------
    bytes
        A PNG, of at most `dsa110_vis.view.small.THUMBNAIL_BYTES` unless the image is too rich for that.
    """
    return fitting(lambda size: _printed(model, "png", size), THUMBNAIL_SIZE, (1.0, 0.7, 0.5, 0.35))


def describe(model: MaskDrawModel) -> str:
    """Say in one line what is shown.

    Parameters
    ----------
    model : MaskDrawModel
        The model.

    Returns
    -------
    str
        The line.
    """
    picture = model.picture
    if picture is None:
        return "No image yet"
    image, drawing = picture.image, model.drawing_now
    parts = [f"{image.nx} by {image.ny} pixels"]
    if image.n_stokes > 1:
        parts.append(f"Stokes {image.stokes[picture.stokes]}")
    if image.n_channels > 1:
        parts.append(f"channel {picture.channel} ({channel_label(image, picture.channel)})")
    if drawing is not None:
        parts.append(f"{drawing.count(picture.plane_number)} pixels in the mask, {len(drawing.regions)} regions")
    return f"Image {image.name}: {', '.join(parts)}"


def code(state: Mapping[str, Any]) -> str:
    """Write the Python code that makes the picture again.

    Parameters
    ----------
    state : mapping
        All controls.

    Returns
    -------
    str
        A few lines: the live widget, and the numbers without a browser.
    """
    said = unusual(state, MASK_CONTROLS, ("path", "selected"))
    if said.get("limits_mode", "zscale") == "manual":
        said.pop("limits_mode")  # setting limits makes them manual
    else:
        said.pop("limits", None)
    path = "array" if state["path"] == ARRAY else repr(state["path"])
    plane = f"channel={state['channel']}, stokes={state['stokes']}"
    return (
        "from dsa110_vis import MaskDraw\nfrom dsa110_vis.image import open_image\n\n"
        f"widget = {call('MaskDraw', path, said)}\n"
        "widget\n\n"
        "# the same numbers without a browser:\n"
        f"image = open_image({path})\n"
        f"image.statistics({plane})\n"
    )
