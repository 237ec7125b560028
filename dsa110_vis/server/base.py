"""What all REST handlers have in common: errors as JSON, and what they need of the extension."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from jupyter_server.base.handlers import APIHandler
from tornado import web

from dsa110_vis.errors import Dsa110VisError
from dsa110_vis.server.errors import BusyError

if TYPE_CHECKING:
    from dsa110_vis.server.hall import Hall

__all__ = ["JsonHandler", "NotFoundHandler"]

_CODES = {
    400: ("bad-request", "Check the address and its encoding."),
    403: ("forbidden", "Log in, or give the server's token; or ask the operator for the right to do this."),
    404: ("not-found", "The addresses are listed in openapi.yaml of the package."),
    405: ("method-not-allowed", "The methods are listed in openapi.yaml of the package."),
}


def phrase(status: int) -> str:
    """Give the words for an HTTP status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Client Closed Request" if status == 499 else "Unknown"


class JsonHandler(APIHandler):
    """Answers errors as ``{message, reason, code, hint}``."""

    methods: ClassVar[tuple[str, ...]] = ("GET",)

    @property
    def hall(self) -> Hall:
        """What the extension holds."""
        hall: Hall = self.settings["dsa110_vis_hall"]
        return hall

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Send an error, with the status that it names."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, Dsa110VisError):
            status_code = error.http_status
        super().send_error(status_code, reason=phrase(status_code), **kwargs)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log what is a fault of this package; a user's mistake is none."""
        if isinstance(value, Dsa110VisError):
            self.log.info("%s %s: %s", value.http_status, self.request.path, value.message)
        else:
            super().log_exception(typ, value, tb)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Write an error as JSON."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        code, hint = _CODES.get(status_code, ("internal", "The server's log has the details."))
        message = f"{phrase(status_code)}."
        if isinstance(error, Dsa110VisError):
            code, message, hint = error.code, error.message, error.hint
        elif isinstance(error, web.HTTPError) and error.log_message and status_code < 500:
            message = error.log_message
        if isinstance(error, BusyError):
            self.set_header("Retry-After", str(error.seconds))
        if status_code == 405:
            self.set_header("Allow", ", ".join((*self.methods, "OPTIONS")))
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps({"message": message, "reason": phrase(status_code), "code": code, "hint": hint}))

    def compute_etag(self) -> str | None:
        """Give no tag but the one that was set."""
        return None


class NotFoundHandler(JsonHandler):
    """Answers for addresses under the prefix that do not exist."""

    @web.authenticated
    def get(self, *_: str) -> None:
        """Refuse."""
        raise web.HTTPError(404, "There is no such address.")
