"""A Measurement Set without rows, with the subtables of a DSA-110 tile as the observatory's converter leaves them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from casacore.tables import (
    default_ms,
    makearrcoldesc,
    makedminfo,
    maketabdesc,
    required_ms_desc,
    table,
)

from dsa110_vis._version import __version__
from dsa110_vis.demo.array import DISH_DIAMETER, Stations
from dsa110_vis.demo.instrument import CHANNEL_WIDTH, INTEGRATION

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

__all__ = ["TileFrame", "create"]

XX, YY = 9, 12
TOPOCENTRIC = 5
_SLOWLY_CHANGING = (
    *("ARRAY_ID", "DATA_DESC_ID", "EXPOSURE", "FEED1", "FEED2", "FIELD_ID", "FLAG_ROW", "INTERVAL", "OBSERVATION_ID"),
    *("PROCESSOR_ID", "SCAN_NUMBER", "STATE_ID", "TIME", "TIME_CENTROID"),
)


@dataclass(frozen=True)
class TileFrame:
    """What the subtables are made from.

    Attributes
    ----------
    array : Stations
    times : numpy.ndarray
        Middles of the integrations, MJD seconds UTC, (n_times,).
    ra : numpy.ndarray
        Phase centres, ICRS, radians, (n_fields,).
    dec : float
        Their declination, radians.
    field_names : tuple of str
        (n_fields,).
    frequencies : numpy.ndarray
        Channel centres, Hz, (n_windows, n_channels).
    columns : tuple of str
        Visibility columns, and WEIGHT_SPECTRUM if wanted.
    message : str
        For the HISTORY table.
    """

    array: Stations
    times: npt.NDArray[np.float64]
    ra: npt.NDArray[np.float64]
    dec: float
    field_names: tuple[str, ...]
    frequencies: npt.NDArray[np.float64]
    columns: tuple[str, ...]
    message: str


def create(path: Path, frame: TileFrame) -> None:
    """Make the Measurement Set and fill all but its main table.

    Parameters
    ----------
    path : pathlib.Path
        Must not exist.
    frame : TileFrame
    """
    n_channels = frame.frequencies.shape[1]
    description = required_ms_desc("MAIN")
    for name in frame.columns:
        kind = "float" if name == "WEIGHT_SPECTRUM" else "complex"
        column = makearrcoldesc(name, 0.0, ndim=2, valuetype=kind, comment=f"The {name} column")
        description.update(maketabdesc(column))
    tiles: dict[str, tuple[int, ...]] = dict.fromkeys(frame.columns, (2, n_channels, 1024))
    tiles |= {"FLAG": (2, n_channels, 8192), "FLAG_CATEGORY": (2, n_channels, 1, 1024)}
    tiles |= {"WEIGHT": (2, 8192), "SIGMA": (2, 8192), "UVW": (3, 8192)}
    for name, column in description.items():
        if name in tiles:
            kind = "TiledColumnStMan" if name == "UVW" else "TiledShapeStMan"
            column.update(dataManagerType=kind, dataManagerGroup=f"Tiled_{name}")
        elif name in _SLOWLY_CHANGING:
            column.update(dataManagerType="IncrementalStMan", dataManagerGroup="Incremental")
    spec: dict[str, Any] = {
        f"Tiled_{name}": {"DEFAULTTILESHAPE": np.array(shape, dtype=np.int32)} for name, shape in tiles.items()
    }
    spec |= {"Incremental": {"BUCKETSIZE": 65536}, "StandardStMan": {"BUCKETSIZE": 65536}}
    default_ms(str(path), description, makedminfo(description, spec)).close()
    for name, fill in (
        ("ANTENNA", _antenna),
        ("DATA_DESCRIPTION", _data_description),
        ("FEED", _feed),
        ("FIELD", _field),
        ("HISTORY", _history),
        ("OBSERVATION", _observation),
        ("POLARIZATION", _polarization),
        ("PROCESSOR", _processor),
        ("SPECTRAL_WINDOW", _spectral_window),
        ("STATE", _state),
    ):
        with table(f"{path}/{name}", readonly=False, ack=False) as subtable:
            for column, values in fill(frame, subtable).items():
                _put(subtable, column, values)


def _put(subtable: table, column: str, values: Any) -> None:
    """Write a column, adding the rows that are missing. An array of strings is a dict of its shape and flat values."""
    n_rows = values["shape"][0] if isinstance(values, dict) else len(values)
    if subtable.nrows() < n_rows:
        subtable.addrows(n_rows - subtable.nrows())
    subtable.putcol(column, values)


def _antenna(frame: TileFrame, _subtable: table) -> dict[str, Any]:
    array = frame.array
    n = len(array.names)
    return {
        "NAME": list(array.names),
        "STATION": list(array.names),
        "TYPE": ["GROUND-BASED"] * n,
        "MOUNT": ["ALT-AZ"] * n,
        "POSITION": array.positions,
        "OFFSET": np.zeros((n, 3)),
        "DISH_DIAMETER": np.full(n, DISH_DIAMETER),
        "FLAG_ROW": np.zeros(n, dtype=bool),
    }


def _data_description(frame: TileFrame, _subtable: table) -> dict[str, Any]:
    n = len(frame.frequencies)
    return {
        "SPECTRAL_WINDOW_ID": np.arange(n, dtype=np.int32),
        "POLARIZATION_ID": np.zeros(n, dtype=np.int32),
        "FLAG_ROW": np.zeros(n, dtype=bool),
    }


def _feed(frame: TileFrame, _subtable: table) -> dict[str, Any]:
    n = len(frame.array.names)
    zeros = np.zeros(n, dtype=np.int32)
    return {
        "ANTENNA_ID": np.arange(n, dtype=np.int32),
        "FEED_ID": zeros,
        "SPECTRAL_WINDOW_ID": zeros - 1,
        "BEAM_ID": zeros - 1,
        "TIME": np.full(n, frame.times.mean()),
        "INTERVAL": np.full(n, 1e9),
        "NUM_RECEPTORS": zeros + 2,
        "BEAM_OFFSET": np.zeros((n, 2, 2)),
        "POLARIZATION_TYPE": {"shape": [n, 2], "array": ["X", "Y"] * n},
        "POL_RESPONSE": np.broadcast_to(np.eye(2, dtype=np.complex64), (n, 2, 2)).copy(),
        "POSITION": np.zeros((n, 3)),
        "RECEPTOR_ANGLE": np.zeros((n, 2)),
    }


def _field(frame: TileFrame, subtable: table) -> dict[str, Any]:
    n = frame.ra.size
    direction = np.stack([frame.ra, np.full(n, frame.dec)], axis=1)[:, None, :]
    for column in ("DELAY_DIR", "PHASE_DIR", "REFERENCE_DIR"):
        subtable.putcolkeyword(column, "MEASINFO", {"type": "direction", "Ref": "ICRS"})
    return {
        "NAME": list(frame.field_names),
        "CODE": [""] * n,
        "TIME": frame.times[:n],
        "NUM_POLY": np.zeros(n, dtype=np.int32),
        "DELAY_DIR": direction,
        "PHASE_DIR": direction,
        "REFERENCE_DIR": direction,
        "SOURCE_ID": np.full(n, -1, dtype=np.int32),
        "FLAG_ROW": np.zeros(n, dtype=bool),
    }


def _history(frame: TileFrame, _subtable: table) -> dict[str, Any]:
    return {
        "TIME": [frame.times[-1]],
        "OBSERVATION_ID": np.zeros(1, dtype=np.int32),
        "MESSAGE": [frame.message],
        "PRIORITY": ["NORMAL"],
        "ORIGIN": ["dsa110_vis.demo.simulate"],
        "OBJECT_ID": np.zeros(1, dtype=np.int32),
        "APPLICATION": [f"dsa110_vis {__version__}"],
        "CLI_COMMAND": {"shape": [1, 1], "array": [""]},
        "APP_PARAMS": {"shape": [1, 1], "array": [""]},
    }


def _observation(frame: TileFrame, _subtable: table) -> dict[str, Any]:
    span = np.array([[frame.times[0] - INTEGRATION / 2, frame.times[-1] + INTEGRATION / 2]])
    return {
        "TELESCOPE_NAME": ["OVRO_MMA"],
        "TIME_RANGE": span,
        "OBSERVER": ["simulated"],
        "PROJECT": ["dsa110_vis demo"],
        "LOG": {"shape": [1, 1], "array": [""]},
        "SCHEDULE": {"shape": [1, 1], "array": [""]},
        "SCHEDULE_TYPE": [""],
        "RELEASE_DATE": np.zeros(1),
        "FLAG_ROW": np.zeros(1, dtype=bool),
    }


def _polarization(_frame: TileFrame, _subtable: table) -> dict[str, Any]:
    return {
        "NUM_CORR": np.array([2], dtype=np.int32),
        "CORR_TYPE": np.array([[XX, YY]], dtype=np.int32),
        "CORR_PRODUCT": np.array([[[0, 0], [1, 1]]], dtype=np.int32),
        "FLAG_ROW": np.zeros(1, dtype=bool),
    }


def _processor(_frame: TileFrame, _subtable: table) -> dict[str, Any]:
    return {
        "TYPE": ["CORRELATOR"],
        "SUB_TYPE": ["DSA"],
        "TYPE_ID": np.full(1, -1, dtype=np.int32),
        "MODE_ID": np.full(1, -1, dtype=np.int32),
        "FLAG_ROW": np.zeros(1, dtype=bool),
    }


def _spectral_window(frame: TileFrame, _subtable: table) -> dict[str, Any]:
    n, n_channels = frame.frequencies.shape
    widths = np.full((n, n_channels), CHANNEL_WIDTH)
    zeros = np.zeros(n, dtype=np.int32)
    return {
        "NAME": [f"sb{n - 1 - number:02d}" for number in range(n)],  # the correlator counts from the highest frequency
        "NUM_CHAN": zeros + n_channels,
        "CHAN_FREQ": frame.frequencies,
        "CHAN_WIDTH": widths,
        "EFFECTIVE_BW": widths,
        "RESOLUTION": widths,
        "REF_FREQUENCY": frame.frequencies[:, 0],
        "TOTAL_BANDWIDTH": widths.sum(axis=1),
        "MEAS_FREQ_REF": zeros + TOPOCENTRIC,
        "NET_SIDEBAND": zeros + 1,
        "IF_CONV_CHAIN": zeros,
        "FREQ_GROUP": zeros,
        "FREQ_GROUP_NAME": ["none"] * n,
        "FLAG_ROW": np.zeros(n, dtype=bool),
    }


def _state(_frame: TileFrame, _subtable: table) -> dict[str, Any]:
    return {
        "SIG": np.ones(1, dtype=bool),
        "REF": np.zeros(1, dtype=bool),
        "CAL": np.zeros(1),
        "LOAD": np.zeros(1),
        "SUB_SCAN": np.zeros(1, dtype=np.int32),
        "OBS_MODE": ["OBSERVE_TARGET#ON_SOURCE"],
        "FLAG_ROW": np.zeros(1, dtype=bool),
    }
