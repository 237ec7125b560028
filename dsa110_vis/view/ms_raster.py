"""The model of the raster viewer: controls in, pictures and events out, without a browser and without Jupyter."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import Dsa110VisError, OptionError
from dsa110_vis.view.controls import CONTROLS
from dsa110_vis.view.locate import Marks, table
from dsa110_vis.view.model import Listener
from dsa110_vis.view.ops import connect
from dsa110_vis.view.output import Output
from dsa110_vis.view.reader import Reader
from dsa110_vis.view.settle import initial, settle

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from dsa110_vis.ms import MeasurementSet
    from dsa110_vis.view.chosen import Chosen
    from dsa110_vis.view.dispatcher import Dispatcher, Send
    from dsa110_vis.view.jobs import Job
    from dsa110_vis.view.picture import Picture

__all__ = ["Listener", "MsRasterModel"]

logger = logging.getLogger(__name__)


class MsRasterModel(Output):
    """What a raster viewer shows and can do.

    Setting controls returns at once. The table is read on a thread of the model's own; a newer change ends the
    reading for an older one. All methods may be called from any thread.

    Parameters
    ----------
    ms : MeasurementSet, Chosen or path, optional
        What to look at.
    cache_bytes : int
        How much memory may be kept for pictures already made.
    client : distributed.Client, optional
        Workers that do the reading.
    **controls
        Values of controls (`dsa110_vis.view.controls.CONTROLS`).

    Raises
    ------
    OptionError
        If a control does not exist or cannot have its value.
    """

    def __init__(
        self,
        ms: MeasurementSet | Chosen | str | os.PathLike[str] | None = None,
        *,
        cache_bytes: int = 256 << 20,
        client: Any = None,
        **controls: Any,
    ) -> None:
        super().__init__("dsa110-vis-read")
        self._reader = Reader(cache_bytes=cache_bytes, client=client)
        self._generation = 0
        self._picture: Picture | None = None
        self._marks = Marks()
        self._located: pd.DataFrame | None = None  # nothing is marked, for which pandas is not imported
        if ms is not None:
            controls.setdefault("path", self._reader.adopt(ms))
        changes, _ = settle(initial(), controls)
        self._state = {**initial(), **changes}
        self._choose_axes = not {"x", "y", "preset"} & set(controls)
        if self._state["path"]:
            self._jobs.start(self._make)

    # -- what it is -------------------------------------------------------------------------------------------------

    @property
    def picture(self) -> Picture | None:
        """The picture that is shown, which is the one before while another is made."""
        return self._picture

    @property
    def choices(self) -> dict[str, Any]:
        """What the controls may be, for menus; more of it is known once the file is open."""
        return self._reader.choices()

    @property
    def source(self) -> dict[str, Any]:
        """The name, path, title and telescope of what is looked at."""
        return self._reader.source(self._state["path"])

    # -- changing it ------------------------------------------------------------------------------------------------

    def connect(self, send: Send) -> Dispatcher:
        """Join a view in a browser to the model, as with every model."""
        return connect(self, send)

    def update(self, changes: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """Set controls, as with every model."""
        asked = {**(changes or {}), **more}
        with self._emitting:
            with self._lock:
                changed, notices = settle(self._state, asked)
                self._check_iteration({**self._state, **changed}, changed)
                self._choose_axes = self._choose_axes and not {"x", "y", "preset"} & set(changed)
                self._state.update(changed)
                work = bool(self._state["path"]) and any(CONTROLS[name].picture for name in changed)
                limits = bool({"limits", "limits_mode", "percentile"} & set(changed)) and not self.busy
            if changed:
                self._emit("state", {"changes": changed})
            for text in notices:
                self._emit("notice", {"level": "info", "text": text})
            if work:
                self._jobs.start(self._make)
            elif limits and self._picture is not None:
                self._jobs.start(self._find_limits)
        return changed

    def reload(self) -> None:
        """Read everything again, whatever is remembered."""
        self._reader.forget()
        self._jobs.start(self._make)

    def retry(self) -> None:
        """Try again to make the picture for the controls as they are."""
        self._jobs.start(self._make)

    def wait(self, timeout: float | None = None) -> Picture:
        """Wait for the picture for the controls as they are.

        Parameters
        ----------
        timeout : float, optional
            Seconds; None waits as long as it takes.

        Returns
        -------
        Picture
            The picture.

        Raises
        ------
        Dsa110VisError
            The reason why it could not be made.
        TimeoutError
            If it took too long.
        """
        self._jobs.wait(timeout)
        if self._picture is None:
            message = "There is no Measurement Set to look at."
            raise OptionError(message, "Set path to the one you want to see.")
        return self._picture

    def locate(
        self,
        boxes: Sequence[Sequence[int]] = (),
        points: Sequence[Sequence[int]] = (),
        *,
        mode: str = "replace",
        iteration: int | None = None,
    ) -> dict[str, Any]:
        """Mark cells of the picture, which fills `located`.

        Parameters
        ----------
        boxes : sequence of (x0, x1, y0, y1)
            Cell numbers, without x1 and y1.
        points : sequence of (x, y)
            Cell numbers.
        mode : str
            "replace", "add" or "clear".
        iteration : int, optional
            In which of the pictures; the one in view by default.

        Returns
        -------
        dict
            How many cells are marked (``n``), and all ``boxes`` and ``points``.

        Raises
        ------
        OptionError
            If a mark is outside the picture.
        MemoryLimitError
            If there are too many cells.
        """
        picture = self._picture
        marks = self._marks.change(boxes, points, mode=mode)
        if iteration is not None:
            marks.iteration = iteration
        elif picture is not None:
            marks.iteration = picture.iteration
        self._mark(picture, marks)
        return self.marks

    @property
    def marks(self) -> dict[str, Any]:
        """What is marked: the number ``n`` of cells, the ``boxes``, the ``points``, and the ``iteration``."""
        return {"n": 0 if self._located is None else len(self._located), **self._marks.describe()}

    @property
    def located(self) -> pd.DataFrame:
        """The marked cells, one a row: coordinates, value, count, flagged."""
        return table(None, self._marks) if self._located is None else self._located

    def close(self) -> None:
        """Stop everything and let go of the file."""
        self._listeners.clear()
        self._jobs.close(self._reader.close)

    # -- the work ---------------------------------------------------------------------------------------------------

    def _check_iteration(self, state: Mapping[str, Any], changed: Mapping[str, Any]) -> None:
        picture = self._picture
        if "iteration" not in changed or picture is None or picture.state["iterate"] != state["iterate"]:
            return
        size = picture.n_iterations
        if state["iteration"] >= size:
            message = f"iteration cannot be {state['iteration']}."
            raise OptionError(message, f"There are {size} values of {state['iterate']}: 0 to {size - 1}.")

    def _find_suggestions(self) -> None:
        try:
            self._reader.describe()
        except Dsa110VisError as error:
            logger.warning("What there is to select could not be listed: %s", error)
        else:
            self._emit("choices", self.choices)

    def _find_limits(self, job: Job) -> None:
        picture = self._picture
        if picture is not None:
            self._settle_limits(picture)
            with self._emitting:
                self._apply(job, {"limits": picture.limits})
                self._emit("picture", picture.describe())

    def _settle_limits(self, picture: Picture) -> None:
        """Find limits until the settings for them have not changed meanwhile."""
        names = ("limits_mode", "percentile", "limits")
        before: list[Any] | None = None
        while before != (now := [self._state[name] for name in names]):
            before = now
            picture.set_limits(self.state)

    def _make(self, job: Job) -> None:
        state = self.state
        opened = self._reader.open(state["path"], job.tell)
        if opened.changed:
            self._emit("notice", {"level": "info", "text": "The file has changed on disk and is read again."})
        if opened.fresh:
            self._emit("source", self.source)
            self._emit("choices", self.choices)
            self._jobs.beside(self._find_suggestions)
        if self._choose_axes:
            self._apply(job, self._reader.sensible_axes(state))
            state = self.state
        made = self._reader.make(state, job.tell)
        before = self._picture
        goes_on = before is not None and made.continues(before)
        self._settle_limits(made)
        with self._emitting:
            job.check()
            self._generation += 0 if goes_on else 1
            made.generation = self._generation
            self._picture = made
            self._apply(job, {"limits": made.limits, "iteration": made.iteration})
            self._emit("picture", made.describe())
            for text in made.new_warnings:
                self._emit("notice", {"level": "warning", "text": text})
        if self._marks.boxes or self._marks.points:
            same = before is not None and before.axes_key == made.axes_key
            self._mark(made, self._marks if same else Marks())

    def _mark(self, picture: Picture | None, marks: Marks) -> None:
        located = table(picture, marks)
        with self._emitting:
            self._marks, self._located = marks, located
            self._emit("located", self.marks)
