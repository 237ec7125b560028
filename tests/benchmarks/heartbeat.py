"""A server extension for measurements: how late the server's event loop comes to what it should do every 10 ms."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import ioloop, web

EVERY = 0.01


class Pulse:
    """Keeps how late each beat came, in seconds."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self._loop = ioloop.IOLoop.current()
        self._due = self._loop.time() + EVERY
        self._loop.call_at(self._due, self._beat)

    def _beat(self) -> None:
        now = self._loop.time()
        self.late.append(now - self._due)
        self._due = now + EVERY
        self._loop.call_at(self._due, self._beat)


class PulseHandler(APIHandler):
    """Gives the beats since the last time, and forgets them."""

    auth_resource = "heartbeat"

    @web.authenticated
    @authorized
    def get(self) -> None:
        """Answer."""
        pulse = self.settings["pulse"]
        late, pulse.late = pulse.late, []
        self.finish(json.dumps(late))


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "heartbeat"}]


def _load_jupyter_server_extension(app: Any) -> None:
    app.web_app.settings["pulse"] = Pulse()
    app.web_app.add_handlers(".*$", [("/heartbeat", PulseHandler)])


async def _idle(seconds: float) -> list[float]:
    """Beat in a process that does nothing else: what comes late there is the machine's doing."""
    pulse = Pulse()
    await asyncio.sleep(seconds)
    return pulse.late


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_idle(float(sys.argv[1])))))
