import dataclasses
import shutil
import threading
import time

import numpy as np
import pandas as pd
import pytest

from dsa110_vis.errors import (
    CancelledError,
    Dsa110VisError,
    MeasurementSetNotFoundError,
    MemoryLimitError,
    OptionError,
    SelectionSyntaxError,
)
from dsa110_vis.ms import MeasurementSet
from dsa110_vis.raster import Request, raster
from dsa110_vis.raster import reduce as real_reduce
from dsa110_vis.view import MsRasterModel, locate, output, reader
from dsa110_vis.view.protocol import StaleError
from dsa110_vis.view.small import THUMBNAIL_BYTES

FLAG_ALL = """
import sys
import numpy as np
from casacore.tables import table
with table(sys.argv[1], readonly=False, ack=False) as main:
    for row in range(main.nrows()):
        main.putcell("FLAG", row, np.ones_like(main.getcell("FLAG", row)))
"""


class Events:
    """What a model has told."""

    def __init__(self, model):
        self.all = []
        self.stop = model.listen(lambda event, data: self.all.append((event, data)))

    def of(self, name):
        return [data for event, data in self.all if event == name]


@pytest.fixture(autouse=True)
def nothing_remembered():
    """Viewers share what they have read; here every test begins without."""
    reader._CELLS.clear()


@pytest.fixture
def model(real_ms):
    made = MsRasterModel(real_ms("alma"))
    made.wait(120)
    yield made
    made.close()


@pytest.fixture
def slow_reduce(monkeypatch):
    """Reading that waits for `go` and answers to cancelling, and counts how often it was begun."""

    class Slow:
        begun, go = 0, threading.Event()
        wanted = ()

        def __call__(self, ms, request, *, iterations=None, progress=None, client=None):
            self.begun += 1
            self.wanted = iterations
            deadline = time.monotonic() + 30
            while not self.go.is_set() and time.monotonic() < deadline:
                if progress(0.5) is False:
                    message = "The raster was cancelled."
                    raise CancelledError(message)
                time.sleep(0.002)
            return real_reduce(ms, request, iterations=iterations, progress=progress, client=client)

    slow = Slow()
    slow.go = threading.Event()
    monkeypatch.setattr(reader, "reduce", slow)
    yield slow
    slow.go.set()


def full_tile(picture, iteration=0, **more):
    _, n_y, n_x = picture.axes.shape
    tile = picture.tile(iteration, (0, n_x, 0, n_y), **{"width": 4000, "height": 4000, **more})
    shape = tile.description["ny"], tile.description["nx"]
    return (
        tile,
        np.frombuffer(tile.value, np.float32).reshape(shape),
        np.frombuffer(tile.flagged, np.float32).reshape(shape),
    )


@pytest.mark.parametrize("name", ["alma", "evla", "mwa", "lofar", "wsrt"])
def test_a_sensible_picture_comes_by_itself(real_ms, name):
    model = MsRasterModel(real_ms(name))
    picture = model.wait(120)
    assert min(picture.axes.shape[1:]) > 1
    expected = raster(real_ms(name), model.state["x"], model.state["y"])
    _, value, flagged = full_tile(picture)
    np.testing.assert_allclose(value, expected.value, rtol=1e-6)
    np.testing.assert_allclose(flagged, expected.flagged_value, rtol=1e-6)
    described = picture.describe()
    assert described["column"] == expected.attrs["column"]
    total = int(expected["count"].sum() + expected.flagged.sum())
    assert described["flagged_pct"] == pytest.approx(100 * int(expected.flagged.sum()) / total)
    model.close()


def test_axes_that_were_asked_for_are_kept_though_they_are_thin(real_ms):
    model = MsRasterModel(real_ms("mwa"), x="baseline", y="time")
    assert model.wait(60).axes.shape[1:] == (3, 1)
    model.close()


