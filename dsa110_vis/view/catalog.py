"""A catalogue of sources over an image: which columns say where they are, and where that is in pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsa110_vis.image import Image

__all__ = ["Catalog"]

# pairs of columns by what they are, best known first; compared without case, and without what is no letter or digit
SKY = (
    ("ra", "dec", ""), ("radeg", "decdeg", ""), ("raj2000", "dej2000", "fk5"), ("raj2000", "decj2000", "fk5"),
    ("raicrs", "deicrs", "icrs"), ("raicrs", "decicrs", "icrs"), ("ra", "de", ""),
    ("rightascension", "declination", ""),
    ("glon", "glat", "galactic"), ("l", "b", "galactic"), ("lon", "lat", ""),
)  # fmt: skip
PIXELS = (("x", "y"), ("xpix", "ypix"), ("xcentroid", "ycentroid"))
MOST_ROWS = 200_000


class Catalog:
    """Sources and where they are.

    Parameters
    ----------
    name : str
        Name of the catalogue.
    columns : mapping
        Arrays by the names of the columns; astropy's ``Quantity`` and ``SkyCoord`` are taken as such.
    image : Image
        What they are drawn on.
    revision : int
        Grows with every other catalogue.

    Raises
    ------
    OptionError
        If no columns with coordinates are found, or there are too many rows.
    """

    def __init__(self, name: str, columns: Mapping[str, Any], image: Image, revision: int) -> None:
        self.name, self.revision = name, revision
        self._columns = columns
        x, y = _pixels(columns, image)
        if x.size > MOST_ROWS:
            message = f"The catalogue {name!r} has {x.size} rows."
            raise OptionError(message, f"At most {MOST_ROWS} can be shown: select the brightest.")
        inside = np.isfinite(x) & np.isfinite(y)
        inside &= (x > -0.5) & (y > -0.5) & (x < image.nx - 0.5) & (y < image.ny - 0.5)
        self.index = np.flatnonzero(inside).astype(np.int32)
        self.x, self.y = x[inside].astype(np.float32), y[inside].astype(np.float32)

    def describe(self) -> dict[str, Any]:
        """Describe the catalogue for a viewer.

        Returns
        -------
        dict
            The data of the event ``catalog``.
        """
        return {"revision": self.revision, "n": len(self.index), "columns": list(self._columns), "name": self.name}

    def row(self, index: int) -> dict[str, str]:
        """Give what the catalogue says of a source.

        Parameters
        ----------
        index : int
            Its row.

        Returns
        -------
        dict of str
            By the names of the columns.

        Raises
        ------
        OptionError
            If there is no such row.
        """
        found = {}
        for name, column in self._columns.items():
            if not 0 <= index < len(column):
                message = f"The catalogue {self.name!r} has no row {index}."
                raise OptionError(message, f"It has {len(column)}, counted from 0.")
            value = column[index]
            found[str(name)] = f"{value:.6g}" if isinstance(value, float | np.floating) else str(value)
        return found


def _plain(name: Any) -> str:
    return "".join(letter for letter in str(name).lower() if letter.isalnum())


def _pixels(columns: Mapping[str, Any], image: Image) -> tuple[Any, Any]:
    from astropy.coordinates import SkyCoord  # noqa: PLC0415  slow to import

    for column in columns.values():
        if isinstance(column, SkyCoord):
            if image.celestial is None:
                break
            sky = column.icrs
            return image.celestial.to_pixel(sky.ra.deg, sky.dec.deg, "icrs")
    names = {_plain(name): name for name in columns}
    if image.celestial is not None:
        for longitude, latitude, frame in SKY:
            if longitude in names and latitude in names:
                where = _degrees(columns[names[longitude]]), _degrees(columns[names[latitude]])
                return image.celestial.to_pixel(*where, frame or "icrs")
    for first, second in PIXELS:
        if first in names and second in names:
            found = (np.asarray(columns[names[one]], dtype=np.float64) for one in (first, second))
            return tuple(found)  # type: ignore[return-value]
    message = f"No columns with coordinates are among {', '.join(map(str, columns))}."
    raise OptionError(message, "Name them ra and dec (degrees, ICRS), glon and glat, or x and y (pixels from 0).")


def _degrees(column: Any) -> Any:
    """Give angles in degrees; numbers without a unit are degrees."""
    unit = getattr(column, "unit", None)
    if unit is not None and str(unit):
        return np.asarray(column.to_value("deg") if hasattr(column, "to_value") else column.quantity.to_value("deg"))
    try:
        return np.asarray(column, dtype=np.float64)
    except ValueError:
        message = f"The column {getattr(column, 'name', '')!r} has no numbers."
        raise OptionError(message, "Give coordinates in degrees, or as SkyCoord.") from None
