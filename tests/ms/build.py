"""Small Measurement Sets of any shape, written with python-casacore; visibilities follow from `expected`."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from casacore import tables

START = 5.2e9
CENTRE = np.array([-2_409_150.402, -4_478_573.118, 3_838_617.339])


@dataclass(frozen=True)
class Window:
    """A spectral window and its correlations (CASA's codes: 9-12 are XX-YY, 5-8 are RR-LL)."""

    channels: int = 8
    correlations: tuple[int, ...] = (9, 12)
    first: float = 1.3e9
    width: float = 1e6


def expected(rows, channels, correlations, column="DATA"):
    """What a column holds: the row in the real part, channel and correlation in the imaginary one."""
    rows, channels, correlations = np.asarray(rows), np.arange(channels), np.arange(correlations)
    value = rows[:, None, None] + 1j * (channels[None, :, None] + correlations[None, None, :] / 8)
    return (value * (1 if column == "DATA" else 2)).astype(np.complex64)


def make(
    path,
    *,
    antennas=4,
    used=None,
    windows=(Window(),),
    times=3,
    step=10.0,
    order=("time", "window", "baseline"),
    autocorrelations=False,
    columns=("DATA",),
    flags=None,
    flag_rows=(),
    weights="WEIGHT",
    storage="TiledShapeStMan",
    reverse=False,
    duplicate=False,
    fields=("target",),
    polarization=True,
    keep=None,
    without=(),
    positions=None,
    baselines=None,
):
    """Write a Measurement Set.

    `flags` is a function of (rows, channels, correlations) or None for an undefined FLAG column; `keep` are row
    numbers that stay; `without` names columns that are left out; `times` is a number or seconds after the start.
    """
    path = Path(path)
    with tables.default_ms(str(path)) as table:
        _add_columns(table, columns, storage, weights)
        pairs = baselines or _pairs(range(antennas) if used is None else used, autocorrelations)
        moments = np.arange(times) * step if isinstance(times, int) else np.asarray(times, float)
        index = _rows(order, moments.size, len(windows), len(pairs))
        if keep is not None:
            index = {name: values[list(keep)] for name, values in index.items()}
        if duplicate:
            index = {name: np.concatenate([values, values]) for name, values in index.items()}
        n_rows = index["time"].size
        table.addrows(n_rows)
        if n_rows:
            first, second = np.array(pairs)[index["baseline"]].T
            if reverse:
                first, second = second, first
            _fill(table, first, second, moments=moments, index=index, n_fields=len(fields))
            _fill_cells(table, windows, index["window"], columns=columns, flags=flags, weights=weights)
            flagged = np.zeros(n_rows, bool)
            flagged[list(flag_rows)] = True
            table.putcol("FLAG_ROW", flagged)
        if without:
            table.removecols(list(without))
    _fill_subtables(path, antennas, windows, fields=fields, polarization=polarization, positions=positions)
    return path


def _pairs(antennas, autocorrelations):
    antennas = list(antennas)
    return [(one, two) for k, one in enumerate(antennas) for two in antennas[k + (not autocorrelations) :]]


def _add_columns(table, columns, storage, weights):
    for name in columns:
        description = tables.makearrcoldesc(name, 0j, ndim=2, valuetype="float" if name == "FLOAT_DATA" else "complex")
        table.addcols(tables.maketabdesc([description]), {"TYPE": storage, "NAME": f"Storage{name}"})
    if weights == "WEIGHT_SPECTRUM":
        description = tables.makearrcoldesc("WEIGHT_SPECTRUM", 0.0, ndim=2, valuetype="float")
        table.addcols(tables.maketabdesc([description]), {"TYPE": storage, "NAME": "StorageWEIGHT_SPECTRUM"})


def _rows(order, n_times, n_windows, n_baselines):
    size = {"time": n_times, "window": n_windows, "baseline": n_baselines}
    grids = np.indices([size[name] for name in order]).reshape(3, -1)
    return dict(zip(order, grids, strict=True))


def _fill(table, first, second, *, moments, index, n_fields):
    time = START + moments[index["time"]]
    table.putcol("TIME", time)
    table.putcol("TIME_CENTROID", time)
    for name, values in (
        ("ANTENNA1", first),
        ("ANTENNA2", second),
        ("DATA_DESC_ID", index["window"]),
        ("SCAN_NUMBER", index["time"] // 2 + 1),
        ("FIELD_ID", index["time"] % n_fields),
    ):
        table.putcol(name, values.astype(np.int32))
    table.putcol("EXPOSURE", np.full(time.size, 1.0))
    table.putcol("INTERVAL", np.full(time.size, 0.25))
    uvw = np.zeros((time.size, 3))
    uvw[:, 0] = 100.0 * (second - first)
    table.putcol("UVW", uvw)


def _fill_cells(table, windows, window, *, columns, flags, weights):
    for row, number in enumerate(window.tolist()):
        shape = (windows[number].channels, len(windows[number].correlations))
        for name in columns:
            value = expected([row], *shape, column=name)[0]
            table.putcell(name, row, value.real if name == "FLOAT_DATA" else value)
        if flags is not None:
            table.putcell("FLAG", row, flags(np.array([row]), *shape)[0])
        if weights == "WEIGHT":
            table.putcell("WEIGHT", row, np.arange(1, shape[1] + 1, dtype=np.float32))
        if weights == "WEIGHT_SPECTRUM":
            table.putcell("WEIGHT_SPECTRUM", row, np.full(shape, row, np.float32))


def _fill_subtables(path, antennas, windows, *, fields, polarization, positions):
    with tables.table(f"{path}/ANTENNA", readonly=False, ack=False) as table:
        table.addrows(antennas)
        table.putcol("NAME", [f"A{number}" for number in range(antennas)])
        table.putcol("STATION", [f"P{number}" for number in range(antennas)])
        if positions is None:
            positions = CENTRE + 100.0 * np.arange(antennas)[:, None] * np.array([0.6, -0.3, 0.1])
        table.putcol("POSITION", np.asarray(positions))
        table.putcol("DISH_DIAMETER", np.full(antennas, 4.65))
    kinds = list(dict.fromkeys(window.correlations for window in windows))
    with tables.table(f"{path}/POLARIZATION", readonly=False, ack=False) as table:
        for row, codes in enumerate(kinds if polarization else ()):
            table.addrows(1)
            table.putcell("CORR_TYPE", row, np.array(codes, np.int32))
            table.putcell("NUM_CORR", row, len(codes))
    with tables.table(f"{path}/SPECTRAL_WINDOW", readonly=False, ack=False) as table:
        table.addrows(len(windows))
        for row, window in enumerate(windows):
            frequencies = window.first + window.width * np.arange(window.channels)
            table.putcell("CHAN_FREQ", row, frequencies)
            table.putcell("CHAN_WIDTH", row, np.full(window.channels, window.width))
            table.putcell("NUM_CHAN", row, window.channels)
            table.putcell("NAME", row, f"window-{row}")
            table.putcell("REF_FREQUENCY", row, window.first)
            table.putcell("TOTAL_BANDWIDTH", row, abs(window.width) * window.channels)
            table.putcell("MEAS_FREQ_REF", row, 5)
    with tables.table(f"{path}/DATA_DESCRIPTION", readonly=False, ack=False) as table:
        table.addrows(len(windows))
        table.putcol("SPECTRAL_WINDOW_ID", np.arange(len(windows), dtype=np.int32))
        table.putcol("POLARIZATION_ID", np.array([kinds.index(one.correlations) for one in windows], np.int32))
    with tables.table(f"{path}/FIELD", readonly=False, ack=False) as table:
        table.addrows(len(fields))
        table.putcol("NAME", list(fields))
        for row in range(len(fields)):
            table.putcell("PHASE_DIR", row, np.array([[0.1 * row, 0.5]]))
    with tables.table(f"{path}/OBSERVATION", readonly=False, ack=False) as table:
        table.addrows(1)
        table.putcell("TELESCOPE_NAME", 0, "DSA_110")
        table.putcell("OBSERVER", 0, "nobody")
        table.putcell("PROJECT", 0, "test")


def make_caltable(path, solutions, *, antennas=4, n_frequencies=(8, 1)):
    """Write a calibration table. `solutions` are (time, antenna, window, FLAG cell) one after the other."""
    path = Path(path)
    descriptions = [
        tables.makescacoldesc("TIME", 0.0),
        *(tables.makescacoldesc(name, 0) for name in ("ANTENNA1", "ANTENNA2", "FIELD_ID", "SPECTRAL_WINDOW_ID")),
        tables.makearrcoldesc("FLAG", False, ndim=2),
    ]
    with tables.table(str(path), tables.maketabdesc(descriptions), nrow=len(solutions), ack=False) as table:
        table.putinfo({"type": "Calibration", "subType": "B Jones", "readme": ""})
        for row, (time, antenna, window, flag) in enumerate(solutions):
            for name, value in (("TIME", START + time), ("ANTENNA1", antenna), ("SPECTRAL_WINDOW_ID", window)):
                table.putcell(name, row, value)
            table.putcell("FLAG", row, np.asarray(flag, bool))
    template = path.with_name(f"{path.name}.template")
    windows = [Window(count, first=1e9 * (k + 1)) for k, count in enumerate(n_frequencies)]
    make(template, antennas=antennas, windows=windows)
    with tables.table(str(path), readonly=False, ack=False) as table:
        for name in ("ANTENNA", "OBSERVATION", "SPECTRAL_WINDOW"):
            (template / name).rename(path / name)
            with tables.table(f"{path}/{name}", ack=False) as part:
                table.putkeyword(name, part)
    shutil.rmtree(template)
    return path
