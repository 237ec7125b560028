"""Clean masks from whatever a user has: arrays, regions, files, a threshold, the primary beam.

What comes out are always pixels: an imager is never handed a text file. Images are read with python-casacore, so this
is for the process that owns a session, or a worker of it, and not for the session's own, which holds CASA.
"""

from __future__ import annotations

import contextlib
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import ImageNotFoundError, NotAnImageError, OptionError
from dsa110_vis.image import open_image
from dsa110_vis.image.sample import sample
from dsa110_vis.image.statistics import robust_sigma
from dsa110_vis.paths import absolute_path
from dsa110_vis.regions import MaskCube, Region, pixels_of, read
from dsa110_vis.regions.combine import is_for
from dsa110_vis.regions.edits import above
from dsa110_vis.regions.mask_files import read_mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import numpy.typing as npt

    from dsa110_vis.clean.engine import ImageField, Masks
    from dsa110_vis.image import Celestial, Image

    Bits = npt.NDArray[np.bool_]
    Numbers = Sequence[int]
    Maker = Callable[[ImageField, Image, Numbers], Iterator[tuple[int, Bits]]]

__all__ = ["masks_from", "pb", "threshold"]

NEAR = 0.5
"""Pixels by which those of a mask may miss those of the image."""
FIRST_BYTES = 64
IMAGE_STARTS = (b"SIMPLE  =", b"\x1f\x8b", b"\x1f\x9d", b"BZ")
"""How FITS files begin, also compressed ones."""


def masks_from(
    source: Any,
    fields: Sequence[ImageField],
    *,
    current: Masks,
    headers: Sequence[str | os.PathLike[str]],
    field: int = 0,
    stokes: range | None = None,
    channels: range | None = None,
    allow_empty: bool = False,
) -> Masks:
    """Make clean masks: those of some planes of one field anew, all others as they are.

    Parameters
    ----------
    source : array_like, Region, sequence of Region, path, or what `threshold` and `pb` give
        An array ``[y, x]`` for every plane, ``[channel, y, x]`` or ``[stokes, channel, y, x]``, where what is neither 0
        nor NaN is in the mask. A region with channels or Stokes parameters of its own is for these only. A path is that
        of a mask, as a FITS file or a CASA image, or of a region file: DS9, CRTF, JSON, FITS.
    fields : sequence of ImageField
        The images of the session.
    current : list of ndarray of bool
        Its masks as they are, one a field, shape (Stokes, channels, y, x); they are left as they are.
    headers : sequence of path
        For each field an image of it that is on disk, such as the residual: for coordinates, and for `threshold`.
    field : int
        Which field's mask is made.
    stokes, channels : range, optional
        Which Stokes planes and channels, counted from 0; all by default.
    allow_empty : bool
        Whether it may be that no pixel is in these planes, with which an imager would clean nothing there.

    Returns
    -------
    list of ndarray of bool
        One a field, as `current`.

    Raises
    ------
    OptionError
        If there are no such planes, the source does not fit the image in size or in the sky, a line of a region file
        cannot be taken, or no pixel is in the mask.
    Dsa110VisError
        If a file cannot be read.

    Examples
    --------
    >>> masks_from(threshold(5.0), fields, current=masks, headers=["/data/x.residual"])  # doctest: +SKIP
    """
    if not 0 <= field < len(fields):
        message = f"There is no image field {field}."
        raise OptionError(message, f"There are {len(fields)}, counted from 0.")
    image_field = fields[field]
    n_stokes, n_channels, _, _ = image_field.shape
    numbers = [
        plane * n_channels + channel
        for plane in _within("Stokes plane", stokes, n_stokes)
        for channel in _within("channel", channels, n_channels)
    ]
    with contextlib.closing(open_image(headers[field])) as header:
        size = (header.n_stokes, header.n_channels, header.ny, header.nx)
        if size != image_field.shape:
            message = f"{header.name} has the size {size}, and the session's image {image_field.shape}."
            raise OptionError(message, "Give an image of the same field, such as its residual.")
        made = dict(_maker(source)(image_field, header, numbers))
    found = np.array(current[field], dtype=np.bool_)
    for number in numbers:
        found[divmod(number, n_channels)] = made[number]
    if not allow_empty and not any(made[number].any() for number in numbers):
        message = "The mask is empty: no pixel of the image is in it."
        raise OptionError(message, "Nothing would be cleaned. Check where it lies, or whether a threshold is too high.")
    return [*current[:field], found, *current[field + 1 :]]


def threshold(sigma: float) -> Maker:
    """Mask what is brighter than a multiple of the noise of its plane, as the residual is now.

    Parameters
    ----------
    sigma : float
        How many times the robust standard deviation; below 0, what is fainter than that.

    Returns
    -------
    callable
        A source for `masks_from`.

    Raises
    ------
    OptionError
        If `sigma` is 0 or no number.
    """
    if not np.isfinite(sigma) or sigma == 0:
        message = f"sigma cannot be {sigma}."
        raise OptionError(message, "It must be a number above 0, or below 0 for negative sources.")
    return partial(_brighter, sigma)


def pb(level: float) -> Maker:
    """Mask where the primary beam is at least at a level.

    Parameters
    ----------
    level : float
        As a fraction of its peak, above 0 and below 1.

    Returns
    -------
    callable
        A source for `masks_from`.

    Raises
    ------
    OptionError
        If the level is another.
    """
    if not 0 < level < 1:
        message = f"level cannot be {level}."
        raise OptionError(message, "It must be a number above 0 and below 1.")
    return partial(_within_beam, level)


