"""Calibration tables: real ones of DSA-110, and small ones with every trap."""

from __future__ import annotations

import csv
import shutil

import numpy as np
import pytest

from dsa110_vis.errors import (
    CancelledError,
    MeasurementSetEmptyError,
    MeasurementSetNotFoundError,
    NotAMeasurementSetError,
    UnreadableError,
)
from dsa110_vis.ms import CalibrationTable, MeasurementSet, open_array
from dsa110_vis.ms.geodesy import ECCENTRICITY2, SEMI_MAJOR_AXIS, enu

# The pads that were not in use (10, 21-23, 52-67, 117) and two that were bad that day.
FULLY_FLAGGED = [10, 21, 22, 23, *range(52, 68), 113, 114, 117]


def itrf(longitude, latitude, height):
    longitude, latitude = np.radians(longitude), np.radians(latitude)
    normal = SEMI_MAJOR_AXIS / np.sqrt(1 - ECCENTRICITY2 * np.sin(latitude) ** 2)
    return np.array(
        [
            (normal + height) * np.cos(latitude) * np.cos(longitude),
            (normal + height) * np.cos(latitude) * np.sin(longitude),
            (normal * (1 - ECCENTRICITY2) + height) * np.sin(latitude),
        ]
    )


@pytest.fixture
def final(caltables):
    with CalibrationTable(caltables / "caltables" / "test_calibration_bandpass.table") as table:
        yield table


def stations(folder):
    """Pad number: longitude, latitude, height, from the observatory's table, which has no height for the last pad."""
    found = {}
    with next((folder / "stations").glob("*.csv")).open() as file:
        for line in csv.reader(file):
            if len(line) > 3 and line[1].startswith("DSA-") and line[2]:
                found[line[1].removeprefix("DSA-").lstrip("0")] = (
                    float(line[3]), float(line[2]), float(line[4] or 1182.6),
                )  # fmt: skip
    return found


def test_positions_agree_with_the_station_table(final, caltables):
    frame = final.antennas(flags=False)
    assert len(frame) == 117
    known = stations(caltables)
    where = np.array([itrf(*known[name]) for name in frame["name"]])
    expected = enu(where, final.centre)
    assert np.abs(frame[["east_m", "north_m", "up_m"]].to_numpy() - expected).max() < 1e-3


def test_fully_flagged_antennas_are_those_that_were_not_in_use(final):
    frame = final.antennas()
    assert [int(name) for name in frame.loc[frame["flagged_fraction"] == 1, "name"]] == FULLY_FLAGGED
    assert frame["has_data"].all()
    assert (frame["n_baselines"] == 0).all()


def test_flags_are_those_of_the_column(final):
    from casacore.tables import table

    with table(str(final.path), ack=False) as main:
        cells = {int(main.getcell("ANTENNA1", row)): main.getcell("FLAG", row) for row in range(main.nrows())}
    flags = final.flags()
    for antenna, cell in cells.items():
        assert flags.per_antenna[antenna] == cell.mean()
        np.testing.assert_array_equal(flags.by_channel[1, antenna], cell.sum(axis=1))
        assert flags.by_time[1, antenna, 0] == cell.sum()
    assert flags.fraction == np.mean(list(cells.values()))
    assert flags.frequencies[0] == pytest.approx(1498.643e6, rel=1e-6)


def cell(channels, bad=0):
    flag = np.zeros((channels, 2), bool)
    flag.reshape(-1)[:bad] = True
    return flag


@pytest.fixture
def mixed(build, tmp_path):
    """Windows of 8 and 1 channels in turn, two times, one antenna without solutions."""
    solutions = [
        (0, 0, 0, cell(8, 4)), (0, 0, 1, cell(1, 2)), (0, 1, 0, cell(8)), (0, 1, 1, cell(1, 1)),
        (9, 0, 0, cell(8, 16)), (9, 0, 1, cell(1)), (9, 3, 1, cell(1, 2)),
    ]  # fmt: skip
    return build.make_caltable(tmp_path / "mixed: 1.b", solutions)


