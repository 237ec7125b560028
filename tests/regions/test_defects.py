"""What other programs get wrong with region files, each by name: here it is right."""

from __future__ import annotations

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord

from dsa110_vis.image import open_image
from dsa110_vis.regions import Region, pixels_of, read, to_pixels, write
from dsa110_vis.regions.shapes import (
    Box,
    BoxAnnulus,
    Circle,
    CircleAnnulus,
    Ellipse,
    EllipseAnnulus,
    Point,
    Polygon,
    Polyline,
)

CRTF = "#CRTFv0 CASA Region Text Format version 0\n"
PIXEL = 2.5 / 3600


@pytest.fixture
def image(sky, write_image):
    return open_image(write_image(sky))


@pytest.fixture
def image_at(sky, write_image):
    def opened(lon, lat, **more):
        return open_image(write_image(sky, f"{lon}{lat}.fits", CRVAL1=lon, CRVAL2=lat, **more))

    return opened


def only(text, image, format=None):  # noqa: A002
    regions, report = read(text, image, format)
    assert report.problems == []
    assert len(regions) == 1
    return regions[0]


def pixels(regions, image):
    return pixels_of(regions, (image.ny, image.nx), image.celestial)


# -- astropy's regions 0.12 --------------------------------------------------------------------------------------------


def test_1_a_sky_box_between_corners_is_narrower_away_from_the_equator(image_at):
    image = image_at(202.5, 60.0)
    width = 100 * PIXEL / np.cos(np.radians(60.0))
    corners = (f"[{202.5 + sign * width / 2}deg, {60 + sign * 25 * PIXEL}deg]" for sign in (-1, 1))
    text = f"{CRTF}box[{', '.join(corners)}], coord=ICRS"
    assert pixels([only(text, image)], image).sum() == pytest.approx(101 * 51, rel=0.02)


def test_2_a_box_across_longitude_0_is_not_the_rest_of_the_sky(image_at):
    image = image_at(0.0, 30.0)
    text = f"{CRTF}box[[359.98deg, 29.98deg], [0.02deg, 30.02deg]], coord=ICRS"
    box = only(text, image).shape
    assert (box.x % 360, box.y) == pytest.approx((0.0, 30.0))
    assert box.width == pytest.approx(0.04 * np.cos(np.radians(30)), rel=1e-6)


def test_3_pixel_regions_go_through_crtf_in_pixels(image):
    region = Region(Circle(100.25, 90.5, 12.0))
    text = write([region], image, "crtf")
    assert "circle[[100.25pix, 90.5pix], 12pix]" in text
    assert "coord" not in text
    assert only(text, image) == region


def test_4_points_can_be_read_again_by_us_and_by_regions(image):
    from regions import PointSkyRegion, Regions

    region = Region(Point(202.5, 30.5), frame="icrs")
    text = write([region], image, "crtf")
    assert only(text, image).shape == region.shape
    (read_by_regions,) = Regions.parse(text.replace("ann ", ""), format="crtf")
    assert isinstance(read_by_regions, PointSkyRegion)


@pytest.mark.parametrize("format_name", ["ds9", "crtf", "json"])
def test_5_writing_twice_gives_the_same_and_keeps_the_sign(image, format_name):
    regions = [Region(Circle(100, 90, 20)), Region(Circle(100, 90, 8), include=False)]
    first, second = write(regions, image, format_name), write(regions, image, format_name)
    assert first == second
    assert [region.include for region in read(second, image)[0]] == [True, False]


def test_6_an_excluded_region_of_crtf_is_excluded_in_ds9(image):
    regions, _ = read(f"{CRTF}circle[[100pix, 90pix], 20pix]\n-circle[[100pix, 90pix], 8pix]\n", image)
    text = write(regions, image, "ds9")
    assert "\n-circle(101,91,8)" in text
    assert [region.include for region in read(text, image)[0]] == [True, False]


def test_7_excluded_regions_are_taken_from_the_mask_in_the_order_of_the_file(image):
    big, small = "circle[[100pix, 90pix], 20pix]", "circle[[100pix, 90pix], 8pix]"
    hole = pixels(read(f"{CRTF}{big}\n-{small}\n", image)[0], image)
    filled = pixels(read(f"{CRTF}{big}\n-{small}\n{small}\n", image)[0], image)
    assert (hole.sum(), filled.sum()) == (1257 - 197, 1257)


def test_8_what_is_only_annotated_is_in_no_mask_and_stays_so(image):
    region = only(f"{CRTF}ann circle[[100pix, 90pix], 20pix]\n", image)
    assert region.annotation
    assert not pixels([region], image).any()
    for name in ("ds9", "crtf", "json"):
        assert only(write([region], image, name), image).annotation


