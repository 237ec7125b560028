"""What is drawn on an image: the mask, the regions, and the files they come from and go to."""

from __future__ import annotations

import dataclasses
import itertools
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import OptionError
from dsa110_vis.regions import Region, Report, read, to_pixels, to_sky, write
from dsa110_vis.regions.convert import all_to_pixels
from dsa110_vis.regions.files import format_of
from dsa110_vis.regions.json import from_plain
from dsa110_vis.regions.mask_files import read_mask
from dsa110_vis.regions.shapes import Shape
from dsa110_vis.view.mask_sheet import MaskSheet, amount

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dsa110_vis.image import Image
    from dsa110_vis.view.given import Given
    from dsa110_vis.view.sheet import Told

__all__ = ["Drawing"]

logger = logging.getLogger(__name__)

MOST_REGIONS = 100_000


class Drawing(MaskSheet):
    """The mask and the regions of an image, with undo over both. May be used from any thread.

    Parameters
    ----------
    image : Image
        What is drawn on.
    given : Given
        A first mask and first regions, and where the drawing is kept.
    tell : callable
        Is told of changes, as for `Sheet`.
    """

    def __init__(self, image: Image, given: Given, tell: Told) -> None:
        super().__init__(image, given.keep, tell)
        self._idents = itertools.count(1)
        if not self._restore():
            self._begin(given)

    def _restore(self) -> bool:
        """Take what the process before this one kept."""
        kept = self._keeper.load(self._mask)
        if kept is None:
            return False
        self._regions = self._named(kept)
        return True

    def _begin(self, given: Given) -> None:
        """Take the first mask and regions; what is wrong with them is wrong with the viewer that is wanted."""
        if given.mask is not None:
            self.set_mask(given.mask)
        if given.regions is not None:
            self.set_regions(given.regions)
        self._history.clear()
        self._unsaved = False

    def in_pixels(self, shape: Any) -> Shape:
        """Give a shape in pixels.

        Parameters
        ----------
        shape : Shape, Region or astropy region
            A plain shape is in pixels.

        Returns
        -------
        Shape
            In pixels.
        """
        if isinstance(shape, Shape):
            return shape
        return self._read([shape])[0][0].shape

    # -- regions ----------------------------------------------------------------------------------------------------

    def put_regions(self, plain: Sequence[Mapping[str, Any]], *, add: bool) -> list[str]:
        """Add regions, or put them in the place of those with the same ids.

        Parameters
        ----------
        plain : sequence of mapping
            Regions in pixels, as `dsa110_vis.regions.json` has them.
        add : bool
            Whether they are new.

        Returns
        -------
        list of str
            Their ids.

        Raises
        ------
        RegionSyntaxError
            If one is not possible; nothing is changed then.
        OptionError
            If one to be replaced is not there, or there are too many.
        """
        made = [to_pixels(from_plain(one), self._image.celestial) for one in plain]
        if not made:
            return []
        what = made[0].shape.name.replace("_", " ") if len(made) == 1 else "region"
        text = f"{'add' if add else 'change'} {amount(len(made), what)}"
        if add:
            return self._add(made, text)
        with self._lock:
            new = {region.id: region for region in made}
            for ident in new:
                self.region(ident)
            self._set_regions(tuple(new.get(region.id, region) for region in self._regions), text)
        return list(new)

    def _add(self, made: Sequence[Region], text: str) -> list[str]:
        with self._lock:
            if len(self._regions) + len(made) > MOST_REGIONS:
                message = f"There would be {len(self._regions) + len(made)} regions."
                raise OptionError(message, f"At most {MOST_REGIONS} can be drawn.")
            named = self._named([dataclasses.replace(region, id="") for region in made])
            self._set_regions((*self._regions, *named), text)
        return [region.id for region in named]

    def _named(self, made: Iterable[Region]) -> tuple[Region, ...]:
        """Give each an id that none has or had."""
        taken = {region.id for region in self._regions}
        found = []
        for region in made:
            ident = region.id
            while not ident or ident in taken:
                ident = f"r{next(self._idents)}"
            taken.add(ident)
            found.append(region if region.id == ident else dataclasses.replace(region, id=ident))
        return tuple(found)

    def remove_regions(self, idents: Sequence[str]) -> list[str]:
        """Remove regions.

        Parameters
        ----------
        idents : sequence of str
            Their ids; those that are not there are left out.

        Returns
        -------
        list of str
            The ids of those that were.
        """
        with self._lock:
            gone = set(idents) & {region.id for region in self._regions}
            if gone:
                kept = tuple(region for region in self._regions if region.id not in gone)
                self._set_regions(kept, f"delete {amount(len(gone), 'region')}")
        return sorted(gone)

    def set_regions(self, regions: Any) -> Report | None:
        """Take other regions.

        Parameters
        ----------
        regions : path, str, or iterable
            A file, its text, `Region` objects, or those of the package ``regions``.

        Returns
        -------
        Report or None
            What became of a file.
        """
        made, report = self._read(regions)
        with self._lock:
            self._regions, before = (), self._regions
            named = self._named([dataclasses.replace(region, id="") for region in made])
            self._regions = before
            self._set_regions(named, "set regions")
        if report is not None and report.problems:
            first = report.problems[0]
            logger.warning(
                "%d lines of the regions were not taken; line %d: %s %s",
                len(report.problems), first.line, first.text, first.reason,
            )  # fmt: skip
        return report

    def read_regions(self, regions: Any) -> Report:
        """Add the regions of a file.

        Parameters
        ----------
        regions : path or str
            The file, or its text.

        Returns
        -------
        Report
            What became of its lines.
        """
        made, report = self._read(regions)
        assert report is not None  # noqa: S101  it is a file
        if made:
            self._add(made, f"import {amount(len(made), 'region')}")
        return report

    def _read(self, regions: Any) -> tuple[list[Region], Report | None]:
        if isinstance(regions, str | bytes | Path):
            found, report = read(regions, self._image)
            made = []
            for region, placed in zip(found, all_to_pixels(found, self._image.celestial), strict=True):
                if isinstance(placed, Region):
                    made.append(placed)
                else:
                    report.refuse(0, f"{region.shape.name} {region.label}".strip(), str(placed))
            report.n_regions = len(made)
            return made, report
        items = list(regions)
        if any(not isinstance(item, Region) for item in items):
            from dsa110_vis.regions.astropy_regions import from_astropy  # noqa: PLC0415  slow to import

            items = [item if isinstance(item, Region) else from_astropy([item])[0] for item in items]
        return [to_pixels(region, self._image.celestial) for region in items], None

    def region_list(self) -> list[Region]:
        """Give the regions.

        Returns
        -------
        list of Region
            In pixels.
        """
        return list(self._regions)

    def to_astropy(self, frame: str = "") -> Any:
        """Give the regions as objects of the package ``regions``.

        Parameters
        ----------
        frame : str
            "pixel"; "sky" for the image's own frame; by default each in the frame in which it was drawn.

        Returns
        -------
        regions.Regions
            The regions.
        """
        from dsa110_vis.regions.astropy_regions import to_astropy  # noqa: PLC0415  slow to import

        sky = self._image.celestial
        found = []
        for region in self._regions:
            target = sky.frame if frame == "sky" and sky is not None else frame or region.drawn_in or "pixel"
            found.append(region if target == "pixel" else to_sky(region, sky, target))
        return to_astropy(found)

    def write(self, kind: str, idents: Sequence[str] = ()) -> str:
        """Write the regions as a file.

        Parameters
        ----------
        kind : str
            "ds9", "crtf" or "json".
        idents : sequence of str
            Those to write; all by default.

        Returns
        -------
        str
            The file.
        """
        chosen = [region for region in self._regions if not idents or region.id in idents]
        return write(chosen, self._image, kind)

    def take_file(self, name: str, content: str | bytes, planes: Sequence[int]) -> dict[str, Any]:
        """Take a file that a user brought: regions, or a mask.

        Parameters
        ----------
        name : str
            Its name, for messages.
        content : str or bytes
            Its content.
        planes : sequence of int
            Unused for regions; a mask of one plane goes to these.

        Returns
        -------
        dict
            ``n_regions``, whether there was a ``mask``, and the ``problems`` and ``warnings`` of the report.

        Raises
        ------
        Dsa110VisError
            If it is neither.
        """
        data = content.encode() if isinstance(content, str) else content
        if not data:
            message = f"{name[:80] or 'The file'} is empty."
            raise OptionError(message, "Allowed: DS9, CASA (CRTF), JSON and FITS region files, and FITS masks.")
        if format_of(data) == "fits" and not _has_table(data):
            found = read_mask(data, self._image, self._mask)
            with self._change(f"import {name[:40] or 'mask'}") as change:
                for plane, bits in found.items():
                    if plane in planes or self._mask.n_planes == len(found):
                        change.plane(plane, bits)
            return {"n_regions": 0, "mask": True, "problems": [], "warnings": [], "format": "fits"}
        return {**self.read_regions(data).describe(), "mask": False}


def _has_table(data: bytes) -> bool:
    return b"XTENSION= 'BINTABLE'" in data and b"SHAPE" in data
