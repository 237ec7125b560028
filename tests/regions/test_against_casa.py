"""CASA makes the same mask of a CRTF file that is written here: at many places of the sky, and on a rotated image."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from dsa110_vis.casa_process import run_casa
from dsa110_vis.image import open_image
from dsa110_vis.regions import Region, pixels_of, write
from dsa110_vis.regions.convert import to_sky
from dsa110_vis.regions.shapes import (
    Box,
    BoxAnnulus,
    Circle,
    CircleAnnulus,
    Ellipse,
    EllipseAnnulus,
    Line,
    Point,
    Polygon,
    Polyline,
)

pytestmark = [pytest.mark.casa, pytest.mark.usefixtures("needs_casa")]

NX, NY = 160, 140
FILL = """
import casatools
import numpy as np

result = {}
for name, job in arguments["jobs"].items():
    ia, rg = casatools.image(), casatools.regionmanager()
    ia.fromfits(infile=job["image"], outfile=f"{name}.im")
    try:
        csys = ia.coordsys()
        region = rg.fromtext(job["text"], ia.shape().tolist(), csys.torecord())
        ia.set(pixels="1", region=region)
        np.save(job["out"], ia.getchunk().squeeze().T)
        result[name] = ""
    except Exception as error:
        result[name] = str(error) or "failed"
    ia.done()
