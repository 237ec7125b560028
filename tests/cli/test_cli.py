"""The command line as a script uses it: output, exit codes, one-line errors, nothing half-written."""

from __future__ import annotations

import json
import re
import struct

import numpy as np
import pytest


@pytest.fixture(scope="module")
def alma(real_ms):
    return real_ms("alma")


def test_summary_as_text_names_the_telescope_and_the_windows(cli, alma):
    done = cli("summary", alma)
    assert done.returncode == 0, done.stderr
    assert "ALMA" in done.stdout
    assert "DATA" in done.stdout


def test_summary_as_json_can_be_read_by_a_script(cli, alma, reference):
    done = cli("summary", alma, "--json")
    found = json.loads(done.stdout)
    assert found["telescope"] == "ALMA"
    assert found["rows"] == reference("alma")["nrows"]


def test_antennas_as_json_equal_the_reference(cli, alma, reference):
    found = json.loads(cli("antennas", alma, "--json").stdout)
    expected = reference("alma")
    assert found["array_centre"]["lat_deg"] == pytest.approx(expected["array_centre"]["lat_deg"], abs=1e-9)
    for ours, theirs in zip(found["antennas"], expected["antennas"], strict=True):
        assert ours["name"] == theirs["name"]
        assert 100 * ours["flagged_fraction"] == pytest.approx(theirs["flagged_pct_all"], abs=1e-5)


@pytest.mark.parametrize(
    ("ending", "begins"),
    [
        ("png", b"\x89PNG\r\n"),
        ("svg", b"<?xml"),
        ("pdf", b"%PDF-"),
        ("html", b"<!DOCTYPE html>"),
        ("nc", b"\x89HDF\r\n"),
    ],
)
def test_raster_writes_each_format(cli, alma, tmp_path, ending, begins):
    output = tmp_path / f"out.{ending}"
    done = cli("raster", alma, "--x", "frequency", "--y", "time", "--select", "spw=1", "-o", output)
    assert done.returncode == 0, done.stderr
    assert output.read_bytes().lstrip().startswith(begins)
    assert [path.name for path in tmp_path.iterdir()] == [output.name]
    assert done.stderr == "" or "warning" in done.stderr


def test_a_warning_is_one_line(cli, build, tmp_path):
    from casacore.tables import table

    path = build.make(tmp_path / "zeros.ms", columns=("DATA", "CORRECTED_DATA"))
    with table(str(path), readonly=False, ack=False) as main:
        for row in range(main.nrows()):
            main.putcell("CORRECTED_DATA", row, np.zeros_like(main.getcell("CORRECTED_DATA", row)))
    done = cli("raster", path, "-o", tmp_path / "out.png")
    assert done.returncode == 0, done.stderr
    [line] = done.stderr.splitlines()
    assert line.startswith("dsa110-vis: warning: CORRECTED_DATA is zero everywhere")


def test_the_html_needs_no_network(cli, alma, tmp_path):
    output = tmp_path / "out.html"
    cli("raster", alma, "--x", "frequency", "--y", "time", "--select", "spw=1", "-o", output)
    text = output.read_text()
    assert not re.search(r"<(script|link|img)[^>]*\s(src|href)=", text)


def test_the_netcdf_holds_the_dataset(cli, alma, tmp_path, reference):
    import xarray as xr

    output = tmp_path / "out.nc"
    words = ["--x", "correlation", "--y", "scan", "--select", "spw=1", "-o", output]
    assert cli("raster", alma, *words).returncode == 0
    with xr.open_dataset(output, engine="h5netcdf") as dataset:
        counts = dataset["count"].sum("scan").to_numpy()
    expected = [reference("alma")["unflagged_stats"][f"DATA/ddid1/pol{p}/cross"]["n"] for p in range(4)]
    np.testing.assert_array_equal(counts, expected)


def test_a_preset_is_a_start_that_options_override(cli, alma, tmp_path):
    output = tmp_path / "out.png"
    done = cli("raster", alma, "--preset", "bandpass", "--aggregator", "max", "-o", output)
    assert done.returncode == 0, done.stderr
    width, height = struct.unpack(">II", output.read_bytes()[16:24])
    assert width > 300
    assert height > 200


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--x", "nonsense", "--y", "time"], 2, "baseline"),
        (["--x", "time", "--y", "time"], 2, "time"),
        (["--aggregator", "modal"], 2, "median"),
        (["--preset", "nonsense"], 2, "bandpass"),
        (["--column", "CORRECTED_DATA"], 2, "DATA"),
        (["--colormap", "nonsense"], 2, "viridis"),
        (["--select", "spw"], 2, "key=value"),
        (["--select", "spw=0:"], 2, "spw"),
        (["--select", "nonsense=1"], 2, "spw"),
        (["--select", "scan=99"], 4, "Scan 99"),
    ],
)
def test_errors_are_one_line_with_what_is_allowed(cli, alma, tmp_path, words, code, says):  # noqa: PLR0917
    output = tmp_path / "out.png"
    done = cli("raster", alma, *words, "-o", output)
    assert done.returncode == code, done.stderr
    assert done.stderr.count("\n") == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not output.exists()


def test_other_exit_codes(cli, alma, tmp_path):
    assert cli("summary", tmp_path / "absent.ms").returncode == 3
    assert cli("summary", tmp_path).returncode == 3
    assert cli("raster", alma, "-o", tmp_path / "no" / "such" / "folder.png").returncode == 5
    assert cli("raster", alma, "-o", tmp_path / "out.gif").returncode == 2
    assert cli("nonsense").returncode == 2


def test_an_existing_file_survives_a_failure(cli, alma, tmp_path):
    output = tmp_path / "out.png"
    output.write_text("precious")
    assert cli("raster", alma, "--select", "scan=99", "-o", output).returncode == 4
    assert output.read_text() == "precious"
