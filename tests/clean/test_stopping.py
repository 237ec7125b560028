"""The arithmetic of minor cycles, and the rules that end cleaning."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsa110_vis.clean.engine import CycleStart
from dsa110_vis.clean.parameters import Parameters
from dsa110_vis.clean.states import StopReason
from dsa110_vis.clean.stopping import Limits, Progress, cycle_limit, cycle_threshold, reason_to_stop

LIMITS = Limits(1000, 1e-3, -1, -1, 1.0, 0.05, 0.8)
START = CycleStart(peak=1.0, mask_pixels=100, psf_sidelobe=0.2)


def test_limits_come_from_the_parameters(tmp_path):
    parameters = Parameters(
        vis="a.ms", imagename=str(tmp_path / "x"), niter=7, threshold="2mJy", nmajor=3, cyclefactor=1.5
    )
    assert Limits.of(parameters) == Limits(7, 2e-3, 3, -1, 1.5, 0.05, 0.8)


@pytest.mark.parametrize(
    ("sidelobe", "factor", "fraction"), [(0.2, 1.0, 0.2), (0.2, 2.0, 0.4), (0.01, 1.0, 0.05), (0.9, 1.0, 0.8)]
)
def test_a_minor_cycle_ends_at_a_fraction_of_the_peak(sidelobe, factor, fraction):
    start = replace(START, psf_sidelobe=sidelobe)
    assert cycle_threshold(start, replace(LIMITS, cyclefactor=factor)) == pytest.approx(fraction, rel=1e-6)


positive = st.floats(1e-6, 1e3)


@given(peak=positive, sidelobe=st.floats(0, 1), threshold=st.floats(0, 10), noise=st.floats(0, 10))
def test_a_minor_cycle_never_goes_below_what_ends_cleaning(peak, sidelobe, threshold, noise):
    start = CycleStart(peak, 5, sidelobe, noise)
    found = cycle_threshold(start, replace(LIMITS, threshold=threshold))
    assert found >= np.float32(threshold)
    assert found >= np.float32(noise)
    assert found == float(np.float32(found))  # single precision, as CASA's
    assert found <= max(np.float32(peak) * np.float32(0.8), np.float32(threshold), np.float32(noise))


@pytest.mark.parametrize(
    ("cycleniter", "niter", "done", "left"), [(-1, 100, 30, 70), (50, 100, 30, 50), (50, 100, 80, 20), (-1, 10, 30, 0)]
)
def test_iterations_left_for_a_cycle(cycleniter, niter, done, left):
    assert cycle_limit(Progress(done, 0), replace(LIMITS, niter=niter, cycleniter=cycleniter)) == left


@pytest.mark.parametrize(
    ("start", "progress", "limits", "reason"),
    [
        ({}, Progress(0, 0, (1.0,)), {}, None),
        ({"mask_pixels": 0, "peak": 0.0}, Progress(0, 0, (0.0,)), {}, StopReason.EMPTY_MASK),
        ({}, Progress(1000, 0, (1.0,)), {}, StopReason.NITER),
        ({"peak": 1.005e-3}, Progress(5, 1, (1.0, 1.005e-3)), {}, StopReason.THRESHOLD),
        ({"peak": 1.02e-3}, Progress(5, 1, (1.0, 1.02e-3)), {}, None),
        ({"nsigma_threshold": 1.1}, Progress(5, 1, (2.0, 1.0)), {}, StopReason.NSIGMA),
        ({"peak": 0.5}, Progress(5, 1, (0.5, 0.5)), {}, StopReason.STALLED),
        ({"peak": 4.1}, Progress(5, 1, (1.0, 4.1)), {}, StopReason.DIVERGED),
        ({"peak": 3.9}, Progress(5, 1, (1.0, 3.9)), {}, None),
        ({"peak": 4.1}, Progress(5, 2, (1.0, 2.0, 4.1)), {}, StopReason.DIVERGED),
        ({}, Progress(5, 2, (3.0, 2.0, 1.0)), {"nmajor": 2}, StopReason.NMAJOR),
        ({}, Progress(0, 0, (1.0,)), {"nmajor": 0}, StopReason.NMAJOR),
    ],
)
def test_every_rule(start, progress, limits, reason):
    assert reason_to_stop(replace(START, **start), progress, replace(LIMITS, **limits)) is reason


def test_a_new_mask_is_no_divergence():
    assert reason_to_stop(replace(START, peak=50.0), Progress(5, 2, (50.0,)), LIMITS) is None


@given(st.lists(st.floats(1e-3, 1e3), max_size=6), positive)
def test_rules_hold_for_any_history(peaks, peak):
    reason = reason_to_stop(replace(START, peak=peak), Progress(1, 1, (*peaks, peak)), replace(LIMITS, threshold=0.0))
    lowest = min((*peaks, peak), default=math.inf)
    if peaks and abs(peaks[-1] - peak) < 1e-10:
        assert reason is StopReason.STALLED
    elif peak > 4 * lowest:
        assert reason is StopReason.DIVERGED
    else:
        assert reason is None
