"""An image in a widget: traits, mask and regions from Python, files, and what is left when its process dies."""

from __future__ import annotations

import json
import os
import signal
import threading

import numpy as np
import pytest
from astropy.table import Table

from dsa110_vis import MaskDraw
from dsa110_vis.errors import ImageNotFoundError, OptionError, OutputError
from dsa110_vis.image import open_image
from dsa110_vis.regions import Region, pixels_of
from dsa110_vis.regions.shapes import Box, Circle, Polygon
from dsa110_vis.view.mask_controls import MASK_CONTROLS

INSIDE = [Region(Circle(100, 90, 12.0), label="source"), Region(Box(220, 200, 30, 20, 15.0), include=False)]


@pytest.fixture
def path(write_image, sky):
    return write_image(sky)


@pytest.fixture
def widget(path):
    made = MaskDraw(path)
    yield made.wait(120)
    made.close()


def test_every_control_is_a_trait_with_the_models_value(widget):
    assert set(MASK_CONTROLS) <= set(widget.trait_names())
    assert {name: getattr(widget, name) for name in MASK_CONTROLS} == widget.state
    assert not set(MASK_CONTROLS) & set(widget.keys)
    assert widget.VIEW == "mask-draw"
    assert widget.frame == "icrs"
    assert widget.limits[0] < widget.limits[1]


def test_wrong_values_and_unknown_controls_are_refused(widget):
    before = widget.state
    for name, value in (("stretch", "cubic"), ("channel", 5), ("limits", (2, 1)), ("frame", "ecliptic")):
        with pytest.raises(OptionError):
            setattr(widget, name, value)
    assert widget.state == before
    with pytest.raises(OptionError, match="Did you mean 'stretch'"):
        MaskDraw(strech="log")


def test_the_mask_is_made_and_read_before_anything_is_displayed(widget, sky):
    seen = []
    widget.observe(lambda change: seen.append(change.new), "mask_revision")
    widget.draw(Circle(100, 90, 12.0))
    widget.draw(Circle(100, 90, 5.0), "subtract")
    expected = pixels_of([INSIDE[0], Region(Circle(100, 90, 5.0), include=False)], sky.shape)
    np.testing.assert_array_equal(widget.mask, expected)
    assert widget.mask_pixels == expected.sum()
    assert seen == sorted(set(seen))
    assert len(seen) == 2
    widget.undo()
    assert widget.mask.sum() == pixels_of(INSIDE[:1], sky.shape).sum()
    widget.redo()
    np.testing.assert_array_equal(widget.mask, expected)
    widget.mask = sky > 0.01
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(widget.mask, sky > 0.01)
    with pytest.raises(OptionError, match="does not fit"):
        widget.mask = np.zeros((3, 3))


def test_the_mask_has_axes(widget):
    widget.draw(Circle(10, 20, 2.0))
    found = widget.to_xarray()
    assert found.dims == ("stokes", "channel", "y", "x")
    assert found.sum().item() == 13
    assert bool(found.sel(x=10, y=22).item())


def test_regions_are_set_as_ours_as_astropys_as_text_and_as_files(widget, tmp_path):
    widget.regions = INSIDE
    assert widget.regions == INSIDE
    expected = pixels_of(INSIDE, (280, 320))
    for regions in (
        widget.to_astropy(),
        widget.save_regions(tmp_path / "a.reg"),
        widget.save_regions(tmp_path / "a.crtf"),
        widget.save_regions(tmp_path / "a.json"),
        (tmp_path / "a.crtf").read_text(),
    ):
        widget.regions = []
        assert widget.regions == []
        widget.regions = regions
        np.testing.assert_array_equal(pixels_of(widget.regions, (280, 320)), expected)
        assert [region.label for region in widget.regions] == ["source", ""]
    with pytest.raises(OptionError, match="crtf"):
        widget.save_regions(tmp_path / "a.txt")


def test_20_000_regions_come_in_messages_of_at_most_4_mib(widget, comms):
    comm = comms[-1]
    comm.ask("hello")
    text = "\n".join(f"ellipse({k % 300}.123456789,{k / 80!r},3.25,1.7,31.4)" for k in range(20_000))
    widget.regions = f"image\n{text}\n"

    def since(begin):
        return [message for message, _ in comm.custom[begin:] if message.get("event") == "regions"]

    comm.wait(
        lambda message: message.get("event") == "regions" and message["data"]["last"] and message["data"]["added"]
    )
    came = since(0)
    assert sum(len(run["regions"]) for message in came for run in message["data"]["added"]) == 20_000
    assert 1 << 20 < max(len(json.dumps(message)) for message in came) <= 4 << 20
    assert widget.regions_revision == came[-1]["data"]["revision"]
    begin = len(comm.custom)
    first = came[-1]["data"]["added"][0]["regions"][0]
    comm.ask("edit_regions", "edit", generation=1, action="replace", regions=[{**first, "x": 7.0}])
    (moved,) = since(begin)
    assert moved["data"]["changed"] == [{**first, "x": 7.0}]
    assert sum(len(json.dumps(message)) for message, _ in comm.custom[begin:]) < 10_000


def test_regions_of_a_file_are_added_and_its_lines_accounted_for(widget):
    widget.regions = INSIDE
    report = widget.read_regions("image\ncircle(11,21,5)\npanda(1,2,3,4,5,6,7,8)\n")
    assert (report.n_regions, [problem.line for problem in report.problems]) == (1, [3])
    assert widget.regions[-1].shape == Circle(10, 20, 5)
    assert len(widget.regions) == 3