"""

PLACES = {
    "south": (150.3, -60.0), "equator": (150.3, 0.0), "north": (150.3, 37.0), "high": (150.3, 60.0),
    "pole": (150.3, 85.0), "zero": (0.002, 37.0),
}  # fmt: skip
SHAPES = {
    "circle": Circle(70.3, 61.7, 30.4),
    "ellipse": Ellipse(75.2, 66.1, 40.3, 15.2, 25.0),
    "box": Box(82.3, 70.1, 61.3, 33.4),
    "rotbox": Box(78.4, 71.3, 70.2, 25.7, 33.0),
    "polygon": Polygon(((20.2, 25.1), (130.7, 40.2), (90.1, 120.3), (70.4, 60.6))),
}
MORE = {
    "circle_annulus": CircleAnnulus(80.2, 70.4, 20.3, 45.1),
    "ellipse_annulus": EllipseAnnulus(80.2, 70.4, 20.3, 10.2, 50.6, 30.3, 25.0),
    "box_annulus": BoxAnnulus(80.2, 70.4, 30.3, 20.1, 80.2, 60.4, 25.0),
}


WIDE = {
    "circle": Circle(40.3, 100.2, 30.4),
    "ellipse": Ellipse(45.3, 95.2, 40.3, 15.2, 25.0),
    "box": Box(45.3, 90.1, 61.3, 33.4),
    "rotbox": Box(50.4, 85.3, 70.2, 25.7, 33.0),
}
"""On a field of 5 degrees, in the corner, where the scale and north are not those of the reference pixel."""


def header(lon: float, lat: float, turn: float = 0.0, pixel: float = 2.5) -> fits.Header:
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    return fits.Header(
        {
            "CTYPE1": "RA---SIN", "CRVAL1": lon, "CDELT1": -pixel / 3600, "CRPIX1": 81.0, "CUNIT1": "deg",
            "CTYPE2": "DEC--SIN", "CRVAL2": lat, "CDELT2": pixel / 3600, "CRPIX2": 71.0, "CUNIT2": "deg",
            "PC1_1": c, "PC1_2": -s, "PC2_1": s, "PC2_2": c, "RADESYS": "ICRS", "BUNIT": "Jy/beam",
        }
    )  # fmt: skip


def in_sky(shape: Any, image: Any, frame: str) -> Region:
    """Give a shape in pixels as a region drawn in the sky, which is then also written in the sky."""
    return replace(to_sky(Region(shape), image.celestial, frame), drawn_in="")


def perimeter(mask: np.ndarray) -> int:
    """Pixels of the mask with a neighbour that is not in it."""
    inside = np.pad(mask, 1)
    inner = inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2] & inside[1:-1, 2:]
    return int((mask & ~inner).sum())


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:  # noqa: C901  one process for all
    """Ask CASA once for all cases: CASA is slow to start."""
    folder = tmp_path_factory.mktemp("casa")
    jobs: dict[str, dict[str, str]] = {}
    ours: dict[str, np.ndarray] = {}

    def image_at(name: str, place: tuple[float, float], turn: float = 0.0, pixel: float = 2.5) -> Any:
        path = folder / f"{name}.fits"
        if not path.exists():
            fits.writeto(path, np.zeros((NY, NX), np.float32), header(*place, turn, pixel))
        return open_image(path)

    def ask(name: str, image: Any, regions: list[Region]) -> None:
        jobs[name] = {"image": image.path, "text": write(regions, image, "crtf"), "out": str(folder / f"{name}.npy")}
        ours[name] = pixels_of(regions, (NY, NX), image.celestial)

    for place, (name, shape) in itertools.product(PLACES, {**SHAPES, **MORE}.items()):
        image = image_at(place, PLACES[place])
        for frame in ("pixel", "icrs", "fk5"):
            ask(f"{place}-{name}-{frame}", image, [Region(shape) if frame == "pixel" else in_sky(shape, image, frame)])
    turned = image_at("turned", (150.3, 37.0), 40.0)
    for name, shape in {**SHAPES, **MORE}.items():
        for frame in ("pixel", "icrs", "galactic"):
            ask(f"turned-{name}-{frame}", turned, [Region(shape) if frame == "pixel" else in_sky(shape, turned, frame)])
    wide = image_at("wide", PLACES["high"], pixel=120.0)
    for frame, (name, shape) in itertools.product(("pixel", "icrs"), WIDE.items()):
        ask(f"wide-{name}-{frame}", wide, [Region(shape) if frame == "pixel" else in_sky(shape, wide, frame)])
    north = image_at("north", PLACES["north"])
    for frame in ("fk4", "galactic"):
        for name, shape in SHAPES.items():
            ask(f"north-{name}-{frame}", north, [in_sky(shape, north, frame)])
    whole, hole = Region(SHAPES["circle"]), Region(Circle(75.0, 65.0, 9.2), include=False)
    ask("order-hole", north, [whole, hole])
    ask("order-filled-again", north, [whole, hole, Region(Circle(76.1, 65.2, 3.1))])
    ask("order-three", north, [in_sky(MORE["box_annulus"], north, "icrs"), hole, whole])
    drawn = [Region(Point(30, 30)), Region(Line(10, 10, 100, 90)), Region(Polyline(((5, 5), (50, 90), (90, 20))))]
    ask("drawn", north, [whole, *drawn, Region(Circle(120, 100, 9), annotation=True)])
    for colour in ("#ff8800", "pink", "Red", "green4"):
        label = "it's, a [name] # of 'mine'"
        ask(f"labelled-{colour}", north, [Region(SHAPES["circle"], label=label, colour=colour)])
    done = run_casa(FILL, {"jobs": jobs})
    return {
        name: (ours[name], np.load(jobs[name]["out"]) > 0 if not done[name] else done[name], jobs[name]["text"])
        for name in jobs
    }


def check(answer: Any) -> None:
    mine, casas, text = answer
    assert not isinstance(casas, str), f"CASA says {casas} of\n{text}"
    assert mine.sum() > 500
    different = int((mine != casas).sum())
    assert different <= 0.01 * perimeter(mine), f"{different} of {mine.sum()} pixels differ\n{text}"


@pytest.mark.parametrize("frame", ["pixel", "icrs", "fk5"])
@pytest.mark.parametrize("shape", [*SHAPES, *MORE])
@pytest.mark.parametrize("place", PLACES)
def test_casa_makes_the_same_mask(answers, place, shape, frame):
    check(answers[f"{place}-{shape}-{frame}"])


@pytest.mark.parametrize("frame", ["pixel", "icrs", "galactic"])
@pytest.mark.parametrize("shape", [*SHAPES, *MORE])
def test_casa_makes_the_same_mask_on_a_rotated_image(answers, shape, frame):
    check(answers[f"turned-{shape}-{frame}"])


@pytest.mark.parametrize("frame", ["pixel", "icrs"])
@pytest.mark.parametrize("shape", WIDE)
def test_casa_makes_the_same_mask_on_a_wide_field(answers, shape, frame):
    check(answers[f"wide-{shape}-{frame}"])


@pytest.mark.parametrize("frame", ["fk4", "galactic"])
@pytest.mark.parametrize("shape", SHAPES)
def test_casa_makes_the_same_mask_in_another_frame(answers, shape, frame):
    check(answers[f"north-{shape}-{frame}"])


@pytest.mark.parametrize("case", ["order-hole", "order-filled-again", "order-three"])
def test_the_order_and_the_signs_are_kept(answers, case):
    check(answers[case])


def test_what_is_only_drawn_does_not_stop_casa_and_is_in_no_mask(answers):
    check(answers["drawn"])


@pytest.mark.parametrize("colour", ["#ff8800", "pink", "Red", "green4"])
def test_labels_with_commas_and_quotes_and_colours_do_not_stop_casa(answers, colour):
    check(answers[f"labelled-{colour}"])
