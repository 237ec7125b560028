"""An interactive deconvolution: the state machine around an engine, on a thread of its own.

Commands return at once with a future and are done in order. Pausing, stopping, and changes of mask and parameters do
not wait for their turn: they are done between two chunks of minor iterations, or at the end of a major cycle.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsa110_vis.clean import convergence
from dsa110_vis.clean.cleaning import Cleaning
from dsa110_vis.clean.lock import SessionLock
from dsa110_vis.clean.opening import check_changeable, open_store
from dsa110_vis.clean.standing import Listener, Standing
from dsa110_vis.clean.states import WORKING, State, StopReason
from dsa110_vis.clean.turns import Turns, already_failed
from dsa110_vis.errors import (
    CheckpointError,
    CleanError,
    Dsa110VisError,
    MeasurementSetChangedError,
    MeasurementSetLockedError,
    MeasurementSetNotFoundError,
    SessionStateError,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    import pandas as pd

    from dsa110_vis.clean.checkpoints import Store
    from dsa110_vis.clean.engine import Engine, Masks
    from dsa110_vis.clean.parameters import Parameters

    EngineFactory = Callable[[Parameters, Path], Engine]

__all__ = ["CHECKPOINT_BYTES", "CHUNK_SECONDS", "CleanSession"]

logger = logging.getLogger(__name__)

CHUNK_SECONDS = 0.5
"""What a chunk of minor iterations aims at."""

CHECKPOINT_BYTES = 2 << 30
"""What the checkpoints of a session may take on disk."""

_PASSING = (CheckpointError, MeasurementSetChangedError, MeasurementSetLockedError, MeasurementSetNotFoundError)
"""What can be mended, so that the session rests and goes on when asked again."""


class CleanSession:
    """Deconvolve step by step: look, mask, clean some cycles, go back, go on.

    Nothing is touched before `start`. Commands return a future; what fails raises there. The session's folder
    ``<imagename>.session`` holds its checkpoints, its lock and CASA's log; a process with CASA works in it.

    Parameters
    ----------
    parameters : Parameters
        What to image, and how.
    engine : callable, optional
        Makes the engine from the parameters and the session's folder; CASA by default. CASA can only be started
        once in a process and takes it over, so a session with CASA belongs into a process of its own: see
        `dsa110_vis.host.SessionHost`.
    resume : bool
        Whether to go on with the session that is in the folder already, from its latest checkpoint.
    chunk_seconds : float or None
        What a chunk of minor iterations aims at; None for whole cycles, as tclean does them.
    checkpoint_bytes : int
        What the checkpoints may take on disk; older ones are thinned out.
    """

    def __init__(
        self,
        parameters: Parameters,
        *,
        engine: EngineFactory | None = None,
        resume: bool = False,
        chunk_seconds: float | None = CHUNK_SECONDS,
        checkpoint_bytes: int = CHECKPOINT_BYTES,
    ) -> None:
        self.folder = Path(f"{parameters.imagename}.session")
        self._parameters = parameters
        self._factory = engine or _casa
        self._resume = resume
        self._chunk_seconds = chunk_seconds
        self._limit = checkpoint_bytes
        self._lock: SessionLock | None = None
        self._engine: Engine | None = None
        self._cleaning: Cleaning | None = None
        self._store: Store | None = None

        self._standing = Standing()
        self._started = False
        self._turns = Turns("dsa110-vis-clean", failed=self._went_wrong, closed=self._let_go)

    # -- how it is doing ----------------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """What the session does."""
        return self._standing.state

    @property
    def reason(self) -> StopReason | None:
        """Why cleaning ended, if it did."""
        return self._standing.reason

    @property
    def failure(self) -> Dsa110VisError | None:
        """What went wrong last: for good if the state is ``failed``, until it is mended otherwise."""
        return self._standing.failure

    @property
    def progress(self) -> tuple[float, str, float | None]:
        """How far the present step is (0 to 1), what it does, and the seconds it will take yet where that is known."""
        return self._standing.progress

    @property
    def parameters(self) -> Parameters:
        """The present parameters."""
        return self._parameters

    @property
    def cycle(self) -> int | None:
        """The present checkpoint; None before the dirty image."""
        return None if self._store is None or not self._store.entries() else self._store.current

    @property
    def cycles(self) -> list[dict[str, Any]]:
        """All checkpoints, oldest first: ``id``, ``parent``, ``kind`` (dirty, cycle or mask), ``kept`` and numbers."""
        return [] if self._store is None else self._store.entries()

    @property
    def convergence(self) -> pd.DataFrame:
        """A row for every plane after every cycle on the way to the present checkpoint (see `convergence.COLUMNS`)."""
        return convergence.frame([] if self._store is None or self.cycle is None else self._store.rows(self.cycle))

    @property
    def masks(self) -> Masks:
        """The clean mask, one array of bool a field, shape (Stokes, channels, y, x); empty before the dirty image."""
        return [] if self._cleaning is None else [mask.copy() for mask in self._cleaning.masks]

    @property
    def imagenames(self) -> list[str]:
        """The paths of the images without their endings, the main one first; empty before the engine is there."""
        if self._engine is None or self._cleaning is None:
            return []
        return [image.imagename for image in self._engine.fields]

    def summary(self) -> dict[str, Any]:
        """Say all of this at once.

        Returns
        -------
        dict
            What JSON can hold; no pixels.
        """
        return {
            **self._standing.summary(),
            "parameters": self._parameters.to_dict(),
            "cycle": self.cycle,
            "cycles": self.cycles,
            "imagenames": self.imagenames,
            "folder": str(self.folder),
        }

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Be told what happens: ``state``, ``progress``, ``cycle``, ``masks`` and ``parameters``, each with a dict.

        Parameters
        ----------
        listener : callable
            Is called on the session's thread and must return at once.

        Returns
        -------
        callable
            Ends it.
        """
        return self._standing.listen(listener)

    # -- commands -----------------------------------------------------------------------------------------------------

    def start(self) -> Future[None]:
        """Make PSF and dirty image, or go on from the latest checkpoint.

        Returns
        -------
        Future
            Is done when the session is ready.
        """
        if self._started:
            return already_failed(SessionStateError("The session was started already."))
        self._started = True
        return self._submit(self._begin)

    def run(self, cycles: int | None = 1) -> Future[StopReason | None]:
        """Do cycles, each a minor and a major one.

        Parameters
        ----------
        cycles : int or None
            How many; None until a rule says to stop.

        Returns
        -------
        Future
            Of the rule that held, or None after so many cycles or a pause.
        """
        if cycles is not None and cycles < 1:
            return already_failed(
                SessionStateError(f"{cycles} cycles cannot be run.", "At least 1, or None to run on.")
            )

        def work() -> StopReason | None:
            if (reason := self._ready().run(cycles)) is not None:
                self._standing.to(State.STOPPED, reason)
            return reason

        return self._submit(work)

    def finish(self) -> Future[list[str]]:
        """Run until a rule says to stop, and make the restored images; a pause ends it before.

        Returns
        -------
        Future
            Of the paths of the restored images; none after a pause.
        """

        def work() -> list[str]:
            reason = self._ready().run(None)
            return [] if reason is None else self._restore(State.FINISHED, reason)

        return self._submit(work)

    def restore(self) -> Future[list[str]]:
        """Make the restored images of the present model, and stay where the session is.

        Returns
        -------
        Future
            Of their paths.
        """
        return self._submit(lambda: self._restore(self._resting(), self.reason))

    def undo(self) -> Future[None]:
        """Take the cycle that was paused back, or else the latest checkpoint.

        Returns
        -------
        Future
            Is done when the residual is what it was.
        """
        return self._submit(lambda: self._ready().undo())

    def redo(self) -> Future[None]:
        """Do again what was taken back last.

        Returns
        -------
        Future
            Is done when the residual is what it was.
        """
        return self._submit(lambda: self._ready().redo())

    def go_to(self, checkpoint: int) -> Future[None]:
        """Go to any checkpoint; a cycle from there begins a branch.

        Parameters
        ----------
        checkpoint : int
            Its id.

        Returns
        -------
        Future
            Is done when the residual is what it was.
        """
        return self._submit(lambda: self._ready().go_to(checkpoint))

    def set_masks(self, masks: Masks) -> Future[None]:
        """Clean in another mask, from the next chunk on.

        Parameters
        ----------
        masks : list of ndarray of bool
            One a field, shape (Stokes, channels, y, x).

        Returns
        -------
        Future
            Is done when the mask is written and kept.
        """

        def work() -> None:
            try:
                self._ready().set_masks(masks)
            finally:  # a mask that could not be kept is used all the same
                self._standing.tell("masks", {"pixels": [int(mask.sum()) for mask in self.masks]})

        return self._submit(work, pressing=True)

    def set_parameters(self, **changes: Any) -> Future[None]:
        """Clean with other parameters, from the next chunk on.

        Parameters
        ----------
        **changes
            Those of `parameters.CHANGEABLE`.

        Returns
        -------
        Future
            Is done when they are taken; raises ParameterError if one cannot be.
        """

        def work() -> None:
            check_changeable(changes)
            parameters = self._parameters.changed(**changes)
            self._ready().change(parameters)
            self._parameters = parameters
            self._standing.tell("parameters", {"changes": {name: parameters.to_dict()[name] for name in changes}})

        return self._submit(work, pressing=True)

    def pause(self) -> None:
        """Rest at the next chunk, or at the end of the major cycle; what waits to be run is dropped."""
        self._ask(State.READY)

    def stop(self) -> None:
        """Stop at the next chunk, or at the end of the major cycle; what waits to be run is dropped."""
        self._ask(State.STOPPED)

    def close(self) -> None:
        """Let go of everything, after the present chunk or major cycle; what is not done is dropped."""
        self._ask(State.READY)
        self._turns.close()

    # -- on the thread ------------------------------------------------------------------------------------------------

    def _submit(self, work: Callable[[], Any], *, pressing: bool = False) -> Future[Any]:
        def unless_failed() -> Any:
            if self.state is State.FAILED:
                message = "The session has failed" + ("." if self.failure is None else f": {self.failure.message}")
                raise SessionStateError(message, "Resume it from its latest checkpoint.")
            return work()

        future = self._turns.submit(unless_failed, pressing=pressing)
        if future is None:
            return already_failed(SessionStateError("The session was closed.", "Resume it to go on."))
        return future

    def _ask(self, rest: State) -> None:
        def stop() -> None:
            if self._cleaning is not None and self.state is not State.FINISHED:
                self._standing.to(State.STOPPED, StopReason.USER)

        self._turns.ask_to_rest(rest)
        if rest is State.STOPPED and self._started:
            # what goes on may be a change of the mask, say, which does not rest
            self._submit(stop, pressing=True)

    def _let_go(self) -> None:
        try:
            if self._engine is not None:
                self._engine.close()
        except Exception:
            logger.exception("The engine did not close")
        if self._lock is not None:
            self._lock.release()

    def _went_wrong(self, error: BaseException, pressing: bool) -> Dsa110VisError:  # noqa: FBT001  as it comes
        """Find out what a failure means for the session, and give it as an error that can be shown."""
        if not isinstance(error, Dsa110VisError):
            logger.error("The session failed", exc_info=error)
            error = CleanError(f"The session failed: {type(error).__name__}: {str(error)[:300]}")
        if self.state is State.FAILED or isinstance(error, SessionStateError):
            return error
        if isinstance(error, CleanError) or self._cleaning is None:
            self._standing.failure = error
            self._standing.to(State.FAILED)
            self._let_go()
        elif isinstance(error, _PASSING) and self.state in WORKING:
            self._standing.failure = error
            self._standing.to(self.state if pressing else State.READY)
        return error

    def _begin(self) -> None:
        self._standing.to(State.STARTING)
        self._lock = SessionLock(self.folder)
        self._store, resumed = open_store(self.folder, self._parameters, resume=self._resume, limit_bytes=self._limit)
        self._engine = self._factory(self._parameters, self.folder)
        cleaning = Cleaning(self._parameters, self._engine, self._store, self, chunk_seconds=self._chunk_seconds)
        if resumed:
            self._standing.failure = cleaning.resume()
        else:
            cleaning.begin()
        self._cleaning = cleaning
        self._standing.to(State.READY)

    def _ready(self) -> Cleaning:
        if self._cleaning is None:
            message = "The session has not been started."
            raise SessionStateError(message, "Start it first.")
        return self._cleaning

    def _resting(self) -> State:
        return self.state if self.state in (State.FINISHED, State.STOPPED) else State.READY

    def _restore(self, after: State, reason: StopReason | None) -> list[str]:
        paths = self._ready().restore(reason)
        self._standing.to(after, reason)
        return paths

    # -- what cleaning tells and asks (cleaning.Watcher) --------------------------------------------------------------

    def came_to(self, state: State, reason: StopReason | None = None) -> None:
        """Hear from the cleaning that another state has come."""
        self._standing.to(state, reason)

    def is_at(self, fraction: float, text: str, left: float | None) -> None:
        """Hear from the cleaning how far a step is."""
        self._standing.is_at(fraction, text, left)

    def kept(self, entry: dict[str, Any]) -> None:
        """Hear from the cleaning of a new checkpoint."""
        self._standing.tell("cycle", entry)

    def between(self) -> State | None:
        """Do what does not wait for its turn, and say whether the cleaning goes on."""
        rest = self._turns.between()
        if self.state is State.FAILED and self.failure is not None:
            raise self.failure
        return None if rest is None else State(rest)


def _casa(parameters: Parameters, folder: Path) -> Engine:
    from dsa110_vis.clean.casa_engine import CasaEngine  # noqa: PLC0415  CASA is imported in a session's own process

    return CasaEngine(parameters, folder=folder)
