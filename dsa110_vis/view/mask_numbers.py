"""Numbers that an image viewer asks for: values, statistics, profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import OptionError
from dsa110_vis.image import profiles
from dsa110_vis.regions.rasterise import patch_of
from dsa110_vis.regions.shapes import Line, Point, Polyline

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from dsa110_vis.image import Image, Statistics
    from dsa110_vis.view.drawing import Drawing
    from dsa110_vis.view.image_reader import Picture
    from dsa110_vis.view.mask_draw import MaskDrawModel
    from dsa110_vis.view.protocol import Params

__all__ = ["profile", "statistics", "value"]


def value(model: MaskDrawModel, picture: Picture, drawing: Drawing, x: int, y: int) -> dict[str, Any]:
    """Say what is at a pixel.

    Parameters
    ----------
    model : MaskDrawModel
        The model.
    picture : Picture
        What is shown.
    drawing : Drawing
        What is drawn on it.
    x, y : int
        The pixel.

    Returns
    -------
    dict
        As the operation ``value`` answers.
    """
    image = picture.image
    found = image.value(x, y, picture.channel, picture.stokes)
    other: float | None = None
    if model.reader.compared is not None:
        other = float(model.reader.plane(picture, "compare").read(x, x + 1, y, y + 1)[0, 0])
    return {
        "value": found,
        "world": _world(image, model.state, x, y),
        "mask": bool(drawing.bits(picture.plane_number)[y, x]),
        "compare": other,
    }


def _world(image: Image, state: Mapping[str, Any], x: float, y: float) -> list[str] | None:
    frame = state["frame"]
    if image.celestial is None or frame == "pixel":
        return None
    frame = frame or image.celestial.frame
    lon, lat = image.celestial.to_world(x, y, frame)
    return list(image.celestial.format(float(lon), float(lat), frame, state["style"]))


def statistics(
    state: Mapping[str, Any], picture: Picture, drawing: Drawing, of: str, ident: str = ""
) -> dict[str, Any]:
    """Work out statistics of the plane that is shown.

    Parameters
    ----------
    state : mapping
        All controls.
    picture : Picture
        What is shown.
    drawing : Drawing
        What is drawn on it.
    of : str
        "mask", "plane" or "region".
    ident : str
        Id of the region.

    Returns
    -------
    dict
        As `Statistics.describe`, with ``peak_world`` and ``text``, which says it all in a line.

    Raises
    ------
    OptionError
        If there is no such region, or it has no area.
    """
    image = picture.image
    what = of
    where: npt.NDArray[np.bool_] | None = None
    if of == "mask":
        where = drawing.bits(picture.plane_number)
    elif of == "region":
        region = drawing.region(ident)
        what = region.label or region.shape.name.replace("_", " ")
        where = np.zeros(image.shape, dtype=np.bool_)
        if isinstance(region.shape, Point):
            x, y = round(region.shape.x), round(region.shape.y)
            if 0 <= x < image.nx and 0 <= y < image.ny:
                where[y, x] = True
        else:
            patch = patch_of(region.shape, image.shape)
            if patch is not None:
                bits, x0, y0 = patch
                where[y0 : y0 + bits.shape[0], x0 : x0 + bits.shape[1]] = bits
    elif of != "plane":
        message = f"There are no statistics of {of!r}."
        raise OptionError(message, "Allowed: mask, plane, region.")
    found = image.statistics(where, picture.channel, picture.stokes, sigma=picture.sigma)
    world = _world(image, state, found.peak_x, found.peak_y) if found.npix else None
    return {**found.describe(), "of": of, "id": ident, "peak_world": world, "text": _text(what, found, world)}


def _text(what: str, found: Statistics, world: list[str] | None) -> str:
    if not found.npix:
        return f"{what}: no pixel with a value"
    unit = f" {found.unit}" if found.unit else ""
    parts = [f"{what}: {found.npix} pixels"]
    if found.flux is not None and found.flux_error is not None:
        parts.append(f"flux density {found.flux:.6g} +/- {found.flux_error:.2g} {found.flux_unit}")
    at = f"({found.peak_x}, {found.peak_y})" + (f" {' '.join(world)}" if world else "")
    parts.append(f"peak {found.peak:.6g}{unit} at {at}")
    parts += [f"mean {found.mean:.4g}", f"rms {found.rms:.4g}", f"robust sigma {found.robust_sigma:.4g}{unit}"]
    return ", ".join(parts)


def profile(
    picture: Picture, drawing: Drawing, kind: str, params: Params
) -> tuple[str, tuple[str, str], npt.NDArray[Any], npt.NDArray[Any]]:
    """Give a profile.

    Parameters
    ----------
    picture : Picture
        What is shown.
    drawing : Drawing
        What is drawn on it.
    kind : str
        "row", "column", "line" (of a region) or "spectrum" (of a region, or of a pixel).
    params : Params
        ``x`` and ``y``, or ``id``.

    Returns
    -------
    title : str
        What it is.
    labels : (str, str)
        What is along x and y.
    x, y : ndarray
        The profile.

    Raises
    ------
    OptionError
        If there is no such row, column, line or region.
    """
    image = picture.image
    plane = image.plane(picture.channel, picture.stokes)
    unit = f"Intensity ({image.unit})" if image.unit else "Intensity"
    if kind == "row":
        y = params.integer("y")
        return f"Row {y}", ("x (pixels)", unit), np.arange(image.nx), profiles.row(plane, y)
    if kind == "column":
        x = params.integer("x")
        return f"Column {x}", ("y (pixels)", unit), np.arange(image.ny), profiles.column(plane, x)
    if kind == "line":
        shape = drawing.region(params.text("id")).shape
        if isinstance(shape, Line):
            points = [(shape.x1, shape.y1), (shape.x2, shape.y2)]
        elif isinstance(shape, Polyline):
            points = list(shape.vertices)
        else:
            message = f"A {shape.name.replace('_', ' ')} is no line."
            raise OptionError(message, "Select a line or a polyline.")
        at, values = profiles.line(plane, points)
        return "Along the line", ("distance (pixels)", unit), at, values
    return _spectrum(picture, drawing, params)


def _spectrum(
    picture: Picture, drawing: Drawing, params: Params
) -> tuple[str, tuple[str, str], npt.NDArray[Any], npt.NDArray[Any]]:
    image, ident = picture.image, params.text("id", "")
    if ident:
        region = drawing.region(ident)
        patch = patch_of(region.shape, image.shape)
        if patch is None:
            message = "The region has no pixels of the image."
            raise OptionError(message, "Select one with an area, on the image.")
        title = f"Spectrum of {region.label or region.shape.name.replace('_', ' ')}"
    else:
        x, y = params.integer("x"), params.integer("y")
        if not (0 <= x < image.nx and 0 <= y < image.ny):
            message = f"There is no pixel ({x}, {y})."
            raise OptionError(message, f"The image has {image.nx} by {image.ny}.")
        patch, title = (np.ones((1, 1), dtype=np.bool_), x, y), f"Spectrum at ({x}, {y})"
    values, unit = profiles.spectrum(image, *patch, picture.stokes)
    axis, label = np.arange(image.n_channels, dtype=float), "channel"
    spectral = image.spectral
    if spectral is not None and spectral.shows_velocity and np.isfinite(spectral.velocity).all():
        axis, label = spectral.velocity / 1e3, "velocity (km/s)"
    elif spectral is not None and np.isfinite(spectral.frequency).all():
        axis, label = spectral.frequency / 1e6, "frequency (MHz)"
    return title, (label, f"Intensity ({unit})" if unit else "Intensity"), axis, values
