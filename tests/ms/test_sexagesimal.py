"""Directions in the summary read as an astronomer writes them."""

from __future__ import annotations

import pytest

from dsa110_vis.ms.summary import sexagesimal


@pytest.mark.parametrize(
    ("ra_deg", "dec_deg", "text"),
    [
        (202.784533, 30.509155, "13:31:08.29 +30:30:33.0"),
        (0.0, -0.5, "00:00:00.00 -00:30:00.0"),
        (359.99999999, 90.0, "00:00:00.00 +90:00:00.0"),
        (230.5, 5.0666667, "15:22:00.00 +05:04:00.0"),
    ],
)
def test_it_writes_hours_and_degrees(ra_deg, dec_deg, text):
    assert sexagesimal(ra_deg, dec_deg) == text