# -- sources -----------------------------------------------------------------------------------------------------------


# these two are no inner functions, so that a source can be sent to the process that reads images
def _brighter(sigma: float, _field: ImageField, header: Image, numbers: Numbers) -> Iterator[tuple[int, Bits]]:
    for number in numbers:
        stokes, channel = divmod(number, header.n_channels)
        plane = header.plane(channel, stokes)
        noise = robust_sigma(sample(plane))
        if not noise > 0:
            message = f"Channel {channel} of Stokes plane {stokes} of {header.name} has no noise to measure."
            raise OptionError(message, "Leave it out, or give its mask in another way.")
        yield number, above(plane.read(0, header.nx, 0, header.ny), sigma * noise)


def _within_beam(level: float, image_field: ImageField, header: Image, numbers: Numbers) -> Iterator[tuple[int, Bits]]:
    names = [f"{image_field.imagename}.pb{term}" for term in ("", ".tt0")]
    path = next((name for name in names if Path(name).exists()), None)
    if path is None:
        message = f"There is no primary beam {names[0]}."
        raise ImageNotFoundError(message, "It is made with the PSF: start the session first.")
    with contextlib.closing(open_image(path)) as beam:
        for number in numbers:
            stokes, channel = divmod(number, header.n_channels)
            plane = beam.plane(min(channel, beam.n_channels - 1), min(stokes, beam.n_stokes - 1))
            values = plane.read(0, beam.nx, 0, beam.ny)
            yield number, np.nan_to_num(values, nan=0.0) >= level


def _within(name: str, chosen: range | None, count: int) -> range:
    if chosen is None:
        return range(count)
    if not chosen or min(chosen) < 0 or max(chosen) >= count:
        message = f"There is no {name} in {chosen}."
        raise OptionError(message, f"There are {count}, counted from 0.")
    return chosen


def _maker(source: Any) -> Maker:
    if callable(source):
        made: Maker = source
        return made
    if isinstance(source, str | os.PathLike):
        return _of_path(absolute_path(source))
    if isinstance(source, Region):
        return _of_regions([source])
    if isinstance(source, list | tuple) and source and all(isinstance(one, Region) for one in source):
        return _of_regions(source)
    return lambda _field, header, _numbers: _cube(header).planes_of(source)


def _cube(header: Image) -> MaskCube:
    return MaskCube(header.n_stokes, header.n_channels, header.ny, header.nx)


def _of_regions(regions: Iterable[Region]) -> Maker:
    chosen = tuple(regions)

    def make(image_field: ImageField, header: Image, numbers: Numbers) -> Iterator[tuple[int, Bits]]:
        done: dict[tuple[bool, ...], Bits] = {}
        for number in numbers:
            stokes, channel = divmod(number, header.n_channels)
            name = image_field.stokes[stokes]
            who = tuple(is_for(region, channel, name) for region in chosen)
            if who not in done:  # most regions are for all planes
                done[who] = pixels_of(chosen, header.shape, header.celestial, channel=channel, stokes=name)
            yield number, done[who]

    return make


def _of_path(path: Path) -> Maker:
    if not path.exists():
        message = f"There is nothing at {path}."
        raise ImageNotFoundError(message, "Give a mask (FITS, CASA image) or a region file (DS9, CRTF, JSON).")

    def make(image_field: ImageField, header: Image, numbers: Numbers) -> Iterator[tuple[int, Bits]]:
        if _is_image(path):
            yield from read_mask(path, header, _cube(header)).items()
            with contextlib.closing(open_image(path)) as mask:
                _check_sky(mask, header)
            return
        regions, report = read(path, header)
        if report.problems:
            first = report.problems[0]
            message = f"Line {first.line} of {path.name} cannot be taken: {first.reason} ({first.text})"
            raise OptionError(
                message, f"Correct or remove it, so that nothing is left out; such lines: {len(report.problems)}."
            )
        yield from _of_regions(regions)(image_field, header, numbers)

    return make


def _is_image(path: Path) -> bool:
    """Tell an image from a region file; a FITS file can be either."""
    if path.is_dir():
        return True
    with path.open("rb") as file:
        start = file.read(FIRST_BYTES)
    if not start.startswith(IMAGE_STARTS):
        return False
    try:
        open_image(path).close()
    except NotAnImageError:
        return False
    return True


def _check_sky(mask: Image, header: Image) -> None:
    """Refuse a mask that was made for another part of the sky; one without coordinates goes by its size."""
    if mask.celestial is None or header.celestial is None:
        return
    away = _distance(mask.celestial, header.celestial, header.nx, header.ny)
    if away > NEAR:
        message = f"The mask {mask.name} is for another part of the sky: it lies {away:.1f} pixels off the image."
        raise OptionError(message, "Put it on the image's pixels, or give it as regions.")


def _distance(one: Celestial, other: Celestial, nx: int, ny: int) -> float:
    """Give by how many pixels the same pixels of two images are apart at most."""
    x, y = (places.ravel() for places in np.meshgrid([0.0, (nx - 1) / 2, nx - 1.0], [0.0, (ny - 1) / 2, ny - 1.0]))
    lon, lat = one.to_world(x, y, other.frame)
    away = np.hypot(*np.subtract(other.to_pixel(lon, lat, other.frame), (x, y)))[np.isfinite(lon)]
    return float(np.nan_to_num(away, nan=np.inf).max(initial=0.0))
