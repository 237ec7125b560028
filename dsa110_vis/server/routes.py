"""All addresses, who answers them, and what a user needs the right to do."""

from __future__ import annotations

from typing import Any, NamedTuple

from dsa110_vis.server.base import NotFoundHandler
from dsa110_vis.server.ms import MsHandler
from dsa110_vis.server.socket import ViewerSocket
from dsa110_vis.server.versions import VersionsHandler

__all__ = ["PREFIX", "ROUTES", "Route"]

PREFIX = "/dsa110-vis/api"


class Route(NamedTuple):
    """An address.

    Attributes
    ----------
    pattern : str
        Regular expression, after the prefix.
    handler : type
        Answers it.
    action, resource : str
        The right that is needed for a GET, the only method there is.
    """

    pattern: str
    handler: type[Any]
    action: str
    resource: str


ROUTES = (
    Route(r"/versions", VersionsHandler, "read", "dsa110_vis:versions"),
    Route(r"/ms/(.*)/(summary|antennas|raster)", MsHandler, "read", "dsa110_vis:ms"),
    Route(r"/ws", ViewerSocket, "execute", "dsa110_vis:viewers"),
    Route(r"(?:/.*)?", NotFoundHandler, "", ""),
)
