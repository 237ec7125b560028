"""Whether the Measurement Sets are still what a session began with, and free."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from dsa110_vis.clean.table_lock import LockLook
from dsa110_vis.errors import MeasurementSetChangedError, MeasurementSetLockedError, MeasurementSetNotFoundError
from dsa110_vis.fingerprint import fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsa110_vis.clean.parameters import Parameters

__all__ = ["DataWatch"]

PATIENCE = 5.0
"""Seconds in which another process that writes to the data has to let go of them."""


class DataWatch:
    """Remembers the state of the Measurement Sets, and notices when it is another.

    A residual of data that changed under a session would mix two data sets. A session that writes its model to the data
    changes them itself; then only their presence is watched.

    Parameters
    ----------
    parameters : Parameters
        Name the data, and say whether the session writes to them.
    """

    def __init__(self, parameters: Parameters) -> None:
        self._paths = [Path(path) for path in ([parameters.vis] if isinstance(parameters.vis, str) else parameters.vis)]
        self._written = parameters.savemodel != "none"
        self._known = self.fingerprints()
        self._locks = LockLook()

    def fingerprints(self) -> dict[str, str]:
        """Find the present state of the data.

        Returns
        -------
        dict of str to str
            A fingerprint for each path.
        """
        return {str(path): fingerprint(path) for path in self._paths}

    def differ_from(self, fingerprints: Mapping[str, str]) -> bool:
        """Say whether the data were others at an earlier time.

        Parameters
        ----------
        fingerprints : mapping of str to str
            As `fingerprints` gave them then.

        Returns
        -------
        bool
            False for a session that writes its model to the data.
        """
        return not self._written and dict(fingerprints) != self._known

    def check(self, *, opening: bool = False) -> None:
        """Make sure that the data are there, as they were, and that CASA can get at them.

        CASA waits for as long as another process writes to data that it opens or writes to itself; nothing can
        interrupt that.

        Parameters
        ----------
        opening : bool
            Whether CASA is going to open the data.

        Raises
        ------
        MeasurementSetNotFoundError
            If one is gone.
        MeasurementSetChangedError
            If one has changed.
        MeasurementSetLockedError
            If another process holds one and does not let go of it.
        """
        for path in self._paths:
            if not (path / "table.dat").exists():
                message = f"The Measurement Set {path} is not there any more."
                raise MeasurementSetNotFoundError(message, "Put it back and go on: what was cleaned so far is kept.")
            if not self._written and fingerprint(path) != self._known[str(path)]:
                message = f"The Measurement Set {path} has changed since the session began."
                hint = (
                    "Resume the session to go on with the data as they are now: the PSF is made anew, and what was "
                    "cleaned so far is kept."
                )
                raise MeasurementSetChangedError(message, hint)
            if opening or self._written:
                self._wait_for(path)

    def _wait_for(self, path: Path) -> None:
        deadline = time.monotonic() + PATIENCE
        while (pid := self._locks.writer(path)) is not None:
            if time.monotonic() > deadline:
                who = f"process {pid}" if pid > 0 else "another process"
                message = f"The Measurement Set {path} is locked: {who} writes to it."
                raise MeasurementSetLockedError(
                    message,
                    "Go on when it has let go (in CASA: ms.close(), tb.close()); what was cleaned so far is kept.",
                )
            time.sleep(0.1)
