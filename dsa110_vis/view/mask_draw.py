"""The model of the image viewer: controls in; tiles, masks, regions and statistics out, without a browser."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import Dsa110VisError, OptionError
from dsa110_vis.view import mask_output
from dsa110_vis.view.catalog import Catalog
from dsa110_vis.view.drawing import Drawing
from dsa110_vis.view.given import Given, GivenImage
from dsa110_vis.view.image_reader import ImageReader, Picture
from dsa110_vis.view.mask_asked import Asked
from dsa110_vis.view.mask_controls import ARRAY, choices, initial, settle
from dsa110_vis.view.mask_facts import described_image, described_second
from dsa110_vis.view.mask_ops import connect
from dsa110_vis.view.protocol import StaleError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping

    from dsa110_vis.image import Image
    from dsa110_vis.view.dispatcher import Dispatcher, Send
    from dsa110_vis.view.jobs import Job

__all__ = ["MaskDrawModel"]

logger = logging.getLogger(__name__)

LIMITS = ("limits", "limits_mode", "percentile")


class MaskDrawModel(Asked):
    """What an image viewer shows, and what is drawn on it.

    Setting controls returns at once; files are read on a thread of the model's own. All methods may be called from any
    thread.

    Parameters
    ----------
    given : Given or path, optional
        What to look at, and what else the user gave.
    **controls
        Values of controls (`dsa110_vis.view.mask_controls.MASK_CONTROLS`).

    Raises
    ------
    OptionError
        If a control does not exist or cannot have its value.
    """

    def __init__(self, given: Given | str | os.PathLike[str] | None = None, **controls: Any) -> None:
        if not isinstance(given, Given):
            given = Given(GivenImage.of(given))
        super().__init__("dsa110-vis-image", given)
        if given.image.path:
            controls.setdefault("path", given.image.path)
        self._reader = ImageReader(given.image)
        self._generation = 0
        self._picture: Picture | None = None
        self._drawing: Drawing | None = None
        self._catalog: Catalog | None = None
        self._state = {**initial(), **settle(initial(), controls)}
        if self._state["path"]:
            self._jobs.start(self._make)

    # -- what it is -------------------------------------------------------------------------------------------------

    @property
    def picture(self) -> Picture | None:
        """The plane that is shown; None before there is one."""
        return self._picture

    @property
    def drawing_now(self) -> Drawing | None:
        """The mask and the regions, if there are any yet."""
        return self._drawing

    @property
    def generation(self) -> int:
        """Number of the image that is shown: another file has another."""
        return self._generation

    @property
    def reader(self) -> ImageReader:
        """Where tiles come from."""
        return self._reader

    @property
    def catalog(self) -> Catalog | None:
        """The sources that are marked."""
        return self._catalog

    @property
    def choices(self) -> dict[str, Any]:
        """What the controls may be, for menus."""
        return {**choices(), "can_write": self._given.writes}

    @property
    def source(self) -> dict[str, Any]:
        """The name, path, title and telescope of what is looked at."""
        path, image = self._state["path"], self._reader.image
        name = image.name if image is not None else Path(path).name if path != ARRAY else "array"
        facts = {} if image is None else image.describe()
        telescope = str(facts.get("telescope") or "")
        title = " · ".join(part for part in (name, str(facts.get("object") or ""), telescope) if part)
        return {"name": name, "path": path, "title": title, "telescope": telescope}

    def described(self) -> dict[str, Any] | None:
        """Describe the plane that is shown, for a viewer.

        Returns
        -------
        dict or None
            The data of the event ``image``.
        """
        with self._emitting:
            picture = self._picture
            return None if picture is None else described_image(picture, self._generation, self.source["title"])

    def second(self) -> dict[str, Any] | None:
        """Describe the second image, for a viewer.

        Returns
        -------
        dict or None
            The data of the event ``compare``.
        """
        with self._emitting:
            picture, other = self._picture, self._reader.compared
            return None if picture is None or other is None else described_second(self._reader, picture)

    # -- changing it ------------------------------------------------------------------------------------------------

    def connect(self, send: Send) -> Dispatcher:
        """Join a view in a browser to the model, as with every model."""
        return connect(self, send)

    def update(self, changes: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """Set controls, as with every model."""
        with self._emitting:
            with self._lock:
                changed = settle(self._state, {**(changes or {}), **more})
                self._check(changed)
                self._state.update(changed)
            if changed:
                self._emit("state", {"changes": changed})
            picture = self._picture
            if {"path", "channel", "stokes", "compare"} & set(changed):
                self._jobs.start(self._make)
            elif set(LIMITS) & set(changed) and picture is not None and not self.busy:
                self._jobs.start(lambda job: self._find_limits(job, picture))
        return changed

    def _check(self, changed: Mapping[str, Any]) -> None:
        """Refuse what the image does not have, if it is open."""
        image, picture = self._reader.image, self._picture
        if image is None or picture is None or "path" in changed:
            return
        for name, size in (("channel", image.n_channels), ("stokes", image.n_stokes)):
            if changed.get(name, 0) >= size:
                message = f"{name} cannot be {changed[name]}."
                raise OptionError(message, f"{image.name} has {size}, counted from 0.")
        if changed.get("frame", "pixel") not in ("", "pixel") and image.celestial is None:
            message = f"frame cannot be {changed['frame']!r}."
            raise OptionError(message, f"{image.name} has no celestial coordinates: 'pixel' is what there is.")

    def retry(self) -> None:
        """Try again what has failed or was cancelled."""
        self._jobs.start(self._make)

    def reload(self) -> None:
        """Read everything again."""

        def again(job: Job) -> None:
            self._reader.close()
            self._make(job)

        self._jobs.start(again)

    def wait(self, timeout: float | None = None) -> Picture:
        """Wait until the image is shown for the controls as they are.

        Parameters
        ----------
        timeout : float, optional
            Seconds; None waits as long as it takes.

        Returns
        -------
        Picture
            The plane.

        Raises
        ------
        Dsa110VisError
            The reason why it could not be read.
        TimeoutError
            If it took too long.
        """
        self._jobs.wait(timeout)
        if self._picture is None:
            message = "There is no image to look at."
            raise OptionError(message, "Set path to the one you want to see.")
        return self._picture

    def close(self) -> None:
        """Stop everything and let go of the files."""
        self._listeners.clear()
        if self._drawing is not None:
            self._drawing.write_down()
        self._jobs.close(self._reader.close)

    def set_catalog(self, name: str, columns: Mapping[str, Any] | None) -> None:
        """Mark sources.

        Parameters
        ----------
        name : str
            Name of the catalogue.
        columns : mapping or None
            Columns by name, with the coordinates among them; None takes the marks away.

        Raises
        ------
        OptionError
            If no columns with coordinates are found.
        """
        self._given.catalog = None if columns is None else (name, dict(columns))
        if self._reader.image is not None:
            self._find_catalog(self._reader.image)

    # -- what leaves it ---------------------------------------------------------------------------------------------

    def export(self, kind: str, *, width: int = 900, height: int = 900) -> tuple[bytes, str, str]:
        """Draw what is shown, or write the mask or the regions, as with every model."""
        self.wait()
        return mask_output.draw(self, kind, (width, height))

    def save(self, filename: str | os.PathLike[str], *, width: int = 900, height: int = 900) -> Path:
        """Save what is shown, the regions or the mask to a file.

        Parameters
        ----------
        filename : path
            The ending says what and how: .png, .svg or .pdf for the picture; .reg, .crtf or .json for the regions;
            .fits or .mask (a CASA image) for the mask.
        width, height : int
            Size of a picture in pixels.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        OptionError
            If the ending is not one of these.
        OutputError
            If the file cannot be written.
        Dsa110VisError
            The reason why there is nothing to save.
        """
        self.wait()
        return mask_output.save(self, Path(filename), (width, height))

    def thumbnail(self) -> bytes | None:
        """Draw the image small, for the notebook file.

        Returns
        -------
        bytes or None
            A PNG; None if there is nothing yet.
        """
        if self._picture is None:
            return None
        try:
            return mask_output.thumbnail(self)
        except Dsa110VisError as error:
            logger.info("There is no small picture: %s", error)
            return None

    def describe(self) -> str:
        """Say in one line what is shown, for those who do not see it.

        Returns
        -------
        str
            The line.
        """
        return mask_output.describe(self)

    def code(self) -> str:
        """Give the Python code that makes this picture again, as with every model."""
        return mask_output.code(self.state)

    # -- the work ---------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def shown(self, generation: int | None = None, plane: int | None = None) -> Iterator[tuple[Picture, Drawing]]:
        """Give what is shown, if it still is what somebody asks about.

        Parameters
        ----------
        generation : int, optional
            Number of the image.
        plane : int, optional
            Number of the plane.

        Yields
        ------
        picture : Picture
            What is shown.
        drawing : Drawing
            What is drawn on it.

        Raises
        ------
        StaleError
            If something else is shown now.
        """
        picture, drawing = self._picture, self._drawing
        other = picture is None or drawing is None or (generation is not None and generation != self._generation)
        if other or (plane is not None and picture is not None and plane != picture.plane_number):
            message = "This image is not shown any more."
            raise StaleError(message, "Ask about the new one.")
        assert picture is not None  # noqa: S101
        assert drawing is not None  # noqa: S101
        yield picture, drawing

    def _make(self, job: Job) -> None:
        state = self.state
        if not state["path"]:
            message = "There is no image to look at."
            raise OptionError(message, "Set path to the one you want to see.")
        job.tell(0.0, f"Opening {self.source['name']}")
        before = self._reader.image
        image, fresh = self._reader.open(state["path"])
        if fresh and before is not None and before.path == image.path:
            self._emit("notice", {"level": "info", "text": "The file has changed on disk and is read again."})
        if fresh or self._drawing is None:
            self._begin(job, image)
        job.check()
        before_plane = -1 if self._picture is None else self._picture.plane_number
        job.tell(0.3, f"Reading {image.name}")
        picture = self._reader.show(self.state)
        job.tell(0.6, f"Reading {image.name}")
        self._reader.pyramid(picture, "image").coarse()
        _, second = self._reader.compare(state["compare"])
        drawing = self._drawing
        assert drawing is not None  # noqa: S101  it has begun
        # whoever draws takes the two in this order
        with drawing.held(), self._emitting:
            job.check()
            self._generation += 1 if fresh or self._picture is None else 0
            self._picture = picture
            found: dict[str, Any] = {"limits": list(picture.limits)}
            if self.state["frame"] == "":
                found["frame"] = "pixel" if image.celestial is None else image.celestial.frame
            self._apply(job, found)
            self._emit("image", self.described())
            if fresh:
                self._tell_drawing()
            elif before_plane != picture.plane_number:
                self._emit("mask", self.mask_event())
            if second:
                self._emit("compare", self.second())
            if picture.blank:
                text = "This plane has no pixel with a value: all are blank."
                self._emit("notice", {"level": "warning", "text": text})
        if fresh:
            self._find_catalog(image)

    def _begin(self, job: Job, image: Image) -> None:
        """Take another image, and a drawing that goes with it."""
        drawing = self._drawing
        if drawing is None:
            drawing = Drawing(image, self._given, self._drawn)
        else:
            drawing.adopt(image)
        with self._emitting:
            job.check()
            self._drawing = drawing
            self._emit("source", self.source)
            self._emit("choices", self.choices)

    def _drawn(self, event: str, data: Any) -> None:
        """Pass on what has changed in the drawing."""
        if event == "notice":
            self._emit("notice", {"level": data[0], "text": data[1]})
        elif self._drawing is None:
            return  # is told with the image
        elif event == "regions":
            gone = set(data["removed"])
            with self._emitting:
                kept = [ident for ident in self._state["selected"] if ident not in gone]
                if kept != self._state["selected"]:
                    self._state["selected"] = kept
                    self._emit("state", {"changes": {"selected": kept}})
                self._emit(event, data)
        else:
            self._emit(event, self.mask_event(data))

    def mask_event(self, box: list[int] | None = None) -> dict[str, Any] | None:
        """Describe the mask of the plane that is shown, for a viewer.

        Parameters
        ----------
        box : list of int, optional
            What has changed: ``[x0, x1, y0, y1]``; None for everything.

        Returns
        -------
        dict or None
            The data of the event ``mask``.
        """
        picture, drawing = self._picture, self._drawing
        if drawing is None:
            return None
        plane = 0 if picture is None else picture.plane_number
        return {**drawing.described(plane), "box": box}

    def _tell_drawing(self) -> None:
        assert self._drawing is not None  # noqa: S101
        self._emit("mask", self.mask_event())
        for event in self._drawing.all_regions():
            self._emit("regions", event)

    def _find_catalog(self, image: Image) -> None:
        given, before = self._given.catalog, self._catalog
        revision = 1 if before is None else before.revision + 1
        self._catalog = None if given is None else Catalog(given[0], given[1], image, revision)
        if self._catalog is not None or before is not None:
            self._emit("catalog", None if self._catalog is None else self._catalog.describe())

    def _find_limits(self, job: Job, picture: Picture) -> None:
        before: list[Any] | None = None
        while before != (now := [self._state[name] for name in LIMITS]):
            before = now
            self._reader.settle_limits(picture, self.state)
        with self._emitting:
            self._apply(job, {"limits": list(picture.limits)})
            if job.wanted and picture is self._picture:
                self._emit("image", self.described())
