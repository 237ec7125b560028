"""What the server says of real observations: the reference numbers, the formats, the names, what is kept."""

from __future__ import annotations

import json
import os
import shutil
import struct
from xml.etree import ElementTree as ET

import pytest

from dsa110_vis.ms import MeasurementSet

EVLA = "nested/2026-01-25T22:26:05 \N{GREEK SMALL LETTER ALPHA}~23.ms"
PLACES = {"alma": "alma.ms", "evla": EVLA, "wsrt": "wsrt.ms"}


@pytest.mark.parametrize("name", PLACES)
def test_rasters_have_the_reference_counts_and_means(server, reference, name):
    answers, n_compared = reference(name), 0
    with MeasurementSet(server.root / PLACES[name]) as ms:
        descriptions = {description.id: description for description in ms.metadata.data_descriptions}
    found = server.get(PLACES[name], "raster", x="correlation", y="spw", format="json").json
    correlations, windows = (next(axis["values"] for axis in found["axes"] if axis["name"] == one)
                             for one in ("correlation", "spw"))  # fmt: skip
    for key, want in answers["unflagged_stats"].items():
        column, ddid, pol, kind = key.split("/")
        if column != found["column"] or kind != "cross":
            continue
        description = descriptions[int(ddid.removeprefix("ddid"))]
        row = windows.index(description.spw_id)
        cell = correlations.index(description.correlations[int(pol.removeprefix("pol"))])
        assert found["count"][row][cell] == want["n"], key
        if want["n"]:
            n_compared += 1
            assert found["value"][row][cell] == pytest.approx(want["mean_amp"], rel=1e-5), key
    assert n_compared > 0


@pytest.mark.parametrize("name", PLACES)
def test_antennas_are_where_the_reference_has_them_and_as_flagged(server, reference, name):
    want, found = reference(name), server.get(PLACES[name], "antennas").json
    assert found["array_center_lat"] == pytest.approx(want["array_centre"]["lat_deg"], abs=1e-9)  # not geocentric
    assert found["array_center_lon"] == pytest.approx(want["array_centre"]["lon_deg"], abs=1e-9)
    assert found["total_baselines"] == want["n_cross_baselines"]  # those with data
    assert len(found["antennas"]) == len(want["antennas"])
    for ours, theirs in zip(found["antennas"], want["antennas"], strict=True):
        assert ours["name"] == theirs["name"]
        assert ours["baseline_count"] == theirs["n_cross_baselines"]  # baselines, and not rows
        assert ours["flagged_pct"] == (
            None if theirs["flagged_pct_all"] is None else pytest.approx(theirs["flagged_pct_all"], abs=1e-5)
        )
        if theirs["enu_m"] is None or theirs["zero_position"]:
            assert ours["x_m"] is None
        else:
            assert [ours["x_m"], ours["y_m"], ours["up_m"]] == pytest.approx(theirs["enu_m"], abs=1e-3)


@pytest.mark.parametrize("name", PLACES)
def test_summary_counts_the_rows_and_keeps_the_servers_folders_to_itself(server, reference, name):
    answer = server.get(PLACES[name], "summary")
    assert answer.json["rows"] == reference(name)["nrows"]
    assert str(server.root) not in answer.body.decode()


@pytest.mark.parametrize(
    ("form", "mime", "begins"),
    [
        ("png", "image/png", b"\x89PNG\r\n"),
        ("svg", "image/svg+xml", b"<?xml"),
        ("pdf", "application/pdf", b"%PDF-"),
        ("html", "text/html; charset=UTF-8", b"<!DOCTYPE html>"),
        ("json", "application/json", b"{"),
        ("bokeh", "application/json", b"{"),
    ],
)
def test_each_format(server, form, mime, begins):
    answer = server.get("alma.ms", "raster", spw="1", x="frequency", format=form, title="5 $\\frac{ < & $")
    assert (answer.status, answer.headers["Content-Type"]) == (200, mime)
    assert answer.body.lstrip().startswith(begins)


