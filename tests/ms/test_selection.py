"""Selections beyond CASA's, the messages of those that fail, and the keys of casagui and vidavis."""

from __future__ import annotations

import numpy as np
import pytest
from casacore import tables
from hypothesis import given, settings
from hypothesis import strategies as st

from dsa110_vis.errors import OptionError, SelectionEmptyError, SelectionSyntaxError
from dsa110_vis.ms import PARAMETERS, MeasurementSet, selection_from_aliases


@pytest.fixture(scope="module")
def ms(build, tmp_path_factory, no_flags):
    windows = (build.Window(16), build.Window(8, (5, 6, 7, 8), first=1.4e9, width=-1e6), build.Window(4, (9,)))
    path = build.make(
        tmp_path_factory.mktemp("selection") / "set.ms",
        windows=windows,
        times=6,
        antennas=5,
        autocorrelations=True,
        fields=("3C286", "3C 48, test", "M31"),
        flags=no_flags,
    )
    with tables.table(f"{path}/SPECTRAL_WINDOW", readonly=False, ack=False) as table:
        table.putcell("NAME", 1, "BB_1#SW-01#FULL_RES")
    with MeasurementSet(path) as opened:
        yield opened


def test_the_message_points_at_the_place(ms):
    with pytest.raises(SelectionSyntaxError) as caught:
        ms.select(spw="0:3~9,1:x")
    error = caught.value
    assert (error.parameter, error.text, error.position) == ("spw", "0:3~9,1:x", 8)
    lines = error.message.splitlines()
    assert lines[1].strip() == "0:3~9,1:x"
    assert lines[2].index("^") - lines[1].index("0:3") == 8
    assert "Examples" in error.hint


@pytest.mark.parametrize(
    ("parameter", "text", "position"),
    [
        ("spw", "0:", 2),
        ("spw", ",1", 0),
        ("spw", '"abc', 0),
        ("spw", "0:9~3", 2),
        ("spw", "1.3~1.4GHz:5 6", 13),
        ("antenna", "A0&&&&", 5),
        ("antenna", "(A0,A1)", 7),
        ("antenna", "/[/", 0),
        ("antenna", "3~1", 0),
        ("antenna", "<5 parsec", 3),
        ("timerange", "12:00:00~11:00:00", 0),
        ("timerange", "[12:00:00]", 9),
        ("timerange", "2025/02/30/00:00:00", 19),
        ("scan", "1,,2", 2),
        ("field", "3C286&", 6),
        ("correlation", "XX,", 3),
        ("uvrange", "1m~2klambda", 0),
        ("uvrange", "300m:5", 6),
        ("taql", "ANTENNA1 == (1", 12),
        ("taql", "ANTENNA1 == 1)", 13),
    ],
)
def test_places(ms, parameter, text, position):
    with pytest.raises(SelectionSyntaxError) as caught:
        ms.select(**{parameter: text})
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("selection", "message", "hint"),
    [
        ({"spw": "9"}, "Spw 9 does not exist", "0-2"),
        ({"spw": "0:2~3GHz"}, "No channel", "1300-1315 MHz"),
        ({"antenna": "A9"}, "Antenna A9 does not exist", "0 (A0)"),
        ({"antenna": "A0@P3"}, "no antenna at", "P0, P1"),
        ({"scan": "8"}, "Scan 8 does not exist", "1-3"),
        ({"field": "M33"}, "Field M33 does not exist", "M31"),
        ({"correlation": "I"}, "No data have correlation I", "XX,YY"),
        ({"timerange": "2001/01/01/00:00:00~2001/01/02/00:00:00"}, "no data in timerange", "2023/08/29"),
        ({"uvrange": ">1km"}, "No row is in uvrange", "0 to 400 m"),
        ({"observation": "4"}, "Observation 4 does not exist", "0"),
        ({"intent": "*"}, "no intents", "scan or field"),
        ({"taql": "ANTENNA1 > 100"}, "No row matches taql", ""),
        ({"scan": "1", "field": "2"}, "scan='1' and field='2' together", "scans 2-3"),
    ],
)
def test_what_matches_nothing_says_what_exists(ms, selection, message, hint):
    with pytest.raises(SelectionEmptyError) as caught:
        ms.select(**selection)
    assert message in caught.value.message
    assert hint in caught.value.hint


def rows(ms, **selection):
    return ms.select(**selection).rows().row.tolist()


def test_what_casa_does_not_understand(ms):
    assert rows(ms, spw="BB_1#SW-01#FULL_RES") == rows(ms, spw="1")
    assert rows(ms, spw="/BB.*RES/") == rows(ms, spw="1")
    assert rows(ms, antenna="50~150m") == rows(ms, antenna="50m~150m") == rows(ms, antenna="50.0~150.0m")
    assert rows(ms, uvrange="100m~0.2km") == rows(ms, uvrange="100~200")
    assert rows(ms, uvrange=">=100m") == rows(ms, uvrange=">99m")
    assert rows(ms, uvrange="102m:3%") == rows(ms, uvrange="99~101")
    assert rows(ms, field='"3C 48, test"') == rows(ms, field="1")


