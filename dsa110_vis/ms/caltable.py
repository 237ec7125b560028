"""CASA calibration tables: which antennas they are about, and which of their solutions are flagged."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from dsa110_vis.errors import CancelledError, NotAMeasurementSetError, UnreadableError
from dsa110_vis.ms.antennas import antenna_columns, array_centre_itrf
from dsa110_vis.ms.array import read_array
from dsa110_vis.ms.geodesy import geodetic
from dsa110_vis.ms.measurement_set import MeasurementSet
from dsa110_vis.ms.metadata import spectral_windows, time_frame
from dsa110_vis.ms.rows import read_column
from dsa110_vis.ms.tables import Kind, MainTable, fingerprint
from dsa110_vis.paths import absolute_path

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType

    import numpy.typing as npt
    import pandas as pd

    from dsa110_vis.ms.array import Array

    Progress = Callable[[float], bool | None]

__all__ = ["CalibrationTable", "SolutionFlags", "open_array"]

CALIBRATION_TABLE = Kind(
    "a CASA calibration table",
    ("ANTENNA1", "FLAG", "SPECTRAL_WINDOW_ID", "TIME"),
    ("ANTENNA", "OBSERVATION", "SPECTRAL_WINDOW"),
    "Give the folder of a calibration table as CASA's gaincal and bandpass make it.",
)
ROWS_PER_CALL = 10_000


@dataclass(frozen=True)
class SolutionFlags:
    """How many solutions there are, and how many of them are flagged.

    Attributes
    ----------
    frequencies : ndarray of float64, shape (n_channels,)
        Channel centres in Hz, of all spectral windows one after the other.
    times : ndarray of float64, shape (n_times,)
        MJD seconds, ascending.
    by_channel, by_time : ndarray of int64, shape (2, n_antennas, n_channels) or (2, n_antennas, n_times)
        Solutions, and flagged ones.
    """

    frequencies: npt.NDArray[np.float64]
    times: npt.NDArray[np.float64]
    by_channel: npt.NDArray[np.int64]
    by_time: npt.NDArray[np.int64]

    @property
    def per_antenna(self) -> npt.NDArray[np.float64]:
        """Flagged share of the solutions of each antenna, 0 to 1; NaN where it has none."""
        samples, flagged = self.by_time.sum(axis=2)
        with np.errstate(invalid="ignore"):
            return np.asarray(flagged / samples)

    @property
    def fraction(self) -> float:
        """Flagged share of all solutions."""
        samples, flagged = self.by_time.sum(axis=(1, 2))
        return float(flagged / samples)


class CalibrationTable:
    """A CASA calibration table on disk, read in place and never written to.

    Parameters
    ----------
    path : str or os.PathLike
        The folder; a leading ``~/`` is the home folder.
    lock_timeout : float
        How long to try again while another process is writing, in seconds.

    Raises
    ------
    MeasurementSetNotFoundError
        If there is nothing at the path.
    NotAMeasurementSetError
        If something else is there.
    UnreadableError
        If the table is damaged; casacore's message is kept.
    MeasurementSetLockedError
        If another process keeps writing to it.
    MeasurementSetEmptyError
        If it has no rows.

    Examples
    --------
    >>> with CalibrationTable("obs.bandpass") as table:  # doctest: +SKIP
    ...     print(table.antennas())
    """

    def __init__(self, path: str | os.PathLike[str], *, lock_timeout: float = 5.0) -> None:
        self._main = MainTable(absolute_path(path), lock_timeout, CALIBRATION_TABLE)
        self._lock = threading.RLock()
        self._array: Array | None = None
        self._antenna: npt.NDArray[np.int32] | None = None
        self._flags: SolutionFlags | None = None
        self._seen = self.fingerprint

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<CalibrationTable {str(self.path)!r}>"

    def close(self) -> None:
        """Close the table; closing twice does nothing."""
        self._main.close()

    @property
    def path(self) -> Path:
        """Absolute path."""
        return self._main.path

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.path.name

    @property
    def fingerprint(self) -> str:
        """State of the table on disk: 32 hexadecimal digits that change when it is modified."""
        return fingerprint(self.path, self._main.parts)

    @property
    def solutions(self) -> str:
        """What was solved for, such as ``"B Jones"``; empty where the table does not say."""
        with self._main.use() as table:
            return str(table.info().get("subType", "")).strip()

    @property
    def time_frame(self) -> str:
        """On which clock the times are, nearly always ``"UTC"``."""
        return time_frame(self._main)

    @property
    def array(self) -> Array:
        """The antennas, for which no row is read."""
        with self._lock:
            if self._array is None:
                self._array = read_array(self._main)
            return self._array

    def rows(self) -> npt.NDArray[np.int32]:
        """Give the antenna of every row.

        Returns
        -------
        ndarray of int32, shape (n_rows,)
            Antenna numbers.

        Raises
        ------
        UnreadableError
            If a row refers to an antenna that does not exist.
        """
        with self._lock:
            if self._antenna is None:
                found = read_column(self._main, "ANTENNA1", np.int32)
                if int(found.max()) >= len(self.array) or int(found.min()) < 0:
                    message = (
                        f"Rows of {self.name!r} refer to antenna {int(found.max())}, but its ANTENNA table has "
                        f"{len(self.array)} rows."
                    )
                    raise UnreadableError(message, "The calibration table is inconsistent: make it again.")
                self._antenna = found
            return self._antenna

    @property
    def centre(self) -> npt.NDArray[np.float64] | None:
        """ITRF position of the array's centre; None where no antenna with solutions has one."""
        return array_centre_itrf(self.array, self.rows(), self.rows())

    @property
    def array_centre(self) -> tuple[float, float, float]:
        """Longitude and latitude in degrees and height in metres (WGS84) of the array's centre; NaN without one."""
        centre = self.centre
        return (np.nan, np.nan, np.nan) if centre is None else geodetic(centre)

    def antennas(self, *, flags: bool = True, progress: Progress | None = None) -> pd.DataFrame:
        """Describe the antennas: all rows of the ANTENNA table, with or without solutions.

        Parameters
        ----------
        flags : bool
            Whether to count the flags; otherwise these columns are NaN.
        progress : callable, optional
            Gets the fraction of the counting that is done; returning False cancels it.

        Returns
        -------
        pandas.DataFrame
            The columns of `MeasurementSet.antennas`. ``has_data`` is whether there are solutions; there are no
            autocorrelations, so that both flagged fractions are the same; and no baselines.

        Raises
        ------
        CancelledError
            If `progress` returned False.
        """
        import pandas as pd  # noqa: PLC0415  takes longer to import than to know where the antennas are

        return pd.DataFrame(self.antenna_columns(flags=flags, progress=progress))

    def antenna_columns(self, *, flags: bool = True, progress: Progress | None = None) -> dict[str, Any]:
        """Describe the antennas without pandas.

        Parameters
        ----------
        flags, progress
            As for `antennas`.

        Returns
        -------
        dict
            Its columns, as arrays and lists.
        """
        counts = self.flags(progress=progress) if flags else None
        found = antenna_columns(self.array, (self.rows(), self.rows()), self.centre, None)
        if counts is not None:
            found["flagged_fraction"] = found["flagged_fraction_cross"] = counts.per_antenna
        return found

    def flags(self, *, progress: Progress | None = None) -> SolutionFlags:
        """Count solutions and flagged solutions by antenna, channel and time, once.

        Parameters
        ----------
        progress : callable, optional
            Gets the fraction done; returning False cancels.

        Returns
        -------
        SolutionFlags
            The counts.

        Raises
        ------
        CancelledError
            If `progress` returned False.
        MeasurementSetLockedError
            If another process is writing.
        """
        self._main.wait_for_writer()
        self._renew()
        if self._flags is None:
            self._flags = self._count(progress)
        return self._flags

    def _renew(self) -> None:
        """Open the table again if it has been modified: casacore goes on with some of what it has read before."""
        with self._lock:
            now = self.fingerprint
            if now != self._seen:
                self._main.close()
                self._main = MainTable(self.path, kind=CALIBRATION_TABLE)
                self._array = self._antenna = self._flags = None
                self._seen = now

    def _count(self, progress: Progress | None) -> SolutionFlags:
        antenna = self.rows()
        window = read_column(self._main, "SPECTRAL_WINDOW_ID", np.int32)
        times, slot = np.unique(read_column(self._main, "TIME", np.float64), return_inverse=True)
        frequencies: dict[int, npt.NDArray[np.float64]] = {}
        by_channel: dict[int, npt.NDArray[np.int64]] = {}
        by_time = np.zeros((2, len(self.array), times.size), np.int64)
        for start, flag in self._flag_runs(window):
            stop = start + flag.shape[0]
            number, n_channels = int(window[start]), flag.shape[1]
            if number not in frequencies:
                frequencies[number] = self._frequencies(number, n_channels)
                by_channel[number] = np.zeros((2, len(self.array), n_channels), np.int64)
            if by_channel[number].shape[2] != n_channels:
                message = f"Spectral window {number} of {self.name!r} has another number of channels in row {start}."
                raise UnreadableError(message, "The calibration table is inconsistent: make it again.")
            bad = np.count_nonzero(flag, axis=2)
            np.add.at(by_channel[number][0], antenna[start:stop], flag.shape[2])
            np.add.at(by_channel[number][1], antenna[start:stop], bad)
            np.add.at(by_time[0], (antenna[start:stop], slot[start:stop]), n_channels * flag.shape[2])
            np.add.at(by_time[1], (antenna[start:stop], slot[start:stop]), bad.sum(axis=1))
            if progress is not None and progress(stop / antenna.size) is False:
                message = "Counting the flags was cancelled."
                raise CancelledError(message)
        order = sorted(frequencies)
        return SolutionFlags(
            np.concatenate([frequencies[number] for number in order]),
            times,
            np.concatenate([by_channel[number] for number in order], axis=2),
            by_time,
        )

    def _flag_runs(self, window: npt.NDArray[np.int32]) -> Iterator[tuple[int, npt.NDArray[np.bool_]]]:
        """Read FLAG in runs of rows of one spectral window and one shape: the first row, and the cells."""
        for first in range(0, window.size, ROWS_PER_CALL):
            count = min(ROWS_PER_CALL, window.size - first)
            with self._main.use() as table:
                texts = table.getcolshapestring("FLAG", first, count)
            # One text stands for all rows of a column whose cells have a fixed shape.
            shapes = np.asarray(texts * count if len(texts) == 1 else texts)
            part = window[first : first + count]
            breaks = np.flatnonzero((part[1:] != part[:-1]) | (shapes[1:] != shapes[:-1])) + 1
            for start, stop in zip([0, *breaks.tolist()], [*breaks.tolist(), count], strict=True):
                cell = tuple(int(size) for size in str(shapes[start]).strip("[]").split(","))
                flag = np.empty((stop - start, *cell), dtype=np.bool_)
                with self._main.use() as table:
                    table.getcolnp("FLAG", flag, first + start, stop - start)
                yield first + start, flag.reshape(stop - start, cell[0], -1)

    def _frequencies(self, number: int, n_channels: int) -> npt.NDArray[np.float64]:
        """Give the channels of solutions; those that are for many channels of the window are at its middle."""
        windows: Any = spectral_windows(self._main)
        known = windows[number].frequencies if 0 <= number < len(windows) else np.empty(0)
        if known.size == n_channels:
            return np.asarray(known)
        return np.full(n_channels, known.mean() if known.size else np.nan)


def open_array(path: str | os.PathLike[str], *, lock_timeout: float = 5.0) -> MeasurementSet | CalibrationTable:
    """Open a Measurement Set or a calibration table, whichever it is.

    Parameters
    ----------
    path : str or os.PathLike
        The folder.
    lock_timeout : float
        How long to try again while another process is writing, in seconds.

    Returns
    -------
    MeasurementSet or CalibrationTable
        The open table.

    Raises
    ------
    NotAMeasurementSetError
        If it is neither.
    Dsa110VisError
        As `MeasurementSet` and `CalibrationTable` raise them.
    """
    try:
        return MeasurementSet(path, lock_timeout=lock_timeout)
    except NotAMeasurementSetError as error:
        try:
            return CalibrationTable(path, lock_timeout=lock_timeout)
        except NotAMeasurementSetError:
            hint = "Give the folder of a Measurement Set or of a CASA calibration table."
            raise NotAMeasurementSetError(error.message, hint) from None
