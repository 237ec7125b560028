"""The array as the ANTENNA sub-table has it, which is known before any row of the main table is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.ms.subtables import joined, strings

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.ms.tables import MainTable

__all__ = ["Array", "read_array"]


@dataclass(frozen=True, slots=True)
class Array:
    """An array of antennas.

    Attributes
    ----------
    telescope, observer, project : str
        From OBSERVATION; several different ones are joined by ", ".
    antenna_names, antenna_stations : tuple of str
        By antenna number.
    antenna_positions : ndarray of float64, shape (n, 3)
        ITRF in metres.
    antenna_diameters : ndarray of float64, shape (n,)
        Dish diameters in metres.
    """

    telescope: str
    observer: str
    project: str
    antenna_names: tuple[str, ...]
    antenna_stations: tuple[str, ...]
    antenna_positions: npt.NDArray[np.float64]
    antenna_diameters: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.antenna_names)

    @property
    def placed(self) -> npt.NDArray[np.bool_]:
        """Which antennas have a position other than zero."""
        return np.asarray(self.antenna_positions.any(axis=1))


def read_array(main: MainTable) -> Array:
    """Read the ANTENNA and OBSERVATION sub-tables.

    Parameters
    ----------
    main : MainTable
        The open table.

    Returns
    -------
    Array
        The antennas.

    Raises
    ------
    UnreadableError
        If a sub-table is missing or damaged.
    """
    with main.subtable("OBSERVATION") as table:
        telescope, observer, project = (joined(table, name) for name in ("TELESCOPE_NAME", "OBSERVER", "PROJECT"))
    with main.subtable("ANTENNA") as table:
        n_antennas = table.nrows()
        names, stations = strings(table, "NAME"), strings(table, "STATION")
        positions = np.zeros((n_antennas, 3))
        diameters = np.zeros(n_antennas)
        if n_antennas:
            table.getcolnp("POSITION", positions)
            if "DISH_DIAMETER" in table.colnames():
                table.getcolnp("DISH_DIAMETER", diameters)
    return Array(telescope, observer, project, names, stations, positions, diameters)
