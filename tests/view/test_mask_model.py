"""The model of the image viewer, on real files, through the protocol and directly."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path

import numpy as np
import pytest
from asking import View
from astropy.io import fits
from astropy.table import Table
from PIL import Image as Picture

from dsa110_vis.errors import Dsa110VisError, ImageNotFoundError, NotAnImageError, OptionError, UnreadableError
from dsa110_vis.image import open_image
from dsa110_vis.regions import MaskCube, pixels_of, read
from dsa110_vis.regions.json import from_plain, shape_from_plain
from dsa110_vis.regions.rasterise import patch_of
from dsa110_vis.view.given import Given, GivenImage
from dsa110_vis.view.keeping import Keeper
from dsa110_vis.view.mask_controls import ARRAY, MASK_CONTROLS, initial, settle
from dsa110_vis.view.mask_draw import MaskDrawModel

SHAPES = [
    {"shape": "circle", "x": 60.2, "y": 71.0, "radius": 12.5},
    {"shape": "ellipse", "x": 160, "y": 140, "a": 30, "b": 11, "angle": 25},
    {"shape": "box", "x": 210.5, "y": 60, "width": 40, "height": 21, "angle": 0},
    {"shape": "box", "x": 210, "y": 160, "width": 40, "height": 21, "angle": -33},
    {"shape": "polygon", "vertices": [[20, 200], [80, 210], [90, 260], [30, 270], [50, 230]]},
    {"shape": "circle_annulus", "x": 250, "y": 230, "inner": 10, "outer": 25},
    {"shape": "ellipse_annulus", "x": 100, "y": 100, "inner_a": 8, "inner_b": 5, "outer_a": 22, "outer_b": 14,
     "angle": 70},
    {"shape": "box_annulus", "x": 280, "y": 100, "inner_width": 10, "inner_height": 8, "outer_width": 30,
     "outer_height": 28, "angle": 10},
    {"shape": "brush", "vertices": [[10, 10], [60, 40], [110, 20]], "radius": 6},
]  # fmt: skip


@pytest.fixture
def show():
    """Make a model and a view of it, which are closed at the end."""
    made = []

    def make(given=None, **controls):
        model = MaskDrawModel(given, **controls)
        view = View(model)
        made.append((view, model))
        return model, view

    yield make
    for view, model in made:
        view.dispatcher.close()
        model.close()


@pytest.fixture
def field(show, write_image, sky):
    """A model of an image of 320 by 280 pixels, and its view."""
    model, view = show(write_image(sky))
    model.wait(60)
    return model, view


def bits_of(shape, size):
    found = np.zeros(size, dtype=bool)
    bits, x0, y0 = patch_of(shape_from_plain(shape), size)
    found[y0 : y0 + bits.shape[0], x0 : x0 + bits.shape[1]] = bits
    return found


def mask_by_tiles(view, size, plane=0, level=0):
    step = 256 << level
    rows = []
    for row in range(-(-size[0] // step)):
        line = []
        for column in range(-(-size[1] // step)):
            result, (packed,) = view.ask(
                "mask_tile", generation=1, plane=plane, level=level, column=column, row=row, revision=0
            )
            bits = np.unpackbits(np.frombuffer(packed, dtype=np.uint8), bitorder="little")
            line.append(bits.reshape(result["ny"], -1)[:, : result["nx"]].astype(bool))
        rows.append(np.hstack(line))
    return np.vstack(rows)


# -- controls ----------------------------------------------------------------------------------------------------------


def test_setting_one_control_sets_those_that_follow_from_it():
    state = initial()
    assert settle(state, {"limits": (0, 1)}) == {"limits": [0.0, 1.0], "limits_mode": "manual"}
    assert settle(state, {"compare": "/b.fits"})["compare_mode"] == "blink"
    seen = {**state, "path": "/a.fits", "channel": 3, "frame": "fk5", "compare": "/b.fits", "compare_mode": "swipe"}
    assert settle(seen, {"path": "/c.fits"}) == {"path": "/c.fits", "channel": 0, "frame": ""}
    assert settle(seen, {"compare": ""}) == {"compare": "", "compare_mode": "off"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("channel", -1), ("stokes", 1.5), ("limits", (2, 1)), ("limits", "all"), ("percentile", 0),
        ("stretch", "cubic"),
        ("frame", "equatorial"), ("contour_levels", []), ("contour_levels", [1, float("nan")]), ("swipe", 2),
        ("blink_ms", 5), ("selected", "r1"), ("planes", "some"), ("path", 7),
    ],
)  # fmt: skip
def test_what_a_control_cannot_be_is_refused_with_its_name(name, value):
    with pytest.raises(OptionError) as caught:
        settle(initial(), {name: value})
    assert caught.value.key == name
    assert name in caught.value.message
    assert caught.value.hint


def test_a_channel_that_the_image_does_not_have_is_refused(field):
    model, view = field
    assert "has 1" in view.error("set", changes={"channel": 1})["hint"]
    assert model.state["channel"] == 0


def test_celestial_frames_need_celestial_coordinates(show):
    model, view = show(Given(GivenImage.of(np.zeros((9, 12)))))
    model.wait(60)
    assert model.state["frame"] == "pixel"
    assert "no celestial" in view.error("set", changes={"frame": "icrs"})["hint"]
    assert "no coordinates" in view.error("mesh", generation=1, x0=0, x1=5, y0=0, y1=5, n=3)["message"]


# -- looking -----------------------------------------------------------------------------------------------------------


def test_a_view_is_told_everything_when_it_greets(field):
    model, view = field
    hello = view.ask("hello")
    assert hello["state"] == model.state
    image = hello["image"]
    assert (image["nx"], image["ny"], image["unit"], image["n_channels"], image["levels"]) == (
        320,
        280,
        "Jy/beam",
        1,
        2,
    )
    assert image["beam"]["major_arcsec"] == pytest.approx(10)
    assert image["beam"]["a_px"] == pytest.approx(2.0)
    assert image["beam"]["angle_deg"] == pytest.approx(120.0, abs=0.1)
    assert image["celestial"]["frame"] == "icrs"
    assert image["sigma"] == pytest.approx(1e-3, rel=0.05)
    assert image["limits"][0] < 0 < image["limits"][1]
    assert hello["mask"]["n_pixels"] == 0
    assert view.of("regions")[-1]["added"] == []
    assert hello["compare"] is hello["catalog"] is None
    assert hello["source"]["title"] == "field.fits · field · DSA-110"


def test_tiles_hold_the_pixels_exactly(field, sky):
    _, view = field
    result, (data,) = view.ask("tile", generation=1, plane=0, level=0, column=1, row=1)
    assert (result["x0"], result["x1"], result["y0"], result["y1"]) == (256, 320, 256, 280)
    np.testing.assert_array_equal(np.frombuffer(data, "<f4").reshape(24, 64), sky[256:, 256:])
    result, (data,) = view.ask("tile", generation=1, plane=0, level=1, column=0, row=0)
    coarse = np.frombuffer(data, "<f4").reshape(140, 160)
    assert coarse[45, 50] == sky[90:92, 100:102].max()
    assert np.isnan(coarse[0, 0])


def test_what_is_not_shown_any_more_is_stale(field):
    _, view = field
    assert view.error("tile", generation=2, plane=0, level=0, column=0, row=0)["code"] == "stale"
    assert view.error("tile", generation=1, plane=4, level=0, column=0, row=0)["code"] == "stale"
    assert view.error("tile", generation=1, plane=0, level=0, column=9, row=0)["code"] == "bad-option"
    assert view.error("tile", generation=1, plane=0, level=99, column=0, row=0)["code"] == "bad-request"


def test_a_pixel_is_described_in_the_chosen_frame_and_style(field, sky):
    model, view = field
    found = view.ask("value", generation=1, plane=0, x=100, y=90)
    assert found["value"] == float(sky[90, 100])
    assert found["mask"] is False
    assert found["world"][0].startswith("13:30:11")
    view.ask("set", changes={"frame": "galactic", "style": "degrees"})
    lon, lat = open_image(model.state["path"]).celestial.to_world(100, 90, "galactic")
    found = view.ask("value", generation=1, plane=0, x=100, y=90)
    assert float(found["world"][0].rstrip("°")) == pytest.approx(float(lon), abs=1e-4)
    assert float(found["world"][1].rstrip("°")) == pytest.approx(float(lat), abs=1e-4)
    assert view.ask("value", generation=1, plane=0, x=0, y=0)["value"] is None
    assert view.error("value", generation=1, plane=0, x=320, y=0)["code"] == "bad-option"


def test_the_mesh_has_the_coordinates_of_equidistant_points(field):
    model, view = field
    result, buffers = view.ask("mesh", generation=1, x0=-0.5, x1=319.5, y0=-0.5, y1=279.5, n=5)
    lon, lat = (np.frombuffer(part, "<f8").reshape(5, 5) for part in buffers)
    sky = open_image(model.state["path"]).celestial
    x, y = np.meshgrid(np.linspace(-0.5, 319.5, 5), np.linspace(-0.5, 279.5, 5))
    assert result["frame"] == "icrs"
    np.testing.assert_allclose((lon, lat), sky.to_world(x, y, "icrs"), atol=1e-12)
    assert (np.diff(lon, axis=1) < 0).all()  # right ascension increases to the left
    assert (np.diff(lat, axis=0) > 0).all()


def test_the_grid_contours_and_histogram_come_with_their_numbers(field, sky):
    _, view = field
    grid, (points,) = view.ask("graticule", generation=1, x0=-0.5, x1=319.5, y0=-0.5, y1=279.5, width=640, height=560)
    assert grid["titles"] == {"bottom": "Right ascension (ICRS)", "left": "Declination (ICRS)"}
    assert sum(line["count"] for line in grid["lines"]) * 8 == len(points)
    assert {label["edge"] for label in grid["labels"]} == {"bottom", "left"}
    result, (points,) = view.ask("contours", generation=1, plane=0, x0=0, x1=319, y0=0, y1=279, step=1)
    assert [level["sigma"] for level in result["levels"]] == MASK_CONTROLS["contour_levels"].default
    assert sum(sum(level["paths"]) for level in result["levels"]) * 8 == len(points)
    assert len(result["levels"][-1]["paths"]) == 2  # 48 sigma: both sources and nothing else
    histogram = view.ask("histogram", generation=1, plane=0)
    assert sum(histogram["counts"]) == np.isfinite(sky).sum()
    assert histogram["edges"] == [float(np.nanmin(sky)), float(np.nanmax(sky))]


def test_limits_follow_their_mode(field, sky):
    model, view = field
    for mode, expected in (
        ("minmax", [np.nanmin(sky), np.nanmax(sky)]),
        ("symmetric", [-np.nanmax(sky), np.nanmax(sky)]),
        ("percentile", np.nanpercentile(sky, [0.25, 99.75])),
    ):
        view.ask("set", changes={"limits_mode": mode})
        model.wait(30)
        assert model.state["limits"] == pytest.approx([float(value) for value in expected])
        assert view.of("image")[-1]["limits"] == model.state["limits"]
    view.ask("set", changes={"limits": [0, 2]})
    model.wait(30)
    assert (model.state["limits_mode"], model.state["limits"]) == ("manual", [0, 2])


def test_profiles(field, sky):
    _, view = field
    result, (x, y) = view.ask("profile", kind="row", y=90)
    assert (result["title"], result["y_label"]) == ("Row 90", "Intensity (Jy/beam)")
    np.testing.assert_array_equal(np.frombuffer(x, "<f8"), np.arange(320))
    np.testing.assert_array_equal(np.frombuffer(y, "<f4"), sky[90])
    _, (x, y) = view.ask("profile", kind="column", x=100)
    np.testing.assert_array_equal(np.frombuffer(y, "<f4"), sky[:, 100])
    (ident,) = view.ask(
        "edit_regions", generation=1, action="add", regions=[{"shape": "line", "x1": 90, "y1": 90, "x2": 110, "y2": 90}]
    )["ids"]
    _, (x, y) = view.ask("profile", kind="line", id=ident)
    np.testing.assert_array_equal(np.frombuffer(y, "<f4"), sky[90, 90:111])
    assert view.error("profile", kind="row", y=280)["code"] == "bad-option"


# -- cubes -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def cube(show, write_image):
    """A model of 2 Stokes parameters and 3 channels of 20 by 30 pixels, with the view and the values."""
    values = np.random.default_rng(3).normal(size=(2, 3, 20, 30)).astype(np.float32)
    more = {"CTYPE3": "FREQ", "CRVAL3": 1.4e9, "CDELT3": 1e6, "CRPIX3": 1.0, "CTYPE4": "STOKES", "CRVAL4": 1.0,
            "CDELT4": 3.0, "CRPIX4": 1.0}  # fmt: skip
    model, view = show(write_image(values, "cube.fits", **more))
    model.wait(60)
    return model, view, values


def test_planes_are_stokes_by_stokes_and_channel_by_channel(cube):
    model, view, values = cube
    view.ask("set", changes={"channel": 2, "stokes": 1})
    model.wait(30)
    image = view.of("image")[-1]
    assert (image["plane"], image["channel_label"], image["stokes_label"]) == (5, "1.4020 GHz", "V")
    _, (data,) = view.ask("tile", generation=1, plane=5, level=0, column=0, row=0)
    np.testing.assert_array_equal(np.frombuffer(data, "<f4").reshape(20, 30), values[1, 2])
    _, (_, spectrum) = view.ask("profile", kind="spectrum", x=4, y=5)
    np.testing.assert_array_equal(np.frombuffer(spectrum, "<f4"), values[1, :, 5, 4])


@pytest.mark.parametrize(("which", "planes"), [("current", {4}), ("channels", {3, 4, 5}), ("all", set(range(6)))])
def test_a_change_of_the_mask_is_for_the_planes_that_are_chosen(cube, which, planes):
    model, view, _ = cube
    view.ask("set", changes={"channel": 1, "stokes": 1, "planes": which})
    model.wait(30)
    view.ask("draw", generation=1, mode="add", shape={"shape": "circle", "x": 10, "y": 10, "radius": 3})
    mask = model.drawing.mask_array()
    assert mask.shape == (2, 3, 20, 30)
    found = {stokes * 3 + channel for stokes, channel in np.argwhere(mask.any(axis=(2, 3)))}
    assert found == planes
    view.ask("undo")
    assert not model.drawing.mask_array().any()


def test_a_mask_is_copied_to_the_other_channels(cube):
    model, view, _ = cube
    view.ask("draw", generation=1, mode="add", shape={"shape": "circle", "x": 10, "y": 10, "radius": 3})
    view.ask("edit_mask", generation=1, action="copy")
    mask = model.drawing.mask_array()
    assert (mask[0] == mask[0, 0]).all()
    assert mask[0].any()
    assert not mask[1].any()


def test_regions_with_channels_and_stokes_stay_with_them(cube):
    model, view, _ = cube
    region = {"shape": "circle", "x": 10, "y": 10, "radius": 3, "channels": [1, 2], "stokes": ["I"]}
    ids = view.ask("edit_regions", generation=1, action="add", regions=[region])["ids"]
    view.ask("set", changes={"planes": "all"})
    view.ask("region_to_mask", generation=1, ids=ids, mode="add")
    assert model.drawing.mask_array().any(axis=(2, 3)).tolist() == [[False, True, True], [False, False, False]]


# -- the mask ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape["shape"])
def test_every_shape_adds_and_takes_away_its_pixels(field, shape):
    model, view = field
    expected = bits_of(shape, (280, 320))
    view.ask("draw", generation=1, mode="add", shape=shape)
    np.testing.assert_array_equal(model.drawing.mask_array(), expected)
    np.testing.assert_array_equal(mask_by_tiles(view, (280, 320)), expected)
    event = view.of("mask")[-1]
    assert event["n_pixels"] == expected.sum()
    x0, x1, y0, y1 = event["box"]
    assert expected[y0:y1, x0:x1].sum() == expected.sum()
    view.ask("draw", generation=1, mode="subtract", shape=shape)
    assert not model.drawing.mask_array().any()
    view.ask("undo")
    np.testing.assert_array_equal(model.drawing.mask_array(), expected)


def test_coarse_tiles_of_the_mask_lose_no_pixel(field):
    model, view = field
    view.ask("draw", generation=1, mode="add", shape={"shape": "brush", "vertices": [[31, 17]], "radius": 0.4})
    assert model.drawing.mask_array().sum() == 1
    coarse = mask_by_tiles(view, (280, 320), level=1)
    assert np.argwhere(coarse).tolist() == [[8, 15]]


def test_undo_and_redo_go_over_mask_and_regions_alike(field):
    model, view = field
    states = [(model.drawing.mask_array(), model.drawing.regions)]

    def did(op, **params):
        view.ask(op, generation=1, **params)
        states.append((model.drawing.mask_array(), model.drawing.regions))

    did("draw", mode="add", shape=SHAPES[0])
    did("edit_regions", action="add", regions=[SHAPES[1], SHAPES[4]])
    did("edit_mask", action="grow", pixels=3)
    did("edit_mask", action="invert")
    moved = {**view.of("regions")[-1]["added"][0]["regions"][0], "x": 100}
    did("edit_regions", action="replace", regions=[moved])
    did("region_to_mask", ids=["r1", "r2"], mode="subtract")
    did("edit_regions", action="remove", ids=["r1"])
    did("threshold", sigma=10, mode="replace")
    did("edit_mask", action="clear")
    for k in range(len(states) - 2, -1, -1):
        view.ask("undo")
        np.testing.assert_array_equal(model.drawing.mask_array(), states[k][0])
        assert model.drawing.regions == states[k][1]
    assert view.of("mask")[-1]["can_undo"] is None
    assert view.of("mask")[-1]["can_redo"] == "add circle"
    for mask, regions in states[1:]:
        view.ask("redo")
        np.testing.assert_array_equal(model.drawing.mask_array(), mask)
        assert model.drawing.regions == regions


def test_a_threshold_finds_the_sources_or_only_one_of_them(field, sky):
    model, view = field
    view.ask("threshold", generation=1, sigma=10)
    sigma = model.picture.sigma
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(model.drawing.mask_array(), sky > 10 * sigma)
    view.ask("edit_mask", generation=1, action="clear")
    view.ask("threshold", generation=1, sigma=10, point=[230.3, 199.8])
    rows, columns = np.nonzero(model.drawing.mask_array())
    assert rows.size
    assert rows.min() > 190
    assert columns.min() > 220


def test_a_threshold_replaces_takes_away_and_cuts_within_a_region_or_everywhere(field, sky):
    model, view = field
    with np.errstate(invalid="ignore"):
        bright = sky > 10 * model.picture.sigma
    circle = {"shape": "circle", "x": 230, "y": 200, "radius": 9}
    (ident,) = view.ask("edit_regions", generation=1, action="add", regions=[circle])["ids"]
    inside = bits_of(circle, (280, 320))
    rng = np.random.default_rng(5)
    assert (bright & inside).any()
    assert (bright & ~inside).any()
    for mode, result in (
        ("add", lambda before: before | bright),
        ("replace", lambda _: bright),
        ("subtract", lambda before: before & ~bright),
        ("intersect", lambda before: before & bright),
    ):
        for where, limits in (("", np.ones_like(inside)), (ident, inside)):
            before = rng.random((280, 320)) > 0.5
            model.drawing.set_mask(before)
            view.ask("threshold", generation=1, sigma=10, mode=mode, id=where)
            np.testing.assert_array_equal(
                model.drawing.mask_array(), np.where(limits, result(before), before), err_msg=f"{mode} {where}"
            )
    assert view.error("threshold", generation=1, sigma=10, mode="xor")["code"] == "bad-request"
    with pytest.raises(OptionError, match="xor"):
        model.threshold(10, mode="xor")


def test_small_islands_are_those_smaller_than_the_beam(field):
    model, view = field
    area = model.beam_pixels(model.picture)
    assert area == pytest.approx(np.pi * 10 * 7.5 / (4 * np.log(2)) / 2.5**2)
    for x, y, radius in ((50, 50, 1), (100, 100, 6)):
        view.ask("draw", generation=1, mode="add", shape={"shape": "circle", "x": x, "y": y, "radius": radius})
    view.ask("edit_mask", generation=1, action="drop_islands")
    np.testing.assert_array_equal(
        model.drawing.mask_array(), bits_of({"shape": "circle", "x": 100, "y": 100, "radius": 6}, (280, 320))
    )


def test_statistics_of_mask_region_and_plane(field, sky):
    model, view = field
    (ident,) = view.ask(
        "edit_regions", generation=1, action="add", regions=[{"shape": "circle", "x": 100, "y": 90, "radius": 9}]
    )["ids"]
    found = view.ask("statistics", of="region", id=ident)
    inside = bits_of({"shape": "circle", "x": 100, "y": 90, "radius": 9}, (280, 320))
    assert found["npix"] == inside.sum()
    assert found["sum"] == pytest.approx(sky[inside].sum(dtype=float))
    assert found["flux"] == pytest.approx(found["sum"] / model.beam_pixels(model.picture))
    assert (found["peak_x"], found["peak_y"]) == (100, 90)
    assert found["peak_world"] == list(view.ask("value", generation=1, plane=0, x=100, y=90)["world"])
    view.ask("region_to_mask", generation=1, ids=[ident], mode="add")
    assert view.ask("statistics", of="mask")["sum"] == found["sum"]
    assert view.ask("statistics", of="plane")["n_blank"] == 35
    assert view.error("statistics", of="region", id="nobody")["code"] == "bad-option"


@pytest.mark.parametrize(
    "shape",
    [
        {"shape": "star"}, {"shape": "circle", "x": 1, "y": 2}, {"shape": "circle", "x": 1, "y": 2, "radius": -3},
        {"shape": "polygon", "vertices": [[1, 2], [3, 4]]},
        {"shape": "box", "x": None, "y": 1, "width": 1, "height": 1},
        {"shape": "circle_annulus", "x": 1, "y": 1, "inner": 5, "outer": 3},
    ],
)  # fmt: skip
def test_a_shape_that_cannot_be_changes_nothing(field, shape):
    model, view = field
    error = view.error("draw", generation=1, mode="add", shape=shape)
    assert error["code"] == "region-syntax"
    assert error["hint"]
    assert view.error("edit_regions", generation=1, action="add", regions=[SHAPES[0], shape])["code"] == "region-syntax"
    assert not model.drawing.mask_array().any()
    assert model.drawing.regions == ()


# -- files -------------------------------------------------------------------------------------------------------------


def save(view, kind):
    result, (data,) = view.ask("save", format=kind)
    assert result["parts"] == 1
    return result["filename"], bytes(data)


@pytest.mark.parametrize("kind", ["ds9", "crtf", "json"])
def test_regions_go_out_and_come_in_again(field, kind):
    model, view = field
    regions = [shape for shape in SHAPES if shape["shape"] != "brush"]
    view.ask(
        "edit_regions", generation=1, action="add", regions=[*regions, {**SHAPES[0], "radius": 6, "include": False}]
    )
    expected = pixels_of(model.drawing.regions, (280, 320))
    name, data = save(view, kind)
    assert name == f"field.{'reg' if kind == 'ds9' else kind}"
    view.ask("edit_regions", generation=1, action="remove", ids=[region.id for region in model.drawing.regions])
    report = view.ask("import", name=name, text=data.decode())
    assert report["problems"] == []
    found = pixels_of(model.drawing.regions, (280, 320))
    # CASA has no annuli of boxes and ellipses: these come back as polygons, whose corners are rounded
    assert (found ^ expected).sum() <= (4 if kind == "crtf" else 0)


def test_a_mask_goes_out_and_comes_in_again(field):
    model, view = field
    view.ask("draw", generation=1, mode="add", shape=SHAPES[4])
    expected = model.drawing.mask_array()
    name, data = save(view, "mask.fits")
    assert name == "field.mask.fits"
    with fits.open(io.BytesIO(data)) as opened:
        np.testing.assert_array_equal(opened[0].data, expected[None, None].astype(np.float32))
    view.ask("edit_mask", generation=1, action="clear")
    assert view.ask("import", [data], name=name)["mask"]
    np.testing.assert_array_equal(model.drawing.mask_array(), expected)


def test_what_is_in_the_sky_is_drawn_where_it_is(field):
    model, view = field
    sky = open_image(model.state["path"]).celestial
    lon, lat = (float(value) for value in sky.to_world(100, 90))
    report = view.ask("import", name="a.reg", text=f'icrs\ncircle({lon},{lat},25")\nfoo(1,2)\n')
    assert report["n_regions"] == 1
    assert [(problem["line"], problem["text"]) for problem in report["problems"]] == [(3, "foo(1,2)")]
    (region,) = view.of("regions")[-1]["added"][0]["regions"]
    assert region["drawn_in"] == "icrs"
    assert [region["x"], region["y"], region["radius"]] == pytest.approx([100, 90, 10], abs=1e-3)
    _, data = save(view, "ds9")
    assert b"icrs" in data
    assert read(data, open_image(model.state["path"]))[0][0].frame == "icrs"


def test_lines_that_are_not_taken_are_logged_where_nobody_asks_for_the_report(field, caplog):
    model, _ = field
    model.drawing.set_regions("image\ncircle(10,10,5)\npanda(1,2,3,4,5,6,7,8)\n")
    assert len(model.drawing.regions) == 1
    assert "line 3: panda" in caplog.text


def test_regions_that_are_put_in_the_place_of_others_are_in_pixels_too(field):
    model, view = field
    (ident,) = view.ask("edit_regions", generation=1, action="add", regions=[SHAPES[0]])["ids"]
    sky = {"shape": "circle", "x": 202.5, "y": 30.5, "radius": 0.01, "frame": "icrs", "id": ident}
    view.ask("edit_regions", generation=1, action="replace", regions=[sky])
    (region,) = model.drawing.regions
    assert (region.frame, region.drawn_in) == ("pixel", "icrs")
    assert [region.shape.x, region.shape.y] == pytest.approx([160, 140], abs=1e-6)
    assert view.ask("edit_regions", generation=1, action="add", regions=[])["ids"] == []
    assert view.of("mask")[-1]["can_undo"] == "change circle"


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_pictures(field, kind):
    model, view = field
    view.ask("draw", generation=1, mode="add", shape=SHAPES[0])
    view.ask("edit_regions", generation=1, action="add", regions=[{**SHAPES[1], "colour": "nonsense", "label": "$x$"}])
    result, (data,) = view.ask("save", format=kind, width=500, height=400)
    assert result["filename"] == f"field.{kind}"
    if kind == "png":
        assert Picture.open(io.BytesIO(data)).size == (500, 400)
    assert view.error("save", format=kind, width=5, height=5)["code"] == "bad-option"
    assert len(model.thumbnail()) < 200_000


def test_saving_an_empty_mask_is_said_aloud(field, tmp_path):
    model, view = field
    model.save(tmp_path / "empty.fits")
    assert "mask is empty" in view.of("notice")[-1]["text"]
    with pytest.raises(OptionError, match=r"cannot be saved as '\.docx'"):
        model.save(tmp_path / "x.docx")
    with pytest.raises(Dsa110VisError, match="no folder"):
        model.save(tmp_path / "not there" / "x.fits")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty.fits", "field.fits"]


def test_only_those_who_may_write_beside_the_image(field, show, write_image, sky):
    _, view = field
    assert view.error("write_mask")["code"] == "bad-option"
    path = write_image(sky, "mine.fits")
    model, view = show(Given(GivenImage.of(path), writes=True))
    model.wait(60)
    view.ask("draw", generation=1, mode="add", shape=SHAPES[0])
    result = view.ask("write_mask")
    assert result["path"] == str(path.with_name("mine.mask.fits"))
    assert fits.getdata(result["path"]).sum() == result["n_pixels"] == model.drawing.mask_array().sum()


# -- other images ------------------------------------------------------------------------------------------------------


def test_a_file_that_changes_is_read_again_and_the_drawing_stays(field, sky):
    model, view = field
    view.ask("draw", generation=1, mode="add", shape=SHAPES[0])
    path = model.state["path"]
    with fits.open(path, mode="update", memmap=False) as opened:
        opened[0].data = sky + 1
    status = Path(path).stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000_000))
    view.ask("retry")
    model.wait(30)
    assert any("changed on disk" in notice["text"] for notice in view.of("notice"))
    assert view.of("image")[-1]["generation"] == 2
    assert view.ask("value", generation=2, plane=0, x=100, y=90)["value"] == pytest.approx(float(sky[90, 100]) + 1)
    assert model.drawing.mask_array().any()


def test_a_drawing_is_not_lost_to_an_image_of_another_size(field, write_image):
    model, view = field
    view.ask("draw", generation=1, mode="add", shape=SHAPES[0])
    small = write_image(np.zeros((20, 30), dtype=np.float32), "small.fits")
    view.ask("set", changes={"path": str(small)})
    with pytest.raises(OptionError, match="another size"):
        model.wait(30)
    assert model.drawing_now.mask_array().sum() == bits_of(SHAPES[0], (280, 320)).sum()


def test_a_second_image_is_shown_on_the_pixels_of_the_first(field, write_image, sky):
    model, view = field
    shifted = write_image(sky[10:, 20:], "shifted.fits", CRPIX1=141.0, CRPIX2=131.0)
    view.ask("set", changes={"compare": str(shifted)})
    model.wait(30)
    assert model.state["compare_mode"] == "blink"
    assert view.of("compare")[-1]["same_grid"] is False
    _, (data,) = view.ask("tile", generation=1, plane=0, level=0, column=0, row=0, which="compare")
    tile = np.frombuffer(data, "<f4").reshape(256, 256)
    assert np.isnan(tile[:9, :]).all()
    np.testing.assert_allclose(tile[15:250, 25:250], sky[15:250, 25:250], atol=2e-5)
    _, (data,) = view.ask("tile", generation=1, plane=0, level=0, column=0, row=0, which="difference")
    assert np.nanmax(np.abs(np.frombuffer(data, "<f4"))) < 1e-2
    view.ask("set", changes={"compare": ""})
    model.wait(30)
    assert view.of("compare")[-1] is None
    assert view.error("tile", generation=1, plane=0, level=0, column=0, row=0, which="compare")["code"] == "bad-option"


def test_a_catalogue_is_placed_by_its_columns(field):
    model, view = field
    sky = open_image(model.state["path"]).celestial
    ra, dec = sky.to_world(np.array([10.0, 200.0, 900.0]), np.array([20.0, 100.0, 100.0]), "icrs")
    table = Table({"name": ["a", "b", "far"], "RA": ra, "Dec": dec, "flux": [1.0, 2.5, 3.0]})
    model.set_catalog("NVSS", {name: table[name] for name in table.colnames})
    event = view.of("catalog")[-1]
    assert (event["n"], event["name"]) == (2, "NVSS")
    result, (x, y, index) = view.ask("catalog_points", revision=event["revision"])
    assert result["n"] == 2
    np.testing.assert_allclose(np.frombuffer(x, "<f4"), [10, 200], atol=1e-3)
    np.testing.assert_allclose(np.frombuffer(y, "<f4"), [20, 100], atol=1e-3)
    assert np.frombuffer(index, "<i4").tolist() == [0, 1]
    assert view.ask("catalog_row", index=1)["values"]["flux"] == "2.5"
    with pytest.raises(OptionError, match="No columns"):
        model.set_catalog("x", {"flux": [1.0]})
    model.set_catalog("", None)
    assert view.of("catalog")[-1] is None


def test_what_is_no_image_is_said_in_a_sentence(show, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.fits").write_text("hello")
    fits.writeto(tmp_path / "line.fits", np.zeros(9))
    whole = io.BytesIO()
    fits.PrimaryHDU(np.zeros((50, 50))).writeto(whole)
    (tmp_path / "half.fits").write_bytes(whole.getvalue()[:9000])
    for name, kind in (
        ("nothing.fits", ImageNotFoundError), ("folder", NotAnImageError), ("text.fits", NotAnImageError),
        ("line.fits", NotAnImageError), ("half.fits", UnreadableError),
    ):  # fmt: skip
        model, view = show(tmp_path / name)
        with pytest.raises(kind) as caught:
            model.wait(60)
        assert name in caught.value.message
        assert caught.value.hint
        assert view.ask("hello")["failure"]["message"] == caught.value.message


def test_a_blank_image_is_shown_as_such(show, write_image):
    model, view = show(write_image(np.full((30, 40), np.nan, dtype=np.float32)))
    model.wait(60)
    assert view.ask("hello")["image"]["blank"] is True
    assert model.statistics("plane")["npix"] == 0
    assert "no pixel" in model.statistics("plane")["text"]
    assert model.thumbnail()


def test_arrays_have_no_path(show, sky):
    model, view = show(Given(GivenImage.of(sky, name="mine"), mask=sky > 0.01))
    model.wait(60)
    assert model.state["path"] == ARRAY
    assert view.ask("hello")["source"]["name"] == "mine"
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(model.drawing.mask_array(), sky > 0.01)
    assert view.ask("hello")["mask"]["can_undo"] is None


def test_a_drawing_is_taken_up_by_the_next_model(show, write_image, sky, tmp_path):
    path, keep = write_image(sky), tmp_path / "keep"
    keep.mkdir()
    model, view = show(Given(GivenImage.of(path), keep=str(keep)))
    model.wait(60)
    view.ask("draw", generation=1, mode="add", shape=SHAPES[0])
    view.ask("edit_regions", generation=1, action="add", regions=[SHAPES[1]])
    expected = model.drawing.mask_array(), model.drawing.regions
    model.close()
    again, _ = show(Given(GivenImage.of(path), keep=str(keep)))
    again.wait(60)
    np.testing.assert_array_equal(again.drawing.mask_array(), expected[0])
    assert [from_plain({**SHAPES[1]}).shape] == [region.shape for region in again.drawing.regions]


def test_the_code_makes_the_same_picture(field):
    model, view = field
    view.ask("set", changes={"stretch": "asinh", "limits": [0, 1], "frame": "galactic"})
    code = view.ask("code")["code"]
    compile(code, "code", "exec")
    assert f"MaskDraw({model.state['path']!r}, stretch='asinh', limits=[0.0, 1.0], frame='galactic')" in code


def test_what_is_drawn_is_kept_a_moment_later_without_being_asked_for(tmp_path):
    keeper, mask, done = Keeper(str(tmp_path)), MaskCube(1, 1, 5, 6), threading.Event()
    keeper.also(done.set)
    mask.write(0)[2, 3] = True
    keeper.keep(mask, [0], ())
    assert done.wait(30)
    keeper.write_down()
    again = MaskCube(1, 1, 5, 6)
    assert Keeper(str(tmp_path)).load(again) == ()
    np.testing.assert_array_equal(again.read(0), mask.read(0))
