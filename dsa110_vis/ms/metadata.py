"""What a Measurement Set says about itself, without touching a column of visibilities."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import UnreadableError
from dsa110_vis.ms.subtables import cell, numbers, strings

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.ms.array import Array
    from dsa110_vis.ms.rows import RowTable
    from dsa110_vis.ms.tables import MainTable

__all__ = [
    "DataDescription",
    "Field",
    "Metadata",
    "SpectralWindow",
    "read_metadata",
    "spectral_windows",
    "time_frame",
]

MAIN_COLUMNS = ("DATA", "CORRECTED_DATA", "MODEL_DATA", "FLOAT_DATA")
NOT_VISIBILITIES = frozenset({"LAG_DATA", "IMAGING_WEIGHT", "PHASE_ID"})

_NAMES = "I,Q,U,V,RR,RL,LR,LL,XX,XY,YX,YY,RX,RY,LX,LY,XR,XL,YR,YL,PP,PQ,QP,QQ"
CORRELATIONS = dict(enumerate(_NAMES.split(","), start=1))
FREQUENCY_FRAMES = ("REST", "LSRK", "LSRD", "BARY", "GEO", "TOPO", "GALACTO", "LGROUP", "CMB")


@dataclass(frozen=True, slots=True)
class SpectralWindow:
    """A row of the SPECTRAL_WINDOW sub-table.

    Attributes
    ----------
    id : int
        Row number.
    name : str
        Name, may be empty.
    frequencies : ndarray of float64, shape (n_channels,)
        Channel centres in Hz, in the order of the file.
    widths : ndarray of float64, shape (n_channels,)
        Channel widths in Hz; negative where the file says so.
    reference_frame : str
        ``"TOPO"``, ``"LSRK"`` ...; empty where unknown.
    reference_frequency : float
        REF_FREQUENCY in Hz, which turns metres into wavelengths.
    bandwidth : float
        TOTAL_BANDWIDTH in Hz.
    """

    id: int
    name: str
    frequencies: npt.NDArray[np.float64]
    widths: npt.NDArray[np.float64]
    reference_frame: str
    reference_frequency: float
    bandwidth: float


@dataclass(frozen=True, slots=True)
class DataDescription:
    """A spectral window and a correlation set that occur together in rows.

    Attributes
    ----------
    id : int
        DATA_DESC_ID.
    spw_id : int
        Spectral window.
    correlations : tuple of str
        Names such as ``"XX"``; ``"corr0"``, ``"corr1"`` ... where the file does not say which they are.
    n_channels : int
        Number of channels.
    n_rows : int
        Number of rows with this description.
    """

    id: int
    spw_id: int
    correlations: tuple[str, ...]
    n_channels: int
    n_rows: int


@dataclass(frozen=True, slots=True)
class Field:
    """A row of the FIELD sub-table.

    Attributes
    ----------
    id : int
        Row number.
    name : str
        Name, may be empty.
    ra_rad, dec_rad : float
        Phase centre in radians in the frame of the file; NaN where it is not given.
    code : str
        Calibrator code, may be empty.
    """

    id: int
    name: str
    ra_rad: float
    dec_rad: float
    code: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a Measurement Set holds.

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
    spectral_windows : tuple of SpectralWindow
        All of the file, by number.
    data_descriptions : tuple of DataDescription
        Only those that rows have.
    fields : tuple of Field
        All of the file, by number.
    scans : tuple of int
        Scan numbers that rows have, ascending.
    columns : tuple of str
        Columns with visibilities that have cells, main ones first.
    times : ndarray of float64, shape (n_times,)
        Time slots in MJD seconds, ascending, on the clock of the file: see `time_frame`.
    time_frame : str
        ``"UTC"`` nearly always; ``"TAI"`` in what CASA made of old UVFITS files.
    n_rows : int
        Number of rows.
    """

    telescope: str
    observer: str
    project: str
    antenna_names: tuple[str, ...]
    antenna_stations: tuple[str, ...]
    antenna_positions: npt.NDArray[np.float64]
    antenna_diameters: npt.NDArray[np.float64]
    spectral_windows: tuple[SpectralWindow, ...]
    data_descriptions: tuple[DataDescription, ...]
    fields: tuple[Field, ...]
    scans: tuple[int, ...]
    columns: tuple[str, ...]
    times: npt.NDArray[np.float64]
    time_frame: str
    n_rows: int

    def data_description(self, ddid: int) -> DataDescription:
        """Find a data description by its number.

        Parameters
        ----------
        ddid : int
            DATA_DESC_ID.

        Returns
        -------
        DataDescription
            The description.

        Raises
        ------
        KeyError
            If no row has this number.
        """
        for description in self.data_descriptions:
            if description.id == ddid:
                return description
        raise KeyError(ddid)


