"""A mask over many planes, and the arrays it is made of."""

from __future__ import annotations

import numpy as np
import pytest

from dsa110_vis.errors import OptionError
from dsa110_vis.regions import MaskCube


def filled(mask, values):
    for plane, bits in mask.planes_of(values):
        mask.write(plane)[:] = bits
    return mask


@pytest.fixture
def cube():
    """Two Stokes parameters and three channels of 4 rows and 5 columns."""
    return MaskCube(2, 3, 4, 5)


def test_planes_are_counted_one_by_one(cube):
    assert cube.n_planes == 6
    cube.write(4)[1:3, 2] = True
    assert [cube.count(plane) for plane in range(6)] == [0, 0, 0, 0, 2, 0]
    cube.write(4)[0] = True
    assert cube.count(4) == 7
    assert cube.used == (4,)
    assert cube.read(4).sum() == 7
    assert not cube.read(3).any()
    assert cube.read(3).shape == (4, 5)


def test_an_empty_plane_takes_no_memory(cube):
    cube.write(2)[:] = True
    cube.read(3)
    cube.count(5)
    assert set(cube._planes) == {2}
    cube.write(2)[:] = False
    assert cube.count(2) == 0
    assert cube.used == ()
    assert not cube._planes
    assert not cube.read(2).any()
    cube.write(2)[1, 1] = True
    assert cube.used == (2,)


def test_a_plane_that_is_not_there_cannot_be_changed_by_looking_at_it(cube):
    with pytest.raises(ValueError, match="read-only"):
        cube.read(0)[0, 0] = True


@pytest.mark.parametrize(
    ("shape", "planes"),
    [
        ((4, 5), [0, 1, 2, 3, 4, 5]),
        ((3, 4, 5), [0, 1, 2, 3, 4, 5]),
        ((1, 4, 5), [0, 1, 2, 3, 4, 5]),
        ((2, 1, 4, 5), [0, 1, 2, 3, 4, 5]),
        ((1, 3, 4, 5), [0, 1, 2, 3, 4, 5]),
        ((2, 3, 4, 5), [0, 1, 2, 3, 4, 5]),
    ],
)
def test_arrays_of_fewer_axes_are_for_all_planes(cube, shape, planes):
    values = np.random.default_rng(3).random(shape) < 0.5
    assert sorted(plane for plane, _ in cube.planes_of(values)) == planes
    filled(cube, values)
    np.testing.assert_array_equal(cube.to_array(), np.broadcast_to(values, (2, 3, 4, 5)))


def test_an_array_of_stokes_parameters_of_one_channel():
    values = np.random.default_rng(3).random((4, 6, 7)) < 0.5
    found = filled(MaskCube(4, 1, 6, 7), values).to_array()
    np.testing.assert_array_equal(found[:, 0], values)


def test_a_single_plane_is_a_plane():
    values = np.eye(4, 5, dtype=bool)
    found = filled(MaskCube(1, 1, 4, 5), values).to_array()
    assert found.shape == (4, 5)
    np.testing.assert_array_equal(found, values)


def test_numbers_are_in_the_mask_unless_zero_or_blank_or_masked(cube):
    values = np.array([[0.0, 1.0, -1.0, np.nan, np.inf]] * 4, dtype=np.float32)
    assert filled(cube, values).read(5)[0].tolist() == [False, True, True, False, True]
    masked = np.ma.array(np.full((4, 5), 7), mask=np.eye(4, 5))
    np.testing.assert_array_equal(filled(cube, masked).read(0), ~np.eye(4, 5, dtype=bool))
    np.testing.assert_array_equal(filled(cube, np.eye(4, 5, dtype=">i2")).read(0), np.eye(4, 5, dtype=bool))


@pytest.mark.parametrize("shape", [(5, 4), (4,), (2, 4, 5), (3, 3, 4, 5), (1, 2, 3, 4, 5), ()])
def test_an_array_that_does_not_fit_is_refused(cube, shape):
    with pytest.raises(OptionError, match=r"does not fit the image\. It must have 4 rows of 5 pixels"):
        list(cube.planes_of(np.ones(shape)))


@pytest.mark.parametrize("values", [np.full((4, 5), "yes"), np.full((4, 5), None), np.ones((4, 5), dtype=complex)])
def test_what_is_no_mask_is_refused(cube, values):
    with pytest.raises(OptionError, match="made of numbers"):
        list(cube.planes_of(values))
