"""What stands between a path and the first sight of the array: nothing that takes longer than the eye notices."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

HEAVY = ("PIL", "astropy", "bokeh", "dask", "distributed", "matplotlib", "numba", "pandas", "scipy", "xarray")

FIRST = """
import importlib, json, sys, threading
from dsa110_vis.preload import PRELOAD
importlib.import_module(PRELOAD[0])
preloaded = set(sys.modules)
from dsa110_vis.view.served import antenna_layout
from dsa110_vis.view.chosen import Chosen

shown, found = threading.Event(), []

def hear(event, data):
    if event == "layout":
        found.append([data, sorted(sys.modules)])
        shown.set()

model = antenna_layout(None, {})
model.listen(hear)
model.update(path=sys.argv[1])
assert shown.wait(60)
layout, modules = found[0]
print(json.dumps([layout, modules, sorted(name for name in modules if name not in preloaded)]))
model.close()
"""


def first_paint(run_python, path):
    """Give the first event with positions, what is imported by then, and what of it only then."""
    return json.loads(run_python(FIRST, str(path)).stdout)


def heavy(modules):
    return sorted(set(HEAVY) & set(modules))


@pytest.fixture(scope="module")
def small(build, tmp_path_factory):
    return build.make(tmp_path_factory.mktemp("first") / "small.ms", antennas=5, used=(0, 1, 2, 3))


def test_positions_need_nothing_that_computes(run_python, small):
    layout, modules, _ = first_paint(run_python, small)
    assert len(layout["antennas"]) == 5
    assert [antenna["has_data"] for antenna in layout["antennas"]] == [True] * 4 + [False]
    assert not layout["flags"]
    assert heavy(modules) == []


def test_the_first_thing_that_the_zygote_imports_is_all_that_positions_need(run_python, small):
    _, modules, late = first_paint(run_python, small)
    assert "casacore.tables" in modules
    ours = [name for name in late if name.startswith("dsa110_vis.")]
    assert ours == ["dsa110_vis.view.served"]
    assert not [name for name in late if name.startswith("casacore")]


@pytest.mark.parametrize("kind", ["ngc5921", "bandpass", "alma"])
def test_positions_of_real_arrays(run_python, request, real_ms, kind):
    if kind == "ngc5921":
        path, known = request.getfixturevalue("ngc5921"), 28
    elif kind == "alma":
        path, known = real_ms("alma"), 13
    else:
        path, known = request.getfixturevalue("caltables") / "caltables" / "test_calibration_bandpass.table", 117
    layout, modules, _ = first_paint(run_python, path)
    assert len(layout["antennas"]) == known
    assert np.isfinite([antenna["e"] for antenna in layout["antennas"] if not antenna["zero_position"]]).all()
    assert heavy(modules) == []


def test_the_rest_is_preloaded_too(run_python):
    code = """
import importlib, json, sys
from dsa110_vis.preload import PRELOAD
for name in PRELOAD:
    importlib.import_module(name.partition(":")[0])
before = set(sys.modules)
import dsa110_vis.view.ms_raster, dsa110_vis.layout.draw_tabs, dsa110_vis.raster.reduction, bokeh.plotting
print(json.dumps([sorted(before), sorted(name for name in sys.modules if name not in before)]))
"""
    before, late = json.loads(run_python(code).stdout)
    assert {"pandas", "numba", "xarray", "matplotlib.figure", "bokeh.plotting"} <= set(before)
    assert not [name for name in late if not name.startswith("dsa110_vis.")]


@pytest.mark.parametrize("name", ["AntennaLayout", "MsRaster"])
def test_a_kernel_that_shows_something_waits_for_nothing_that_computes(run_python, small, name):
    code = """
import json, sys, dsa110_vis, dsa110_vis.widgets.base
dsa110_vis.widgets.base.script = lambda _view: __import__("pathlib").Path(sys.argv[3])  # built or not
model = getattr(dsa110_vis, sys.argv[1])(sys.argv[2]).model
model.wait(60)
print(json.dumps(sorted(sys.modules)))
"""
    modules = set(json.loads(run_python(code, name, str(small), __file__).stdout))
    assert "dsa110_vis.work.remote" in modules
    assert not {"casacore", "matplotlib", "numba", "pandas", "scipy", "xarray"} & modules


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no zygote")
def test_the_process_for_the_first_widget_is_on_its_way_before_the_widget_is_imported(run_python):
    code = """
import sys, dsa110_vis.widgets
from dsa110_vis.work.processes import Zygote
print(Zygote._current is not None, "ipywidgets" in sys.modules, "numpy" in sys.modules)
"""
    assert run_python(code).stdout.split() == ["True", "False", "False"]
