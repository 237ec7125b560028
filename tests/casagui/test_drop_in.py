import contextlib

import numpy as np
import pytest

from dsa110_vis.casagui import MsRaster
from dsa110_vis.casagui.errors import ArgumentError
from dsa110_vis.errors import MeasurementSetNotFoundError, OptionError, SelectionEmptyError
from dsa110_vis.ms import MeasurementSet
from dsa110_vis.raster import raster


@pytest.fixture
def msr(real_ms):
    return MsRaster(real_ms("alma"), log_level="warning")


@pytest.fixture
def reference_alma(real_ms):
    """All samples of the first spectral window, read without our reader: (time, a1, a2) -> data, flag."""
    from casacore.tables import table, taql

    path = str(real_ms("alma"))
    with table(path, ack=False) as main:
        part = taql("select from $main where DATA_DESC_ID == 1 and ANTENNA1 != ANTENNA2", locals={"main": main})
        return {
            (part.getcell("TIME", row), part.getcell("ANTENNA1", row), part.getcell("ANTENNA2", row)): (
                part.getcell("DATA", row),
                part.getcell("FLAG", row) | part.getcell("FLAG_ROW", row),
            )
            for row in range(part.nrows())
        }


def test_the_example_of_the_plan(msr, reference_alma, tmp_path):
    """Mean amplitude over frequency, of the first polarization, against baseline and time: every cell is right."""
    metadata = MeasurementSet(msr._ms.path).metadata
    spw = metadata.spectral_windows[metadata.data_descriptions[0].spw_id]
    name = f"{spw.name}_{spw.id}" if spw.name else f"spw_{spw.id}"
    msr.plot(
        x_axis="baseline",
        y_axis="time",
        vis_axis="amp",
        selection={"spw_name": name},
        aggregator="mean",
        agg_axis="frequency",
        iter_axis="polarization",
        color_mode="auto",
        title="the plan",
    )
    found = msr.data.isel(correlation=0)
    assert found.value.dims == ("time", "baseline")
    checked = 0
    for (time, first, second), (data, flag) in reference_alma.items():
        good = ~flag[:, 0] & np.isfinite(data[:, 0])
        step = int(np.argmin(np.abs(metadata.times - time)))
        pairs = np.sort(np.stack([found.baseline_antenna1, found.baseline_antenna2]), axis=0).T
        column = int(np.flatnonzero((pairs == sorted((first, second))).all(axis=1))[0])
        when = np.datetime64(round((metadata.times[step] - 3506716800) * 1e9), "ns")
        row = int(np.argmin(np.abs(found.time.to_numpy() - when)))
        cell = found.isel(time=row, baseline=column)
        assert int(cell["count"]) == good.sum()
        if good.any():
            assert float(cell.value) == pytest.approx(float(np.abs(data[good, 0]).mean()), rel=1e-5)
            checked += 1
    assert checked > 100
    msr.save(str(tmp_path / "plan.png"))
    assert [path.name for path in tmp_path.iterdir()] == ["plan_0.png"]


def test_a_plain_plot_is_one_plane_of_samples(msr, real_ms):
    msr.plot()
    assert int(msr.data["count"].max()) == 1
    expected = raster(real_ms("alma"), "baseline", "time", selection={"taql": "DATA_DESC_ID==1", "correlation": "XX"})
    assert set(msr.data.time.to_numpy()) <= set(expected.time.to_numpy())


@pytest.mark.parametrize("x", ["time", "baseline", "frequency", "polarization"])
@pytest.mark.parametrize("y", ["time", "baseline", "frequency", "polarization"])
def test_all_pairs_of_axes(msr, x, y):
    if x == y:
        with pytest.raises(ValueError, match="both"):
            msr.plot(x_axis=x, y_axis=y)
        return
    msr.plot(x_axis=x, y_axis=y, aggregator="max")
    names = {"polarization": "correlation"}
    assert msr.data.value.dims == (names.get(y, y), names.get(x, x))
    assert np.isfinite(msr.data.value).any()


