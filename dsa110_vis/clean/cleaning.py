"""Cleaning, one step after another: what a session does on its thread, without the thread.

A minor cycle is done in chunks, and between chunks the session is asked whether to go on. A cycle that was paused
stays open: residual and model are in the middle of it, and it goes on from there. Every whole cycle and every new mask
is kept in the store, and each of them can be gone back to: the model is written back, and one major cycle makes its
residual.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from dsa110_vis.clean import convergence, stopping
from dsa110_vis.clean.chunks import Chunks
from dsa110_vis.clean.data_watch import DataWatch
from dsa110_vis.clean.engine import CycleStart, MinorControls
from dsa110_vis.clean.history import History
from dsa110_vis.clean.states import State, StopReason
from dsa110_vis.clean.time_left import minor_fraction, seconds_left
from dsa110_vis.errors import CleanError, OptionError, SessionStateError

if TYPE_CHECKING:
    from dsa110_vis.clean.checkpoints import Store
    from dsa110_vis.clean.engine import Engine, Masks
    from dsa110_vis.clean.parameters import Parameters
    from dsa110_vis.errors import CheckpointError

__all__ = ["Cleaning", "Watcher"]


class Watcher(Protocol):
    """Who is told what cleaning does, and says whether it goes on."""

    def came_to(self, state: State, reason: StopReason | None = None) -> None:
        """Hear that another state has come.

        Parameters
        ----------
        state : State
            The new one.
        reason : StopReason or None
            Why cleaning ended, if it did.
        """

    def is_at(self, fraction: float, text: str, left: float | None) -> None:
        """Hear how far a step is.

        Parameters
        ----------
        fraction : float
            0 to 1.
        text : str
            What is being done.
        left : float or None
            Seconds until the step is done, where that can be said.
        """

    def kept(self, entry: dict[str, Any]) -> None:
        """Hear of a new checkpoint.

        Parameters
        ----------
        entry : dict
            As the store has it.
        """

    def between(self) -> State | None:
        """Use the moment between two chunks, and say whether to go on.

        Returns
        -------
        State or None
            The state to rest in, or None to go on.
        """


@dataclass
class _OpenCycle:
    """A minor cycle that has begun."""

    start: CycleStart
    threshold: float
    limit: int
    peak: float
    began: float = field(default_factory=time.monotonic)
    iterations: int = 0
    most: int = 0
    by_plane: dict[tuple[int, int, int], int] = field(default_factory=dict)
    chunks: list[int] = field(default_factory=list)
    exhausted: bool = False  # no plane has anything left to do


class Cleaning:
    """A deconvolution under way.

    Parameters
    ----------
    parameters : Parameters
        What to image, and how.
    engine : Engine
        Does it.
    store : Store
        Keeps the checkpoints.
    watcher : Watcher
        Is told, and asked.
    chunk_seconds : float or None
        What a chunk of minor iterations aims at; None for whole cycles.
    """

    def __init__(
        self, parameters: Parameters, engine: Engine, store: Store, watcher: Watcher, *, chunk_seconds: float | None
    ) -> None:
        self.parameters = parameters
        self._store = store
        self._history = History(store, watcher.kept)
        self._engine = engine
        self._watcher = watcher
        self._chunks = Chunks(chunk_seconds)
        self._data = DataWatch(parameters)
        self._open: _OpenCycle | None = None
        self._start: CycleStart | None = None  # of the next cycle, while residual and mask are as they were then
        self._masks: Masks = []

    # -- how it begins ------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Make PSF and dirty image."""
        self._data.check(opening=True)
        self._engine.open(resume=False)
        self._watcher.came_to(State.PSF)
        self._engine.make_psf(self._reporter())
        self._watcher.came_to(State.DIRTY)
        began = time.monotonic()
        self._engine.major(self._reporter())
        self._engine.update_masks()
        self._masks = self._engine.masks()
        self._keep("dirty", began)

    def resume(self) -> CheckpointError | None:
        """Go on from the present checkpoint, with another PSF if the data have changed since.

        Returns
        -------
        CheckpointError or None
            What is wrong with that checkpoint, if it goes on from one before it.
        """
        self._data.check(opening=True)
        models, self._masks, problem = self._history.take_up()  # before anything else on disk is touched
        facts = self._store.facts
        changed = self._data.differ_from(facts.get("data", {}))
        if changed:
            self._store.set_facts({**facts, "data": {}})  # until there is a PSF of them
        self._engine.open(resume=not changed)
        if changed:
            self._watcher.came_to(State.PSF)
            self._engine.make_psf(self._reporter())
            self._store.set_facts({**facts, "data": self._data.fingerprints()})
        self._engine.set_models(models)
        self._engine.set_masks(self._masks)
        self._watcher.came_to(State.DIRTY if changed else State.MAJOR)
        self._engine.major(self._reporter())
        return problem

    # -- cycles -------------------------------------------------------------------------------------------------------

    def run(self, cycles: int | None) -> StopReason | None:
        """Do cycles, each a minor and a major one.

        Parameters
        ----------
        cycles : int or None
            How many; None until a rule says to stop.

        Returns
        -------
        StopReason or None
            The rule that held, and what comes of it is for the caller to say; None after so many cycles or a pause.
        """
        self._history.keep()
        done = 0
        while cycles is None or done < cycles:
            if self._open is None and (reason := self._next_cycle()) is not None:
                return reason
            rest = self._minor()
            if rest is None:
                self._major()
                done += 1
                rest = self._watcher.between()
            if rest is not None:
                self._watcher.came_to(rest, StopReason.USER if rest is State.STOPPED else None)
                return None
        if (reason := self._reason()) is not None:
            return reason
        self._watcher.came_to(State.READY)
        return None

    def restore(self, reason: StopReason | None) -> list[str]:
        """Make the restored images of the present model; an open cycle is closed before.

        Parameters
        ----------
        reason : StopReason or None
            Why cleaning ended, if it did.

        Returns
        -------
        list of str
            Their paths.
        """
        self._history.keep()
        if self._open is not None:
            self._major()
        self._watcher.came_to(State.RESTORING, reason)
        return self._engine.restore()

    def _next_cycle(self) -> StopReason | None:
        """Open a cycle unless a rule says to stop."""
        if (reason := self._reason()) is not None:
            return reason
        start = self._look()
        limits = stopping.Limits.of(self.parameters)
        limit = stopping.cycle_limit(self._history.done(), limits)
        self._open = _OpenCycle(start, stopping.cycle_threshold(start, limits), limit, start.peak)
        return None

    def _reason(self) -> StopReason | None:
        start = self._look()
        done = self._history.done()
        progress = stopping.Progress(done.iterations, done.majors, (*done.peaks, start.peak))
        return stopping.reason_to_stop(start, progress, stopping.Limits.of(self.parameters))

    def _look(self) -> CycleStart:
        if self._start is None:
            self._start = self._engine.begin(self.parameters.nsigma)
        return self._start

    def _minor(self) -> State | None:
        """Do the rest of the open cycle's iterations; give the state to rest in if it was paused."""
        cycle = self._opened()
        self._watcher.came_to(State.MINOR)
        while True:
            left = cycle.limit - cycle.most
            if cycle.exhausted or left <= 0:
                return None
            size = self._chunks.size()
            count = left if size is None else min(left, size)
            parameters = self.parameters
            began = time.monotonic()
            result = self._engine.minor(
                MinorControls(count, cycle.threshold, parameters.gain, parameters.nsigma, final=count == left)
            )
            self._chunks.took(result.most_iterations, time.monotonic() - began)
            self._start = None
            cycle.iterations += result.iterations
            cycle.most += max(result.most_iterations, 0 if result.iterations else count)
            cycle.peak = result.peak
            cycle.chunks.append(count)
            for plane, iterations in result.by_plane.items():
                cycle.by_plane[plane] = cycle.by_plane.get(plane, 0) + iterations
            cycle.exhausted = result.most_iterations < count or result.peak <= cycle.threshold
            self._tell_minor(cycle)
            if (rest := self._watcher.between()) is not None:
                return rest

    def _tell_minor(self, cycle: _OpenCycle) -> None:
        fraction = minor_fraction(cycle.start.peak, cycle.peak, cycle.threshold, cycle.most, cycle.limit)
        text = f"{cycle.iterations} iterations, peak {cycle.peak:.4g} Jy/beam, down to {cycle.threshold:.4g}"
        self._watcher.is_at(fraction, text, seconds_left(fraction, time.monotonic() - cycle.began))

    def _major(self) -> None:
        """Close the open cycle with its major cycle, and keep it."""
        cycle = self._opened()
        self._data.check()
        self._watcher.came_to(State.MAJOR)
        self._engine.major(self._reporter())
        self._data.check()  # once more: the residual is of what they were meanwhile
        self._engine.update_masks()
        self._masks = self._engine.masks()
        self._open = self._start = None
        self._keep("cycle", cycle.began, cycle)

    def _opened(self) -> _OpenCycle:
        if self._open is None:
            message = "No cycle has begun."
            raise SessionStateError(message)
        return self._open

    # -- back and forth -----------------------------------------------------------------------------------------------

    def go_to(self, checkpoint: int) -> None:
        """Go back, or forth, to a checkpoint; exactly.

        Parameters
        ----------
        checkpoint : int
            Its id.

        Raises
        ------
        CheckpointError
            If there is no such checkpoint, or its model was thinned out.
        """
        self._history.keep()
        models, masks = self._history.load(checkpoint)
        other_model = self._open is not None or not self._history.has_model_of(checkpoint)
        if other_model:
            self._data.check()
        self._history.go_to(checkpoint)  # what can fail comes first
        if other_model:
            self._watcher.came_to(State.MAJOR)
            self._engine.set_models(models)
        self._engine.set_masks(masks)
        if other_model:
            self._engine.major(self._reporter())
        self._masks = masks
        self._open = self._start = None
        self._watcher.came_to(State.READY)

    def undo(self) -> None:
        """Take the open cycle back, or else the present checkpoint.

        Raises
        ------
        SessionStateError
            At the first one.
        """
        self._history.keep()
        here = self._history.here
        self.go_to(here if self._open is not None and here is not None else self._history.before())

    def redo(self) -> None:
        """Do again what was taken back last.

        Raises
        ------
        SessionStateError
            If nothing was.
        """
        self._history.keep()
        self.go_to(self._history.after())

    # -- changes on the way -------------------------------------------------------------------------------------------

    @property
    def masks(self) -> Masks:
        """The present clean mask, one array of bool a field."""
        return self._masks

    def set_masks(self, masks: Masks) -> None:
        """Take another clean mask; an open cycle goes on with it.

        Parameters
        ----------
        masks : list of ndarray of bool
            One a field, shape (Stokes, channels, y, x).

        Raises
        ------
        OptionError
            If a mask has not the shape of its image.
        """
        fields = self._engine.fields
        shapes, wanted = [mask.shape for mask in masks], [image.shape for image in fields]
        if shapes != wanted:
            message = f"The masks have the shapes {shapes}, and the images {wanted}."
            raise OptionError(message, "One mask for each image field, by Stokes plane, channel, y and x.")
        masks = [np.array(mask, dtype=bool) for mask in masks]
        if all(np.array_equal(new, old) for new, old in zip(masks, self._masks, strict=True)):
            return
        self._engine.set_masks(masks)
        self._masks = masks
        self._start = None
        if self._open is not None:
            start = self._look()
            self._open.peak = start.peak
            self._open.exhausted = start.mask_pixels == 0
        self._history.add("mask", self._present(), models=None, masks=masks)

    def change(self, parameters: Parameters) -> None:
        """Take other parameters; an open cycle goes on with them.

        Parameters
        ----------
        parameters : Parameters
            All of them; only those that may change differ.
        """
        self._store.set_parameters(parameters.to_dict())  # what can fail comes first
        self._engine.change(parameters)
        self.parameters = parameters
        self._start = None
        if self._open is not None:
            limits = stopping.Limits.of(parameters)
            self._open.threshold = stopping.cycle_threshold(self._open.start, limits)
            self._open.limit = stopping.cycle_limit(self._history.done(), limits)
            self._open.exhausted = False

    # -- inside -------------------------------------------------------------------------------------------------------

    def _keep(self, kind: str, began: float, cycle: _OpenCycle | None = None) -> None:
        """Measure the images as they are, and keep them."""
        models = self._engine.models()
        measures = self._engine.measure(models)
        if kind == "dirty" and not any(plane.peak_inside > 0 or plane.peak_outside > 0 for plane in measures):
            message = "The dirty image is zero or blank everywhere: there is nothing to clean."
            raise CleanError(message, "Look whether the data column is filled, and with numbers.")
        first = [plane for plane in measures if plane.term == 0]
        numbers = {
            "peak": max((plane.peak_inside for plane in first if not np.isnan(plane.peak_inside)), default=None),
            "flux": sum(plane.flux for plane in first),
            "seconds": time.monotonic() - began,
            **self._present(),
        }
        if cycle is not None:
            numbers |= {"start_peak": cycle.start.peak, "threshold": cycle.threshold, "chunks": cycle.chunks}
        rows = convergence.rows(
            measures,
            self._engine.fields,
            iterations={} if cycle is None else cycle.by_plane,
            cycle_threshold=None if cycle is None else cycle.threshold,
            seconds=numbers["seconds"],
        )
        iterations = 0 if cycle is None else cycle.iterations
        self._history.add(kind, numbers, models=models, masks=self._masks, rows=rows, iterations=iterations)

    def _present(self) -> dict[str, Any]:
        pixels = sum(int(np.count_nonzero(mask)) for mask in self._masks)
        return {"mask_pixels": pixels, "parameters": self.parameters.to_dict()}

    def _reporter(self) -> Any:
        """Make what an engine tells how far a step is."""
        began = time.monotonic()

        def report(fraction: float, text: str) -> None:
            self._watcher.is_at(fraction, text, seconds_left(fraction, time.monotonic() - began))

        return report