def test_an_open_measurement_set_keeps_its_selection(real_ms):
    with MeasurementSet(real_ms("alma")) as ms:
        model = MsRasterModel(ms.select(scan="1"))
        np.testing.assert_array_equal(
            model.data(60).value, raster(real_ms("alma"), "baseline", "time", selection={"scan": "1"}).value
        )
        model.close()
        assert ms.metadata.n_rows
    with pytest.raises(OptionError, match="no Measurement Set"):
        MsRasterModel(3)


def test_events_of_opening(real_ms):
    model = MsRasterModel()
    events = Events(model)
    model.update(path=real_ms("lofar"))
    model.wait(60)
    names = [event for event, _ in events.all if event != "choices"]
    assert names[:2] == ["state", "busy"]
    assert names[-1] == "busy"
    assert {"source", "picture"} <= set(names)
    assert events.of("busy") == [{"busy": True}, {"busy": False}]
    assert events.of("source")[0]["telescope"] == "LOFAR"
    deadline = time.monotonic() + 20
    while len(events.of("choices")) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert events.of("choices")[-1]["suggestions"]["antenna"]
    assert "CORRECTED_DATA" in events.of("choices")[-1]["columns"]
    model.close()


@pytest.mark.parametrize("quantity", ["amp", "phase", "real", "imag", "weight", "flag_fraction"])
def test_quantities(model, quantity):
    model.update(quantity=quantity, x="frequency")
    expected = raster(model.state["path"], "frequency", "time", quantity=quantity)
    np.testing.assert_allclose(full_tile(model.wait(60))[1], expected.value, rtol=1e-6)


def test_what_the_cells_can_answer_does_not_touch_the_file(model, monkeypatch):
    monkeypatch.setattr(reader, "reduce", None)
    for changes in ({"aggregator": "max"}, {"aggregator": "rms"}, {"aggregator": "mean", "averaging": "vector"},
                    {"quantity": "phase"}, {"quantity": "amp"}, {"limits_mode": "minmax"}):  # fmt: skip
        model.update(changes)
        picture = model.wait(30)
        names = ("quantity", "aggregator", "averaging")
        expected = raster(model.state["path"], "baseline", "time", **{name: model.state[name] for name in names})
        np.testing.assert_allclose(full_tile(picture)[1], expected.value, rtol=1e-6)


def test_another_viewer_of_the_same_file_shares_what_was_read(model, monkeypatch):
    monkeypatch.setattr(reader, "reduce", None)
    other = MsRasterModel(model.state["path"])
    assert other.wait(30).cells is model.picture.cells
    other.close()


def test_colours_need_no_picture(model):
    events = Events(model)
    generation = model.picture.generation
    model.update(colormap="magma", stretch="log", show_flagged=False)
    assert not model.busy
    assert model.picture.generation == generation
    assert [event for event, _ in events.all] == ["state"]


def test_limits_are_found_and_can_be_set(model):
    low, high = model.state["limits"]
    values = model.data().value.to_numpy()
    assert np.nanmin(values) <= low < high <= np.nanmax(values)
    model.update(limits_mode="minmax")
    model.wait(10)
    assert model.state["limits"] == pytest.approx((np.nanmin(values), np.nanmax(values)))
    model.update(limits_mode="percentile", percentile=50.0)
    model.wait(10)
    assert model.state["limits"] == pytest.approx(np.nanpercentile(values, [25, 75]), rel=1e-6)
    model.update(limits=(0, 9))
    model.wait(10)
    assert (model.state["limits_mode"], model.picture.limits) == ("manual", (0.0, 9.0))
    model.update(aggregator="max")
    assert model.wait(10).limits == (0.0, 9.0)
    model.update(limits=None)
    model.wait(10)
    assert model.state["limits"] != (0.0, 9.0)


def test_limits_and_steps_keep_the_generation(model):
    model.update(iterate="correlation")
    generation = model.wait(60).generation
    events = Events(model)
    model.update(limits_mode="minmax")
    model.wait(10)
    model.update(iteration=2)
    model.wait(10)
    assert [item["generation"] for item in events.of("picture")] == [generation] * 2
    assert events.of("picture")[0]["limits"] != events.of("picture")[1]["limits"]
    model.update(aggregator="max")
    assert model.wait(10).generation == generation + 1


