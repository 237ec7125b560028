"""Which images of CASA there are, and how they come and go."""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["CLEANED", "GRIDDED", "RESTORED", "layout", "make", "remove"]

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