def test_9_without_coord_angles_are_celestial_and_it_is_said(image):
    regions, report = read(f"{CRTF}circle[[202.5deg, 30.5deg], 20arcsec]\n", image)
    assert regions[0].frame == "icrs"
    assert any("coord=" in warning for warning in report.warnings)
    assert pixels(regions, image).sum() == pytest.approx(np.pi * 8**2, rel=0.05)


@pytest.mark.parametrize(
    "line",
    [
        "polyline[[10pix, 20pix], [30pix, 40pix], [50pix, 20pix]]",
        "CIRCLE[[100pix, 90pix], 20pix]",
        "circle[[202.5deg, 30.5deg], 0.5amin], coord=ICRS",
        "circle[[13h30m00s, +30d30m00s], 0.5arcmin], coord=ICRS",
        "circle[[13:30:00, +30.30.00], 0.5arcmin], coord=J2000",
    ],
)
def test_10_polylines_capitals_and_odd_units_are_read(image, line):
    only(CRTF + line + "\n", image)


def test_10_one_bad_line_costs_only_itself(image):
    lines = (
        "circle[[100pix, 90pix], 20pix]",
        "circle[[100pix, 90], 20pix]",
        "nonsense",
        "box[[1pix, 2pix], [9pix, 9pix]]",
    )
    text = CRTF + "\n".join(lines)
    regions, report = read(text, image)
    assert len(regions) == 2
    assert [(problem.line, problem.text) for problem in report.problems] == [
        (3, "circle[[100pix, 90], 20pix]"),
        (4, "nonsense"),
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"{CRTF}circle[[10:30:00, 20:30:00], 0.5arcmin], coord=GALACTIC\n", "crtf"),
        ('galactic\ncircle(10:30:00,+20:30:00,30")\n', "ds9"),
    ],
)
def test_11_galactic_longitudes_with_colons_are_degrees(image, text, name):
    region = only(text, image, name)
    assert region.frame == "galactic"
    assert (region.shape.x, region.shape.y) == pytest.approx((10.5, 20.5))


def test_12_labels_with_commas_and_limits_go_both_ways(image):
    text = f"{CRTF}circle[[100pix, 90pix], 20pix], range=[3chan, 7chan], corr=[I, Q], label='one, two', color=red\n"
    region = only(text, image)
    expected = Region(Circle(100, 90, 20), label="one, two", colour="red", channels=(3, 7), stokes=("I", "Q"))
    assert region == expected
    for name in ("ds9", "crtf", "json"):
        assert only(write([region], image, name), image) == expected
    from regions import CirclePixelRegion, Regions

    (read_by_regions,) = Regions.parse(write([region], image, "ds9"), format="ds9")  # to which the limits are just tags
    assert isinstance(read_by_regions, CirclePixelRegion)


@pytest.mark.parametrize(
    "shape", [EllipseAnnulus(100, 90, 10, 5, 30, 20, 30), BoxAnnulus(100, 90, 10, 5, 60, 40, 30)], ids=lambda s: s.name
)
def test_13_annuli_of_ellipses_and_boxes_go_into_crtf_with_their_hole(image, shape):
    region = Region(shape)
    again, report = read(write([region], image, "crtf"), image)
    assert not report.problems
    mine, theirs = pixels([region], image), pixels(again, image)
    assert (mine != theirs).sum() <= 4
    assert not theirs[90, 100]
    assert only(write([region], image, "ds9"), image).shape == shape


def test_14_all_members_of_a_composite_are_taken(image):
    members = "circle(101,91,5) ||\nbox(121,91,5,6,0) ||\nellipse(141,91,5,6,0)\n"
    text = f"image\n# composite(101,91,0) || composite=1\n{members}"
    regions, report = read(text, image)
    assert [region.shape.name for region in regions] == ["circle", "box", "ellipse"]
    assert report.problems == []
    assert any("omposite" in warning for warning in report.warnings)


def test_14_shapes_joined_on_one_line_are_all_taken(image):
    regions, report = read("image\ncircle(101,91,5) || -circle(121,91,6) # color=red\n", image)
    assert [(region.shape.x, region.include) for region in regions] == [(100, True), (120, False)]
    assert report.problems == []


def test_15_without_a_frame_ds9_means_physical_and_it_is_said(image):
    regions, report = read("circle(101,91,5)\n", image)
    assert regions[0].shape == Circle(100, 90, 5)
    assert any("physical" in warning for warning in report.warnings)


def test_15_physical_coordinates_follow_the_header(sky, write_image):
    image = open_image(write_image(sky, LTM1_1=0.5, LTM2_2=0.5, LTV1=10.0, LTV2=20.0))
    region = only("physical\ncircle(182,142,10)\n", image)
    assert region.shape == Circle(182 * 0.5 + 10 - 1, 142 * 0.5 + 20 - 1, 5.0)


