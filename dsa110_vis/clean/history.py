"""Where a session is among its checkpoints, how it came there, and what has yet to be kept."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from dsa110_vis.clean.stopping import Progress
from dsa110_vis.errors import CheckpointError, SessionStateError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dsa110_vis.clean.checkpoints import Store
    from dsa110_vis.clean.engine import Masks, Models

__all__ = ["History"]


class History:
    """The checkpoints of a session, as cleaning sees them.

    A checkpoint for which the disk has no room is not lost: it waits here, counts, and is kept as soon as there is.

    Parameters
    ----------
    store : Store
        Has the checkpoints.
    kept : callable
        Is told the entry of each new one.
    """

    def __init__(self, store: Store, kept: Callable[[dict[str, Any]], None]) -> None:
        self._store, self._told = store, kept
        self._waiting: list[dict[str, Any]] = []
        self._undone: list[int] = []

    @property
    def here(self) -> int | None:
        """The present checkpoint; None before the first."""
        return self._store.current

    def add(
        self,
        kind: str,
        numbers: Mapping[str, Any],
        *,
        models: Models | None,
        masks: Masks,
        rows: Sequence[Mapping[str, Any]] = (),
        iterations: int = 0,
    ) -> None:
        """Keep what was done.

        Parameters
        ----------
        kind : str
            ``dirty``, ``cycle`` or ``mask``.
        numbers : mapping
            What else a list of checkpoints shows; what is left out is as before.
        models, masks : list of ndarray
            One a field; no models where they are as before.
        rows : sequence of mapping
            Convergence rows.
        iterations : int
            How many more were done.

        Raises
        ------
        CheckpointError
            If it cannot be written; then it waits.
        """
        before = {} if kind == "dirty" else self._latest()
        entry = {
            "peak": before.get("peak"),
            "flux": before.get("flux"),
            "start_peak": None,
            "threshold": None,
            "chunks": [],
            "seconds": 0.0,
            **numbers,
            "kind": kind,
            "major": before.get("major", 0) + (kind == "cycle"),
            "iterations": before.get("iterations", 0) + iterations,
            "time": time.time(),
        }
        self._undone.clear()
        self._waiting.append({
            "entry": entry,
            "models": models,
            "masks": [mask.copy() for mask in masks],
            "rows": [{**row, "major": entry["major"]} for row in rows],
        })  # fmt: skip
        self.keep()

    def keep(self) -> None:
        """Keep what waits, if something does.

        Raises
        ------
        CheckpointError
            If there is still no room.
        """
        while self._waiting:
            number = self._store.add(**self._waiting[0])
            del self._waiting[0]
            self._told(self._store.entry(number))

    def done(self) -> Progress:
        """Say how far cleaning is on the way to the present.

        Returns
        -------
        Progress
            With the peaks at the start of each cycle since the mask changed last.
        """
        path = [self._store.entry(number) for number in self._store.path(self.here)]
        peaks: list[float] = []
        for entry in (*path, *(waiting["entry"] for waiting in self._waiting)):
            if entry["kind"] == "mask":
                peaks.clear()
            elif entry["kind"] == "cycle":
                peaks.append(entry["start_peak"])
        latest = self._latest()
        return Progress(latest["iterations"], latest["major"], tuple(peaks))

    def has_model_of(self, checkpoint: int) -> bool:
        """Say whether another checkpoint has the model that the present one has.

        Parameters
        ----------
        checkpoint : int
            The other.

        Returns
        -------
        bool
            True if only masks lie between the two.
        """
        return self._model_maker(checkpoint) == self._model_maker(self.here)

    def before(self) -> int:
        """Give the checkpoint from which the present one was made.

        Returns
        -------
        int
            Its id.

        Raises
        ------
        SessionStateError
            At the first one.
        """
        parent: int | None = self._store.entry(self.here)["parent"]
        if parent is None:
            message = "There is nothing to take back: this is the dirty image."
            raise SessionStateError(message)
        return parent

    def after(self) -> int:
        """Give the checkpoint that was taken back last, or the newest made from this one.

        Returns
        -------
        int
            Its id.

        Raises
        ------
        SessionStateError
            If there is none.
        """
        ahead = self._undone or self._store.children(self.here)
        if not ahead:
            message = "There is nothing to do again: this is the latest checkpoint."
            raise SessionStateError(message)
        return ahead[-1]

    def load(self, checkpoint: int | None) -> tuple[Models, Masks]:
        """Read model and mask of a checkpoint.

        Parameters
        ----------
        checkpoint : int
            Its id.

        Returns
        -------
        models, masks : list of ndarray
            One a field.

        Raises
        ------
        CheckpointError
            If there is no such checkpoint, or it was thinned out.
        """
        return self._store.load(checkpoint)

    def take_up(self) -> tuple[Models, Masks, CheckpointError | None]:
        """Read the present checkpoint, or the nearest one before it whose files are as they were written.

        Returns
        -------
        models, masks : list of ndarray
            One a field.
        problem : CheckpointError or None
            What is wrong with the one that should have been read.

        Raises
        ------
        CheckpointError
            If none can be read.
        """
        problem: CheckpointError | None = None
        for checkpoint in reversed(self._store.path(self.here)):
            try:
                models, masks = self._store.load(checkpoint)
            except CheckpointError as error:
                problem = problem or error
                continue
            if problem is not None:
                self._store.set_current(checkpoint)
                message = f"{problem.message} The session goes on from checkpoint {checkpoint}."
                problem = CheckpointError(message, "Look at the disk; what was done after it is done again.")
            return models, masks, problem
        message = "There is no checkpoint."
        raise problem or CheckpointError(message)

    def go_to(self, checkpoint: int) -> None:
        """Make a checkpoint the present one.

        Parameters
        ----------
        checkpoint : int
            Its id.
        """
        if self._undone and self._undone[-1] == checkpoint:
            self._undone.pop()
        elif self.here is not None and checkpoint == self._store.entry(self.here)["parent"]:
            self._undone.append(self.here)
        else:
            self._undone.clear()
        self._store.set_current(checkpoint)

    def _latest(self) -> dict[str, Any]:
        latest: dict[str, Any] = self._waiting[-1]["entry"] if self._waiting else self._store.entry(self.here)
        return latest

    def _model_maker(self, checkpoint: int | None) -> int | None:
        while (entry := self._store.entry(checkpoint))["kind"] == "mask":
            checkpoint = entry["parent"]
        return checkpoint
