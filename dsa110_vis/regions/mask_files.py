"""Masks as FITS and as CASA images, the two forms that imagers take."""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import OptionError, OutputError
from dsa110_vis.image import open_image
from dsa110_vis.image.coordinates import STOKES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from dsa110_vis.image import Image
    from dsa110_vis.regions.mask import MaskCube

__all__ = ["fits_mask", "read_mask", "write_casa_mask", "write_mask"]


def fits_mask(mask: MaskCube, image: Image) -> bytes:
    """Write a mask as FITS.

    Parameters
    ----------
    mask : MaskCube
        The mask.
    image : Image
        The image it is for.

    Returns
    -------
    bytes
        A FITS file: float32, 1 in the mask and 0 outside, with the axes right ascension, declination, frequency and
        Stokes parameter, as WSClean wants it (``-fits-mask``).
    """
    from astropy.io import fits  # noqa: PLC0415  slow to import

    values = np.zeros((mask.n_stokes, mask.n_channels, mask.ny, mask.nx), dtype=np.float32)
    for number in mask.used:
        values[divmod(number, mask.n_channels)] = mask.read(number)
    hdu = fits.PrimaryHDU(values)
    header = hdu.header
    if image.celestial is not None:
        for card in image.celestial.header().cards:
            if card.keyword not in ("WCSAXES", "DATE-OBS", "MJDREF", "COMMENT", "HISTORY", ""):
                header[card.keyword] = card.value
    frequency = None if image.spectral is None else image.spectral.frequency
    if frequency is not None and np.isfinite(frequency).all():
        step = float(frequency[1] - frequency[0]) if frequency.size > 1 else 1e6
        header.update(CTYPE3="FREQ", CRVAL3=float(frequency[0]), CDELT3=step, CRPIX3=1.0, CUNIT3="Hz")
        if image.spectral is not None and image.spectral.rest_frequency > 0:
            header["RESTFRQ"] = image.spectral.rest_frequency
    else:
        header.update(CTYPE3="CHANNEL", CRVAL3=0.0, CDELT3=1.0, CRPIX3=1.0)
    numbers = {name: number for number, name in STOKES.items()}
    first = numbers.get(image.stokes[0], 1)
    step = numbers.get(image.stokes[1], first + 1) - first if image.n_stokes > 1 else 1
    header.update(CTYPE4="STOKES", CRVAL4=float(first), CDELT4=float(step), CRPIX4=1.0)
    header["BTYPE"] = "Mask"
    out = io.BytesIO()
    hdu.writeto(out)
    return out.getvalue()


