"""Pictures: pixels and texts are read back."""

from __future__ import annotations

import io
import json
import re

import numpy as np
import pytest
import xarray as xr
from matplotlib import colormaps
from matplotlib.image import imread

from dsa110_vis.errors import OptionError, OutputError
from dsa110_vis.raster import COLORMAPS, raster, render
from dsa110_vis.raster.panels import Ruler, number_texts, round_numbers


@pytest.fixture(scope="module")
def picture(odd_ms):
    return raster(odd_ms, "time", "baseline", column="MODEL_DATA")


def pixels(data: bytes) -> np.ndarray:
    return imread(io.BytesIO(data), format="png")


def has_color(image: np.ndarray, color, tolerance=0.012) -> bool:
    return bool((np.abs(image[..., :3] - np.asarray(color)[:3]).max(axis=-1) < tolerance).any())


def test_png_has_the_size_and_the_colours(picture):
    image = pixels(render.to_png(picture, width=640, height=480, limits=(0.0, 5.0), colormap="cividis"))
    assert image.shape[:2] == (480, 640)
    values = picture["value"].values
    for value in values[np.isfinite(values)][:10]:
        assert has_color(image, colormaps["cividis"](np.clip(value / 5.0, 0, 1)))


def test_cells_are_where_they_belong(picture):
    value = np.zeros((2, 2))
    value[1, 0] = 1.0  # later on y means higher up
    small = picture.isel(time=slice(2), baseline=slice(2)).assign(value=(("baseline", "time"), value))
    small["value"].attrs.update(picture["value"].attrs)
    image = pixels(render.to_png(small, colormap="greys", limits=(0.0, 1.0)))
    inside = image[80:560, 200:700, :3]
    dark = np.argwhere((inside < 0.05).all(axis=-1))
    assert len(dark) > 1000
    assert dark[:, 0].mean() < inside.shape[0] / 2
    assert dark[:, 1].mean() < inside.shape[1] / 2


def test_flagged_cells_have_colours_of_their_own(picture):
    flagged = picture["flagged_value"].values
    assert np.isfinite(flagged).any()
    reds = colormaps["Reds"](np.clip(flagged[np.isfinite(flagged)] / 5.0, 0, 1))
    shown = pixels(render.to_png(picture, limits=(0.0, 5.0)))
    hidden = pixels(render.to_png(picture, limits=(0.0, 5.0), show_flagged=False))
    assert has_color(shown, reds[0])
    assert not has_color(hidden, reds[0])


def test_svg_has_readable_axes(picture):
    text = render.to_svg(picture).decode()
    for words in ("Time (UTC, ", "Baseline", "Amplitude (Jy)", "A1 &amp; A2", "odd 1:2.ms · MODEL_DATA", "All flagged"):
        assert words in text, words
    assert re.search(r">\d\d:\d\d:\d\d<", text)


def test_a_name_with_dollars_is_text(picture):
    named = "a$\\frac$ and $5 for $b_{"
    assert named in render.to_svg(picture, title=named).decode()
    named_set = picture.assign_attrs(title=named)
    assert render.to_png(named_set).startswith(b"\x89PNG")


def test_frequencies_are_round_numbers_of_mhz(odd_ms):
    text = render.to_svg(raster(odd_ms, "frequency", "antenna", quantity="phase", column="DATA")).decode()
    assert "Frequency (MHz)" in text
    assert ">1302<" in text
    assert "Phase (deg)" in text
    assert re.search(">.180<", text)


def test_pictures_are_reproducible(picture):
    assert render.to_svg(picture) == render.to_svg(picture)
    assert render.to_pdf(picture)[:5] == b"%PDF-"
    assert render.to_pdf(picture) == render.to_pdf(picture)


def test_iterations_become_subplots(odd_ms):
    dataset = raster(odd_ms, "time", "baseline", iterate="correlation", column="DATA")
    figure = render.to_figure(dataset)
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles == ["Correlation XX", "Correlation XY", "Correlation YX", "Correlation YY"]
    few = render.to_figure(dataset, subplots=(1, 2))
    assert [axes.get_title() for axes in few.axes if axes.get_title()] == titles[:2]
    assert "2 of 4" in few.get_suptitle()
    one = render.to_figure(dataset, iteration=2)
    assert [axes.get_title() for axes in one.axes if axes.get_title()] == ["Correlation YX"]
    with pytest.raises(OptionError, match="does not exist"):
        render.to_figure(dataset, iteration=4)


@pytest.mark.parametrize("name", COLORMAPS)
def test_every_colour_map_exists(picture, name):
    assert len(render.to_png(picture, colormap=name.title(), width=200, height=150)) > 1000


