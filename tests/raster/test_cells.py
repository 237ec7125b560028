"""Cells: merging, merging of neighbours, precision."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsa110_vis.errors import MemoryLimitError, OptionError
from dsa110_vis.ms import MeasurementSet
from dsa110_vis.raster import Request, reduce
from dsa110_vis.raster.axis import Axes, Axis
from dsa110_vis.raster.cells import Cells
from dsa110_vis.raster.kernels import AMPLITUDE, IMAG, REAL
from dsa110_vis.raster.loops import add_columns, add_whole_rows
from dsa110_vis.raster.reduction import make_plan, reduce_rows
from dsa110_vis.raster.scatter import scatter
from dsa110_vis.raster.statistics import statistic
from dsa110_vis.raster.sums import empty_sums

N_CELLS = 5
values = st.floats(-1e6, 1e6, allow_subnormal=False, width=32)
sample = st.tuples(values, values, st.booleans(), st.integers(0, N_CELLS - 1), st.sampled_from([0.0, 0.25, 1.0, 3.0]))
batch = st.lists(sample, max_size=40)


def entries(offsets, unit=None):
    """What the loops take to know where rows go."""
    n = offsets.size
    room = (np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n))
    order = () if unit is None else (unit,)
    return (np.arange(n), offsets[None].astype(np.int32), np.ones((1, n), np.int8), 0, 0, *order, *room)


def cells_of(samples, *, weighted=False, kind=AMPLITUDE, how="columns"):
    sums = empty_sums(N_CELLS, "vis", weighted=weighted)
    if samples:
        fields = list(zip(*samples, strict=True))
        data = np.empty(len(samples), np.complex64)
        data.real, data.imag = fields[0], fields[1]
        flag = np.array(fields[2], np.uint8)
        weights = np.array(fields[4], np.float32) if weighted else None
        rows, signs = np.arange(len(samples)), np.ones(len(samples))
        offsets = np.array(fields[3], np.int64)
        if how == "scatter":
            scatter(data, flag, weights, 1, kind, rows, signs, offsets[:, None], *sums.arrays)
        elif how == "whole":
            add_whole_rows(data, flag, weights, 1, kind, *entries(offsets), *sums.arrays)
        else:
            one = (np.array([0, 1]), np.array([0]), np.array([0]))
            add_columns(data, flag, weights, 1, kind, *entries(offsets, unit=1), *one, *sums.arrays)
    axis = Axis("scan", "Scan", "", "category", np.arange(N_CELLS, dtype=float), tuple("abcde"))
    other = Axis("spw", "Window", "", "category", np.zeros(1), ("0",))
    return Cells(Axes(axis, other, None), Request("scan", "spw", weighted=weighted), np.zeros(1, np.int64), sums)


def assert_same(first, second, rtol=1e-9):
    np.testing.assert_array_equal(first.sums.count, second.sums.count)
    np.testing.assert_array_equal(first.sums.flagged, second.sums.flagged)
    np.testing.assert_array_equal(first.sums.finite, second.sums.finite)
    for flagged in (False, True):
        for name in ("mean", "std", "sum", "min", "max", "rms"):
            request = dataclasses.replace(first.request, aggregator=name)
            one, two = (statistic(cells.sums, request, flagged=flagged) for cells in (first, second))
            scale = np.nanmax(np.abs([one, two]), initial=1e-30)
            if name == "std":
                scale = max(scale, np.nanmax(np.abs(statistic(first.sums, first.request, flagged=flagged)), initial=0))
            np.testing.assert_allclose(one, two, rtol=rtol, atol=scale * 1e-7)


@settings(deadline=None)
@given(batch, batch, batch, st.booleans())
def test_merging_is_associative_and_commutative(a, b, c, weighted):
    one, two, three = (cells_of(part, weighted=weighted) for part in (a, b, c))
    left = one.merge(two).merge(three)
    assert_same(left, one.merge(two.merge(three)))
    assert_same(left, three.merge(one).merge(two))
    assert_same(left, cells_of(a + b + c, weighted=weighted))
    for how in ("scatter", "whole"):
        assert_same(left, cells_of(a + b + c, weighted=weighted, how=how))


@settings(deadline=None)
@given(batch, st.booleans(), st.sampled_from([AMPLITUDE, REAL, IMAG]), st.sampled_from(["columns", "whole", "scatter"]))
def test_statistics_are_those_of_numpy(samples, weighted, kind, how):
    cells = cells_of(samples, weighted=weighted, kind=kind, how=how)
    for cell in range(N_CELLS):
        mine = [s for s in samples if s[3] == cell]
        good = [s for s in mine if not s[2] and (not weighted or s[4] > 0)]
        assert cells.sums.count[cell] == len(good)
        assert cells.sums.flagged[cell] == len(mine) - len(good)
        if not good:
            continue
        z = np.array([complex(s[0], s[1]) for s in good])
        q = {AMPLITUDE: np.abs(z), REAL: z.real, IMAG: z.imag}[kind]
        w = np.array([s[4] if weighted else 1.0 for s in good])
        mean = np.average(q, weights=w)
        spread = np.sqrt(np.average((q - mean) ** 2, weights=w))
        for name, want in (("mean", mean), ("std", spread), ("max", q.max()), ("min", q.min()), ("sum", np.sum(q * w))):
            got = statistic(cells.sums, dataclasses.replace(cells.request, aggregator=name))[cell]
            scale = np.abs(q).max() * (len(q) * 3 if name == "sum" else 1)
            assert got == pytest.approx(want, rel=1e-6, abs=2e-7 * scale), name


def one_cell(data, size, kind, how):
    """Sum rows of `size` samples each into one cell."""
    sums = empty_sums(1, "vis")
    n = data.size // size
    chunk = (data, np.zeros(data.size, np.uint8), None, size, kind)
    where = np.zeros(n, np.int64)
    if how == "whole":
        add_whole_rows(*chunk, *entries(where), *sums.arrays)
    else:
        add_columns(*chunk, *entries(where, 1), np.array([0, size]), np.arange(size), np.array([0]), *sums.arrays)
    return sums


@pytest.mark.parametrize("how", ["whole", "columns"])
@pytest.mark.parametrize(("mean", "spread"), [(1e6, 1.0), (1.0, 1e-5), (-3e4, 0.125), (1e30, 1e25), (1e-30, 1e-33)])
def test_small_scatter_about_a_large_mean(mean, spread, how):
    rng = np.random.default_rng(0)
    data = (mean + spread * rng.standard_normal(50_000)).astype(np.float32).astype(np.complex64)
    sums = one_cell(data, 500, REAL, how)
    values = data.real.astype(np.float64)
    for name, want in (("std", np.std), ("mean", np.mean), ("min", np.min), ("max", np.max)):
        got = statistic(sums, Request("time", "scan", quantity="real", aggregator=name))[0]
        assert got == pytest.approx(want(values), rel=1e-9), name


@pytest.mark.parametrize("how", ["whole", "columns"])
def test_an_outlier_first_does_not_spoil_the_rest(how):
    data = np.full(1001, 5.0, np.complex64)
    data[0] = 1e12
    sums = one_cell(data, 1001, AMPLITUDE, how)
    for name, want in (("mean", np.mean), ("std", np.std), ("max", np.max), ("min", np.min)):
        got = statistic(sums, Request("time", "scan", aggregator=name))[0]
        assert got == pytest.approx(want(np.abs(data).astype(np.float64)), rel=1e-9), name


@pytest.mark.parametrize("quantity", ["amp", "flag_fraction"])
@pytest.mark.parametrize(
    ("y_edges", "x_edges"), [([0, 1, 2], [0, 2, 4]), ([1, 4, 10], [0, 1, 2, 3, 4]), ([2, 9], [1, 3]), ([0, 10], [0, 4])]
)
def test_merging_neighbours_is_exact(odd_ms, y_edges, x_edges, quantity):
    with MeasurementSet(odd_ms) as ms:
        fine = reduce(ms, Request("time", "baseline", column="DATA", quantity=quantity, iterate="correlation"))
        for iteration in range(2):
            coarse = fine.binned(y_edges, x_edges, iteration)
            assert coarse.shape == (1, len(y_edges) - 1, len(x_edges) - 1)
            count, flagged = fine.counts(iteration)
            for y, x in np.ndindex(*coarse.shape[1:]):
                box = (slice(y_edges[y], y_edges[y + 1]), slice(x_edges[x], x_edges[x + 1]))
                assert coarse.counts()[0][y, x] == count[box].sum()
                assert coarse.counts()[1][y, x] == flagged[box].sum()
                if quantity == "amp" and count[box].sum():
                    mean = np.nansum(fine.value(None, iteration)[box] * count[box]) / count[box].sum()
                    assert coarse.value()[y, x] == pytest.approx(mean, rel=1e-6)


def test_merging_neighbours_equals_reducing_over_the_merged_axis(odd_ms):
    with MeasurementSet(odd_ms) as ms:
        for aggregator in ("mean", "std", "max", "median"):
            request = Request("frequency", "baseline", column="DATA", aggregator=aggregator)
            fine = reduce(ms, request)
            whole = fine.binned([0, fine.shape[1]], [0, fine.shape[2]])
            one = reduce(ms, dataclasses.replace(request, x="spw", y="correlation"))
            assert whole.counts()[0].sum() == one.counts()[0].sum()
            if aggregator == "max":
                assert whole.value()[0, 0] == np.nanmax(one.value())
        samples = reduce(ms, Request("u", "v", bins=1, column="DATA", aggregator="median", autocorrelations=False))
        assert whole.value()[0, 0] == pytest.approx(samples.value()[0, 0], rel=1e-6)


def test_rows_in_parts_merge_to_the_whole(odd_ms):
    with MeasurementSet(odd_ms) as ms:
        request = Request("frequency", "antenna", column="DATA", aggregator="median", weighted=False)
        whole = reduce(ms, request)
        plan = make_plan(ms, request)
        parts = []
        for index in np.array_split(np.arange(len(plan.rows)), 3):
            from dsa110_vis.raster.median import Gathering

            sums = empty_sums(int(np.prod(plan.shape)), "vis")
            gathering = Gathering(plan.max_samples(index), int(np.prod(plan.shape)))
            reduce_rows(plan, index, sums, gathering, None)
            parts.append(Cells(plan.axes, plan.request, plan.iterations, sums, values=gathering.finish(sums.count)))
    merged = parts[0].merge(parts[1]).merge(parts[2])
    np.testing.assert_array_equal(merged.counts()[0], whole.counts()[0])
    np.testing.assert_array_equal(merged.value(), whole.value())


def test_wrong_edges_are_refused(odd_ms):
    with MeasurementSet(odd_ms) as ms:
        cells = reduce(ms, Request("time", "baseline", column="DATA"))
    for edges in ([0], [1, 1], [2, 1], [-1, 3], [0, 99]):
        with pytest.raises(OptionError, match="ascend"):
            cells.binned(edges, [0, 1])


def test_what_cells_cannot_answer(odd_ms):
    with MeasurementSet(odd_ms) as ms:
        cells = reduce(ms, Request("time", "baseline", column="DATA", iterate="correlation"), iterations=[1, 3])
    assert cells.answers(Request("time", "baseline", quantity="phase", iterate="correlation", aggregator="std"))
    for other in ({"quantity": "real"}, {"x": "scan"}, {"aggregator": "median"}, {"weighted": True},
                  {"column": "MODEL_DATA"}, {"selection": {"scan": "3"}}, {"autocorrelations": True}):  # fmt: skip
        request = dataclasses.replace(cells.request, **other)
        assert not cells.answers(request)
        with pytest.raises(OptionError, match="cannot answer"):
            cells.value(request, 1)
    with pytest.raises(OptionError, match="Allowed: 1, 3"):
        cells.value(iteration=0)
    with pytest.raises(OptionError, match="hold 2"):
        cells.value()
    with pytest.raises(OptionError, match="different requests"):
        cells.merge(dataclasses.replace(cells, request=dataclasses.replace(cells.request, x="scan")))


def test_iterations_that_do_not_exist(odd_ms):
    with MeasurementSet(odd_ms) as ms, pytest.raises(OptionError, match="Allowed: 0 to 3"):
        reduce(ms, Request("time", "baseline", column="DATA", iterate="correlation"), iterations=[4])


def test_limits_of_memory(odd_ms):
    with MeasurementSet(odd_ms) as ms:
        with pytest.raises(MemoryLimitError, match="cells need") as caught:
            reduce(ms, Request("time", "baseline", column="DATA"), limit=100)
        assert "Select fewer" in caught.value.hint
        with pytest.raises(MemoryLimitError, match="exact median") as caught:
            reduce(ms, Request("time", "baseline", column="DATA", aggregator="median"), median_limit=100)
        assert "times" in caught.value.hint


def test_cells_know_autocorrelations(odd_ms):
    with MeasurementSet(odd_ms) as ms:
        by_baseline = reduce(ms, Request("time", "baseline", column="DATA", autocorrelations=True))
        matrix = reduce(ms, Request("antenna1", "antenna2", column="DATA", autocorrelations=True))
    autos = [label.split(" & ")[0] == label.split(" & ")[1] for label in by_baseline.axes.y.labels]
    np.testing.assert_array_equal(~by_baseline.cross().all(axis=1), autos)
    np.testing.assert_array_equal(~matrix.cross(), np.eye(5, dtype=bool))
