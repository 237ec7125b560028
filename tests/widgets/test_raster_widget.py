import json
import os
import signal
import threading
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import traitlets

from dsa110_vis.errors import DependencyError, MeasurementSetNotFoundError, OptionError, SelectionEmptyError
from dsa110_vis.ms import MeasurementSet
from dsa110_vis.raster import raster
from dsa110_vis.view import MsRasterModel, remote, remote_raster
from dsa110_vis.view.controls import CONTROLS
from dsa110_vis.widgets import MsRaster, bundle
from dsa110_vis.work import WorkerLostError


@pytest.fixture
def widget(real_ms):
    made = MsRaster(real_ms("alma"))
    made.wait(120)
    yield made
    made.close()


def tells_stretch(message):
    return message.get("event") == "state" and "stretch" in message["data"]["changes"]


def test_every_control_is_a_trait_with_the_models_value(widget):
    assert set(CONTROLS) <= set(widget.trait_names())
    assert {name: getattr(widget, name) for name in CONTROLS} == widget.state


def test_setting_a_trait_changes_the_picture(widget, real_ms):
    widget.x, widget.quantity = "frequency", "phase"
    assert (widget.x, widget.y, widget.quantity, widget.colormap) == ("frequency", "time", "phase", "twilight")
    widget.wait(120)
    expected = raster(real_ms("alma"), "frequency", "time", quantity="phase")
    np.testing.assert_array_equal(widget.data.value, expected.value)
    assert widget.limits == (-180.0, 180.0)


def test_observers_see_what_the_model_decides(widget):
    seen = []
    widget.observe(lambda change: seen.append((change.name, change.new)), ["x", "y", "preset"])
    widget.x = widget.y
    assert sorted(seen) == [("x", "time"), ("y", "baseline")]
    widget.x = "time"
    assert len(seen) == 2


@pytest.mark.parametrize("kind", [OptionError, traitlets.TraitError])
def test_a_wrong_value_is_refused_and_nothing_changes(widget, kind):
    before = widget.state
    with pytest.raises(kind, match="Did you mean 'frequency'"):
        widget.x = "frequancy"
    with pytest.raises(kind, match="both"):
        widget.set_controls({"x": "time", "y": "time", "stretch": "log"})
    assert widget.state == before


def test_unknown_keyword_arguments_are_refused():
    with pytest.raises(OptionError, match="Did you mean 'aggregator'"):
        MsRaster(agregator="mean")
    with pytest.raises(OptionError, match="no control"):
        MsRaster(_static_id="other")


def test_keyword_arguments_of_every_jupyter_widget_work():
    widget = MsRaster(layout={"height": "300px"})
    assert widget.layout.height == "300px"
    widget.close()


def test_a_selection_is_not_changed_in_place(widget):
    widget.selection = {"scan": "1"}
    assert widget.selection == {"scan": "1"}
    with pytest.raises(OptionError, match="cannot be changed in place"):
        widget.selection["scan"] = "2"
    with pytest.raises(OptionError, match="cannot be changed in place"):
        widget.selection.update(scan="2")
    assert json.dumps(widget.selection) == '{"scan": "1"}'


def test_only_small_things_are_synced(widget):
    assert set(widget.keys) >= {"_esm", "_static_id"}
    assert not set(CONTROLS) & set(widget.keys)
    assert widget.VIEW == "ms-raster"


def test_repr_is_stable(widget, real_ms):
    name = real_ms("alma").name
    assert repr(widget) == f"MsRaster({name!r}, x='baseline', y='time', quantity='amp')"


def test_errors_of_the_file_come_when_the_picture_is_asked_for(tmp_path):
    widget = MsRaster(tmp_path / "none.ms")
    with pytest.raises(MeasurementSetNotFoundError):
        widget.wait(60)
    with pytest.raises(MeasurementSetNotFoundError):
        _ = widget.data
    assert widget.failure.code == "ms-not-found"
    widget.close()


