"""A small Measurement Set with everything that goes wrong, and a slow model of what a raster of it should be."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

C = 299792458.0
ANTENNAS = ("A1", "A2", "", "A4", "A4")  # one without a name, two of one name
LABELS = ("A1", "A2", "#2", "A4 (#3)", "A4 (#4)")
OFFSETS = np.array([[0, 0, 0], [30, 0, 0], [0, 70, 0], [500, 0, 0], [500, 40, 0]])
POSITIONS = OFFSETS + np.array([-2.4e6, -4.47e6, 3.84e6])
FIELDS = ("3C286", "J0137+3309")
SPWS = (
    (1.30e9 + 1e6 * np.arange(4), np.full(4, 1e6)),
    (1.306e9 - 1e6 * np.arange(4), np.full(4, -1e6)),  # descending, one channel in common with the first
)
CORRELATIONS = (("XX", "XY", "YX", "YY"), ("XX", "YY"))
CODES = {"XX": 9, "XY": 10, "YX": 11, "YY": 12}
T0 = 5.1e9


def fill(table_path: str, n_rows: int, columns: dict[str, Any]) -> None:
    """Fill a sub-table."""
    from casacore import tables as ct

    with ct.table(table_path, readonly=False, ack=False) as table:
        table.addrows(n_rows)
        for name, values in columns.items():
            for row, value in enumerate(values):
                table.putcell(name, row, value)


def write_subtables(path: Path) -> None:
    n = len(ANTENNAS)
    fill(
        f"{path}/ANTENNA",
        n,
        {
            "NAME": ANTENNAS,
            "STATION": [f"S{i}" for i in range(n)],
            "POSITION": POSITIONS,
            "DISH_DIAMETER": np.full(n, 4.65),
        },
    )
    frequencies, widths = zip(*SPWS, strict=True)
    fill(
        f"{path}/SPECTRAL_WINDOW",
        2,
        {
            "NUM_CHAN": [len(f) for f in frequencies],
            "CHAN_FREQ": frequencies,
            "CHAN_WIDTH": widths,
            "EFFECTIVE_BW": [abs(w) for w in widths],
            "RESOLUTION": [abs(w) for w in widths],
            "NAME": ["win0", "win1"],
            "REF_FREQUENCY": [f[0] for f in frequencies],
            "MEAS_FREQ_REF": [5, 5],
        },
    )
    fill(
        f"{path}/POLARIZATION",
        2,
        {
            "NUM_CORR": [len(names) for names in CORRELATIONS],
            "CORR_TYPE": [np.array([CODES[name] for name in names], np.int32) for names in CORRELATIONS],
            "CORR_PRODUCT": [
                np.array([["XY".index(c) for c in name] for name in names], np.int32) for names in CORRELATIONS
            ],
        },
    )
    fill(f"{path}/DATA_DESCRIPTION", 2, {"SPECTRAL_WINDOW_ID": [0, 1], "POLARIZATION_ID": [0, 1]})
    directions = [np.array([[0.1 + row, 0.6]]) for row in range(2)]
    names = ("PHASE_DIR", "DELAY_DIR", "REFERENCE_DIR")
    fill(f"{path}/FIELD", 2, {"NAME": FIELDS, **dict.fromkeys(names, directions)})
    fill(f"{path}/OBSERVATION", 1, {"TELESCOPE_NAME": ["OVRO_MMA"], "TIME_RANGE": [np.array([T0, T0 + 100])]})


def make_rows(rng: np.random.Generator) -> list[tuple[int, ...]]:
    """Make steps, data descriptions and antennas: holes, reversed and repeated rows, in no order."""
    rows = []
    for step, ddid in itertools.product(range(4), range(2)):
        for a1, a2 in itertools.combinations_with_replacement(range(5), 2):
            if rng.random() < 0.15:
                continue
            pair = (a2, a1) if rng.random() < 0.25 else (a1, a2)
            rows.append((step, ddid, *pair))
            if rng.random() < 0.1:
                rows.append((step, ddid, a1, a2))
    rng.shuffle(rows)
    return list(int_rows(rows))


def data_cells(rng: np.random.Generator, row: tuple[int, ...], names: list[str], kind: str) -> Iterator[Any]:
    """Make the visibilities of a row; some of DATA are not finite."""
    number, _, ddid, a1, a2 = row
    shape = (len(SPWS[ddid][0]), len(CORRELATIONS[ddid]))
    for name in names:
        data = rng.normal(size=shape) + 1j * rng.normal(size=shape) + 3 * np.exp(1j * (a1 - a2))
        if name == "CORRECTED_DATA" and kind in ("zeros", "late"):
            data[...] = 1e-3 if kind == "late" and number == 41 else 0
        elif name == "DATA" and rng.random() < 0.1:
            data.flat[0] = [np.nan, np.inf, 1j * np.nan, -np.inf][number % 4]
        yield name, data.astype(np.complex64)


def write_ms(path: Path, *, seed: int = 1, weight_spectrum: bool = False, corrected: str = "full") -> Path:
    """Write a Measurement Set: two windows of different shape, reversed and repeated rows, holes, NaN, flags."""
    from casacore import tables as ct

    rng = np.random.default_rng(seed)
    names = ["DATA", "MODEL_DATA", *(["CORRECTED_DATA"] if corrected != "absent" else [])]
    columns = [ct.makearrcoldesc(name, 0j, valuetype="complex", ndim=2) for name in names]
    if weight_spectrum:
        columns.append(ct.makearrcoldesc("WEIGHT_SPECTRUM", 0.0, valuetype="float", ndim=2))
    main = ct.default_ms(str(path), ct.maketabdesc(columns))
    write_subtables(path)
    rows = make_rows(rng)
    main.addrows(len(rows))
    for row, (step, ddid, a1, a2) in enumerate(rows):
        shape = (len(SPWS[ddid][0]), len(CORRELATIONS[ddid]))
        flag = rng.random(shape) < 0.2
        flag |= {a1, a2} == {0, 1} and step == 1
        values = {
            "TIME": T0 + 12.5 * step,
            "TIME_CENTROID": T0 + 12.5 * step,
            "DATA_DESC_ID": ddid,
            "ANTENNA1": a1,
            "ANTENNA2": a2,
            "FIELD_ID": int(step > 2),
            "INTERVAL": 12.5,
            "EXPOSURE": 12.5,
            "SCAN_NUMBER": 3 if step < 2 else 70,
            "UVW": POSITIONS[a2] - POSITIONS[a1] + rng.normal(size=3) * (a1 != a2),
            "FLAG": flag,
            "FLAG_ROW": bool(rng.random() < 0.08),
            "WEIGHT": rng.choice([0.0, 0.5, 1.0, 2.0, 3.5], size=shape[1]).astype(np.float32),
            "SIGMA": np.ones(shape[1], np.float32),
            **dict(data_cells(rng, (row, step, ddid, a1, a2), names, corrected)),
        }
        if weight_spectrum:
            spectrum = rng.choice([0.0, 0.5, 2.0, -1.0, np.nan], size=shape)
            values["WEIGHT_SPECTRUM"] = spectrum.astype(np.float32)
        for name, value in values.items():
            main.putcell(name, row, value)
    main.close()
    return path


def int_rows(rows: list[Any]) -> Iterator[tuple[int, ...]]:
    for row in rows:
        yield tuple(int(value) for value in row)


@dataclass
class Sample:
    """One contribution of one visibility, and where it belongs on every axis."""

    value: complex
    flag: bool
    weight: float
    place: dict[str, Any]


@dataclass
class Model:
    """A Measurement Set read cell by cell, and rasters of it made by hand."""

    path: Path
    samples: list[dict[str, Any]] = field(default_factory=list)

    def read(self) -> Model:
        from casacore import tables as ct

        with ct.table(str(self.path), ack=False) as main:
            spectrum = "WEIGHT_SPECTRUM" in main.colnames()
            for row in range(main.nrows()):
                ddid = main.getcell("DATA_DESC_ID", row)
                columns = {
                    n: main.getcell(n, row) for n in ("DATA", "MODEL_DATA", "CORRECTED_DATA") if n in main.colnames()
                }
                flag = main.getcell("FLAG", row) | main.getcell("FLAG_ROW", row)
                weight = main.getcell("WEIGHT_SPECTRUM", row) if spectrum else np.broadcast_to(
                    main.getcell("WEIGHT", row), flag.shape)  # fmt: skip
                for c, p in itertools.product(*map(range, flag.shape)):
                    self.samples.append({
                        "time": main.getcell("TIME", row), "a1": main.getcell("ANTENNA1", row), "ddid": ddid,
                        "a2": main.getcell("ANTENNA2", row), "scan": main.getcell("SCAN_NUMBER", row),
                        "field": FIELDS[main.getcell("FIELD_ID", row)], "uvw": main.getcell("UVW", row),
                        "channel": c, "frequency": round(SPWS[ddid][0][c] / 1e6, 6), "corr": CORRELATIONS[ddid][p],
                        "flag": bool(flag[c, p]), "weight": float(weight[c, p]),
                        "columns": {name: complex(value[c, p]) for name, value in columns.items()},
                    })  # fmt: skip
        return self

    def contributions(
        self, axes: tuple[str, ...], column: str, *, autos: bool, keep: Callable[[dict[str, Any]], bool] | None = None
    ) -> Iterator[tuple[dict[str, Any], complex, dict[str, Any]]]:
        doubled = bool({"antenna", "u", "v"} & set(axes)) or {"antenna1", "antenna2"} <= set(axes)
        as_in_file = bool({"antenna1", "antenna2"} & set(axes))
        for sample in self.samples:
            if (sample["a1"] == sample["a2"] and not autos) or (keep is not None and not keep(sample)):
                continue
            value = value_of(sample["columns"], column)
            views = [False]
            if doubled and sample["a1"] != sample["a2"]:
                views = [False, True]
            elif not doubled and not as_in_file and sample["a1"] > sample["a2"]:
                views = [True]
            for mirrored in views:
                a1, a2, uvw = sample["a1"], sample["a2"], sample["uvw"]
                corr = sample["corr"]
                if mirrored:
                    value_here = value.conjugate()
                    a1, a2, uvw = a2, a1, -uvw
                    corr = corr[::-1]
                else:
                    value_here = value
                low, high = sorted((a1, a2))
                place = {
                    "time": sample["time"], "baseline": f"{LABELS[low]} & {LABELS[high]}", "antenna": LABELS[a1],
                    "antenna1": LABELS[a1], "antenna2": LABELS[a2], "frequency": sample["frequency"],
                    "channel": sample["channel"], "correlation": corr, "scan": sample["scan"],
                    "field": sample["field"], "spw": sample["ddid"], "u": uvw[0], "v": uvw[1],
                    "uvdist": float(np.hypot(uvw[0], uvw[1])),
                    "uvwave": float(np.hypot(uvw[0], uvw[1])) * SPWS[sample["ddid"]][0][sample["channel"]] / C,
                }  # fmt: skip
                yield place, value_here, sample


def value_of(columns: dict[str, complex], column: str) -> complex:
    if column in columns:
        return columns[column]
    left, operator, right = (
        column.replace("CORRECTED", "CORRECTED_DATA")
        .replace("MODEL", "MODEL_DATA")
        .partition("/" if "/" in column else "-")
    )
    return columns[left] / columns[right] if operator == "/" else columns[left] - columns[right]


def statistic(values: np.ndarray, weights: np.ndarray, quantity: str, aggregator: str, averaging: str) -> float:
    """The statistic by its definition."""
    w = weights
    total = np.sum(w)
    if quantity == "phase":
        vector = np.sum(w * values)
        if aggregator == "mean":
            return float(np.degrees(np.angle(vector)))
        ratio = min(abs(vector) / np.sum(w * np.abs(values)), 1.0)
        return float(np.degrees(np.sqrt(-2 * np.log(ratio))))
    if quantity == "amp" and averaging == "vector":
        vector = np.sum(w * values)
        return float(abs(vector / total if aggregator == "mean" else vector))
    q = {"amp": np.abs, "real": np.real, "imag": np.imag, "weight": np.real}[quantity](values)
    mean = np.sum(w * q) / total
    simple = {
        "mean": mean,
        "sum": np.sum(w * q),
        "min": q.min(),
        "max": q.max(),
        "rms": np.sqrt(np.sum(w * q**2) / total),
        "median": np.median(q),
        "var": np.sum(w * (q - mean) ** 2) / total,
    }
    return float(np.sqrt(simple["var"]) if aggregator == "std" else simple[aggregator])
