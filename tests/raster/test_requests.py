"""Options: names, defaults, refusals; columns; progress and cancelling."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from slow_model import write_ms

from dsa110_vis.errors import AbsentColumnError, CancelledError, OptionError, SelectionEmptyError
from dsa110_vis.ms import MeasurementSet
from dsa110_vis.raster import PRESETS, Request, allowed_aggregators, axes, preset, raster, reduce
from dsa110_vis.raster.options import AGGREGATORS, AXES, QUANTITIES


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"x": "tiem"}, "Did you mean 'time'? Allowed: time, baseline"),
        ({"y": "time"}, "have to be different"),
        ({"iterate": "nothing"}, "Allowed: time"),
        ({"quantity": "power"}, "amp, phase, real, imag, weight, flag_fraction"),
        ({"aggregator": "mode"}, "mean, median, max, min, std, sum, var, rms"),
        ({"averaging": "both"}, "scalar, vector"),
        ({"averaging": "vector", "aggregator": "std"}, "Allowed: mean, sum"),
        ({"quantity": "phase", "aggregator": "max"}, "Allowed: mean, std"),
        ({"quantity": "flag_fraction", "aggregator": "sum"}, "Allowed: mean"),
        ({"weighted": True, "aggregator": "median"}, "Allowed: mean, max"),
        ({"bins": 0}, "1 to 4096"),
        ({"bins": 2.5}, "1 to 4096"),
        ({"baseline_order": "name"}, "id, length"),
        ({"selection": ["spw"]}, "Give a dict"),
    ],
    ids=str,
)
def test_wrong_options_say_what_is_allowed(odd_ms, options, hint):
    with pytest.raises(OptionError) as caught:
        raster(odd_ms, **{"x": "time", "y": "baseline", **options})
    assert hint in caught.value.hint


def test_a_wrong_column_lists_the_others(odd_ms):
    with pytest.raises(AbsentColumnError) as caught:
        raster(odd_ms, "time", "baseline", column="LAG_DATA")
    assert "DATA, CORRECTED_DATA, MODEL_DATA, CORRECTED-MODEL, DATA-MODEL, CORRECTED/MODEL" in caught.value.hint


def test_switches_are_switches(odd_ms):
    with pytest.raises(OptionError, match="value of weighted") as caught:
        raster(odd_ms, "time", "baseline", weighted="yes")
    assert "Allowed: True, False" in caught.value.hint


def test_other_names_are_understood():
    request = Request(
        "Polarization", "antenna_name", quantity="Amplitude", aggregator="MEAN", column="corrected_data-model_data"
    )
    assert (request.x, request.y, request.quantity, request.aggregator) == ("correlation", "antenna", "amp", "mean")
    assert request.column == "CORRECTED-MODEL"
    assert Request("time", "baseline", column="corrected").column == "CORRECTED_DATA"
    assert Request("time", "baseline", iterate="None").iterate is None
    assert Request("time", "baseline", quantity="flags").quantity == "flag_fraction"


def test_requests_that_share_cells_have_one_key():
    one = Request("time", "baseline", column="DATA")
    for same in ({"quantity": "phase"}, {"aggregator": "std"}, {"averaging": "vector"}):
        assert Request("time", "baseline", column="DATA", **same).cells_key == one.cells_key
    for other in ({"quantity": "real"}, {"aggregator": "median"}, {"weighted": True}, {"bins": 3}, {"iterate": "scan"},
                  {"autocorrelations": True}, {"selection": {"scan": "1"}}, {"baseline_order": "length"}):  # fmt: skip
        assert Request("time", "baseline", column="DATA", **other).cells_key != one.cells_key
    assert len({one, Request("time", "baseline", column="DATA")}) == 1


def test_allowed_aggregators_are_those_that_pass_the_check():
    for quantity in QUANTITIES:
        for averaging in ("scalar", "vector"):
            for weighted in (False, True):
                for aggregator in AGGREGATORS:
                    request = Request("time", "scan", quantity, None, aggregator, averaging, weighted)
                    if aggregator in allowed_aggregators(quantity, averaging, weighted=request.weights_used):
                        request.check()
                    else:
                        with pytest.raises(OptionError):
                            request.check()


@pytest.mark.parametrize("name", PRESETS)
def test_presets(odd_ms, name):
    dataset = raster(odd_ms, **preset(name).options())
    assert set(dataset["value"].dims) == {PRESETS[name].x, PRESETS[name].y}
    assert np.isfinite(dataset["value"]).any()


def test_an_unknown_preset_is_refused():
    with pytest.raises(OptionError, match="bandpas"):
        preset("bandpas")


@pytest.mark.parametrize(
    ("kind", "column", "warns"),
    [
        ("full", "CORRECTED_DATA", False),
        ("absent", "DATA", False),
        ("zeros", "DATA", True),
        ("late", "CORRECTED_DATA", False),
    ],
)
def test_the_default_column(tmp_path, kind, column, warns):
    path = write_ms(tmp_path / "c.ms", corrected=kind)
    dataset = raster(path, "time", "baseline")
    assert dataset.attrs["column"] == column
    assert ("zero everywhere" in dataset.attrs["warnings"]) == warns


def test_no_reading_for_axes(odd_ms, monkeypatch):
    with MeasurementSet(odd_ms) as ms:
        monkeypatch.setattr(type(ms), "read", lambda *_, **__: pytest.fail("an array column was read"))
        for name in AXES:
            found = axes(
                ms, Request(name, "time" if name != "time" else "scan", iterate="field" if name != "field" else "spw")
            )
            assert len(found.x) > 0
            assert found.x.name == name
            assert found.shape == (len(found.iterate), len(found.y), len(found.x))


def test_baselines_by_length(odd_ms):
    with MeasurementSet(odd_ms) as ms:
        dataset = raster(ms, "time", "baseline", column="DATA", baseline_order="length")
        plain = raster(ms, "time", "baseline", column="DATA")
    assert (np.diff(dataset["baseline_length"]) >= 0).all()
    np.testing.assert_allclose(dataset["value"], plain["value"].sel(baseline=dataset["baseline"]))


def test_windows_join_on_one_ascending_frequency_axis(odd_ms):
    dataset = raster(odd_ms, "frequency", "time", column="DATA")
    np.testing.assert_allclose(dataset["frequency"], 1300.0 + np.arange(7))
    assert dataset["frequency"].attrs["units"] == "MHz"
    both = int(dataset["count"].sel(frequency=1303.0).sum() + dataset["flagged"].sel(frequency=1303.0).sum())
    single = int(dataset["count"].sel(frequency=1302.0).sum() + dataset["flagged"].sel(frequency=1302.0).sum())
    assert both > single  # the channel that both windows have


def test_coordinates_and_units(odd_ms):
    dataset = raster(odd_ms, "time", "baseline", iterate="correlation")
    assert dataset["time"].dtype == np.dtype("datetime64[ns]")
    assert str(dataset["time"].values[1] - dataset["time"].values[0]) == "12500000000 nanoseconds"
    assert dataset["baseline"].values[0] == "A1 & A2"
    assert dataset["correlation"].values.tolist() == ["XX", "XY", "YX", "YY"]
    assert dataset["value"].attrs == {"long_name": "Amplitude", "units": "Jy"}
    assert dataset.attrs["telescope"] == "OVRO_MMA"
    raw = raster(odd_ms, "time", "baseline", quantity="phase", column="DATA")
    assert raw["value"].attrs == {"long_name": "Phase", "units": "deg"}


def test_only_autocorrelations_without_them(odd_ms):
    with pytest.raises(SelectionEmptyError, match="autocorrelations"):
        raster(odd_ms, "time", "baseline", selection={"taql": "ANTENNA1 == ANTENNA2"})


def test_one_row(odd_ms):
    selection = {"taql": "rowid() == 8"}
    for x, y in (("time", "baseline"), ("frequency", "correlation"), ("u", "v"), ("uvwave", "uvdist")):
        dataset = raster(odd_ms, x, y, selection=selection, autocorrelations=True, column="MODEL_DATA")
        assert int(dataset["count"].sum() + dataset["flagged"].sum()) > 0


def test_progress_goes_up_to_one(odd_ms):
    seen = []
    raster(odd_ms, "time", "baseline", progress=seen.append)
    assert seen[0] == 0
    assert seen[-1] == 1
    assert seen == sorted(seen)


def test_cancelling_stops_the_reader(odd_ms):
    before = threading.active_count()
    with MeasurementSet(odd_ms) as ms:
        for at in (0, 0.1, 1):
            with pytest.raises(CancelledError):
                reduce(ms, Request("time", "baseline", column="DATA"), progress=lambda done, at=at: done < at)
    assert threading.active_count() == before
