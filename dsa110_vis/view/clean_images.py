"""Pixels of the images of a running session, read in a worker process: CASA's own cannot hold a second casacore.

Nothing waits for the imager: an image is opened without a lock for each reading, and so can be looked at during a major
cycle. What is seen then is the image before it.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import ImageNotFoundError, NotAnImageError, OptionError, UnreadableError
from dsa110_vis.view.protocol import DOWN_BYTES
from dsa110_vis.work import Remote, WorkerLostError

if TYPE_CHECKING:
    from dsa110_vis.image import Image

__all__ = ["NAMES", "ImageWindows", "WindowReader", "image_path"]

NAMES = ("residual", "model", "psf", "pb", "mask", "image", "image.pbcor", "weight", "alpha", "alpha.error")
"""What can be asked for."""
WITHOUT_TERM = ("mask", "alpha", "alpha.error")
OPEN_IMAGES = 8
SETTLE_SECONDS = 3.0
"""How long an image that is just being written may take until it can be read."""
AGAIN_SECONDS = 0.1


def image_path(imagename: str, name: str, term: int, *, terms: bool) -> str:
    """Say where CASA keeps an image.

    Parameters
    ----------
    imagename : str
        Path without an ending.
    name : str
        One of `NAMES`.
    term : int
        Which Taylor term.
    terms : bool
        Whether there are any: the deconvolver is mtmfs.

    Returns
    -------
    str
        The path.
    """
    if not terms or name in WITHOUT_TERM:
        return f"{imagename}.{name}"
    kind, _, corrected = name.partition(".")
    return f"{imagename}.{kind}.tt{term}" + (f".{corrected}" if corrected else "")


class WindowReader:
    """The worker's end: opens images, and opens them again when they have changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._images: OrderedDict[str, tuple[Image, str]] = OrderedDict()

    def read(
        self, path: str, channel: int, stokes: int, box: tuple[int, int, int, int]
    ) -> tuple[dict[str, Any], bytes]:
        """Read a window of a plane.

        Parameters
        ----------
        path : str
            The image.
        channel, stokes : int
            Which plane, counted from 0.
        box : (int, int, int, int)
            First column and row, number of columns and rows; 0 for all that follow. It is cut to the image.

        Returns
        -------
        dict
            ``x``, ``y``, ``width``, ``height`` of what was read; ``nx``, ``ny``, ``n_channels``, ``stokes``, ``unit``
            and ``fingerprint`` of the image.
        bytes
            The pixels, float32, little-endian, ``[y, x]``.

        Raises
        ------
        OptionError
            If there is no such plane or window, or it has more than `DOWN_BYTES`.
        UnreadableError, NotAnImageError
            If it cannot be read, also when what writes it has had time to end.
        """
        with self._lock:
            deadline = time.monotonic() + SETTLE_SECONDS
            while True:
                late = time.monotonic() > deadline
                try:
                    found, settled = self._read(path, channel, stokes, box)
                except (UnreadableError, NotAnImageError):
                    self._forget(path)
                    if late:
                        raise
                else:
                    if settled or late:
                        return found
                time.sleep(AGAIN_SECONDS)

    def _read(
        self, path: str, channel: int, stokes: int, box: tuple[int, int, int, int]
    ) -> tuple[tuple[dict[str, Any], bytes], bool]:
        """Read a window, and tell whether the image is what it was before."""
        image, fingerprint = self._opened(path)
        x, y = box[0], box[1]
        width = min(box[2] or image.nx, image.nx - x)
        height = min(box[3] or image.ny, image.ny - y)
        if x < 0 or y < 0 or width < 1 or height < 1:
            message = f"{image.name} has no window at ({x}, {y}) of {box[2]} by {box[3]} pixels."
            raise OptionError(message, f"It has {image.nx} by {image.ny} pixels, counted from 0.")
        if width * height * 4 > DOWN_BYTES:
            message = f"A window of {width} by {height} pixels is too large for one answer."
            raise OptionError(message, f"Ask for at most {DOWN_BYTES // 4} pixels at a time.")
        values = image.plane(channel, stokes).read(x, x + width, y, y + height)
        facts = {
            "x": x, "y": y, "width": width, "height": height, "nx": image.nx, "ny": image.ny,
            "n_channels": image.n_channels, "stokes": list(image.stokes), "unit": image.unit,
            "fingerprint": fingerprint,
        }  # fmt: skip
        return (facts, values.astype("<f4", copy=False).tobytes()), _state_of(image) == fingerprint

    def _opened(self, path: str) -> tuple[Image, str]:
        from dsa110_vis.image import open_image  # noqa: PLC0415  casacore: not where CASA is

        known = self._images.pop(path, None)
        if known is not None and _state_of(known[0]) != known[1]:
            known[0].close()
            known = None
        if known is None:
            image = open_image(path)
            known = image, image.fingerprint()
        self._images[path] = known
        while len(self._images) > OPEN_IMAGES:
            self._forget(next(iter(self._images)))
        return known

    def _forget(self, path: str) -> None:
        if path in self._images:
            self._images.pop(path)[0].close()


def _state_of(image: Image) -> str:
    """Give the fingerprint of an image as it is now; none while it is not there."""
    try:
        return image.fingerprint()
    except OSError:
        return ""


class ImageWindows:
    """The session's end: starts the worker when it is first needed, and another one when that is lost."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._remote: Remote | None = None

    def read(
        self, path: str, channel: int, stokes: int, box: tuple[int, int, int, int]
    ) -> tuple[dict[str, Any], bytes]:
        """Read a window of a plane, as `WindowReader.read`.

        Parameters
        ----------
        path : str
            The image.
        channel, stokes : int
            Which plane.
        box : (int, int, int, int)
            Which part of it.

        Returns
        -------
        dict
            About the window and the image.
        bytes
            The pixels.

        Raises
        ------
        ImageNotFoundError
            If it has not been made yet.
        Dsa110VisError
            What else is wrong with the image or the window, or that the worker was lost.
        """
        try:
            try:
                facts, pixels = self._worker().call("read", path, channel, stokes, box)
            except WorkerLostError:  # casacore can abort on a file that is half written: once more, with another one
                facts, pixels = self._worker().call("read", path, channel, stokes, box)
        except ImageNotFoundError as error:
            raise ImageNotFoundError(error.message, "The session has not made this image yet.") from None
        return facts, pixels

    def _worker(self) -> Remote:
        with self._lock:
            if self._remote is None or self._remote.lost is not None:
                self._remote = Remote(
                    "dsa110_vis.view.clean_images:WindowReader", preload=("dsa110_vis.image.opening",)
                )
            return self._remote

    def close(self) -> None:
        """End the worker."""
        with self._lock:
            if self._remote is not None:
                self._remote.close()
