"""Which pixels several regions hold together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.errors import OptionError
from dsa110_vis.regions.convert import all_to_pixels
from dsa110_vis.regions.rasterise import patch_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from dsa110_vis.image import Celestial
    from dsa110_vis.regions.shapes import Region

__all__ = ["is_for", "pixels_of"]


def is_for(region: Region, channel: int | None, stokes: str | None) -> bool:
    """Tell whether a region is for a plane.

    Parameters
    ----------
    region : Region
        The region.
    channel : int or None
        The plane's channel, counted from 0; None if that does not matter.
    stokes : str or None
        Name of the plane's Stokes parameter; None if that does not matter, empty if the image has no such axis, as in
        `Image.stokes`: then no region is for others.

    Returns
    -------
    bool
        Whether it is.
    """
    if channel is not None and region.channels is not None and not region.channels[0] <= channel <= region.channels[1]:
        return False
    return not stokes or region.stokes is None or stokes in region.stokes


def pixels_of(
    regions: Iterable[Region],
    size: tuple[int, int],
    celestial: Celestial | None = None,
    *,
    channel: int | None = None,
    stokes: str | None = None,
) -> npt.NDArray[np.bool_]:
    """Find the pixels that regions hold together.

    Parameters
    ----------
    regions : iterable of Region
        In their order, as in CASA: each adds its pixels to those of the regions before it, or takes them away if it
        excludes. If all of them exclude, all pixels are there at the beginning, as in DS9 (CASA then has one pixel, the
        first of the image, which nobody can want). Annotations and what has no area are left out.
    size : (int, int)
        Rows and columns.
    celestial : Celestial, optional
        Coordinates for regions in the sky.
    channel : int, optional
        Channel of the plane: only regions that are for it count. By default channels do not matter.
    stokes : str, optional
        Stokes parameter of the plane, in the same way.

    Returns
    -------
    ndarray of bool, shape (ny, nx)
        The pixels.

    Raises
    ------
    OptionError
        If a region cannot be placed on the image.
    """
    areas = [region for region in regions if region.shape.has_area and not region.annotation]
    # asked of all, so that a region of another channel does not turn this one inside out
    found = np.full(size, bool(areas) and not any(region.include for region in areas))
    for region in all_to_pixels([region for region in areas if is_for(region, channel, stokes)], celestial):
        if isinstance(region, OptionError):
            raise region
        patch = patch_of(region.shape, size)
        if patch is None:
            continue
        bits, x0, y0 = patch
        part = found[y0 : y0 + bits.shape[0], x0 : x0 + bits.shape[1]]
        if region.include:
            part |= bits
        else:
            part &= ~bits
    return found
