"""A session with CASA in its kernel: real visibilities, and what may not wait for CASA."""

import os
import sys
import time

import numpy as np
import pytest

from dsa110_vis.clean.masks import threshold
from dsa110_vis.clean.parameters import Parameters
from dsa110_vis.clean.states import State
from dsa110_vis.host import KernelLostError, SessionHost

pytestmark = pytest.mark.casa


@pytest.fixture
def host(ngc5921, tmp_path):
    parameters = Parameters(
        vis=str(ngc5921), imagename=str(tmp_path / "1-hyphen and space"), imsize=96, cell="11arcsec", field="2",
        datacolumn="data", niter=100, cycleniter=50,
    )  # fmt: skip
    with SessionHost(parameters) as host:
        yield host


def test_clean_look_kill_and_go_on(host):
    assert host.wait(timeout=200) is State.READY
    host.set_masks(threshold(4.0))
    host.wait(timeout=60)
    (mask,) = host.masks()
    assert 0 < mask.sum() < 1000
    np.testing.assert_array_equal(host.image("mask"), mask[0, 0])
    assert np.nanmax(host.image("psf")) == pytest.approx(1, abs=1e-3)

    before = host.image("residual")
    host.run(1)
    host.wait({State.MAJOR}, timeout=60)
    seen = 0
    while host.latest["state"] == "major":
        begun = time.perf_counter()
        host.image("residual")
        assert time.perf_counter() - begun < 10
        seen += 1
    assert seen >= 1, "the residual was not to be had during a major cycle"
    host.wait(timeout=200)
    after = host.image("residual")
    assert np.abs(after[mask[0, 0]]).max() < 0.5 * np.abs(before[mask[0, 0]]).max()
    frame = host.convergence()
    assert frame["peak_inside"].iloc[-1] == pytest.approx(np.abs(after[mask[0, 0]]).max(), rel=1e-5)
    assert host.image("model").sum() == pytest.approx(frame["flux"].iloc[-1], rel=1e-5)

    host.run(1)
    host.wait({State.MAJOR}, timeout=60)
    begun = time.perf_counter()
    host.kill()
    assert time.perf_counter() - begun < 2
    with pytest.raises(KernelLostError):
        host.run(1)
    host.restart()
    host.wait(timeout=200)
    assert host.latest["cycle"] == frame["checkpoint"].iloc[-1]
    np.testing.assert_array_equal(host.masks()[0], mask)
    np.testing.assert_array_equal(host.image("residual"), after)
    host.finish()
    assert host.wait(timeout=200) is State.FINISHED
    assert np.nanmax(host.image("image")) > 0
    assert not {"casatools", "casatasks"} & set(sys.modules)
    assert os.listdir(host.latest["folder"])  # noqa: PTH208
