"""Figures and tables as the content of files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from dsa110_vis.errors import OptionError, OutputError

if TYPE_CHECKING:
    import os

    from matplotlib.figure import Figure

    from dsa110_vis.layout.array_layout import ArrayLayout

__all__ = ["FORMATS", "kind_of", "printed", "table", "write"]

FORMATS = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf", "csv": "text/csv"}
"""Formats of what can be saved, and their media types."""


def printed(figure: Figure, kind: str) -> bytes:
    """Give a figure as the content of a file.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    kind : str
        ``"png"``, ``"svg"`` or ``"pdf"``.

    Returns
    -------
    bytes
        The content; the same for the same figure.
    """
    import matplotlib as mpl  # noqa: PLC0415  slow to import

    out = io.BytesIO()
    metadata = {"Date": None} if kind == "svg" else {"CreationDate": None} if kind == "pdf" else {}
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "dsa110_vis", "pdf.fonttype": 42}):
        figure.savefig(out, format=kind, metadata=metadata)
    return out.getvalue()


def table(layout: ArrayLayout) -> bytes:
    """Give the antennas as comma-separated values.

    Parameters
    ----------
    layout : ArrayLayout
        The array.

    Returns
    -------
    bytes
        A line with names, then one per antenna; empty where nothing is known.
    """
    return layout.antennas.to_csv(index=False).encode()


def write(path: str | os.PathLike[str], data: bytes) -> Path:
    """Write a file: under another name first, so that there is never half a file.

    Parameters
    ----------
    path : path
        Where to.
    data : bytes
        The content.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    target = Path(path)
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_bytes(data)
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        message = f"{target} cannot be written: {error.strerror or error}."
        raise OutputError(message, "Choose a folder that exists and that you may write to.") from error
    return target


def kind_of(path: str | os.PathLike[str]) -> str:
    """Give the format that a file's ending says.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    str
        One of `FORMATS`.

    Raises
    ------
    OptionError
        If it is none of these.
    """
    kind = Path(path).suffix.lstrip(".").lower()
    if kind not in FORMATS:
        message = f"An array cannot be saved as {kind!r}."
        raise OptionError(message, f"Allowed: {', '.join(FORMATS)}.")
    return kind
