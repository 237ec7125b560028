"""What can be done to the mask of an image, each as one step that can be undone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from dsa110_vis.errors import Dsa110VisError, OptionError
from dsa110_vis.image.sample import sample
from dsa110_vis.image.statistics import robust_sigma
from dsa110_vis.regions import edits, pixels_of
from dsa110_vis.regions.combine import is_for
from dsa110_vis.regions.json import shape_from_plain
from dsa110_vis.regions.mask_files import fits_mask, read_mask, write_mask
from dsa110_vis.regions.rasterise import patch_of
from dsa110_vis.regions.shapes import Shape
from dsa110_vis.view.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import numpy.typing as npt
    import xarray as xr

    from dsa110_vis.image import Plane
    from dsa110_vis.view.image_reader import Picture

    Bits = npt.NDArray[np.bool_]

__all__ = ["MaskSheet", "amount"]


class MaskSheet(Sheet):
    """A sheet whose mask can be changed, read and saved."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("clear", "fill", "invert", "grow", "shrink", "drop_islands", "copy")
    THRESHOLD_MODES: ClassVar[tuple[str, ...]] = (*edits.MODES, "replace")

    def draw(self, shape: Mapping[str, Any] | Shape, mode: str, planes: Sequence[int]) -> None:
        """Change the mask by the pixels of a shape.

        Parameters
        ----------
        shape : Shape or mapping
            In pixels.
        mode : str
            "add", "subtract" or "intersect".
        planes : sequence of int
            For which planes.

        Raises
        ------
        RegionSyntaxError, OptionError
            If shape or mode are not possible.
        """
        made = shape if isinstance(shape, Shape) else shape_from_plain(shape)
        self._put([made], mode, planes, f"{mode} {made.name.replace('_', ' ')}")

    def regions_to_mask(self, idents: Sequence[str], mode: str, planes: Sequence[int]) -> None:
        """Change the mask by the pixels of regions; what excludes takes away.

        Parameters
        ----------
        idents : sequence of str
            Ids of the regions.
        mode : str
            "add", "subtract" or "intersect".
        planes : sequence of int
            For which planes; a region with channels or Stokes parameters of its own stays with them.

        Raises
        ------
        OptionError
            If a region or the mode is not there.
        """
        chosen = [self.region(ident) for ident in idents]
        with self._change(f"{mode} {amount(len(chosen), 'region')}") as change:
            for plane in planes:
                stokes, channel = divmod(plane, self._mask.n_channels)
                name = self._image.stokes[stokes]
                drawn = [region for region in chosen if region.shape.has_area and is_for(region, channel, name)]
                if not drawn:
                    continue
                before = self._mask.read(plane)
                if mode == "add":
                    # a region that excludes takes away from what was there, too
                    after = np.array(before)
                    for region in drawn:
                        _paint(after, region.shape, erase=not region.include)
                    change.plane(plane, after)
                else:
                    change.plane(plane, edits.combined(before, pixels_of(drawn, before.shape), mode))

    def _put(self, shapes: Sequence[Shape], mode: str, planes: Sequence[int], text: str) -> None:
        if mode not in edits.MODES:
            message = f"mode cannot be {mode!r}."
            raise OptionError(message, f"Allowed: {', '.join(edits.MODES)}.")
        with self._change(text) as change:
            for plane in planes:
                if mode == "intersect":
                    pixels = np.zeros((self._mask.ny, self._mask.nx), dtype=np.bool_)
                    for shape in shapes:
                        _paint(pixels, shape, erase=False)
                    change.plane(plane, edits.combined(self._mask.read(plane), pixels, mode))
                    continue
                for shape in shapes:
                    patch = patch_of(shape, (self._mask.ny, self._mask.nx))
                    if patch is not None:
                        bits, x0, y0 = patch
                        change.patch(plane, bits, x0, y0, erase=mode == "subtract")

    def edit(
        self, action: str, planes: Sequence[int], *, plane: int = 0, pixels: float = 1.0, area: float = 0.0
    ) -> None:
        """Change the mask as a whole.

        Parameters
        ----------
        action : str
            One of `ACTIONS`.
        planes : sequence of int
            For which planes.
        plane : int
            The plane that is shown: what "copy" copies.
        pixels : float
            By how much to grow or shrink.
        area : float
            Least pixels of an island that stays.

        Raises
        ------
        OptionError
            If there is no such action, or a number is not possible.
        """
        makers: dict[str, Callable[[Bits], Bits]] = {
            "clear": np.zeros_like,
            "fill": np.ones_like,
            "invert": np.logical_not,
            "grow": lambda bits: edits.grow(bits, pixels),
            "shrink": lambda bits: edits.shrink(bits, pixels),
            "drop_islands": lambda bits: edits.drop_islands(bits, area),
            "copy": lambda _bits: self._mask.read(plane),
        }
        if action not in makers:
            message = f"There is no action {action!r}."
            raise OptionError(message, f"Allowed: {', '.join(self.ACTIONS)}.")
        if action == "drop_islands" and area <= 0:
            message = "The beam's area is not known."
            raise OptionError(message, "Give area: the least number of pixels of an island that stays.")
        if action == "copy":
            planes = self.planes(plane, "channels") if planes == (plane,) else planes
        text = {"drop_islands": "drop small islands", "copy": "copy the mask to other planes"}.get(
            action, f"{action} mask"
        )
        with self._change(text) as change:
            for number in planes:
                change.plane(number, makers[action](self._mask.read(number)))

    def threshold(
        self,
        picture: Picture,
        which: str,
        sigma: float,
        *,
        mode: str = "add",
        inside: str = "",
        point: Sequence[float] | None = None,
    ) -> None:
        """Put what is brighter than a multiple of the noise into the mask.

        Parameters
        ----------
        picture : Picture
            What is shown; each plane has a noise of its own.
        which : str
            For which planes, as `planes` takes it.
        sigma : float
            How many times the noise; below zero, what is fainter than that.
        mode : str
            "add"; "replace" what was there; "subtract"; or "intersect": what was there and is found stays. Outside of
            the region to stay within nothing changes.
        inside : str
            Id of a region to stay within; empty for everywhere.
        point : (float, float), optional
            Only the island that this pixel is in.

        Raises
        ------
        OptionError
            If there is no such region or mode, or nothing is there to measure the noise by.
        """
        if not np.isfinite(sigma) or sigma == 0:
            message = f"sigma cannot be {sigma}."
            raise OptionError(message, "It must be a number above 0, or below 0 for negative sources.")
        if mode not in self.THRESHOLD_MODES:
            message = f"mode cannot be {mode!r}."
            raise OptionError(message, f"Allowed: {', '.join(self.THRESHOLD_MODES)}.")
        limits = None
        if inside:
            limits = np.zeros((self._mask.ny, self._mask.nx), dtype=np.bool_)
            _paint(limits, self.region(inside).shape, erase=False)
        with self._change(f"threshold at {sigma:g} sigma") as change:
            for number in self.planes(picture.plane_number, which):
                stokes, channel = divmod(number, self._mask.n_channels)
                plane = self._image.plane(channel, stokes)
                noise = picture.sigma if number == picture.plane_number else _noise(plane)
                if not noise > 0:
                    message = f"Plane {number} has no noise to measure a threshold by."
                    raise OptionError(message, "Draw the mask by hand, or set it in Python.")
                values = plane.read(0, self._mask.nx, 0, self._mask.ny)
                found = edits.above(values, sigma * noise)
                if limits is not None:
                    found &= limits
                if point is not None:
                    found = edits.touching(found, round(point[0]), round(point[1]))
                before = self._mask.read(number)
                after = found if mode == "replace" else edits.combined(before, found, mode)
                change.plane(number, after if limits is None else np.where(limits, after, before))

    def set_mask(self, mask: Any) -> None:
        """Take another mask.

        Parameters
        ----------
        mask : path, bytes, or array_like
            A FITS file or CASA image, the content of a FITS file, or an array like the image.

        Raises
        ------
        OptionError
            If it has another size.
        Dsa110VisError
            If it cannot be read.
        """
        planes: Iterable[tuple[int, Bits]]
        if isinstance(mask, str | Path | bytes):
            planes = read_mask(mask, self._image, self._mask).items()
        else:
            planes = self._mask.planes_of(mask)
        with self._change("set mask") as change:
            for plane, bits in planes:
                change.plane(plane, bits)

    def mask_array(self) -> Bits:
        """Give the mask.

        Returns
        -------
        ndarray of bool
            ``[y, x]`` of a single plane, else ``[stokes, channel, y, x]``.
        """
        with self._lock:
            return self._mask.to_array()

    def mask_dataarray(self) -> xr.DataArray:
        """Give the mask with its axes.

        Returns
        -------
        xarray.DataArray of bool
            Dimensions stokes, frequency or channel, y and x.
        """
        import xarray as xr  # noqa: PLC0415  slow to import

        image, values = self._image, self.mask_array()
        values = values.reshape(image.n_stokes, image.n_channels, image.ny, image.nx)
        known = image.spectral is not None and bool(np.isfinite(image.spectral.frequency).all())
        coords: dict[str, Any] = {"stokes": list(image.stokes), "y": np.arange(image.ny), "x": np.arange(image.nx)}
        if known and image.spectral is not None:
            coords["frequency"] = ("frequency", image.spectral.frequency, {"units": "Hz"})
        dims = ("stokes", "frequency" if known else "channel", "y", "x")
        return xr.DataArray(values, coords=coords, dims=dims, name="mask", attrs={"image": image.path or image.name})

    def fits_mask(self) -> bytes:
        """Give the mask as a FITS file.

        Returns
        -------
        bytes
            The file.
        """
        with self._lock:
            self._warn_if_empty()
            return fits_mask(self._mask, self._image)

    def save_mask(self, path: Path) -> None:
        """Save the mask as FITS or as a CASA image.

        Parameters
        ----------
        path : pathlib.Path
            Where to; the ending says which.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        with self._lock:
            write_mask(self._mask, self._image, path)
            self._unsaved = False
            self._warn_if_empty()
        self._tell("mask", [0, 0, 0, 0])

    def _warn_if_empty(self) -> None:
        if not self._mask.used:
            self._tell("notice", ("warning", "The mask is empty: no pixel is in it. An imager would clean nothing."))

    def follow(self, path: Path) -> None:
        """Save the mask now, and again whenever it changes.

        Parameters
        ----------
        path : pathlib.Path
            Where to, as for `save_mask`.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        write_mask(self._mask, self._image, path)
        self._keeper.also(lambda: self._save_quietly(path))

    def _save_quietly(self, path: Path) -> None:
        try:
            with self._lock:
                write_mask(self._mask, self._image, path)
                self._unsaved = False
        except Dsa110VisError as error:
            self._tell("notice", ("error", f"The mask was not saved: {error}"))


def _paint(pixels: Bits, shape: Shape, *, erase: bool) -> None:
    patch = patch_of(shape, pixels.shape)
    if patch is None:
        return
    bits, x0, y0 = patch
    part = pixels[y0 : y0 + bits.shape[0], x0 : x0 + bits.shape[1]]
    if erase:
        part &= ~bits
    else:
        part |= bits


def _noise(plane: Plane) -> float:
    values = sample(plane)
    return robust_sigma(values)


def amount(n: int, what: str) -> str:
    """Say how many.

    Parameters
    ----------
    n : int
        How many.
    what : str
        Of what.

    Returns
    -------
    str
        ``"circle"`` or ``"3 circles"``.
    """
    return what if n == 1 else f"{n} {what}s"
