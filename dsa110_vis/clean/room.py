"""How much disk and memory a session takes, estimated from the parameters.

Disk: CASA writes 4.2 bytes a pixel (4, and its own mask of good pixels) of each image. Memory: 70 bytes a pixel and
plane that is gridded at once (a padded grid in double precision, its transform, and the images in hand), 45 more for
each scale of a component, on top of CASA itself. What mosaic and A-projection keep of primary beams comes on top; it
depends on the telescope and not on the image, and was 2.7 GB for the VLA at 8 GHz. The numbers were fitted to the peak
memory of `tclean` at 512, 1024 and 2048 pixels.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dsa110_vis.clean.parameters import CUBES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsa110_vis.clean.parameters import Parameters

__all__ = ["MemoryLimit", "disk_bytes", "memory_bytes", "memory_limit"]

_DISK_BYTES = 4.2
_CASA_BYTES = 320e6
_PLANE_BYTES = 70
_SCALE_BYTES = 45
_BEAM_BYTES = 2.7e9
_BEAM_GRIDDERS = frozenset({"mosaic", "mosaicft", "ftmosaic", "imagemosaic", "awproject", "awprojectft", "awp2"})
_CGROUP = Path("/sys/fs/cgroup")
_MEMINFO = Path("/proc/meminfo")


@dataclass(frozen=True)
class MemoryLimit:
    """How much memory a process can have.

    Attributes
    ----------
    total : float
        All that this machine or container has, in bytes; infinite where that is not known.
    free : float
        What of it is free now, in bytes.
    """

    total: float
    free: float


def disk_bytes(parameters: Parameters, channels: int = 1) -> float:
    """Estimate the size of all images.

    Parameters
    ----------
    parameters : Parameters
        Those of one image.
    channels : int
        How many channels a cube gets where `nchan` leaves it to the data.

    Returns
    -------
    float
        Bytes.
    """
    terms, psfs = parameters.terms, 2 * parameters.terms - 1
    # PSF; residual, model, restored and primary beam; mask; then what only some have.
    images = psfs + 4 * terms + 1
    images += terms * parameters.pbcor
    images += psfs * (parameters.gridder in _BEAM_GRIDDERS)
    images += {1: 0, 2: 2}.get(terms, 3)
    return _DISK_BYTES * images * _pixels(parameters) * _planes(parameters, channels)


def memory_bytes(images: Sequence[Parameters]) -> float:
    """Estimate the memory that CASA needs. Channels of a cube are gridded a few at a time, so they do not count.

    Parameters
    ----------
    images : sequence of Parameters
        Those of each image.

    Returns
    -------
    float
        Bytes.
    """
    total = _CASA_BYTES
    for image in images:
        a_pixel = _PLANE_BYTES * _stokes(image) * (2 * image.terms - 1)
        if image.deconvolver in {"multiscale", "mtmfs"}:
            a_pixel += _SCALE_BYTES * max(1, len(image.scales))
        total += a_pixel * _pixels(image) + _BEAM_BYTES * (image.gridder in _BEAM_GRIDDERS)
    return total


def memory_limit() -> MemoryLimit:
    """Find how much memory there is: of the machine, or of the container that this process runs in.

    Returns
    -------
    MemoryLimit
        In bytes.
    """
    total = free = float("inf")
    try:
        total = free = float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
        available = re.search(r"^MemAvailable:\s*(\d+) kB", _MEMINFO.read_text(encoding="ascii"), re.MULTILINE)
        free = int(available[1]) * 1024.0 if available else free
    except (OSError, ValueError):
        pass
    try:
        most, used = (float((_CGROUP / name).read_text(encoding="ascii")) for name in ("memory.max", "memory.current"))
        total, free = min(total, most), min(free, most - used)
    except (OSError, ValueError):
        # No container, or one without a limit: "max".
        pass
    return MemoryLimit(total, free)


def _pixels(parameters: Parameters) -> int:
    return parameters.imsize_xy[0] * parameters.imsize_xy[1]


def _stokes(parameters: Parameters) -> int:
    """Count planes of polarisation: two letters name a correlation, one a Stokes parameter."""
    return {"pseudoI": 1, "XX": 1, "YY": 1, "RR": 1, "LL": 1, "XXYY": 2, "RRLL": 2}.get(
        parameters.stokes, len(parameters.stokes)
    )


def _planes(parameters: Parameters, channels: int) -> int:
    cube = parameters.specmode in CUBES
    return _stokes(parameters) * ((parameters.nchan if parameters.nchan > 0 else channels) if cube else 1)
