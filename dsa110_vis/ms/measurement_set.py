"""The Measurement Set: opened read-only, described, selected from and read in chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from dsa110_vis.ms.antennas import antenna_columns
from dsa110_vis.ms.flags import count_flags
from dsa110_vis.ms.geodesy import geodetic
from dsa110_vis.ms.reader import read_chunks
from dsa110_vis.ms.selection import Resolved, resolve
from dsa110_vis.ms.shared import SharedTable
from dsa110_vis.ms.suggestions import suggest
from dsa110_vis.ms.summary import Summary, summarise
from dsa110_vis.paths import absolute_path

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    import numpy.typing as npt
    import pandas as pd

    from dsa110_vis.ms.array import Array
    from dsa110_vis.ms.flags import FlagCounts
    from dsa110_vis.ms.metadata import Metadata
    from dsa110_vis.ms.reader import Chunk
    from dsa110_vis.ms.rows import Rows

__all__ = ["MeasurementSet"]


class MeasurementSet:
    """A Measurement Set on disk, read in place and never written to.

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
    >>> with MeasurementSet("obs.ms") as ms:
    ...     print(ms.summary())
    """

    def __init__(self, path: str | os.PathLike[str], *, lock_timeout: float = 5.0) -> None:
        self._shared = SharedTable(absolute_path(path), lock_timeout)
        self._parts: tuple[dict[str, str], ...] = ()
        self._resolved = Resolved()
        self._is_view = False
        self._rows_cache: dict[tuple[bool, bool], Rows] = {}
        self._flag_counts: tuple[str, FlagCounts] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        chosen = "".join(f", {key}={value!r}" for key, value in self.selection.items())
        return f"<MeasurementSet {str(self.path)!r}{chosen}>"

    def close(self) -> None:
        """Close the table; closing twice does nothing, and closing a selection leaves the table open for the others."""
        self._rows_cache.clear()
        if not self._is_view:
            self._shared.main.close()

    @property
    def path(self) -> Path:
        """Absolute path."""
        return self._shared.main.path

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.path.name

    @property
    def fingerprint(self) -> str:
        """State of the table on disk: 32 hexadecimal digits that change when it is modified."""
        self._shared.refresh()
        return self._shared.fingerprint

    @property
    def parts(self) -> tuple[Path, ...]:
        """Folders of other tables of which it consists, if it is a selection from them or joins them."""
        return self._shared.main.parts

    @property
    def bytes_on_disk(self) -> int:
        """Size of all files of the Measurement Set, sub-tables among them."""
        return sum(file.stat().st_size for file in self.path.rglob("*") if file.is_file())

    @property
    def metadata(self) -> Metadata:
        """What the whole Measurement Set holds; a selection does not change it."""
        return self._shared.metadata

    @property
    def array(self) -> Array:
        """The antennas of the whole Measurement Set, for which no row is read."""
        return self._shared.array

    @property
    def selection(self) -> dict[str, str]:
        """What was selected, by parameter; several selections of one parameter are joined by `` & ``."""
        joined: dict[str, str] = {}
        for part in self._parts:
            for key, value in part.items():
                joined[key] = f"{joined[key]} & {value}" if key in joined else value
        return joined

    @property
    def selections(self) -> tuple[dict[str, str], ...]:
        """What was selected, one dict for each `select`: with `select_each` it selects the same elsewhere."""
        return tuple(dict(part) for part in self._parts)

    def select_each(self, selections: Sequence[Mapping[str, str]]) -> MeasurementSet:
        """Select one after the other.

        Parameters
        ----------
        selections : sequence of mapping
            Keywords of `select`.

        Returns
        -------
        MeasurementSet
            The selection, on the same open table.

        Raises
        ------
        SelectionSyntaxError, SelectionEmptyError
            As from `select`.
        """
        view = self
        for part in selections:
            view = view.select(**part)
        return view

    def select(
        self,
        *,
        spw: str | None = None,
        antenna: str | None = None,
        baseline: str | None = None,
        timerange: str | None = None,
        scan: str | None = None,
        field: str | None = None,
        correlation: str | None = None,
        uvrange: str | None = None,
        observation: str | None = None,
        array: str | None = None,
        intent: str | None = None,
        taql: str | None = None,
    ) -> MeasurementSet:
        """Select by CASA's MSSelection strings; several are ANDed, and so is a selection from a selection.

        Parameters
        ----------
        spw : str, optional
            Spectral windows and channels: ``"0~3"``, ``"0:100~200;300"``, ``"*:1311~1400MHz"``.
        antenna, baseline : str, optional
            Antennas and baselines: ``"1&2;!103"``, ``"DV*&"``, ``"*&&&"`` (autocorrelations), ``"<500m"``.
        timerange : str, optional
            Times on the clock of the file: ``"03:23:14~03:25:00"``, ``">2025/09/05/03:23:14"``.
        scan, observation, array : str, optional
            Numbers: ``"1~3,7"``, ``"<5"``.
        field : str, optional
            Numbers and names: ``"3C*"``, ``"0~2"``.
        correlation : str, optional
            Names: ``"XX,YY"``.
        uvrange : str, optional
            Lengths in the uv plane: ``">1klambda"``, ``"0~500m"``.
        intent : str, optional
            What the data were taken for: ``"*PHASE*"``.
        taql : str, optional
            A TaQL expression on columns of the main table: ``"EXPOSURE > 5"``.

        Returns
        -------
        MeasurementSet
            The selection, on the same open table.

        Raises
        ------
        SelectionSyntaxError
            If a string cannot be understood; the message points at the place.
        SelectionEmptyError
            If nothing matches; the hint says what exists.
        """
        given = {
            "spw": spw,
            "antenna": antenna,
            "baseline": baseline,
            "timerange": timerange,
            "scan": scan,
            "field": field,
            "correlation": correlation,
            "uvrange": uvrange,
            "observation": observation,
            "array": array,
            "intent": intent,
            "taql": taql,
        }
        asked = {key: str(value) for key, value in given.items() if value is not None and str(value).strip()}
        view = object.__new__(MeasurementSet)
        view._shared = self._shared
        view._parts = (*self._parts, asked) if asked else self._parts
        view._is_view = True
        view._rows_cache = {}
        view._flag_counts = None
        view._resolved = self._resolved
        if asked:
            view._resolved = resolve(asked, self.metadata, self._shared.rows, self._shared.main, self._resolved)
        return view

    def rows(self, *, autocorrelations: bool = True, uvw: bool = False) -> Rows:
        """Give the selected rows.

        Parameters
        ----------
        autocorrelations : bool
            Whether to keep rows whose two antennas are the same.
        uvw : bool
            Whether to read the baseline coordinates too.

        Returns
        -------
        Rows
            The rows, ascending; shared, so not to be written to.
        """
        key = (autocorrelations, uvw)
        with self._shared.lock:
            found = self._rows_cache.get(key)
            if found is None:
                table = self._shared.rows
                chosen = self._resolved.rows
                if not autocorrelations:
                    cross = table.antenna1 != table.antenna2
                    if chosen is not None:
                        chosen = chosen & cross
                    elif not cross.all():
                        chosen = cross
                found = table.take(chosen, uvw=uvw)
                self._rows_cache[key] = found
            return found

    def pairs(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Give the antennas of the selected rows, for which no other column of the rows is read.

        Returns
        -------
        antenna1, antenna2 : ndarray of int32, shape (n,)
            Antenna numbers as they are in the file; shared, so not to be written to.
        """
        antenna1, antenna2 = self._shared.pairs
        chosen = self._resolved.rows
        return (antenna1, antenna2) if chosen is None else (antenna1[chosen], antenna2[chosen])

    def uvw(self, index: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Read the baseline coordinates of some rows, without keeping those of the others.

        Parameters
        ----------
        index : ndarray of int64, shape (n,)
            Positions among the selected rows, ascending.

        Returns
        -------
        ndarray of float64, shape (n, 3)
            In metres.
        """
        return self._shared.rows.uvw(self.rows().row[index])

    def channels(self, ddid: int) -> npt.NDArray[np.int64]:
        """Give the selected channels of a data description.

        Parameters
        ----------
        ddid : int
            DATA_DESC_ID.

        Returns
        -------
        ndarray of int64, shape (n,)
            Channel numbers, ascending, so in the order of the file.
        """
        description = self.metadata.data_description(ddid)
        chosen = self._resolved.channels.get(description.spw_id)
        return np.arange(description.n_channels, dtype=np.int64) if chosen is None else chosen

    def correlation_indices(self, ddid: int) -> npt.NDArray[np.int64]:
        """Give the selected correlations of a data description.

        Parameters
        ----------
        ddid : int
            DATA_DESC_ID.

        Returns
        -------
        ndarray of int64, shape (n,)
            Numbers in the order of the file.
        """
        description = self.metadata.data_description(ddid)
        chosen = self._resolved.correlations.get(ddid)
        return np.arange(len(description.correlations), dtype=np.int64) if chosen is None else chosen

    def read(
        self,
        columns: Sequence[str],
        *,
        rows: Rows | None = None,
        index: npt.NDArray[np.int64] | None = None,
        flags: bool = True,
        weights: bool = False,
        chunk_bytes: int = 16 << 20,
    ) -> Iterator[Chunk]:
        """Read visibilities in chunks of one data description each, while the next is read ahead.

        Parameters
        ----------
        columns : sequence of str
            Columns with visibilities; may be empty.
        rows : Rows, optional
            Rows of this selection, all of them by default.
        index : ndarray of int64, optional
            Positions in `rows` of the rows to be read, all of them by default.
        flags : bool
            Whether to read flags: FLAG or FLAG_ROW.
        weights : bool
            Whether to read weights: WEIGHT_SPECTRUM where it can be used, else WEIGHT.
        chunk_bytes : int
            Size of one of the two sets of buffers in bytes.

        Returns
        -------
        iterator of Chunk
            Each chunk is valid until the next is asked for. Closing the iterator ends the reading.

        Raises
        ------
        NoVisibilityColumnError
            If a column is asked for and there is none.
        AbsentColumnError
            If a column is not there.
        UnreadableError
            If cells do not have the shape they should have, or cannot be read.
        MeasurementSetLockedError
            If another process is writing.
        """
        self._shared.main.wait_for_writer()
        self._shared.refresh()
        planner = self._shared.planner
        for column in columns:
            planner.require(column)
        if rows is None:
            rows = self.rows()
        positions = np.arange(len(rows), dtype=np.int64) if index is None else np.sort(np.asarray(index, np.int64))
        present = np.unique(rows.ddid[positions]).tolist()
        parts = {ddid: (self.channels(ddid), self.correlation_indices(ddid)) for ddid in present}
        classes = planner.classes(tuple(columns), parts, flags=flags, weights=weights)
        return read_chunks(
            self._shared.main,
            rows,
            positions,
            table=self._shared.rows,
            classes=classes,
            chunk_bytes=chunk_bytes,
        )

    def antennas(self, *, flags: bool = True, progress: Callable[[float], bool | None] | None = None) -> pd.DataFrame:
        """Describe the antennas: all rows of the ANTENNA table, with or without data.

        Parameters
        ----------
        flags : bool
            Whether to count the flags, which takes one pass over FLAG; otherwise these columns are NaN.
        progress : callable, optional
            Gets the fraction of that pass that is done; returning False cancels it.

        Returns
        -------
        pandas.DataFrame
            One row per antenna with the columns ``id``, ``name``, ``station``; ``east_m``, ``north_m``, ``up_m``
            (metres from the array's centre, NaN where the position is zero); ``has_data`` (in the selection),
            ``zero_position``; ``flagged_fraction`` and ``flagged_fraction_cross`` (of the selected samples of the
            antenna, the latter without autocorrelations; 0 to 1, NaN where it has none); ``n_baselines`` (to how many
            other antennas).

        Raises
        ------
        CancelledError
            If `progress` returned False.
        """
        import pandas as pd  # noqa: PLC0415  takes longer to import than to know where the antennas are

        return pd.DataFrame(self.antenna_columns(flags=flags, progress=progress))

    def antenna_columns(
        self, *, flags: bool = True, progress: Callable[[float], bool | None] | None = None
    ) -> dict[str, Any]:
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
        counts = self.flag_counts(progress=progress) if flags else None
        return antenna_columns(self._shared.array, self.pairs(), self._shared.centre, counts)

    def flag_counts(self, *, progress: Callable[[float], bool | None] | None = None) -> FlagCounts:
        """Count samples and flagged samples per baseline, once for a selection.

        Parameters
        ----------
        progress : callable, optional
            Gets the fraction done; returning False cancels.

        Returns
        -------
        FlagCounts
            The counts of the selected samples.

        Raises
        ------
        CancelledError
            If `progress` returned False.
        """
        state = self.fingerprint
        if self._flag_counts is None or self._flag_counts[0] != state:
            self._flag_counts = (state, count_flags(self, progress))
        return self._flag_counts[1]

    @property
    def array_centre(self) -> tuple[float, float, float]:
        """Longitude and latitude in degrees and height in metres (WGS84) of the array's centre.

        It is the mean ITRF position of the antennas with data and a position; NaN where there is none. A selection
        does not move it.
        """
        centre = self._shared.centre
        return (np.nan, np.nan, np.nan) if centre is None else geodetic(centre)

    def summary(self, *, flags: bool = True) -> Summary:
        """Summarise what is selected, as text, HTML or plain data.

        Parameters
        ----------
        flags : bool
            Whether to count the flags, which takes one pass over FLAG.

        Returns
        -------
        Summary
            ``str()`` gives text, a notebook shows a table, ``to_dict()`` gives plain data.
        """
        return summarise(self, flags=flags)

    def suggestions(self) -> dict[str, list[str]]:
        """Give selection strings that make sense here, for fields in which a user selects.

        Returns
        -------
        dict of str to list of str
            By parameter: ``spw``, ``antenna``, ``scan``, ``field``, ``correlation`` and ``timerange``.
        """
        return suggest(self.metadata, self._shared.rows)

    def require_column(self, column: str) -> None:
        """Make sure that a column with visibilities is there.

        Parameters
        ----------
        column : str
            Name of the column.

        Raises
        ------
        NoVisibilityColumnError
            If there is no such column at all.
        AbsentColumnError
            If there are others, but not this one.
        """
        self._shared.planner.require(column)