@pytest.mark.parametrize("frame", ["linear", "wcsa", "detector", "Ices"])
def test_15_what_is_in_an_unknown_frame_is_reported_and_not_guessed(image, frame):
    regions, report = read(f"{frame}\ncircle(101,91,5)\nimage\ncircle(101,91,6)\n", image)
    assert [region.shape for region in regions] == [Circle(100, 90, 6)]
    assert any(problem.line == 2 and frame in problem.reason for problem in report.problems)


def test_15_sizes_in_pixels_at_celestial_positions_and_the_other_way_round(image):
    x, y = image.celestial.to_pixel(202.5, 30.5)
    mixed = to_pixels(only("icrs\ncircle(202.5,30.5,12i)\n", image), image.celestial).shape
    assert (mixed.x, mixed.y, mixed.radius) == pytest.approx((float(x), float(y), 12))
    mixed = to_pixels(only('image\ncircle(101,91,25")\n', image), image.celestial).shape
    assert (mixed.x, mixed.y, mixed.radius) == pytest.approx((100, 90, 10), abs=1e-3)


@pytest.mark.parametrize(
    "line", ["panda(101,91,0,90,1,5,10,1)", "compass(101,91,20)", "epanda(101,91,0,90,1,5,3,10,6,1)"]
)
def test_15_shapes_that_are_not_supported_are_reported(image, line):
    regions, report = read(f"image\n{line}\n", image)
    assert regions == []
    assert [(problem.line, problem.text) for problem in report.problems] == [(2, line)]


@pytest.mark.parametrize(
    ("line", "shape"),
    [
        ("# vector(101,91,10,90) vector=1", "line"),
        ("# ruler(101,91,111,91) ruler=physical physical", "line"),
        ("# projection(101,91,111,91,3)", "line"),
        ("# segment(101,91,111,91,111,101)", "polyline"),
        ("# text(101,91) text={here}", "point"),
    ],
)
def test_15_what_ds9_hides_in_comments_is_taken_as_a_drawing(image, line, shape):
    region = only(f"image\n{line}\n", image)
    assert (region.shape.name, pixels([region], image).any()) == (shape, False)


def test_16_braces_in_a_text_are_kept(image):
    assert only("image\ncircle(101,91,5) # text={a {b} c} color=red\n", image).label == "a {b} c"
    region = Region(Circle(100, 90, 5), label="a {b} c")
    assert only(write([region], image, "ds9"), image).label == "a {b} c"


@pytest.mark.parametrize(
    "label", ["a # b", "a; b", "it's", 'say "so"', "a, b [c] (d)", "}", "{", "'\"}", "text={x}", "ann", "-box", "é 星"]
)
@pytest.mark.parametrize("name", ["ds9", "crtf", "json"])
def test_16_no_label_breaks_a_line_or_its_neighbours(image, name, label):
    regions = [Region(Circle(100, 90, 5), label=label, colour="red"), Region(Circle(50, 40, 5), include=False)]
    again, report = read(write(regions, image, name), image, name)
    assert report.problems == []
    assert [(region.shape, region.include) for region in again] == [
        (region.shape, region.include) for region in regions
    ]
    assert again[0].colour == "red"
    if name == "json" or not set(label) & set("{}'\""):
        assert again[0].label == label


def test_17_a_pixel_has_one_place_in_all_formats(image):
    region = Region(Point(10, 20))
    assert "point(11,21)" in write([region], image, "ds9")
    assert "[10pix, 20pix]" in write([region], image, "crtf")
    for name in ("ds9", "crtf", "json"):
        assert only(write([region], image, name), image).shape == Point(10, 20)


def test_18_positions_are_kept_to_a_tenth_of_a_billionth_of_a_degree(image):
    region = Region(Circle(202.5012345678, 30.5098765432, 0.0023456789), frame="icrs")
    for name in ("ds9", "crtf", "json"):
        shape = only(write([region], image, name), image).shape
        assert (shape.x, shape.y) == pytest.approx((region.shape.x, region.shape.y), abs=1e-10, rel=0)
        assert shape.radius == pytest.approx(region.shape.radius, abs=1e-10, rel=0)


@pytest.mark.parametrize("name", ["ds9", "crtf", "json"])
def test_18_icrs_stays_icrs(image, name):
    region = only(write([Region(Point(202.5, 30.5), frame="icrs")], image, name), image)
    assert (region.frame, region.shape) == ("icrs", Point(202.5, 30.5))


# -- conventions -------------------------------------------------------------------------------------------------------