def write_mask(mask: MaskCube, image: Image, path: Path) -> None:
    """Write a mask: FITS where the name ends in .fits, else a CASA image.

    Parameters
    ----------
    mask : MaskCube
        The mask.
    image : Image
        The image it is for.
    path : pathlib.Path
        Where to; what is there is replaced when all is written, if it is a mask or a file of that kind.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    if path.suffix.lower() not in (".fits", ".fit", ".fts"):
        write_casa_mask(mask, image, path)
        return
    with _beside(path) as part:
        part.write_bytes(fits_mask(mask, image))


def write_casa_mask(mask: MaskCube, image: Image, path: Path) -> None:
    """Write a mask as a CASA image with the axes and coordinates of the image it is for.

    Parameters
    ----------
    mask : MaskCube
        The mask.
    image : Image
        The image it is for.
    path : pathlib.Path
        Where to; a CASA image that is there is replaced when all is written.

    Raises
    ------
    OutputError
        If it cannot be written, or there is a folder that is no CASA image.
    """
    from casacore.images import image as casa_image  # noqa: PLC0415  slow to import

    if path.is_dir() and not (path / "table.info").is_file():
        message = f"{path} is a folder and no CASA image."
        raise OutputError(message, "Choose another name: it would be lost.")
    with _beside(path) as part:
        try:
            if image.kind == "CASA image":
                source = casa_image(image.path)
                made = casa_image(str(part), shape=source.shape(), coordsys=source.coordinates())
                made.putdata(_in_order(mask, image))
                del source
            else:
                with tempfile.TemporaryDirectory(prefix="dsa110-vis-") as folder:
                    first = Path(folder) / "mask.fits"
                    first.write_bytes(fits_mask(mask, image))
                    made = casa_image(str(first))
                    made.saveas(str(part), overwrite=True, copymask=False)
            del made
        except RuntimeError as error:
            message = f"{path} cannot be written: {str(error).splitlines()[0]}."
            raise OutputError(message, "Choose a folder that exists and that you may write to.") from None


def _in_order(mask: MaskCube, image: Image) -> npt.NDArray[np.float32]:
    """Give the mask with the axes of the image's own array."""
    values = np.zeros((mask.n_stokes, mask.n_channels, mask.ny, mask.nx), dtype=np.float32)
    for number in mask.used:
        values[divmod(number, mask.n_channels)] = mask.read(number)
    home = {"stokes": 0, "channel": 1, "y": 2, "x": 3}
    there = [home[name] for name in image.axes if name in home]
    gone = tuple(axis for axis in range(4) if axis not in there)
    found = values.transpose([*there, *gone]).reshape([values.shape[axis] for axis in there])
    for at, name in enumerate(image.axes):
        if name not in home:
            found = np.expand_dims(found, at)
    return np.ascontiguousarray(found)


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Give a name beside a path; what is written there takes the path's place at the end, or vanishes."""
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        if not path.parent.is_dir():
            message = f"{path.parent} is no folder."
            raise OutputError(message, "Choose a folder that exists and that you may write to.")
        yield part
        if part.is_dir() and path.is_dir():
            old = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.old")
            path.replace(old)
            part.replace(path)
            shutil.rmtree(old, ignore_errors=True)
        else:
            if path.is_dir():
                message = f"{path} is a folder."
                raise OutputError(message, "Choose another name.")
            part.replace(path)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}."
        raise OutputError(message, "Choose a folder that exists and that you may write to.") from None
    finally:
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)


def read_mask(source: Any, image: Image, mask: MaskCube) -> dict[int, npt.NDArray[np.bool_]]:
    """Read a mask.

    Parameters
    ----------
    source : path or bytes
        A FITS file, its content, or a CASA image. What is neither 0 nor blank is in the mask.
    image : Image
        The image it is for.
    mask : MaskCube
        The mask it is to be used with.

    Returns
    -------
    dict
        Bits ``[y, x]`` by the number of the plane. A mask of one plane is for all.

    Raises
    ------
    OptionError
        If it has another size.
    Dsa110VisError
        If it cannot be opened.
    """
    with contextlib.ExitStack() as stack:
        if isinstance(source, bytes):
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="dsa110-vis-"))
            path = Path(folder) / "mask.fits"
            path.write_bytes(source)
            source = path
        opened = open_image(source)
        stack.callback(opened.close)
        sizes = ((opened.nx, opened.ny), (image.nx, image.ny))
        fits = all(
            count in (1, full)
            for count, full in ((opened.n_stokes, mask.n_stokes), (opened.n_channels, mask.n_channels))
        )
        if sizes[0] != sizes[1] or not fits:
            message = f"The mask has {opened.nx} by {opened.ny} pixels and {opened.n_planes} planes."
            raise OptionError(message, f"It must have {image.nx} by {image.ny}, and {mask.n_planes} planes or one.")
        found = {}
        for number in range(mask.n_planes):
            stokes, channel = divmod(number, mask.n_channels)
            plane = opened.plane(min(channel, opened.n_channels - 1), min(stokes, opened.n_stokes - 1))
            values = plane.read(0, opened.nx, 0, opened.ny)
            found[number] = np.isfinite(values) & (values != 0)
        return found