def test_a_bokeh_item_is_what_other_pages_embed(server):
    item = server.get("alma.ms", "raster", spw="1", format="bokeh").json
    assert {"doc", "root_id", "version"} <= set(item)


@pytest.mark.parametrize("form", ["html", "svg"])
def test_a_document_with_scripts_cannot_act_for_the_user(server, form):
    policy = server.get("alma.ms", "raster", spw="1", format=form).headers["Content-Security-Policy"]
    assert policy.startswith("sandbox")
    assert "allow-same-origin" not in policy


def test_width_and_height_are_those_of_the_picture(server):
    answer = server.get("alma.ms", "raster", width=345, height=234)
    assert struct.unpack(">II", answer.body[16:24]) == (345, 234)
    # drawings without pixels have that size in a browser
    drawing = ET.fromstring(server.get("alma.ms", "raster", width=345, height=234, format="svg").body)  # noqa: S314  ours
    assert (drawing.get("width"), drawing.get("height")) == ("345", "234")


def test_it_is_said_where_all_is_flagged(server):
    answer = server.get("alma.ms", "raster", field="0", spw="1", x="scan", y="spw", format="json")
    assert answer.json["count"] == [[0]]
    assert answer.json["value"] == [[None]]
    assert answer.json["flagged"][0][0] > 0
    assert "flagged" in answer.json["warnings"][0]
    picture = server.get("alma.ms", "raster", field="0", spw="1")
    assert json.loads(picture.headers["Dsa110-Vis-Warnings"]) == answer.json["warnings"]
    assert "Dsa110-Vis-Warnings" not in server.get("alma.ms", "raster", field="1", spw="1").headers


@pytest.mark.parametrize(
    ("plan", "ours"),
    [
        ({"xaxis": "time", "yaxis": "amp"}, {"x": "time", "y": "baseline"}),
        ({"xaxis": "baseline", "yaxis": "phase"}, {"x": "baseline", "y": "time", "quantity": "phase"}),
        ({"xaxis": "frequency", "yaxis": "real"}, {"x": "frequency", "y": "time", "quantity": "real"}),
        ({"xaxis": "frequency", "yaxis": "imag", "aggregator": "max"},
         {"x": "frequency", "y": "time", "quantity": "imag", "aggregator": "max"}),
        ({"xaxis": "frequency", "yaxis": "antenna"}, {"x": "frequency", "y": "antenna"}),
    ],
)  # fmt: skip
def test_the_plans_names_mean_the_same(server, plan, ours):
    common = {"spw": "1", "antenna": "DV14", "format": "json"}
    theirs = server.get("alma.ms", "raster", **plan, **common)
    assert theirs.status == 200, theirs.body
    assert theirs.json == server.get("alma.ms", "raster", **ours, **common).json


def test_spw_and_antenna_select(server):
    whole = server.get("alma.ms", "raster", x="frequency", format="json", spw="1").json
    part = server.get("alma.ms", "raster", x="frequency", format="json", spw="1:10~19", antenna="DV14").json
    assert len(part["axes"][1]["values"]) == 10
    assert sum(map(sum, part["count"])) < sum(map(sum, whole["count"]))


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ({"x": "tine"}, "time, baseline"),
        ({"quantity": "colour"}, "amp, phase"),
        ({"aggregator": "mode"}, "mean, median"),
        ({"averaging": "cubic"}, "scalar, vector"),
        ({"width": "199"}, "200 to 2000"),
        ({"height": "2001"}, "200 to 2000"),
        ({"width": "1e3"}, "200 to 2000"),
        ({"colormap": "jet"}, "viridis"),
        ({"format": "gif"}, "png, svg"),
        ({"preset": "nice"}, "bandpass"),
        ({"weighted": "maybe"}, "true"),
        ({"colour": "red"}, "colormap"),
        ({"select": "beam=1"}, "spw"),
        ({"column": "CORRECTED_DATA"}, "DATA"),
        ({"xaxis": "time", "x": "time"}, "x and y, or xaxis and yaxis"),
        ({"bins": "0"}, "1 to 4096"),
        ({"aggregator": "median", "quantity": "phase"}, "mean, std"),
    ],
)
def test_what_is_not_allowed_is_answered_with_what_is(server, query, allowed):
    answer = server.get("alma.ms", "raster", **query)
    assert answer.status == 422
    assert set(answer.json) == {"message", "reason", "code", "hint"}
    assert allowed in answer.json["hint"], answer.json
    assert "Traceback" not in answer.body.decode()


