"""The WebSocket that a viewer in JupyterLab speaks through: who may open it, what it may open, and how it ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized, ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from dsa110_vis.errors import Dsa110VisError, OptionError
from dsa110_vis.server.errors import PathError, ViewerLimitError
from dsa110_vis.server.frames import MOST_BYTES, pack, unpack
from dsa110_vis.server.viewer import MODELS, Viewer

if TYPE_CHECKING:
    from dsa110_vis.server.hall import Hall

__all__ = ["ViewerSocket", "close_reason"]

RESOURCE = "dsa110_vis:viewers"
CLOSE_CODES = {400: 4400, 403: 4403, 404: 4404, 422: 4422, 503: 4503}
REASON_BYTES = 123
"""Room for a reason in the frame that closes a connection."""


def close_reason(error: Dsa110VisError, *, reloadable: bool) -> str:
    """Write why a connection is closed, in as many words as there is room for.

    Parameters
    ----------
    error : Dsa110VisError
        Why.
    reloadable : bool
        Whether to try again.

    Returns
    -------
    str
        JSON with ``code``, ``message``, ``hint`` and ``reloadable``, at most 123 bytes.
    """
    described = {**error.describe(), "reloadable": reloadable}
    for name in ("hint", "message"):
        text = str(described[name])
        for end in range(len(text), -1, -1):
            described[name] = text[:end] if end == len(text) else f"{text[:end]}..." if end else ""
            said = json.dumps(described, separators=(",", ":"))
            if len(said) <= REASON_BYTES:
                return said
    return json.dumps({"code": error.code[:60], "reloadable": reloadable}, separators=(",", ":"))


class ViewerSocket(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """Opens a viewer: ``?view=ms-raster|antenna-layout|mask-draw&path=...``."""

    auth_resource = RESOURCE
    _viewer: Viewer | None = None

    @property
    def hall(self) -> Hall:
        """What the extension holds."""
        hall: Hall = self.settings["dsa110_vis_hall"]
        return hall

    @property
    def max_message_size(self) -> int:
        """Largest frame that is taken."""
        return MOST_BYTES

    def get_compression_options(self) -> dict[str, Any] | None:
        """Compress as the kernels' connections do."""
        found: dict[str, Any] | None = self.settings.get("websocket_compression_options")
        return found

    @ws_authenticated
    @authorized(action="execute", resource=RESOURCE)  # type: ignore[untyped-decorator]
    async def get(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Open the connection for who may."""
        opened: Any = super().get(*args, **kwargs)
        await opened

    async def open(self, *args: str, **kwargs: str) -> None:
        """Start the viewer."""
        super().open(*args, **kwargs)
        try:
            self._viewer = await self._opened()
        except Dsa110VisError as error:
            self.refuse(error, reloadable=error.http_status == 503)

    async def _opened(self) -> Viewer:
        view = self.get_query_argument("view", "")
        if view not in MODELS:
            message = f"There is no view {view[:60]!r}."
            raise OptionError(message, f"Allowed: {', '.join(MODELS)}.")
        path = await self.hall.resolve(self._path(), files=MODELS[view].files)
        if len(self.hall.viewers) >= self.hall.max_viewers:
            message = f"{self.hall.max_viewers} viewers are open, as many as may be."
            raise ViewerLimitError(message, "Close one of them.")
        viewer = Viewer(self.hall, self, view, path)
        self.hall.viewers.add(viewer)
        self.hall.touch()
        return viewer

    def _path(self) -> str:
        """Give the path as it was sent: Tornado would make a blank of a control character."""
        try:
            return self.request.query_arguments.get("path", [b""])[-1].decode()
        except UnicodeDecodeError:
            message = "The path is not UTF-8."
            raise PathError(message, "Encode it as UTF-8, and then in per cent.") from None

    async def on_message(self, message: str | bytes) -> None:
        """Pass a message on."""
        if self._viewer is None:
            return
        try:
            content, buffers = unpack(message)
        except Dsa110VisError as error:
            self.refuse(error)
            return
        self.hall.touch()
        await self._viewer.receive(content, buffers)

    def on_close(self) -> None:
        """End the viewer's process."""
        if self._viewer is not None:
            self._viewer.close()
            self.hall.viewers.discard(self._viewer)
            self._viewer = None

    async def deliver(self, frame: str | bytes) -> None:
        """Send a frame; returns when it is on its way."""
        try:
            await self.write_message(frame, binary=isinstance(frame, bytes))
        except WebSocketClosedError:
            return

    def refuse(self, error: Dsa110VisError, *, reloadable: bool = False) -> None:
        """Say why, and end the connection: all of it in an event, since the frame that closes has little room."""
        self.log.info("a viewer was refused: %s", error.message)
        try:
            self.write_message(
                pack({"kind": "event", "event": "closing", "data": {**error.describe(), "reloadable": reloadable}})
            )
        except WebSocketClosedError:
            return
        self.close(CLOSE_CODES.get(error.http_status, 4500), close_reason(error, reloadable=reloadable))
