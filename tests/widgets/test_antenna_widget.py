"""The array in a widget: traits, numbers, the link to a raster, and what is left when its process dies."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from dsa110_vis import AntennaLayout, MsRaster
from dsa110_vis.errors import MeasurementSetNotFoundError, OptionError
from dsa110_vis.ms import MeasurementSet
from dsa110_vis.view.antenna_controls import ANTENNA_CONTROLS


@pytest.fixture
def widget(real_ms):
    made = AntennaLayout(real_ms("alma"))
    made.wait(120)
    yield made
    made.close()


@pytest.fixture
def linked(widget):
    raster = MsRaster(widget.path, x="baseline", y="time")
    raster.wait(120)
    unlink = widget.link(raster)
    yield raster
    unlink()
    raster.close()


def test_every_control_is_a_trait_with_the_models_value(widget):
    assert set(ANTENNA_CONTROLS) <= set(widget.trait_names())
    assert {name: getattr(widget, name) for name in ANTENNA_CONTROLS} == widget.state
    assert not set(ANTENNA_CONTROLS) & set(widget.keys)
    assert widget.VIEW == "antenna-layout"


def test_the_table_is_that_of_the_measurement_set(widget):
    with MeasurementSet(widget.path) as ms:
        expected = ms.antennas()
    found = widget.antennas
    assert found[list(expected.columns)].equals(expected)
    assert found["mean_amp"].notna().any()


def test_wrong_values_and_unknown_controls_are_refused(widget):
    before = widget.state
    for name, value in (("scale", "cubic"), ("thresholds", (0.9, 0.1)), ("selected", [99]), ("zoom", None)):
        with pytest.raises(OptionError):
            setattr(widget, name, value)
    with pytest.raises(OptionError, match="Did you mean 'labels'"):
        AntennaLayout(label="name")
    assert widget.state == before


def test_what_is_asked_about_antennas_and_baselines(widget):
    other = widget.antenna(0)["baselines"][0]
    assert widget.baseline(0, other["id"])["length_m"] == pytest.approx(other["length_m"])
    with pytest.raises(OptionError, match="no antenna 99"):
        widget.antenna(99)


def test_repr_is_stable(widget):
    name = os.path.basename(widget.path)  # noqa: PTH119
    assert repr(widget) == f"AntennaLayout({name!r})"
    widget.selected = [2]
    assert repr(widget) == f"AntennaLayout({name!r}, selected=[2])"


def test_errors_of_the_file_come_when_the_array_is_asked_for(tmp_path):
    widget = AntennaLayout(tmp_path / "none.ms")
    with pytest.raises(MeasurementSetNotFoundError):
        widget.wait(60)
    assert widget.failure.code == "ms-not-found"
    widget.close()


@pytest.mark.parametrize("kind", ["png", "svg", "pdf", "csv"])
def test_save(widget, tmp_path, kind):
    path = widget.save(tmp_path / f"array.{kind}")
    start = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF", "csv": b"id,name"}[kind]
    assert path.read_bytes().startswith(start)
    with pytest.raises(OptionError, match="csv"):
        widget.save(tmp_path / "array.html")


def test_code_makes_the_same_widget(widget):
    widget.set_controls({"selected": [1, 2], "scale": "log", "thresholds": [0.1, 0.3]})
    namespace = {}
    exec(widget.code().replace("\nwidget\n", "\n"), namespace)  # noqa: S102
    assert namespace["widget"].wait(120).state == widget.state
    namespace["widget"].close()


def test_the_browser_asks_and_is_answered(widget):
    layout = widget.comm.ask("layout")[0]["result"]
    assert layout["flags"]
    assert len(layout["antennas"]) == len(widget.antennas)
    answer, buffers = widget.comm.ask("uv", "r2", generation=layout["generation"], max_points=1000)
    assert len(buffers) == 3
    assert answer["result"]["n"] * 4 == len(buffers[0]) <= 4000


def test_what_the_browser_picks_is_seen_here(widget):
    seen = threading.Event()
    widget.observe(lambda _change: seen.set(), "selected")
    assert widget.comm.ask("set", changes={"selected": [3, 1]})[0]["ok"]
    assert seen.wait(30)
    assert widget.selected == [3, 1]


def test_picking_antennas_selects_in_the_raster(widget, linked):
    linked.selection = {"scan": "1"}
    names = list(widget.antennas["name"])
    widget.selected = [2]
    assert linked.selection == {"scan": "1", "antenna": names[2]}
    other = widget.antenna(2)["baselines"][0]["id"]
    widget.selected = [2, other]
    assert linked.selection["antenna"] == f"{names[2]}&{names[other]}"
    assert set(linked.data.baseline.item().split(" & ")) == {names[2], names[other]}
    widget.selected = []
    assert linked.selection == {"scan": "1"}


def test_selecting_in_the_raster_picks_antennas_and_keeps_what_was_written(widget, linked):
    names = list(widget.antennas["name"])
    for text, expected in ((f"{names[4]}&*", [4]), (f"{names[4]}&{names[1]}", [4, 1]), ("", [])):
        linked.selection = {"antenna": text} if text else {}
        assert widget.selected == expected
        assert linked.selection.get("antenna", "") == text
    widget.selected = [3]
    linked.selection = {"antenna": "nobody"}
    assert widget.selected == [3]


def test_an_ended_link_joins_nothing(widget):
    raster = MsRaster(widget.path, x="baseline", y="time")
    widget.link(raster)()
    widget.selected = [1]
    assert raster.selection == {}
    raster.selection = {"antenna": "3"}
    assert widget.selected == [1]
    raster.close()


def test_a_process_that_dies_is_replaced_with_the_same_picture(widget):
    widget.set_controls({"selected": [1], "tab": "uv"})
    lost = threading.Event()
    widget.model.listen(lambda event, data: event == "failure" and data and lost.set())
    os.kill(widget.model.pid, signal.SIGABRT)
    assert lost.wait(60)
    widget.labels = "id"
    assert widget.wait(120).failure is None
    assert (widget.selected, widget.tab, widget.labels) == ([1], "uv", "id")
    assert widget.antenna(1)["baselines"]
