"""Packages whose names are imported when they are first used.

The process that shows a picture need not load what computes it: numba, xarray and casacore take seconds to import, and
their million objects make every collection of garbage a stall.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["attach"]


def attach(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Make the ``__getattr__`` of a package (PEP 562).

    Parameters
    ----------
    package : str
        Its name.
    homes : mapping
        For each module of it, relative to it, the names it gives, separated by spaces.

    Returns
    -------
    callable
        To be called ``__getattr__``.
    """
    modules = {name: f"{package}.{module}" for module, names in homes.items() for name in names.split()}

    def get(name: str) -> Any:
        if name not in modules:
            message = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(message)
        return getattr(importlib.import_module(modules[name]), name)

    return get
