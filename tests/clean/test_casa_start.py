"""Where CASA works: in the session's folder, and not on what another process has left there."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from dsa110_vis.clean.casa_start import SCRATCH

pytestmark = pytest.mark.casa

CUBE = """
import json, os, signal, sys
os.chdir(sys.argv[1])
sys.path.insert(0, sys.argv[2])
from casa_jobs import begun, residuals
import numpy as np
from dsa110_vis.clean.parameters import Parameters
given = json.loads(sys.argv[3])
engine = begun(Parameters(
    cell="15arcsec", datacolumn="data", weighting="briggs", specmode="cube", nchan=2, start=25, width=1, **given
))
if len(sys.argv) > 4:
    os.kill(os.getpid(), signal.SIGKILL)
np.save(given["imagename"] + ".npy", residuals(engine)[0])
engine.close()
"""


@pytest.fixture
def dirty_cube(run_python, ngc5921, tmp_path):
    """Make the dirty images of a cube in a process of its own, which may end before it has tidied up."""
    work = tmp_path / "work"
    work.mkdir()

    def make(name, imsize, *, killed=False):
        given = f'{{"vis": "{ngc5921}", "imagename": "{tmp_path / name}", "imsize": {imsize}}}'
        words = [str(work), str(Path(__file__).parent), given, *(["killed"] if killed else [])]
        done = run_python(CUBE, *words, check=not killed)
        assert done.returncode == (-signal.SIGKILL if killed else 0), done.stderr
        assert os.listdir(work) == []  # noqa: PTH208
        return None if killed else np.load(tmp_path / f"{name}.npy")

    return make


def scratch(folder):
    return [path.name for pattern in SCRATCH for path in folder.glob(pattern)]


def test_weights_that_a_killed_session_has_left_are_not_those_of_the_next(dirty_cube, tmp_path):
    # CASA names them after the data, and the density of the weights is that of the first image's cells
    dirty_cube("image", 256, killed=True)
    assert [name for name in scratch(tmp_path / "image.session") if name.startswith("IMAGING_WEIGHT_")]
    after = dirty_cube("image", 64)
    assert scratch(tmp_path / "image.session") == []
    np.testing.assert_array_equal(after, dirty_cube("other", 64))
