"""The doctor tries each part for real, and says what to do about what does not work."""

from __future__ import annotations

import json

from dsa110_vis import doctor


def test_it_reports_every_part(cli):
    done = cli("doctor", "--json")
    findings = {finding["part"]: finding for finding in json.loads(done.stdout)}
    # the environment of the tests has everything, built and installed as editable
    for part in ("python-casacore", "numba", "CASA, offline", "Bokeh", "widget", "labextension", "server extension"):
        assert findings[part]["status"] == "works", findings[part]
    assert done.returncode == 0
    assert all(finding["advice"] for finding in findings.values() if finding["status"] != "works")


def test_a_part_that_aborts_costs_one_line(monkeypatch):
    broken = doctor._Check("broken", "import os; os.abort()", "mend it")
    missing = doctor._Check("missing", "", "install it", optional_module="no_such_module_anywhere")
    monkeypatch.setattr(doctor, "_CHECKS", (broken, missing))
    text = doctor.report(doctor.examine())
    assert "fault   broken" in text
    assert "signal 6" in text
    assert "-> mend it" in text
    assert "absent  missing" in text


def test_a_part_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr(doctor, "TIMEOUT_S", 0.5)
    finding = doctor._try(doctor._Check("slow", "import threading; threading.Event().wait()", "wait"))
    assert finding.status == "fault"
    assert "no answer" in finding.detail
