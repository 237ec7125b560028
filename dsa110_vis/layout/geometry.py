"""Baselines as lines between antennas: which there are, how long they are, where they point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dsa110_vis.ms.geodesy import enu
from dsa110_vis.raster.panels import round_numbers

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.ms import Array

__all__ = ["BaselineGeometry", "baseline_geometry", "histogram_of", "unique_pairs"]

MOST_BINS = 50


def unique_pairs(antenna1: npt.NDArray[np.int32], antenna2: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Find the baselines among rows, whichever way round they are.

    Parameters
    ----------
    antenna1, antenna2 : ndarray of int32, shape (n_rows,)
        Antenna numbers.

    Returns
    -------
    ndarray of int64, shape (n_baselines, 2)
        The smaller number first; without autocorrelations.
    """
    size = int(max(antenna1.max(initial=0), antenna2.max(initial=0))) + 1
    met = np.zeros((size, size), dtype=np.bool_)
    met[antenna1, antenna2] = True
    return np.argwhere(np.triu(met | met.T, k=1))


class BaselineGeometry(NamedTuple):
    """A line from one antenna to another.

    Attributes
    ----------
    east, north, up : float
        Metres, in the directions at the first antenna; NaN where one of them has no position.
    """

    east: float
    north: float
    up: float

    @property
    def length(self) -> float:
        """Length in metres."""
        return float(np.sqrt(self.east**2 + self.north**2 + self.up**2))

    @property
    def azimuth(self) -> float:
        """Degrees from north towards east, 0 to 360."""
        return float(np.degrees(np.arctan2(self.east, self.north)) % 360)

    def describe(self) -> dict[str, float]:
        """Describe the line for a viewer.

        Returns
        -------
        dict
            With ``length_m``, ``azimuth_deg``, ``east_m``, ``north_m`` and ``up_m``.
        """
        return {
            "length_m": self.length,
            "azimuth_deg": self.azimuth,
            "east_m": self.east,
            "north_m": self.north,
            "up_m": self.up,
        }


def baseline_geometry(array: Array, first: int, second: int) -> BaselineGeometry:
    """Give the line from one antenna to another.

    Parameters
    ----------
    array : Array
        With the positions.
    first, second : int
        Antenna numbers.

    Returns
    -------
    BaselineGeometry
        The line.
    """
    if not (array.placed[first] and array.placed[second]):
        return BaselineGeometry(np.nan, np.nan, np.nan)
    east, north, up = enu(array.antenna_positions[second : second + 1], array.antenna_positions[first])[0]
    return BaselineGeometry(float(east), float(north), float(up))


def histogram_of(array: Array, pairs: npt.NDArray[np.int64]) -> dict[str, Any]:
    """Count baselines by their lengths.

    Parameters
    ----------
    array : Array
        With the positions.
    pairs : ndarray of int64, shape (n, 2)
        Antenna numbers.

    Returns
    -------
    dict
        ``edges_m`` (k + 1, round numbers), ``counts`` (k), ``shortest_m`` and ``longest_m`` (None without baselines).
    """
    good = array.placed[pairs].all(axis=1)
    ends = array.antenna_positions[pairs[good]]
    length = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
    if not length.size:
        return {"edges_m": [0.0, 1.0], "counts": [0], "shortest_m": None, "longest_m": None}
    longest = float(length.max())
    marks = round_numbers(0.0, max(longest, 1e-3), int(np.clip(2 * np.sqrt(length.size), 8, MOST_BINS)))
    step = float(marks[1] - marks[0])
    edges = np.arange(int(np.floor(longest / step)) + 2) * step
    return {
        "edges_m": edges.tolist(),
        "counts": np.histogram(length, edges)[0].tolist(),
        "shortest_m": float(length.min()),
        "longest_m": longest,
    }
