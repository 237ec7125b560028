"""The model of the array viewer, on real sets, through the protocol and directly."""

from __future__ import annotations

import io
import shutil
import threading

import numpy as np
import pandas as pd
import pytest
from asking import View
from PIL import Image

from dsa110_vis.errors import CancelledError, Dsa110VisError, MeasurementSetNotFoundError, OptionError
from dsa110_vis.layout.of_ms import MsSource
from dsa110_vis.ms import MeasurementSet
from dsa110_vis.raster import raster
from dsa110_vis.view import AntennaLayoutModel

SETS = ["alma", "evla", "mwa", "lofar", "wsrt", "3c273"]
FLAG_ALL = """
import sys
import numpy as np
from casacore.tables import table
with table(sys.argv[1], readonly=False, ack=False) as main:
    for row in range(main.nrows()):
        main.putcell("FLAG", row, np.ones_like(main.getcell("FLAG", row)))
"""


@pytest.fixture
def show():
    """Make a model and a view of it, which are closed at the end."""
    made = []

    def make(path=None, **controls):
        model = AntennaLayoutModel(path, **controls)
        view = View(model)
        made.append((view, model))
        return view, model

    yield make
    for view, model in made:
        view.dispatcher.close()
        model.close()


@pytest.fixture
def alma(show, real_ms):
    view, model = show(real_ms("alma"))
    model.wait(120)
    return view, model


@pytest.fixture
def bandpass(caltables):
    return caltables / "caltables" / "test_calibration_bandpass.table"


@pytest.fixture(params=SETS)
def real(request, real_ms, reference):
    name = request.param
    path = request.getfixturevalue("threec273") if name == "3c273" else real_ms(name)
    return path, reference(name)


def test_the_layout_equals_the_reference(show, real):
    path, truth = real
    view, model = show(path)
    model.wait(120)
    layout = view.ask("layout")
    assert layout["kind"] == "ms"
    assert layout["flags"] is True
    assert layout["n_baselines"] == truth["n_cross_baselines"]
    assert round(100 * layout["flagged"], 6) == truth["flagged_pct_total"]
    for key in ("lon_deg", "lat_deg"):
        assert layout["centre"][key] == pytest.approx(truth["array_centre"][key], abs=1e-10)
    assert len(layout["antennas"]) == len(truth["antennas"])
    for found, known in zip(layout["antennas"], truth["antennas"], strict=True):
        for key in ("id", "name", "station", "has_data", "zero_position"):
            assert found[key] == known[key]
        assert found["n_baselines"] == known["n_cross_baselines"]
        for mine, theirs in (("flagged", "flagged_pct_all"), ("flagged_cross", "flagged_pct_cross")):
            assert (None if found[mine] is None else round(100 * found[mine], 6)) == known[theirs]
        where = [found[key] for key in "enu"]
        if known["enu_m"] is None:
            assert where == [None] * 3
        else:
            assert where == pytest.approx(known["enu_m"], abs=1e-4)


def test_mean_amplitudes_are_those_of_the_raster(show, real):
    path, _ = real
    view, model = show(path)
    model.wait(120)
    expected = raster(path, "correlation", "antenna")
    count, value = expected["count"].to_numpy(), expected.value.to_numpy()
    total = np.where(count > 0, np.nan_to_num(value) * count, 0).sum(axis=1)
    wanted = dict(
        zip(expected["antenna_id"].to_numpy().tolist(), zip(total, count.sum(axis=1), strict=True), strict=True)
    )
    for antenna in view.ask("layout")["antennas"]:
        sums, samples = wanted.get(antenna["id"], (0, 0))
        if samples == 0:
            assert antenna["mean_amp"] is None
        else:
            assert antenna["mean_amp"] == pytest.approx(sums / samples, rel=1e-6)


def test_positions_come_first_then_flags_then_amplitudes(show, real_ms):
    view, model = show()
    assert view.ask("layout") is None
    model.update(path=real_ms("lofar"))
    model.wait(60)
    layouts = view.of("layout")
    assert [(one["flags"], one["amplitudes"]) for one in layouts] == [(False, False), (True, False), (True, True)]
    assert {one["generation"] for one in layouts} == {1}
    assert all(one["antennas"][0]["e"] == layouts[0]["antennas"][0]["e"] for one in layouts)
    names = [event for event, _ in view.events if event not in ("progress", "choices")]
    assert names == ["state", "busy", "source", "layout", "layout", "layout", "busy"]
    assert layouts[2]["column"] == "CORRECTED_DATA"
    assert layouts[2]["amp_unit"] == "Jy"