def test_windows_of_different_shape(mixed):
    with CalibrationTable(mixed) as table:
        frame = table.antennas()
        assert frame["has_data"].tolist() == [True, True, False, True]
        assert frame["flagged_fraction"][[0, 1, 3]].tolist() == [22 / 36, 1 / 18, 1.0]
        assert np.isnan(frame["flagged_fraction"][2])
        flags = table.flags()
        assert flags.frequencies.size == 9
        assert flags.by_channel[:, 0, 8].tolist() == [4, 2]
        assert flags.by_time[:, 0].tolist() == [[18, 18], [6, 16]]
        assert table.solutions == "B Jones"
        assert table.time_frame == "UTC"


def test_more_rows_than_are_read_at_once(build, tmp_path, monkeypatch):
    monkeypatch.setattr("dsa110_vis.ms.caltable.ROWS_PER_CALL", 3)
    solutions = [(k // 4, k % 4, 0, cell(8, k % 4)) for k in range(20)]
    seen = []
    with CalibrationTable(build.make_caltable(tmp_path / "a.g", solutions)) as table:
        assert table.antennas(progress=seen.append)["flagged_fraction"].tolist() == [k / 16 for k in range(4)]
        table.antennas(progress=lambda _: pytest.fail("the counts are kept"))
    assert seen[-1] == 1
    assert len(seen) == 7


def test_counting_can_be_cancelled(mixed):
    with CalibrationTable(mixed) as table, pytest.raises(CancelledError):
        table.flags(progress=lambda _: False)


def test_a_window_that_changes_its_channels_is_refused(build, tmp_path):
    path = build.make_caltable(tmp_path / "a.b", [(0, 0, 0, cell(8)), (1, 0, 0, cell(4))])
    with CalibrationTable(path) as table, pytest.raises(UnreadableError, match="another number of channels in row 1"):
        table.flags()


def test_an_antenna_that_does_not_exist_is_refused(build, tmp_path):
    path = build.make_caltable(tmp_path / "a.b", [(0, 7, 0, cell(8))])
    with CalibrationTable(path) as table, pytest.raises(UnreadableError, match="antenna 7"):
        table.antennas()


def test_a_change_is_noticed(mixed, run_python):
    with CalibrationTable(mixed) as table:
        before = table.fingerprint, table.flags().fraction
        run_python(
            "import sys, numpy as np\nfrom casacore.tables import table\n"
            "with table(sys.argv[1], readonly=False, ack=False) as main:\n"
            "    main.putcell('FLAG', 2, np.ones((8, 2), bool))",
            str(mixed),
        )
        assert table.fingerprint != before[0]
        assert table.flags().fraction > before[1]


def test_what_is_no_calibration_table(real_ms, caltables, build, tmp_path):
    good = caltables / "caltables" / "test_calibration_bandpass.table"
    assert isinstance(open_array(good), CalibrationTable)
    assert isinstance(open_array(real_ms("alma")), MeasurementSet)
    with pytest.raises(NotAMeasurementSetError, match="not a CASA calibration table"):
        CalibrationTable(real_ms("alma") / "ANTENNA")
    for other in (tmp_path, real_ms("alma") / "ANTENNA"):
        with pytest.raises(NotAMeasurementSetError, match="or of a CASA calibration table"):
            open_array(other)
    with pytest.raises(MeasurementSetNotFoundError):
        open_array(tmp_path / "none")
    with pytest.raises(MeasurementSetEmptyError):
        open_array(build.make_caltable(tmp_path / "empty.b", []))
    damaged = tmp_path / "damaged.b"
    shutil.copytree(good, damaged)
    (damaged / "table.f0").write_bytes(b"")
    with pytest.raises(UnreadableError), CalibrationTable(damaged) as table:
        table.antennas()


def test_nothing_is_written(mixed):
    before = {path: path.stat().st_mtime_ns for path in mixed.rglob("*")}
    with CalibrationTable(mixed) as table:
        table.antennas()
    assert {path: path.stat().st_mtime_ns for path in mixed.rglob("*")} == before
    assert repr(table) == f"<CalibrationTable {str(mixed)!r}>"
