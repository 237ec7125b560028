"""Opening whatever holds an image."""

from __future__ import annotations

import math
import os
import uuid
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import ImageNotFoundError, NotAnImageError, OptionError, UnreadableError
from dsa110_vis.image.beam import Beam
from dsa110_vis.image.casa import axes_by_casacore, is_casa_image, open_casa
from dsa110_vis.image.fits import from_hdu, open_fits
from dsa110_vis.paths import absolute_path

if TYPE_CHECKING:
    from pathlib import Path

    from astropy.io.fits import Header as FitsHeader

    from dsa110_vis.image.image import Image

__all__ = ["open_image"]

GZIP, COMPRESS, BZIP = b"\x1f\x8b", b"\x1f\x9d", b"BZ"


def open_image(
    source: Any,
    *,
    hdu: int | str | None = None,
    wcs: Any = None,
    unit: str = "",
    beam: Beam | tuple[float, float, float] | None = None,
    name: str = "",
) -> Image:
    """Open an image.

    Parameters
    ----------
    source : path, ndarray or astropy HDU
        A FITS file (also compressed), a CASA image (a folder), an array ``[y, x]``, ``[channel, y, x]`` or
        ``[stokes, channel, y, x]``, or an astropy HDU with an image.
    hdu : int or str, optional
        Number or name of the extension of a FITS file; the first with an image by default.
    wcs : astropy.wcs.WCS, astropy.io.fits.Header or str, optional
        Coordinates of an array; a string is a header in the form that ``Header.tostring`` writes.
    unit, name : str
        Unit of the pixels of an array, and what it is called.
    beam : Beam or (float, float, float), optional
        The beam where the file or the array does not say it, or says it wrongly: full widths at half maximum along the
        major and the minor axis and the position angle, all in degrees.

    Returns
    -------
    Image
        The image. Files are read when pixels are asked for.

    Raises
    ------
    ImageNotFoundError
        If there is nothing at the path.
    NotAnImageError
        If what is there is no image of two to four dimensions.
    UnreadableError
        If it is damaged or may not be read.
    OptionError
        If `source` is none of these, or there is no such extension.

    Examples
    --------
    >>> image = open_image("tile.image")  # doctest: +SKIP
    >>> image.statistics().rms  # doctest: +SKIP
    """
    if isinstance(source, str | os.PathLike):
        image = _from_path(absolute_path(source), hdu)
    else:
        image = _from_memory(source, wcs, unit, name)
    if beam is not None:
        given = _given_beam(beam)
        image._beam = lambda _channel, _stokes: given  # noqa: SLF001  it is ours
    return image


def _given_beam(beam: Any) -> Beam:
    if isinstance(beam, Beam):
        return beam
    try:
        major, minor, angle = (float(size) for size in beam)
    except (TypeError, ValueError):
        major = minor = angle = float("nan")
    if not (0 < minor <= major < float("inf") and math.isfinite(angle)):
        message = f"{beam!r} is no beam."
        raise OptionError(message, "Give three numbers in degrees: major axis, minor axis, position angle.")
    return Beam(major, minor, angle)


def _from_memory(source: Any, wcs: Any, unit: str, name: str) -> Image:
    from astropy.io.fits import Header  # noqa: PLC0415  slow to import

    header = Header()
    if isinstance(getattr(source, "header", None), Header):
        try:
            pixels = source.data
        except Exception as error:  # astropy's are of many kinds; nothing here is ours
            message = f"The pixels of the HDU cannot be read: {error}."
            raise UnreadableError(message, "Check that its file is complete and still open.") from error
        if pixels is None:
            message = "The HDU has no data."
            raise NotAnImageError(message, "Give one with an image.")
        header, name = source.header.copy(), name or str(source.header.get("EXTNAME", ""))
        source = pixels
    header = header if wcs is None else _header_of(wcs)
    if not hasattr(source, "__array__"):
        message = f"{type(source).__name__} is no image."
        raise OptionError(message, "Give a path, an array of two to four dimensions, or an astropy HDU.")
    unit = unit or str(getattr(source, "unit", None) or header.get("BUNIT", ""))
    if np.ma.isMaskedArray(source):
        source = np.ma.filled(source.astype(np.result_type(source.dtype, np.float32)), np.nan)
    values = np.asarray(source)
    if values.dtype.kind not in "fiubc":
        message = f"An array of {values.dtype} is no image."
        raise NotAnImageError(message, "Its values must be numbers.")
    return from_hdu(header, values, name or "array", unit, uuid.uuid4().hex)


def _header_of(wcs: Any) -> FitsHeader:
    from astropy.io.fits import Header  # noqa: PLC0415  slow to import

    if isinstance(wcs, str):
        return Header.fromstring(wcs)
    if hasattr(wcs, "to_header"):
        return wcs.to_header(relax=True)
    if isinstance(wcs, Header):
        return wcs
    message = f"{type(wcs).__name__} says nothing about coordinates."
    raise OptionError(message, "Give an astropy WCS, or a FITS header.")


def _from_path(path: Path, hdu: int | str | None) -> Image:
    try:
        if path.is_dir():
            if is_casa_image(path):
                return open_casa(path)
            message = f"{path.name} is a folder, and no CASA image."
            raise NotAnImageError(message, "A CASA image is a folder with table.dat and table.info in it.")
        with path.open("rb") as file:
            start = file.read(80)
    except FileNotFoundError:
        message = f"There is no image {str(path)!r}."
        raise ImageNotFoundError(message, "Check the path.") from None
    except OSError as error:
        message = f"{path.name} cannot be opened: {error.strerror or error}."
        raise UnreadableError(message, "Check its permissions.") from None
    if not start.startswith((b"SIMPLE  =", GZIP, COMPRESS, BZIP)):
        message = f"{path.name} is no FITS file."
        raise NotAnImageError(
            message, "Allowed: FITS files, which begin with SIMPLE, and CASA images, which are folders."
        )
    return open_fits(path, hdu, axes_by_casacore)