def test_positions_do_not_wait_for_the_rows(show, real_ms, monkeypatch):
    """A main table that takes long: the ANTENNA table alone is shown first."""
    go = threading.Event()
    read = MsSource.read_rows

    def slow(self):
        go.wait(30)
        read(self)

    monkeypatch.setattr(MsSource, "read_rows", slow)
    monkeypatch.setattr(MsSource, "positions", lambda self, given=MsSource.positions: (go.wait(30), given(self))[1])
    view, model = show(real_ms("evla"))
    with view._changed:
        assert view._changed.wait_for(lambda: view.of("layout"), 10)
    early = view.of("layout")[0]
    assert early["flags"] is False
    assert sum(one["e"] is not None for one in early["antennas"]) == 19
    go.set()
    model.wait(60)
    late = view.of("layout")[-1]
    assert late["generation"] == early["generation"]
    assert sum(one["has_data"] for one in late["antennas"]) == 18


def test_hello_tells_all(alma):
    view, _ = alma
    hello = view.ask("hello")
    assert hello["source"]["telescope"] == "ALMA"
    assert hello["source"]["title"] == "mssel_test_small.ms · ALMA"
    assert hello["busy"] is False
    assert hello["progress"] is None
    assert hello["failure"] is None
    assert hello["state"]["thresholds"] == [0.2, 0.5]
    assert hello["state"]["colormap"] == "cividis"
    assert "cividis" in hello["choices"]["colormaps"]
    assert hello["choices"]["labels"] == ["name", "id", "none"]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"selected": "0"}, "selected"),
        ({"selected": [0.5]}, "selected"),
        ({"selected": [13]}, ""),
        ({"exclude": [True]}, "exclude"),
        ({"thresholds": [0.5, 0.2]}, "thresholds"),
        ({"thresholds": [0.2, 1.2]}, "thresholds"),
        ({"thresholds": 0.2}, "thresholds"),
        ({"colormap": "jet"}, "colormap"),
        ({"labels": "both"}, "labels"),
        ({"only_with_data": 1}, "only_with_data"),
        ({"tab": "list"}, "tab"),
        ({"zoom": None}, "zoom"),
        ({"colour": "red"}, ""),
    ],
)
def test_what_is_not_allowed_changes_nothing(alma, changes, key):
    view, model = alma
    before = model.state
    error = view.error("set", changes=changes)
    assert error["code"] == "bad-option"
    assert error["hint"]
    assert error.get("key", "") == key
    assert model.state == before


def test_controls_go_both_ways(alma):
    view, model = alma
    view.ask("set", changes={"selected": [3, 1, 3], "scale": "log"})
    assert model.state["selected"] == [3, 1]
    model.update(tab="uv", selected=np.array([5]))
    assert view.of("state")[-1] == {"changes": {"selected": [5], "tab": "uv"}}
    assert not model.busy


def test_an_antenna_in_detail(alma, real_ms):
    view, _ = alma
    layout = view.ask("layout")
    number = 9
    found = view.ask("antenna", generation=layout["generation"], id=number)
    assert found["name"] == "DV14"
    assert len(found["baselines"]) == layout["antennas"][number]["n_baselines"] == 12
    with MeasurementSet(real_ms("alma")) as ms:
        counts = ms.flag_counts()
        position = ms.metadata.antenna_positions
        for other in found["baselines"]:
            pair = sorted((number, other["id"]))
            index = np.flatnonzero((counts.antenna1 == pair[0]) & (counts.antenna2 == pair[1]))[0]
            assert other["flagged"] == counts.flagged[index] / counts.samples[index]
            assert other["length_m"] == pytest.approx(np.linalg.norm(position[other["id"]] - position[number]))
    expected = raster(real_ms("alma"), "time", "antenna", quantity="flag_fraction").isel(antenna=number)
    there = (expected["count"] + expected.flagged) > 0
    assert found["flagged_by_time"] == expected.value.to_numpy()[there].tolist()
    start = pd.Timestamp(found["time_start"])
    times = [start + pd.Timedelta(seconds=second) for second in found["time_s"]]
    wanted = pd.DatetimeIndex(expected.time.to_numpy()[there])
    assert max(abs(pd.DatetimeIndex(times) - wanted)) < pd.Timedelta("10us")
    by_frequency = raster(real_ms("alma"), "frequency", "antenna", quantity="flag_fraction").isel(antenna=number)
    assert found["frequency_mhz"] == pytest.approx(by_frequency.frequency.to_numpy())
    assert found["flagged_by_frequency"] == by_frequency.value.to_numpy().tolist()
    assert found["frequency_mhz"] == sorted(found["frequency_mhz"])


