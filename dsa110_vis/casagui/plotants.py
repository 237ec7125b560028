"""`plotants`, called as in CASA."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dsa110_vis.casagui import showing
from dsa110_vis.casagui.errors import ArgumentError, ArgumentTypeError, NothingSelectedError
from dsa110_vis.errors import SelectionEmptyError
from dsa110_vis.layout import LayoutStyle, open_source
from dsa110_vis.layout.printing import printed, write
from dsa110_vis.ms.selection import find_antennas

if TYPE_CHECKING:
    import os

    from dsa110_vis.ms import Array

__all__ = ["plotants"]

FORMATS = ("png", "svg", "pdf")


def plotants(  # noqa: PLR0917  by position as in CASA
    vis: str | os.PathLike[str],
    figfile: str | os.PathLike[str] = "",
    antindex: bool = False,  # noqa: FBT001, FBT002
    logpos: bool = False,  # noqa: FBT001, FBT002
    exclude: str | int | Sequence[str | int] = "",
    checkbaselines: bool = False,  # noqa: FBT001, FBT002
    title: str = "",
    showgui: bool = True,  # noqa: FBT001, FBT002
) -> None:
    """Plot the antennas of a Measurement Set in metres east and north of the array's centre.

    Antennas at position zero are not drawn, and are named below the map. Those without data are hollow. Other than in
    CASA, VLBI arrays have metres too and not degrees, and `vis` may be a calibration table.

    Parameters
    ----------
    vis : path
        A Measurement Set.
    figfile : path
        A file to save the plot in, which ends in .png, .svg or .pdf.
    antindex : bool
        Whether antennas have their numbers beside their names.
    logpos : bool
        Whether distances from the centre are logarithmic.
    exclude : str, int or list
        Antennas that are not drawn: names or numbers as in CASA's selections, such as ``"ea01,ea02"``.
    checkbaselines : bool
        Whether only antennas are drawn that occur in the main table.
    title : str
        Title; the name of the Measurement Set by default.
    showgui : bool
        Whether to show the plot: in the notebook, or in a script as a file in the web browser.

    Raises
    ------
    ArgumentError
        If an argument is not allowed.
    NothingSelectedError
        If an antenna in `exclude` does not exist.
    OutputError
        If the file cannot be written.
    Dsa110VisError
        If the Measurement Set cannot be opened.

    Examples
    --------
    >>> from dsa110_vis.casagui import plotants
    >>> plotants("obs.ms", figfile="array.png", logpos=True)  # doctest: +SKIP
    """
    kind = Path(figfile).suffix.lstrip(".").lower() if figfile else ""
    if figfile and kind not in FORMATS:
        message = f"figfile cannot be {str(figfile)!r}."
        raise ArgumentError(message, f"Its ending says the format: {', '.join('.' + name for name in FORMATS)}.")
    # matplotlib takes a while to import
    from dsa110_vis.layout.draw_map import draw_map  # noqa: PLC0415

    source = open_source(vis)
    try:
        style = LayoutStyle(
            color_by="none",
            labels="name and id" if antindex else "name",
            scale="log" if logpos else "linear",
            exclude=_excluded(exclude, source.array),
            only_with_data=checkbaselines,
            title=title or None,
        )
        figure = draw_map(source.positions(), style)
    finally:
        source.close()
    if figfile:
        write(figfile, printed(figure, kind))
    if showgui:
        showing.show_figure(figure)


def _excluded(exclude: object, array: Array) -> tuple[int, ...]:
    """Find the antennas that are not drawn; numbers are the antennas' own, strings go by name first."""
    items = [exclude] if isinstance(exclude, str | int) else exclude
    if not isinstance(items, Sequence):
        message = f"exclude cannot be {exclude!r}."
        raise ArgumentTypeError(message, "It is a string such as 'ea01,ea02', or a list of names and numbers.")
    found: list[int] = []
    for item in items:
        if isinstance(item, bool) or not isinstance(item, str | int):
            message = f"exclude cannot have {item!r} in it."
            raise ArgumentTypeError(message, "It is a string such as 'ea01,ea02', or a list of names and numbers.")
        if isinstance(item, int):
            if not 0 <= item < len(array):
                message = f"There is no antenna {item}."
                raise NothingSelectedError(message, f"There are {len(array)}, counted from 0.")
            found.append(item)
        elif item.strip():
            try:
                found += find_antennas(item, array.antenna_names, array.antenna_stations)
            except SelectionEmptyError as error:
                raise NothingSelectedError(error.message, error.hint) from error
    return tuple(found)