@pytest.mark.parametrize("stretch", ["linear", "log", "sqrt", "square", "asinh", "power", "histogram"])
def test_every_stretch_draws(picture, stretch):
    assert len(render.to_png(picture, stretch=stretch, width=300, height=200)) > 1000


@pytest.mark.parametrize(("x", "y"), [("u", "v"), ("uvwave", "channel"), ("antenna1", "antenna2"), ("field", "scan")])
def test_every_kind_of_axis_draws(odd_ms, x, y):
    dataset = raster(odd_ms, x, y, autocorrelations=True, column="DATA")
    assert len(render.to_png(dataset)) > 1000
    json.dumps(render.to_json_item(dataset))


def test_nothing_but_nan_draws(picture):
    empty = picture.assign(value=picture["value"] * np.nan, flagged_value=picture["flagged_value"] * np.nan)
    empty["value"].attrs.update(picture["value"].attrs)
    assert len(render.to_png(empty)) > 1000
    assert render.to_json_item(empty)


def test_large_rasters_are_thinned():
    rng = np.random.default_rng(0)
    size = (1500, 1500)
    value = rng.random(size)
    dataset = xr.Dataset(
        {"value": (("channel", "uvdist"), value, {"long_name": "Phase", "units": "deg"}),
         "count": (("channel", "uvdist"), np.ones(size, int)), "flagged": (("channel", "uvdist"), np.zeros(size, int))},
        coords={"channel": np.arange(1500), "uvdist": np.arange(1500.0)}, attrs={"quantity": "phase"},
    )  # fmt: skip
    assert len(json.dumps(render.to_json_item(dataset))) < 16e6
    assert len(render.to_png(dataset)) > 1000


def test_html_needs_nothing_else(picture):
    page = render.to_html(picture)
    assert "<html" in page
    assert not re.search(r"<(script|link)[^>]+(src|href)=", page)
    assert "A1 & A2" in page or "A1 \\u0026 A2" in page or "A1 &amp; A2" in page


def test_bokeh_json_has_the_values(picture):
    item = render.to_json_item(picture, target="here")
    assert item["target_id"] == "here"
    text = json.dumps(item)
    assert "HoverTool" in text
    assert "Time (UTC, " in text


def test_files_are_written_whole_or_not_at_all(picture, tmp_path):
    for form in ("png", "svg", "pdf", "html"):
        path = render.save(picture, tmp_path / f"a b.{form}")
        assert path.stat().st_size > 1000
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".html", ".pdf", ".png", ".svg"]
    with pytest.raises(OutputError, match="cannot be written"):
        render.save(picture, tmp_path / "no" / "such.png")
    with pytest.raises(OptionError, match="'gif' is not a known format"):
        render.save(picture, tmp_path / "a.gif")


def test_netcdf_comes_back(odd_ms, tmp_path):
    for name in ("h5netcdf", "h5py"):
        pytest.importorskip(name, reason="netCDF files need h5netcdf and h5py")
    dataset = raster(odd_ms, "time", "baseline", iterate="correlation", column="DATA")
    path = render.save(dataset, tmp_path / "r.nc")
    with xr.open_dataset(path, engine="h5netcdf") as again:
        xr.testing.assert_allclose(again.load(), dataset)
        assert again.attrs["column"] == "DATA"


@pytest.mark.parametrize(
    "option",
    [
        {"colormap": "jet"},
        {"stretch": "zscale"},
        {"limits": (2, 1)},
        {"width": 5},
        {"subplots": (0, 1)},
        {"colour": "viridis"},
        {"limits_mode": "best"},
    ],
    ids=str,
)
def test_wrong_styles_are_refused(picture, option):
    with pytest.raises(OptionError) as caught:
        render.to_png(picture, **option)
    assert caught.value.hint


def test_something_else_is_refused():
    with pytest.raises(OptionError, match="not a raster"):
        render.to_png(xr.Dataset())


def test_round_numbers():
    assert round_numbers(1311.3, 1498.7, 8).tolist() == [1325, 1350, 1375, 1400, 1425, 1450, 1475]
    assert number_texts(np.array([0.1, 0.15, 0.2])) == ["0.10", "0.15", "0.20"]
    assert number_texts(np.array([-250.0, 0.0, 250.0])) == ["-250", "0", "250"]


def test_ticks_are_not_written_into_gaps():
    values = np.concatenate([np.arange(10.0), 100 + np.arange(10.0)])
    positions, texts = Ruler("frequency", "Frequency", "number", values, [""] * 20).ticks(20)
    assert all(float(text) <= 9.5 or float(text) >= 99.5 for text in texts)
    assert (np.diff(positions) > 0).all()