def test_probe_gives_the_exact_cell(model):
    data = model.data()
    for iy, ix in ((0, 0), (5, 7), (22, 22)):
        cell = data.isel(time=iy, baseline=ix)
        found = model.picture.probe(0, ix, iy)
        assert found["count"] == int(cell["count"])
        assert found["flagged"] == int(cell.flagged)
        if found["count"]:
            assert found["value"] == float(cell.value)
        else:
            assert found["value"] is None
            assert "flagged" in found["value_text"]
        words = dict(found["lines"])
        assert words["Baseline"] == str(cell.baseline.to_numpy())
        assert words["Length"] == f"{float(cell.baseline_length):.1f} m"
        assert words["Time"].startswith(str(cell.time.to_numpy())[:10])
        assert words["Time"].endswith("UTC")
    with pytest.raises(OptionError, match="no cell"):
        model.picture.probe(0, 23, 0)


def test_probe_words_for_frequencies(model):
    model.update(x="frequency", y="antenna")
    words = dict(model.wait(60).probe(0, 3, 1)["lines"])
    assert words["Frequency"].endswith("MHz")
    assert words["Antenna"] in model.picture.axes.y.labels


def test_histogram_counts_every_good_cell(model):
    found = model.picture.histogram(0)
    values = model.data().value.to_numpy()
    assert sum(found["counts"]) == np.isfinite(values).sum()
    assert found["edges"] == pytest.approx([np.nanmin(values), np.nanmax(values)])


def test_tiles_merge_cells_exactly(real_ms):
    """What several cells share a pixel is their statistic, as if they had been one cell from the start."""
    model = MsRasterModel(real_ms("mwa"), x="frequency", y="time", selection={"correlation": "XX"})
    picture = model.wait(60)
    tile, value, _ = full_tile(picture, width=100)
    assert (tile.description["fx"], tile.description["fy"], tile.description["nx"]) == (8, 1, 96)
    data = model.data()
    count = data["count"].to_numpy().reshape(3, 96, 8).sum(2)
    total = np.nan_to_num(data.value.to_numpy() * data["count"].to_numpy()).reshape(3, 96, 8).sum(2)
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(value, total / np.where(count, count, np.nan), rtol=1e-6)
    part = picture.tile(0, (101, 300, 1, 2), width=25, height=10).description
    assert (part["x0"], part["x1"], part["nx"], part["fx"]) == (96, 304, 26, 8)
    assert (part["y0"], part["y1"]) == (1, 2)
    bins = picture.tile(0, (64, 128, 0, 3), bins=(4, 2)).description
    assert (bins["fx"], bins["fy"], bins["nx"], bins["ny"]) == (4, 2, 16, 2)
    end = picture.tile(0, (700, 768, 0, 3), width=10, height=1).description
    assert end["x1"] == 768
    assert end["fy"] == 3
    for wrong in ((5, 5, 0, 1), (800, 900, 0, 1), (0, 3, 3, 9)):
        with pytest.raises(OptionError, match="nothing"):
            picture.tile(0, wrong, width=10, height=10)
    model.close()


def test_iterating(model):
    model.update(iterate="correlation", iteration=2)
    picture = model.wait(60)
    assert picture.n_iterations == 4
    expected = raster(model.state["path"], "baseline", "time", iterate="correlation")
    np.testing.assert_allclose(full_tile(picture, 2)[1], expected.value[2], rtol=1e-6)
    assert picture.title().endswith(str(expected.correlation.to_numpy()[2]))
    assert dict(picture.probe(2, 0, 0)["lines"])["Correlation"] == str(expected.correlation.to_numpy()[2])
    with pytest.raises(OptionError, match="0 to 3"):
        model.update(iteration=4)
    model.update(iteration=3)
    assert model.wait(60).iteration == 3
    np.testing.assert_array_equal(model.data().value, expected.value)


