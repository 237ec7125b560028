"""The extension application: its name, its settings and its handlers."""

from __future__ import annotations

from jupyter_server.extension.application import ExtensionApp

from dsa110_vis.server.handlers import VersionsHandler

__all__ = ["Dsa110VisApp"]


class Dsa110VisApp(ExtensionApp):
    """Serves Measurement Sets, images and clean sessions under ``<base_url>/dsa110-vis/api/``."""

    name = "dsa110_vis"
    extension_url = "/dsa110-vis/api/versions"
    load_other_extensions = True
    handlers = [(r"/dsa110-vis/api/versions", VersionsHandler)]  # noqa: RUF012  the base class has it as an instance's
