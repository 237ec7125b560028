"""Regions from the sky to pixels and back.

Positions and polygons go corner by corner. Sizes and angles go by how pixels turn into the sky at the centre of the
shape (the Jacobian there), as in DS9: a circle in the sky is a circle on square pixels and an ellipse on others. A box
stays a box. Where pixels are not square, one that is not along them would become a parallelogram; what is kept then are
its width, as length and direction, and its area. So every conversion can be reversed.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import OptionError
from dsa110_vis.regions.rasterise import rings
from dsa110_vis.regions.shapes import (
    Box,
    BoxAnnulus,
    Brush,
    Circle,
    CircleAnnulus,
    Ellipse,
    EllipseAnnulus,
    Line,
    Point,
    Region,
    Shape,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from dsa110_vis.image import Celestial

    Floats = npt.NDArray[np.floating[Any]]

__all__ = ["all_to_pixels", "all_to_sky", "to_pixels", "to_sky"]

SQUARE = 1e-3
"""Relative difference of the sides of pixels up to which a circle stays a circle."""


def to_pixels(region: Region, celestial: Celestial | None) -> Region:
    """Convert a region to image pixels.

    Parameters
    ----------
    region : Region
        In any frame.
    celestial : Celestial or None
        The image's coordinates.

    Returns
    -------
    Region
        In the frame "pixel"; `Region.drawn_in` keeps the frame it came in.

    Raises
    ------
    OptionError
        If the image has no celestial coordinates, or the region is where its projection does not reach.
    """
    return _only(all_to_pixels((region,), celestial))


def to_sky(region: Region, celestial: Celestial | None, frame: str = "") -> Region:
    """Convert a region in pixels to the sky.

    Parameters
    ----------
    region : Region
        In pixels; one in a sky frame is taken through pixels.
    celestial : Celestial or None
        The image's coordinates.
    frame : str
        A celestial frame; by default the one it was drawn in, or else the image's own.

    Returns
    -------
    Region
        In that frame.

    Raises
    ------
    OptionError
        If the image has no celestial coordinates, or the region is outside the sky.
    """
    return _only(all_to_sky((region,), celestial, frame))


def _only(found: list[Region | OptionError]) -> Region:
    if isinstance(found[0], OptionError):
        raise found[0]
    return found[0]


def all_to_pixels(regions: Sequence[Region], celestial: Celestial | None) -> list[Region | OptionError]:
    """Convert regions to image pixels; many at a time take far less time than one by one.

    Parameters
    ----------
    regions : sequence of Region
        In any frames.
    celestial : Celestial or None
        The image's coordinates.

    Returns
    -------
    list of Region or OptionError
        Each as `to_pixels` gives it, or why it cannot be placed.
    """
    found: list[Region | OptionError] = list(regions)
    for frame, at in _grouped([region.frame for region in regions]).items():
        if frame != "pixel":
            made = _to_pixels([regions[k].shape for k in at], celestial, frame)
            for k, shape in zip(at, made, strict=True):
                found[k] = _named(regions[k], shape, "pixel")
    return found


def all_to_sky(regions: Sequence[Region], celestial: Celestial | None, frame: str = "") -> list[Region | OptionError]:
    """Convert regions to the sky; many at a time take far less time than one by one.

    Parameters
    ----------
    regions : sequence of Region
        In pixels; those in another sky frame are taken through pixels.
    celestial : Celestial or None
        The image's coordinates.
    frame : str
        A celestial frame; by default for each the one it was drawn in, or else the image's own.

    Returns
    -------
    list of Region or OptionError
        Each as `to_sky` gives it, or why it has no place in the sky.
    """
    if celestial is None:
        message = "A region cannot be put in the sky: the image has no celestial coordinates."
        return [OptionError(message, "Use pixels.")] * len(regions)
    found: list[Region | OptionError] = list(regions)
    placed = all_to_pixels(regions, celestial)
    targets = [
        frame or next((name for name in (one.drawn_in, one.frame) if name not in ("", "pixel")), celestial.frame)
        for one in regions
    ]
    for target, at in _grouped(targets).items():
        changed = [(k, placed[k]) for k in at if regions[k].frame != target]
        ready = [(k, one) for k, one in changed if isinstance(one, Region)]
        made = _to_sky([one.shape for _, one in ready], celestial, target) if ready else []
        found_here = {k: _named(regions[k], shape, target) for (k, _), shape in zip(ready, made, strict=True)}
        for k, one in changed:
            found[k] = found_here.get(k, one)
    return found


def _grouped(frames: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for k, frame in enumerate(frames):
        found.setdefault(frame, []).append(k)
    return found


def _named(region: Region, shape: Shape | OptionError, frame: str) -> Region | OptionError:
    if isinstance(shape, OptionError):
        return shape
    drawn = region.drawn_in or region.frame
    return dataclasses.replace(region, shape=shape, frame=frame, drawn_in="" if drawn == frame else drawn)


# -- many shapes at once -----------------------------------------------------------------------------------------------


def _to_pixels(shapes: Sequence[Shape], celestial: Celestial | None, frame: str) -> list[Shape | OptionError]:
    if celestial is None:
        message = f"A region in {frame} cannot be placed: the image has no celestial coordinates."
        return [OptionError(message, "Give regions in pixels.")] * len(shapes)
    corners, starts = _corners_of(shapes)
    places = np.column_stack(celestial.to_pixel(corners[:, 0], corners[:, 1], frame))
    local, usable = _local(celestial, places[starts], frame)
    message = "The region is where the image's projection does not reach."
    behind = OptionError(message, "It cannot be placed on this image.")
    return _rebuilt(shapes, places, starts, _Local(np.linalg.inv(local), usable), behind)


def _to_sky(shapes: Sequence[Shape], celestial: Celestial, frame: str) -> list[Shape | OptionError]:
    corners, starts = _corners_of(shapes)
    places = np.column_stack(celestial.to_world(corners[:, 0], corners[:, 1], frame))
    message = "The region is where the image has no sky."
    outside = OptionError(message, "It can only be written in pixels.")
    return _rebuilt(shapes, places, starts, _Local(*_local(celestial, corners[starts], frame)), outside)


def _corners_of(shapes: Sequence[Shape]) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Give all positions that shapes have, one after another, and where each shape begins."""
    found: list[Any] = []
    for shape in shapes:
        if isinstance(shape, Line):
            found.append(((shape.x1, shape.y1), (shape.x2, shape.y2)))
        else:
            found.append(getattr(shape, "vertices", None) or ((shape.x, shape.y),))  # type: ignore[attr-defined]
    starts = np.cumsum([0, *(len(corners) for corners in found)])[:-1]
    return np.array([corner for corners in found for corner in corners], dtype=np.float64).reshape(-1, 2), starts


