"""`CreateMask` and `CreateRegion`, called as in casagui, without holding up the notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.display import display

from dsa110_vis.casagui.errors import ArgumentError, ArgumentTypeError
from dsa110_vis.image import open_image
from dsa110_vis.paths import absolute_path

if TYPE_CHECKING:
    from dsa110_vis.regions import Region
    from dsa110_vis.widgets import MaskDraw


__all__ = ["CreateMask", "CreateRegion", "DrawnRegion", "RegionList"]


def _images(name: str, image: Any) -> list[Path]:
    paths = [image] if isinstance(image, str | Path) else image
    if not isinstance(paths, list | tuple) or not all(isinstance(path, str | Path) for path in paths):
        message = f"{name}: image cannot be {image!r}."
        raise ArgumentTypeError(message, "It must be the path of an image, or a list of paths.")
    if not paths:
        message = f"{name}: no image is given."
        raise ArgumentError(message, "At least one is needed.")
    for path in paths:
        open_image(path).close()  # says what is wrong with it
    return [absolute_path(path) for path in paths]


class CreateMask:
    """Draw masks on images; those on disk follow what is drawn.

    Other than in casagui, calling it does not hold up the notebook: it shows the viewers and gives the paths, and what
    is drawn afterwards is on disk a moment later. Images may be FITS too, and so may masks.

    Parameters
    ----------
    image : path or list of path
        The images.
    mask : path, list of path, or None
        A mask for each image; for None, the name of the image with the ending ``.mask``.
    create : bool
        Whether masks are made that are not there.

    Raises
    ------
    ArgumentError
        If there is not one mask for each image, or a mask is not there and may not be made.
    ArgumentTypeError
        If an argument is no path.
    Dsa110VisError
        If an image or a mask cannot be read, or they have different sizes.

    Examples
    --------
    >>> from dsa110_vis.casagui import CreateMask
    >>> [(image, mask)] = CreateMask("ngc5921.image")()  # doctest: +SKIP
    """

    def __init__(self, image: Any, mask: Any = None, create: bool = True) -> None:  # noqa: FBT001, FBT002
        images = _images("CreateMask", image)
        masks = [mask] if mask is None or isinstance(mask, str | Path) else list(mask)
        masks = [None] * len(images) if masks in ([None], []) else masks
        if len(masks) != len(images):
            message = f"CreateMask: there are {len(images)} images and {len(masks)} masks."
            raise ArgumentError(message, "Give a mask, or None, for each image.")
        for one in masks:
            if one is not None and not isinstance(one, str | Path):
                message = f"CreateMask: mask cannot be {one!r}."
                raise ArgumentTypeError(message, "It must be a path, a list of paths, or None.")
        pairs = [
            (path, path.with_name(f"{path.stem}.mask") if one is None else absolute_path(one))
            for path, one in zip(images, masks, strict=True)
        ]
        if len({target for _, target in pairs}) < len(pairs):
            message = "CreateMask: two images would have the same mask."
            raise ArgumentError(message, "Name the masks.")
        for _, target in pairs:
            if not create and not target.exists():
                message = f"CreateMask: there is no mask {str(target)!r}."
                raise ArgumentError(message, "Check the path, or let it be made: create=True.")
        self._pairs = pairs
        self.widgets: list[MaskDraw] = []

    def __call__(self) -> list[tuple[str, str]]:
        """Show the viewers.

        Returns
        -------
        list of (str, str)
            Each image and its mask, which is on disk from now on.
        """
        from dsa110_vis.widgets import MaskDraw  # noqa: PLC0415  needs the browser part

        for path, target in self._pairs:
            widget = MaskDraw(path, mask=target if target.exists() else None)
            widget.follow(target)
            display(widget)  # type: ignore[no-untyped-call]
            self.widgets.append(widget)
        return self.result()

    def result(self) -> list[tuple[str, str]]:
        """Give the paths.

        Returns
        -------
        list of (str, str)
            Each image and its mask.
        """
        return [(str(path), str(target)) for path, target in self._pairs]


class DrawnRegion:
    """A region as casagui gives it: its corners in pixels, counted from 0.

    Parameters
    ----------
    region : Region
        In pixels.
    """

    def __init__(self, region: Region) -> None:
        self.region = region

    def vertices(self) -> list[tuple[float, float]]:
        """Give the corners; those of a round shape are many.

        Returns
        -------
        list of (float, float)
            Pixels.
        """
        from dsa110_vis.regions import outline  # noqa: PLC0415

        return [(float(x), float(y)) for x, y in outline(self.region.shape)[0]]

    def xs(self) -> list[float]:
        """Give the corners' x.

        Returns
        -------
        list of float
            Pixels.
        """
        return [x for x, _ in self.vertices()]

    def ys(self) -> list[float]:
        """Give the corners' y.

        Returns
        -------
        list of float
            Pixels.
        """
        return [y for _, y in self.vertices()]

    def channels(self) -> tuple[int, int] | None:
        """Give the channels it is for.

        Returns
        -------
        (int, int) or None
            The first and the last; None for all.
        """
        return self.region.channels


class RegionList(Sequence[DrawnRegion]):
    """The regions of a viewer, as they are when they are asked for.

    Parameters
    ----------
    widget : MaskDraw
        The viewer.
    """

    def __init__(self, widget: MaskDraw) -> None:
        self.widget = widget

    def __len__(self) -> int:
        return len(self.widget.regions)

    def __getitem__(self, index: Any) -> Any:
        found = [DrawnRegion(region) for region in self.widget.regions]
        return found[index]

    def __iter__(self) -> Iterator[DrawnRegion]:
        return iter([DrawnRegion(region) for region in self.widget.regions])

    def to_astropy_pixel(self) -> Any:
        """Give the regions as objects of the package `regions`, in pixels.

        Returns
        -------
        regions.Regions
            Pixel regions.
        """
        return self.widget.to_astropy("pixel")

    def to_astropy_sky(self) -> Any:
        """Give the regions as objects of the package `regions`, on the sky.

        Returns
        -------
        regions.Regions
            Sky regions, in the image's own frame.
        """
        return self.widget.to_astropy("sky")


class CreateRegion:
    """Draw regions on images.

    Other than in casagui, calling it does not hold up the notebook, all shapes can be drawn, and any number of them.

    Parameters
    ----------
    image : path or list of path
        The images.

    Raises
    ------
    ArgumentError
        If there is no image.
    ArgumentTypeError
        If an argument is no path.
    Dsa110VisError
        If an image cannot be read.

    Examples
    --------
    >>> from dsa110_vis.casagui import CreateRegion
    >>> regions = CreateRegion("ngc5921.image")()  # doctest: +SKIP
    >>> regions["ngc5921.image"].to_astropy_sky()  # doctest: +SKIP
    """

    def __init__(self, image: Any) -> None:
        self._paths = _images("CreateRegion", image)
        self._names = [str(path) for path in ([image] if isinstance(image, str | Path) else image)]
        self.widgets: list[MaskDraw] = []

    def __call__(self) -> dict[str, RegionList]:
        """Show the viewers.

        Returns
        -------
        dict
            For each image, by the path as it was given, its regions: always as they are now.
        """
        from dsa110_vis.widgets import MaskDraw  # noqa: PLC0415  needs the browser part

        found = {}
        for name, path in zip(self._names, self._paths, strict=True):
            widget = MaskDraw(path, layer="regions")
            display(widget)  # type: ignore[no-untyped-call]
            self.widgets.append(widget)
            found[name] = RegionList(widget)
        return found
