"""The images that a viewer shows: open, cut into tiles, and described."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import OptionError
from dsa110_vis.image import TileCache, histogram, limits, open_image
from dsa110_vis.image.matched import DifferencePlane, MatchedPlane, same_grid
from dsa110_vis.image.pyramid import Pyramid
from dsa110_vis.image.sample import sample
from dsa110_vis.image.statistics import robust_sigma
from dsa110_vis.view.mask_controls import ARRAY

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from dsa110_vis.image import Celestial, Image, Plane
    from dsa110_vis.view.given import GivenImage

__all__ = ["ImageReader", "Picture"]

PYRAMIDS = 6
"""Planes whose coarse levels stay in memory."""
WHICH = ("image", "compare", "difference")


@dataclass
class Picture:
    """One plane of an image as it is shown.

    Attributes
    ----------
    image : Image
        The image.
    channel, stokes : int
        Which plane of it.
    values : ndarray of float32
        A sample of its pixels.
    sigma : float
        Robust standard deviation of these, in the image's unit; 0 where there are none.
    limits : (float, float)
        Colour limits.
    """

    image: Image
    channel: int
    stokes: int
    values: npt.NDArray[np.float32] = field(repr=False)
    sigma: float
    limits: tuple[float, float]

    @property
    def plane_number(self) -> int:
        """Number of the plane: Stokes by Stokes, channel by channel."""
        return self.stokes * self.image.n_channels + self.channel

    @property
    def low(self) -> float:
        """The smallest of the values; 0 where there are none."""
        return float(self.values.min()) if self.values.size else 0.0

    @property
    def high(self) -> float:
        """The largest of the values; 1 where there are none."""
        return float(self.values.max()) if self.values.size else 1.0

    @property
    def blank(self) -> bool:
        """Whether no pixel has a value."""
        return self.values.size == 0


class ImageReader:
    """Opens the image and the one it is compared with, and keeps what was made of them.

    Parameters
    ----------
    given : GivenImage
        What the user gave, for an image in memory.
    """

    def __init__(self, given: GivenImage) -> None:
        self._given = given
        self._lock = threading.RLock()
        self._cache = TileCache()
        self._image: Image | None = None
        self._compared: Image | None = None
        self._pyramids: OrderedDict[tuple[str, str], Pyramid] = OrderedDict()
        self._fingerprints: dict[str, str] = {}

    @property
    def image(self) -> Image | None:
        """The image that is open."""
        return self._image

    @property
    def compared(self) -> Image | None:
        """The second image, if there is one."""
        return self._compared

    def open(self, path: str) -> tuple[Image, bool]:
        """Open the image, unless it is open as it is on disk.

        Parameters
        ----------
        path : str
            Where it is, or `ARRAY`.

        Returns
        -------
        image : Image
            The image.
        fresh : bool
            Whether it was opened now.

        Raises
        ------
        Dsa110VisError
            If it cannot be opened.
        """
        with self._lock:
            self._image, fresh = self._opened(self._image, path)
            return self._image, fresh

    def compare(self, path: str) -> tuple[Image | None, bool]:
        """Open the second image, or let go of it.

        Parameters
        ----------
        path : str
            Where it is; empty for none.

        Returns
        -------
        image : Image or None
            The image.
        fresh : bool
            Whether it is another one now.

        Raises
        ------
        Dsa110VisError
            If it cannot be opened.
        """
        with self._lock:
            if not path:
                before, self._compared = self._compared, None
                if before is not None:
                    before.close()
                return None, before is not None
            self._compared, fresh = self._opened(self._compared, path)
            return self._compared, fresh

    def _opened(self, before: Image | None, path: str) -> tuple[Image, bool]:
        if before is not None and before.path == ("" if path == ARRAY else path) and self._is_fresh(before, path):
            return before, False
        if path == ARRAY:
            given = self._given
            image = open_image(given.array, wcs=given.header or None, unit=given.unit, name=given.name)
        else:
            image = open_image(path)
            self._fingerprints[path] = image.fingerprint()
        if before is not None:
            before.close()
        return image, True

    def _is_fresh(self, image: Image, path: str) -> bool:
        return path == ARRAY or (Path(path).exists() and image.fingerprint() == self._fingerprints.get(path))

    def show(self, state: Mapping[str, Any]) -> Picture:
        """Look at a plane: its noise, and colour limits.

        Parameters
        ----------
        state : mapping
            All controls.

        Returns
        -------
        Picture
            The plane.

        Raises
        ------
        OptionError
            If there is no such channel or Stokes parameter.
        """
        image = self._image
        assert image is not None  # noqa: S101  it is open
        for name, size in (("channel", image.n_channels), ("stokes", image.n_stokes)):
            if state[name] >= size:
                message = f"{name} cannot be {state[name]}."
                raise OptionError(message, f"{image.name} has {size}, counted from 0.")
        values = sample(image.plane(state["channel"], state["stokes"]))
        sigma = robust_sigma(values)
        picture = Picture(image, state["channel"], state["stokes"], values, sigma, (0.0, 1.0))
        self.settle_limits(picture, state)
        return picture

    def settle_limits(self, picture: Picture, state: Mapping[str, Any]) -> None:
        """Find the colour limits of a plane.

        Parameters
        ----------
        picture : Picture
            The plane; its limits are set.
        state : mapping
            All controls.
        """
        mode = state["limits_mode"]
        if mode == "manual" and state["limits"] is not None:
            picture.limits = (state["limits"][0], state["limits"][1])
            return
        mode = "zscale" if mode == "manual" else mode
        values = picture.values
        if mode in ("minmax", "symmetric"):
            # the pixels that count are in the peaks, which a sample misses
            coarse = self.pyramid(picture, "image").coarse()
            values = np.concatenate([values, coarse[np.isfinite(coarse)]])
        picture.limits = limits(values, mode, percentile=state["percentile"])

    def plane(self, picture: Picture, which: str) -> Plane:
        """Give the plane that is shown, the second image's on its pixels, or their difference.

        Parameters
        ----------
        picture : Picture
            What is shown.
        which : str
            "image", "compare" or "difference".

        Returns
        -------
        Plane
            The plane.

        Raises
        ------
        OptionError
            If there is no second image.
        """
        first = picture.image.plane(picture.channel, picture.stokes)
        if which == "image":
            return first
        other = self._compared
        if other is None:
            message = "There is no second image."
            raise OptionError(message, "Set compare to its path.")
        channel = min(picture.channel, other.n_channels - 1)
        stokes = min(picture.stokes, other.n_stokes - 1)
        second: Plane = other.plane(channel, stokes)
        if not self.same_grid(picture):
            second = MatchedPlane(second, _sky(other), _sky(picture.image), first.shape)
        return second if which == "compare" else DifferencePlane(first, second)

    def same_grid(self, picture: Picture) -> bool:
        """Tell whether both images have the same pixels.

        Parameters
        ----------
        picture : Picture
            What is shown.

        Returns
        -------
        bool
            True if their sizes and coordinates are the same, or one has no coordinates and the sizes are the same.
        """
        one, other = picture.image, self._compared
        assert other is not None  # noqa: S101  asked before
        if (one.nx, one.ny) == (other.nx, other.ny) and (one.celestial is None or other.celestial is None):
            return True
        return (one.nx, one.ny) == (other.nx, other.ny) and same_grid(_sky(one), _sky(other), one.nx, one.ny)

    def pyramid(self, picture: Picture, which: str) -> Pyramid:
        """Give the tiles of a plane.

        Parameters
        ----------
        picture : Picture
            What is shown.
        which : str
            As for `plane`.

        Returns
        -------
        Pyramid
            Its tiles.
        """
        with self._lock:
            plane = self.plane(picture, which)
            key = (which, plane.key)
            found = self._pyramids.pop(key, None) or Pyramid(plane, cache=self._cache)
            self._pyramids[key] = found
            while len(self._pyramids) > PYRAMIDS:
                self._pyramids.popitem(last=False)
            return found

    def histogram(self, picture: Picture, window: tuple[float, float] | None = None) -> dict[str, Any]:
        """Count the values of a plane.

        Parameters
        ----------
        picture : Picture
            The plane.
        window : (float, float), optional
            Between which values; all by default.

        Returns
        -------
        dict
            ``edges`` of the whole and ``counts`` of equal bins, of a sample of the pixels.
        """
        lo, hi, counts = histogram(picture.values, window=window)
        return {"edges": [lo, hi], "counts": counts}

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            for image in (self._image, self._compared):
                if image is not None:
                    image.close()
            self._image = self._compared = None
            self._pyramids.clear()


def _sky(image: Image) -> Celestial:
    if image.celestial is None:
        message = f"{image.name} has no celestial coordinates."
        raise OptionError(message, "Without them, only images of the same size can be compared.")
    return image.celestial
