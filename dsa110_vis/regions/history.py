"""What was done to a mask and to regions, so that it can be taken back and done again."""

from __future__ import annotations

import functools
import zlib
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.regions.mask import MaskCube
    from dsa110_vis.regions.shapes import Region

__all__ = ["BitsChange", "History", "RegionsChange", "Step", "changed_bits"]

LIMIT_BYTES = 256 << 20
PLACE, REGION, CORNER = 8, 500, 120
"""Bytes of a place in a tuple, of a region or a change with all that belongs to it, and of a corner."""


@dataclass(frozen=True)
class BitsChange:
    """Which bits of a part of a plane were turned over.

    Attributes
    ----------
    plane : int
        Number of the plane.
    x0, y0, nx, ny : int
        The part.
    packed : bytes
        The bits, packed and compressed.
    """

    plane: int
    x0: int
    y0: int
    nx: int
    ny: int
    packed: bytes

    @property
    def box(self) -> tuple[int, int, int, int]:
        """The part as ``x0, x1, y0, y1``."""
        return self.x0, self.x0 + self.nx, self.y0, self.y0 + self.ny

    def apply(self, mask: MaskCube) -> None:
        """Turn the bits over: what was done is undone, what was undone is done.

        Parameters
        ----------
        mask : MaskCube
            The mask.
        """
        bits = np.frombuffer(zlib.decompress(self.packed), dtype=np.uint8)
        turned = np.unpackbits(bits, count=self.nx * self.ny).reshape(self.ny, self.nx).view(np.bool_)
        part = mask.write(self.plane)[self.y0 : self.y0 + self.ny, self.x0 : self.x0 + self.nx]
        np.logical_xor(part, turned, out=part)


@dataclass(frozen=True)
class RegionsChange:
    """All regions before and after.

    Attributes
    ----------
    before, after : tuple of Region
        The regions.
    """

    before: tuple[Region, ...]
    after: tuple[Region, ...]

    @functools.cached_property
    def size(self) -> int:
        """Bytes that it takes, about: what is in both stands in memory once, and in other steps too."""
        before, after = ({id(region): region for region in regions} for regions in (self.before, self.after))
        changed = [one for key, one in (before | after).items() if key not in before or key not in after]
        corners = sum(len(getattr(region.shape, "vertices", ())) for region in changed)
        return PLACE * (len(before) + len(after)) + REGION * len(changed) + CORNER * corners


@dataclass(frozen=True)
class Step:
    """One thing that was done.

    Attributes
    ----------
    text : str
        What, in a few words.
    bits : tuple of BitsChange
        What it changed in the mask.
    regions : RegionsChange or None
        What it changed in the regions.
    """

    text: str
    bits: tuple[BitsChange, ...] = ()
    regions: RegionsChange | None = None

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        bits = sum(len(change.packed) + REGION for change in self.bits)
        return bits + (0 if self.regions is None else self.regions.size)


def changed_bits(plane: int, turned: npt.NDArray[np.bool_], x0: int, y0: int) -> BitsChange | None:
    """Describe a change of a part of a plane.

    Parameters
    ----------
    plane : int
        Number of the plane.
    turned : ndarray of bool, shape (ny, nx)
        Which bits of the part change.
    x0, y0 : int
        Where the part begins.

    Returns
    -------
    BitsChange or None
        Of the smallest part that holds it; None if nothing changes.
    """
    rows, columns = np.flatnonzero(turned.any(axis=1)), np.flatnonzero(turned.any(axis=0))
    if rows.size == 0:
        return None
    j0, j1, i0, i1 = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    packed = zlib.compress(np.packbits(turned[j0:j1, i0:i1]).tobytes(), 1)
    return BitsChange(plane, x0 + i0, y0 + j0, i1 - i0, j1 - j0, packed)


class History:
    """Steps that were done, and those that were taken back.

    Parameters
    ----------
    limit_bytes : int
        How much is kept; the oldest steps are forgotten first.
    """

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit = limit_bytes
        self._done: deque[Step] = deque()
        self._undone: list[Step] = []

    def add(self, step: Step) -> None:
        """Keep a step; what was taken back before cannot be done again any more.

        Parameters
        ----------
        step : Step
            The step.
        """
        self._undone.clear()
        self._done.append(step)
        total = sum(kept.size for kept in self._done)
        while total > self._limit and len(self._done) > 1:
            total -= self._done.popleft().size

    @property
    def can_undo(self) -> str | None:
        """What would be taken back."""
        return self._done[-1].text if self._done else None

    @property
    def can_redo(self) -> str | None:
        """What would be done again."""
        return self._undone[-1].text if self._undone else None

    def undo(self) -> Step | None:
        """Take the last step back.

        Returns
        -------
        Step or None
            The step, whose changes are to be reversed; None if there is none.
        """
        if not self._done:
            return None
        self._undone.append(self._done.pop())
        return self._undone[-1]

    def redo(self) -> Step | None:
        """Do the last step again that was taken back.

        Returns
        -------
        Step or None
            The step, whose changes are to be made; None if there is none.
        """
        if not self._undone:
            return None
        self._done.append(self._undone.pop())
        return self._done[-1]

    def clear(self) -> None:
        """Forget everything."""
        self._done.clear()
        self._undone.clear()