def test_a_wrong_selection_says_where(server):
    answer = server.get("alma.ms", "raster", spw="0:10~")
    assert (answer.status, answer.json["code"]) == (422, "selection-syntax")


def test_jupyters_own_parameters_are_left_alone(server):
    stamped = server.raw("/dsa110-vis/api/ms/wsrt.ms/summary?1795498729000&no_track_activity=1")
    assert stamped.status == 200, stamped.body


class TestKept:
    """What is answered once is answered again at once, until the Measurement Set changes."""

    @pytest.fixture
    def changing(self, server, real_ms):
        path = server.root / "changing.ms"
        shutil.copytree(real_ms("wsrt"), path, dirs_exist_ok=True)
        return path

    def test_an_answer_that_the_client_has_is_not_sent_again(self, server):
        first = server.get("wsrt.ms", "raster", x="frequency")
        assert first.headers["Cache-Control"] == "private, max-age=300"
        again = server.get("wsrt.ms", "raster", x="frequency", headers={"If-None-Match": first.headers["Etag"]})
        assert (again.status, again.body) == (304, b"")
        assert again.headers["Etag"] == first.headers["Etag"]

    def test_the_order_of_the_parameters_does_not_matter(self, server):
        one = server.get("wsrt.ms", "raster", x="frequency", y="baseline")
        other = server.get("wsrt.ms", "raster", y="baseline", x="frequency")
        assert one.headers["Etag"] == other.headers["Etag"]

    def test_other_parameters_have_another_tag(self, server):
        tags = {server.get("wsrt.ms", "raster", x=x).headers["Etag"] for x in ("frequency", "correlation")}
        assert len(tags) == 2

    def test_a_change_of_the_measurement_set_is_noticed(self, server, changing, run_python):
        first = server.get("changing.ms", "antennas")
        tag = {"If-None-Match": first.headers["Etag"]}
        assert server.get("changing.ms", "antennas", headers=tag).status == 304
        run_python(
            "import sys; from casacore.tables import table; t = table(sys.argv[1], readonly=False, ack=False); "
            "f = t.getcol('FLAG'); f[:] = True; t.putcol('FLAG', f); t.close()",
            str(changing),
        )
        changed = server.get("changing.ms", "antennas", headers=tag)
        assert changed.status == 200
        assert changed.headers["Etag"] != first.headers["Etag"]
        used = [antenna for antenna in changed.json["antennas"] if antenna["has_data"]]
        assert [antenna["flagged_pct"] for antenna in used] == [100.0] * len(used)

    def test_a_server_that_was_started_anew_knows_the_tag_too(self, server, start_server):
        first = server.get("wsrt.ms", "raster", x="frequency")
        other = start_server(server.root)
        tag = {"If-None-Match": first.headers["Etag"]}
        assert other.get("wsrt.ms", "raster", x="frequency", headers=tag).status == 304

    def test_the_second_time_no_process_is_needed(self, server, start_server, locked):
        other = start_server(locked.parent, "--Dsa110VisApp.max_workers=1", "--Dsa110VisApp.max_queue=0")
        shutil.copytree(server.root / "wsrt.ms", locked.parent / "wsrt.ms")
        first = other.get("wsrt.ms", "raster")
        busy = other.ask("locked.ms", "summary")
        while other.get("lofar.ms", "summary").status not in (404, 503):  # until the only place is taken
            os.sched_yield()
        again = other.get("wsrt.ms", "raster")
        assert (again.status, again.body) == (200, first.body)
        busy()