def test_an_iteration_beyond_the_end_becomes_the_last(real_ms):
    model = MsRasterModel(real_ms("alma"), iterate="correlation", iteration=99)
    assert model.wait(60).iteration == 3
    assert model.state["iteration"] == 3
    model.close()


def test_only_iterations_near_the_ones_in_view_are_computed(real_ms, monkeypatch):
    monkeypatch.setattr(reader, "ALL_BYTES", 200_000)
    calls = []

    def counting(ms, request, *, iterations=None, **more):
        calls.append(iterations)
        return real_reduce(ms, request, iterations=iterations, **more)

    monkeypatch.setattr(reader, "reduce", counting)
    model = MsRasterModel(real_ms("evla"), x="frequency", y="time", iterate="baseline", iteration=70, subplots=(1, 2))
    picture = model.wait(60)
    assert picture.n_iterations == 153
    assert 70 in picture.available
    assert 71 in picture.available
    assert 2 <= len(picture.available) < 20
    assert calls == [list(picture.available)]
    everything = raster(real_ms("evla"), "frequency", "time", iterate="baseline")
    for step in (70, 71):
        np.testing.assert_allclose(full_tile(picture, step)[1], everything.value[step], rtol=1e-6)
    with pytest.raises(StaleError, match="not ready"):
        full_tile(picture, 0)
    model.update(iteration=71)
    model.wait(60)
    assert len(calls) == 1
    model.update(iteration=0)
    np.testing.assert_allclose(full_tile(model.wait(60), 0)[1], everything.value[0], rtol=1e-6)
    assert len(calls) == 2
    assert model.data().sizes["baseline"] == len(model.picture.available)
    model.close()


def test_located_cells_follow_the_picture(model):
    events = Events(model)
    assert model.locate([[1, 3, 2, 4]], [[0, 0], [1, 2]]) == {
        "n": 5, "boxes": [(1, 3, 2, 4)], "points": [(0, 0), (1, 2)], "iteration": 0,
    }  # fmt: skip
    data = model.data()
    first = model.located.iloc[0]
    assert first["time"] == pd.Timestamp(data.time.to_numpy()[0])
    assert first["baseline"] == str(data.baseline.to_numpy()[0])
    box = data.isel(time=slice(2, 4), baseline=slice(1, 3))
    np.testing.assert_array_equal(model.located["value"][1:], box.value.to_numpy().ravel())
    np.testing.assert_array_equal(model.located["count"][1:], box["count"].to_numpy().ravel())
    assert events.of("located")[0]["n"] == 5
    model.update(aggregator="max")
    model.wait(30)
    np.testing.assert_array_equal(
        model.located["value"][1:], model.data().isel(time=slice(2, 4), baseline=slice(1, 3)).value.to_numpy().ravel()
    )
    model.update(x="frequency")
    model.wait(60)
    assert len(model.located) == 0


def test_located_cells_add_and_clear(model, monkeypatch):
    assert model.locate([[0, 2, 0, 2]])["n"] == 4
    assert model.locate(points=[[5, 5]], mode="add")["n"] == 5
    assert model.locate(points=[[5, 5]])["n"] == 1
    assert model.locate([[4, 2, 3, 0]])["n"] == 6
    assert model.locate([[20, 99, 20, 99]])["n"] == 9
    with pytest.raises(OptionError, match="outside"):
        model.locate([[30, 40, 0, 1]])
    with pytest.raises(OptionError, match="replace, add, clear"):
        model.locate(mode="drop")
    assert len(model.located) == 9
    monkeypatch.setattr(locate, "MOST_CELLS", 10)
    with pytest.raises(MemoryLimitError, match="smaller"):
        model.locate([[0, 9, 0, 9]])
    assert model.locate(mode="clear")["n"] == 0


def test_located_cells_of_an_iteration(model):
    model.update(iterate="correlation", iteration=1)
    model.wait(60)
    model.locate(points=[[3, 7]])
    assert list(model.located.columns) == ["correlation", "time", "baseline", "value", "count", "flagged"]
    assert model.located["correlation"][0] == model.picture.axes.iterate.labels[1]


