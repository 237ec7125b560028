"""Regions as objects of the package `regions`, astropy's, and back."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import OptionError
from dsa110_vis.regions import shapes as own

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["from_astropy", "to_astropy"]

_CENTRED: dict[str, tuple[type[Any], dict[str, tuple[str, float]]]] = {
    "Circle": (own.Circle, {"radius": ("radius", 1.0)}),
    "CircleAnnulus": (own.CircleAnnulus, {"inner_radius": ("inner", 1.0), "outer_radius": ("outer", 1.0)}),
    "Ellipse": (own.Ellipse, {"width": ("a", 2.0), "height": ("b", 2.0)}),
    "Rectangle": (own.Box, {"width": ("width", 1.0), "height": ("height", 1.0)}),
    "EllipseAnnulus": (
        own.EllipseAnnulus,
        {
            "inner_width": ("inner_a", 2.0),
            "inner_height": ("inner_b", 2.0),
            "outer_width": ("outer_a", 2.0),
            "outer_height": ("outer_b", 2.0),
        },
    ),
    "RectangleAnnulus": (
        own.BoxAnnulus,
        {name: (name, 1.0) for name in ("inner_width", "inner_height", "outer_width", "outer_height")},
    ),
}
"""Shapes with a centre: what they are here and, for each size there, which one it is here and how many of it."""


def to_astropy(regions: Iterable[own.Region]) -> Any:
    """Give regions as astropy's.

    Parameters
    ----------
    regions : iterable of Region
        Each in the frame it is to have.

    Returns
    -------
    regions.Regions
        Pixel and sky regions; label, colour and whether one includes are in ``meta`` and ``visual``. A polyline, which
        the package does not have, is its lines.

    Raises
    ------
    OptionError
        If one is a brush stroke, which is only pixels.
    """
    from regions import RegionMeta, Regions, RegionVisual  # noqa: PLC0415  slow to import

    found = []
    for region in regions:
        for shape in _parts(region.shape):
            made = _made(shape, region.frame)
            made.meta = RegionMeta({"include": region.include, **({"text": region.label} if region.label else {})})
            made.visual = RegionVisual({"color": region.colour} if region.colour else {})
            found.append(made)
    return Regions(found)


def _parts(shape: own.Shape) -> list[own.Shape]:
    if not isinstance(shape, own.Polyline):
        return [shape]
    return [own.Line(*first, *second) for first, second in itertools.pairwise(shape.vertices)]


def _made(shape: Any, frame: str) -> Any:
    import regions  # noqa: PLC0415
    from astropy import units  # noqa: PLC0415
    from astropy.coordinates import SkyCoord  # noqa: PLC0415

    pixels = frame == "pixel"

    def kind(name: str) -> Any:
        return getattr(regions, f"{name}{'Pixel' if pixels else 'Sky'}Region")

    def at(x: Any, y: Any) -> Any:
        return regions.PixCoord(x, y) if pixels else SkyCoord(x * units.deg, y * units.deg, frame=frame)

    if isinstance(shape, own.Point):
        return kind("Point")(at(shape.x, shape.y))
    if isinstance(shape, own.Line):
        return kind("Line")(at(shape.x1, shape.y1), at(shape.x2, shape.y2))
    if isinstance(shape, own.Polygon):
        x, y = zip(*shape.vertices, strict=True)
        return kind("Polygon")(at(list(x), list(y)))
    for name, (ours, sizes) in _CENTRED.items():
        if isinstance(shape, ours):
            unit = 1.0 if pixels else units.deg
            given = {theirs: getattr(shape, mine) * factor * unit for theirs, (mine, factor) in sizes.items()}
            turn = {"angle": shape.angle * units.deg} if hasattr(shape, "angle") else {}
            return kind(name)(at(shape.x, shape.y), **given, **turn)
    message = "A brush stroke cannot be given as a region of the package regions: it is only pixels."
    raise OptionError(message, "Take its pixels from the mask.")


def from_astropy(objects: Iterable[Any]) -> list[own.Region]:
    """Take regions of astropy's package.

    Parameters
    ----------
    objects : iterable
        Pixel and sky regions.

    Returns
    -------
    list of Region
        In the frame of each; in ICRS if that frame is none of `shapes.FRAMES`.

    Raises
    ------
    OptionError
        If one is of a kind that is not known here.
    """
    return [_taken(one) for one in objects]


def _taken(one: Any) -> own.Region:
    name = type(one).__name__
    kind = name.removesuffix("PixelRegion").removesuffix("SkyRegion")
    frame = "pixel" if name.endswith("PixelRegion") else _frame_of(one)
    shape: own.Shape
    if kind == "Point":
        shape = own.Point(*_places(one.center, frame)[0])
    elif kind == "Line":
        shape = own.Line(*_places(one.start, frame)[0], *_places(one.end, frame)[0])
    elif kind == "Polygon":
        shape = own.Polygon(tuple(_places(one.vertices, frame)))
    elif kind in _CENTRED:
        ours, sizes = _CENTRED[kind]
        given = {mine: _size(getattr(one, theirs)) / factor for theirs, (mine, factor) in sizes.items()}
        turn = {"angle": float(one.angle.to_value("deg"))} if hasattr(one, "angle") else {}
        x, y = _places(one.center, frame)[0]
        shape = ours(x=x, y=y, **given, **turn)
    else:
        message = f"A region of the kind {name} is not known."
        raise OptionError(message, "Allowed: points, lines, circles, ellipses, rectangles, polygons and annuli.")
    region = own.Region(shape, frame=frame, include=one.meta.get("include", True) not in (False, "-"))
    label = str(one.meta.get("text", "") or one.meta.get("label", "") or "")
    return dataclasses.replace(region, label=label, colour=str(one.visual.get("color", "") or ""))


def _frame_of(one: Any) -> str:
    for attribute in ("center", "vertices", "start"):
        place = getattr(one, attribute, None)
        if place is not None:
            name = str(getattr(getattr(place, "frame", None), "name", ""))
            return name if name in own.FRAMES else "icrs"
    return "icrs"


def _places(coordinate: Any, frame: str) -> list[tuple[float, float]]:
    import numpy as np  # noqa: PLC0415

    if frame == "pixel":
        x, y = coordinate.x, coordinate.y
    else:
        there = coordinate.transform_to(frame).spherical
        x, y = there.lon.deg, there.lat.deg
    return list(zip(np.atleast_1d(x).astype(float).tolist(), np.atleast_1d(y).astype(float).tolist(), strict=True))


def _size(value: Any) -> float:
    return float(value.to_value("deg")) if hasattr(value, "to_value") else float(value)
