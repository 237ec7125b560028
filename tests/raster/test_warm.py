"""Loops made ready before there is data are those that rasters use."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import dsa110_vis

CODE = """
import sys
from dsa110_vis.raster.warm import warm
from dsa110_vis.raster.loops import add_columns, add_whole_rows
from dsa110_vis.raster.folding import fold
from dsa110_vis.view import MsRasterModel
loops = (add_columns, add_whole_rows, fold)
warm()
before = [loop.signatures for loop in loops]
model = MsRasterModel(sys.argv[1], x={x!r}, y={y!r})
picture = model.wait(120)
_, n_y, n_x = picture.axes.shape
picture.tile(0, (0, n_x, 0, n_y), width=8, height=8)
print([loop.signatures for loop in loops] == before, [len(one) for one in before])
"""


@pytest.mark.parametrize(("x", "y"), [("baseline", "time"), ("frequency", "time"), ("frequency", "baseline")])
def test_rasters_find_their_loops_ready(run_python, real_ms, x, y):
    assert run_python(CODE.format(x=x, y=y), str(real_ms("lofar"))).stdout.split("\n")[0] == "True [1, 1, 1]"


def test_compiled_code_is_kept_under_the_state_of_the_sources(run_python, tmp_path):
    # what is installed later may have the same size and time, and call other functions
    shutil.copytree(Path(dsa110_vis.__file__).parent, tmp_path / "dsa110_vis", ignore=shutil.ignore_patterns("*.nb?"))
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import dsa110_vis.raster.loops as loops; "
    code += "print(loops.__file__, loops.list_entries.py_func.__qualname__)"
    before = run_python(code).stdout.split()
    kernels = tmp_path / "dsa110_vis" / "raster" / "kernels.py"
    kernels.write_text(kernels.read_text() + "# another state")
    after = run_python(code).stdout.split()
    assert before[0] == after[0]
    assert before[0].startswith(str(tmp_path))
    assert before[1] != after[1]
