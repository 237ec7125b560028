"""Selections choose the same rows, antennas, baselines, channels, fields and scans as CASA's MSSelection."""

from __future__ import annotations

import importlib.util
import os

import numpy as np
import pytest

from dsa110_vis.errors import SelectionEmptyError, SelectionSyntaxError
from dsa110_vis.ms import MeasurementSet

pytestmark = [
    pytest.mark.casa,
    pytest.mark.skipif(importlib.util.find_spec("casatools") is None, reason="casatools is not installed"),
]

# What both find. (A bar stands between strings.)
SAME = {
    ("alma", "spw"): "1|1,2|1~2|>0|<3|*|1:5|1:3~9;20|1:3~9^3|*:0~5|1:^7|1:60~70|1:70|1:86.0~86.1GHz|1:86100~86200MHz|"
    '85~87GHz|86.2GHz|ALMA*|"ALMA*"|*FULL_RES|*CH_AVG:0|1:86.1GHz|1:3~9,1:5~12|1:3~9,2|1 : 3 ~ 9|2:0~5|>86GHz|0<>2|'
    "1:86.0~86.1GHz^93.75MHz|1;2|1.5|1:85~90GHz|1:86.2~99GHz|1:50~86.2GHz|1:86.01~86.015GHz|~86GHz|0~2:0|<2:3|"
    "1:0;2;4~8^2|1:3;3~5|1:1.5~3.2|1:86.25~86.290305GHz|*FULL*:3~5,*CH*|>1:0|85~88GHz:0|1:86000.5MHz~86.1GHz",
    ("ngc", "spw"): "0:10~20|0:1412.8~1413MHz|none|none:5~7|0:1412.8MHz~1413MHz|0:1.4128e3~1413MHz|"
    "0:1413000kHz~1414000kHz|0:1.4128~1.413ghz",
    ("mwa", "spw"): "0:100~200;300|*:170~171MHz|MWA*:0~767^64|0:760~900",
    ("alma", "antenna"): '0|DA41|DA*|!DA41|!0,1|0;1|0;!1|!1;0|/DV.*/|"DV*"|@P4*|*@P4*|@S301|DA41@S301|S301|A13*|*&*|'
    "*&&*|<1000m|>1km|500.0~1500.0m|500m~1500m|<1km,>5km|0,99|DV1?|DV??|DA41&DV*;!DV14|^DA*|!<1km| DA41 , DA56 |"
    'DA41&;DA56|"DV{12,14}"|(DA41,DA56)@(S301,A131)|0~3|DA[46]*|0~3&9|DV14&DV19|/DA41&DV1.*/|DA41&9,11',
    ("evla", "antenna"): "1|1&2|28|0|1~3|25&27|W09|@W*|*|!28|W0*&E*|2~5&|<100m",
    ("mwa", "antenna"): "*&&&|*&&|0&&&|0&&1|Tile011|Tile*&|*&|*",
    ("lofar", "antenna"): "CS*&|RS*|CS*&RS*|!CS001HBA0|/.*HBA1/|CS00?HBA0&|<1km|*&&*|CS001HBA0&RS106HBA;RS208HBA",
    ("ngc", "antenna"): "1&&1|*&&&|1|VLA:N7|@VLA:N7|VLA:N*|5~8&|!VLA:N7|*&*|*&&*|!*&&&|*&|1~5&&|<100m|1;2&3",
    ("alma", "timerange"): "10:36:03~10:36:10|2014/09/20/10:36:03~10:36:10|>10:36:10|<10:36:10|10:36:04|10:36:03|"
    "2014/09/20/10:36:03.6|10:36:00+0:0:10|10:36:00+5|2014/09/20/10:36:00+0:0:10|2014/09/20|<2014/09/20|>2014/09/20|"
    "*/*/*/10:36:04|10:36:04,10:37:40~10:38:00|[10:36:03~10:36:04]|0.1[10:36:03~10:36:04]|2.0[10:36:03~10:36:04]|"
    "10:36:|*:36:03~*:36:10|10:36:03.5~10:36:09.6|10:36:03~10|>10:37:34.08|>10:37:34.081|2014/9/20/10:36:3|"
    "10:36:03 ~ 10:36:10|>2014/09/19/34:36:10|2014/09/19~2014/09/20",
    ("evla", "timerange"): ">03:22:30|03:21:56|03:22:25.95~03:23:00|03:21:56.0~03:21:56.9|2010/04/26/03:22:25.998|"
    "03:22:25~03:22:26",
    ("lofar", "timerange"): "14:00:00~14:00:20|2013/03/29/14:00:13|14:00:08|>14:00:20|2013/03/29/13:59:53",
    ("ngc", "timerange"): "1995/04/13/09:19:00~09:24:00|09:19:00~09:24:00|>10:00:00|09:33:00|10:00:00+0:30:0",
    ("ngc", "scan"): "1|1,3|1~3|<3|>5|<=3|>=5|>2&<5|>=2&<=4|1,9|1, 3|1~3,<2|>2 & <5",
    ("ngc", "field"): '0|1331+30500002_0|1331*|*|N5921_2|0~1|<2|>0|>0&<2|0,9|"N59*"|/N.*/|N5921*,0|'
    "1445+09900002_0,N5921_2|N5921_?|1~9|1331+305*",
    ("alma", "field"): "J1617-7717|J1617*|0|J*|J14*,J16*|none",
    ("alma", "correlation"): "XX|XX,YY|YY,XX|xx|1:XX|1:XX;2:YY|XY,YX|XX;YY",
    ("ngc", "correlation"): "RR|RR,LL|LL",
    ("ngc", "uvrange"): ">1klambda|<500m|100~200|100~200m|0~500m|0.5~1km|>1km,<100m|<1klambda,>4klambda|1~2klambda|"
    ">100|>0|>1Klambda|0~1Mlambda|>1 klambda|1e3~2e3lambda|0",
    ("3c", "uvrange"): ">100klambda|<1km",
    ("alma", "uvrange"): ">100klambda|<1km",
    ("alma", "observation"): "0|<1|0~1",
    ("alma", "array"): "0|0~1|<1",
    (
        "alma",
        "intent",
    ): "*CALIBRATE*|1|1,3|*ON_SOURCE*|CALIBRATE_ATMOSPHERE#OFF_SOURCE,CALIBRATE_WVR#OFF_SOURCE|*PHASE*|"
    '<4|/.*PHASE.*/|1~9|*#ON_SOURCE|CALIBRATE_PHASE#ON_SOURCE|"*PHASE*"|CALIBRATE_WVR*|*PHASE*&*ON_SOURCE*|'
    "*ATMOS*&*OFF*|"
    ">5|>3&<7|*ATMOS*,*PHASE*",
    ("alma", "taql"): "ANTENNA1==0|ANTENNA1 in [1,3] && TIME>0|DATA_DESC_ID == 1 and not FLAG_ROW|any(abs(DATA)>0.01)",
}
# What neither understands, and what is understood by both and matches nothing.
SYNTAX = {
    "spw": "1:3~|1:5~3|!1|1:0~63^86MHz",
    "antenna": "DA41;;DA56|0-3",
    "timerange": "10:36:20~10:36:03|foo|10:36:03-10:36:20|>=10:36:20|2014/13/01|2014/09/32|10:36:03~|~10:36:03|"
    "19/10:36:03~10:36:20|2014-09-20 10:36:03|10:36:03~36:10|>10:36:03~",
    "scan": "1~|-1|1;2|a|3~1",
    "field": "0,|0~|/[/",
    "correlation": "XX YY",
    "uvrange": "foo|100~|!<100m|>1kl",
    "taql": "ANTENNA1==",
}
NOTHING = {
    "spw": "0|9|WVR#NOMINAL|86~87GHz|85GHz<>86GHz|1:90~91GHz|1:80~81GHz|<1|>5|1~9|2,9|~1GHz",
    "antenna": "DA41&|DA41,DA56&|0~3&5|0&1|DA41&DA56|DA41@A131|DA41&&|DA41&&&|*&&&|99|XX01|DA41&XX01|da41|/DA41&DA5.*/",
    "timerange": "1999/01/01~1999/02/01|>2015/01/01|36:03~37:00|10:37:|25:00:00~26:00:00|2014/09/20/10",
    "scan": "9|>5",
    "field": '9|foo|J1617|j1617-7717|>5|"0"',
    "correlation": "RR|XX,RR|I|0",
    "uvrange": ">1000km|5",
    "observation": "1",
    "array": "1",
    "intent": "foo|OBSERVE*|ON_SOURCE",
}
CASES = [(name, parameter, text) for (name, parameter), texts in SAME.items() for text in texts.split("|")]
REFUSED = [
    (kind, parameter, text)
    for kind, table in (("syntax", SYNTAX), ("nothing", NOTHING))
    for parameter, texts in table.items()
    for text in texts.split("|")
]

