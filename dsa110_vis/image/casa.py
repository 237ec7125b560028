"""CASA images, and FITS images whose coordinates only casacore understands.

A table is opened for each reading and closed after it, which takes half a millisecond: an image that is looked at holds
no lock, on which an imager would wait for ever, and no table that casacore would take for another of its name.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import ImageNotFoundError, NotAnImageError, UnreadableError
from dsa110_vis.fingerprint import fingerprint
from dsa110_vis.image.casa_coordinates import axes_of_record, beam_of_record
from dsa110_vis.image.image import Image
from dsa110_vis.image.plane import CasaPlane

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from dsa110_vis.image.coordinates import Axes
    from dsa110_vis.image.plane import Plane

__all__ = ["axes_by_casacore", "is_casa_image", "open_casa"]

logger = logging.getLogger(__name__)

PIXELS, MASK_PIXELS = "map", "PagedArray"
"""Columns of one cell each."""
NO_LOCK = {"option": "usernoread"}
TIMEOUT = 30.0
# In a process of its own: a damaged header makes casacore abort, and it speaks on the standard error output.
_ASK_CASACORE = """\
import json, sys
from casacore.images import image
found = image(sys.argv[1])
answer = {"shape": found.shape()[::-1], "coordinates": found.coordinates().dict()}
print(json.dumps(answer, default=lambda value: value.tolist()))
"""
LOCK = threading.Lock()
"""Held while casacore is asked, which is not made for threads."""


def is_casa_image(path: Path) -> bool:
    """Tell whether a folder is a CASA image, without casacore.

    Parameters
    ----------
    path : pathlib.Path
        The folder.

    Returns
    -------
    bool
        Whether its ``table.info`` says so.
    """
    try:
        return (path / "table.dat").is_file() and "Image" in (path / "table.info").read_text(errors="replace")[:200]
    except OSError:
        return False


def open_casa(path: Path) -> Image:
    """Open a CASA image.

    Parameters
    ----------
    path : pathlib.Path
        Its folder.

    Returns
    -------
    Image
        The image. It is not locked.

    Raises
    ------
    NotAnImageError
        If it has no two dimensions, or complex values.
    UnreadableError
        If casacore cannot read it.
    """
    try:
        with LOCK, _Table(path) as table:
            keywords = table.getkeywords()
            kind = str(table.getcoldesc(PIXELS)["valueType"])
            # the first row is one cell that has all pixels
            shape = tuple(int(size) for size in table.getcolshapestring(PIXELS)[0].strip("[]").split(","))
    except (RuntimeError, IndexError, KeyError, ValueError) as error:
        raise _damaged(path, error) from None
    if "complex" in kind.lower():
        message = f"{path.name} has complex values."
        raise NotAnImageError(message, "Show its real part, its imaginary part or its amplitude.")
    if sum(1 for size in shape if size > 1) < 2:
        message = f"{path.name} has no two axes of more than one pixel: its shape is {shape}."
        raise NotAnImageError(message, "An image has two to four dimensions.")
    axes = axes_of_record(keywords.get("coords", {}), tuple(reversed(shape)))
    axes.check(path.name, tuple(reversed(shape)))
    return _Casa(path, shape, axes, keywords).image()


def axes_by_casacore(path: Path, shape: tuple[int, ...]) -> Axes | None:
    """Ask casacore for the axes of a FITS image.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    shape : tuple of int
        Lengths of its axes, fastest first.

    Returns
    -------
    Axes or None
        None where casacore does not understand its coordinates either.
    """
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter, our own code
            [sys.executable, "-P", "-c", _ASK_CASACORE, str(path)],
            capture_output=True,
            timeout=TIMEOUT,
            check=True,
        )
        found = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        logger.info("casacore does not understand %s either: %s", path.name, error)
        return None
    if tuple(found["shape"]) != shape:
        return None
    axes = axes_of_record(found["coordinates"], shape)
    return axes if axes.celestial is not None else None


class _Table:
    """A table while it is read."""

    def __init__(self, path: Path) -> None:
        from casacore.tables import table  # noqa: PLC0415  slow to import

        self._table = table(str(path), ack=False, lockoptions=NO_LOCK)

    def __enter__(self) -> Any:
        return self._table

    def __exit__(self, *_error: object) -> None:
        self._table.close()


class _Casa:
    """One image while it is open."""

    def __init__(self, path: Path, shape: tuple[int, ...], axes: Axes, keywords: dict[str, Any]) -> None:
        self._path, self._shape, self._axes, self._keywords = path, shape, axes, keywords
        self._closed = False
        self._print = fingerprint(path)
        self._mask = str(keywords.get("Image_defaultmask", ""))

    def image(self) -> Image:
        axes, keywords = self._axes, self._keywords
        shape = tuple(reversed(self._shape))
        coordinates, facts = keywords.get("coords", {}), keywords.get("imageinfo", {})
        return Image(
            name=self._path.name,
            path=str(self._path),
            kind="CASA image",
            nx=shape[axes.x],
            ny=shape[axes.y],
            n_channels=shape[axes.channel] if axes.channel >= 0 else 1,
            n_stokes=shape[axes.stokes] if axes.stokes >= 0 else 1,
            stokes=axes.stokes_names,
            unit=str(keywords.get("units", "")).strip(),
            celestial=axes.celestial,
            spectral=axes.spectral,
            axes=axes.names(len(shape)),
            facts={
                "object": str(facts.get("objectname", "")),
                "telescope": str(coordinates.get("telescope", "")),
                "observer": str(coordinates.get("observer", "")),
                "date": _date(coordinates.get("obsdate", {})),
            },
            _plane=self._plane,
            _beam=lambda channel, stokes: beam_of_record(facts, channel, stokes),
            _fingerprint=lambda: fingerprint(self._path),
            _close=self._close,
        )

    def _close(self) -> None:
        self._closed = True

    def _plane(self, channel: int, stokes: int) -> Plane:
        axes, last = self._axes, len(self._shape) - 1

        def read(x0: int, x1: int, y0: int, y1: int) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_] | None]:
            first, final = [0] * (last + 1), [0] * (last + 1)
            for axis, start, stop in ((axes.x, x0, x1), (axes.y, y0, y1)):
                first[last - axis], final[last - axis] = start, stop - 1
            for axis, at in ((axes.channel, channel), (axes.stokes, stokes)):
                if axis >= 0:
                    first[last - axis] = final[last - axis] = at
            values, good = self._read(first, final)
            return self._flat(values), None if good is None or good.all() else self._flat(good)

        key = f"{self._print}:{channel}:{stokes}"
        shape = (self._shape[last - axes.y], self._shape[last - axes.x])
        return CasaPlane(read, shape, key, LOCK)

    def _flat(self, part: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Make a part ``[y, x]`` of one that has all axes."""
        last = part.ndim - 1
        size = part.shape[last - self._axes.y], part.shape[last - self._axes.x]
        return part.reshape(size) if self._axes.y > self._axes.x else part.reshape(size[::-1]).T

    def _read(self, first: list[int], final: list[int]) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_] | None]:
        if self._closed:
            message = f"{self._path.name} is closed."
            raise UnreadableError(message, "Open it again.")
        if not self._path.is_dir():
            message = f"There is no image {str(self._path)!r} any more."
            raise ImageNotFoundError(message, "It was removed or renamed after it was opened.")
        try:
            with _Table(self._path) as table:
                values = table.getcellslice(PIXELS, 0, first, final)
            return values, self._good(first, final) if self._mask else None
        except RuntimeError as error:
            raise _damaged(self._path, error) from None

    def _good(self, first: list[int], final: list[int]) -> npt.NDArray[np.bool_]:
        kind = str(self._keywords.get("masks", {}).get(self._mask, {}).get("name", ""))
        if kind == "LCPagedMask":
            with _Table(self._path / self._mask) as table:
                return np.asarray(table.getcellslice(MASK_PIXELS, 0, first, final), dtype=bool)
        from casacore.images import image  # noqa: PLC0415  a region as a mask, which only this can work out

        found = image(str(self._path))
        try:
            return ~np.asarray(found.getmask(first, final), dtype=bool)
        finally:
            found.unlock()


def _damaged(path: Path, error: BaseException) -> UnreadableError:
    said = (str(error).splitlines() or [repr(error)])[0].rstrip(".")
    message = f"{path.name} cannot be read by casacore: {said}."
    return UnreadableError(message, "Check that the image is complete: copy or make it again.")


def _date(epoch: Any) -> str:
    """Write the date of an observation as FITS does."""
    try:
        days = float(epoch["m0"]["value"])
        return str(np.datetime64("1858-11-17T00:00:00") + np.timedelta64(round(days * 86400), "s")) if days > 0 else ""
    except (KeyError, TypeError, ValueError, OverflowError):
        return ""
