"""The parameters of a raster as they stand in a URL."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsa110_vis.errors import Dsa110VisError, OptionError
from dsa110_vis.raster.style import Style
from dsa110_vis.rest.parameters import NAMES, read


def test_nothing_asked_is_what_the_command_line_draws():
    asked = read({})
    assert asked.raster == {"x": "baseline", "y": "time", "selection": None}
    assert (asked.style, asked.format) == ({}, "png")


def test_a_preset_and_what_overrides_it():
    asked = read({"preset": ["bandpass"], "y": ["antenna"], "aggregator": ["max"]})
    assert (asked.raster["x"], asked.raster["y"], asked.raster["aggregator"]) == ("frequency", "antenna", "max")


def test_selections_under_their_own_names_and_as_pairs():
    asked = read({"spw": ["0:1~2"], "select": ["antenna=1&2", "taql=ANTENNA1 == 3"], "scan": [" "]})
    assert asked.raster["selection"] == {"spw": "0:1~2", "antenna": "1&2", "taql": "ANTENNA1 == 3"}


def test_numbers_and_switches():
    asked = read({"weighted": ["true"], "autocorrelations": ["0"], "bins": ["64"], "iterations": ["0,2"]})
    assert asked.raster["weighted"] is True
    assert asked.raster["autocorrelations"] is False
    assert (asked.raster["bins"], asked.raster["iterations"]) == (64, [0, 2])


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ({"x": ["time", "scan"]}, "select"),
        ({"spw": ["0"], "select": ["spw=1"]}, "Join"),
        ({"select": ["spw"]}, "spw=0:10~50"),
        ({"title": ["a\0b"]}, "printable"),
        ({"title": ["a" * 2001]}, "2000"),
        ({"title": ["\ud800"]}, "printable"),
        ({"width": ["\N{ARABIC-INDIC DIGIT FIVE}00"]}, "200 to 2000"),
        ({"width": ["+300"]}, "200 to 2000"),
        ({"yaxis": ["phase"], "quantity": ["amp"]}, "one of the two"),
        ({"yaxis": ["amp"], "preset": ["bandpass"]}, "x and y"),
        ({"iterations": ["0,,1"]}, "whole numbers"),
        ({"Width": ["300"]}, "width"),
    ],
)
def test_what_is_wrong_is_said_with_what_is_allowed(query, allowed):
    with pytest.raises(OptionError) as refusal:
        read(query)
    assert allowed in refusal.value.hint


@given(st.dictionaries(st.sampled_from(NAMES), st.lists(st.text(max_size=12), min_size=1, max_size=2), max_size=6))
def test_whatever_is_asked_is_read_or_refused(query):
    try:
        asked = read(query)
    except Dsa110VisError as error:
        message = error.message
    else:
        message = ""
        assert set(asked.style) <= {field.name for field in dataclasses.fields(Style)}
    assert message == "" or message.endswith(".")
