"""What can go wrong between the address of a request and its answer, besides what the lower layers raise."""

from __future__ import annotations

from dsa110_vis.errors import Dsa110VisError

__all__ = [
    "BusyError",
    "ClosingError",
    "ForbiddenPathError",
    "MessageError",
    "NoKernelError",
    "NothingThereError",
    "PathError",
    "RepeatedLossError",
    "TimeLimitError",
    "ViewerLimitError",
]


class PathError(Dsa110VisError):
    """A path that no file can have."""

    code = "bad-path"
    http_status = 422


class ForbiddenPathError(Dsa110VisError):
    """A path that leads out of the folders that the server serves. Says nothing about what is there."""

    code = "forbidden-path"
    http_status = 403


class NothingThereError(Dsa110VisError):
    """There is nothing at a path, or it is hidden."""

    code = "ms-not-found"
    http_status = 404


class BusyError(Dsa110VisError):
    """As many requests wait as may.

    Parameters
    ----------
    message : str
        What is wrong.
    hint : str
        What to do.
    seconds : int
        When to try again.
    """

    code = "busy"
    http_status = 503

    def __init__(self, message: str, hint: str = "", *, seconds: int = 1) -> None:
        super().__init__(message, hint)
        self.seconds = seconds


class ViewerLimitError(Dsa110VisError):
    """As many viewers are open as may be."""

    code = "too-many-viewers"
    http_status = 503


class TimeLimitError(Dsa110VisError):
    """A request took longer than it may; its process was ended."""

    code = "timed-out"
    http_status = 504


class ClosingError(Dsa110VisError):
    """The server is being stopped."""

    code = "closing"
    http_status = 503


class MessageError(Dsa110VisError):
    """A viewer sent something that is no message."""

    code = "bad-request"
    http_status = 400


class RepeatedLossError(Dsa110VisError):
    """The process of a viewer ended again, soon after it had been replaced."""

    code = "worker-lost"
    http_status = 500


class NoKernelError(Dsa110VisError):
    """There is no such kernel."""

    code = "no-such-kernel"
    http_status = 404
