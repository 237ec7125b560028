import json

import numpy as np
import pandas as pd
import pytest
import traitlets

from dsa110_vis.errors import DependencyError, MeasurementSetNotFoundError, OptionError, SelectionEmptyError
from dsa110_vis.raster import raster
from dsa110_vis.view.controls import CONTROLS
from dsa110_vis.widgets import MsRaster, bundle


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
        MsRaster(_view="other")


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
    assert set(widget.keys) >= {"_esm", "_view", "_static_id"}
    assert not set(CONTROLS) & set(widget.keys)
    assert widget._view == "ms-raster"


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


def test_a_selection_that_matches_nothing_keeps_the_old_picture(widget):
    old = widget.model.picture
    widget.selection = {"scan": "99999"}
    with pytest.raises(SelectionEmptyError):
        widget.wait(60)
    assert widget.model.picture is old
    widget.selection = {}
    widget.wait(60)
    assert widget.failure is None


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
    answer, _ = widget.comm.ask("set", changes={"stretch": "log", "limits": [0, 3]})
    assert answer["ok"]
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


def test_located_cells(widget):
    seen = []
    widget.observe(lambda change: seen.append(len(change.new)), "located")
    widget.comm.ask(
        "locate", generation=widget.model.picture.generation, iteration=0, boxes=[[0, 2, 0, 3]], points=[[3, 1]]
    )
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


def test_without_the_browser_part(monkeypatch, tmp_path):
    monkeypatch.setattr(bundle, "STATIC", tmp_path / "nowhere")
    with pytest.raises(DependencyError, match=r"widget\.js"):
        MsRaster()


def test_a_closed_widget_says_so(real_ms):
    widget = MsRaster(real_ms("alma"))
    widget.close()
    widget.close()
    assert repr(widget) == "MsRaster(closed)"
    with pytest.raises(OptionError, match="closed"):
        widget.wait(1)


def test_the_browser_saves_what_is_larger_than_a_message(widget, monkeypatch):
    monkeypatch.setattr("dsa110_vis.view.ops.DOWN_BYTES", 1 << 20)
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
    place = {"generation": widget.model.picture.generation, "iteration": 0}
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
