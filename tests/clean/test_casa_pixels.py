"""Pixels of CASA images, read as they lie in the file: the very ones that CASA reads."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.casa


def test_pixels_of_every_tiling_are_those_that_casa_reads(casa_job):
    seen = casa_job("pixels", {})["seen"]
    managers = ["StandardStMan", "TiledCellStMan"]
    assert seen == [[manager, order] for manager in managers for order in ("big", "little")]


def test_blank_pixels_are_those_of_the_mask_and_those_without_a_number(casa_job):
    found = casa_job("masked", {})
    assert found["same"]
    assert found["good"]
    assert 0.7 < found["part"] < 0.95
    assert not found["nan"]
