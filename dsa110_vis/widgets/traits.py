"""Traits that belong to a model: setting one asks the model, and what the model decides is the value."""

from __future__ import annotations

from typing import Any, NoReturn

import traitlets

from dsa110_vis.errors import OptionError

__all__ = ["ControlTrait", "OptionTraitError", "Selection"]


class OptionTraitError(OptionError, traitlets.TraitError):
    """A control was given a value that is not allowed; the hint says what is."""


class Selection(dict[str, str]):
    """A selection as it is read from a widget: it cannot be changed in place, because nobody would notice."""

    def _refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        message = "A selection cannot be changed in place."
        raise OptionTraitError(message, "Set it anew: w.selection = {**w.selection, 'spw': '0'}.")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse


class ControlTrait(traitlets.TraitType[Any, Any]):
    """A trait whose value is decided by the model of its widget.

    Parameters
    ----------
    default : object
        The value at the start.
    help : str
        What it does.
    """

    def __init__(self, default: Any, *, help: str) -> None:  # noqa: A002
        super().__init__(default, help=help, allow_none=True)

    def set(self, obj: Any, value: Any) -> None:
        """Ask the model to take a value; it tells `accept` what has changed.

        Parameters
        ----------
        obj : HasTraits
            The widget.
        value : object
            The new value.

        Raises
        ------
        OptionTraitError
            If the value is not allowed.
        """
        obj.set_controls({self.name: value})

    def accept(self, obj: Any, value: Any) -> None:
        """Keep a value that the model has decided, and tell the observers.

        Parameters
        ----------
        obj : HasTraits
            The widget.
        value : object
            The value.
        """
        super().set(obj, Selection(value) if isinstance(value, dict) else value)
