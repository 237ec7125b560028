"""What the extension holds while the server runs: the settings, the processes, the answers, the open viewers."""

from __future__ import annotations

import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from dsa110_vis.server.answers import Answers
from dsa110_vis.server.errors import TimeLimitError
from dsa110_vis.server.paths import PathPolicy
from dsa110_vis.server.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsa110_vis.server.app import Dsa110VisApp
    from dsa110_vis.server.viewer import Viewer

__all__ = ["Hall"]

FILE_THREADS = 4
Found = TypeVar("Found")


class Hall:
    """Everything with a lifetime.

    Parameters
    ----------
    app : Dsa110VisApp
        With the settings.
    """

    def __init__(self, app: Dsa110VisApp) -> None:
        self._app = app
        # File systems can hang, and the event loop must not: they are looked at on threads of their own.
        self._files = ThreadPoolExecutor(FILE_THREADS, thread_name_prefix="dsa110-vis-files")
        # So can a viewer's process; each viewer sends one message at a time.
        self.senders = ThreadPoolExecutor(max(app.max_viewers, 1), thread_name_prefix="dsa110-vis-send")
        self.workers = Workers(app.max_workers, app.max_queue, app.request_timeout)
        self.answers = Answers(self.workers, app.cache_bytes, self.look)
        self.viewers: set[Viewer] = set()
        self.max_viewers: int = app.max_viewers
        self.max_age: int = app.raster_max_age

    @property
    def policy(self) -> PathPolicy:
        """Which folders may be read."""
        server: Any = self._app.serverapp
        hidden = bool(getattr(server.contents_manager, "allow_hidden", False))
        return PathPolicy(server.root_dir, tuple(self._app.data_roots), hidden)

    async def look(self, function: Callable[..., Found], *args: Any) -> Found:
        """Call a function that looks at files, without holding up the event loop.

        Parameters
        ----------
        function : callable
            The function.
        *args
            For the function.

        Returns
        -------
        object
            What it returned.

        Raises
        ------
        TimeLimitError
            If the file system does not answer.
        """
        seconds: float = self._app.request_timeout
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.get_running_loop().run_in_executor(self._files, function, *args)
        except TimeoutError:
            message = f"The file system did not answer within {seconds:g} s."
            raise TimeLimitError(message, "Tell the operator of the server.") from None

    async def resolve(self, asked: str, *, files: bool = False) -> str:
        """Find the folder, or the file, for a path.

        Parameters
        ----------
        asked : str
            As for `PathPolicy.resolve`.
        files : bool
            The same.

        Returns
        -------
        str
            Its real path.
        """
        return await self.look(functools.partial(self.policy.resolve, asked, files=files))

    def touch(self) -> None:
        """Tell a culler that somebody is at work."""
        server: Any = self._app.serverapp
        server.web_app.settings["last_activity_times"]["dsa110_vis"] = datetime.now(UTC)

    @property
    def activity(self) -> dict[str, int] | None:
        """How many requests and viewers there are; None if there are none."""
        found = {"requests": self.workers.busy, "viewers": len(self.viewers)}
        return found if any(found.values()) else None

    def close(self) -> None:
        """End everything."""
        self.workers.close()
        for viewer in list(self.viewers):
            viewer.close()
        for threads in (self._files, self.senders):
            threads.shutdown(wait=False, cancel_futures=True)