def read_metadata(main: MainTable, array: Array, rows: RowTable) -> Metadata:
    """Read the sub-tables and join them with what the rows say.

    Parameters
    ----------
    main : MainTable
        The open table.
    array : Array
        Its antennas.
    rows : RowTable
        Its rows.

    Returns
    -------
    Metadata
        The description of the Measurement Set.

    Raises
    ------
    UnreadableError
        If a sub-table is missing, damaged, or does not have what the rows refer to.
    """
    windows = spectral_windows(main)
    fields = _fields(main)
    first_rows = _first_rows(rows.ddid)
    columns = _visibility_columns(main, first_rows)
    return Metadata(
        telescope=array.telescope,
        observer=array.observer,
        project=array.project,
        antenna_names=array.antenna_names,
        antenna_stations=array.antenna_stations,
        antenna_positions=array.antenna_positions,
        antenna_diameters=array.antenna_diameters,
        spectral_windows=windows,
        data_descriptions=_data_descriptions(main, first_rows, windows, columns),
        fields=fields,
        scans=tuple(np.unique(rows.scan).tolist()),
        columns=columns,
        times=rows.times,
        time_frame=time_frame(main),
        n_rows=main.n_rows,
    )


def time_frame(main: MainTable) -> str:
    """Say on which clock the times of a table are.

    Parameters
    ----------
    main : MainTable
        The open table.

    Returns
    -------
    str
        ``"UTC"``, ``"TAI"`` ...
    """
    with main.use() as table:
        keywords = table.getcolkeywords("TIME")
    return str(keywords.get("MEASINFO", {}).get("Ref", "UTC")) or "UTC"


def spectral_windows(main: MainTable) -> tuple[SpectralWindow, ...]:
    """Read the SPECTRAL_WINDOW sub-table.

    Parameters
    ----------
    main : MainTable
        The open table.

    Returns
    -------
    tuple of SpectralWindow
        All windows, by number.
    """
    windows = []
    with main.subtable("SPECTRAL_WINDOW") as table:
        names = strings(table, "NAME")
        n_rows = table.nrows()
        frames = numbers(table, "MEAS_FREQ_REF", -1).astype(np.int64)
        references, bandwidths = numbers(table, "REF_FREQUENCY", np.nan), numbers(table, "TOTAL_BANDWIDTH", np.nan)
        for row in range(n_rows):
            frequencies = cell(table, "CHAN_FREQ", row)
            widths = cell(table, "CHAN_WIDTH", row)
            frequencies = np.zeros(0) if frequencies is None else frequencies.astype(np.float64).ravel()
            if widths is None or widths.size != frequencies.size:
                widths = np.full(frequencies.size, np.nan)
            frame = FREQUENCY_FRAMES[frames[row]] if 0 <= frames[row] < len(FREQUENCY_FRAMES) else ""
            widths = widths.astype(np.float64).ravel()
            windows.append(
                SpectralWindow(
                    row, names[row], frequencies, widths, frame, float(references[row]), float(bandwidths[row])
                )
            )
    return tuple(windows)


def _fields(main: MainTable) -> tuple[Field, ...]:
    fields = []
    with main.subtable("FIELD") as table:
        codes = strings(table, "CODE")
        for row, name in enumerate(strings(table, "NAME")):
            direction = cell(table, "PHASE_DIR", row)
            ra = dec = float("nan")
            if direction is not None and direction.size >= 2:
                ra, dec = (float(value) for value in direction.reshape(-1, direction.shape[-1])[0][:2])
            fields.append(Field(row, name, ra, dec, codes[row]))
    return tuple(fields)


