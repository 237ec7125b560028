"""Who may do what: nothing without a login, and each address asks for its right."""

from __future__ import annotations

import json
import re

import pytest
from jupyter_server.auth import Authorizer
from jupyter_server.serverapp import ServerWebApplication
from jupyter_server.utils import JupyterServerAuthWarning
from tornado.httpclient import HTTPClientError

from dsa110_vis.server.app import Dsa110VisApp
from dsa110_vis.server.base import JsonHandler
from dsa110_vis.server.routes import PREFIX, ROUTES

# address, and the right that it needs
ADDRESSES = [
    ("/versions", "read", "dsa110_vis:versions"),
    ("/ms/a.ms/summary", "read", "dsa110_vis:ms"),
    ("/ms/a.ms/antennas", "read", "dsa110_vis:ms"),
    ("/ms/a.ms/raster", "read", "dsa110_vis:ms"),
    ("/ws", "execute", "dsa110_vis:viewers"),
]
# in another order too: a decorator may keep the first right that it was asked for
ORDERS = [ADDRESSES, ADDRESSES[::-1]]


def test_the_table_of_routes_says_the_same():
    for address, action, resource in ADDRESSES:
        route = next(route for route in ROUTES if re.fullmatch(route.pattern, address))
        assert (route.action, route.resource) == (action, resource)


@pytest.mark.parametrize("order", ORDERS, ids=["forth", "back"])
async def test_each_address_needs_its_right(jp_fetch, jp_ws_fetch, jp_serverapp, monkeypatch, order):
    asked = []

    def is_authorized(_handler, _user, action, resource):
        asked.append((action, resource))
        return False

    monkeypatch.setattr(jp_serverapp.authorizer, "is_authorized", is_authorized)
    for address, action, resource in order:
        fetch = jp_ws_fetch if address == "/ws" else jp_fetch
        with pytest.raises(HTTPClientError) as refusal:
            await fetch(*f"dsa110-vis/api{address}".split("/"))
        assert refusal.value.code == 403
        assert asked.pop() == (action, resource)
        if address != "/ws":
            assert json.loads(refusal.value.response.body)["code"] == "forbidden"


@pytest.mark.parametrize("address", [address for address, _, _ in ADDRESSES] + ["/nothing"])
async def test_a_stranger_is_refused(jp_fetch, jp_ws_fetch, address):
    fetch = jp_ws_fetch if address == "/ws" else jp_fetch
    with pytest.raises(HTTPClientError) as refusal:
        await fetch(*f"dsa110-vis/api{address}".split("/"), headers={"Authorization": ""})
    assert refusal.value.code == 403


class ReadOnly(Authorizer):
    """May read; may not execute."""

    def is_authorized(self, _handler, _user, action, _resource):
        return action == "read"


class TestReadOnly:
    """One user may do all, another may only look."""

    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config["ServerApp"]["authorizer_class"] = ReadOnly
        return jp_server_config

    async def test_reads_and_opens_no_viewer(self, jp_fetch, jp_ws_fetch, jp_root_dir):
        (jp_root_dir / "a.ms").mkdir()
        assert (await jp_fetch("dsa110-vis", "api", "versions")).code == 200
        with pytest.raises(HTTPClientError) as reading:
            await jp_fetch("dsa110-vis", "api", "ms", "a.ms", "summary")
        assert reading.value.code == 422  # it was let in, and found no table
        with pytest.raises(HTTPClientError) as opening:
            await jp_ws_fetch("dsa110-vis", "api", "ws", params={"view": "ms-raster", "path": "a.ms"})
        assert opening.value.code == 403


def endpoints_without_authentication(*handlers):
    """What a server that lets in nobody by default warns of when such handlers are added to it."""
    check = ServerWebApplication._check_handler_auth
    return [warning for matcher, handler in handlers for warning in check(None, matcher, handler)]


def test_every_handler_asks_who_it_is():
    routes = [(PREFIX + route.pattern, route.handler) for route in ROUTES]
    assert endpoints_without_authentication(*routes) == []


def test_a_handler_that_does_not_ask_would_be_found():
    class Open(JsonHandler):
        def get(self):
            """Let in everybody."""

    assert endpoints_without_authentication(("/open", Open))


async def test_the_extension_loads_where_such_a_warning_is_an_error(jp_serverapp):
    # warnings are errors in these tests, and an extension that fails is not among those that were loaded
    assert isinstance(next(iter(jp_serverapp.extension_manager.extension_apps["dsa110_vis"])), Dsa110VisApp)


@pytest.mark.filterwarnings("ignore::jupyter_server.utils.JupyterServerAuthWarning")
async def test_a_route_without_a_login_is_warned_of(jp_serverapp):
    class Open(JsonHandler):
        def get(self):
            """Let in everybody."""

    with pytest.warns(JupyterServerAuthWarning, match="Open"):
        jp_serverapp.web_app.add_handlers(".*$", [("/open", Open)])