def test_without_a_measurement_set():
    widget = MsRaster()
    assert not widget.busy
    with pytest.raises(OptionError, match="no Measurement Set"):
        widget.wait(1)
    assert len(widget.located) == 0
    widget.close()


def test_a_selection_that_matches_nothing_says_so_until_it_is_changed(widget):
    old = widget.data
    widget.selection = {"scan": "99999"}
    with pytest.raises(SelectionEmptyError):
        widget.wait(60)
    widget.selection = {}
    assert widget.wait(60).failure is None
    assert widget.data.equals(old)


def test_the_browser_asks_and_is_answered(widget, comms):
    channel = widget.comm
    assert channel in comms
    answer, _ = channel.ask("hello")
    assert answer["ok"]
    assert answer["result"]["state"]["x"] == "baseline"
    assert answer["result"]["busy"] is False
    assert answer["result"]["failure"] is None
    assert answer["result"]["located"]["n"] == 0
    json.dumps(answer, allow_nan=False)
    picture = channel.ask("picture", "r2")[0]["result"]
    n_x, n_y = picture["x"]["size"], picture["y"]["size"]
    place = {"generation": picture["generation"], "iteration": 0}
    answer, buffers = channel.ask("tile", "r3", **place, x0=0, x1=n_x, y0=0, y1=n_y, width=4096, height=4096)
    value = np.frombuffer(buffers[0], np.float32).reshape(n_y, n_x)
    np.testing.assert_allclose(value, widget.data.value, rtol=1e-6)
    assert channel.ask("nonsense", "r4")[0]["error"]["code"] == "bad-request"


def test_what_the_browser_sets_is_seen_here(widget):
    seen = threading.Event()
    widget.observe(lambda _change: seen.set(), "limits")
    answer, _ = widget.comm.ask("set", changes={"stretch": "log", "limits": [0, 3]})
    assert answer["ok"]
    assert seen.wait(30)
    assert (widget.stretch, widget.limits, widget.limits_mode) == ("log", (0.0, 3.0), "manual")
    event, _ = widget.comm.wait(tells_stretch)
    assert event["data"]["changes"]["stretch"] == "log"


def test_what_the_browser_sets_wrongly_is_answered_with_the_old_values(widget):
    answer, _ = widget.comm.ask("set", changes={"stretch": "cube"})
    assert answer["error"]["code"] == "bad-option"
    assert answer["error"]["key"] == "stretch"
    event, _ = widget.comm.wait(tells_stretch)
    assert event["data"]["changes"]["stretch"] == "linear"


def test_what_is_set_here_is_told_to_the_browser(widget):
    widget.stretch = "asinh"
    event, _ = widget.comm.wait(tells_stretch)
    assert event["data"]["changes"] == {"stretch": "asinh"}


def test_cells_that_are_marked_while_somebody_looks_for_the_first_time_are_there(widget, monkeypatch):
    empty = remote_raster.table

    def slow(*arguments):
        widget.model.locate(boxes=[(0, 3, 0, 2)])
        return empty(*arguments)

    monkeypatch.setattr(remote_raster, "table", slow)
    assert len(widget.located) == 0
    assert len(widget.located) == 6


def test_located_cells(widget):
    seen, told = [], threading.Event()
    widget.observe(lambda change: (seen.append(len(change.new)), told.set()), "located")
    widget.comm.ask(
        "locate", generation=widget.model.picture["generation"], iteration=0, boxes=[[0, 2, 0, 3]], points=[[3, 1]]
    )
    assert told.wait(30)
    assert isinstance(widget.located, pd.DataFrame)
    assert len(widget.located) == 7
    assert seen == [7]
    assert list(widget.located.columns) == ["time", "baseline", "value", "count", "flagged"]
    assert len(widget.locate(points=[(0, 0)], mode="add")) == 7
    assert len(widget.locate(mode="clear")) == 0


