# ruff: noqa: RUF001, PLR0917  labels have a minus sign and primes, and hypothesis gives many arguments
"""The grid of coordinates: lines are where the sky is, cut at the window, and labels say it as exactly as they must."""

from __future__ import annotations

import itertools
import re
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planes import sky

from dsa110_vis.image import open_image
from dsa110_vis.image.graticule import graticule

WHOLE = (-0.5, 999.5, -0.5, 999.5)
SCREEN = (700, 500)
ALL_SKY = {
    "AIT": {"projection": "AIT", "scale": 1250.0, "ra": 0.0, "dec": 0.0},
    "MOL": {"projection": "MOL", "scale": 1250.0, "ra": 266.0, "dec": 0.0},
    "CAR": {"projection": "CAR", "scale": 1290.0, "ra": 0.0, "dec": 0.0},
    "SFL": {"projection": "SFL", "scale": 1290.0, "ra": 0.0, "dec": 0.0},
    "ZEA": {"projection": "ZEA", "scale": 900.0, "ra": 30.0, "dec": 50.0},
    "ARC": {"projection": "ARC", "scale": 1000.0, "ra": 30.0, "dec": -50.0},
    "SIN": {"projection": "SIN", "scale": 500.0, "ra": 80.0, "dec": 20.0},
    "TAN": {"projection": "TAN", "scale": 700.0, "ra": 80.0, "dec": 20.0},
}


def number(text):
    """Read a label: degrees."""
    text = text.replace("−", "-")
    if text.endswith("°") and not re.search(r"[hms′]", text):
        return float(text[:-1])
    parts = [float(part) for part in re.findall(r"[\d.]+", text)]
    value = sum(part / 60**k for k, part in enumerate(parts))
    return (-1 if text.startswith("-") else 1) * value * (15 if "h" in text else 1)


def lines_of(found):
    return [(line, found.points[line["start"] : line["start"] + line["count"]].astype(float)) for line in found.lines]


def check(celestial, box, frame, found):
    """Each point of each line is where its text says, and in the window; the steps between them are small."""
    x0, x1, y0, y1 = box
    diagonal = np.hypot(x1 - x0, y1 - y0)
    cell = celestial.pixel_area() ** 0.5
    eps = 1e-3 + 1e-6 * max(np.abs(box))
    for line, path in lines_of(found):
        assert 2 <= line["count"] <= 182
        assert path[:, 0].min() >= x0 - eps
        assert path[:, 0].max() <= x1 + eps
        assert path[:, 1].min() >= y0 - eps
        assert path[:, 1].max() <= y1 + eps
        lon, lat = celestial.to_world(path[:, 0], path[:, 1], frame)
        value = number(line["text"])
        away = lat - value if line["kind"] == "lat" else (lon - value + 180) % 360 - 180
        off = np.abs(away) * (np.cos(np.radians(lat)) if line["kind"] == "lon" else 1) / cell
        assert np.nanmax(off[1:-1], initial=0) < 0.01 + eps
        # where a line is cut, it was straight between two of its points
        assert not (off[[0, -1]] > 0.05 * diagonal).any()  # NaN at the edge of the sky
        assert np.hypot(*np.diff(path, axis=0).T).max() < 0.35 * diagonal
    for label in found.labels:
        value = number(label["text"])
        at = {
            "bottom": (label["at"], y0),
            "top": (label["at"], y1),
            "left": (x0, label["at"]),
            "right": (x1, label["at"]),
        }
        place = at[label["edge"]]
        assert x0 - eps <= place[0] <= x1 + eps
        assert y0 - eps <= place[1] <= y1 + eps
        lon, lat = celestial.to_world(*place, frame)
        away = lat - value if label["kind"] == "lat" else ((lon - value + 180) % 360 - 180) * np.cos(np.radians(lat))
        assert not abs(away) / cell > 0.05 * diagonal


@given(
    ra=st.sampled_from([0.0, 0.01, 123.4, 359.99]),
    dec=st.sampled_from([-90.0, -89.9, -60.0, 0.0, 37.0, 85.0, 89.99, 90.0]),
    scale=st.sampled_from([0.01, 3.0, 30.0]),
    turn=st.sampled_from([0.0, 40.0, 90.0, 180.0, -75.0]),
    frame=st.sampled_from(["icrs", "fk5", "fk4", "galactic"]),
    style=st.sampled_from(["sexagesimal", "degrees"]),
    window=st.tuples(st.floats(-100, 1000), st.floats(-100, 1000), st.floats(0.01, 1100), st.floats(0.2, 5)),
)
@settings(max_examples=120, deadline=None)
def test_lines_are_where_the_sky_is(ra, dec, scale, turn, frame, style, window):
    celestial = sky(ra=ra, dec=dec, scale=scale, turn=turn)
    box = (window[0], window[0] + window[2], window[1], window[1] + window[2] * window[3])
    found = graticule(celestial, *box, *SCREEN, frame, style)
    check(celestial, box, frame, found)
    assert 2 <= len({line["text"] for line in found.lines}) <= 40


