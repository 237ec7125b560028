"""The versions endpoint: what it says of the server and of a kernel, and how it explains that they do not fit."""

from __future__ import annotations

import json
import sys

import pytest
from tornado.httpclient import HTTPClientError

from dsa110_vis import __version__
from dsa110_vis.server import versions as module
from dsa110_vis.server.versions import mismatches

FITTING = {"dsa110_vis": "0.1.0", "anywidget": "0.11.0", "ipywidgets": "8.1.5"}


async def test_it_names_this_package_and_those_it_stands_on(jp_fetch):
    response = await jp_fetch("dsa110-vis", "api", "versions")
    found = json.loads(response.body)
    assert found["dsa110_vis"] == __version__
    assert found["packages"]["numpy"]
    assert "anywidget" in found["packages"]
    assert "kernel" not in found


@pytest.fixture
def jp_kernelspecs():
    """Leave out the kernels that pytest-jupyter makes up: only Python's own is wanted."""


@pytest.fixture
def start_kernel(jp_serverapp):
    """Start a kernel; the server ends it with itself."""
    return lambda: jp_serverapp.kernel_manager.start_kernel(kernel_name="python3")


async def of(jp_fetch, kernel):
    response = await jp_fetch("dsa110-vis", "api", "versions", params={"kernel": kernel})
    return json.loads(response.body)["kernel"]


async def test_a_kernel_of_the_same_environment_fits(jp_fetch, start_kernel):
    found = await of(jp_fetch, await start_kernel())
    assert found["answered"], found
    assert found["dsa110_vis"] == __version__
    assert found["packages"]["numpy"]
    assert found["mismatches"] == []


async def test_a_kernel_with_other_versions_is_explained(jp_fetch, start_kernel, monkeypatch):
    monkeypatch.setattr(module, "versions", lambda: {**FITTING, "anywidget": "0.9.13"})
    (found,) = (await of(jp_fetch, await start_kernel()))["mismatches"]
    assert found["package"] == "anywidget"
    assert "0.9.13" in found["explanation"]


async def test_a_kernel_that_is_busy_is_not_waited_for(jp_fetch, start_kernel, jp_serverapp, monkeypatch):
    kernel = await start_kernel()
    client = jp_serverapp.kernel_manager.get_kernel(kernel).client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        client.execute("import threading; threading.Event().wait(60)")
        while True:
            message = await client.get_iopub_msg(timeout=60)
            if message["msg_type"] == "execute_input":
                break
        monkeypatch.setattr(module, "KERNEL_SECONDS", 0.5)
        found = await of(jp_fetch, kernel)
    finally:
        client.stop_channels()
    assert not found["answered"]
    assert "busy" in found["explanation"]


async def test_a_kernel_that_does_not_exist(jp_fetch):
    with pytest.raises(HTTPClientError) as refusal:
        await of(jp_fetch, "00000000-0000-0000-0000-000000000000")
    assert refusal.value.code == 404
    assert json.loads(refusal.value.response.body)["code"] == "no-such-kernel"


async def test_who_may_not_execute_may_not_ask_a_kernel(jp_fetch, jp_serverapp, monkeypatch):
    monkeypatch.setattr(jp_serverapp.authorizer, "is_authorized", lambda _h, _u, action, _r: action == "read")
    assert (await jp_fetch("dsa110-vis", "api", "versions")).code == 200
    with pytest.raises(HTTPClientError) as refusal:
        await of(jp_fetch, "any")
    assert refusal.value.code == 403


@pytest.mark.parametrize(
    ("server", "kernel", "packages"),
    [
        (FITTING, FITTING, []),
        (FITTING, {**FITTING, "ipywidgets": "8.2.0", "anywidget": "0.11.9"}, []),
        (FITTING, {**FITTING, "anywidget": "0.10.0"}, ["anywidget"]),
        (FITTING, {**FITTING, "dsa110_vis": "0.1.1"}, ["dsa110_vis"]),
        (FITTING, {**FITTING, "dsa110_vis": None}, ["dsa110_vis"]),
        ({**FITTING, "anywidget": None}, FITTING, ["anywidget"]),
        ({**FITTING, "ipywidgets": None}, FITTING, []),
        (FITTING, {}, ["dsa110_vis", "anywidget", "ipywidgets"]),
    ],
)
def test_what_does_not_fit(server, kernel, packages):
    found = mismatches(server, kernel)
    assert [entry["package"] for entry in found] == packages
    assert all("nvironment" in entry["explanation"] for entry in found)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"user_expressions": {"versions": {"status": "error", "ename": "NameError"}}},
        {"user_expressions": {"versions": {"data": {"text/plain": "__import__('os')"}}}},
        {"user_expressions": {"versions": {"data": {"text/plain": "'[1]'"}}}},
        {"user_expressions": {"versions": {"data": {"text/plain": "'not json'"}}}},
    ],
)
def test_an_answer_from_elsewhere_is_only_read(content):
    assert module._read(content) is None


def test_the_top_package_is_light(run_python):
    # jupyter_server imports it at start-up
    code = "import sys, dsa110_vis; print(sorted({'numpy', 'casacore', 'numba', 'bokeh'} & set(sys.modules)))"
    assert run_python(code).stdout.strip() == "[]"


def test_the_extension_is_light(run_python):
    # and this
    code = (
        "import sys, dsa110_vis.server.app; "
        "print(sorted({'numpy', 'casacore', 'numba', 'bokeh', 'matplotlib'} & set(sys.modules)))"
    )
    assert run_python(code).stdout.strip() == "[]", sys.version
