"""`MaskDraw`: an image in a notebook, and masks and regions drawn on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from dsa110_vis.errors import OptionError
from dsa110_vis.layout.printing import write
from dsa110_vis.paths import absolute_path
from dsa110_vis.view.given import GivenImage
from dsa110_vis.view.mask_controls import ARRAY, MASK_CONTROLS
from dsa110_vis.view.remote_mask import RemoteMaskDraw
from dsa110_vis.widgets.base import ModelWidget
from dsa110_vis.widgets.traits import ControlTrait

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt
    import xarray as xr

    from dsa110_vis.regions import Region, Report

__all__ = ["MaskDraw"]


def _control(name: str) -> ControlTrait:
    return ControlTrait(MASK_CONTROLS[name].default, help=MASK_CONTROLS[name].help)


class MaskDraw(ModelWidget):
    """An image, with a clean mask and regions that can be drawn on it.

    The mask is made of pixels and is what an imager is given; regions are shapes, for statistics and for making masks.
    Every control of the picture is a trait of the same name that can be set and read; what the user does in the picture
    is seen here, and the other way round. All of this works before the widget is displayed, and without displaying it.

    Parameters
    ----------
    image : path, ndarray or astropy HDU, optional
        What to look at: a FITS file, a CASA image, or an array ``[y, x]``, ``[channel, y, x]`` or
        ``[stokes, channel, y, x]``.
    mask : path or ndarray of bool, optional
        A first mask: FITS, a CASA image, or an array like the image.
    regions : path or sequence, optional
        First regions: a file of DS9, CASA (CRTF) or this package (JSON), or `Region` and `regions` objects.
    wcs : astropy.wcs.WCS or astropy.io.fits.Header, optional
        World coordinates of an array.
    unit, name : str
        Unit and name of an array.
    catalog : astropy.table.Table, optional
        Sources to mark.
    **state
        Values of controls, for example ``channel=3``, ``stretch="asinh"``, ``frame="galactic"``.

    Attributes
    ----------
    path : str
        The image on disk.
    channel, stokes : int
        The plane that is shown, counted from 0.
    colormap, invert, stretch, limits_mode, percentile, limits
        The colours, as in `MsRaster`; ``limits_mode`` is "zscale", "percentile", "minmax", "symmetric" or "manual".
    frame : str
        "icrs", "fk5", "fk4", "galactic" or "pixel".
    style : str
        "sexagesimal" or "degrees".
    grid, beam, contours : bool
        What is drawn over the image.
    contour_levels : list of float
        In units of the noise.
    layer : str
        "mask" or "regions": what the tools draw.
    planes : str
        "current", "channels" or "all": which planes a change of the mask is for.
    show_mask, show_regions, show_catalog : bool
        What is shown.
    selected : list of str
        Ids of the regions that are selected.
    compare : str
        A second image to look at against the first.
    compare_mode : str
        "off", "blink", "swipe" or "difference".
    swipe, blink_ms : float
        Where the second image begins, and how long each is shown.
    title : str or None
        Title; None makes one.
    mask_revision, regions_revision : int
        Grow with every change of the mask and of the regions (read-only); observe them to be told.
    mask_pixels : int
        Pixels in the mask of the plane that is shown (read-only).
    busy : bool
        Whether something is being read (read-only).

    Raises
    ------
    OptionError
        If a control does not exist or cannot have its value.
    DependencyError
        If the browser part of the package has not been built.

    Examples
    --------
    >>> w = MaskDraw("tile.image")  # doctest: +SKIP
    >>> w.threshold(5)  # doctest: +SKIP
    >>> w.save_mask("tile.mask")  # doctest: +SKIP
    """

    CONTROLS: ClassVar[Mapping[str, Any]] = MASK_CONTROLS
    VIEW = "mask-draw"

    mask_revision = traitlets.Int(0, read_only=True, help="Grows with every change of the mask.")
    regions_revision = traitlets.Int(0, read_only=True, help="Grows with every change of the regions.")
    mask_pixels = traitlets.Int(0, read_only=True, help="Pixels in the mask of the plane that is shown.")

    path = _control("path")
    channel = _control("channel")
    stokes = _control("stokes")
    colormap = _control("colormap")
    invert = _control("invert")
    stretch = _control("stretch")
    limits_mode = _control("limits_mode")
    percentile = _control("percentile")
    limits = _control("limits")
    frame = _control("frame")
    style = _control("style")
    grid = _control("grid")
    beam = _control("beam")
    contours = _control("contours")
    contour_levels = _control("contour_levels")
    layer = _control("layer")
    planes = _control("planes")
    show_mask = _control("show_mask")
    show_regions = _control("show_regions")
    selected = _control("selected")
    compare = _control("compare")
    compare_mode = _control("compare_mode")
    swipe = _control("swipe")
    blink_ms = _control("blink_ms")
    show_catalog = _control("show_catalog")
    title = _control("title")

    def __init__(
        self,
        image: Any = None,
        *,
        mask: str | os.PathLike[str] | npt.ArrayLike | None = None,
        regions: str | os.PathLike[str] | Iterable[Any] | None = None,
        wcs: Any = None,
        unit: str = "",
        name: str = "",
        catalog: Any = None,
        **state: Any,
    ) -> None:
        given = GivenImage.of(image, wcs=wcs, unit=unit, name=name)
        first = {"mask": _plain(mask), "regions": _plain(regions)}
        super().__init__(lambda controls: RemoteMaskDraw(given, **first, **controls), owns=True, **state)
        if catalog is not None:
            self.set_catalog(catalog)

    # -- the mask ---------------------------------------------------------------------------------------------------

    @property
    def mask(self) -> npt.NDArray[np.bool_]:
        """The mask: bool ``[y, x]`` for a single plane, ``[stokes, channel, y, x]`` otherwise; True is in the mask."""
        found: npt.NDArray[np.bool_] = self._drawing("mask_array")
        return found

    @mask.setter
    def mask(self, mask: str | os.PathLike[str] | npt.ArrayLike) -> None:
        self._drawing("set_mask", _plain(mask))

    def to_xarray(self) -> xr.DataArray:
        """Give the mask with its axes.

        Returns
        -------
        xarray.DataArray of bool
            Dimensions ``stokes``, ``frequency`` (Hz, where it is known), ``y`` and ``x`` (0-based pixels).
        """
        found: xr.DataArray = self._drawing("mask_dataarray")
        return found

    def save_mask(self, path: str | os.PathLike[str]) -> Path:
        """Save the mask for an imager.

        Parameters
        ----------
        path : path
            Ends in ``.fits`` for a FITS image (WSClean's ``-fits-mask``), in anything else for a CASA image (tclean's
            ``mask``). What is there is replaced when all is written.

        Returns
        -------
        pathlib.Path
            Where it is. If no pixel is in the mask, a warning says so.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        target = absolute_path(path)
        self._drawing("save_mask", target)
        return target

    def draw(self, shape: Any, mode: str = "add") -> None:
        """Change the mask by the pixels of a shape, on the planes that `planes` says.

        Parameters
        ----------
        shape : Region, Shape or astropy region
            In pixels or on the sky.
        mode : str
            "add", "subtract" or "intersect".

        Raises
        ------
        OptionError
            If there is no such mode.
        """
        self.model.result("draw", shape, mode)

    def threshold(self, sigma: float, *, inside: str = "", mode: str = "add") -> None:
        """Put into the mask what is brighter than a multiple of the noise.

        Parameters
        ----------
        sigma : float
            How many times the noise (the robust standard deviation of the plane).
        inside : str
            The id of a region to stay within; everywhere by default.
        mode : str
            "add" or "replace".
        """
        self.model.result("threshold", sigma, inside=inside, mode=mode)

    def edit_mask(self, action: str, *, pixels: float = 1.0, area: float | None = None) -> None:
        """Change the mask as a whole, on the planes that `planes` says.

        Parameters
        ----------
        action : str
            "clear", "fill", "invert", "grow", "shrink", "drop_islands" or "copy" (this plane's mask to the others).
        pixels : float
            By how much to grow or shrink.
        area : float, optional
            Least pixels of an island that stays; the beam's area by default.
        """
        self.model.result("edit_mask", action, pixels=pixels, area=area)

    # -- regions ----------------------------------------------------------------------------------------------------

    @property
    def regions(self) -> list[Region]:
        """The regions, in 0-based image pixels; `Region.drawn_in` says in which frame each was given."""
        return list(self._drawing("region_list"))

    @regions.setter
    def regions(self, regions: str | os.PathLike[str] | Iterable[Any]) -> None:
        self._drawing("set_regions", _plain(regions))

    def read_regions(self, path_or_text: str | os.PathLike[str]) -> Report:
        """Add the regions of a file.

        Parameters
        ----------
        path_or_text : path or str
            A file of DS9, CASA (CRTF), this package (JSON) or FITS; or its text.

        Returns
        -------
        Report
            How many regions there are, and which lines could not be taken, and why.

        Raises
        ------
        RegionSyntaxError
            If it is no region file.
        """
        found: Report = self._drawing("read_regions", _plain(path_or_text))
        return found

    def to_astropy(self, frame: str = "") -> Any:
        """Give the regions as objects of the package `regions`.

        Parameters
        ----------
        frame : str
            "pixel", or "sky" for the image's own frame; each in the frame in which it was drawn by default.

        Returns
        -------
        regions.Regions
            The regions.
        """
        return self._drawing("to_astropy", frame)

    def save_regions(self, path: str | os.PathLike[str], selected: Sequence[str] = ()) -> Path:
        """Save the regions.

        Parameters
        ----------
        path : path
            Ends in ``.reg`` (DS9), ``.crtf`` (CASA) or ``.json``.
        selected : sequence of str
            Ids of those to save; all by default.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        OptionError
            If the ending is another.
        OutputError
            If the file cannot be written.
        """
        target = absolute_path(path)
        kinds = {".reg": "ds9", ".crtf": "crtf", ".json": "json"}
        if target.suffix.lower() not in kinds:
            message = f"Regions cannot be saved as {target.suffix!r}."
            raise OptionError(message, f"Allowed: {', '.join(kinds)}.")
        text = self._drawing("write", kinds[target.suffix.lower()], tuple(selected))
        return write(target, text.encode())

    def follow(self, path: str | os.PathLike[str]) -> Path:
        """Save the mask now, and again a moment after each change.

        Parameters
        ----------
        path : path
            As for `save_mask`.

        Returns
        -------
        pathlib.Path
            Where it is.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        target = absolute_path(path)
        self._drawing("follow", target)
        return target

    # -- both -------------------------------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take back the last change of the mask or of the regions, whoever made it."""
        self._drawing("undo")

    def redo(self) -> None:
        """Make again what was taken back."""
        self._drawing("redo")

    def statistics(self, of: str = "mask", region: str = "") -> dict[str, Any]:
        """Give the statistics of the plane that is shown.

        Parameters
        ----------
        of : str
            "mask", "plane", or "region".
        region : str
            The id of the region.

        Returns
        -------
        dict
            As `dsa110_vis.image.Statistics` names them, with the flux density and its error where there is a beam.
        """
        found: dict[str, Any] = self.model.result("statistics", of, region)
        return found

    def set_catalog(self, table: Any, name: str = "") -> None:
        """Mark the sources of a catalogue.

        Parameters
        ----------
        table : astropy.table.Table or None
            Columns with coordinates are found by their names; None takes the marks away.
        name : str
            Its name.

        Raises
        ------
        OptionError
            If no columns with coordinates are found.
        """
        meta = getattr(table, "meta", None) or {}
        columns = None if table is None else {str(column): table[column] for column in _columns(table)}
        self.model.wait()
        self.model.set_catalog(name or str(meta.get("name", "")) or "catalogue", columns)

    def _drawing(self, method: str, *args: Any) -> Any:
        return self.model.result("on_drawing", method, *args)

    def _on_event(self, event: str, data: Any) -> None:
        super()._on_event(event, data)
        if event == "mask" and data is not None:
            self.set_trait("mask_pixels", data["n_pixels"])
            self.set_trait("mask_revision", data["revision"])
        elif event == "regions" and data is not None:
            self.set_trait("regions_revision", data["revision"])
        if event in ("image", "mask", "regions", "catalog", "compare") and self.model.picture is not None:
            self._static.stale()

    def _in_words(self) -> str:
        name = "array" if self.path == ARRAY else repr(Path(self.path).name)
        plane = "".join(f", {axis}={getattr(self, axis)}" for axis in ("channel", "stokes") if getattr(self, axis))
        return f"{name}{plane}"


def _columns(table: Any) -> list[Any]:
    return list(getattr(table, "colnames", None) or table.keys())


def _plain(what: Any) -> Any:
    """Make a path one that another process finds too; leave the rest."""
    if hasattr(what, "__fspath__") or (isinstance(what, str) and what and "\n" not in what and _exists(what)):
        return absolute_path(what)
    return what


def _exists(text: str) -> bool:
    try:
        return Path(text).exists()
    except OSError:  # too long for a name
        return False
