"""Antennas and selection strings: what one side of the link says, the other understands."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsa110_vis.errors import OptionError, SelectionEmptyError, SelectionSyntaxError
from dsa110_vis.layout import open_source
from dsa110_vis.layout.geometry import unique_pairs
from dsa110_vis.layout.picking import antennas_of, selection_of, written
from dsa110_vis.ms import Array, MeasurementSet
from dsa110_vis.ms.selection import find_antennas, name_antenna

names = st.one_of(
    st.integers(0, 12).map(str),
    st.integers(0, 12).map("0{}".format),
    st.sampled_from(["ea01", "DV 1", "A*", "a&b", "x@y", "W", "", "5m", "^q", "N-3", "10~12", "ü"]),
)


def array(antenna_names, stations=None):
    size = len(antenna_names)
    return Array("", "", "", tuple(antenna_names), tuple(stations or [""] * size), np.ones((size, 3)), np.ones(size))


@pytest.fixture(scope="module")
def like_dsa110(build, tmp_path_factory):
    """Antennas whose names are numbers, but not their own: 0 is called "1", and so on, as at DSA-110."""
    from casacore.tables import table

    path = build.make(tmp_path_factory.mktemp("named") / "named.ms", antennas=6, autocorrelations=True)
    with table(f"{path}/ANTENNA", readonly=False, ack=False) as antennas:
        antennas.putcol("NAME", [str(number + 1) for number in range(6)])
        antennas.putcol("STATION", [str(number + 1) for number in range(6)])
    with MeasurementSet(path) as ms:
        yield ms


@given(st.lists(names, min_size=1, max_size=13), st.data())
def test_a_name_means_one_antenna_and_no_other(antenna_names, data):
    """The parser itself is asked."""
    stations = data.draw(st.lists(names, min_size=len(antenna_names), max_size=len(antenna_names)))
    for number in range(len(antenna_names)):
        try:
            text = name_antenna(number, antenna_names, stations)
        except SelectionEmptyError:
            # only where nothing tells it from another antenna
            assert (antenna_names[number] == "" or antenna_names.count(antenna_names[number]) > 1
                    or antenna_names[number] in stations or not antenna_names[number].isalnum()
                    or antenna_names[number].startswith("0") or antenna_names[number] == "5m")  # fmt: skip
            continue
        assert find_antennas(text, antenna_names, stations) == [number]


@given(st.lists(st.integers(0, 5), unique=True))
def test_what_was_picked_comes_back(like_dsa110, picked):
    text = selection_of(picked, like_dsa110.array)
    assert antennas_of(text, like_dsa110) == picked


@given(st.lists(st.integers(0, 5), unique=True, min_size=1))
def test_one_has_all_its_baselines_two_have_one_and_more_those_among_them(like_dsa110, picked):
    rows = like_dsa110.select(antenna=selection_of(picked, like_dsa110.array)).pairs()
    found = {tuple(pair) for pair in unique_pairs(*rows).tolist()}
    if len(picked) == 1:
        expected = {tuple(sorted((picked[0], other))) for other in range(6) if other != picked[0]}
    else:
        expected = {tuple(sorted((one, two))) for one in picked for two in picked if one != two}
    assert found == expected
    assert (rows[0] != rows[1]).all()


def test_names_that_are_numbers_are_names(like_dsa110):
    assert selection_of([0], like_dsa110.array) == "1"
    assert selection_of([1, 0], like_dsa110.array) == "2&1"
    assert antennas_of("1", like_dsa110) == [0]
    assert antennas_of("6", like_dsa110) == [5]
    # No antenna is called 0, so this is the number.
    assert antennas_of("0", like_dsa110) == [0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  ", []),
        ("1&2;1&3", [0]),
        ("1&2;1&3;1&4", [0]),
        ("1&2;3&4", [0, 1, 2, 3]),
        ("1&2;2&3;1&3", [0, 1, 2]),
        ("1,2", [0, 1, 2, 3, 4, 5]),
        ("!1", [1, 2, 3, 4, 5]),
        ("*&&&", [0, 1, 2, 3, 4, 5]),
        ("3&&&", [2]),
        ("*&*", [0, 1, 2, 3, 4, 5]),
        ("1&*", [0]),
        ("2&1", [1, 0]),
        ("3,1,2&", [2, 0, 1]),
    ],
)
def test_other_strings(like_dsa110, text, expected):
    assert antennas_of(text, like_dsa110) == expected


def test_an_antenna_with_one_baseline_comes_back_as_one(build, tmp_path):
    with MeasurementSet(build.make(tmp_path / "a.ms", antennas=3, baselines=[(0, 1), (0, 2)])) as ms:
        assert antennas_of(selection_of([1], ms.array), ms) == [1]
        assert antennas_of("A0", ms) == [0]


def test_strings_that_are_wrong(like_dsa110):
    with pytest.raises(SelectionSyntaxError):
        antennas_of("1~", like_dsa110)
    with pytest.raises(SelectionEmptyError):
        antennas_of("ea99", like_dsa110)
    with pytest.raises(SelectionEmptyError, match="Antenna 6"):
        selection_of([6], like_dsa110.array)


@given(st.lists(names, min_size=2, max_size=8, unique=True), st.text("1234&,;!*ea ", max_size=12))
def test_reading_what_was_written_never_fails(antenna_names, text):
    found = written(text, array(antenna_names))
    assert all(0 <= number < len(antenna_names) for number in found or [])


def test_a_calibration_table_has_names_and_no_baselines(caltables):
    source = open_source(caltables / "caltables" / "test_calibration_bandpass.table")
    assert source.picked("103") == [102]
    assert source.picked("103&1") == [102, 0]
    assert source.picked("3,2,1&") == [2, 1, 0]
    with pytest.raises(OptionError, match="no baselines"):
        source.picked(">500m")
    source.close()
