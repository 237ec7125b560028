"""Pixels of CASA images, through CASA itself: the imager in this process has the same tables open.

CASA's order of axes is x, y, Stokes, channel; that of this package is Stokes, channel, y, x.
"""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["CLEANED", "GRIDDED", "RESTORED", "flush", "layout", "make", "read", "read_plane", "remove", "write"]

GRIDDED = ("psf", "pb", "sumwt", "weight")
"""Endings of the images that are made once."""

CLEANED = ("residual", "model", "mask")
"""Endings of those that can be made of a checkpoint."""

RESTORED = ("image", "alpha", "alpha.error", "beta")
"""Endings of those that come last."""


def layout(path: str) -> tuple[tuple[int, int, int, int], tuple[str, ...]]:
    """Find the shape of an image and its Stokes planes.

    Parameters
    ----------
    path : str
        The image.

    Returns
    -------
    shape : tuple of int
        Number of Stokes planes, channels, rows and columns.
    stokes : tuple of str
        The name of each Stokes plane.
    """
    with _opened(path) as image:
        columns, rows, planes, channels = (int(size) for size in image.shape())
        system = image.coordsys()
        stokes = tuple(str(name) for name in system.stokes())
        system.done()
    return (planes, channels, rows, columns), stokes


def read(path: str) -> NDArray[np.float32]:
    """Read all pixels.

    Parameters
    ----------
    path : str
        The image.

    Returns
    -------
    ndarray of float32
        Shape (Stokes, channels, y, x).
    """
    with _opened(path) as image:
        return _turned(image.getchunk())


def read_plane(path: str, stokes: int, channel: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Read one plane, and which of its pixels are not blank.

    Parameters
    ----------
    path : str
        The image.
    stokes, channel : int
        Which plane, from 0.

    Returns
    -------
    pixels : ndarray of float32
        Shape (y, x).
    good : ndarray of bool
        Whether a pixel is finite and inside the limit of the primary beam.
    """
    corner = [0, 0, stokes, channel]
    with _opened(path) as image:
        columns, rows = (int(size) for size in image.shape()[:2])
        end = [columns - 1, rows - 1, stokes, channel]
        pixels = image.getchunk(corner, end, dropdeg=False)[:, :, 0, 0].T
        good = image.getchunk(corner, end, dropdeg=False, getmask=True)[:, :, 0, 0].T
    return np.asarray(pixels, np.float32), np.asarray(good, bool) & np.isfinite(pixels)


def write(path: str, pixels: NDArray[Any]) -> None:
    """Write all pixels, and see that they are on disk.

    Parameters
    ----------
    path : str
        The image.
    pixels : ndarray
        Shape (Stokes, channels, y, x); becomes float32.
    """
    with _opened(path) as image:
        image.putchunk(np.asarray(pixels, np.float32).transpose(3, 2, 0, 1))
    flush(path)


def make(path: str, like: str, unit: str) -> None:
    """Make an image of zeros.

    Parameters
    ----------
    path : str
        Where; there must be nothing.
    like : str
        An image with the same shape and coordinates.
    unit : str
        Of its values.
    """
    from casatools import image as image_tool  # noqa: PLC0415  see casa_start

    with _opened(like) as image:
        system = image.coordsys()
        made = image_tool()
        made.fromshape(path, [int(size) for size in image.shape()], csys=system.torecord(), type="f")
        made.setbrightnessunit(unit)
        made.done()
        system.done()


def flush(path: str) -> None:
    """See that what was written to an image is on disk, for those who read it from another process.

    Parameters
    ----------
    path : str
        The image.
    """
    from casatools import table  # noqa: PLC0415  see casa_start

    tool = table()
    tool.open(path, nomodify=False)
    tool.flush()
    tool.close()


def remove(imagename: str, endings: Sequence[str], *, damaged_only: bool = False) -> None:
    """Remove images that are going to be made anew, of all terms; those that are not there do not matter.

    Parameters
    ----------
    imagename : str
        Path without an ending.
    endings : sequence of str
        Such as ``residual``; what was corrected for the primary beam goes with it.
    damaged_only : bool
        Whether those that CASA can open stay.
    """
    path = Path(imagename)
    ours = re.compile(rf"{re.escape(path.name)}\.({'|'.join(map(re.escape, endings))})(\.tt\d+)?(\.pbcor)?")
    for found in list(path.parent.iterdir()):
        if ours.fullmatch(found.name) and found.is_dir() and not (damaged_only and _is_whole(found)):
            shutil.rmtree(found)


def _is_whole(path: Path) -> bool:
    try:
        layout(str(path))
    except RuntimeError:
        return False
    return True


@contextmanager
def _opened(path: str) -> Iterator[Any]:
    from casatools import image as image_tool  # noqa: PLC0415  see casa_start

    if not Path(path).is_dir():
        raise FileNotFoundError(path)
    image = image_tool()
    image.open(path)
    try:
        yield image
    finally:
        image.done()


def _turned(pixels: NDArray[Any]) -> NDArray[np.float32]:
    return np.ascontiguousarray(pixels.transpose(2, 3, 1, 0), np.float32)
