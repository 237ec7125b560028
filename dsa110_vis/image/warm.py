"""What looking at an image needs, made ready before there is one."""

from __future__ import annotations

import importlib

import numpy as np

from dsa110_vis.image import reduce

__all__ = ["warm"]


def warm() -> None:
    """Load the compiled loops of tiles, or compile them where that was never done, and import what reads FITS.

    Takes half a second: a process that others are forked from does it once for all of them.
    """
    for module in ("astropy.io.fits", "astropy.wcs", "dsa110_vis.image.fits", "dsa110_vis.image.pyramid"):
        importlib.import_module(module)
    # by themselves: a pyramid would start threads, of which there must be none where a process is forked
    reduce.peak(np.zeros((1, 1), dtype=np.float32), 1)
    reduce.any_set(np.zeros((1, 1), dtype=np.bool_), 1)
