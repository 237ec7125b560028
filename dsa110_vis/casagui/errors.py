"""The errors of this package as the kinds of error that notebooks written for casagui and vidavis expect."""

from __future__ import annotations

from dsa110_vis.errors import Dsa110VisError, OptionError, SelectionEmptyError

__all__ = ["ArgumentError", "ArgumentTypeError", "NothingSelectedError", "PlotError"]


class ArgumentError(OptionError, ValueError):
    """An argument has a value that is not allowed."""


class ArgumentTypeError(OptionError, TypeError):
    """An argument has a type that is not allowed."""


class NothingSelectedError(SelectionEmptyError, KeyError):
    """A selection matches nothing."""

    __str__ = Dsa110VisError.__str__


class PlotError(Dsa110VisError, RuntimeError):
    """A method was called before what it needs was there."""

    code = "no-plot"
    http_status = 409
