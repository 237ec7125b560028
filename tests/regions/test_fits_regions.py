"""FITS tables of regions: pixels count from 1 in them, and what cannot be taken is said row by row."""

from __future__ import annotations

import io

import numpy as np
import pytest
from astropy.io import fits

from dsa110_vis.errors import RegionSyntaxError
from dsa110_vis.regions import Region, read
from dsa110_vis.regions.shapes import Box, Circle, CircleAnnulus, Ellipse, Point, Polygon


def table(rows):
    columns = [
        fits.Column("SHAPE", "20A", array=[row[0] for row in rows]),
        fits.Column(
            "X", "4D", array=[np.pad(np.atleast_1d(row[1]).astype(float), (0, 4 - np.size(row[1]))) for row in rows]
        ),
        fits.Column(
            "Y", "4D", array=[np.pad(np.atleast_1d(row[2]).astype(float), (0, 4 - np.size(row[2]))) for row in rows]
        ),
        fits.Column(
            "R", "2D", array=[np.pad(np.atleast_1d(row[3]).astype(float), (0, 2 - np.size(row[3]))) for row in rows]
        ),
        fits.Column("ROTANG", "D", array=[row[4] for row in rows]),
    ]
    out = io.BytesIO()
    fits.BinTableHDU.from_columns(columns).writeto(out)
    return out.getvalue()


def test_shapes_signs_and_the_first_pixel():
    found, report = read(
        table(
            [
                ("CIRCLE", 11, 21, 5, 0),
                ("!CIRCLE", 11, 21, 2, 0),
                ("ROTBOX", 11, 21, (5, 6), 30),
                ("ELLIPSE", 11, 21, (5, 6), 30),
                ("ANNULUS", 11, 21, (5, 6), 0),
                ("POINT", 1, 1, 0, 0),
                ("POLYGON", (1, 5, 3), (1, 1, 4), 0, 0),
            ]
        ),
        None,
    )
    assert report.problems == []
    assert found == [
        Region(Circle(10, 20, 5)),
        Region(Circle(10, 20, 2), include=False),
        Region(Box(10, 20, 5, 6, 30)),
        Region(Ellipse(10, 20, 5, 6, 30)),
        Region(CircleAnnulus(10, 20, 5, 6)),
        Region(Point(0, 0)),
        Region(Polygon(((0, 0), (4, 0), (2, 3)))),
    ]


def test_rows_that_cannot_be_taken_are_reported_with_their_number():
    found, report = read(table([("CIRCLE", 11, 21, 5, 0), ("PIE", 11, 21, 5, 0), ("CIRCLE", 11, 21, 0, 0)]), None)
    assert len(found) == 1
    assert [problem.line for problem in report.problems] == [2, 3]
    assert "PIE" in report.problems[0].reason


def test_a_fits_file_without_such_a_table_is_refused():
    out = io.BytesIO()
    fits.PrimaryHDU(np.zeros((4, 4), np.float32)).writeto(out)
    with pytest.raises(RegionSyntaxError, match="no table of regions"):
        read(out.getvalue(), None)
