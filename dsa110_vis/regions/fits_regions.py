"""Reading FITS region tables ("REGION Binary Table Design", Rots and McDowell, ASC-FITS-REGION-1.2)."""

from __future__ import annotations

import dataclasses
import functools
import io
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import RegionSyntaxError
from dsa110_vis.image.celestial import Celestial
from dsa110_vis.regions.convert import to_sky
from dsa110_vis.regions.report import BadRegionError, Report
from dsa110_vis.regions.shapes import (
    Box,
    BoxAnnulus,
    Circle,
    CircleAnnulus,
    Ellipse,
    EllipseAnnulus,
    Point,
    Polygon,
    Region,
    Shape,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsa110_vis.image import Image

__all__ = ["read_fits_regions"]


def read_fits_regions(content: bytes, image: Image | None) -> tuple[list[Region], Report]:
    """Read regions.

    Parameters
    ----------
    content : bytes
        The file.
    image : Image or None
        The image they are for.

    Returns
    -------
    regions : list of Region
        In the sky where the table says what its pixels are there, else in pixels.
    report : Report
        Rows that could not be taken; their numbers count from 1.

    Raises
    ------
    RegionSyntaxError
        If there is no table of regions in the file.
    """
    from astropy.io import fits  # noqa: PLC0415  slow to import

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with fits.open(io.BytesIO(content)) as opened:
                table = next((hdu for hdu in opened if _is_regions(hdu)), None)
                if table is not None:
                    return _taken(table, image)
        except (OSError, ValueError, TypeError, KeyError, IndexError, OverflowError, MemoryError) as error:
            message = (
                f"The file cannot be read as FITS: {str(error).splitlines()[0] if str(error) else 'it is damaged'}."
            )
            raise RegionSyntaxError(message, "Check that it is complete.") from None
    message = "The FITS file has no table of regions."
    raise RegionSyntaxError(message, "A table with the columns SHAPE, X and Y is expected.")


def _taken(table: Any, image: Image | None) -> tuple[list[Region], Report]:
    report = Report("fits")
    found: list[Region] = []
    own = _own_sky(table)
    physical = (1.0, 0.0, 1.0, 0.0)
    if own is None and image is not None:
        physical = image.facts.get("physical", physical)
    for number, line in enumerate(table.data, start=1):
        row = {name.upper(): line[name] for name in table.columns.names}
        made = report.take(number, str(row["SHAPE"]), functools.partial(_regions, row, physical, own))
        found.extend(made)
    return found, report


def _own_sky(table: Any) -> Celestial | None:
    """Find what the pixels of a table are in the sky, which need not be what those of the image are."""
    from astropy.wcs import WCS  # noqa: PLC0415  slow to import

    columns = {column.name.upper(): column for column in table.columns}
    x, y = columns["X"], columns["Y"]
    kind = str(x.coord_type or "")[:4]
    if kind not in ("RA--", "GLON"):
        return None
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = [x.coord_type, y.coord_type]
    wcs.wcs.crpix = [x.coord_ref_point, y.coord_ref_point]
    wcs.wcs.crval = [x.coord_ref_value, y.coord_ref_value]
    wcs.wcs.cdelt = [x.coord_inc, y.coord_inc]
    wcs.wcs.set()
    system = str(table.header.get("RADESYS", table.header.get("RADECSYS", "ICRS"))).strip().lower()
    return Celestial(wcs, "galactic" if kind == "GLON" else system if system in ("fk5", "fk4") else "icrs")


def _regions(row: dict[str, Any], physical: Sequence[float], own: Celestial | None) -> list[Region]:
    name = str(row["SHAPE"]).strip()
    region = Region(_shape(name.lstrip("!").upper(), row, physical), include=not name.startswith("!"))
    return [region if own is None else dataclasses.replace(to_sky(region, own, own.frame), drawn_in="")]


def _is_regions(hdu: Any) -> bool:
    names = {str(name).upper() for name in getattr(getattr(hdu, "columns", None), "names", ())}
    return {"SHAPE", "X", "Y"} <= names


def _numbers(row: dict[str, Any], name: str, least: int) -> list[float]:
    values = [float(value) for value in np.atleast_1d(row.get(name, []))]
    if len(values) < least:
        message = f"It has {len(values)} numbers in {name}, and needs {least}."
        raise BadRegionError(message)
    return values


def _shape(name: str, row: dict[str, Any], physical: Sequence[float]) -> Shape:
    a, b, c, d = physical
    xs = [a * x + b - 1.0 for x in _numbers(row, "X", 1)]
    ys = [c * y + d - 1.0 for y in _numbers(row, "Y", 1)]
    scale = float(np.sqrt(abs(a * c)))
    sizes = [value * scale for value in _numbers(row, "R", 0)]
    angle = (_numbers(row, "ROTANG", 0) or [0.0])[0]
    x, y = xs[0], ys[0]
    if name == "POINT":
        return Point(x, y)
    if name == "POLYGON":
        pairs = list(zip(xs, ys, strict=False))
        # unused places at the end are zero, or repeat the first corner
        while len(pairs) > 3 and (pairs[-1] == pairs[0] or pairs[-1] == (b - 1.0, d - 1.0)):
            pairs.pop()
        return Polygon(tuple(pairs))
    if name in ("RECTANGLE", "ROTRECTANGLE"):
        x2, y2 = xs[1], ys[1]
        return Box((x + x2) / 2, (y + y2) / 2, abs(x2 - x), abs(y2 - y), angle)
    makers: dict[str, tuple[int, Any]] = {
        "CIRCLE": (1, lambda: Circle(x, y, sizes[0])),
        "ANNULUS": (2, lambda: CircleAnnulus(x, y, sizes[0], sizes[1])),
        "ELLIPSE": (2, lambda: Ellipse(x, y, sizes[0], sizes[1], angle)),
        "ELLIPTANNULUS": (4, lambda: EllipseAnnulus(x, y, sizes[0], sizes[1], sizes[2], sizes[3], angle)),
        "BOX": (2, lambda: Box(x, y, sizes[0], sizes[1], angle)),
        "ROTBOX": (2, lambda: Box(x, y, sizes[0], sizes[1], angle)),
        "BOXANNULUS": (4, lambda: BoxAnnulus(x, y, sizes[0], sizes[1], sizes[2], sizes[3], angle)),
    }
    if name not in makers:
        message = f"The shape {name!r} is not supported."
        raise BadRegionError(message)
    least, make = makers[name]
    if len(sizes) < least:
        message = f"It has {len(sizes)} sizes, and needs {least}."
        raise BadRegionError(message)
    shape: Shape = make()
    return shape
