"""The array is the real one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from casacore.tables import table

from dsa110_vis.demo.array import DEAD_ANTENNAS, SMALL_ARRAY, stations

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def lengths(chosen: np.ndarray) -> np.ndarray:
    positions = stations().positions[chosen]
    first, second = np.triu_indices(len(positions), 1)
    return np.linalg.norm(positions[first] - positions[second], axis=1)


def test_117_antennas_of_which_96_have_data():
    array = stations()
    assert array.names == tuple(str(number) for number in range(1, 118))
    absent = [int(name) for name, has_data in zip(array.names, array.has_data, strict=True) if not has_data]
    assert absent == [10, 21, 22, 23, *range(52, 68), 117]
    assert array.positions.shape == (117, 3)


def test_baselines():
    everything = lengths(np.ones(117, dtype=bool))
    assert everything.max() == pytest.approx(2707, abs=1)
    assert everything.min() == pytest.approx(5.75, abs=0.01)
    assert len(lengths(stations().has_data)) == 4560


def test_the_small_array_spans_the_full_one():
    array = stations()
    chosen = np.isin(array.names, SMALL_ARRAY)
    assert chosen.sum() == 20
    assert array.has_data[chosen].all()
    assert lengths(chosen).max() == lengths(array.has_data).max()
    assert lengths(chosen).min() == pytest.approx(5.75, abs=0.01)
    assert set(SMALL_ARRAY) & set(DEAD_ANTENNAS) == {"114"}


def test_positions_are_those_of_the_observatory(unpack: Callable[[str], Path]):
    tables = sorted(unpack("dsa110_real_caltables_and_stations").glob("caltables/*"))
    assert tables
    for path in tables:
        with table(f"{path}/ANTENNA", ack=False) as antenna:
            assert tuple(antenna.getcol("NAME")) == stations().names
            np.testing.assert_allclose(antenna.getcol("POSITION"), stations().positions, rtol=0, atol=1e-6)