@pytest.mark.parametrize("frame", ["icrs", "galactic"])
@pytest.mark.parametrize("name", ALL_SKY)
@pytest.mark.parametrize("box", [WHOLE, (150.0, 980.0, 100.0, 700.0), (-300.0, 520.0, 480.0, 1300.0)])
def test_the_whole_sky_has_a_grid_without_lines_across_it(name, frame, box):
    celestial = sky(**ALL_SKY[name])
    found = graticule(celestial, *box, *SCREEN, frame)
    check(celestial, box, frame, found)
    assert {line["kind"] for line in found.lines} == {"lon", "lat"}


def test_labels_of_an_image_with_north_up():
    found = graticule(sky(), *WHOLE, *SCREEN, "icrs")
    assert [(label["edge"], label["text"]) for label in found.labels] == [
        ("left", "+36°40′"), ("left", "+37°00′"), ("left", "+37°20′"),
        ("bottom", "12h02m"), ("bottom", "12h01m"), ("bottom", "12h00m"), ("bottom", "11h59m"), ("bottom", "11h58m"),
    ]  # fmt: skip
    assert found.titles == {"bottom": "Right ascension (ICRS)", "left": "Declination (ICRS)"}
    assert set(found.describe()) == {"lines", "labels", "titles"}


@pytest.mark.parametrize(
    ("scale", "style", "expected"),
    [
        (3.0, "degrees", {"180.0°", "+37.0°"}),
        (0.03, "sexagesimal", {"12h00m00s", "+37°00′00″"}),
        (0.0003, "sexagesimal", {"12h00m00.00s", "+37°00′00.0″"}),
        (0.0003, "degrees", {"180.00000°", "+37.00000°"}),
        (90.0, "sexagesimal", {"12h", "+40°"}),
    ],
)
def test_labels_are_as_exact_as_the_steps(scale, style, expected):
    texts = {label["text"] for label in graticule(sky(scale=scale), *WHOLE, *SCREEN, "icrs", style).labels}
    assert expected <= texts
    assert len({len(text.strip("+−")) for text in texts if "h" in text or text[0] not in "+−"}) == 1


@pytest.mark.parametrize(
    ("frame", "image", "titles"),
    [
        ("icrs", {}, ("Right ascension (ICRS)", "Declination (ICRS)")),
        ("fk5", {}, ("Right ascension (J2000)", "Declination (J2000)")),
        ("fk4", {}, ("Right ascension (B1950)", "Declination (B1950)")),
        ("galactic", {"kind": "GLON"}, ("Galactic longitude", "Galactic latitude")),
        ("icrs", {"turn": 90.0}, ("Declination (ICRS)", "Right ascension (ICRS)")),
        ("icrs", {"turn": -80.0}, ("Declination (ICRS)", "Right ascension (ICRS)")),
        ("icrs", {"turn": 180.0}, ("Right ascension (ICRS)", "Declination (ICRS)")),
    ],
)
def test_titles_say_frame_and_direction(frame, image, titles):
    found = graticule(sky(**image), *WHOLE, *SCREEN, frame)
    assert (found.titles["bottom"], found.titles["left"]) == titles
    # what is on an edge is what its title says
    for label in found.labels:
        title = titles[0] if label["edge"] in {"bottom", "top"} else titles[1]
        assert (label["kind"] == "lat") == ("eclination" in title or "latitude" in title)


def test_galactic_coordinates_are_degrees_whatever_the_style():
    texts = [label["text"] for label in graticule(sky(), *WHOLE, *SCREEN, "galactic", "sexagesimal").labels]
    assert texts
    assert all(text.endswith("°") for text in texts)


def test_right_ascension_goes_through_zero():
    texts = [
        label["text"] for label in graticule(sky(ra=0.0), *WHOLE, *SCREEN, "icrs").labels if label["kind"] == "lon"
    ]
    assert texts == ["00h02m", "00h01m", "00h00m", "23h59m", "23h58m"]