def test_astropys_sky_regions_say_where_they_came_from(widget):
    widget.regions = widget.to_astropy("pixel")
    widget.regions = [Region(Circle(202.5, 30.5, 0.01), frame="icrs")]
    assert widget.regions[0].drawn_in == "icrs"
    (found,) = widget.to_astropy()
    assert type(found).__name__ == "CircleSkyRegion"
    assert found.radius.to_value("deg") == pytest.approx(0.01, rel=1e-6)
    assert type(widget.to_astropy("pixel")[0]).__name__ == "CirclePixelRegion"


@pytest.mark.parametrize("ending", ["fits", "mask"])
def test_a_saved_mask_is_the_mask(widget, path, tmp_path, ending):
    widget.draw(Polygon(((10.0, 10.0), (60.0, 14.0), (33.0, 70.0))))
    target = tmp_path / f"out.{ending}"
    for _ in range(2):  # what is there is replaced
        assert widget.save_mask(target) == target
        values = open_image(target).plane().read(0, 320, 0, 280)
        np.testing.assert_array_equal(values, widget.mask.astype(np.float32))
    assert sorted(item.name for item in tmp_path.iterdir()) == [path.name, target.name]
    again = MaskDraw(path, mask=target)
    np.testing.assert_array_equal(again.mask, widget.mask)
    again.close()
    with pytest.raises(OutputError):
        widget.save_mask(tmp_path / "nowhere" / target.name)


def test_a_first_mask_that_does_not_fit_is_refused(path):
    widget = MaskDraw(path, mask=np.zeros((5, 5)))
    with pytest.raises(OptionError, match="does not fit"):
        widget.wait(120)
    widget.close()


def test_a_mask_that_is_followed_is_on_disk_after_each_change(widget, tmp_path):
    target = widget.follow(tmp_path / "follow.fits")
    assert open_image(target).statistics().sum == 0
    widget.draw(Circle(100, 90, 12.0))
    widget._drawing("write_down")
    assert open_image(target).statistics().sum == widget.mask.sum()


def test_statistics(widget, sky):
    widget.regions = INSIDE[:1]
    found = widget.statistics("region", widget.regions[0].id)
    inside = pixels_of(INSIDE[:1], sky.shape)
    assert found["sum"] == pytest.approx(sky[inside].sum(dtype=float))
    assert found["flux_unit"] == "Jy"
    with pytest.raises(OptionError, match="no region"):
        widget.statistics("region", "nobody")


def test_a_catalogue(widget, path):
    ra, dec = open_image(path).celestial.to_world([10.0, 20.0], [30.0, 40.0], "icrs")
    widget.set_catalog(Table({"ra": ra, "dec": dec, "name": ["a", "b"]}), "mine")
    answer, _ = widget.comm.ask("hello")
    assert answer["result"]["catalog"]["n"] == 2
    widget.set_catalog(None)
    answer, _ = widget.comm.ask("hello", "r2")
    assert answer["result"]["catalog"] is None


def test_an_array_with_coordinates(sky, path):
    wcs = open_image(path).celestial.wcs
    widget = MaskDraw(sky, wcs=wcs, unit="Jy/beam", name="mine")
    widget.wait(120)
    assert (repr(widget), widget.frame) == ("MaskDraw(array)", "icrs")
    widget.draw(Region(Circle(202.5, 30.5, 0.01), frame="icrs"))
    assert widget.mask[140, 160]
    widget.close()


def test_what_the_browser_does_is_seen_here(widget):
    seen = threading.Event()
    widget.observe(lambda _change: seen.set(), "mask_pixels")
    shape = {"shape": "circle", "x": 50, "y": 60, "radius": 7}
    assert widget.comm.ask("draw", generation=1, mode="add", shape=shape)[0]["ok"]
    assert seen.wait(30)
    assert widget.mask_pixels == pixels_of([Region(Circle(50, 60, 7))], (280, 320)).sum()


def test_repr_is_stable(widget):
    assert repr(widget) == "MaskDraw('field.fits')"


def test_errors_of_the_file_come_when_something_is_asked_for(tmp_path):
    widget = MaskDraw(tmp_path / "none.fits")
    with pytest.raises(ImageNotFoundError):
        widget.wait(60)
    with pytest.raises(ImageNotFoundError):
        _ = widget.mask
    widget.close()


def test_code_makes_the_same_widget(widget):
    widget.set_controls({"stretch": "asinh", "limits": [0.0, 0.5], "contours": True})
    namespace = {}
    exec(widget.code().replace("\nwidget\n", "\n"), namespace)  # noqa: S102
    assert namespace["widget"].wait(120).state == widget.state
    namespace["widget"].close()


@pytest.mark.parametrize("kind", ["png", "svg", "pdf", "reg", "crtf", "json"])
def test_save(widget, tmp_path, kind):
    start = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF", "reg": b"# Region", "crtf": b"#CRTF", "json": b"{"}[
        kind
    ]
    assert widget.save(tmp_path / f"a.{kind}").read_bytes().startswith(start)


def test_a_process_that_dies_takes_nothing_with_it(widget):
    widget.set_controls({"stretch": "log"})
    widget.draw(Circle(100, 90, 12.0))
    widget.regions = INSIDE
    mask, regions = widget.mask, widget.regions
    widget._drawing("write_down")
    lost = threading.Event()
    widget.model.listen(lambda event, data: event == "failure" and data and lost.set())
    os.kill(widget.model.pid, signal.SIGABRT)
    assert lost.wait(60)
    np.testing.assert_array_equal(widget.mask, mask)
    assert widget.regions == regions
    assert (widget.stretch, widget.failure) == ("log", None)
