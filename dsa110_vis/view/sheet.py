"""What is drawn on an image, and what was done: the mask and the regions as they are, and undo over both."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import OptionError
from dsa110_vis.image import reduce
from dsa110_vis.regions import MaskCube, Region
from dsa110_vis.regions.history import BitsChange, History, RegionsChange, Step, changed_bits
from dsa110_vis.view.keeping import Keeper
from dsa110_vis.view.mask_regions import region_events

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.image import Image

    Bits = npt.NDArray[np.bool_]

__all__ = ["Change", "Sheet", "Told"]

TILE = 256

Told = Callable[[str, Any], None]
"""Takes ``("mask", box)``, with ``[x0, x1, y0, y1]`` or None for everything, ``("regions", event)`` (as from
`dsa110_vis.view.mask_regions.region_events`) or ``("notice", (level, text))``."""


class Sheet:
    """A mask and regions, with undo over both. May be used from any thread.

    Parameters
    ----------
    image : Image
        What is drawn on.
    keep : str
        Folder in which the drawing is kept; empty for none.
    tell : callable
        Is told of changes.
    """

    def __init__(self, image: Image, keep: str, tell: Told) -> None:
        self._image, self._tell = image, tell
        self._lock = threading.RLock()
        self._mask = MaskCube(image.n_stokes, image.n_channels, image.ny, image.nx)
        self._regions: tuple[Region, ...] = ()
        self._history = History()
        self._revision = self._regions_revision = 1
        self._unsaved = False
        self._keeper = Keeper(keep)

    def adopt(self, image: Image) -> None:
        """Go on with another image.

        Parameters
        ----------
        image : Image
            The image.

        Raises
        ------
        OptionError
            If it has another size, and there is something drawn.
        """
        with self._lock:
            mask = self._mask
            if (image.n_stokes, image.n_channels, image.ny, image.nx) != (
                mask.n_stokes, mask.n_channels, mask.ny, mask.nx,
            ):  # fmt: skip
                if mask.used or self._regions:
                    message = f"What is drawn does not fit {image.name}, which has another size."
                    raise OptionError(
                        message, "Save the drawing and clear it first, or open the image in another viewer."
                    )
                self._mask = MaskCube(image.n_stokes, image.n_channels, image.ny, image.nx)
                self._history.clear()
            self._image = image

    def held(self) -> threading.RLock:
        """Give what keeps the drawing from changing.

        Returns
        -------
        threading.RLock
            To be taken before any lock that is held where changes are told.
        """
        return self._lock

    def write_down(self) -> None:
        """Write down what is still to be kept."""
        self._keeper.write_down()

    # -- what there is ----------------------------------------------------------------------------------------------

    @property
    def regions(self) -> tuple[Region, ...]:
        """The regions, in pixels, in their order."""
        return self._regions

    def region(self, ident: str) -> Region:
        """Find a region.

        Parameters
        ----------
        ident : str
            Its id.

        Returns
        -------
        Region
            The region.

        Raises
        ------
        OptionError
            If there is none of this id.
        """
        for region in self._regions:
            if region.id == ident:
                return region
        message = f"There is no region {ident[:60]!r}."
        raise OptionError(message, "Select one that is there.")

    def described(self, plane: int) -> dict[str, Any]:
        """Describe the mask for a viewer.

        Parameters
        ----------
        plane : int
            The plane that is shown.

        Returns
        -------
        dict
            All of the event ``mask`` but the box.
        """
        with self._lock:
            return {
                "revision": self._revision,
                "n_pixels": self._mask.count(plane),
                "n_planes_with_mask": len(self._mask.used),
                "can_undo": self._history.can_undo,
                "can_redo": self._history.can_redo,
                "unsaved": self._unsaved,
            }

    def all_regions(self) -> list[dict[str, Any]]:
        """Describe the regions for a viewer that knows of none.

        Returns
        -------
        list of dict
            The data of the events ``regions``, one after the other.
        """
        with self._lock:
            return list(region_events(None, self._regions, 0, self._regions_revision))

    def count(self, plane: int) -> int:
        """Count the pixels in the mask.

        Parameters
        ----------
        plane : int
            Number of the plane.

        Returns
        -------
        int
            How many.
        """
        with self._lock:
            return self._mask.count(plane)

    def bits(self, plane: int) -> Bits:
        """Give the mask of a plane.

        Parameters
        ----------
        plane : int
            Its number.

        Returns
        -------
        ndarray of bool, shape (ny, nx)
            Not to be changed.
        """
        return self._mask.read(plane)

    def coarse(self, plane: int, step: int) -> Bits:
        """Give the mask of a plane in squares of pixels.

        Parameters
        ----------
        plane : int
            Its number.
        step : int
            Side of the squares.

        Returns
        -------
        ndarray of bool
            Whether any pixel of each is in the mask.
        """
        return _any_of(self._mask.read(plane), step)

    def tile(self, plane: int, level: int, column: int, row: int) -> tuple[Bits, int]:
        """Give a tile of the mask.

        Parameters
        ----------
        plane, level, column, row : int
            Which one, as for the tiles of the image.

        Returns
        -------
        bits : ndarray of bool
            Whether any pixel of each bin is in the mask.
        revision : int
            Of which state of the mask.

        Raises
        ------
        OptionError
            If there is no such tile.
        """
        size = TILE << level if 0 <= level < 32 else 0
        inside = size and 0 <= column * size < self._mask.nx and 0 <= row * size < self._mask.ny
        if not inside or not 0 <= plane < self._mask.n_planes:
            message = f"There is no tile {column}, {row} at level {level} of plane {plane}."
            raise OptionError(message)
        with self._lock:
            part = self._mask.read(plane)[row * size : (row + 1) * size, column * size : (column + 1) * size]
            return (np.array(part) if level == 0 else _any_of(part, 1 << level)), self._revision

    def planes(self, plane: int, which: str) -> tuple[int, ...]:
        """Say which planes a change is for.

        Parameters
        ----------
        plane : int
            The plane that is shown.
        which : str
            "current", "channels" (all of the same Stokes parameter) or "all".

        Returns
        -------
        tuple of int
            Their numbers.
        """
        if which == "current":
            return (plane,)
        if which == "all":
            return tuple(range(self._mask.n_planes))
        first = plane - plane % self._mask.n_channels
        return tuple(range(first, first + self._mask.n_channels))

    # -- undo -------------------------------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take the last change back; does nothing if there is none."""
        with self._lock:
            step = self._history.undo()
            if step is not None:
                self._apply(step, back=True)

    def redo(self) -> None:
        """Make the last change again that was taken back; does nothing if there is none."""
        with self._lock:
            step = self._history.redo()
            if step is not None:
                self._apply(step, back=False)

    def _apply(self, step: Step, *, back: bool) -> None:
        for change in step.bits:
            change.apply(self._mask)
        before = self._regions
        if step.regions is not None:
            self._regions = step.regions.before if back else step.regions.after
        self._told(step, before)

    @contextlib.contextmanager
    def _change(self, text: str) -> Iterator[Change]:
        """Collect changes of the mask into one step."""
        with self._lock:
            change = Change(self._mask)
            yield change
            if change.bits:
                step = Step(text, tuple(change.bits))
                for one in step.bits:
                    one.apply(self._mask)
                self._history.add(step)
                self._told(step, self._regions)

    def _set_regions(self, regions: tuple[Region, ...], text: str) -> None:
        before = self._regions
        step = Step(text, regions=RegionsChange(before, regions))
        self._regions = regions
        self._history.add(step)
        self._told(step, before)

    def _told(self, step: Step, before: tuple[Region, ...]) -> None:
        box: list[int] | None = [0, 0, 0, 0]
        if step.bits:
            self._revision += 1
            self._unsaved = True
            boxes = np.array([change.box for change in step.bits])
            box = [int(boxes[:, 0].min()), int(boxes[:, 1].max()), int(boxes[:, 2].min()), int(boxes[:, 3].max())]
        if step.regions is not None:
            self._regions_revision += 1
            known, now = self._regions_revision - 1, self._regions_revision
            for event in region_events(before, self._regions, known, now):
                self._tell("regions", event)
        # what can be undone has changed in any case
        self._tell("mask", box)
        self._keeper.keep(self._mask, {change.plane for change in step.bits}, self._regions)


class Change:
    """Changes of a mask before they are made."""

    def __init__(self, mask: MaskCube) -> None:
        self._mask = mask
        self.bits: list[BitsChange] = []

    def plane(self, number: int, after: Bits) -> None:
        """Say what a plane will be."""
        found = changed_bits(number, self._mask.read(number) ^ after, 0, 0)
        if found is not None:
            self.bits.append(found)

    def patch(self, number: int, bits: Bits, x0: int, y0: int, *, erase: bool) -> None:
        """Say what is added to a part of a plane, or taken away."""
        part = self._mask.read(number)[y0 : y0 + bits.shape[0], x0 : x0 + bits.shape[1]]
        found = changed_bits(number, bits & part if erase else bits & ~part, x0, y0)
        if found is not None:
            self.bits.append(found)


def _any_of(bits: Bits, step: int) -> Bits:
    if step == 1:
        return np.array(bits)
    ny, nx = -(-bits.shape[0] // step), -(-bits.shape[1] // step)
    if not bits.any():
        return np.zeros((ny, nx), dtype=np.bool_)
    return reduce.any_set(np.ascontiguousarray(bits), step)
