"""FITS images: read in place where the file allows it."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import Dsa110VisError, MemoryLimitError, NotAnImageError, OptionError, UnreadableError
from dsa110_vis.image.beam import Beam
from dsa110_vis.image.coordinates import axes_of, header_errors
from dsa110_vis.image.image import Image
from dsa110_vis.image.plane import ArrayPlane, PackedPlane

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy.typing as npt
    from astropy.io.fits import HDUList, Header

    from dsa110_vis.image.coordinates import Axes
    from dsa110_vis.image.plane import Plane

__all__ = ["file_fingerprint", "from_hdu", "open_fits"]

logger = logging.getLogger(__name__)

TYPES = {8: "u1", 16: "i2", 32: "i4", 64: "i8", -32: "f4", -64: "f8"}
"""Types of pixels by BITPIX; they are big-endian."""
MOST_BYTES = 4 << 30
"""Of an image that has to be unpacked into memory."""
_REAL = r"\s*([-+]?\d*\.?\d+(?:[Ee][-+]?\d+)?)"
_AIPS = re.compile(rf"BMAJ={_REAL}\s+BMIN={_REAL}\s+BPA={_REAL}")


def file_fingerprint(path: Path) -> str:
    """Identify the state of a file.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    str
        32 hexadecimal digits, which change when it is written.
    """
    status = path.stat()
    state = hashlib.blake2b(os.fsencode(path), digest_size=16)
    state.update(f":{status.st_size}:{status.st_mtime_ns}:{status.st_ino}".encode())
    return state.hexdigest()


def open_fits(
    path: Path, hdu: int | str | None, otherwise: Callable[[Path, tuple[int, ...]], Axes | None] | None
) -> Image:
    """Open a FITS file.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    hdu : int, str or None
        Number or name of the extension; None takes the first with an image.
    otherwise : callable, optional
        Gives the axes of the image in a file, from its path and their lengths, where astropy does not understand its
        coordinates.

    Returns
    -------
    Image
        The image.

    Raises
    ------
    NotAnImageError
        If there is no image of two or more dimensions in it.
    UnreadableError
        If it is damaged.
    MemoryLimitError
        If it has to be unpacked into memory and is too large for that.
    OptionError
        If there is no such extension.
    """
    from astropy.io import fits  # noqa: PLC0415  slow to import

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with (  # the file is ours, because astropy leaves it open when it raises
                path.open("rb") as file,
                fits.open(file, memmap=True, lazy_load_hdus=True, do_not_scale_image_data=True) as opened,
            ):
                index = _chosen(path, opened, hdu)
                return _made(path, opened, index, otherwise)
        except Dsa110VisError:
            raise
        except Exception as error:  # astropy's are of many kinds; what is ours can be told by the cause
            said = (str(error).strip().splitlines() or [repr(error)])[0].rstrip(".")
            message = f"{path.name} cannot be read as FITS: {said}."
            raise UnreadableError(message, "Check that the file is complete: copy or make it again.") from error


def _is_image(unit: Any) -> bool:
    return bool(unit.is_image) and sum(1 for size in (unit.shape or ()) if size > 1) >= 2


def _chosen(path: Path, opened: HDUList, hdu: int | str | None) -> int:
    if hdu is None:
        for index, unit in enumerate(opened):
            if _is_image(unit):
                return index
        shapes = [f"{unit.name or index} {unit.shape or ()}" for index, unit in enumerate(opened) if unit.is_image]
        message = f"{path.name} has no image of two or more dimensions."
        raise NotAnImageError(message, f"It has: {', '.join(shapes) or 'only tables'}.")
    try:
        index = opened.index_of(hdu)
        unit = opened[index]
    except (KeyError, IndexError):
        names = ", ".join(str(unit.name or index) for index, unit in enumerate(opened))
        message = f"{path.name} has no extension {hdu!r}."
        raise OptionError(message, f"It has: {names}.") from None
    if not _is_image(unit):
        message = f"Extension {hdu!r} of {path.name} is no image of two or more dimensions."
        raise NotAnImageError(message, f"Its shape is {unit.shape if unit.is_image else 'that of a table'}.")
    return int(index)


def _made(
    path: Path, opened: HDUList, index: int, otherwise: Callable[[Path, tuple[int, ...]], Axes | None] | None
) -> Image:
    from astropy.io import fits  # noqa: PLC0415

    unit = opened[index]
    header = unit.header
    shape = tuple(int(size) for size in unit.shape)
    packed = isinstance(unit, fits.CompImageHDU)
    with path.open("rb") as file:
        zipped = file.read(6) != b"SIMPLE"
    values = None if packed else _mapped(path, unit, zipped=zipped)
    asked = None
    if otherwise is not None and index == 0 and not zipped:  # casacore reads the first image of a plain file
        asked = lambda: otherwise(path, shape[::-1])  # noqa: E731
    axes = axes_of(header, shape[::-1], asked)
    axes.check(path.name, shape[::-1])
    key = file_fingerprint(path)
    stored = {"scale": _number(header, "BSCALE", 1.0), "zero": _number(header, "BZERO", 0.0), "blank": _blank(header)}
    if values is None:
        plane = _packed_planes(path, index, shape, axes, key, **stored)
    else:
        end = values.offset + values.nbytes if isinstance(values, np.memmap) else 0
        plane = _planes(values, axes, key, **stored, file_bytes=end)
    image = _image(path.name, header, shape, axes, plane, beams=_beams(header, opened), key=key)
    image.path = str(path)
    image._fingerprint = lambda: file_fingerprint(path)  # noqa: SLF001  it is ours
    return image


def _mapped(path: Path, unit: Any, *, zipped: bool) -> npt.NDArray[Any]:
    """Give the pixels as they are stored: mapped from the file, or unpacked into memory."""
    kind = np.dtype(TYPES[int(unit.header["BITPIX"])]).newbyteorder(">")
    size = kind.itemsize
    for length in unit.shape:
        size *= int(length)
    if zipped:
        if size > MOST_BYTES:
            message = f"{path.name} is compressed and would take {_amount(size)} of memory."
            raise MemoryLimitError(message, f"At most {_amount(MOST_BYTES)} are taken: unpack it to a file first.")
        return np.asarray(unit.data)
    where = int(unit.fileinfo()["datLoc"])
    there = path.stat().st_size - where
    if there < size:
        message = f"{path.name} says that it holds {_amount(size)} of pixels, and has {_amount(max(there, 0))}."
        raise UnreadableError(message, "The file is not complete: copy or make it again.")
    return np.memmap(path, dtype=kind, mode="r", offset=where, shape=unit.shape)


def _number(header: Header, key: str, default: float) -> float:
    try:
        return float(header.get(key, default))
    except (TypeError, ValueError):
        return default


def _blank(header: Header) -> int | None:
    """Give the stored value that stands for none; only integers have one."""
    value = header.get("BLANK")
    return int(value) if isinstance(value, int | float) and int(header.get("BITPIX", -32)) > 0 else None


def _amount(size: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def from_hdu(header: Header, values: npt.NDArray[Any], name: str, unit: str, key: str) -> Image:
    """Make an image of an array and a header.

    Parameters
    ----------
    header : astropy.io.fits.Header
        Its coordinates and beam.
    values : ndarray
        Its pixels.
    name, unit : str
        What it is called, and the unit of its pixels.
    key : str
        Names the content.

    Returns
    -------
    Image
        The image.

    Raises
    ------
    NotAnImageError
        If it has no two dimensions.
    """
    if values.ndim < 2:
        message = f"{name} has {values.ndim} dimension{'' if values.ndim == 1 else 's'}."
        raise NotAnImageError(message, "An image has two to four.")
    if np.iscomplexobj(values):
        message = f"{name} has complex values."
        raise NotAnImageError(message, "Show its real part, its imaginary part or its amplitude.")
    if not values.size:
        message = f"{name} has no pixels: its shape is {values.shape}."
        raise NotAnImageError(message, "An image has two to four axes of one pixel or more.")
    shape = tuple(int(size) for size in values.shape)
    axes = axes_of(header, shape[::-1])
    axes.check(name, shape[::-1])
    image = _image(name, header, shape, axes, _planes(values, axes, key), beams=_beams(header, None), key=key)
    image.kind, image.unit = "array", unit or image.unit
    return image


def _place(dimensions: int, axes: Axes, channel: int, stokes: int) -> tuple[Any, ...]:
    """Give the index of a plane in an array."""
    where: list[Any] = [0] * dimensions
    last = dimensions - 1
    where[last - axes.x] = where[last - axes.y] = slice(None)
    if axes.channel >= 0:
        where[last - axes.channel] = channel
    if axes.stokes >= 0:
        where[last - axes.stokes] = stokes
    return tuple(where)


def _planes(values: npt.NDArray[Any], axes: Axes, key: str, **stored: Any) -> Callable[[int, int], Plane]:
    def plane(channel: int, stokes: int) -> Plane:
        part = values[_place(values.ndim, axes, channel, stokes)]
        return ArrayPlane(part if axes.y > axes.x else part.T, f"{key}:{channel}:{stokes}", **stored)

    return plane


def _packed_planes(
    path: Path, index: int, shape: tuple[int, ...], axes: Axes, key: str, **stored: Any
) -> Callable[[int, int], Plane]:
    def plane(channel: int, stokes: int) -> Plane:
        where = _place(len(shape), axes, channel, stokes)
        size = shape[len(shape) - 1 - axes.y], shape[len(shape) - 1 - axes.x]
        return PackedPlane(path, index, where, size, f"{key}:{channel}:{stokes}", turned=axes.y < axes.x, **stored)

    return plane


def _image(
    name: str,
    header: Header,
    shape: tuple[int, ...],
    axes: Axes,
    plane: Callable[[int, int], Plane],
    *,
    beams: Callable[[int, int], Beam | None],
    key: str,
) -> Image:
    lengths = shape[::-1]
    return Image(
        name=name,
        path="",
        kind="FITS",
        nx=lengths[axes.x],
        ny=lengths[axes.y],
        n_channels=lengths[axes.channel] if axes.channel >= 0 else 1,
        n_stokes=lengths[axes.stokes] if axes.stokes >= 0 else 1,
        stokes=axes.stokes_names,
        unit=str(header.get("BUNIT", "")).strip(),
        celestial=axes.celestial,
        spectral=axes.spectral,
        axes=axes.names(len(shape)),
        facts={
            "object": str(header.get("OBJECT", "")).strip(),
            "telescope": str(header.get("TELESCOP", "")).strip(),
            "observer": str(header.get("OBSERVER", "")).strip(),
            "date": str(header.get("DATE-OBS", "")).strip(),
            **_physical(header),
        },
        _plane=plane,
        _beam=beams,
        _fingerprint=lambda: key,
    )


def _physical(header: Header) -> dict[str, list[float]]:
    """Find of which image this one is a part: what its own pixels, from 1, are in the pixels of that one."""
    usual = {"LTM1_1": 1.0, "LTV1": 0.0, "LTM2_2": 1.0, "LTV2": 0.0}
    found = [_number(header, key, value) for key, value in usual.items()]
    return {"physical": found} if found != list(usual.values()) and found[0] and found[2] else {}


def _beams(header: Header, opened: HDUList | None) -> Callable[[int, int], Beam | None]:
    """Find the beam: one in the header or in its history, or one for each plane in a table."""
    table: dict[tuple[int, int], Beam] = {}
    damage: tuple[type[Exception], ...] = (*header_errors(), IndexError, TypeError)
    try:
        table = _beam_table(opened)
    except damage as error:  # which must not cost the image
        logger.warning("The table of beams cannot be read: %s", error)
    if table:
        return lambda channel, stokes: table.get((channel, stokes), table.get((channel, 0)))
    one: Beam | None = None
    major, minor = (_number(header, key, 0.0) for key in ("BMAJ", "BMIN"))
    if major > 0 and minor > 0:
        one = Beam(major, minor, _number(header, "BPA", 0.0))
    else:
        for line in reversed([str(entry) for entry in header.get("HISTORY", [])]):
            match = _AIPS.search(line)
            if match:
                found = [float(part) for part in match.groups()]
                one = Beam(*found) if found[0] > 0 and found[1] > 0 else None
                break
    return lambda _channel, _stokes: one


def _beam_table(opened: HDUList | None) -> dict[tuple[int, int], Beam]:
    """Read CASA's table of beams, or AIPS's."""
    from astropy import units  # noqa: PLC0415

    found: dict[tuple[int, int], Beam] = {}
    for unit in opened or ():
        if unit.name.upper() not in ("BEAMS", "AIPS CG") or getattr(unit, "columns", None) is None:
            continue
        names = {name.upper() for name in unit.columns.names}
        if not {"BMAJ", "BMIN", "BPA"} <= names:
            continue
        usual = "arcsec" if unit.name.upper() == "BEAMS" else "deg"
        degrees = {
            name: units.Unit(unit.columns[name].unit or ("deg" if name == "BPA" else usual)).to(units.deg)
            for name in ("BMAJ", "BMIN", "BPA")
        }
        for k, row in enumerate(unit.data):
            channel = int(row["CHAN"]) if "CHAN" in names else k
            stokes = int(row["POL"]) if "POL" in names else 0
            sizes = [float(row[name]) * degrees[name] for name in ("BMAJ", "BMIN", "BPA")]
            if sizes[0] > 0 and sizes[1] > 0:
                found[channel, stokes] = Beam(*sizes)
        break
    return found
