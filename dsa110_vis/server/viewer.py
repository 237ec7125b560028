"""A viewer without a kernel: a model in a process of its own, and what is needed to replace the process if it dies."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from dsa110_vis.errors import Dsa110VisError
from dsa110_vis.server.errors import RepeatedLossError
from dsa110_vis.server.frames import pack
from dsa110_vis.server.workers import PRELOAD
from dsa110_vis.work import Remote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Future

    from dsa110_vis.server.hall import Hall
    from dsa110_vis.work import WorkerLostError

__all__ = ["MODELS", "Browser", "Viewer"]


class Kind(NamedTuple):
    """A kind of viewer.

    Attributes
    ----------
    factory : str
        What makes its model from the path.
    files : bool
        Whether it shows files too, and not only folders.
    keeps : bool
        Whether the model also takes a folder, in which it keeps what is drawn for the process after it.
    """

    factory: str
    files: bool = False
    keeps: bool = False


MODELS = {
    "ms-raster": Kind("dsa110_vis.view.ms_raster:MsRasterModel"),
    "antenna-layout": Kind("dsa110_vis.view.antenna_layout:AntennaLayoutModel"),
    "mask-draw": Kind("dsa110_vis.view.served:image_viewer", files=True, keeps=True),
}
"""Views, and what makes their models; nothing of it comes from a user."""

PATHS = ("path", "compare")
"""Controls whose values are paths."""

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 10.0
"""A process that ends again within this is not replaced."""


class Browser(Protocol):
    """The other end of a viewer."""

    async def deliver(self, frame: str | bytes) -> None:
        """Send a frame; returns when it is on its way."""

    def refuse(self, error: Dsa110VisError, *, reloadable: bool = False) -> None:
        """Say why, and end the connection."""


class Viewer:
    """Joins a browser to a model.

    All methods are called on the server's event loop, except those that begin with ``_hear``, which the process's
    reading thread calls.

    Parameters
    ----------
    hall : Hall
        Resolves paths.
    browser : Browser
        Gets the frames.
    view : str
        One of `MODELS`.
    path : str
        Real path of what is looked at.
    """

    def __init__(self, hall: Hall, browser: Browser, view: str, path: str) -> None:
        self._hall, self._browser, self._kind, self._path = hall, browser, MODELS[view], path
        self._keep = tempfile.mkdtemp(prefix="dsa110-vis-drawing-") if self._kind.keeps else ""
        self._loop = asyncio.get_running_loop()
        self._state: dict[str, Any] = {}
        self._pending: dict[str | int, str] = {}
        self._restored_at = -PAUSE_SECONDS
        self._closed = False
        self._remote = self._start()

    @property
    def pid(self) -> int:
        """Number of the process; 0 while it is not there."""
        return self._remote.pid

    def close(self) -> None:
        """End the process."""
        self._closed = True
        self._remote.close()
        if self._keep:
            shutil.rmtree(self._keep, ignore_errors=True)

    async def receive(self, message: dict[str, Any], buffers: Sequence[memoryview]) -> None:
        """Pass on what the browser sent. A path in it has to be one that may be read.

        Parameters
        ----------
        message : dict
            Its JSON part.
        buffers : sequence of memoryview
            Its buffers.
        """
        if message.get("kind") == "request" and isinstance(message.get("id"), str | int):
            self._pending[message["id"]] = str(message.get("op"))
            try:
                message = await self._allowed(message)
            except Dsa110VisError as error:
                self._pending.pop(message["id"], None)
                await self._answer_with(message["id"], error)
                return
        # a process that does not read holds up a thread, and not the event loop
        await self._loop.run_in_executor(self._hall.senders, self._remote.receive, message, list(map(bytes, buffers)))

    async def _allowed(self, message: dict[str, Any]) -> dict[str, Any]:
        params = message.get("params")
        changes = params.get("changes") if isinstance(params, dict) else None
        if message.get("op") != "set" or not isinstance(changes, dict):
            return message
        real = {
            name: await self._hall.resolve(changes[name], files=self._kind.files)
            for name in PATHS
            if isinstance(changes.get(name), str) and changes[name] != ""
        }
        return {**message, "params": {**params, "changes": {**changes, **real}}}  # type: ignore[dict-item]

    async def _answer_with(self, ident: str | int, error: Dsa110VisError) -> None:
        await self._browser.deliver(
            pack({"kind": "response", "id": ident, "ok": False, "error": dict(error.describe())})
        )

    def _start(self) -> Remote:
        arguments = (self._path, self._keep) if self._kind.keeps else (self._path,)
        return Remote(self._kind.factory, arguments, relay=self._hear, on_lost=self._hear_lost, preload=PRELOAD)

    # -- from the process, on its thread -------------------------------------------------------------------------------

    def _hear(self, message: dict[str, Any], buffers: list[Any]) -> None:
        if not self._remember(message) or self._closed:
            return
        frame = pack(message, buffers)
        # waiting here until the browser has it makes the process wait, and not the memory grow
        sent = asyncio.run_coroutine_threadsafe(self._browser.deliver(frame), self._loop)
        sent.exception()

    def _hear_lost(self, error: WorkerLostError) -> None:
        replaced = asyncio.run_coroutine_threadsafe(self._replace(error), self._loop)
        replaced.add_done_callback(_logged)

    def _remember(self, message: Mapping[str, Any]) -> bool:
        """Keep what another process would have to know; tell whether the message is for the browser."""
        if message.get("kind") == "event":
            if message.get("event") == "state":
                self._state.update(message["data"]["changes"])
            elif message.get("event") == "progress":
                self._loop.call_soon_threadsafe(self._hall.touch)
            return True
        op = self._pending.pop(message["id"], None)
        if op == "hello" and message.get("ok"):
            self._state = dict(message["result"]["state"])
        return op is not None

    # -- a process that died -------------------------------------------------------------------------------------------

    async def _replace(self, error: WorkerLostError) -> None:
        if self._closed:
            return
        waiting, self._pending = list(self._pending), {}
        for ident in waiting:
            await self._answer_with(ident, error)
        now = self._loop.time()
        if now - self._restored_at < PAUSE_SECONDS:
            message = f"{error.message} It had been replaced less than {PAUSE_SECONDS:g} s before."
            self._browser.refuse(RepeatedLossError(message, "Open something else, or select less."))
            return
        self._restored_at = now
        self._path = self._state.get("path") or self._path
        self._remote = self._start()
        changes = {name: value for name, value in self._state.items() if name != "path"}
        if changes:
            # the answer is for nobody: its id is not among those that wait
            request = {"kind": "request", "id": uuid.uuid4().hex, "op": "set", "params": {"changes": changes}}
            self._remote.receive(request, [])
        await self._browser.deliver(pack({"kind": "event", "event": "restarted", "data": dict(error.describe())}))


def _logged(done: Future[None]) -> None:
    error = done.exception()
    if error is not None:
        logger.error("a viewer's process could not be replaced", exc_info=error)