@pytest.mark.parametrize("vis_axis", ["amp", "phase", "real", "imag"])
def test_vis_axes(msr, vis_axis):
    msr.plot(vis_axis=vis_axis, aggregator="mean")
    assert msr.data.attrs["quantity"] == vis_axis


@pytest.mark.parametrize("aggregator", ["max", "mean", "median", "min", "std", "sum", "var"])
def test_aggregators_honour_flags(msr, reference_alma, aggregator):
    msr.plot(x_axis="frequency", y_axis="polarization", aggregator=aggregator)
    data = np.stack([item for item, _ in reference_alma.values()])
    flag = np.stack([item for _, item in reference_alma.values()])
    amplitudes = np.where(flag | ~np.isfinite(data), np.nan, np.abs(data))
    expected = getattr(np, f"nan{aggregator}")(amplitudes.astype(np.float64), axis=0).T
    frequencies = msr._ms.metadata.spectral_windows[msr._ms.metadata.data_descriptions[0].spw_id].frequencies
    np.testing.assert_allclose(msr.data.value, expected[:, np.argsort(frequencies)], rtol=2e-5)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"x_axis": "uvdist"}, "time, baseline, frequency, polarization"),
        ({"vis_axis": "weight"}, "amp, phase, real, imag"),
        ({"aggregator": "rms"}, "max, mean"),
        ({"aggregator": "mean", "agg_axis": "time"}, "drawn"),
        ({"aggregator": "mean", "agg_axis": "uv"}, "agg_axis"),
        ({"iter_axis": "time"}, "x_axis or y_axis"),
        ({"iter_axis": "polarization", "iter_range": (9, 9)}, "There are 4 values"),
        ({"iter_range": 3}, "tuple"),
        ({"iter_range": (3, 1)}, "both included"),
        ({"subplots": "2x2"}, "rows, columns"),
        ({"color_mode": "log"}, "auto, manual"),
        ({"color_mode": "manual"}, "color_range"),
        ({"color_range": 3}, "lowest, highest"),
    ],
)
def test_wrong_arguments_say_what_is_allowed(msr, arguments, text):
    with pytest.raises(ValueError, match=r".") as caught:
        msr.plot(**arguments)
    assert isinstance(caught.value, OptionError)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    "arguments", [{"title": 3}, {"selection": "mean"}, {"selection": 3}, {"agg_axis": 3, "aggregator": "max"}]
)
def test_wrong_types(msr, arguments):
    with pytest.raises(TypeError):
        msr.plot(**arguments)


def test_iteration_saves_a_file_for_each_value(msr, tmp_path):
    msr.plot(iter_axis="polarization", iter_range=(0, -1), aggregator="mean")
    msr.save(str(tmp_path / "it.png"), width=300, height=200)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"it_{number}.png" for number in range(4)]
    assert (tmp_path / "it_0.png").read_bytes() != (tmp_path / "it_1.png").read_bytes()


def test_a_grid_is_saved_as_one_file(msr, tmp_path):
    from matplotlib.image import imread

    msr.plot(iter_axis="polarization", iter_range=(0, -1), subplots=(2, 2), aggregator="mean")
    msr.save(str(tmp_path / "grid.png"), width=300, height=200)
    assert [path.name for path in tmp_path.iterdir()] == ["grid.png"]
    assert imread(tmp_path / "grid.png").shape[:2] == (400, 600)


