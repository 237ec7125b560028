"""What is drawn, kept in a folder for the process that comes after this one."""

from __future__ import annotations

import contextlib
import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.errors import Dsa110VisError
from dsa110_vis.regions.json import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dsa110_vis.regions import MaskCube, Region

__all__ = ["Keeper"]

logger = logging.getLogger(__name__)

REST = 0.3
"""Seconds without a change after which it is written down."""


class Keeper:
    """Writes a drawing down a moment after each change, on a thread of its own.

    Parameters
    ----------
    folder : str
        Where; empty for nowhere.
    """

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder) if folder else None
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._planes: dict[int, bytes] = {}
        self._regions: tuple[Region, ...] | None = None
        self._timer: threading.Timer | None = None
        self._also: Callable[[], None] | None = None

    def load(self, mask: MaskCube) -> tuple[Region, ...] | None:
        """Take up what was kept.

        Parameters
        ----------
        mask : MaskCube
            Is filled.

        Returns
        -------
        tuple of Region or None
            The regions; None if nothing was kept.
        """
        if self._folder is None or not (self._folder / "regions.json").is_file():
            return None
        try:
            regions, _ = read_json((self._folder / "regions.json").read_text())
            for number in range(mask.n_planes):
                file = self._folder / f"plane-{number}.npz"
                if file.is_file():
                    with np.load(file, allow_pickle=False) as kept:
                        bits = np.unpackbits(kept["bits"], count=mask.ny * mask.nx)
                    mask.write(number)[:] = bits.reshape(mask.ny, mask.nx)
        except (OSError, ValueError, KeyError, Dsa110VisError):
            logger.exception("What was drawn before could not be taken up")
            return None
        return tuple(regions)

    def also(self, work: Callable[[], None]) -> None:
        """Have something done after each change of the mask, too.

        Parameters
        ----------
        work : callable
            Is called on the keeper's thread.
        """
        self._also = work

    def keep(self, mask: MaskCube, planes: Iterable[int], regions: tuple[Region, ...]) -> None:
        """Say that something has changed.

        Parameters
        ----------
        mask : MaskCube
            The mask as it is now.
        planes : iterable of int
            Planes of it that have changed.
        regions : tuple of Region
            The regions as they are now.
        """
        if self._folder is None and self._also is None:
            return
        with self._lock:
            for number in planes:
                self._planes[number] = np.packbits(mask.read(number)).tobytes()
            self._regions = regions
            if self._timer is not None:
                self._timer.cancel()
            self._timer = threading.Timer(REST, self._write)
            self._timer.daemon = True
            self._timer.start()

    def write_down(self) -> None:
        """Write what is still to be written; what is being written is written when this returns."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
        self._write()

    def _write(self) -> None:
        with self._writing:
            with self._lock:
                planes, self._planes = self._planes, {}
                regions, self._regions = self._regions, None
                self._timer = None
            if planes and self._also is not None:
                self._also()
            if self._folder is None or regions is None:
                return
            with contextlib.suppress(OSError):  # the folder goes when the viewer is closed
                for number, bits in planes.items():
                    part = self._folder / f"plane-{number}.part.npz"
                    np.savez_compressed(part, bits=np.frombuffer(bits, dtype=np.uint8))
                    part.replace(self._folder / f"plane-{number}.npz")
                part = self._folder / "regions.part"
                part.write_text(write_json(regions))
                part.replace(self._folder / "regions.json")
