"""The versions endpoint: what it says, and to whom."""

from __future__ import annotations

import json

import pytest
from tornado.httpclient import HTTPClientError

from dsa110_vis import __version__


async def test_it_names_this_package_and_those_it_stands_on(jp_fetch):
    response = await jp_fetch("dsa110-vis", "api", "versions")
    found = json.loads(response.body)
    assert found["dsa110_vis"] == __version__
    assert found["packages"]["numpy"]
    assert "anywidget" in found["packages"]


async def test_a_stranger_is_refused(jp_fetch):
    with pytest.raises(HTTPClientError) as refusal:
        await jp_fetch("dsa110-vis", "api", "versions", headers={"Authorization": ""})
    assert refusal.value.code == 403


async def test_a_user_without_the_right_is_refused(jp_fetch, jp_serverapp, monkeypatch):
    asked = []

    def is_authorized(_handler, _user, action, resource):
        asked.append((action, resource))
        return False

    monkeypatch.setattr(jp_serverapp.authorizer, "is_authorized", is_authorized)
    with pytest.raises(HTTPClientError) as refusal:
        await jp_fetch("dsa110-vis", "api", "versions")
    assert refusal.value.code == 403
    assert asked == [("read", "dsa110_vis:versions")]


def test_the_top_package_is_light(run_python):
    # jupyter_server imports it at start-up
    code = "import sys, dsa110_vis; print(sorted({'numpy', 'casacore', 'numba', 'bokeh'} & set(sys.modules)))"
    assert run_python(code).stdout.strip() == "[]"
