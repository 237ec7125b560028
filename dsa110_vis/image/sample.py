"""A sample of a plane's own pixels: for limits, histograms and noise without reading a large plane whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.image.plane import Plane

__all__ = ["sample"]

BLOCK = 64
"""Side of the squares that are read: long enough for a disk, short enough to miss no corner."""


def sample(plane: Plane, most: int = 1 << 20) -> npt.NDArray[np.float32]:
    """Give pixels of a plane: all of them if they are few, else those of squares spread evenly over it.

    Parameters
    ----------
    plane : Plane
        The plane.
    most : int
        At most about how many.

    Returns
    -------
    ndarray of float32, shape (n,)
        Finite values only; empty for a blank plane. The same for the same plane.
    """
    ny, nx = plane.shape
    if nx * ny <= most:
        values = plane.read(0, nx, 0, ny).reshape(-1)
        return values[np.isfinite(values)]
    each = max(2, int(np.sqrt(most) / BLOCK))
    width, height = min(BLOCK, nx), min(BLOCK, ny)
    found = []
    for y0 in np.linspace(0, ny - height, min(each, ny), dtype=int):
        for x0 in np.linspace(0, nx - width, min(each, nx), dtype=int):
            values = plane.read(int(x0), int(x0) + width, int(y0), int(y0) + height).reshape(-1)
            found.append(values[np.isfinite(values)])
    return np.concatenate(found)
