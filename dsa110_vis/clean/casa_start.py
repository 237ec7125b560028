"""CASA in this process: offline, on the data of casadata, with its log where it is told to."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from dsa110_vis.casa_process import CASA_HINT, LOG, casa_settings
from dsa110_vis.errors import CleanError, DependencyError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["start"]


def start(folder: Path) -> None:
    """Make this process ready for CASA, and import it.

    It needs neither the network nor a ``~/.casa`` folder. Where CASA has been started in this process already, only its
    log goes on in another folder.

    Parameters
    ----------
    folder : pathlib.Path
        For CASA's log, ``casa.log``; made where it is absent.

    Raises
    ------
    DependencyError
        Where CASA is not installed.
    CleanError
        In a process that uses python-casacore: the two cannot be in one process.
    """
    if any(name.partition(".")[0] == "casacore" for name in sys.modules):
        message = "CASA cannot be started in a process that uses python-casacore: the two crash in one process."
        raise CleanError(message, "Start a session through SessionHost, which gives it a process of its own.")
    folder.mkdir(parents=True, exist_ok=True)
    if "casatools" not in sys.modules:
        _configure(folder)
    try:
        from casatasks import casalog  # noqa: PLC0415  what this function is for
    except ImportError as error:
        message = f"CASA cannot be imported: {error}."
        raise DependencyError(message, CASA_HINT) from error
    casalog.setlogfile(str(folder / LOG))
    casalog.showconsole(onconsole=False)


def _configure(folder: Path) -> None:
    """Set what CASA reads when it is imported."""
    settings = casa_settings(folder)
    words, sys.argv = sys.argv, ["", "--noconfig", "--nositeconfig"]
    try:
        from casaconfig import config  # noqa: PLC0415  reads the command line when it is imported
    except ImportError as error:
        message = f"CASA's package casaconfig cannot be imported: {error}."
        raise DependencyError(message, CASA_HINT) from error
    finally:
        sys.argv = words
    for name, value in settings.items():
        setattr(config, name, value)
    os.environ.setdefault("MPLBACKEND", "Agg")
