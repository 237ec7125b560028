"""Region files at their edges: what is a path, what is refused, what other programs write, and what never gets out."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import BarycentricMeanEcliptic, SkyCoord
from astropy.io import fits

from dsa110_vis.errors import OptionError, RegionSyntaxError
from dsa110_vis.image import open_image
from dsa110_vis.regions import Region, pixels_of, read, to_pixels, write
from dsa110_vis.regions.shapes import Box, Brush, Circle, Ellipse, Point, Polyline

CRTF = "#CRTFv0 CASA Region Text Format version 0\n"
DS9 = "# Region file format: DS9 version 4.1\n"
CUBE = {
    "CTYPE3": "FREQ", "CRVAL3": 1.4e9, "CDELT3": 1e6, "CRPIX3": 1.0, "CUNIT3": "Hz",
    "CTYPE4": "STOKES", "CRVAL4": 1.0, "CDELT4": 1.0, "CRPIX4": 1.0,
}  # fmt: skip


@pytest.fixture
def image(sky, write_image):
    return open_image(write_image(sky))


@pytest.fixture
def cube(sky, write_image):
    return open_image(write_image(np.zeros((2, 5, *sky.shape), np.float32), "cube.fits", **CUBE))


# -- what is read ------------------------------------------------------------------------------------------------------


def test_a_path_with_brackets_is_a_path(image, tmp_path):
    path = tmp_path / "field (2) #1.reg"
    path.write_text("image\ncircle(11,21,5)\n")
    for source in (path, str(path)):
        assert read(source, image)[0] == [Region(Circle(10, 20, 5))]
    with pytest.raises(RegionSyntaxError, match="cannot be read"):
        read(str(tmp_path / "absent (2).reg"), image)
    assert read("image;circle(11,21,5)", image)[0] == [Region(Circle(10, 20, 5))]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_editors_count_them(image, ending):
    text = ending.join(["image", "", "circle(11,21,5) # text={a\x0bb\u2028c}", "pandas", "circle(1)"])
    regions, report = read(text, image, "ds9")
    assert len(regions) == 1
    assert [problem.line for problem in report.problems] == [4, 5]


@pytest.mark.parametrize(
    "text", ["Dear reader,\nthis is no region file.\n", "<?xml version='1.0'?>\n<a>1</a>\n", "12 13 14\n"]
)
@pytest.mark.parametrize("name", [None, "ds9", "crtf"])
def test_what_has_nothing_of_a_region_file_is_refused_as_a_whole(image, text, name):
    with pytest.raises(RegionSyntaxError, match="no regions: line 1"):
        read(text, image, name)


def test_a_file_of_comments_is_an_empty_one(image):
    for text in ("# nothing here\nglobal color=red\n", CRTF, "\n\n"):
        assert read(text, image)[0] == []


def test_too_many_problems_end_the_reading(image):
    with pytest.raises(RegionSyntaxError, match="more than 10000 lines") as caught:
        read("image\n" + "panda(1,2,3)\n" * 10_001, image)
    assert "not supported" in caught.value.hint


def test_few_words_do_not_make_endless_regions(image):
    _, report = read("image\nannulus(10,10,1,2,n=1000000000)\n", image)
    assert "rings" in report.problems[0].reason
    with pytest.raises(RegionSyntaxError, match="more than 500000 regions"):
        read("image\n" + "annulus(10,10,1,2,n=1000)\n" * 501, image)


@pytest.mark.parametrize(
    "text", ["(" * 100_000, "circle" + "(" * 100_000, "circle[" * 50_000, "text={" * 50_000, "'\"" * 50_000]
)
def test_deep_and_open_brackets_end(image, text):
    for name in ("ds9", "crtf"):
        _, report = read(f"image\ncircle(1,2,3)\n{text}\ncircle[[1pix, 2pix], 3pix]\n", image, name)
        assert report.n_regions == 1


@pytest.mark.parametrize(
    "line", ["# circle(11,21,5)", "# -box(11,21,5,6)", "#circle[[10pix,20pix],5pix]", "## circle(1,2,3)"]
)
def test_a_region_that_was_made_a_comment_is_none(image, line):
    for name, head in (("ds9", f"{DS9}image\n"), ("crtf", CRTF)):
        assert read(f"{head}{line}\n", image, name)[0] == []


def test_numbers_that_no_image_has_are_problems(image):
    lines = [
        "circle(1e400,2,3)",
        "circle(nan,2,3)",
        "circle(1,2,-3)",
        "circle(1,2,0)",
        "circle(1,2,inf)",
        "polygon(1,2,3,4)",
    ]
    regions, report = read("image\n" + "\n".join(lines), image)
    assert regions == []
    assert [problem.text for problem in report.problems] == lines


def test_carta_counted_from_0_in_ds9_files_until_its_version_3(image):
    for version, x in (("1.4", 10.0), ("2.0", 10.0), ("3.0.0", 9.0), ("6.0.0-dev", 9.0)):
        regions, report = read(f"# Region file format: DS9 CARTA {version}\nimage\npoint(10, 20)\n", image)
        assert regions[0].shape == Point(x, x + 10)
        assert any("CARTA" in warning for warning in report.warnings) == (x == 10)


def test_shapes_of_ciao_and_carta(image):
    text = "physical\nrotrectangle(1,1,21,11,30)\npolyline(1,1,5,5,9,1)\n+circle(5,5,2)-circle(5,5,1)\n"
    regions, report = read(text, image)
    assert report.problems == []
    assert regions == [
        Region(Box(10, 5, 20, 10, 30)),
        Region(Polyline(((0, 0), (4, 4), (8, 0)))),
        Region(Circle(4, 4, 2)),
        Region(Circle(4, 4, 1), include=False),
    ]
    _, report = read("physical\ncircle(5,5,2)*box(5,5,3,3,0)\n", image)
    assert "combined by '*'" in report.problems[0].reason


@pytest.mark.parametrize(("lon", "lat"), [(10.0, 20.0), (275.0, -66.0), (90.0, 66.5), (359.999, 0.0)])
def test_ecliptic_coordinates_are_those_of_astropy(image, lon, lat):
    (region,), _ = read(f'ecliptic\nellipse({lon},{lat},60",20",30)\n', image)
    there = SkyCoord(lon * u.deg, lat * u.deg, frame=BarycentricMeanEcliptic(equinox="J2000")).icrs
    found = SkyCoord(region.shape.x * u.deg, region.shape.y * u.deg)
    assert found.separation(there).mas < 50  # astropy's mean ecliptic has a newer obliquity
    north = SkyCoord(lon * u.deg, (lat + 1e-3) * u.deg, frame=BarycentricMeanEcliptic(equinox="J2000")).icrs
    turn = there.position_angle(north).deg
    assert np.mod(region.shape.angle - 30.0 - turn + 180.0, 360.0) - 180.0 == pytest.approx(0.0, abs=2e-3)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ("1chan, 3chan", (1, 3)),
        ("3chan 1chan", (1, 3)),
        ("1.401GHz, 1.403GHz", (1, 3)),
        ("1402.0MHz, 1402.4MHz", (2, 2)),
        ("1.4009e9Hz, 1.4011e9Hz", (1, 1)),
    ],
)
def test_ranges_become_channels(cube, limits, expected):
    (region,), _ = read(f"{CRTF}circle[[10pix, 20pix], 5pix], range=[{limits}]\n", cube)
    assert region.channels == expected


@pytest.mark.parametrize("limits", ["2GHz, 3GHz", "1m, 2m", "1chan", "x, y"])
def test_ranges_that_say_nothing_about_the_image_are_problems(cube, limits):
    regions, report = read(f"{CRTF}circle[[10pix, 20pix], 5pix], range=[{limits}]\n", cube)
    assert regions == []
    assert any(word in report.problems[0].reason for word in ("range=", "unit", "number"))


def test_a_fits_table_with_its_own_coordinates_is_in_the_sky(image):
    where = {"coord_ref_point": 51.0, "array": [51.0]}
    columns = [
        fits.Column("SHAPE", "10A", array=["CIRCLE"]),
        fits.Column("X", "D", coord_type="RA---TAN", coord_ref_value=202.5, coord_inc=-1e-3, **where),
        fits.Column("Y", "D", coord_type="DEC--TAN", coord_ref_value=30.5, coord_inc=1e-3, **where),
        fits.Column("R", "D", array=[20.0]),
    ]
    out = io.BytesIO()
    fits.BinTableHDU.from_columns(columns).writeto(out)
    (region,), report = read(out.getvalue(), image)
    assert (region.frame, report.problems) == ("icrs", [])
    assert (region.shape.x, region.shape.y, region.shape.radius) == pytest.approx((202.5, 30.5, 0.02))
    placed = to_pixels(region, image.celestial).shape
    assert (placed.x, placed.y, placed.radius) == pytest.approx((160.0, 140.0, 0.02 * 3600 / 2.5), rel=1e-4)


def test_stokes_parameters_do_not_matter_to_an_image_without_them(image, cube):
    regions, _ = read(f"{CRTF}circle[[100pix, 90pix], 5pix], corr=[Q]\n", image)
    assert pixels_of(regions, image.shape, channel=0, stokes=image.stokes[0]).sum() == 81
    assert [int(pixels_of(regions, cube.shape, channel=0, stokes=name).sum()) for name in cube.stokes] == [0, 81]


# -- what is written ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ds9", "crtf", "json"])
def test_no_text_of_a_region_becomes_a_line_of_its_own(image, name):
    wicked = "red\ncircle(5,5,5)\ncircle[[5pix, 5pix], 5pix]\n"
    region = Region(Circle(100, 90, 5), label=wicked, colour=wicked, stokes=(wicked,))
    regions, _ = read(write([region], image, name), image, name)
    assert [one.shape for one in regions] in ([Circle(100, 90, 5)], [])
    assert all("\n" not in one.colour for one in regions)


def test_a_brush_stroke_is_only_pixels(image):
    for name in ("ds9", "crtf"):
        with pytest.raises(OptionError, match="only pixels"):
            write([Region(Brush(((1, 2),), 3))], image, name)


def test_regions_in_the_sky_can_be_written_for_an_image_without_coordinates(sky):
    image = open_image(sky)
    region = Region(Circle(202.5, 30.5, 0.01), frame="fk5")
    assert read(write([region], image, "ds9"), image)[0] == [region]
    with pytest.raises(OptionError, match="no celestial coordinates"):
        write([replace(region, drawn_in="pixel")], image, "ds9")


def test_what_casa_would_refuse_is_written_otherwise(cube):
    regions = [
        Region(Circle(100, 90, 5), stokes=("Q", "U"), channels=(1, 9)),
        Region(Circle(100, 90, 6), stokes=("V",)),
        Region(Circle(100, 90, 7), channels=(7, 9), include=False),
    ]
    first, second, third = write(regions, cube, "crtf").splitlines()[1:]
    assert first == "circle[[100pix, 90pix], 5pix], range=[1chan, 9chan], corr=[Q]"
    assert second == "ann circle[[100pix, 90pix], 6pix]"  # it is for none of the planes
    assert third == "ann circle[[100pix, 90pix], 7pix]"


def test_shapes_keep_their_kind_in_crtf_where_casa_takes_them_well(image, write_image, sky):
    x, y = (float(value) for value in image.celestial.to_world(170.0, 150.0))
    round_ones = [Circle(x, y, 0.01), Ellipse(x, y, 0.012, 0.01, 30.0), Box(x, y, 0.02, 0.01, 30.0)]
    for shape in round_ones:
        (again,), _ = read(write([Region(shape, frame="icrs")], image, "crtf"), image)
        assert type(again.shape) is type(shape)
    turned = open_image(write_image(sky, "turned.fits", PC1_1=0.8, PC1_2=-0.6, PC2_1=0.6, PC2_2=0.8))
    kinds = [
        read(write([Region(shape, frame="icrs")], turned, "crtf"), turned)[0][0].shape.name for shape in round_ones
    ]
    assert kinds == ["circle", "polygon", "box"]
    in_pixels = [Ellipse(90, 80, 20, 10, 30), Box(90, 80, 20, 10), Box(90, 80, 20, 10, 30)]
    kinds = [read(write([Region(shape)], turned, "crtf"), turned)[0][0].shape.name for shape in in_pixels]
    assert kinds == ["ellipse", "box", "polygon"]
    for shape in in_pixels:
        mine, theirs = (
            pixels_of(one, sky.shape)
            for one in ([Region(shape)], read(write([Region(shape)], turned, "crtf"), turned)[0])
        )
        assert np.array_equal(mine, theirs)
