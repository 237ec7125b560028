"""Points of the uv plane: one for each time and baseline, however many spectral windows there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import SelectionEmptyError
from dsa110_vis.layout.clock import clock
from dsa110_vis.ms.flags import count_flags_by
from dsa110_vis.raster.axis import SPEED_OF_LIGHT

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from dsa110_vis.ms import MeasurementSet

__all__ = ["UvPoints", "uv_points"]


@dataclass(frozen=True)
class UvPoints:
    """Points of the uv plane, without their conjugates.

    Attributes
    ----------
    u, v : ndarray of float32, shape (n,)
        Metres.
    value : ndarray of float32, shape (n,)
        What colours them.
    step : int
        Of how many points each is one.
    frequency : float
        Middle of the band in Hz.
    label : str
        What `value` is.
    baselines : int
        How many baselines there are.
    """

    u: npt.NDArray[np.float32]
    v: npt.NDArray[np.float32]
    value: npt.NDArray[np.float32]
    step: int
    frequency: float
    label: str
    baselines: int

    @property
    def wavelength(self) -> float:
        """Wavelength of the middle of the band in metres."""
        return SPEED_OF_LIGHT / self.frequency

    @property
    def range(self) -> tuple[float, float] | None:
        """Smallest and largest value; None where all are equal."""
        low, high = float(self.value.min()), float(self.value.max())
        return (low, high) if low < high else None

    def describe(self) -> dict[str, Any]:
        """Describe the points for a viewer.

        Returns
        -------
        dict
            The plain part of what the operation ``uv`` answers.
        """
        return {
            "n": int(self.u.size),
            "step": self.step,
            "frequency_mhz": self.frequency / 1e6,
            "wavelength_m": self.wavelength,
            "color_label": self.label,
            "color_range": self.range,
            "baselines": self.baselines,
        }


def uv_points(ms: MeasurementSet, color: str, max_points: int, check: Callable[[], None]) -> UvPoints:
    """Give points of the uv plane.

    Parameters
    ----------
    ms : MeasurementSet
        What is selected.
    color : str
        ``"baseline"``, ``"time"`` or ``"flagged"``.
    max_points : int
        At most how many points.
    check : callable
        Is called now and then; raises to stop.

    Returns
    -------
    UvPoints
        The points.

    Raises
    ------
    SelectionEmptyError
        If there are only autocorrelations, or no coordinates.
    """
    rows = ms.rows()
    size = len(ms.array)
    pair = np.minimum(rows.antenna1, rows.antenna2).astype(np.int64) * size + np.maximum(rows.antenna1, rows.antenna2)
    cross = np.flatnonzero(rows.antenna1 != rows.antenna2)
    if not cross.size:
        message = f"{ms.name} has only autocorrelations, which have no place in the uv plane."
        raise SelectionEmptyError(message, "Look at the map.")
    _, first, point = np.unique(
        rows.time_index[cross].astype(np.int64) * size**2 + pair[cross], return_index=True, return_inverse=True
    )
    check()
    step = -(-first.size // max_points)
    index = np.sort(cross[first[::step]])
    uvw = ms.uvw(index)
    good = np.isfinite(uvw).all(axis=1)
    index, uvw = index[good], uvw[good]
    if not index.size:
        message = f"The UVW column of {ms.name} has no numbers in it."
        raise SelectionEmptyError(message, "Look at the map.")
    if color == "baseline":
        value, label = np.linalg.norm(uvw, axis=1), "Baseline length (m)"
    elif color == "time":
        start, seconds = clock(ms.metadata.times)
        value, label = np.asarray(seconds)[rows.time_index[index]], f"Seconds since {start} {ms.metadata.time_frame}"
    else:
        value, label = _flagged(ms, index, cross, point, check), "Flagged fraction"
    windows = [ms.metadata.data_description(ddid) for ddid in np.unique(rows.ddid).tolist()]
    band = np.concatenate([ms.metadata.spectral_windows[w.spw_id].frequencies[ms.channels(w.id)] for w in windows])
    u, v = (np.ascontiguousarray(uvw[:, axis], dtype=np.float32) for axis in (0, 1))
    baselines = int(np.unique(pair[cross]).size)
    return UvPoints(u, v, value.astype(np.float32), step, float(band.min() + band.max()) / 2, label, baselines)


def _flagged(
    ms: MeasurementSet,
    index: npt.NDArray[np.int64],
    cross: npt.NDArray[np.int64],
    point: npt.NDArray[np.int64],
    check: Callable[[], None],
) -> npt.NDArray[np.float64]:
    """Give the flagged share of the samples of each point, of all spectral windows together."""
    rows_of = np.full(len(ms.rows()), -1, dtype=np.int64)
    rows_of[cross] = point
    group_of = np.full(int(point.max()) + 1, -1, dtype=np.int32)
    group_of[rows_of[index]] = np.arange(index.size)
    group = np.where(rows_of >= 0, group_of[rows_of], -1).astype(np.int32)

    def go_on(_fraction: float) -> bool:
        check()
        return True

    samples, flagged = count_flags_by(ms, group, index.size, go_on)
    return np.asarray(flagged / np.maximum(samples, 1))
