"""The array: where each antenna stands, and how much of its data is flagged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dsa110_vis.ms.geodesy import enu

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.ms.flags import FlagCounts
    from dsa110_vis.ms.metadata import Metadata
    from dsa110_vis.ms.rows import Rows, RowTable

__all__ = ["antenna_frame", "array_centre_itrf"]


def array_centre_itrf(metadata: Metadata, table: RowTable) -> npt.NDArray[np.float64] | None:
    """Give the mean position of the antennas that have data and a position.

    Parameters
    ----------
    metadata : Metadata
        With the positions.
    table : RowTable
        All rows.

    Returns
    -------
    ndarray of float64, shape (3,), or None
        ITRF in metres; None where no antenna with data has a position.
    """
    used = _has_data(len(metadata.antenna_names), table.antenna1, table.antenna2)
    good = used & metadata.antenna_positions.any(axis=1)
    return metadata.antenna_positions[good].mean(axis=0) if good.any() else None


def antenna_frame(
    metadata: Metadata, rows: Rows, centre: npt.NDArray[np.float64] | None, counts: FlagCounts | None
) -> pd.DataFrame:
    """Describe every row of the ANTENNA table.

    Parameters
    ----------
    metadata : Metadata
        With names and positions.
    rows : Rows
        The selected rows.
    centre : ndarray of float64, shape (3,), or None
        ITRF of the array's centre.
    counts : FlagCounts or None
        Flags per baseline; None where they were not counted.

    Returns
    -------
    pandas.DataFrame
        See `MeasurementSet.antennas`.
    """
    n_antennas = len(metadata.antenna_names)
    positions = metadata.antenna_positions
    zero = ~positions.any(axis=1)
    local = np.full((n_antennas, 3), np.nan)
    if centre is not None:
        local[~zero] = enu(positions[~zero], centre)
    nothing = np.full(n_antennas, np.nan)
    return pd.DataFrame(
        {
            "id": np.arange(n_antennas),
            "name": list(metadata.antenna_names),
            "station": list(metadata.antenna_stations),
            "east_m": local[:, 0],
            "north_m": local[:, 1],
            "up_m": local[:, 2],
            "has_data": _has_data(n_antennas, rows.antenna1, rows.antenna2),
            "zero_position": zero,
            "flagged_fraction": nothing if counts is None else counts.per_antenna(n_antennas, autocorrelations=True),
            "flagged_fraction_cross": nothing
            if counts is None
            else counts.per_antenna(n_antennas, autocorrelations=False),
            "n_baselines": _n_baselines(n_antennas, rows),
        }
    )


def _has_data(
    n_antennas: int, antenna1: npt.NDArray[np.int32], antenna2: npt.NDArray[np.int32]
) -> npt.NDArray[np.bool_]:
    used = np.zeros(n_antennas, dtype=np.bool_)
    used[antenna1] = True
    used[antenna2] = True
    return used


def _n_baselines(n_antennas: int, rows: Rows) -> npt.NDArray[np.int64]:
    """Count the different partners of each antenna, itself not among them."""
    met = np.zeros((n_antennas, n_antennas), dtype=np.bool_)
    met[rows.antenna1, rows.antenna2] = True
    met |= met.T
    np.fill_diagonal(met, val=False)
    partners: npt.NDArray[np.int64] = met.sum(axis=1)
    return partners