def test_windows_without_a_matching_channel_are_left_out(ms):
    part = ms.select(spw="*:1392.5~1396MHz")
    assert set(part.rows().ddid.tolist()) == {1}
    assert part.channels(1).tolist() == [4, 5, 6, 7]
    with pytest.raises(SelectionEmptyError):
        part.select(spw="1:0~3")


def test_correlations_by_window(ms):
    part = ms.select(correlation="0:YY;1:RL,LR")
    assert set(part.rows().ddid.tolist()) == {0, 1}
    assert part.correlation_indices(0).tolist() == [1]
    assert part.correlation_indices(1).tolist() == [1, 2]
    assert ms.select(correlation="XX").rows().ddid.max() == 2


def test_times_take_what_they_lack_from_the_rows_left(ms):
    # The first row is of 2023/08/29 at 04:26:40; scan 2 starts 20 s later. Alone, a number is seconds.
    assert set(ms.select(timerange="42~52").rows().time_index.tolist()) == {1}
    assert set(ms.select(scan="2", timerange="0~0").select().rows().time_index.tolist()) == {2}
    assert set(ms.select(scan="2", timerange="*:27:*+5").rows().time_index.tolist()) == {2}


def test_a_selection_from_a_selection(ms):
    part = ms.select(spw="0:2~9").select(spw="0:5~12", antenna="0")
    assert part.channels(0).tolist() == [5, 6, 7, 8, 9]
    assert part.selection == {"spw": "0:2~9 & 0:5~12", "antenna": "0"}
    assert ms.selection == {}
    assert ms.select(scan="", field=None).selection == {}
    with pytest.raises(SelectionEmptyError, match="what was selected before"):
        ms.select(scan="1").select(scan="2")
    with pytest.raises(SelectionEmptyError):
        ms.select(spw="0:2~3").select(spw="0:5~6")


def test_antenna_and_baseline_are_both_applied(ms):
    both = ms.select(antenna="A0&&*", baseline="A1")
    assert {tuple(p) for p in np.stack([both.rows().antenna1, both.rows().antenna2], 1).tolist()} == {(0, 1)}


# -- taql


@pytest.mark.parametrize(
    "text",
    [
        "ANTENNA1 == 0 giving /tmp/stolen.tab",
        "[select from ANTENNA]",
        "ANTENNA1 in [select ANTENNA1 from /tmp/x.ms]",
        "ANTENNA1 == 0) or (1 == 1",
        "ANTENNA1 == 0; drop table x",
        "ANTENNA1 == $x",
        "ANTENNA1 == 0 # comment",
        "mscal.scan('1')",
        "mscal.time('>2000/01/01')",
        "derivedmscal.scan('1')",
        "mscal . scan('1')",
        "evil.function()",
        "ANTENNA1 == 0 orderby TIME",
        "ANTENNA1 == 0 limit 2",
        "rownumber() < 5",
        "ANTENNA1",
        "NO_SUCH == 1",
        "ANTENNA1 ==",
        "::ANTENNA",
        "ANTENNA1 == 1 \\ 2",
    ],
)
def test_only_expressions_are_allowed_as_taql(ms, text):
    with pytest.raises(SelectionSyntaxError):
        ms.select(taql=text)


def test_taql_expressions(ms):
    everything = ms.rows()
    assert (
        rows(ms, taql="ANTENNA1 == 1 && ANTENNA2 != 1")
        == everything.row[(everything.antenna1 == 1) & (everything.antenna2 != 1)].tolist()
    )
    assert rows(ms, taql="rowid() in [3,5]") == [3, 5]
    assert rows(ms, taql="any(real(DATA) == 7)") == [7]
    assert rows(ms, taql="sqrt(sumsqr(UVW[:2])) > 350 and not FLAG_ROW") == rows(ms, uvrange=">350m")
    assert (
        rows(ms, taql="mscal.ant1name() == 'A0' || 'a;b$' == 'c'") == everything.row[everything.antenna1 == 0].tolist()
    )


# -- anything at all


