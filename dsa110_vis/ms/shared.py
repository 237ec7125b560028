"""An open Measurement Set with what was read of it once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from dsa110_vis.ms.antennas import array_centre_itrf
from dsa110_vis.ms.array import read_array
from dsa110_vis.ms.columns import ColumnPlanner
from dsa110_vis.ms.metadata import read_metadata
from dsa110_vis.ms.rows import RowTable, read_pairs
from dsa110_vis.ms.shapes import ShapeProofs
from dsa110_vis.ms.tables import MainTable, fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from dsa110_vis.ms.array import Array
    from dsa110_vis.ms.metadata import Metadata

__all__ = ["SharedTable"]


class SharedTable:
    """What a Measurement Set and the selections from it have in common; read when first needed.

    Parameters
    ----------
    path : pathlib.Path
        Absolute path of the Measurement Set.
    lock_timeout : float
        How long to try again while another process is writing, in seconds.
    """

    def __init__(self, path: Path, lock_timeout: float) -> None:
        self.main = MainTable(path, lock_timeout)
        self.fingerprint = fingerprint(path, self.main.parts)
        self.lock = threading.RLock()
        self._made: dict[str, Any] = {}

    def refresh(self) -> None:
        """Forget what was read of a table that has been modified since; its rows are the same ones."""
        with self.lock:
            now = fingerprint(self.main.path, self.main.parts)
            if now != self.fingerprint:
                self.fingerprint = now
                for name in ("array", "metadata", "planner", "centre"):
                    self._made.pop(name, None)
                if "rows" in self._made:
                    self._made["rows"].forget_flags()

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        with self.lock:
            if name not in self._made:
                self._made[name] = make()
            return self._made[name]

    @property
    def array(self) -> Array:
        """The antennas, from the sub-table alone."""
        found: Array = self._once("array", lambda: read_array(self.main))
        return found

    @property
    def pairs(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """ANTENNA1 and ANTENNA2 of all rows."""
        found: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]] = self._once(
            "pairs", lambda: read_pairs(self.main, len(self.array))
        )
        return found

    @property
    def rows(self) -> RowTable:
        """Columns of all rows."""
        found: RowTable = self._once("rows", lambda: RowTable(self.main, self.pairs))
        return found

    @property
    def metadata(self) -> Metadata:
        """What the Measurement Set holds."""
        found: Metadata = self._once("metadata", lambda: read_metadata(self.main, self.array, self.rows))
        return found

    @property
    def planner(self) -> ColumnPlanner:
        """Plans the reading of columns."""
        found: ColumnPlanner = self._once("planner", self._planner)
        return found

    @property
    def centre(self) -> npt.NDArray[np.float64] | None:
        """ITRF position of the array's centre; None where no antenna with data has one."""
        found: npt.NDArray[np.float64] | None = self._once("centre", lambda: array_centre_itrf(self.array, *self.pairs))
        return found

    def _planner(self) -> ColumnPlanner:
        cells = {d.id: (d.n_channels, len(d.correlations)) for d in self.metadata.data_descriptions}
        proofs = ShapeProofs(self.main, self.rows.ddid, cells)
        with self.main.use() as table:
            existing = set(table.colnames())
        return ColumnPlanner(self.main.path.name, self.metadata, proofs, existing)
