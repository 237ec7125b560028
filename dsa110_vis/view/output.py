"""What leaves the viewer: files, the small picture for the notebook, code."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import OptionError
from dsa110_vis.raster import render
from dsa110_vis.raster.style import Style
from dsa110_vis.view.controls import CONTROLS
from dsa110_vis.view.model import Model
from dsa110_vis.view.small import fitting
from dsa110_vis.view.thumbnail import draw as draw_small

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    import xarray as xr

    from dsa110_vis.view.picture import Picture

__all__ = ["FORMATS", "Output", "code", "describe", "draw", "prepare", "save", "thumbnail"]

FORMATS = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf", "html": "text/html"}
"""Formats of pictures, and their media types."""

THUMBNAIL_SIZE = (800, 480)
"""Pixels that a PNG in a notebook file has at most."""

_RASTER = (
    "x",
    "y",
    "quantity",
    "column",
    "aggregator",
    "averaging",
    "weighted",
    "selection",
    "autocorrelations",
    "iterate",
)
_NOT_IN_CODE = ("path", "preset", "limits")


def describe(picture: Picture | None, state: Mapping[str, Any]) -> str:
    """Say in one line what is shown.

    Parameters
    ----------
    picture : Picture or None
        The picture.
    state : mapping
        All controls.

    Returns
    -------
    str
        The line.
    """
    name = Path(state["path"]).name or "no Measurement Set"
    if picture is None:
        return f"Raster of {name}: no picture yet"
    x, y = picture.axes.x, picture.axes.y
    return (
        f"Raster of {name}: {picture.quantity_label}, {state['aggregator']}, over {x.long_name} ({len(x)}) and "
        f"{y.long_name} ({len(y)}), from {picture.limits[0]:.4g} to {picture.limits[1]:.4g}"
    )


def code(state: Mapping[str, Any], picture: Picture | None) -> str:
    """Write the Python code that makes the picture again.

    Parameters
    ----------
    state : mapping
        All controls.
    picture : Picture or None
        The picture, which knows the column that is used.

    Returns
    -------
    str
        A few lines: the live widget, and the numbers without a browser.
    """
    always = ("x", "y", "quantity")
    said = {
        name: state[name]
        for name, control in CONTROLS.items()
        if name not in _NOT_IN_CODE and (name in always or state[name] != control.default)
    }
    if state["limits_mode"] == "manual":
        said["limits"] = state["limits"]
        said.pop("limits_mode", None)
    widget = ", ".join([repr(state["path"]), *(f"{name}={value!r}" for name, value in said.items())])
    numbers = {name: state[name] for name in _RASTER if name in said and name not in ("x", "y")}
    if picture is not None and picture.request.column is not None:
        numbers["column"] = picture.request.column
    call = ", ".join(
        [
            repr(state["path"]),
            repr(state["x"]),
            repr(state["y"]),
            *(f"{name}={value!r}" for name, value in numbers.items()),
        ]
    )
    return (
        "from dsa110_vis import MsRaster\nfrom dsa110_vis.raster import raster\n\n"
        f"widget = MsRaster({widget})\n"
        "widget\n\n"
        "# the same numbers without a browser:\n"
        f"ds = raster({call})\n"
    )


def prepare(
    picture: Picture, state: Mapping[str, Any], steps: Sequence[int], size: tuple[int, int]
) -> tuple[xr.Dataset, Style]:
    """Give what `dsa110_vis.raster.render` needs to draw a picture as the viewer shows it.

    Parameters
    ----------
    picture : Picture
        The picture.
    state : mapping
        All controls.
    steps : sequence of int
        Which values of the iterated axis.
    size : (int, int)
        Width and height in pixels.

    Returns
    -------
    dataset : xarray.Dataset
        The numbers, with cells merged as far as a picture of that size cannot show them.
    style : Style
        How they are drawn.
    """
    _, n_y, n_x = picture.axes.shape
    f_x, f_y = max(1, n_x // (2 * size[0])), max(1, n_y // (2 * size[1]))
    style = Style(
        colormap=state["colormap"],
        flagged_colormap=state["flagged_colormap"],
        show_flagged=state["show_flagged"],
        limits=picture.limits,
        stretch=state["stretch"],
        title=picture.title(steps[0]) if len(steps) == 1 else picture.base_title,
        subplots=None if len(steps) == 1 else state["subplots"],
        width=size[0],
        height=size[1],
    )
    return picture.dataset(steps, f_x, f_y), style


def draw(
    picture: Picture,
    state: Mapping[str, Any],
    kind: str,
    size: tuple[int, int],
    *,
    steps: Sequence[int] | None = None,
) -> tuple[bytes, str, str]:
    """Draw a picture.

    Parameters
    ----------
    picture : Picture
        The picture.
    state : mapping
        All controls.
    kind : str
        One of `FORMATS`.
    size : (int, int)
        Width and height in pixels.
    steps : sequence of int, optional
        Which values of the iterated axis; those in view by default.

    Returns
    -------
    data : bytes
        The file's content.
    filename : str
        A name for it.
    mime : str
        Its media type.

    Raises
    ------
    OptionError
        If there is no such format, or the size is not possible.
    """
    if kind not in FORMATS:
        message = f"A picture cannot be saved as {kind!r}."
        raise OptionError(message, f"Allowed: {', '.join(FORMATS)}.")
    shown = picture.shown if steps is None else list(steps)
    dataset, style = prepare(picture, state, shown, size)
    makers = {"png": render.to_png, "svg": render.to_svg, "pdf": render.to_pdf}
    data = render.to_html(dataset, style).encode() if kind == "html" else makers[kind](dataset, style)
    name = Path(state["path"]).name.removesuffix(".ms") or "raster"
    parts = [name, state["quantity"], state["x"], state["y"], *(str(step) for step in shown[:1] if state["iterate"])]
    return data, f"{'-'.join(parts)}.{kind}", FORMATS[kind]


def save(picture: Picture, state: Mapping[str, Any], filename: str | os.PathLike[str], size: tuple[int, int]) -> Path:
    """Save a picture, or the numbers behind it, to a file.

    Parameters
    ----------
    picture : Picture
        The picture.
    state : mapping
        All controls.
    filename : path
        The ending says the format: .png, .svg, .pdf, .html or .nc.
    size : (int, int)
        Width and height in pixels.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OptionError
        If the ending is not one of these.
    OutputError
        If the file cannot be written.
    """
    if Path(filename).suffix.lower() == ".nc":
        return render.save(picture.dataset(), filename)
    dataset, style = prepare(picture, state, picture.shown, size)
    return render.save(dataset, filename, style)


def thumbnail(picture: Picture, state: Mapping[str, Any]) -> bytes:
    """Draw a picture small, for a notebook file.

    Parameters
    ----------
    picture : Picture
        The picture.
    state : mapping
        All controls.

    Returns
    -------
    bytes
        A PNG of at most `dsa110_vis.view.small.THUMBNAIL_BYTES`, unless the picture is too rich for that.
    """
    return fitting(lambda size: draw_small(picture, state, size), THUMBNAIL_SIZE, (1.0, 0.7, 0.45))


class Output(Model):
    """What leaves a model of the raster viewer: the numbers, files, a small picture, words, code."""

    @property
    @abstractmethod
    def picture(self) -> Picture | None:
        """The picture that is shown."""

    @abstractmethod
    def wait(self, timeout: float | None = None) -> Picture:
        """Wait for the picture."""

    def data(self, timeout: float | None = None) -> xr.Dataset:
        """Give the numbers behind the picture.

        Parameters
        ----------
        timeout : float, optional
            Seconds to wait for the picture.

        Returns
        -------
        xarray.Dataset
            With ``value``, ``count`` and ``flagged`` over (y, x), or (iterate, y, x) for the values of the iterated
            axis that have been computed.

        Raises
        ------
        Dsa110VisError
            The reason why there is none.
        TimeoutError
            If it took too long.
        """
        return self.wait(timeout).dataset()

    def export(self, kind: str, *, width: int = 900, height: int = 600, **more: Any) -> tuple[bytes, str, str]:
        """Draw the picture as it is shown.

        Parameters
        ----------
        kind : str
            png, svg, pdf or html.
        width, height : int
            Size in pixels.
        **more
            As for `draw`.

        Returns
        -------
        data : bytes
            The file's content.
        filename : str
            A name for it.
        mime : str
            Its media type.

        Raises
        ------
        OptionError
            If there is no such format.
        Dsa110VisError
            The reason why there is no picture.
        """
        return draw(self.wait(), self.state, kind, (width, height), **more)

    def save(self, filename: str | os.PathLike[str], *, width: int = 900, height: int = 600) -> Path:
        """Save the picture to a file.

        Parameters
        ----------
        filename : path
            The ending says the format: .png, .svg, .pdf, .html or .nc.
        width, height : int
            Size in pixels.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        OptionError
            If the ending is not one of these.
        OutputError
            If the file cannot be written.
        Dsa110VisError
            The reason why there is no picture.
        """
        return save(self.wait(), self.state, filename, (width, height))

    def thumbnail(self) -> bytes | None:
        """Draw the picture small, for the notebook file.

        Returns
        -------
        bytes or None
            A PNG; None if there is no picture yet.
        """
        picture = self.picture
        return None if picture is None else thumbnail(picture, self.state)

    def describe(self) -> str:
        """Say in one line what is shown, for those who do not see it.

        Returns
        -------
        str
            The line.
        """
        return describe(self.picture, self.state)

    def code(self) -> str:
        """Give the Python code that makes this picture again.

        Returns
        -------
        str
            A few lines of Python.
        """
        return code(self.state, self.picture)