@pytest.mark.parametrize("dec", [90.0, -90.0, 89.5])
def test_a_pole_has_all_meridians_about_it(dec):
    celestial = sky(dec=dec, scale=10.0)
    found = graticule(celestial, *WHOLE, *SCREEN, "icrs")
    meridians = {line["text"] for line in found.lines if line["kind"] == "lon"}
    assert len(meridians) >= 8
    pole = celestial.to_pixel(0.0, np.sign(dec) * 90)
    for line, path in lines_of(found):
        if line["kind"] == "lon":
            assert np.hypot(*(path - pole).T).min() < 0.5
    whole = [path for line, path in lines_of(found) if line["kind"] == "lat" and np.hypot(*(path[0] - path[-1])) < 1]
    assert bool(whole) == (abs(dec) == 90)  # else it leaves the window
    assert len({label["edge"] for label in found.labels if label["kind"] == "lon"}) == 3


@pytest.mark.parametrize("turn", [20.0, 40.0, 50.0, 70.0, 130.0, 200.0])
@pytest.mark.parametrize("size", [(700, 700), (900, 400), (400, 900)])
def test_a_turned_image_labels_every_line_once(turn, size):
    box = (-0.5, 999.5, -0.5, 1000 * size[1] / size[0] - 0.5)
    found = graticule(sky(turn=turn), *box, *size, "icrs")
    check(sky(turn=turn), box, "icrs", found)
    assert sorted(label["text"] for label in found.labels) == sorted({line["text"] for line in found.lines})


@given(turn=st.floats(0, 360), dec=st.floats(-90, 90), width=st.integers(60, 2000))
@settings(max_examples=60, deadline=None)
def test_labels_do_not_touch_each_other(turn, dec, width):
    found = graticule(sky(turn=turn, dec=dec, scale=20.0), *WHOLE, width, 300, "icrs", "sexagesimal")
    for edge in ("left", "right", "bottom", "top"):
        size = width if edge in {"bottom", "top"} else 300
        labels = sorted((label["at"] + 0.5) / 1000 * size for label in found.labels if label["edge"] == edge)
        least = 18 if edge == "left" else 7.5 * 3
        assert all(b - a >= least * 0.99 for a, b in itertools.pairwise(labels))


def test_a_single_pixel_has_lines_too():
    celestial = sky(scale=0.001)
    box = (499.5, 500.5, 499.5, 500.5)
    found = graticule(celestial, *box, *SCREEN, "icrs", "degrees")
    assert {line["kind"] for line in found.lines} == {"lon", "lat"}
    check(celestial, box, "icrs", found)


@pytest.mark.parametrize(
    ("celestial", "box", "frame"),
    [
        (None, WHOLE, "icrs"),
        (sky(), WHOLE, "pixel"),
        (sky(), (5.0, 5.0, 0.0, 9.0), "icrs"),
        (sky(**ALL_SKY["AIT"]), (-500.0, -400.0, 0.0, 100.0), "icrs"),
    ],
)
def test_where_there_is_no_sky_there_is_no_grid(celestial, box, frame):
    found = graticule(celestial, *box, *SCREEN, frame)
    assert found.points.shape == (0, 2)
    assert found.describe() == {"lines": [], "labels": [], "titles": {}}


def test_the_points_are_all_in_lines_one_after_the_other():
    found = graticule(sky(turn=20.0), *WHOLE, *SCREEN, "icrs")
    at = 0
    for line in found.lines:
        assert line["start"] == at
        at += line["count"]
    assert at == len(found.points)
    assert found.points.dtype == np.float32


@pytest.mark.parametrize("frame", ["icrs", "galactic", "fk4"])
def test_real_images_of_all_projections_have_grids(unpack, frame):
    paths = sorted(unpack("img_small_mixed").rglob("*.fits"))
    images = [image for image in map(open_image, paths) if image.celestial is not None]
    assert len(images) >= 8
    for image in images:
        box = (-0.5, image.nx - 0.5, -0.5, image.ny - 0.5)
        found = graticule(image.celestial, *box, *SCREEN, frame)
        check(image.celestial, box, frame, found)
        assert {line["kind"] for line in found.lines} == {"lon", "lat"}, image.name
        assert found.labels
        image.close()


def test_it_is_quick():
    # about 3 ms, and 20 with FK4; the limit is what a loaded machine takes at worst
    celestial = sky()
    for frame in ("icrs", "galactic", "fk4"):
        graticule(celestial, *WHOLE, *SCREEN, frame)
        began = time.thread_time()
        for _ in range(5):
            graticule(celestial, *WHOLE, *SCREEN, frame)
        assert (time.thread_time() - began) / 5 < 0.06
