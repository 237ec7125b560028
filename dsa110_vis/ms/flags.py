"""How much of each baseline and antenna is flagged: one pass over FLAG and FLAG_ROW."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.errors import CancelledError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from dsa110_vis.ms.measurement_set import MeasurementSet

__all__ = ["FlagCounts", "count_flags", "count_flags_by"]


@dataclass(frozen=True, slots=True)
class FlagCounts:
    """Samples and flagged samples per baseline, whichever way round its rows are.

    Attributes
    ----------
    antenna1, antenna2 : ndarray of int32, shape (n_baselines,)
        Antenna numbers, ``antenna1 <= antenna2``; autocorrelations are among them.
    samples, flagged : ndarray of int64, shape (n_baselines,)
        Samples (row x channel x correlation), and how many of them are flagged.
    """

    antenna1: npt.NDArray[np.int32]
    antenna2: npt.NDArray[np.int32]
    samples: npt.NDArray[np.int64]
    flagged: npt.NDArray[np.int64]

    @property
    def fraction(self) -> float:
        """Flagged share of all samples, autocorrelations among them."""
        return float(self.flagged.sum() / self.samples.sum())

    def per_antenna(self, n_antennas: int, *, autocorrelations: bool) -> npt.NDArray[np.float64]:
        """Give the flagged share of the samples of each antenna.

        Parameters
        ----------
        n_antennas : int
            Length of the result.
        autocorrelations : bool
            Whether to count the antenna's own autocorrelation (once).

        Returns
        -------
        ndarray of float64, shape (n_antennas,)
            Between 0 and 1; NaN where there is no sample.
        """
        cross = self.antenna1 != self.antenna2
        flagged, samples = np.zeros(n_antennas, np.int64), np.zeros(n_antennas, np.int64)
        first = cross if not autocorrelations else np.ones_like(cross)
        for antenna, chosen in ((self.antenna1, first), (self.antenna2, cross)):
            np.add.at(flagged, antenna[chosen], self.flagged[chosen])
            np.add.at(samples, antenna[chosen], self.samples[chosen])
        with np.errstate(invalid="ignore"):
            return flagged / samples


def count_flags(ms: MeasurementSet, progress: Callable[[float], bool | None] | None = None) -> FlagCounts:
    """Count the flags of the selected samples.

    Parameters
    ----------
    ms : MeasurementSet
        The selection.
    progress : callable, optional
        Gets the fraction done; returning False cancels.

    Returns
    -------
    FlagCounts
        Counts per baseline.

    Raises
    ------
    CancelledError
        If `progress` returned False.
    """
    rows = ms.rows()
    n_antennas = len(ms.array)
    low, high = np.minimum(rows.antenna1, rows.antenna2), np.maximum(rows.antenna1, rows.antenna2)
    codes, baseline = np.unique(low.astype(np.int64) * n_antennas + high, return_inverse=True)
    samples, flagged = count_flags_by(ms, baseline.astype(np.int32), codes.size, progress)
    return FlagCounts((codes // n_antennas).astype(np.int32), (codes % n_antennas).astype(np.int32), samples, flagged)


def count_flags_by(
    ms: MeasurementSet,
    group: npt.NDArray[np.int32],
    size: int,
    progress: Callable[[float], bool | None] | None = None,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Count the flags of the selected samples for any grouping of the rows.

    Parameters
    ----------
    ms : MeasurementSet
        The selection.
    group : ndarray of int32, shape (n_rows,)
        Which group each selected row belongs to; rows with -1 are not read.
    size : int
        Number of groups.
    progress : callable, optional
        Gets the fraction done; returning False cancels.

    Returns
    -------
    samples, flagged : ndarray of int64, shape (size,)
        Samples (row x channel x correlation) of each group, and how many of them are flagged.

    Raises
    ------
    CancelledError
        If `progress` returned False.
    """
    samples, flagged = np.zeros(size, np.int64), np.zeros(size, np.int64)
    index = np.flatnonzero(group >= 0)
    done = 0
    for chunk in ms.read((), index=None if index.size == group.size else index):
        if chunk.flag is None:
            continue
        channels, correlations = ms.channels(chunk.ddid), ms.correlation_indices(chunk.ddid)
        flag = chunk.flag
        if channels.size != chunk.channels.size:
            flag = flag[:, channels - chunk.channels[0]]
        if correlations.size != chunk.correlations.size:
            flag = flag[:, :, correlations - chunk.correlations[0]]
        per_row = np.count_nonzero(flag.reshape(flag.shape[0], -1), axis=1)
        where = group[chunk.position]
        samples += np.bincount(where, minlength=size) * (channels.size * correlations.size)
        flagged += np.bincount(where, weights=per_row, minlength=size).astype(np.int64)
        done += chunk.position.size
        if progress is not None and progress(done / index.size) is False:
            message = "Counting the flags was cancelled."
            raise CancelledError(message)
    return samples, flagged
