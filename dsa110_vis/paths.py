"""Paths as users give them."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["absolute_path"]


def absolute_path(path: str | os.PathLike[str]) -> Path:
    """Make a path absolute; only a leading ``~/`` is the home folder, any other ``~`` is a letter like the rest.

    Parameters
    ----------
    path : str or os.PathLike
        The path as the user gave it.

    Returns
    -------
    pathlib.Path
        The absolute path; links are kept.
    """
    text = os.fspath(path)
    if text == "~" or text.startswith("~/"):
        text = str(Path.home()) + text[1:]
    # Path.absolute keeps "..", which casacore would resolve in its own way.
    return Path(os.path.abspath(text))  # noqa: PTH100
