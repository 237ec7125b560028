"""The DSA-110 as an array: stations, positions, and which of them take data."""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import erfa  # type: ignore[import-untyped]
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

__all__ = ["ARRAY_LONGITUDE", "DEAD_ANTENNAS", "DISH_DIAMETER", "SMALL_ARRAY", "Stations", "read_table", "stations"]

DISH_DIAMETER = 4.65
"""Metres."""

ARRAY_LONGITUDE = np.radians(-118.2830000)
"""East longitude of the meridian that the dishes look along, that of ``OVRO_MMA`` in CASA's list of observatories."""

DEAD_ANTENNAS = ("113", "114")
"""In the correlator, and fully flagged in the observatory's calibration tables of September 2025."""

SMALL_ARRAY = (
    *("1", "2", "15", "47", "48", "68", "72", "90", "97", "103"),
    *("104", "105", "106", "108", "109", "110", "111", "112", "114", "116"),
)
"""Twenty antennas with data, the shortest and the longest baseline among them, chosen for low sidelobes: a
quarter of the peak in a snapshot."""


@dataclass(frozen=True)
class Stations:
    """All antennas of the array.

    Attributes
    ----------
    names : tuple of str
        ``"1"`` to ``"117"``.
    positions : numpy.ndarray
        ITRF, metres, (117, 3) float64.
    has_data : numpy.ndarray
        Which are in the correlator, (117,) bool.
    """

    names: tuple[str, ...]
    positions: npt.NDArray[np.float64]
    has_data: npt.NDArray[np.bool_]


def read_table(name: str) -> Iterator[dict[str, str]]:
    """Read a table that this package brings along; lines that start with # say where its numbers come from.

    Parameters
    ----------
    name : str
        The file in the folder ``data``.

    Yields
    ------
    dict of str to str
        One row.
    """
    text = resources.files("dsa110_vis.demo").joinpath("data", name).read_text(encoding="utf-8")
    yield from csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))


@functools.cache
def stations() -> Stations:
    """Give the antennas of the DSA-110.

    Returns
    -------
    Stations
        In the order of the observatory's own ANTENNA tables.
    """
    rows = list(read_table("dsa110_antennas.csv"))
    longitude, latitude = (np.radians([float(row[name]) for row in rows]) for name in ("longitude_deg", "latitude_deg"))
    elevation = np.array([float(row["elevation_m"]) for row in rows])
    wgs84 = 1
    return Stations(
        names=tuple(row["name"] for row in rows),
        positions=np.ascontiguousarray(erfa.gd2gc(wgs84, longitude, latitude, elevation), dtype=np.float64),
        has_data=np.array([row["has_data"] == "1" for row in rows]),
    )