def _local(celestial: Celestial, pixels: Floats, frame: str) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Give how pixels turn into the sky as it is seen, west and north, so that angles run as on an image.

    With it, where that is of use: at the very edge of the sky it is not.
    """
    found = np.moveaxis(celestial.jacobian(pixels[:, 0], pixels[:, 1], frame), -1, 0)
    found = found * np.array([[-1.0], [1.0]])
    usable = np.isfinite(found).all(axis=(1, 2))
    found[~usable] = np.eye(2)
    usable &= np.linalg.det(found) != 0.0
    found[~usable] = np.eye(2)
    return found, usable


class _Local:
    """How sizes and directions change at places: matrices, and what follows from them."""

    def __init__(self, matrices: Floats, usable: npt.NDArray[np.bool_]) -> None:
        self.usable: list[bool] = usable.tolist()
        self.matrices = matrices
        self.areas: list[float] = abs(np.linalg.det(matrices)).tolist()
        large, small = np.linalg.svd(matrices, compute_uv=False).T
        self.square: list[bool] = (large - small <= SQUARE * large).tolist()


def _rebuilt(
    shapes: Sequence[Shape], places: Floats, starts: npt.NDArray[np.int64], local: _Local, unreachable: OptionError
) -> list[Shape | OptionError]:
    found: list[Shape | OptionError] = []
    if not shapes:
        return found
    for k, (shape, corners) in enumerate(zip(shapes, np.split(places, starts[1:]), strict=True)):
        if not np.isfinite(corners).all():
            found.append(unreachable)
            continue
        vertices = tuple(map(tuple, corners.tolist()))
        if isinstance(shape, Point):
            found.append(Point(*vertices[0]))
        elif isinstance(shape, Line):
            found.append(Line(*vertices[0], *vertices[1]))
        elif hasattr(shape, "vertices") and not isinstance(shape, Brush):
            found.append(dataclasses.replace(shape, vertices=vertices))  # type: ignore[call-arg]
        elif not local.usable[k]:
            message = "The region is at the edge of the image's sky."
            found.append(OptionError(message, "It has no size there: draw a polygon."))
        elif isinstance(shape, Brush):
            found.append(Brush(vertices, shape.radius * local.areas[k] ** 0.5))
        else:
            found.append(_transformed(shape, vertices[0], local.matrices[k], local.areas[k], square=local.square[k]))
    return found


def _transformed(shape: Shape, place: tuple[float, float], matrix: Floats, area: float, *, square: bool) -> Shape:
    """Give a shape at another place, its sizes and directions changed by a matrix."""
    outer, inner, angle = rings(shape)
    (a, b), (c, d) = matrix.tolist()
    u, v = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    u, v = a * u + b * v, c * u + d * v
    turned, along = math.degrees(math.atan2(v, u)) % 360.0, math.hypot(u, v)
    if isinstance(shape, Box | BoxAnnulus):
        return _resized(shape, place, (along, area / along), turned)
    if square:
        return _resized(shape, place, (area**0.5, area**0.5), turned)
    if isinstance(shape, Circle):
        shape = Ellipse(*place, *outer)
    elif isinstance(shape, CircleAnnulus):
        shape = EllipseAnnulus(*place, *inner, *outer)
    a, b, turned = _ellipse(*outer, angle, matrix)
    return _resized(shape, place, (a / outer[0], b / outer[1]), turned)


def _resized(shape: Shape, place: tuple[float, float], scales: tuple[float, float], angle: float) -> Shape:
    changed: dict[str, Any] = {"x": place[0], "y": place[1]}
    for key, value in vars(shape).items():
        if key == "angle":
            changed[key] = angle
        elif key not in changed:
            changed[key] = value * scales[key.endswith(("b", "height"))]
    return type(shape)(**changed)


def _ellipse(a: float, b: float, angle: float, matrix: Floats) -> tuple[float, float, float]:
    """Give the ellipse that a matrix makes of an ellipse; the axis that was `a` stays the one that is nearer to it."""
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    vectors, sizes, turn = np.linalg.svd(matrix @ np.array([[a * c, -b * s], [a * s, b * c]]))
    first = 0 if abs(turn[0, 0]) >= abs(turn[1, 0]) else 1
    u, v = vectors[:, first] * np.sign(turn[first, 0])
    return float(sizes[first]), float(sizes[1 - first]), math.degrees(math.atan2(v, u)) % 360.0
