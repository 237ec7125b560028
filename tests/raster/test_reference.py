"""Real observations against answers that were computed cell by cell by other means."""

from __future__ import annotations

import numpy as np
import pytest

from dsa110_vis.ms import MeasurementSet
from dsa110_vis.raster import Request, raster, reduce


@pytest.fixture(params=["alma", "evla", "mwa", "lofar", "wsrt", "3c273"])
def real(request, real_ms, reference):
    name = request.param
    answers = reference(name)
    path = request.getfixturevalue("threec273") if name == "3c273" else real_ms(name)
    with MeasurementSet(path) as ms:
        yield ms, answers


def test_counts_and_means(real):
    ms, answers = real
    n_compared = 0
    columns = {key.split("/")[0] for key in answers["unflagged_stats"]}
    for column in columns:
        cells = reduce(ms, Request("correlation", "spw", column=column))
        amp = cells.dataset()
        vector = cells.dataset(Request("correlation", "spw", averaging="vector"))
        phase = cells.dataset(Request("correlation", "spw", quantity="phase"))
        parts = [raster(ms, "correlation", "spw", column=column, quantity=part) for part in ("real", "imag")]
        for key, want in answers["unflagged_stats"].items():
            name, ddid, pol, kind = key.split("/")
            if name != column or kind != "cross":
                continue
            description = ms.metadata.data_description(int(ddid.removeprefix("ddid")))
            where = {"spw": description.spw_id, "correlation": description.correlations[int(pol.removeprefix("pol"))]}
            assert int(amp["count"].sel(where)) == want["n"], key
            if want["n"] == 0:
                continue
            n_compared += 1
            mean = complex(*want["vec_mean"])
            assert float(amp.value.sel(where)) == pytest.approx(want["mean_amp"], rel=1e-5)
            assert float(vector.value.sel(where)) == pytest.approx(abs(mean), rel=1e-5)
            assert float(phase.value.sel(where)) == pytest.approx(np.degrees(np.angle(mean)), abs=1e-3)
            assert float(parts[0].value.sel(where)) == pytest.approx(mean.real, rel=1e-5, abs=1e-6 * want["mean_amp"])
            assert float(parts[1].value.sel(where)) == pytest.approx(mean.imag, rel=1e-5, abs=1e-6 * want["mean_amp"])
    assert n_compared > 0


@pytest.mark.parametrize("autos", [True, False])
def test_flagged_percentages_per_antenna(real, autos):
    ms, answers = real
    key = "flagged_pct_all" if autos else "flagged_pct_cross"
    dataset = raster(ms, "scan", "antenna", quantity="flag_fraction", autocorrelations=autos)
    found = {}
    for row, number in enumerate(dataset["antenna_id"].values.tolist()):
        bad, good = int(dataset["flagged"][row].sum()), int(dataset["count"][row].sum())
        found[number] = 100 * bad / (bad + good)
    want = {entry["id"]: entry[key] for entry in answers["antennas"] if entry[key] is not None}
    assert found == pytest.approx(want, abs=1e-5)


def test_flagged_percentage_of_all(real):
    ms, answers = real
    dataset = raster(ms, "correlation", "spw", quantity="flag_fraction", autocorrelations=True)
    n = int(dataset["flagged"].sum() + dataset["count"].sum())
    assert n == answers["flag_samples"]
    assert int(dataset["flagged"].sum()) == answers["flagged_samples"]


def test_number_of_baselines(real):
    ms, answers = real
    dataset = raster(ms, "time", "baseline", quantity="flag_fraction")
    assert dataset.sizes["baseline"] == answers["n_cross_baselines"]