def test_a_newer_change_ends_the_reading_for_an_older_one(real_ms, slow_reduce):
    model = MsRasterModel(real_ms("wsrt"), x="baseline", y="time", selection={})
    model.reload()
    events = Events(model)
    for x in ("frequency", "channel", "correlation"):
        model.update(x=x)
        time.sleep(0.05)
    assert model.busy
    slow_reduce.go.set()
    model.wait(60)
    assert model.picture.axes.x.name == "correlation"
    assert len(events.of("picture")) == 1
    assert events.of("failure") == []
    assert events.of("busy") == [{"busy": False}]
    model.close()


def test_cancel_keeps_the_picture_and_retry_goes_on(model, slow_reduce):
    events = Events(model)
    old = model.picture
    model.update(x="frequency")
    while not slow_reduce.begun:
        time.sleep(0.005)
    model.cancel()
    with pytest.raises(CancelledError):
        model.wait(30)
    assert model.picture is old
    assert events.of("failure")[-1]["code"] == "cancelled"
    slow_reduce.go.set()
    model.retry()
    assert model.wait(60).axes.x.name == "frequency"
    assert events.of("failure")[-1] is None


def test_progress_is_told_at_most_ten_times_a_second(model, slow_reduce):
    events = Events(model)
    model.update(x="frequency")
    time.sleep(1.0)
    slow_reduce.go.set()
    model.wait(60)
    told = events.of("progress")
    assert 3 <= len(told) <= 13
    assert all(0 <= item["fraction"] <= 1 for item in told)
    assert "Reading DATA" in told[-1]["text"]


def test_the_old_picture_answers_while_another_is_read(model, slow_reduce):
    model.update(x="frequency")
    while not slow_reduce.begun:
        time.sleep(0.005)
    assert model.busy
    assert model.picture.probe(0, 0, 0)["lines"][0][0] == "Baseline"
    with pytest.raises(TimeoutError):
        model.wait(0.05)


def test_setting_controls_does_not_wait(model, slow_reduce):
    begun = time.perf_counter()
    for x in ("frequency", "channel", "frequency", "channel"):
        model.update(x=x)
    assert time.perf_counter() - begun < 0.5
    assert model.busy
    slow_reduce.go.set()
    model.wait(60)


def test_what_cannot_be_read_is_told(real_ms, tmp_path):
    model = MsRasterModel(tmp_path / "none.ms")
    with pytest.raises(MeasurementSetNotFoundError):
        model.wait(60)
    assert model.failure.code == "ms-not-found"
    events = Events(model)
    model.update(path=str(real_ms("lofar")))
    model.wait(60)
    assert events.of("failure") == [None]
    model.update(selection={"spw": "0:"})
    with pytest.raises(Dsa110VisError):
        model.wait(60)
    model.update(selection={"scan": "x~"})
    with pytest.raises(SelectionSyntaxError):
        model.wait(60)
    assert events.of("failure")[-1]["code"] == "selection-syntax"
    model.close()


def test_an_unexpected_error_is_told_short(model, monkeypatch, caplog):
    def broken(*_args, **_more):
        return 1 // 0

    monkeypatch.setattr(reader, "reduce", broken)
    model.update(x="channel", y="antenna")
    with pytest.raises(Dsa110VisError, match="ZeroDivisionError"):
        model.wait(60)
    assert "Traceback" in caplog.text


def test_a_file_that_changes_is_read_again(real_ms, tmp_path, run_python):
    path = tmp_path / "copy.ms"
    shutil.copytree(real_ms("lofar"), path)
    model = MsRasterModel(path, x="baseline", y="time", column="DATA")
    before = model.data(60)
    run_python(FLAG_ALL, str(path))
    events = Events(model)
    model.update(aggregator="max")
    model.wait(60)
    assert "changed on disk" in events.of("notice")[0]["text"]
    assert int(before["count"].sum()) > 0
    assert int(model.data()["count"].sum()) == 0
    model.close()


