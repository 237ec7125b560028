"""The errors a user can meet: one small tree, each with a code, a hint and an HTTP status.

The message says what is wrong and where; the hint says what is allowed or what to do next. Viewers, the command line
and the server print these two and nothing else.
"""

from __future__ import annotations

from typing import ClassVar, TypedDict

__all__ = [
    "AbsentColumnError",
    "CancelledError",
    "CheckpointError",
    "CleanError",
    "DependencyError",
    "Dsa110VisError",
    "ImageNotFoundError",
    "MeasurementSetChangedError",
    "MeasurementSetEmptyError",
    "MeasurementSetLockedError",
    "MeasurementSetNotFoundError",
    "MemoryLimitError",
    "NoVisibilityColumnError",
    "NotAMeasurementSetError",
    "NotAnImageError",
    "OptionError",
    "OutputError",
    "ParameterError",
    "RegionSyntaxError",
    "SelectionEmptyError",
    "SelectionSyntaxError",
    "SessionBusyError",
    "SessionStateError",
    "UnreadableError",
]


class ErrorDescription(TypedDict):
    """The plain-data form of an error, as viewers and the server send it."""

    code: str
    message: str
    hint: str


class Dsa110VisError(Exception):
    """Base of all errors that this package raises on purpose.

    Parameters
    ----------
    message : str
        One sentence: what is wrong, and where.
    hint : str, optional
        What is allowed, or what to do.
    """

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 500

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def describe(self) -> ErrorDescription:
        """Give the error as plain data.

        Returns
        -------
        dict
            With the keys ``code``, ``message`` and ``hint``.
        """
        return {"code": self.code, "message": self.message, "hint": self.hint}


class MeasurementSetNotFoundError(Dsa110VisError):
    """There is nothing at the path."""

    code = "ms-not-found"
    http_status = 404


class NotAMeasurementSetError(Dsa110VisError):
    """Something is at the path, but it is no Measurement Set."""

    code = "not-a-measurement-set"
    http_status = 422


class ImageNotFoundError(Dsa110VisError):
    """There is no image at the path."""

    code = "image-not-found"
    http_status = 404


class NotAnImageError(Dsa110VisError):
    """Something is at the path, but it is no image with two celestial or pixel axes."""

    code = "not-an-image"
    http_status = 422


class RegionSyntaxError(Dsa110VisError):
    """A region file cannot be understood at all; single bad lines stand in the report of the reading instead."""

    code = "region-syntax"
    http_status = 422


class UnreadableError(Dsa110VisError):
    """The table or a part of it cannot be read; casacore's own message is kept."""

    code = "unreadable"
    http_status = 422


class MeasurementSetChangedError(Dsa110VisError):
    """The Measurement Set is not any more what the work began with."""

    code = "changed"
    http_status = 409


class MeasurementSetLockedError(Dsa110VisError):
    """Another process holds a lock on the table and did not let go of it in time."""

    code = "locked"
    http_status = 423


class MeasurementSetEmptyError(Dsa110VisError):
    """The Measurement Set has no rows."""

    code = "empty"
    http_status = 422


class NoVisibilityColumnError(Dsa110VisError):
    """The Measurement Set has no column with visibilities."""

    code = "no-visibility-column"
    http_status = 422


class AbsentColumnError(Dsa110VisError):
    """The column asked for is not in the Measurement Set."""

    code = "no-such-column"
    http_status = 422


class SelectionSyntaxError(Dsa110VisError):
    """A selection string cannot be understood.

    Parameters
    ----------
    message : str
        What is wrong.
    hint : str, optional
        What is allowed.
    parameter : str
        Which selection parameter, for example ``"spw"``.
    text : str
        The whole string that was given.
    position : int
        Where in `text` it went wrong, counted from 0.
    """

    code = "selection-syntax"
    http_status = 422

    def __init__(self, message: str, hint: str = "", *, parameter: str = "", text: str = "", position: int = 0) -> None:
        super().__init__(message, hint)
        self.parameter = parameter
        self.text = text
        self.position = position


class SelectionEmptyError(Dsa110VisError):
    """A selection is well formed and matches nothing."""

    code = "selection-empty"
    http_status = 422


class OptionError(Dsa110VisError):
    """An option has a value that is not allowed; the hint lists those that are."""

    code = "bad-option"
    http_status = 422


class MemoryLimitError(Dsa110VisError):
    """A request would need more memory than is allowed; the hint says how to narrow it."""

    code = "too-large"
    http_status = 413


class DependencyError(Dsa110VisError):
    """An optional part is needed that is not installed; the hint says how to install it."""

    code = "not-installed"
    http_status = 501


class OutputError(Dsa110VisError):
    """A file cannot be written."""

    code = "cannot-write"
    http_status = 409


class ParameterError(Dsa110VisError):
    """An imaging parameter has a value that cannot work; the message names it, the hint says what is allowed.

    Parameters
    ----------
    message : str
        Which parameter, its value, and what is wrong with it.
    hint : str, optional
        What is allowed.
    key : str
        The name of the parameter.
    """

    code = "bad-parameter"
    http_status = 422

    def __init__(self, message: str, hint: str = "", *, key: str = "") -> None:
        super().__init__(message, hint)
        self.key = key


class CleanError(Dsa110VisError):
    """The imager failed; the end of CASA's own words is kept in the message."""

    code = "clean-failed"
    http_status = 500


class CheckpointError(Dsa110VisError):
    """A checkpoint of a clean session cannot be written or read."""

    code = "checkpoint"
    http_status = 409


class SessionBusyError(Dsa110VisError):
    """Another process holds the clean session of this image name."""

    code = "session-busy"
    http_status = 423


class SessionStateError(Dsa110VisError):
    """What was asked does not go in the state that the session is in; the hint says when it does."""

    code = "wrong-state"
    http_status = 409


class CancelledError(Dsa110VisError):
    """The work was cancelled before it ended."""

    code = "cancelled"
    http_status = 499