def test_a_baseline_in_detail(alma, real_ms):
    view, _ = alma
    generation = view.ask("layout")["generation"]
    found = view.ask("baseline", generation=generation, a=9, b=1)
    back = view.ask("baseline", generation=generation, a=1, b=9)
    assert found["name"] == "DV14 & DA56"
    assert found["correlations"] == ["XX", "YY"]
    chosen = {"antenna": "DA56&DV14", "correlation": "XX,YY"}
    for axis in ("frequency", "time"):
        amp = raster(real_ms("alma"), axis, "baseline", selection=chosen).value.to_numpy().ravel()
        phase = raster(real_ms("alma"), axis, "baseline", selection=chosen, quantity="phase").value.to_numpy().ravel()
        assert np.array(back[axis]["amp"], float) == pytest.approx(amp, nan_ok=True)
        assert np.array(back[axis]["phase"], float) == pytest.approx(phase, nan_ok=True)
        # the phase from a to b is the opposite of that from b to a
        assert np.array(found[axis]["phase"], float) == pytest.approx(-phase, nan_ok=True)
        assert found[axis]["amp"] == back[axis]["amp"]
    assert (found["azimuth_deg"] - back["azimuth_deg"]) % 360 == pytest.approx(180, abs=0.1)
    assert found["length_m"] == pytest.approx(np.sqrt(sum(found[f"{key}_m"] ** 2 for key in ("east", "north", "up"))))
    antennas = view.ask("layout")["antennas"]
    assert found["east_m"] == pytest.approx(antennas[1]["e"] - antennas[9]["e"], rel=1e-3, abs=0.5)
    assert found["north_m"] == pytest.approx(antennas[1]["n"] - antennas[9]["n"], rel=1e-3, abs=0.5)
    for pair in ((1, 2), (3, 3)):
        assert view.error("baseline", generation=generation, a=pair[0], b=pair[1])["code"] == "selection-empty"
    assert view.error("baseline", generation=generation, a=1, b=99)["code"] == "bad-option"