def _first_rows(ddid: npt.NDArray[np.int32]) -> dict[int, tuple[int, int]]:
    """Give the first row and the number of rows of each DATA_DESC_ID."""
    low = int(ddid.min())
    counts = np.bincount(ddid - low)
    present = np.flatnonzero(counts)
    return {int(k) + low: (int(np.argmax(ddid == k + low)), int(counts[k])) for k in present}


def _visibility_columns(main: MainTable, first_rows: dict[int, tuple[int, int]]) -> tuple[str, ...]:
    found = []
    with main.use() as table:
        names = table.colnames()
        for name in (*MAIN_COLUMNS, *(name for name in names if name not in MAIN_COLUMNS)):
            if name not in names or name in NOT_VISIBILITIES or table.isscalarcol(name):
                continue
            kinds = ("float", "double") if name == "FLOAT_DATA" else ("complex", "dcomplex")
            if table.coldatatype(name) not in kinds:
                continue
            if any(_has_plane(table, name, row) for row, _ in first_rows.values()):
                found.append(name)
    return tuple(found)


def _has_plane(table: Any, name: str, row: int) -> bool:
    """Tell whether a cell is defined and has two axes."""
    return cell_shape(table, name, row) is not None


def cell_shape(table: Any, name: str, row: int) -> tuple[int, int] | None:
    """Give the shape (channels, correlations) of a cell.

    Parameters
    ----------
    table : casacore.tables.table
        The main table.
    name : str
        An array column.
    row : int
        The row.

    Returns
    -------
    tuple of int or None
        None where the cell is undefined or does not have two axes.
    """
    if not table.iscelldefined(name, row):
        return None
    text = table.getcolshapestring(name, row, 1)
    sizes = tuple(int(part) for part in str(text[0]).strip("[]").split(",") if part.strip())
    return (sizes[0], sizes[1]) if len(sizes) == 2 else None


def _data_descriptions(
    main: MainTable,
    first_rows: dict[int, tuple[int, int]],
    windows: tuple[SpectralWindow, ...],
    columns: tuple[str, ...],
) -> tuple[DataDescription, ...]:
    with main.subtable("DATA_DESCRIPTION") as table:
        n_known = table.nrows()
        spw_ids = np.asarray(table.getcol("SPECTRAL_WINDOW_ID")) if n_known else np.zeros(0, int)
        pol_ids = np.asarray(table.getcol("POLARIZATION_ID")) if n_known else np.zeros(0, int)
    with main.subtable("POLARIZATION") as table:
        types = [cell(table, "CORR_TYPE", row) for row in range(table.nrows())]
    described = []
    for ddid, (row, n_rows) in first_rows.items():
        if not 0 <= ddid < n_known or not 0 <= spw_ids[ddid] < len(windows):
            message = (
                f"Rows of {main.path.name!r} refer to DATA_DESC_ID {ddid}, whose spectral window is not described."
            )
            raise UnreadableError(message, "The Measurement Set is inconsistent: make it again.")
        spw_id, pol_id = int(spw_ids[ddid]), int(pol_ids[ddid])
        codes = types[pol_id] if 0 <= pol_id < len(types) else None
        n_channels = windows[spw_id].frequencies.size
        if codes is not None and codes.size:
            names = tuple(CORRELATIONS.get(int(code), f"code{int(code)}") for code in codes.ravel())
        else:
            names = tuple(f"corr{number}" for number in range(_n_correlations(main, columns, row, ddid)))
        described.append(DataDescription(ddid, spw_id, names, n_channels, n_rows))
    return tuple(described)


def _n_correlations(main: MainTable, columns: tuple[str, ...], row: int, ddid: int) -> int:
    with main.use() as table:
        candidates = [*columns, *(["FLAG"] if "FLAG" in table.colnames() else [])]
        for name in candidates:
            with contextlib.suppress(RuntimeError):
                shape = cell_shape(table, name, row)
                if shape is not None:
                    return shape[1]
    message = f"The number of correlations of DATA_DESC_ID {ddid} in {main.path.name!r} cannot be found out."
    raise UnreadableError(message, "Neither POLARIZATION nor any cell of the main table says it.")
