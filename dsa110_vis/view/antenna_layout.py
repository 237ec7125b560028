"""The model of the array viewer: controls in; positions, flags and amplitudes out, as they become known."""

from __future__ import annotations

import contextlib
import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import Dsa110VisError, OptionError, UnreadableError
from dsa110_vis.layout.array_layout import ArrayLayout, early_layout
from dsa110_vis.layout.picking import selection_of
from dsa110_vis.layout.printing import kind_of, write
from dsa110_vis.layout.sources import Source, open_source
from dsa110_vis.view import antenna_output
from dsa110_vis.view.antenna_controls import choices, initial, settle
from dsa110_vis.view.antenna_ops import connect
from dsa110_vis.view.chosen import Chosen
from dsa110_vis.view.model import Model
from dsa110_vis.view.protocol import StaleError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping

    import pandas as pd

    from dsa110_vis.layout.uv import UvPoints
    from dsa110_vis.ms import MeasurementSet
    from dsa110_vis.view.dispatcher import Dispatcher, Send
    from dsa110_vis.view.jobs import Job

__all__ = ["AntennaLayoutModel"]

logger = logging.getLogger(__name__)

PATIENCE = 0.12
"""Seconds that the first picture waits for the rows, which say which antennas have data and where the centre is."""
FLAGS_SHARE = 0.3
"""Part of the progress that is reading flags; the rest is reading visibilities."""


