"""The array: where each antenna stands, and how much of its data is flagged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.ms.geodesy import enu

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.ms.array import Array
    from dsa110_vis.ms.flags import FlagCounts

__all__ = ["antenna_columns", "array_centre_itrf"]


def array_centre_itrf(
    array: Array, antenna1: npt.NDArray[np.int32], antenna2: npt.NDArray[np.int32]
) -> npt.NDArray[np.float64] | None:
    """Give the mean position of the antennas that have data and a position.

    Parameters
    ----------
    array : Array
        With the positions.
    antenna1, antenna2 : ndarray of int32, shape (n_rows,)
        Antennas of all rows.

    Returns
    -------
    ndarray of float64, shape (3,), or None
        ITRF in metres; None where no antenna with data has a position.
    """
    good = _has_data(len(array), antenna1, antenna2) & array.placed
    return array.antenna_positions[good].mean(axis=0) if good.any() else None


def antenna_columns(
    array: Array,
    pairs: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]],
    centre: npt.NDArray[np.float64] | None,
    counts: FlagCounts | None,
) -> dict[str, Any]:
    """Describe every row of the ANTENNA table.

    Parameters
    ----------
    array : Array
        With names and positions.
    pairs : tuple of ndarray of int32, shape (n,)
        First and second antennas of the selected rows.
    centre : ndarray of float64, shape (3,), or None
        ITRF of the array's centre.
    counts : FlagCounts or None
        Flags per baseline; None where they were not counted.

    Returns
    -------
    dict
        The columns of `MeasurementSet.antennas`, as arrays of shape (n_antennas,) and lists of names.
    """
    n_antennas = len(array)
    positions = array.antenna_positions
    zero = ~array.placed
    local = np.full((n_antennas, 3), np.nan)
    if centre is not None:
        local[~zero] = enu(positions[~zero], centre)
    nothing = np.full(n_antennas, np.nan)
    return {
        "id": np.arange(n_antennas),
        "name": list(array.antenna_names),
        "station": list(array.antenna_stations),
        "east_m": local[:, 0],
        "north_m": local[:, 1],
        "up_m": local[:, 2],
        "has_data": _has_data(n_antennas, *pairs),
        "zero_position": zero,
        "flagged_fraction": nothing if counts is None else counts.per_antenna(n_antennas, autocorrelations=True),
        "flagged_fraction_cross": nothing if counts is None else counts.per_antenna(n_antennas, autocorrelations=False),
        "n_baselines": _n_baselines(n_antennas, *pairs),
    }


def _has_data(
    n_antennas: int, antenna1: npt.NDArray[np.int32], antenna2: npt.NDArray[np.int32]
) -> npt.NDArray[np.bool_]:
    used = np.zeros(n_antennas, dtype=np.bool_)
    used[antenna1] = True
    used[antenna2] = True
    return used


def _n_baselines(
    n_antennas: int, antenna1: npt.NDArray[np.int32], antenna2: npt.NDArray[np.int32]
) -> npt.NDArray[np.int64]:
    """Count the different partners of each antenna, itself not among them."""
    met = np.zeros((n_antennas, n_antennas), dtype=np.bool_)
    met[antenna1, antenna2] = True
    met |= met.T
    np.fill_diagonal(met, val=False)
    partners: npt.NDArray[np.int64] = met.sum(axis=1)
    return partners