CODE = """
import casatools
ms = casatools.ms()
names = dict(spw="spw", antenna="baseline", timerange="time", scan="scan", field="field", correlation="polarization",
             uvrange="uvdist", observation="observation", array="array", intent="scanintent", taql="taql")
indices = dict(spw="spw", antenna="baseline", scan="scan", field="field", correlation="polarization")
def plain(record):
    return {key: value.tolist() if hasattr(value, "tolist") else value for key, value in record.items()}
result = []
for path, parameter, text in arguments["cases"]:
    answer = {"rows": [], "error": "", "index": {}}
    try:
        if parameter in indices:
            answer["index"] = plain(ms.msseltoindex(vis=path, **{indices[parameter]: text}))
        ms.open(path, lock=False)
        if ms.msselect({names[parameter]: text}):
            answer["rows"] = ms.range(["rows"])["rows"].tolist()
    except Exception as error:
        answer["error"] = str(error)
    ms.close()
    result.append(answer)
"""


@pytest.fixture(scope="module")
def paths(request, ngc5921, threec273):
    found = {"ngc": ngc5921, "3c": threec273}
    if os.environ.get("DSA110_VIS_TEST_DATA"):
        real_ms = request.getfixturevalue("real_ms")
        found.update({name: real_ms(name) for name in ("alma", "evla", "mwa", "lofar", "wsrt")})
    return found


