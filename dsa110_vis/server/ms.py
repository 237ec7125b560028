"""The REST handlers for Measurement Sets."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from jupyter_server.auth.decorator import authorized
from tornado import web

from dsa110_vis.server.answers import Held, Question
from dsa110_vis.server.base import JsonHandler

if TYPE_CHECKING:
    from collections.abc import Coroutine

__all__ = ["MsHandler"]

RESOURCE = "dsa110_vis:ms"
NOT_OURS = frozenset({"token", "_xsrf", "no_track_activity"})
"""Parameters of Jupyter's own."""

# A document with a script of its own must not act for who is logged in here, and may show itself and nothing else.
_ALONE = "default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:"
POLICIES = {
    "text/html; charset=UTF-8": f"sandbox allow-scripts allow-downloads; {_ALONE}; "
    "script-src 'unsafe-inline' 'unsafe-eval' blob:",
    "image/svg+xml": f"sandbox; {_ALONE}",
}


class MsHandler(JsonHandler):
    """Answers what is asked about a Measurement Set: ``summary``, ``antennas`` or ``raster``."""

    auth_resource = RESOURCE
    _work: asyncio.Task[Held] | None = None
    _policy: str | None = None

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)  # type: ignore[untyped-decorator]
    async def get(self, path: str, method: str) -> None:
        """Answer.

        Parameters
        ----------
        path : str
            The Measurement Set, decoded.
        method : str
            What is asked.
        """
        self._work = asyncio.ensure_future(self._answer(path, method))
        try:
            held = await self._work
        except asyncio.CancelledError:
            if self._work.cancelled() and self._gone:
                self.log.info("the client of %s has gone, and its work was ended", self.request.path)
                return
            raise
        self._send(held)

    _gone = False

    def on_connection_close(self) -> None:
        """End the work for a client that has gone away."""
        super().on_connection_close()
        self._gone = True
        if self._work is not None:
            self._work.cancel()

    @property
    def content_security_policy(self) -> str:
        """What a browser may do with the answer."""
        return self._policy or super().content_security_policy

    def _answer(self, path: str, method: str) -> Coroutine[None, None, Held]:
        return self._look_up(path, method, self._query())

    async def _look_up(self, path: str, method: str, query: dict[str, list[str]]) -> Held:
        real = await self.hall.resolve(path)
        return await self.hall.answers.get(Question.of(method, real, query), self._has)

    def _query(self) -> dict[str, list[str]]:
        found = {}
        for name in self.request.query_arguments:
            values = self.get_query_arguments(name, strip=False)
            stamp = name.isdigit() and values == [""]  # JupyterLab's way around a browser's cache
            if name not in NOT_OURS and not stamp:
                found[name] = values
        return found

    def _has(self, tag: str) -> bool:
        """Tell whether the client has the answer with a tag; whether it has any at all, if the tag is empty."""
        told = self.request.headers.get("If-None-Match", "")
        if not tag:
            return bool(told)
        return any(one.strip().removeprefix("W/") in (tag, "*") for one in told.split(","))

    def _send(self, held: Held) -> None:
        if held.tag is None:
            self.set_header("Cache-Control", "no-store")
        else:
            self.set_header("Etag", held.tag)
            self.set_header("Cache-Control", f"private, max-age={self.hall.max_age}")
        if held.body is None:
            self.set_status(304)
            self.finish()
            return
        if held.warnings:
            # ASCII, since headers are; JSON, since there may be several
            self.set_header("Dsa110-Vis-Warnings", json.dumps(list(held.warnings)))
        if held.mime in POLICIES:
            self._policy = POLICIES[held.mime]
            self.set_header("Content-Security-Policy", self._policy)
        self.finish(held.body, set_content_type=held.mime)
