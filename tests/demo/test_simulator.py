"""A simulated tile is laid out, noisy, flagged and written as it says."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from casacore.tables import table

from dsa110_vis.demo import instrument, simulate
from dsa110_vis.errors import CancelledError, OptionError, OutputError

WEIGHT = 1 / (6500 / np.sqrt(2 * 244140.625 * 12.884901888)) ** 2


@pytest.fixture(scope="module")
def columns(drift_tile):
    """All columns of the main table that are filled; every cell has the same shape."""
    with table(str(drift_tile), ack=False) as main:
        return {name: main.getcol(name) for name in main.colnames() if name != "FLAG_CATEGORY"}


def subtable(ms, name):
    return table(f"{ms}/{name}", ack=False)


def test_rows(columns):
    n_baselines = 20 * 21 // 2
    assert len(columns["TIME"]) == n_baselines * 24 * 16 == 80_640
    pairs = np.stack([columns["ANTENNA1"], columns["ANTENNA2"]], axis=1)
    assert len(np.unique(pairs, axis=0)) == n_baselines
    assert (pairs[:, 0] == pairs[:, 1]).sum() == 20 * 24 * 16
    assert (pairs[:, 0] <= pairs[:, 1]).all()
    assert columns["DATA"].shape == (80_640, 48, 2)
    assert columns["DATA"].dtype == np.complex64
    order = np.stack([columns["DATA_DESC_ID"], columns["FIELD_ID"]], axis=1)[::n_baselines]
    assert order.tolist() == [[window, time] for window in range(16) for time in range(24)]


def test_times_and_fields(drift_tile, columns):
    times = np.unique(columns["TIME"])
    assert times.size == 24
    np.testing.assert_allclose(np.diff(times), 12.884902, atol=2e-6)
    assert set(columns["INTERVAL"]) == {96 * 0.134217728}
    with subtable(drift_tile, "FIELD") as field, subtable(drift_tile, "OBSERVATION") as observation:
        assert field.getcol("NAME") == [f"meridian_icrs_t{number}" for number in range(24)]
        assert field.getcolkeyword("PHASE_DIR", "MEASINFO") == {"type": "direction", "Ref": "ICRS"}
        directions = np.degrees(field.getcol("PHASE_DIR")[:, 0])
        assert observation.getcol("TELESCOPE_NAME") == ["OVRO_MMA"]
        begin, end = observation.getcol("TIME_RANGE")[0]
    assert end - begin == pytest.approx(309.24, abs=0.01)
    np.testing.assert_allclose(directions[:, 1], 16.15)
    np.testing.assert_allclose(np.diff(directions[:, 0]), 12.884902 * 15.041 / 3600, rtol=1e-3)
    assert directions[:, 0].mean() % 360 == pytest.approx(343.4906, abs=1e-3)  # 3C 454.3 transits in the middle


def test_frequencies(drift_tile):
    with subtable(drift_tile, "SPECTRAL_WINDOW") as window:
        frequencies = window.getcol("CHAN_FREQ")
        assert frequencies.shape == (16, 48)
        assert set(window.getcol("CHAN_WIDTH").ravel()) == {244140.625}
        assert set(window.getcol("MEAS_FREQ_REF")) == {5}
        assert window.getcol("TOTAL_BANDWIDTH").sum() == 187.5e6
    assert frequencies.ravel()[0] - 244140.625 / 2 == 1311.25e6
    assert frequencies.ravel()[-1] + 244140.625 / 2 == 1498.75e6
    np.testing.assert_allclose(np.diff(frequencies.ravel()), 244140.625)


def test_other_subtables(drift_tile):
    with subtable(drift_tile, "ANTENNA") as antenna, subtable(drift_tile, "FEED") as feed:
        assert antenna.nrows() == feed.nrows() == 117
        assert set(antenna.getcol("DISH_DIAMETER")) == {4.65}
        assert antenna.getcol("NAME")[102] == antenna.getcol("STATION")[102] == "103"
        assert feed.getcol("POLARIZATION_TYPE")["array"][:2] == ["X", "Y"]
    with subtable(drift_tile, "POLARIZATION") as polarization, subtable(drift_tile, "STATE") as state:
        assert polarization.getcol("CORR_TYPE").tolist() == [[9, 12]]
        assert state.nrows() == 1
    with subtable(drift_tile, "HISTORY") as history:
        assert "Simulated" in history.getcell("MESSAGE", 0)


def test_noise_is_that_of_the_radiometer_equation(columns):
    cross = columns["ANTENNA1"] != columns["ANTENNA2"]
    noise = (columns["CORRECTED_DATA"] - columns["MODEL_DATA"])[cross][~columns["FLAG"][cross]]
    expected = 6500 / np.sqrt(2 * 244140.625 * 12.884901888)
    assert expected == pytest.approx(2.6, abs=0.01)
    assert instrument.noise_level() == pytest.approx(expected)
    sampling = 5 * expected / np.sqrt(2 * noise.size)
    assert noise.real.std() == pytest.approx(expected, abs=sampling)
    assert noise.imag.std() == pytest.approx(expected, abs=sampling)
    assert abs(noise.mean()) < 5 * expected / np.sqrt(noise.size) * np.sqrt(2)


def test_autocorrelations_are_real_and_hold_the_system(columns):
    auto = (columns["ANTENNA1"] == columns["ANTENNA2"]) & ~columns["FLAG_ROW"]
    values = columns["CORRECTED_DATA"][auto][~columns["FLAG"][auto]]
    assert np.abs(values.imag).max() == 0
    assert values.real.mean() == pytest.approx(6500 + columns["MODEL_DATA"][auto].real.mean(), rel=1e-3)
    assert not columns["UVW"][auto].any()


def test_model_is_the_sky_through_the_beam(columns):
    middle = (columns["ANTENNA1"] == columns["ANTENNA2"]) & (columns["FIELD_ID"] == 12)
    centre = columns["MODEL_DATA"][middle].real.mean()
    assert 12.65 < centre < 12.65 + 6
    first = (columns["ANTENNA1"] == columns["ANTENNA2"]) & (columns["FIELD_ID"] == 0)
    assert columns["MODEL_DATA"][first].real.mean() < centre


def test_data_are_uncalibrated_with_gains_per_antenna(columns):
    good = ~columns["FLAG"] & (columns["ANTENNA1"] != columns["ANTENNA2"])[:, None, None]
    assert np.median(np.abs(columns["DATA"][good])) == pytest.approx(0.05, rel=0.2)
    block = slice(0, 210)
    pairs = list(zip(columns["ANTENNA1"][block], columns["ANTENNA2"][block], strict=True))
    ratio = dict(zip(pairs, columns["DATA"][block] / columns["CORRECTED_DATA"][block], strict=True))
    a, b, c = 0, 1, 14
    np.testing.assert_allclose(np.angle(ratio[a, b] * ratio[b, c] * ratio[a, c].conj()), 0, atol=1e-4)
    assert np.ptp(np.unwrap(np.angle(ratio[a, c][:, 0]))) > 0.01


def test_flags(columns):
    dead = (columns["ANTENNA1"] == 113) | (columns["ANTENNA2"] == 113)
    assert (columns["FLAG_ROW"] == dead).all()
    assert columns["FLAG"][dead].all()
    assert columns["FLAG"][~dead].mean() == pytest.approx(0.024, abs=0.002)
    per_channel = columns["FLAG"][~dead].reshape(16, -1, 48, 2).mean(axis=(1, 3)).ravel()
    megahertz = instrument.channel_frequencies().ravel() / 1e6
    assert per_channel[np.abs(megahertz - 1381.05) < 1].min() > 0.2  # GPS L3
    assert per_channel[(megahertz > 1400) & (megahertz < 1427)].max() < 0.02  # the protected band
    np.testing.assert_array_equal(columns["CORRECTED_DATA"][dead], columns["DATA"][dead])


def test_sigma_belongs_to_data_and_weight_to_corrected_data(columns):
    cross = (columns["ANTENNA1"] != columns["ANTENNA2"]) & ~columns["FLAG_ROW"]
    np.testing.assert_allclose(columns["WEIGHT"][cross], WEIGHT, rtol=1e-6)
    noise = columns["CORRECTED_DATA"] - columns["MODEL_DATA"]
    raw = noise * columns["DATA"] / columns["CORRECTED_DATA"] / columns["SIGMA"][:, None, :]
    assert raw[cross][~columns["FLAG"][cross]].real.std() == pytest.approx(1, rel=0.01)


def test_everything_is_finite(columns):
    for name, values in columns.items():
        assert np.isfinite(values).all(), name


def test_storage_is_tiled_like_that_of_casa(drift_tile):
    with table(str(drift_tile), ack=False) as main:
        managers = {name: info for info in main.getdminfo().values() for name in info["COLUMNS"]}
    for name in ("DATA", "MODEL_DATA", "CORRECTED_DATA", "FLAG"):
        assert managers[name]["TYPE"] == "TiledShapeStMan"
    assert managers["DATA"]["SPEC"]["DEFAULTTILESHAPE"].tolist() == [2, 48, 1024]


def test_one_field_is_the_drift_phased_to_the_middle(single_tile, columns):
    with table(str(single_tile), ack=False) as main, subtable(single_tile, "FIELD") as field:
        assert field.getcol("NAME") == ["meridian_icrs"]
        assert np.degrees(field.getcol("PHASE_DIR")[0, 0, 0]) % 360 == pytest.approx(343.4906, abs=1e-3)
        assert not main.getcol("FIELD_ID").any()
        np.testing.assert_array_equal(main.getcol("FLAG"), columns["FLAG"])
        model = main.getcol("MODEL_DATA")
    np.testing.assert_allclose(np.abs(model), np.abs(columns["MODEL_DATA"]), atol=2e-3)


def test_the_seed_decides_and_columns_can_be_left_out(tmp_path, columns):
    same = simulate(tmp_path / "same.ms", columns=["DATA"])
    other = simulate(tmp_path / "other.ms", columns=["DATA", "WEIGHT_SPECTRUM"], seed=7, declination_deg=30.5)
    with table(str(same), ack=False) as first, table(str(other), ack=False) as second:
        assert not {"MODEL_DATA", "CORRECTED_DATA"} & set(first.colnames())
        np.testing.assert_array_equal(first.getcol("DATA"), columns["DATA"])
        np.testing.assert_array_equal(first.getcol("FLAG"), columns["FLAG"])
        np.testing.assert_allclose(first.getcol("WEIGHT"), 1 / first.getcol("SIGMA") ** 2, rtol=1e-5)
        assert not np.array_equal(second.getcol("DATA"), columns["DATA"])
        assert second.getcell("WEIGHT_SPECTRUM", 0).shape == (48, 2)
    with subtable(other, "HISTORY") as history:
        assert "1 sources around 3C286" in history.getcell("MESSAGE", 0)


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"size": "huge"}, "small, full"),
        ({"fields": "mosaic"}, "drift, single"),
        ({"columns": ["CORRECTED_DATA"]}, "DATA must be among them"),
        ({"columns": ["DATA", "MODEL"]}, "MODEL_DATA"),
        ({"columns": []}, "DATA must be among them"),
        ({"declination_deg": 0.0}, "3C286"),
    ],
)
def test_bad_options_list_the_good_ones(tmp_path, options, hint):
    with pytest.raises(OptionError) as caught:
        simulate(tmp_path / "x.ms", **options)
    assert hint in caught.value.hint
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten(tmp_path):
    existing = tmp_path / "x.ms"
    existing.write_text("precious")
    with pytest.raises(OutputError, match="exists already"):
        simulate(existing)
    assert existing.read_text() == "precious"


def test_the_folder_must_exist(tmp_path):
    with pytest.raises(OutputError, match="no folder"):
        simulate(tmp_path / "absent" / "x.ms")


def test_the_disk_must_have_room(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**9))
    with pytest.raises(OutputError, match=r"takes 4\.\d GB, and .* has 1\.0 GB free"):
        simulate(tmp_path / "x.ms", size="full")
    assert not list(tmp_path.iterdir())


def test_failing_midway_leaves_nothing(tmp_path):
    def break_down(_fraction):
        message = "out of the blue"
        raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="out of the blue"):
        simulate(tmp_path / "x.ms", progress=break_down)
    assert not list(tmp_path.iterdir())


def test_progress_rises_and_can_stop_the_work(tmp_path):
    seen = []

    def stop_after_three(fraction):
        seen.append(fraction)
        return len(seen) < 3

    with pytest.raises(CancelledError):
        simulate(tmp_path / "x.ms", progress=stop_after_three)
    assert seen == pytest.approx([1 / 384, 2 / 384, 3 / 384])
    assert not list(tmp_path.iterdir())


def test_the_path_may_be_a_string_relative_to_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = simulate("relative ~ and:odd.ms", columns=["DATA"])
    assert made == Path(tmp_path / "relative ~ and:odd.ms")
    assert [entry.name for entry in tmp_path.iterdir()] == [made.name]
