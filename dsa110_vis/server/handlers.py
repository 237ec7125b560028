"""The REST handlers."""

from __future__ import annotations

import json

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from dsa110_vis._version import __version__
from dsa110_vis.versions import versions

__all__ = ["VersionsHandler"]


class VersionsHandler(APIHandler):
    """Which versions the server runs, so that a kernel with others can be explained."""

    auth_resource = "dsa110_vis:versions"

    @web.authenticated
    @authorized
    def get(self) -> None:
        """Answer with the versions of this package and of what it stands on."""
        self.finish(json.dumps({"dsa110_vis": __version__, "packages": versions()}))