@settings(max_examples=400, deadline=None)
@given(
    parameter=st.sampled_from([name for name in PARAMETERS if name != "taql"]),
    text=st.text(st.sampled_from(list("0123456789AaGHz*?~,;:&!@()/\"'<>=^.+-[]{} kmXY_#%lbd\\")), max_size=14),
)
def test_any_text_is_understood_or_refused(ms, parameter, text):
    try:
        part = ms.select(**{parameter: text})
    except (SelectionSyntaxError, SelectionEmptyError):
        return
    assert len(part.rows()) > 0
    for ddid in np.unique(part.rows().ddid).tolist():
        assert part.channels(ddid).size > 0
        assert part.correlation_indices(ddid).size > 0


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_channel_ranges(ms, data):
    chosen = set()
    parts = []
    for _ in range(data.draw(st.integers(1, 4))):
        first = data.draw(st.integers(0, 15))
        last = data.draw(st.integers(first, 15))
        step = data.draw(st.integers(1, 5))
        chosen |= set(range(first, last + 1, step))
        parts.append(f"{first}~{last}^{step}")
    assert ms.select(spw="0:" + ";".join(parts)).channels(0).tolist() == sorted(chosen)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=5), st.lists(st.integers(0, 4), min_size=1, max_size=5))
def test_baselines_between_antennas(ms, one, two):
    text = ",".join(map(str, one)) + "&&" + ",".join(map(str, two))
    everything = ms.rows()
    pairs = zip(everything.antenna1.tolist(), everything.antenna2.tolist(), everything.row.tolist(), strict=True)
    truth = [row for a, b, row in pairs if (a in one and b in two) or (a in two and b in one)]
    assert rows(ms, antenna=text) == truth


@pytest.mark.parametrize("parameter", ["spw", "antenna", "field", "scan", "observation"])
@pytest.mark.parametrize("text", ["9~999999999999", "9" * 30, "9" * 5000, "1~" + "9" * 15])
def test_huge_numbers_cost_nothing(ms, parameter, text):
    try:
        ms.select(**{parameter: text})
    except (SelectionSyntaxError, SelectionEmptyError):
        return
    assert text.startswith("1~")


@pytest.mark.parametrize("text", ["0:1e999GHz", "0:9e9~1e400", "^0", "^1", "0:^3", "0~2^2", "*:^99"])
def test_huge_and_open_ranges_of_spectral_windows(ms, text):
    try:
        assert len(ms.select(spw=text).rows())
    except (SelectionSyntaxError, SelectionEmptyError):
        assert "e" in text


# -- names of casagui and vidavis


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {}),
        ({"spw_name": "window-0", "field_name": None}, {"spw": '"window-0"'}),
        ({"spw_name": ["a", "b"], "channel": (3, 9)}, {"spw": '"a":3~9,"b":3~9'}),
        ({"field_name": "3C 48, test"}, {"field": '"3C 48, test"'}),
        ({"scan_name": [1, 3]}, {"scan": "1,3"}),
        ({"scan_name": "1"}, {"scan": "1"}),
        ({"polarization": ["XX", "YY"]}, {"correlation": "XX,YY"}),
        ({"time": slice("10:00:00", "11:00:00")}, {"timerange": "10:00:00~11:00:00"}),
        ({"antenna1": "A0", "antenna2": "A1"}, {"baseline": "A0&&A1"}),
        ({"antenna1": ["A0", "A2"]}, {"baseline": "A0,A2&&*"}),
        ({"antenna_name": "A0"}, {"antenna": '"A0"'}),
        ({"baseline": "A0 & A1"}, {"baseline": "A0&A1"}),
        ({"baseline": ["A0 & A1", "A2 & A3"]}, {"baseline": "A0&A1;A2&A3"}),
        ({"frequency": slice(1.3e9, 1.305e9)}, {"spw": "*:1300000000.0~1305000000.0Hz"}),
        ({"frequency": 1.302e9, "spw_name": "x"}, {"spw": '"x":1302000000.0Hz'}),
        ({"channel": [1, 2], "spw": "0"}, {"spw": "0:1;2"}),
        ({"spw": "0:1~2", "scan": "3"}, {"spw": "0:1~2", "scan": "3"}),
        ({"channel": np.array([1, 5])}, {"spw": "*:1;5"}),
    ],
)
def test_aliases(given, expected):
    assert selection_from_aliases(given) == expected


@pytest.mark.parametrize(
    "given",
    [
        {"nonsense": 1},
        {"spw": "0", "spw_name": "x"},
        {"channel": 1, "frequency": 1e9},
        {"channel": 1, "spw": "0:3"},
        {"baseline": "A0&A1", "antenna1": "A0"},
    ],
)
def test_aliases_that_contradict(given):
    with pytest.raises(OptionError) as caught:
        selection_from_aliases(given)
    assert caught.value.hint


def test_aliases_select(ms):
    part = ms.select(
        **selection_from_aliases(
            {
                "spw_name": "window-0",
                "field_name": "3C 48, test",
                "polarization": "XX",
                "baseline": "A0 & A1",
                "frequency": (1.302e9, 1.304e9),
            }
        )
    )
    assert part.channels(0).tolist() == [2, 3, 4]
    assert set(part.rows().field.tolist()) == {1}
    assert part.correlation_indices(0).tolist() == [0]
    assert len(part.rows()) == 2
