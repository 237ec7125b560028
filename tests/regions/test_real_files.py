"""All the region files of other programs: none raises, and each shape is a region or stands in the report."""

from __future__ import annotations

import re

import pytest

from dsa110_vis.image import open_image
from dsa110_vis.regions import read

WORDS = (
    "circle|ellipse|box|rotbox|rectangle|polygon|poly|point|symbol|line|vector|text|annulus|ruler|projection|segment|"
    "compass|composite|panda|epanda|bpanda|pie|field|ascircle|centerbox|polyline"
)
SHAPE = re.compile(rf"(?:^|[\s;+\-#!*|&])({WORDS})\s*[(\[]", re.IGNORECASE)

COMMENTED = re.compile(r"#\s*(text|vector|ruler|projection|segment|compass|composite)\(")
"""What DS9 writes as a comment, for others to leave out; further shapes in comments are taken out by hand."""


@pytest.fixture(scope="module")
def image(unpack):
    return open_image(unpack("img_small_mixed") / "carta" / "M17_SWex_unit.fits")


@pytest.fixture(scope="module")
def files(unpack):
    return unpack("regions_dev")


def counted(text: str) -> int:
    """Count what looks like a shape, by other means: words before a bracket, outside of labels and properties."""
    lines = [line for line in text.splitlines() if not line.startswith("#") or COMMENTED.match(line)]
    text = "\n".join(lines)
    text = re.sub(r"=\s*(\{[^}]*\}|\([^)]*\)(\([^)]*\))*|\"[^\"]*\"|'[^']*')", "", text)
    return len(SHAPE.findall(text))


@pytest.mark.parametrize(("pattern", "least"), [("*/*.reg", 90), ("*/*.crtf", 11)])
def test_every_shape_is_a_region_or_in_the_report(files, image, pattern, least):
    paths = sorted(files.glob(pattern))
    assert len(paths) >= least
    wrong = []
    for path in paths:
        regions, report = read(path, image)
        assert report.n_regions == len(regions)
        assert all(problem.line > 0 and problem.reason for problem in report.problems)
        text = path.read_text("latin-1")
        expected = counted(text)
        lines = {problem.line for problem in report.problems}
        assert all(number <= len(text.splitlines()) for number in lines)
        taken = len(regions) + sum(bool(SHAPE.search(f" {problem.text}")) for problem in report.problems)
        # several rings in one line are so many regions, and a composite is its members
        if taken < expected - len(re.findall(r"composite\s*\(", text)):
            wrong.append((path.name, expected, len(regions), len(report.problems)))
    assert wrong == []


def test_without_an_image_nothing_raises_either(files):
    for path in sorted(files.glob("*/*.reg")) + sorted(files.glob("*/*.crtf")):
        read(path, None)


def test_fits_tables_are_read_as_far_as_they_can_be(files, image):
    paths = sorted(files.glob("*/*.fits"))
    assert len(paths) == 6
    for path in paths:
        regions, report = read(path, image)
        assert report.format == "fits"
        assert regions
        assert all(problem.reason.endswith(".") for problem in report.problems)


@pytest.mark.parametrize("pattern", ["*.icrs.*", "*.fk5.*", "*.fk4.*", "*.galactic.*", "*.ecliptic.*"])
def test_the_files_of_ds9_in_degrees_and_in_parts_of_60_are_the_same(files, image, pattern):
    frame = pattern.strip("*.")
    plain, _ = read(files / "astropy_regions" / f"data__ds9.{frame}.reg", image)
    parts, _ = read(files / "astropy_regions" / f"data__ds9.{frame}.hms.reg", image)
    assert [one.shape.name for one in plain] == [one.shape.name for one in parts]
    for one, other in zip(plain, parts, strict=True):
        if hasattr(one.shape, "x"):
            assert (one.shape.x, one.shape.y) == pytest.approx((other.shape.x, other.shape.y), abs=1e-4)


def test_a_mask_that_casa_made_a_guide_with(files, image):
    regions, report = read(files / "casa_crtf" / "3c391_clean_mask.crtf", image)
    assert report.problems == []
    assert [region.shape.name for region in regions] == ["polygon"]
