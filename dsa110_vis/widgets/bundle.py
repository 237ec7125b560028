"""Where the browser's half of the widgets is."""

from __future__ import annotations

from pathlib import Path

from dsa110_vis.errors import DependencyError

__all__ = ["STATIC", "script", "style"]

STATIC = Path(__file__).parent.parent / "static"
"""The folder that the TypeScript build fills."""


def script(view: str) -> Path:
    """Find the ES module of a view.

    Parameters
    ----------
    view : str
        Its name.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    DependencyError
        If it is not there, because the package was not built.
    """
    path = STATIC / f"{view}.js"
    if not path.is_file():
        message = f"The browser part of dsa110_vis is missing (static/{view}.js)."
        hint = "Install dsa110_vis from a wheel, or build it in a checkout: pip install -e ."
        raise DependencyError(message, hint)
    return path


def style() -> Path | None:
    """Find the style sheet of the views.

    Returns
    -------
    Path or None
        The file; None if the ES modules bring the styles themselves.
    """
    path = STATIC / "widget.css"
    return path if path.is_file() else None