def test_the_angle_of_an_ellipse_is_from_north_in_crtf_and_from_the_axis_in_ds9(image):
    region = Region(Ellipse(100, 90, 30, 10, 20))
    assert "[30pix, 10pix], 290deg]" in write(
        [region], image, "crtf"
    )  # the axis at 20 degrees is also at 20 - 90 + 360
    assert "ellipse(101,91,30,10,20)" in write([region], image, "ds9")
    # position angle 30: north through east, which is to the left
    mask = pixels(
        [only(f"{CRTF}ellipse[[202.5deg, 30.5deg], [60arcsec, 10arcsec], 30deg], coord=ICRS\n", image)], image
    )
    y, x = np.nonzero(mask)
    assert np.polyfit(y - y.mean(), x - x.mean(), 1)[0] == pytest.approx(-np.tan(np.radians(30)), abs=0.05)


def test_the_angle_of_a_box_is_from_the_axis_in_both(image):
    region = Region(Box(202.5, 30.5, 0.03, 0.01, 20), frame="icrs")
    assert "[108arcsec, 36arcsec], 20deg]" in write([region], image, "crtf")
    assert 'box(202.5,30.5,108",36",20)' in write([region], image, "ds9")


def test_the_coordinates_of_casa_have_the_names_that_casa_takes(image, write_image, sky):
    fk5 = open_image(write_image(sky, "fk5.fits", RADESYS="FK5", EQUINOX=2000.0))
    assert "coord=ICRS" in write([Region(Point(202.5, 30.5), frame="icrs")], image, "crtf")
    assert "coord=J2000" in write([Region(Point(202.5, 30.5), frame="fk5")], fk5, "crtf")


def test_a_region_in_another_frame_is_at_the_same_place_in_crtf(image):
    place = SkyCoord(202.5, 30.5, unit="deg", frame="icrs")
    region = Region(Point(place.galactic.l.deg, place.galactic.b.deg), frame="galactic")
    again = only(write([region], image, "crtf"), image)
    there = SkyCoord(again.shape.x, again.shape.y, unit="deg", frame=again.frame)
    assert there.separation(place) < 1e-9 * u.deg


def test_edges_count_and_so_does_the_rule_of_pixel_centres(image):
    for text, count in (("box(101,91,20,20,0)", 441), ("circle(101,91,20)", 1257)):
        assert pixels([only(f"image\n{text}\n", image)], image).sum() == count


def test_lines_and_polylines_are_drawings_to_casa(image):
    text = write([Region(Polyline(((1, 2), (3, 4), (5, 2))), label="path")], image, "crtf")
    assert "polyline" not in text
    assert [line[:9] for line in text.splitlines()[1:]] == ["ann line["] * 2


# -- the masks of dsa110-contimg ---------------------------------------------------------------------------------------


def test_contimg_polygons_and_rotations_are_kept(image):
    regions = [
        Region(Polygon(((10, 10), (40, 12), (25, 50)))),
        Region(Ellipse(100, 90, 30, 10, 20)),
        Region(Box(100, 90, 30, 10, 20)),
        Region(CircleAnnulus(200, 90, 10, 20)),
    ]
    for name in ("ds9", "crtf", "json"):
        assert np.array_equal(pixels(read(write(regions, image, name), image)[0], image), pixels(regions, image))


def test_contimg_the_same_region_is_at_the_same_pixel_in_ds9_and_crtf(image):
    region = Region(Circle(100, 90, 5))
    masks = [pixels(read(write([region], image, name), image)[0], image) for name in ("ds9", "crtf")]
    assert np.array_equal(*masks)
    y, x = np.nonzero(masks[0])
    assert (x.mean(), y.mean()) == (100, 90)


def test_contimg_lines_with_frames_are_not_counted_as_regions(image):
    _, report = read("# Region file format: DS9\nglobal color=green\nimage\ncircle(1,2,3)\nfk5\n", image)
    assert report.n_regions == 1


def test_contimg_all_shapes_of_a_casa_file_are_read_not_just_the_first_circle(image):
    circle, box = "circle[[10pix, 20pix], 5pix]", "centerbox[[10pix, 20pix], [5pix, 6pix]]"
    text = f"{CRTF}{circle}\n{box}\npoly[[1pix, 1pix], [9pix, 1pix], [5pix, 9pix]]\n"
    assert [region.shape.name for region in read(text, image)[0]] == ["circle", "box", "polygon"]


def test_the_frame_a_region_was_drawn_in_is_the_frame_it_is_written_in(image):
    region = to_pixels(Region(Circle(202.5, 30.5, 0.01), frame="icrs"), image.celestial)
    assert 'icrs\ncircle(202.5,30.5,36")' in write([region], image, "ds9")
    assert only(write([region], image, "ds9"), image).frame == "icrs"
