"""Rasters against a slow model that looks at one visibility after the other."""

from __future__ import annotations

import itertools
from collections import defaultdict

import numpy as np
import pytest
from slow_model import statistic

from dsa110_vis.ms import MeasurementSet
from dsa110_vis.raster import AGGREGATORS, AXES, Request, raster, reduce
from dsa110_vis.raster.labels import mjd_to_datetime64

BINNED = ("uvdist", "uvwave", "u", "v")
PAIRS = list(itertools.combinations(AXES, 2))


def places(dataset, name, place):
    """Where on an axis of the result a sample belongs."""
    values = dataset[name].values
    if name == "time":
        return int(np.argmin(np.abs(values - mjd_to_datetime64(np.array([place[name]]))[0])))
    if name == "frequency":
        return int(np.argmin(np.abs(values - place[name])))
    if name in BINNED:
        step = values[1] - values[0]
        return int(np.clip(np.floor((place[name] - (values[0] - step / 2)) / step), 0, len(values) - 1))
    return list(values).index(place[name])


def expected(model, dataset, axes, *, column="DATA", autos=False, keep=None, weighted=False):
    """Good samples, weights, counts and flagged counts per cell."""
    good, weights, bad = defaultdict(list), defaultdict(list), defaultdict(list)
    known = {}
    for place, value, sample in model.contributions(axes, column, autos=autos, keep=keep):
        for name in axes:
            if (name, place[name]) not in known:
                known[name, place[name]] = places(dataset, name, place)
        cell = tuple(known[name, place[name]] for name in axes)
        weight = sample["weight"] if weighted else 1.0
        if not sample["flag"] and np.isfinite(value) and weight > 0 and np.isfinite(weight):
            good[cell].append(value)
            weights[cell].append(weight)
        else:
            bad[cell].append(value)
    return good, weights, bad


def compare(dataset, good, weights, bad, *, quantity="amp", aggregator="mean", averaging="scalar", rtol=2e-6):
    shape = dataset["value"].shape
    for cell in np.ndindex(*shape):
        assert int(dataset["count"].values[cell]) == len(good[cell]), cell
        assert int(dataset["flagged"].values[cell]) == len(bad[cell]), cell
        value = dataset["value"].values[cell]
        if not good[cell]:
            assert np.isnan(value)
            continue
        want = statistic(np.array(good[cell]), np.array(weights[cell]), quantity, aggregator, averaging)
        if quantity == "phase" and aggregator == "mean":
            assert abs((value - want + 180) % 360 - 180) < 1e-3, cell
        else:
            scale = np.max(np.abs(good[cell])) ** (2 if aggregator == "var" else 1) * (
                len(good[cell]) if aggregator == "sum" else 1
            )
            np.testing.assert_allclose(value, want, rtol=rtol, atol=2e-7 * scale + (3e-2 if quantity == "phase" else 0))


@pytest.mark.parametrize(("x", "y"), PAIRS, ids=lambda name: name)
def test_every_pair_of_axes(odd_ms, odd_model, x, y):
    with MeasurementSet(odd_ms) as ms:
        cells = reduce(ms, Request(x, y, bins=7, autocorrelations=True, column="DATA"))
        dataset = cells.dataset()
        phases = cells.dataset(Request(x, y, quantity="phase", bins=7, autocorrelations=True))
    assert dataset["value"].dims == (y, x)
    found = expected(odd_model, dataset, (y, x), autos=True)
    compare(dataset, *found)
    compare(phases, *found, quantity="phase")


