"""The extension application: its settings, and its life."""

from __future__ import annotations

from jupyter_server.extension.application import ExtensionApp
from traitlets import Float, Int, List, TraitError, Unicode, validate

from dsa110_vis.server.hall import Hall
from dsa110_vis.server.routes import PREFIX, ROUTES

__all__ = ["Dsa110VisApp"]


class Dsa110VisApp(ExtensionApp):
    """Serves Measurement Sets under ``<base_url>/dsa110-vis/api/``."""

    name = "dsa110_vis"
    extension_url = f"{PREFIX}/versions"
    load_other_extensions = True

    data_roots = List(
        Unicode(),
        help="""Absolute paths of folders whose Measurement Sets are served, besides those under the folder that
        Jupyter shows. Links that lead out of all of them are refused.""",
    ).tag(config=True)
    max_workers = Int(
        2,
        min=1,
        help="""How many requests are worked on at once. Each has a process of its own, which may take 600 MB for a
        full DSA-110 tile.""",
    ).tag(config=True)
    max_queue = Int(
        16, min=0, help="""How many requests may wait; more are answered with 503 and the time to try again."""
    ).tag(config=True)
    max_viewers = Int(16, min=0, help="""How many viewers may be open at once. Each has a process of its own.""").tag(
        config=True
    )
    request_timeout = Float(
        120.0,
        help="""How long a request may take, in seconds, its waiting included. Then its process is ended, and it is
        answered with 504.""",
    ).tag(config=True)
    cache_bytes = Int(
        64 << 20, min=0, help="""How much memory the server keeps for answers, in bytes; those asked longest ago go."""
    ).tag(config=True)
    raster_max_age = Int(
        300,
        min=0,
        help="""For how long a browser may use an answer again without asking, in seconds. When it asks, it is told
        whether the Measurement Set has changed.""",
    ).tag(config=True)

    _hall: Hall | None = None

    @validate("data_roots")
    def _absolute(self, proposal: dict[str, list[str]]) -> list[str]:
        wrong = [root for root in proposal["value"] if not root.startswith("/")]
        if wrong:
            message = f"Dsa110VisApp.data_roots has to hold absolute paths, not {', '.join(wrong)}."
            raise TraitError(message)
        return proposal["value"]

    @validate("request_timeout")
    def _positive(self, proposal: dict[str, float]) -> float:
        if not proposal["value"] > 0:
            message = "Dsa110VisApp.request_timeout has to be more than 0 s."
            raise TraitError(message)
        return proposal["value"]

    def initialize_settings(self) -> None:
        """Make what the handlers need."""
        self._hall = Hall(self)
        self.settings["dsa110_vis_hall"] = self._hall

    def initialize_handlers(self) -> None:
        """Add the addresses."""
        self.handlers.extend((PREFIX + route.pattern, route.handler) for route in ROUTES)

    def current_activity(self) -> dict[str, int] | None:
        """Tell the server whether somebody is at work, so that it does not stop itself."""
        return None if self._hall is None else self._hall.activity

    async def stop_extension(self) -> None:
        """End all processes."""
        if self._hall is not None:
            self._hall.close()
