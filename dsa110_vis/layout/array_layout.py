"""What is known of an array at a moment: positions first, flags and amplitudes as they come."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.ms.antennas import antenna_columns, array_centre_itrf
from dsa110_vis.ms.geodesy import geodetic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy.typing as npt
    import pandas as pd

    from dsa110_vis.ms import Array

__all__ = ["ArrayLayout", "core_of", "early_layout", "with_mean_amp"]

WIDE_GAP = 3.0
"""A gap this many times as wide as any gap nearer in parts the outriggers from the core."""


@dataclass(frozen=True)
class ArrayLayout:
    """An array.

    Attributes
    ----------
    kind : str
        ``"ms"`` or ``"caltable"``.
    name, path, telescope : str
        What it was read from.
    centre : tuple of float, or None
        Longitude and latitude in degrees and height in metres (WGS84); None where no antenna has a position.
    columns : dict
        By antenna: the columns of `MeasurementSet.antennas` as arrays and lists, and ``mean_amp``: of the unflagged
        samples of the baselines of the antenna, NaN where there is none or it is not known.
    n_baselines : int
        Different pairs of antennas with data.
    flagged : float or None
        Flagged share of all samples; None where it is not known.
    amplitudes : bool
        Whether ``mean_amp`` is known.
    amp_unit : str
        ``"Jy"``, or empty where it is not known.
    column : str or None
        Which column the amplitudes are of.
    """

    kind: str
    name: str
    path: str
    telescope: str
    centre: tuple[float, float, float] | None
    columns: Mapping[str, Any]
    n_baselines: int
    flagged: float | None = None
    amplitudes: bool = False
    amp_unit: str = ""
    column: str | None = None

    def __len__(self) -> int:
        return len(self.columns["id"])

    @cached_property
    def antennas(self) -> pd.DataFrame:
        """The columns as a table."""
        import pandas as pd  # noqa: PLC0415  takes longer to import than to know where the antennas are

        return pd.DataFrame(self.columns)

    @property
    def flags(self) -> bool:
        """Whether the flagged shares are known."""
        return self.flagged is not None

    @property
    def core(self) -> list[int]:
        """Antennas that are not outriggers."""
        return core_of(self.columns["east_m"], self.columns["north_m"])

    def describe(self) -> dict[str, Any]:
        """Describe the array for a viewer.

        Returns
        -------
        dict
            As the operation ``layout`` answers, but for the generation.
        """
        return {
            "kind": self.kind,
            "telescope": self.telescope,
            "centre": None
            if self.centre is None
            else dict(zip(("lon_deg", "lat_deg", "height_m"), self.centre, strict=True)),
            "flags": self.flags,
            "amplitudes": self.amplitudes,
            "antennas": [
                _antenna(dict(zip(self.columns, row, strict=True))) for row in zip(*self.columns.values(), strict=True)
            ],
            "core": self.core,
            "n_baselines": self.n_baselines,
            "flagged": self.flagged,
            "amp_unit": self.amp_unit,
            "column": self.column,
        }


def _antenna(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": int(row["id"]),
        "name": row["name"],
        "station": row["station"],
        "e": _known(row["east_m"]),
        "n": _known(row["north_m"]),
        "u": _known(row["up_m"]),
        "has_data": bool(row["has_data"]),
        "zero_position": bool(row["zero_position"]),
        "flagged": _known(row["flagged_fraction"]),
        "flagged_cross": _known(row["flagged_fraction_cross"]),
        "n_baselines": int(row["n_baselines"]),
        "mean_amp": _known(row["mean_amp"]),
    }


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def early_layout(kind: str, path: Path, array: Array) -> ArrayLayout:
    """Give positions before it is known which antennas have data: about the mean of all.

    Parameters
    ----------
    kind : str
        ``"ms"`` or ``"caltable"``.
    path : Path
        What it was read from.
    array : Array
        The antennas.

    Returns
    -------
    ArrayLayout
        In which all antennas have data, and no baselines.
    """
    every = np.arange(len(array), dtype=np.int32)
    centre = array_centre_itrf(array, every, every)
    columns = with_mean_amp(antenna_columns(array, (every, every), centre, None))
    where = None if centre is None else geodetic(centre)
    return ArrayLayout(kind, path.name, str(path), array.telescope, where, columns, 0)


def with_mean_amp(columns: Mapping[str, Any], amplitudes: npt.NDArray[np.float64] | None = None) -> dict[str, Any]:
    """Add the mean amplitudes to the columns of antennas.

    Parameters
    ----------
    columns : mapping
        As from `MeasurementSet.antenna_columns`.
    amplitudes : ndarray of float64, shape (n_antennas,), optional
        The mean amplitudes; NaN everywhere where they are not known.

    Returns
    -------
    dict
        The columns of an `ArrayLayout`.
    """
    return {**columns, "mean_amp": np.full(len(columns["id"]), np.nan) if amplitudes is None else amplitudes}


def core_of(east: npt.NDArray[np.float64], north: npt.NDArray[np.float64]) -> list[int]:
    """Find the antennas of the core.

    Going outwards from the median position, the outriggers begin after the first gap that is three times as wide as
    any gap nearer in. Half of the antennas always belong to the core.

    Parameters
    ----------
    east, north : ndarray of float64, shape (n,)
        Metres; NaN where there is no position.

    Returns
    -------
    list of int
        Antenna numbers, ascending; all that have a position where there is no such gap.
    """
    placed = np.flatnonzero(np.isfinite(east) & np.isfinite(north))
    if placed.size < 4:
        return [int(number) for number in placed]
    distance = np.hypot(east[placed] - np.median(east[placed]), north[placed] - np.median(north[placed]))
    order = np.argsort(distance, kind="stable")
    gaps = np.diff(distance[order])
    inner = -(-placed.size // 2)
    for last in range(inner, placed.size):
        if gaps[last - 1] > WIDE_GAP * gaps[: last - 1].max():
            return sorted(int(number) for number in placed[order[:last]])
    return [int(number) for number in placed]
