"""CASA in this process: offline, on the data of casadata, with its log and its scratch tables where it is told to."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from dsa110_vis.casa_process import CASA_HINT, LOG, casa_settings
from dsa110_vis.errors import CleanError, DependencyError, OutputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SCRATCH", "start"]

SCRATCH = ("IMAGING_WEIGHT_*", "TempLattice*", "imagesolver::*")
"""What CASA keeps in the working folder as long as an imager is open; a process that is killed leaves it there."""


def start(folder: Path) -> None:
    """Make this process ready for CASA, and import it.

    It needs neither the network nor a ``~/.casa`` folder. The process works in `folder` from then on. Where CASA has
    been started in this process already, it only goes on in another folder.

    Parameters
    ----------
    folder : pathlib.Path
        For CASA's log, ``casa.log``, and for its scratch tables, of which old ones are removed; made where it is
        absent. Nothing else that uses CASA may work in it.

    Raises
    ------
    DependencyError
        Where CASA is not installed.
    CleanError
        In a process that uses python-casacore: the two cannot be in one process.
    OutputError
        If it cannot work in the folder.
    """
    if any(name.partition(".")[0] == "casacore" for name in sys.modules):
        message = "CASA cannot be started in a process that uses python-casacore: the two crash in one process."
        raise CleanError(message, "Start a session through SessionHost, which gives it a process of its own.")
    folder = folder.absolute()
    _settle_in(folder)
    if "casatools" not in sys.modules:
        _configure(folder)
    try:
        from casatasks import casalog  # noqa: PLC0415  what this function is for
    except ImportError as error:
        message = f"CASA cannot be imported: {error}."
        raise DependencyError(message, CASA_HINT) from error
    casalog.setlogfile(str(folder / LOG))
    casalog.showconsole(onconsole=False)


def _settle_in(folder: Path) -> None:
    """Work in a folder, without what a process that was killed has left of CASA's in it.

    The weights of a cube are a table that CASA names after the data and takes from disk where there is one already,
    whoever made it and for whatever image.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.chdir(folder)
        for left in [path for pattern in SCRATCH for path in folder.glob(pattern)]:
            if left.is_dir():
                shutil.rmtree(left)
            else:
                left.unlink()
    except OSError as error:
        message = f"CASA cannot work in {folder}: {error.strerror or error}."
        raise OutputError(message, "Choose an image name in a folder that you may write to.") from None


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