@pytest.mark.parametrize(
    ("ending", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF"), ("html", b"<!DOCTYPE")]
)
def test_several_plots_in_a_grid(msr, tmp_path, ending, start):
    msr.plot(vis_axis="amp", aggregator="mean")
    msr.plot(vis_axis="phase", aggregator="mean", clear_plots=False, subplots=(1, 2))
    path = tmp_path / f"two.{ending}"
    msr.save(str(path), width=300, height=200)
    assert path.read_bytes().lstrip().startswith(start)
    msr.clear_plots()
    with pytest.raises(RuntimeError, match="plot"):
        msr.save()


def test_save_takes_its_name_from_the_measurement_set(msr, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    msr.plot(aggregator="mean")
    msr.save()
    assert [path.name for path in tmp_path.iterdir()] == ["mssel_test_small_raster.png"]
    with pytest.raises(ValueError, match="png"):
        msr.save("plot.gif")
    msr.save("plot", fmt="svg")
    assert (tmp_path / "plot").read_bytes().startswith(b"<?xml")


def test_colour_bars_can_be_left_out(msr, tmp_path):
    msr.plot(aggregator="mean")
    msr.save(str(tmp_path / "with.png"))
    msr.set_style_params(show_colorbar=False, show_flagged_colorbar=False)
    msr.save(str(tmp_path / "without.png"))
    assert (tmp_path / "with.png").read_bytes() != (tmp_path / "without.png").read_bytes()


def test_style(msr):
    assert {"Viridis", "Reds", "Plasma"} <= set(msr.colormaps())
    msr.set_style_params(unflagged_cmap="Plasma", flagged_cmap="Greys")
    msr.plot(aggregator="mean", color_mode="manual", color_range=(0.0, 1.0))
    state = msr._plots[0].state
    assert (state["colormap"], state["flagged_colormap"], state["limits"]) == ("plasma", "greys", (0.0, 1.0))
    with pytest.raises(ValueError, match="Viridis"):
        msr.set_style_params(unflagged_cmap="viridi")


def test_what_is_there(msr, capsys):
    groups = msr.data_groups()
    assert list(groups) == ["base"]
    assert msr.data_groups(show=True) is None
    assert "base" in capsys.readouterr().out
    assert msr.antennas() == list(msr._ms.metadata.antenna_names)
    assert msr.get_dimension_values("polarization") == ["XX", "XY", "YX", "YY"]
    frequencies = msr.get_dimension_values("frequency")
    assert frequencies == sorted(frequencies)
    assert min(frequencies) > 1e10
    baselines = msr.get_dimension_values("baseline")
    assert all(" & " in name for name in baselines)
    assert set(msr.get_dimension_values("antenna1")) <= set(msr.antennas())
    with pytest.raises(ValueError, match="time, baseline"):
        msr.get_dimension_values("chan")


def test_summary(msr, capsys):
    msr.summary()
    out = capsys.readouterr().out
    assert "spw_name" in out
    assert "start_frequency" in out
    msr.summary(columns=["spw_name", "shape"])
    assert "start_frequency" not in capsys.readouterr().out
    msr.summary(columns="by_ms")
    assert "-----" in capsys.readouterr().out
    with pytest.raises(ValueError, match="scan_name"):
        msr.summary(columns="spw")
    with pytest.raises(ValueError, match="base"):
        msr.summary(data_group="corrected")


def test_select_ms(msr):
    every = msr.get_dimension_values("baseline")
    msr.select_ms(polarization="YY")
    assert msr.get_dimension_values("polarization") == ["YY"]
    msr.select_ms(indexers={"baseline": every[:3]})
    assert msr.get_dimension_values("baseline") == every[:3]
    times = msr.get_dimension_values("time")
    msr.select_ms(time=slice(times[0], times[1]))
    assert msr.get_dimension_values("time") == times[:2]
    msr.plot(aggregator="mean")
    assert msr.data.sizes["baseline"] <= 3
    assert msr.data.sizes["time"] <= 2
    with pytest.raises(KeyError, match="clear_selection"):
        msr.select_ms(polarization="XX")
    msr.clear_selection()
    assert msr.get_dimension_values("baseline") == every


def test_select_ms_by_frequency(msr):
    frequencies = msr.get_dimension_values("frequency")
    msr.select_ms(frequency=frequencies[5] + 1000.0, method="nearest")
    assert msr.get_dimension_values("frequency") == [frequencies[5]]
    msr.clear_selection()
    msr.select_ms(frequency=slice(frequencies[2], frequencies[6]))
    assert msr.get_dimension_values("frequency") == frequencies[2:7]
    msr.clear_selection()
    with pytest.raises(KeyError, match="Hz"):
        msr.select_ms(frequency=1.0)
    with pytest.raises(SelectionEmptyError):
        msr.select_ms(frequency=1.0, method="nearest", tolerance=10.0)
    with pytest.raises(ValueError, match="nearest"):
        msr.select_ms(frequency=1.0, method="closest")


def test_select_ps(msr):
    msr.select_ps(query="start_frequency > 0")
    msr.select_ps(spw_name=msr_names(msr)[1])
    msr.plot(x_axis="baseline", y_axis="time", aggregator="mean")
    assert msr._plots[0].picture.request.selection["taql"].startswith("(DATA_DESC_ID IN [")
    msr.clear_selection()
    msr.select_ps(string_exact_match=False, spw_name="spw" if "spw" in msr_names(msr)[0] else msr_names(msr)[0][:3])
    with pytest.raises(ValueError, match="columns of summary"):
        msr.select_ps(query="nonsense >")
    with pytest.raises(ValueError, match="spw_name"):
        msr.select_ps(spwname="x")
    with pytest.raises(KeyError, match="There are"):
        msr.select_ps(scan_name="999")
    msr.clear_selection()
    msr.clear_selection()


def msr_names(msr):
    from dsa110_vis.casagui.processing_set import summary

    return list(summary(msr._ms, msr._ms.metadata)["spw_name"])


def test_antennas_and_fields_are_shown(msr, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    msr.plot_antennas(label_antennas=True)
    msr.plot_phase_centers(label_fields=True)
    msr.plot(aggregator="mean")
    msr.show()
    assert [name.rpartition(".")[2] for name in opened] == ["png", "png", "html"]
    for name in opened:
        with contextlib.suppress(FileNotFoundError):
            __import__("pathlib").Path(name.removeprefix("file://")).unlink()


def test_making_one():
    with pytest.raises(RuntimeError, match="ms is missing"):
        MsRaster()
    with pytest.raises(ArgumentError, match="debug"):
        MsRaster("x.ms", log_level="loud")
    with pytest.raises(MeasurementSetNotFoundError):
        MsRaster("/nowhere/x.ms")


def test_nothing_to_show(msr):
    with pytest.raises(RuntimeError, match="plot"):
        msr.show()


def test_data_groups_choose_the_column(real_ms):
    msr = MsRaster(real_ms("lofar"), log_level="warning")
    assert list(msr.data_groups()) == ["base", "corrected"]
    msr.plot(aggregator="mean")
    assert msr.data.attrs["column"] == "DATA"
    msr.plot(aggregator="mean", selection={"data_group": "corrected"})
    assert msr.data.attrs["column"] == "CORRECTED_DATA"
    msr.select_ms(data_group_name="corrected")
    msr.plot(aggregator="mean")
    assert msr.data.attrs["column"] == "CORRECTED_DATA"


def test_the_example_of_the_plan_on_the_vla(ngc5921):
    """Names with and without their number are understood; the numbers are those of `raster` on the same selection."""
    for name in ("none_0", "none", "0", 0):
        msr = MsRaster(ngc5921, log_level="warning")
        if name == "none_0":
            known = msr_names(msr)[0]
        msr.plot(
            x_axis="baseline",
            y_axis="time",
            vis_axis="amp",
            selection={"spw_name": known if isinstance(name, str) and name.startswith("none") else name},
            aggregator="mean",
            agg_axis="frequency",
            iter_axis="polarization",
            color_mode="auto",
            title="ms",
        )
        expected = raster(ngc5921, "baseline", "time", iterate="correlation", column="DATA")
        np.testing.assert_array_equal(msr.data.value, expected.value)
        assert msr._plots[0].picture.title().endswith("RR")
