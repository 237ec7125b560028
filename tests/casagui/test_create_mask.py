"""`CreateMask` and `CreateRegion` have casagui's parameters and results."""

from __future__ import annotations

import inspect
import threading

import numpy as np
import pytest

from dsa110_vis.casagui import CreateMask, CreateRegion
from dsa110_vis.casagui.errors import ArgumentError, ArgumentTypeError
from dsa110_vis.errors import ImageNotFoundError
from dsa110_vis.image import open_image
from dsa110_vis.regions.shapes import Circle
from dsa110_vis.widgets import bundle


@pytest.fixture(autouse=True)
def browser_part(tmp_path_factory, monkeypatch):
    if not (bundle.STATIC / "mask-draw.js").is_file():
        folder = tmp_path_factory.mktemp("static")
        (folder / "mask-draw.js").write_text("export default { render() {} };")
        monkeypatch.setattr(bundle, "STATIC", folder)


@pytest.fixture
def make(monkeypatch):
    """Call one of the two, without a front end; what it shows is closed at the end."""
    shown, made = [], []
    monkeypatch.setattr("dsa110_vis.casagui.create_mask.display", shown.append)

    def call(kind, *args, **options):
        made.append(kind(*args, **options))
        return made[-1], made[-1](), shown

    yield call
    for one in made:
        for widget in one.widgets:
            widget.close()


def test_parameters_are_those_of_casagui():
    assert [*inspect.signature(CreateMask).parameters] == ["image", "mask", "create"]
    assert [*inspect.signature(CreateRegion).parameters] == ["image"]


def test_the_mask_is_made_and_follows_what_is_drawn(make, write_image, sky):
    path = write_image(sky)
    creator, result, shown = make(CreateMask, str(path))
    target = path.with_name("field.mask")
    assert result == [(str(path), str(target))] == creator.result()
    assert open_image(target).statistics().sum == 0
    (widget,) = creator.widgets
    assert shown == [widget]
    widget.draw(Circle(100, 90, 5.0))
    tries = threading.Event()
    while open_image(target).statistics().sum == 0 and not tries.wait(0.05):
        pass
    np.testing.assert_array_equal(open_image(target).plane().read(0, 320, 0, 280), widget.mask)


def test_a_mask_that_is_there_is_gone_on_with(make, write_image, sky):
    path = write_image(sky)
    mask = write_image((sky > 0.1).astype(np.float32), "mine.fits")
    creator, result, _ = make(CreateMask, [str(path)], [str(mask)], create=False)
    assert result == [(str(path), str(mask))]
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(creator.widgets[0].mask, sky > 0.1)


def test_what_is_wrong_is_said_before_anything_is_shown(write_image, sky, tmp_path):
    path = str(write_image(sky))
    with pytest.raises(ImageNotFoundError):
        CreateMask(str(tmp_path / "none.image"))
    with pytest.raises(ArgumentTypeError):
        CreateMask(7)
    with pytest.raises(ArgumentError):
        CreateMask([])
    with pytest.raises(ArgumentError, match="1 images and 2 masks"):
        CreateMask(path, ["a", "b"])
    with pytest.raises(ArgumentError, match="no mask"):
        CreateMask(path, str(tmp_path / "none.mask"), create=False)
    with pytest.raises(ArgumentError, match="same mask"):
        CreateMask([path, path])


def test_regions_are_as_they_are_when_they_are_asked_for(make, write_image, sky):
    path = str(write_image(sky))
    creator, result, _ = make(CreateRegion, path)
    assert list(result) == [path]
    found = result[path]
    assert len(found) == 0
    creator.widgets[0].regions = "image\npolygon(11,21,31,21,31,41)\n"
    assert len(found) == 1
    assert found[0].vertices()[:3] == [(10, 20), (30, 20), (30, 40)]
    assert (found[0].xs()[:3], found[0].ys()[:3], found[0].channels()) == ([10, 30, 30], [20, 20, 40], None)
    assert type(found.to_astropy_pixel()[0]).__name__ == "PolygonPixelRegion"
    assert type(found.to_astropy_sky()[0]).__name__ == "PolygonSkyRegion"