def test_save_and_code(widget, tmp_path):
    for name, start in (("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.pdf", b"%PDF"), ("a.html", b"<!DOCTYPE")):
        path = widget.save(tmp_path / name)
        assert path.read_bytes().lstrip().startswith(start)
    with pytest.raises(OptionError, match="png"):
        widget.save(tmp_path / "a.xyz")
    namespace = {}
    lines = widget.code()
    compile(lines, "code", "exec")
    exec(lines.replace("\nwidget\n", "\n"), namespace)  # noqa: S102
    assert namespace["widget"].wait(120).state == widget.state
    np.testing.assert_array_equal(namespace["ds"].value, widget.data.value)
    namespace["widget"].close()


def test_observers_are_called_where_the_change_was_made(widget):
    seen = []
    widget.observe(lambda _change: seen.append(threading.current_thread()), "stretch")
    widget.stretch = "log"
    assert seen == [threading.current_thread()]


def test_controls_can_be_set_while_the_static_picture_is_drawn(widget, monkeypatch):
    drawing, done = threading.Event(), threading.Event()
    draw = widget._static._draw

    def slowly():
        drawing.set()
        done.wait(60)  # until the control below is set
        return draw()

    monkeypatch.setattr(widget._static, "_draw", slowly)
    monkeypatch.setattr(widget._static, "_handles", [SimpleNamespace(update=lambda *_, **__: None)])
    widget._static.stale()
    drawer = threading.Thread(target=widget._static.refresh, daemon=True)
    drawer.start()
    assert drawing.wait(60)
    setter = threading.Thread(target=lambda: (setattr(widget, "stretch", "log"), done.set()), daemon=True)
    setter.start()
    setter.join(60)
    assert done.is_set()
    drawer.join(60)
    assert not drawer.is_alive()


def test_an_observer_cannot_wait(widget):
    refused = []

    def observer(_change):
        with pytest.raises(RuntimeError, match="observer"):
            widget.wait(30)
        refused.append(True)

    widget.observe(observer, "stretch")
    widget.stretch = "log"
    assert refused


def die(widget):
    """Have casacore abort, as it does on tables that it cannot read."""
    lost = threading.Event()
    widget.observe(lambda change: change.new or lost.set(), "busy")
    before = widget.model.pid
    os.kill(before, signal.SIGABRT)
    widget.comm.wait(lambda message: message.get("event") == "failure" and message["data"])
    return before


def test_a_process_that_dies_is_a_failure_and_the_next_change_brings_another(widget):
    widget.selection = {"scan": "1"}
    widget.limits = (0, 5)
    expected = widget.data
    before = die(widget)
    with pytest.raises(WorkerLostError, match="SIGABRT"):
        widget.wait(60)
    assert widget.failure.code == "worker-lost"
    assert widget.selection == {"scan": "1"}
    widget.stretch = "log"
    assert widget.wait(120).failure is None
    assert widget.model.pid != before
    assert (widget.selection, widget.limits, widget.limits_mode) == ({"scan": "1"}, (0.0, 5.0), "manual")
    assert widget.data.equals(expected)


def test_the_browser_is_told_of_a_death_and_can_go_on(widget):
    generation = widget.model.picture["generation"]
    widget.comm.ask("tile", "t1", generation=generation, x0=0, x1=9, y0=0, y1=9)
    die(widget)
    answer, _ = widget.comm.ask("retry", "r9")
    assert answer["error"]["code"] == "stale"
    widget.comm.wait(lambda message: message.get("event") == "restarted")
    assert widget.comm.ask("hello", "h2")[0]["ok"]
    assert widget.wait(120).failure is None


def test_what_the_browser_waits_for_is_answered_when_the_process_dies(widget, monkeypatch):
    remote_end = widget.model._remote
    monkeypatch.setattr(remote_end, "receive", lambda *_: None)  # a request that the process never answers
    with pytest.raises(AssertionError):
        widget.comm.ask("code", "c1", timeout=0)
    die(widget)
    answer, _ = widget.comm.wait(lambda message: message.get("id") == "c1")
    assert answer["error"]["code"] == "worker-lost"


