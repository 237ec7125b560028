"""Colour limits, histograms, stretches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dsa110_vis.errors import OptionError
from dsa110_vis.ms import MeasurementSet
from dsa110_vis.raster import Request, cell_limits, colormap_name, histogram, limits, reduce
from dsa110_vis.raster.scaling import LIMITS_MODES, STRETCHES, stretched

arrays = hnp.arrays(
    np.float64, st.integers(0, 30), elements=st.floats(-1e300, 1e300) | st.just(np.nan) | st.just(np.inf)
)


@given(arrays, st.sampled_from(LIMITS_MODES), st.sampled_from(["amp", "phase", "real", "flag_fraction"]))
def test_limits_are_always_apart(values, mode, quantity):
    with np.errstate(over="ignore"):
        lo, hi = limits(values, mode, quantity=quantity)
    assert lo < hi
    if quantity == "phase":
        assert lo == -hi


def test_auto_is_three_sigma_within_the_data():
    values = np.concatenate([np.zeros(1000), [1000.0], [np.nan]])
    lo, hi = limits(values)
    finite = values[:-1]
    assert lo == 0.0
    assert hi == pytest.approx(finite.mean() + 3 * finite.std())
    assert limits(np.array([1.0, 2.0, 3.0])) == (1.0, 3.0)


def test_other_modes():
    values = np.arange(101.0)
    assert limits(values, "minmax") == (0.0, 100.0)
    assert limits(values, "percentile", percentile=90) == (5.0, 95.0)
    assert limits(values, quantity="phase") == (-180.0, 180.0)
    assert limits(values, "minmax", quantity="phase") == (-100.0, 100.0)
    assert limits(values, quantity="flag_fraction") == (0.0, 1.0)
    assert limits(np.full(3, 7.0)) == (3.5, 10.5)
    with pytest.raises(OptionError, match="zscale"):
        limits(values, "zscale")
    with pytest.raises(OptionError, match="percentile"):
        limits(values, "percentile", percentile=0)


def test_autocorrelations_do_not_decide(odd_ms):
    with MeasurementSet(odd_ms) as ms:
        cells = reduce(ms, Request("time", "baseline", column="MODEL_DATA", autocorrelations=True))
    value, cross = cells.value(), cells.cross()
    assert not cross.all()
    assert cell_limits(cells, cells.request, mode="minmax") == (np.nanmin(value[cross]), np.nanmax(value[cross]))


def test_histogram():
    edges, counts = histogram(np.array([0.0, 1.0, 2.0, np.nan, np.inf]), bins=2)
    assert edges.tolist() == [0.0, 1.0, 2.0]
    assert counts.tolist() == [1, 2]
    edges, counts = histogram(np.array([np.nan]), bins=4)
    assert (edges[0], edges[-1], counts.sum()) == (0.0, 1.0, 0)
    assert histogram(np.arange(10.0), 5, (0.0, 5.0))[1].sum() == 6


@pytest.mark.parametrize("name", STRETCHES)
def test_stretches_go_up_from_0_to_1(name):
    t = np.linspace(0, 1, 101)
    curve = stretched(t, name, np.random.default_rng(1).random(500))
    assert (np.diff(curve) >= 0).all()
    assert curve[0] == pytest.approx(0.0, abs=1e-12)
    assert curve[-1] == pytest.approx(1.0)


def test_names_of_colour_maps():
    assert colormap_name("Viridis") == "viridis"
    assert colormap_name("Greys") == "greys"
    assert colormap_name("twilight-shifted") == "twilight_shifted"
    with pytest.raises(OptionError) as caught:
        colormap_name("jet")
    assert "viridis, cividis" in caught.value.hint