class AntennaLayoutModel(Model):
    """What an array viewer shows and can do.

    Setting controls returns at once. Positions come first, then flagged shares, then mean amplitudes; each is told by
    an event ``layout``. All methods may be called from any thread.

    Parameters
    ----------
    ms : MeasurementSet, Chosen or path, optional
        What to look at: a Measurement Set or a calibration table.
    **controls
        Values of controls (`dsa110_vis.view.antenna_controls.ANTENNA_CONTROLS`).

    Raises
    ------
    OptionError
        If a control does not exist or cannot have its value.
    """

    def __init__(self, ms: MeasurementSet | Chosen | str | os.PathLike[str] | None = None, **controls: Any) -> None:
        super().__init__("dsa110-vis-array")
        self._chosen = Chosen("")
        if ms is not None:
            self._chosen = Chosen.of(ms)
            controls.setdefault("path", self._chosen.path)
        self._source: Source | None = None
        self._layout: ArrayLayout | None = None
        self._generation = 0
        self._state = {**initial(), **settle(initial(), controls)}
        if self._state["path"]:
            self._jobs.start(self._make)

    # -- what it is -------------------------------------------------------------------------------------------------

    @property
    def layout(self) -> ArrayLayout | None:
        """What is known of the array; None before positions are."""
        return self._layout

    @property
    def generation(self) -> int:
        """Number of the array that is shown: another file has another, what becomes known of one has not."""
        return self._generation

    @property
    def choices(self) -> dict[str, Any]:
        """What the controls may be, for menus."""
        return choices()

    @property
    def source(self) -> dict[str, Any]:
        """The name, path, title and telescope of what is looked at."""
        path = self._state["path"]
        source, name = self._source, Path(path).name
        telescope = source.array.telescope if source is not None and source.path == path else ""
        return {"name": name, "path": path, "title": f"{name} · {telescope}" if telescope else name,
                "telescope": telescope}  # fmt: skip

    def described(self) -> dict[str, Any] | None:
        """Describe what is known of the array for a viewer.

        Returns
        -------
        dict or None
            As the operation ``layout`` answers.
        """
        with self._emitting:
            layout, generation = self._layout, self._generation
        return None if layout is None else {"generation": generation, **layout.describe()}

    # -- changing it ------------------------------------------------------------------------------------------------

    def connect(self, send: Send) -> Dispatcher:
        """Join a view in a browser to the model, as with every model."""
        return connect(self, send)

    def update(self, changes: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """Set controls, as with every model."""
        with self._emitting:
            with self._lock:
                known = None if self._layout is None else len(self._layout)
                changed = settle(self._state, {**(changes or {}), **more}, known)
                self._state.update(changed)
            if changed:
                self._emit("state", {"changes": changed})
            if "path" in changed:
                self._jobs.start(self._make)
        return changed

    def retry(self) -> None:
        """Go on with what is not known yet."""
        self._jobs.start(self._make)

    def reload(self) -> None:
        """Read everything again."""

        def again(job: Job) -> None:
            self._close_source()
            self._make(job)

        self._jobs.start(again)

    def wait(self, timeout: float | None = None) -> ArrayLayout:
        """Wait until all is known.

        Parameters
        ----------
        timeout : float, optional
            Seconds; None waits as long as it takes.

        Returns
        -------
        ArrayLayout
            The array.

        Raises
        ------
        Dsa110VisError
            The reason why it could not be read.
        TimeoutError
            If it took too long.
        """
        self._jobs.wait(timeout)
        if self._layout is None:
            message = "There is no Measurement Set to look at."
            raise OptionError(message, "Set path to the one you want to see.")
        return self._layout

    def close(self) -> None:
        """Stop everything and let go of the file."""
        self._listeners.clear()
        self._jobs.close(self._close_source)

    # -- asking it --------------------------------------------------------------------------------------------------

    @property
    def antennas(self) -> pd.DataFrame:
        """One row per antenna: the columns of `MeasurementSet.antennas`, and ``mean_amp``. Waits until all is known."""
        return self.wait().antennas

    def selection_text(self) -> str:
        """Give the selection string for the antennas that are picked, for the parameter ``antenna``.

        Returns
        -------
        str
            All baselines of one antenna, the baseline between two, those among more; empty if none is picked.

        Raises
        ------
        Dsa110VisError
            If the file cannot be read.
        """
        with self._opened() as source:
            return selection_of(self.state["selected"], source.array)

    def select_from(self, text: str) -> list[int]:
        """Pick the antennas that a selection string is about.

        Parameters
        ----------
        text : str
            For the parameter ``antenna``, from a raster of the same file.

        Returns
        -------
        list of int
            The antennas that are picked now.

        Raises
        ------
        SelectionSyntaxError, SelectionEmptyError
            If the string cannot be understood, or matches nothing.
        """
        with self._opened() as source:
            found = source.picked(text)
        self.update(selected=found)
        return found

    def antenna(self, number: int, check: Callable[[], None] = lambda: None) -> dict[str, Any]:
        """Describe one antenna.

        Parameters
        ----------
        number : int
            Antenna number.
        check : callable, optional
            Is called now and then; raises to stop.

        Returns
        -------
        dict
            As the operation ``antenna`` answers.
        """
        with self._opened() as source:
            self._check_antenna(source, number)
            return source.antenna(number, check)

    def baseline(self, first: int, second: int, check: Callable[[], None] = lambda: None) -> dict[str, Any]:
        """Describe one baseline.

        Parameters
        ----------
        first, second : int
            Antenna numbers.
        check : callable, optional
            Is called now and then; raises to stop.

        Returns
        -------
        dict
            As the operation ``baseline`` answers.

        Raises
        ------
        SelectionEmptyError
            If there are no data between the two.
        """
        with self._opened() as source:
            self._check_antenna(source, first)
            self._check_antenna(source, second)
            return source.baseline(first, second, check)

    def uv(self, max_points: int = 200_000, check: Callable[[], None] = lambda: None) -> UvPoints:
        """Give points of the uv plane.

        Parameters
        ----------
        max_points : int
            At most how many.
        check : callable, optional
            Is called now and then; raises to stop.

        Returns
        -------
        UvPoints
            The points, coloured by the control ``uv_color``.
        """
        with self._opened() as source:
            return source.uv(self.state["uv_color"], max_points, check)

    def lengths(self) -> dict[str, Any]:
        """Count baselines by their lengths.

        Returns
        -------
        dict
            As the operation ``lengths`` answers.
        """
        with self._opened() as source:
            return source.lengths()

    # -- what leaves it ---------------------------------------------------------------------------------------------

    def export(self, kind: str, *, width: int = 900, height: int = 700) -> tuple[bytes, str, str]:
        """Draw what is shown, or write the table of the antennas (csv), as with every model."""
        with self._opened(flags=True) as source:
            assert self._layout is not None  # noqa: S101  it is open
            return antenna_output.draw(self._layout, source, self.state, kind, (width, height))

    def save(self, filename: str | os.PathLike[str], *, width: int = 900, height: int = 700) -> Path:
        """Save what is shown to a file.

        Parameters
        ----------
        filename : path
            The ending says the format: .png, .svg, .pdf or .csv.
        width, height : int
            Size in pixels.

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
            The reason why there is nothing to draw.
        """
        return write(filename, self.export(kind_of(filename), width=width, height=height)[0])

    def thumbnail(self) -> bytes | None:
        """Draw the array small, for the notebook file.

        Returns
        -------
        bytes or None
            A PNG; None if there is nothing yet.
        """
        layout, source = self._layout, self._source
        if layout is None or source is None:
            return None
        try:
            return antenna_output.thumbnail(layout, source, self.state)
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
        return antenna_output.describe(self._layout, self.state)

    def code(self) -> str:
        """Give the Python code that makes this picture again, as with every model."""
        return antenna_output.code(self.state)

    # -- the work ---------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _opened(self, *, flags: bool = False) -> Iterator[Source]:
        """Give what answers, having waited for it if need be; say so if another file has taken its place meanwhile."""
        layout = self._layout
        if layout is None or (flags and not layout.flags and self.busy):
            self.wait()
        source = self._source
        if source is None:
            message = "There is no Measurement Set to look at."
            raise OptionError(message, "Set path to the one you want to see.")
        try:
            yield source
        except UnreadableError:
            if source is self._source:
                raise
            message = f"{source.name} is not shown any more."
            raise StaleError(message, "Ask about the new one.") from None

    @staticmethod
    def _check_antenna(source: Source, number: int) -> None:
        if not 0 <= number < len(source.array):
            message = f"There is no antenna {number}."
            raise OptionError(message, f"There are {len(source.array)}, counted from 0.")

    def _close_source(self) -> None:
        source, self._source, self._layout = self._source, None, None
        if source is not None:
            source.close()

    def _make(self, job: Job) -> None:
        source = self._open(self.state["path"], job)
        layout = self._layout
        assert layout is not None  # noqa: S101  it is open
        if not layout.flags:
            share = FLAGS_SHARE if source.kind == "ms" else 1.0
            text = f"Reading the flags of {source.name}"
            layout = source.with_flags(layout, lambda fraction: job.tell(share * fraction, text))
            self._show(job, layout)
        if not layout.amplitudes:
            text = f"Reading the amplitudes of {source.name}"
            more = source.with_amplitudes(
                layout, lambda fraction: job.tell(FLAGS_SHARE + (1 - FLAGS_SHARE) * fraction, text)
            )
            if more.amplitudes:
                self._show(job, more)
                for warning in source.warnings:
                    self._emit("notice", {"level": "warning", "text": warning})

    def _open(self, path: str, job: Job) -> Source:
        """Make sure that the file is open, as it is on disk now, and that positions are shown."""
        if not path:
            message = "There is no Measurement Set to look at."
            raise OptionError(message, "Set path to the one you want to see.")
        source = self._source
        known = source is not None and self._layout is not None
        if source is not None and known and source.path == path and Path(path).is_dir():
            if not source.changed():
                return source
            self._emit("notice", {"level": "info", "text": "The file has changed on disk and is read again."})
        self._close_source()
        job.tell(0.0, f"Opening {Path(path).name}")
        source = open_source(path, self._chosen.selections if self._chosen.path == path else ())
        first = True
        try:
            rows = threading.Thread(target=_quietly, args=(source.read_rows,), name="dsa110-vis-rows", daemon=True)
            rows.start()
            rows.join(PATIENCE)
            self._source = source
            if rows.is_alive():
                self._begin(job, early_layout(source.kind, Path(path), source.array))
                first = False
            layout = source.positions()
        except BaseException:
            self._close_source()
            source.close()
            raise
        if first:
            self._begin(job, layout)
        else:
            self._show(job, layout)
        return source

    def _begin(self, job: Job, layout: ArrayLayout) -> None:
        """Show another array."""
        with self._emitting:
            job.check()
            self._generation += 1
            self._emit("source", self.source)
            self._emit("choices", self.choices)
            size = len(layout)
            self._apply(job, {name: [k for k in self._state[name] if k < size] for name in ("selected", "exclude")})
            self._show(job, layout)

    def _show(self, job: Job, layout: ArrayLayout) -> None:
        with self._emitting:
            job.check()
            self._layout = layout
            self._emit("layout", self.described())


def _quietly(work: Callable[[], None]) -> None:
    """Do something whose failure is met again where it is needed."""
    with contextlib.suppress(Dsa110VisError):
        work()