def test_only_so_many_processes_are_kept(real_ms, monkeypatch):
    monkeypatch.setattr(remote, "MOST_PROCESSES", 2)
    widgets = [MsRaster(real_ms("alma"), x=axis).wait(120) for axis in ("baseline", "frequency", "time", "channel")]
    assert [widget.model.alive for widget in widgets] == [False, False, True, True]
    expected = raster(real_ms("alma"), "frequency", "time")
    np.testing.assert_array_equal(widgets[1].data.value, expected.value)
    assert [widget.model.alive for widget in widgets] == [False, True, False, True]
    for widget in widgets:
        widget.close()


def test_an_open_measurement_set_keeps_its_selections(real_ms):
    with MeasurementSet(real_ms("alma")) as ms:
        narrow = ms.select(scan="1").select(scan="<9").select(spw="1")
        expected = raster(narrow, "baseline", "time")
        widget = MsRaster(narrow, x="baseline", y="time")
    np.testing.assert_array_equal(widget.data.value, expected.value)
    widget.close()


def test_the_kernel_loads_nothing_that_computes(run_python):
    code = (
        "import sys; from dsa110_vis import MsRaster; print(sorted({'casacore', 'numba', 'xarray'} & set(sys.modules)))"
    )
    assert run_python(code).stdout.strip() == "[]"


def test_dask_workers_in_this_process_are_refused(real_ms):
    from distributed import Client

    with (
        Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=None) as client,
        pytest.raises(OptionError, match="inside this process"),
    ):
        MsRaster(real_ms("alma"), client=client)


def test_without_the_browser_part(monkeypatch, tmp_path):
    monkeypatch.setattr(bundle, "STATIC", tmp_path / "nowhere")
    with pytest.raises(DependencyError, match=r"ms-raster\.js"):
        MsRaster()


def test_a_closed_widget_says_so(real_ms):
    widget = MsRaster(real_ms("alma"))
    widget.close()
    widget.close()
    assert repr(widget) == "MsRaster(closed)"
    with pytest.raises(OptionError, match="closed"):
        widget.wait(1)


def test_the_browser_saves_what_is_larger_than_a_message(real_ms, monkeypatch):
    model = MsRasterModel(real_ms("alma"))
    widget = MsRaster(model=model).wait(120)
    monkeypatch.setattr("dsa110_vis.view.connection.DOWN_BYTES", 1 << 20)
    answer, buffers = widget.comm.ask("save", "s0", format="html")
    saved = answer["result"]
    assert saved["filename"].endswith(".html")
    assert saved["mime"] == "text/html"
    assert saved["parts"] > 1
    parts = [bytes(buffers[0])]
    for index in range(1, saved["parts"]):
        _, buffers = widget.comm.ask("part", f"s{index}", token=saved["token"], index=index)
        parts.append(bytes(buffers[0]))
    assert max(map(len, parts)) <= 1 << 20
    page = b"".join(parts)
    assert len(page) == saved["size"]
    assert page.lstrip().startswith(b"<!DOCTYPE")
    assert page.rstrip().endswith(b"</html>")
    assert (
        widget.comm.ask("part", "s99", **{**saved, "token": "other", "index": 0})[0]["error"]["code"] == "bad-request"
    )
    assert widget.comm.ask("save", "s98", format="gif")[0]["error"]["code"] == "bad-request"


def test_a_request_about_an_old_picture_is_stale(widget):
    place = {"generation": widget.model.picture["generation"], "iteration": 0}
    widget.aggregator = "max"
    widget.wait(60)
    for op, params in (
        ("tile", {"x0": 0, "x1": 1, "y0": 0, "y1": 1}),
        ("probe", {"ix": 0, "iy": 0}),
        ("histogram", {}),
    ):
        answer, _ = widget.comm.ask(op, op, **place, **params)
        assert answer["error"]["code"] == "stale"


def test_code_and_cancel_and_retry_for_the_browser(widget):
    assert "MsRaster(" in widget.comm.ask("code", "c1")[0]["result"]["code"]
    assert widget.comm.ask("cancel", "c2")[0] == {"kind": "response", "id": "c2", "ok": True, "result": {}}
    assert widget.comm.ask("retry", "c3")[0]["ok"]
    widget.wait(60)