def test_reload_reads_again(model, monkeypatch):
    calls = []

    def counting(*args, **more):
        calls.append(1)
        return real_reduce(*args, **more)

    monkeypatch.setattr(reader, "reduce", counting)
    model.retry()
    model.wait(60)
    assert calls == []
    model.reload()
    model.wait(60)
    assert calls == [1]


def test_observers_may_not_wait(model):
    caught = []

    def observe(event, _data):
        if event == "picture":
            with pytest.raises(RuntimeError, match="observer"):
                model.wait()
            caught.append(event)

    model.listen(observe)
    model.update(aggregator="max")
    model.wait(30)
    assert caught == ["picture"]


def test_a_listener_that_fails_does_not_stop_the_others(model, caplog):
    def broken(_event, _data):
        raise ValueError

    model.listen(broken)
    events = Events(model)
    model.update(stretch="log")
    assert events.of("state") == [{"changes": {"stretch": "log"}}]
    assert "listener failed" in caplog.text


def test_warnings_of_the_reader_become_notices(model, monkeypatch):
    def warned(self, _ms):
        return dataclasses.replace(self, column="DATA", warnings=("CORRECTED_DATA is all zeros.",))

    events = Events(model)
    monkeypatch.setattr(Request, "validate", warned)
    model.update(aggregator="max")
    model.wait(30)
    model.update(aggregator="min")
    assert model.wait(30).describe()["warnings"] == ["CORRECTED_DATA is all zeros."]
    assert events.of("notice") == [{"level": "warning", "text": "CORRECTED_DATA is all zeros."}]


@pytest.mark.parametrize("kind", output.FORMATS)
def test_export(model, kind):
    data, name, mime = model.export(kind)
    assert data
    assert name == f"mssel_test_small-amp-baseline-time.{kind}"
    assert mime == output.FORMATS[kind]


def test_export_of_what_is_not_possible(model):
    with pytest.raises(OptionError, match="png"):
        model.export("gif")
    with pytest.raises(OptionError, match="pixels"):
        model.export("png", width=3)


def test_save_the_numbers(model, tmp_path):
    import xarray as xr

    pytest.importorskip("h5netcdf")
    pytest.importorskip("h5py")
    with xr.open_dataset(model.save(tmp_path / "a.nc"), engine="h5netcdf") as found:
        np.testing.assert_array_equal(found.value, model.data().value)


def test_the_small_picture_is_small(model):
    data = model.thumbnail()
    assert data.startswith(b"\x89PNG")
    assert len(data) < THUMBNAIL_BYTES
    assert MsRasterModel().thumbnail() is None


def test_descriptions(model):
    assert "mssel_test_small.ms" in model.describe()
    assert "no picture yet" in MsRasterModel().describe()
    assert repr(model) == f"MsRasterModel({model.state['path']!r})"


def test_code_makes_the_same_numbers(model):
    model.update(x="frequency", quantity="phase", selection={"scan": "1"}, limits=(-90, 90), iterate="correlation")
    model.wait(60)
    code = model.code()
    numbers = code.split("browser:\n")[1]
    namespace = {"raster": raster}
    exec(numbers, namespace)  # noqa: S102
    np.testing.assert_array_equal(namespace["ds"].value, model.data().value)
    assert "limits=(-90.0, 90.0)" in code
    compile(code, "code", "exec")


def test_many_threads_change_one_model(model):
    """Whatever the order, the picture in the end is that of the controls in the end."""
    axes = ["frequency", "channel", "baseline", "antenna"]

    def work(k):
        for i in range(8):
            model.update(x=axes[(k + i) % 4], aggregator=("mean", "max", "min")[i % 3])
            model.state  # noqa: B018
            if model.picture is not None:
                model.picture.describe()

    threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    picture = model.wait(120)
    assert (picture.axes.x.name, picture.request.aggregator) == (model.state["x"], model.state["aggregator"])


def test_after_close_nothing_happens(real_ms):
    model = MsRasterModel(real_ms("alma"))
    model.close()
    model.update(x="frequency")
    assert not model.busy
