"""One job at a time: a newer one ends the one before, and everyone can see how far it is."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from dsa110_vis.errors import CancelledError, Dsa110VisError
from dsa110_vis.view.lanes import Lane
from dsa110_vis.view.protocol import described

__all__ = ["Job", "Jobs"]

logger = logging.getLogger(__name__)

PROGRESS_SECONDS = 0.1
"""Least time between two reports of progress."""

Emit = Callable[[str, Any], None]


class Job:
    """A piece of work while it is done.

    Parameters
    ----------
    tell : callable
        Takes the fraction done and a text.
    """

    def __init__(self, tell: Callable[[float, str], None]) -> None:
        self._tell = tell
        self._stop = threading.Event()

    @property
    def wanted(self) -> bool:
        """Whether the work should go on."""
        return not self._stop.is_set()

    def cancel(self) -> None:
        """Say that the work is not wanted any more."""
        self._stop.set()

    def check(self) -> None:
        """Stop here if the work is not wanted any more.

        Raises
        ------
        CancelledError
            If it is not.
        """
        if not self.wanted:
            message = "Reading was cancelled."
            raise CancelledError(message, "The picture does not show the settings: retry.")

    def tell(self, fraction: float, text: str = "") -> bool:
        """Report progress.

        Parameters
        ----------
        fraction : float
            From 0 to 1.
        text : str
            What is being done.

        Returns
        -------
        bool
            Whether to go on.
        """
        if self.wanted:
            self._tell(fraction, text)
        return self.wanted


class Jobs:
    """Does the newest job on a thread of its own, and tells ``busy``, ``progress`` and ``failure``.

    Parameters
    ----------
    emit : callable
        Takes the name of an event and its data.
    order : RLock
        Held while events are told that belong together.
    name : str
        Name of the thread.
    """

    def __init__(self, emit: Emit, order: threading.RLock, *, name: str) -> None:
        self._emit = emit
        self._order = order
        self._changed = threading.Condition()
        self._lane = Lane(name)
        self._aside = Lane(f"{name}-aside")
        self._job: Job | None = None
        self._closed = False
        self._told = 0.0
        self.busy = False
        self.progress = (0.0, "")
        self.failure: Dsa110VisError | None = None

    def start(self, work: Callable[[Job], None]) -> None:
        """Begin a job, which ends the one before.

        Parameters
        ----------
        work : callable
            Takes the job. Errors of this package that it raises become the failure.
        """
        with self._order:
            if self._closed:
                return
            self.cancel()
            self._job = job = Job(self._tell)
            with self._changed:
                was_busy, self.busy = self.busy, True
                failed, self.failure = self.failure is not None, None
                self.progress = (0.0, "")
            if failed:
                self._emit("failure", None)
            if not was_busy:
                self._emit("busy", {"busy": True})
            self._lane.submit(lambda: self._run(job, work))

    def beside(self, work: Callable[[], None]) -> None:
        """Do something beside the jobs, unseen.

        Parameters
        ----------
        work : callable
            Is called without arguments.
        """
        self._aside.submit(work)

    def cancel(self) -> None:
        """End the job in hand."""
        if self._job is not None:
            self._job.cancel()

    def wait(self, timeout: float | None) -> None:
        """Wait until there is nothing to do.

        Parameters
        ----------
        timeout : float or None
            Seconds; None waits as long as it takes.

        Raises
        ------
        Dsa110VisError
            Why the last job failed.
        TimeoutError
            If it took too long.
        RuntimeError
            If the job itself waits.
        """
        if self._lane.is_current():
            message = "An observer cannot wait for the picture, because the picture waits for the observer."
            raise RuntimeError(message)
        with self._changed:
            if not self._changed.wait_for(lambda: not self.busy, timeout):
                message = f"The picture was not ready within {timeout} s."
                raise TimeoutError(message)
            if self.failure is not None:
                raise self.failure

    def close(self, last: Callable[[], None]) -> None:
        """End the job in hand and take no more.

        Parameters
        ----------
        last : callable
            Is called when the job has ended.
        """
        self._closed = True
        self.cancel()
        self._job = None
        self._aside.close()
        self._lane.close(last)
        with self._changed:
            self.busy = False
            self._changed.notify_all()

    def _tell(self, fraction: float, text: str) -> None:
        now = time.monotonic()
        if now - self._told >= PROGRESS_SECONDS:
            self._told = now
            self.progress = (fraction, text)
            self._emit("progress", {"fraction": fraction, "text": text})

    def _run(self, job: Job, work: Callable[[Job], None]) -> None:
        if job is not self._job:
            return
        failure: Dsa110VisError | None = None
        try:
            job.check()
            work(job)
        except CancelledError as error:
            failure = CancelledError("Reading was cancelled.", "The picture does not show the settings: retry.")
            failure.__cause__ = error
        except Dsa110VisError as error:
            failure = error
        except Exception as error:
            if job is not self._job:
                logger.info("A job that nobody wanted any more failed: %s", error)
                return
            logger.exception("The picture could not be made")
            failure = Dsa110VisError(
                f"The picture could not be made: {type(error).__name__}: {str(error)[:200]}",
                "This is a fault of dsa110_vis. The Python log has the details.",
            )
        with self._order:
            if job is not self._job:
                return
            with self._changed:
                self.failure = failure
                self.busy = False
                self.progress = (0.0, "") if failure else (1.0, "")
            if failure is not None:
                self._emit("failure", described(failure))
            self._emit("busy", {"busy": False})
            with self._changed:
                self._changed.notify_all()
