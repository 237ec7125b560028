"""Checks of the size of an image and of its pixels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dsa110_vis.clean.parameter_values import refuse, shown
from dsa110_vis.errors import ParameterError

if TYPE_CHECKING:
    from dsa110_vis.clean.parameters import Parameters

__all__ = ["SMALLEST", "check_cell", "check_size", "fits_fft", "next_size"]

SMALLEST = 10
"""Pixels of the smallest image: the fit of a beam to the PSF needs some."""

_FACTORS = (2, 3, 5)
_HALF_SKY_ARCSEC = 180 * 3600.0


def fits_fft(size: int) -> bool:
    """Say whether Fourier transforms of a size are fast.

    Parameters
    ----------
    size : int
        Pixels along an axis.

    Returns
    -------
    bool
        Whether it is even with no prime factor above 7. CASA itself counts 7 as slow; FFTW, which it uses, does not.
    """
    return size % 2 == 0 and _rest(size, (*_FACTORS, 7)) == 1


def next_size(size: int) -> int:
    """Find the next good size, as CASA's ``getOptimumSize`` does.

    Parameters
    ----------
    size : int
        Pixels along an axis.

    Returns
    -------
    int
        The smallest even number of that size or more with no prime factor but 2, 3 and 5.
    """
    good = size + size % 2
    while _rest(good, _FACTORS) != 1:
        good += 2
    return good


def check_size(parameters: Parameters, max_imsize: int) -> list[str]:
    """Check how many pixels there are, and that the image is smaller than the sky.

    Parameters
    ----------
    parameters : Parameters
        What is to be imaged.
    max_imsize : int
        The most pixels along an axis.

    Returns
    -------
    list of str
        Warnings.

    Raises
    ------
    ParameterError
        If the image is too small or too large.
    """
    sizes = parameters.imsize_xy
    if max(sizes) > max_imsize or min(sizes) < SMALLEST:
        refuse("imsize", parameters.imsize, f"Allowed: {SMALLEST} to {max_imsize} pixels along each axis.")
    if not parameters.cell:
        return []
    for pixels, cell in zip(sizes, parameters.cell_arcsec, strict=True):
        if pixels * cell >= _HALF_SKY_ARCSEC:
            angle = f"{shown(parameters.imsize)} of them are {pixels * cell / 3600:.0f} degrees"
            message = f"cell cannot be {shown(parameters.cell)}: {angle}."
            raise ParameterError(message, "Allowed: images of less than 180 degrees across.", key="cell")
    slow = [size for size in dict.fromkeys(sizes) if not fits_fft(size)]
    return [f"imsize {size} makes Fourier transforms slow; {next_size(size)} is the next good size." for size in slow]


def check_cell(parameters: Parameters, resolution: float) -> list[str]:
    """Check the pixels against the resolution.

    Parameters
    ----------
    parameters : Parameters
        What is to be imaged.
    resolution : float
        One wavelength over the longest baseline, in arcseconds; infinite where that is not known.

    Returns
    -------
    list of str
        Warnings.

    Raises
    ------
    ParameterError
        If `cell` is not given, or is coarser than the resolution.
    """
    known = math.isfinite(resolution)
    advice = _advice(resolution) if known else "Give the size of a pixel with a unit, as '2.5arcsec'."
    if not parameters.cell:
        message = "cell is not given."
        raise ParameterError(message, advice, key="cell")
    if any(parameters.uvtaper) or not known:
        # A taper makes the beam as wide as the user wants it.
        return []
    cell, pixels = shown(parameters.cell), [resolution / size for size in parameters.cell_arcsec]
    if min(pixels) < 1:
        message = f"cell cannot be {cell}: the pixels are coarser than the resolution of the data."
        raise ParameterError(message, advice, key="cell")
    if min(pixels) < 3:
        return [f"cell {cell} gives {min(pixels):.1f} pixels across the beam, which is few. {advice}"]
    if max(pixels) > 10:
        return [f"cell {cell} gives {max(pixels):.0f} pixels across the beam, which is many. {advice}"]
    return []


def _advice(resolution: float) -> str:
    good = float(f"{resolution / 4:.2g}")
    return f"The longest baseline resolves {resolution:.3g} arcsec; a quarter of it is good: '{good:g}arcsec'."


def _rest(number: int, factors: tuple[int, ...]) -> int:
    """Divide by factors as often as they go."""
    for factor in factors:
        while number % factor == 0:
            number //= factor
    return number