def test_uv_coverage(show, real):
    path, truth = real
    view, model = show(path)
    model.wait(120)
    generation = view.ask("layout")["generation"]
    result, buffers = view.ask("uv", generation=generation)
    u, v, value = (np.frombuffer(part, np.float32) for part in buffers)
    with MeasurementSet(path) as ms:
        rows = ms.rows(uvw=True)
        cross = (rows.antenna1 != rows.antenna2) & np.isfinite(rows.uvw).all(axis=1)
        points = {
            (time, *sorted(pair))
            for time, *pair in zip(rows.time_index[cross], rows.antenna1[cross], rows.antenna2[cross], strict=True)
        }
        known = {tuple(point) for point in rows.uvw[cross, :2].astype(np.float32).tolist()}
        lengths = np.linalg.norm(rows.uvw[cross], axis=1)
    assert result["n"] == u.size == len(points)
    assert result["step"] == 1
    assert result["baselines"] == truth["n_cross_baselines"]
    assert set(zip(u.tolist(), v.tolist(), strict=True)) <= known
    assert value.max() == pytest.approx(lengths.max(), rel=1e-5)
    assert result["wavelength_m"] * result["frequency_mhz"] == pytest.approx(299.792458)
    few, buffers = view.ask("uv", generation=generation, max_points=max(result["n"] // 3, 1))
    assert few["step"] >= 3 or result["n"] < 3
    assert few["n"] == np.frombuffer(buffers[0], np.float32).size <= max(result["n"] // 3, 1)


def test_uv_coverage_by_flags_and_time(show, real_ms):
    view, model = show(real_ms("alma"), uv_color="flagged")
    model.wait(60)
    generation = view.ask("layout")["generation"]
    result, buffers = view.ask("uv", generation=generation)
    value = np.frombuffer(buffers[2], np.float32)
    # Scan 1 is flagged by FLAG_ROW, the rest is nearly clean.
    assert result["color_label"] == "Flagged fraction"
    by_cell = raster(real_ms("alma"), "baseline", "time", quantity="flag_fraction")
    there = (by_cell["count"] + by_cell.flagged).to_numpy() > 0
    assert sorted(value.tolist()) == pytest.approx(sorted(by_cell.value.to_numpy()[there].tolist()))
    model.update(uv_color="time")
    result, buffers = view.ask("uv", generation=generation)
    assert result["color_label"] == "Seconds since 2014-09-20 10:35:59 UTC"
    assert result["color_range"][1] == pytest.approx(np.frombuffer(buffers[2], np.float32).max())


def test_lengths(show, real):
    path, truth = real
    view, model = show(path)
    model.wait(120)
    found = view.ask("lengths", generation=view.ask("layout")["generation"])
    assert len(found["edges_m"]) == len(found["counts"]) + 1
    zero = {one["id"] for one in truth["antennas"] if one["zero_position"]}
    assert sum(found["counts"]) <= truth["n_cross_baselines"]
    if not zero:
        assert sum(found["counts"]) == truth["n_cross_baselines"]
    assert found["edges_m"][0] == 0
    assert found["edges_m"][-1] > found["longest_m"] >= found["shortest_m"] > 0


def test_an_old_generation_is_stale(alma, real_ms):
    view, model = alma
    generation = view.ask("layout")["generation"]
    model.update(path=real_ms("lofar"))
    model.wait(60)
    for op, params in (("antenna", {"id": 0}), ("baseline", {"a": 0, "b": 1}), ("uv", {}), ("lengths", {})):
        assert view.error(op, generation=generation, **params)["code"] == "stale"
    assert view.ask("layout")["generation"] == generation + 1


def test_another_file_has_other_antennas(alma, real_ms):
    _, model = alma
    model.update(selected=[1, 2], exclude=[3])
    assert model.update(path=real_ms("lofar")) == {"path": str(real_ms("lofar")), "selected": [], "exclude": []}
    model.wait(60)


def test_antennas_that_do_not_exist_are_dropped_when_that_is_known(show, real_ms):
    _, model = show(real_ms("alma"), selected=[2, 40], exclude=[99])
    model.wait(60)
    assert model.state["selected"] == [2]
    assert model.state["exclude"] == []


def test_cancel_keeps_positions_and_retry_goes_on(show, real_ms, monkeypatch):
    given = MsSource.with_flags

    def slow(_self, _layout, progress):
        while progress(0.5):
            threading.Event().wait(0.005)
        message = "Counting the flags was cancelled."
        raise CancelledError(message)

    monkeypatch.setattr(MsSource, "with_flags", slow)
    view, model = show(real_ms("alma"))
    with view._changed:
        assert view._changed.wait_for(lambda: any(one["fraction"] == 0.15 for one in view.of("progress")), 30)
    view.ask("cancel")
    with pytest.raises(CancelledError):
        model.wait(30)
    layout = view.ask("layout")
    assert layout["flags"] is False
    assert layout["antennas"][0]["e"] is not None
    assert layout["antennas"][0]["flagged"] is None
    assert view.ask("hello")["failure"]["code"] == "cancelled"
    generation = layout["generation"]
    assert view.ask("antenna", generation=generation, id=9)["baselines"][0]["flagged"] is None
    monkeypatch.setattr(MsSource, "with_flags", given)
    view.ask("retry")
    assert model.wait(60).flags
    assert view.ask("layout")["generation"] == generation
    assert view.of("failure")[-1] is None


def test_cancel_before_positions_and_retry(show, real_ms, monkeypatch):
    begun, go, given = threading.Event(), threading.Event(), MsSource.positions

    def slow(self):
        begun.set()
        go.wait(30)
        return given(self)

    monkeypatch.setattr(MsSource, "positions", slow)
    view, model = show(real_ms("alma"))
    assert begun.wait(30)
    model.cancel()
    go.set()
    with pytest.raises(CancelledError):
        model.wait(30)
    assert view.ask("layout") is None
    model.retry()
    assert model.wait(60).flags


def test_a_slow_question_can_be_cancelled(alma, monkeypatch):
    view, _ = alma
    generation = view.ask("layout")["generation"]
    begun, stopped = threading.Event(), threading.Event()

    def endless(_self, _number, check):
        begun.set()
        try:
            while True:
                check()
                threading.Event().wait(0.005)
        except CancelledError:
            stopped.set()
            raise

    monkeypatch.setattr(MsSource, "antenna", endless)
    ident = view.send("antenna", generation=generation, id=0)
    assert begun.wait(10)
    view.dispatcher.receive({"kind": "cancel", "id": ident})
    assert view.answer(ident)[0]["error"]["code"] == "cancelled"
    assert stopped.wait(10)


def test_what_cannot_be_read_is_told(show, tmp_path, real_ms):
    view, model = show(tmp_path / "none.ms")
    with pytest.raises(MeasurementSetNotFoundError):
        model.wait(30)
    assert view.ask("hello")["failure"]["code"] == "ms-not-found"
    assert view.ask("layout") is None
    assert view.error("antenna", generation=0, id=0)["code"] == "stale"
    model.update(path=tmp_path)
    with pytest.raises(Dsa110VisError, match="without a casacore table"):
        model.wait(30)
    model.update(path=real_ms("lofar"))
    assert model.wait(60).flags
    model.update(path="")
    with pytest.raises(OptionError):
        model.wait(30)


def test_a_file_that_changes_is_read_again(show, real_ms, tmp_path, run_python):
    path = tmp_path / "copy.ms"
    shutil.copytree(real_ms("lofar"), path)
    view, model = show(path)
    assert model.wait(60).flagged < 0.4
    run_python(FLAG_ALL, str(path))
    model.retry()
    assert model.wait(60).flagged == 1
    assert "changed on disk" in view.of("notice")[0]["text"]
    assert view.ask("layout")["generation"] == 2
    model.reload()
    assert model.wait(60).flagged == 1
    assert view.ask("layout")["generation"] == 3


def test_a_selection_is_kept(show, real_ms):
    with MeasurementSet(real_ms("alma")) as ms:
        _, model = show(ms.select(scan="1"))
        layout = model.wait(60)
        assert layout.flagged == ms.select(scan="1").flag_counts().fraction == 1


def test_a_calibration_table(show, bandpass):
    view, model = show(bandpass)
    model.wait(60)
    layout = view.ask("layout")
    assert (layout["kind"], layout["telescope"], layout["amplitudes"]) == ("caltable", "DSA-110", False)
    assert len(layout["antennas"]) == 117
    assert layout["n_baselines"] == 0
    bad = [int(one["name"]) for one in layout["antennas"] if one["flagged"] == 1]
    assert bad == [10, 21, 22, 23, *range(52, 68), 113, 114, 117]
    assert len(layout["core"]) == 102
    generation = layout["generation"]
    found = view.ask("antenna", generation=generation, id=110)
    assert len(found["frequency_mhz"]) == 48
    assert found["frequency_mhz"] == sorted(found["frequency_mhz"])
    assert np.mean(found["flagged_by_frequency"]) == pytest.approx(layout["antennas"][110]["flagged"])
    line = view.ask("baseline", generation=generation, a=0, b=1)
    assert line["length_m"] == pytest.approx(5.75, abs=0.01)
    assert line["azimuth_deg"] == pytest.approx(90, abs=0.01)
    assert line["frequency"] == {"x": [], "amp": [], "phase": []}
    assert view.error("uv", generation=generation)["code"] == "bad-option"
    lengths = view.ask("lengths", generation=generation)
    assert sum(lengths["counts"]) == 117 * 116 // 2
    assert lengths["longest_m"] == pytest.approx(2707, abs=1)
    assert model.code().count("AntennaLayout") == 2


def test_the_link_to_a_raster(show, bandpass):
    _, model = show(bandpass)
    model.update(selected=[102, 0])
    assert model.selection_text() == "103&1"
    assert model.select_from("7") == [6]
    assert model.state["selected"] == [6]
    assert model.select_from("") == []
    assert model.selection_text() == ""


def test_only_zeros_in_corrected_data_are_said_and_not_preferred(show, real_ms, tmp_path, run_python):
    path = tmp_path / "zeros.ms"
    shutil.copytree(real_ms("lofar"), path)
    run_python(
        "import sys, numpy as np\nfrom casacore.tables import table\n"
        "with table(sys.argv[1], readonly=False, ack=False) as main:\n"
        "    main.putcol('CORRECTED_DATA', np.zeros_like(main.getcol('CORRECTED_DATA')))",
        str(path),
    )
    view, model = show(path)
    assert model.wait(60).column == "DATA"
    assert "CORRECTED_DATA is zero everywhere" in view.of("notice")[0]["text"]


@pytest.mark.parametrize("tab", ["map", "uv", "lengths"])
@pytest.mark.parametrize("kind", ["png", "svg", "pdf", "csv"])
def test_every_format_can_be_saved(alma, tmp_path, tab, kind):
    view, model = alma
    model.update(tab=tab, selected=[9, 11])
    result, buffers = view.ask("save", format=kind, width=640, height=480)
    parts = [bytes(buffers[0])]
    data = b"".join(parts + [view.ask("part", token=result["token"], index=k)[1][0] for k in range(1, result["parts"])])
    assert len(data) == result["size"]
    what = "antennas" if tab == "map" or kind == "csv" else tab
    assert result["filename"] == f"mssel_test_small-{what}.{kind}"
    starts = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF", "csv": b"id,name,station"}
    assert data.startswith(starts[kind])
    if kind == "png":
        assert Image.open(io.BytesIO(data)).size == (640, 480)
    if kind == "csv":
        table = pd.read_csv(io.BytesIO(data))
        np.testing.assert_allclose(table["flagged_fraction"], model.antennas["flagged_fraction"])
        assert table["name"].tolist() == model.antennas["name"].tolist()
    saved = model.save(tmp_path / f"x.{kind}", width=640, height=480)
    assert saved.read_bytes() == data


def test_what_cannot_be_saved(alma, tmp_path):
    view, model = alma
    assert view.error("save", format="gif")["code"] == "bad-request"
    with pytest.raises(OptionError, match="png"):
        model.save(tmp_path / "x.gif")
    with pytest.raises(OptionError, match="pixels"):
        model.export("png", width=10)
    with pytest.raises(Dsa110VisError, match="cannot be written"):
        model.save(tmp_path / "none" / "x.png")


def test_the_small_picture_words_and_code(alma):
    _, model = alma
    data = model.thumbnail()
    assert data.startswith(b"\x89PNG")
    assert len(data) < 120_000
    model.update(selected=[1], thresholds=(0.1, 0.3))
    assert model.describe() == "Antennas of mssel_test_small.ms: 13, 13 with data, 34.8 % flagged; picked DA56"
    assert "selected=[1]" in model.code()
    assert "thresholds=[0.1, 0.3]" in model.code()
    namespace = {}
    exec(model.code().split("widget\n\n")[1].replace("antennas =", "from dsa110_vis.ms import open_array\nantennas ="),  # noqa: S102
         namespace)  # fmt: skip
    assert namespace["antennas"]["name"].tolist() == model.antennas["name"].tolist()
    empty = AntennaLayoutModel()
    assert empty.thumbnail() is None
    assert "nothing known" in empty.describe()
    empty.close()


def test_a_model_of_no_file(show):
    view, model = show()
    with pytest.raises(OptionError, match="no Measurement Set"):
        model.wait(5)
    with pytest.raises(OptionError, match="no Measurement Set"):
        model.selection_text()
    assert view.ask("code")["code"]
    with pytest.raises(OptionError, match="no Measurement Set"):
        AntennaLayoutModel(3)


def test_many_threads_change_one_model(show, real_ms):
    paths = [real_ms(name) for name in ("alma", "lofar", "wsrt")]
    view, model = show(paths[0])

    def work(k):
        for i in range(6):
            model.update(path=paths[(k + i) % 3])
            model.update(labels=("name", "id")[i % 2])
            view.ask("layout")

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    layout = model.wait(120)
    assert layout.path == model.state["path"]
    assert layout.flags
    generations = [one["generation"] for one in view.of("layout")]
    assert generations == sorted(generations)


def test_after_close_nothing_happens(real_ms):
    model = AntennaLayoutModel(real_ms("alma"))
    model.close()
    model.update(path=real_ms("lofar"))
    assert not model.busy