@pytest.mark.parametrize("iterate", AXES)
def test_every_iteration_axis(odd_ms, odd_model, iterate):
    x, y = ("time", "baseline") if iterate not in ("time", "baseline") else ("frequency", "antenna1")
    with MeasurementSet(odd_ms) as ms:
        dataset = raster(ms, x, y, quantity="imag", column="DATA", iterate=iterate, bins=4)
        compare(dataset, *expected(odd_model, dataset, (iterate, y, x)), quantity="imag")
        some = sorted({0, dataset.sizes[iterate] - 1})
        part = raster(ms, x, y, quantity="imag", column="DATA", iterate=iterate, bins=4, iterations=some)
    chosen = dataset.isel({iterate: some})
    np.testing.assert_array_equal(part["count"], chosen["count"])
    np.testing.assert_array_equal(part["flagged"], chosen["flagged"])
    np.testing.assert_allclose(part["value"], chosen["value"], rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(part[iterate], chosen[iterate])


@pytest.mark.parametrize("aggregator", AGGREGATORS)
@pytest.mark.parametrize("quantity", ["amp", "real", "imag"])
def test_every_statistic(odd_ms, odd_model, quantity, aggregator):
    with MeasurementSet(odd_ms) as ms:
        for x, y in (("frequency", "baseline"), ("time", "antenna")):
            dataset = raster(ms, x, y, quantity=quantity, aggregator=aggregator, column="DATA")
            compare(dataset, *expected(odd_model, dataset, (y, x)), quantity=quantity, aggregator=aggregator)


@pytest.mark.parametrize("aggregator", ["mean", "sum"])
def test_vector_averages(odd_ms, odd_model, aggregator):
    with MeasurementSet(odd_ms) as ms:
        dataset = raster(ms, "correlation", "baseline", averaging="vector", aggregator=aggregator, column="DATA")
    compare(
        dataset, *expected(odd_model, dataset, ("baseline", "correlation")), aggregator=aggregator, averaging="vector"
    )


def test_circular_standard_deviation(odd_ms, odd_model):
    with MeasurementSet(odd_ms) as ms:
        dataset = raster(ms, "time", "antenna2", quantity="phase", aggregator="std", column="DATA")
    compare(dataset, *expected(odd_model, dataset, ("antenna2", "time")), quantity="phase", aggregator="std", rtol=1e-4)


@pytest.mark.parametrize("column", ["CORRECTED-MODEL", "DATA-MODEL", "CORRECTED/MODEL", "MODEL_DATA", "corrected"])
def test_columns(odd_ms, odd_model, column):
    with MeasurementSet(odd_ms) as ms:
        dataset = raster(ms, "frequency", "scan", column=column, quantity="real")
    name = {"corrected": "CORRECTED_DATA"}.get(column, column)
    assert dataset.attrs["column"] == name
    compare(dataset, *expected(odd_model, dataset, ("scan", "frequency"), column=name), quantity="real", rtol=1e-4)


@pytest.mark.parametrize("aggregator", ["mean", "std", "rms", "sum", "var", "min", "max"])
@pytest.mark.parametrize("axes", [("baseline", "time"), ("frequency", "antenna"), ("uvwave", "field")])
def test_weights(  # noqa: PLR0917  fixtures
    odd_ms, odd_model, spectrum_ms, spectrum_model, axes, aggregator
):
    for path, model in ((odd_ms, odd_model), (spectrum_ms, spectrum_model)):
        with MeasurementSet(path) as ms:
            dataset = raster(ms, *axes, weighted=True, aggregator=aggregator, column="DATA", bins=5)
        compare(dataset, *expected(model, dataset, axes[::-1], weighted=True), aggregator=aggregator)


def test_weighted_phases(odd_ms, odd_model):
    with MeasurementSet(odd_ms) as ms:
        dataset = raster(ms, "correlation", "baseline", quantity="phase", weighted=True, column="DATA")
    compare(dataset, *expected(odd_model, dataset, ("baseline", "correlation"), weighted=True), quantity="phase")


def test_the_weights_themselves(spectrum_ms, spectrum_model):
    with MeasurementSet(spectrum_ms) as ms:
        dataset = raster(ms, "frequency", "antenna", quantity="weight", aggregator="max")
    best = defaultdict(list)
    counts = defaultdict(int)
    for place, _, sample in spectrum_model.contributions(("antenna", "frequency"), "DATA", autos=False):
        if not sample["flag"] and np.isfinite(sample["weight"]):
            cell = tuple(places(dataset, name, place) for name in ("antenna", "frequency"))
            best[cell].append(sample["weight"])
            counts[cell] += 1
    for cell in np.ndindex(*dataset["value"].shape):
        assert dataset["count"].values[cell] == counts[cell]
        assert dataset["value"].values[cell] == max(best[cell])


@pytest.mark.parametrize(("x", "y"), [("time", "antenna"), ("frequency", "baseline"), ("uvwave", "correlation")])
def test_flag_fractions_do_not_look_at_data(odd_ms, odd_model, x, y):
    with MeasurementSet(odd_ms) as ms:
        dataset = raster(ms, x, y, quantity="flag_fraction", bins=6)
    flags = defaultdict(list)
    for place, _, sample in odd_model.contributions((y, x), "DATA", autos=False):
        flags[tuple(places(dataset, name, place) for name in (y, x))].append(sample["flag"])
    for cell in np.ndindex(*dataset["value"].shape):
        assert dataset["flagged"].values[cell] == sum(flags[cell])
        assert dataset["count"].values[cell] == len(flags[cell]) - sum(flags[cell])
        if flags[cell]:
            assert dataset["value"].values[cell] == pytest.approx(np.mean(flags[cell]))
        else:
            assert np.isnan(dataset["value"].values[cell])


def test_fully_flagged_cells_have_a_value_of_their_own(odd_ms, odd_model):
    with MeasurementSet(odd_ms) as ms:
        dataset = raster(ms, "time", "baseline", column="DATA", iterate="correlation")
    good, _, bad = expected(odd_model, dataset, ("correlation", "baseline", "time"))
    seen = 0
    for cell in np.ndindex(*dataset["value"].shape):
        finite = [abs(value) for value in bad[cell] if np.isfinite(value)]
        if good[cell] or not finite:
            assert np.isnan(dataset["flagged_value"].values[cell])
        else:
            seen += 1
            assert dataset["flagged_value"].values[cell] == pytest.approx(np.mean(finite), rel=1e-5)
    assert seen


@pytest.mark.parametrize(
    ("selection", "keep"),
    [
        ({"spw": "0:1~2"}, lambda s: s["ddid"] == 0 and s["channel"] in (1, 2)),
        ({"spw": "0:0;3,1:2"}, lambda s: (s["ddid"], s["channel"]) in ((0, 0), (0, 3), (1, 2))),
        ({"correlation": "XX,YX", "spw": "0"}, lambda s: s["corr"] in ("XX", "YX") and s["ddid"] == 0),
        ({"correlation": "YY"}, lambda s: s["corr"] == "YY"),
        ({"scan": "70", "field": "1"}, lambda s: s["scan"] == 70 and s["field"] == "J0137+3309"),
        ({"scan_name": "3"}, lambda s: s["scan"] == 3),
    ],
    ids=str,
)
def test_selections(odd_ms, odd_model, selection, keep):
    with MeasurementSet(odd_ms) as ms:
        dataset = raster(ms, "frequency", "baseline", selection=selection, column="DATA")
        by_scan = raster(ms, "correlation", "scan", selection=selection, column="DATA", aggregator="median")
    compare(dataset, *expected(odd_model, dataset, ("baseline", "frequency"), keep=keep))
    if "correlation" not in selection:  # reversed rows of a selected XY would have to go to a YX that is not there
        compare(by_scan, *expected(odd_model, by_scan, ("scan", "correlation"), keep=keep), aggregator="median")