def skip_without(name, paths):
    if name not in paths:
        pytest.skip("DSA110_VIS_TEST_DATA does not name the folder with the real test data")


@pytest.fixture(scope="module")
def opened(paths):
    sets = {name: MeasurementSet(path) for name, path in paths.items()}
    yield sets
    for ms in sets.values():
        ms.close()


@pytest.fixture(scope="module")
def casa(paths):
    from dsa110_vis.casa_process import run_casa

    asked = [*CASES, *(("alma", parameter, text) for _, parameter, text in REFUSED)]
    asked = [case for case in asked if case[0] in paths]
    answers = run_casa(CODE, {"cases": [(str(paths[name]), parameter, text) for name, parameter, text in asked]})
    return dict(zip(asked, answers, strict=True))


def test_there_are_enough_cases():
    assert len(CASES) > 200


@pytest.mark.parametrize("case", CASES, ids=":".join)
def test_the_same_as_casa(case, casa, opened):
    name, parameter, text = case
    skip_without(name, opened)
    expected = casa[case]
    assert not expected["error"]
    ms = opened[name].select(**{parameter: text})
    rows = ms.rows()
    assert rows.row.tolist() == sorted(expected["rows"])
    index = expected["index"]
    if parameter == "spw":
        assert _channels(ms, rows) == _casa_channels(index["channel"], rows, ms)
    if parameter == "field":
        assert set(rows.field.tolist()) == set(index["field"])
    if parameter == "scan":
        assert set(rows.scan.tolist()) == set(index["scan"]) & set(ms.metadata.scans)
    if parameter == "correlation":
        assert set(rows.ddid.tolist()) == set(index["dd"]) & {one.id for one in ms.metadata.data_descriptions}
    if parameter == "antenna" and "!" not in text:
        baselines = {tuple(sorted(pair)) for pair in zip(rows.antenna1.tolist(), rows.antenna2.tolist(), strict=True)}
        assert baselines <= {tuple(sorted(pair)) for pair in index["baselines"]}


def _channels(ms, rows):
    windows = {one.id: one.spw_id for one in ms.metadata.data_descriptions}
    return {windows[ddid]: ms.channels(ddid).tolist() for ddid in np.unique(rows.ddid).tolist()}


def _casa_channels(channel, rows, ms):
    windows = {one.id: one.spw_id for one in ms.metadata.data_descriptions}
    chosen = {windows[ddid]: set() for ddid in np.unique(rows.ddid).tolist()}
    for spw, first, last, step in channel:
        if spw in chosen:
            chosen[spw] |= set(range(first, last + 1, step))
    return {spw: sorted(numbers) for spw, numbers in chosen.items()}


@pytest.mark.parametrize("case", REFUSED, ids=":".join)
def test_refused_like_casa(case, casa, opened):
    kind, parameter, text = case
    skip_without("alma", opened)
    expected = casa["alma", parameter, text]
    assert not expected["rows"]
    error = SelectionSyntaxError if kind == "syntax" else SelectionEmptyError
    with pytest.raises(error) as caught:
        opened["alma"].select(**{parameter: text})
    assert caught.value.message
    assert caught.value.hint


def test_several_parameters_at_once_and_one_after_the_other(paths, opened):
    from dsa110_vis.casa_process import run_casa

    code = """
import casatools
ms = casatools.ms()
ms.open(arguments["path"], lock=False)
ms.msselect(dict(spw="0:10~20", baseline="1~5&", scan="1~3", field="N5921_2", time=">09:40:00", uvdist=">100m"))
result = ms.range(["rows"])["rows"].tolist()
ms.close()
"""
    expected = sorted(run_casa(code, {"path": str(paths["ngc"])}))
    ms = opened["ngc"]
    together = ms.select(
        spw="0:10~20", antenna="1~5&", scan="1~3", field="N5921_2", timerange=">09:40:00", uvrange=">100m"
    )
    assert together.rows().row.tolist() == expected
    assert together.channels(0).tolist() == list(range(10, 21))
    one_by_one = ms.select(uvrange=">100m").select(scan="1~3").select(antenna="1~5&").select(field="2")
    one_by_one = one_by_one.select(spw="0:10~20").select(timerange=">09:40:00")
    assert one_by_one.rows().row.tolist() == expected
    assert one_by_one.selection == {
        "uvrange": ">100m",
        "scan": "1~3",
        "antenna": "1~5&",
        "field": "2",
        "spw": "0:10~20",
        "timerange": ">09:40:00",
    }
