"""How a picture of an array looks."""

from __future__ import annotations

from dataclasses import dataclass

from dsa110_vis.errors import OptionError

__all__ = ["COLOR_BY", "FLAGS_OF", "LABELS", "SCALES", "TABS", "UV_COLORS", "ZOOMS", "LayoutStyle"]

TABS = ("map", "uv", "lengths")
COLOR_BY = ("class", "fraction")
FLAGS_OF = ("cross", "all")
LABELS = ("name", "id", "none")
SCALES = ("linear", "log")
ZOOMS = ("all", "core", "outriggers")
UV_COLORS = ("baseline", "time", "flagged")


@dataclass(frozen=True)
class LayoutStyle:
    """How an array is drawn.

    Attributes
    ----------
    color_by : str
        ``"class"`` (three colours by `thresholds`), ``"fraction"`` (colour map), or ``"none"`` (one colour).
    flags_of : str
        ``"cross"`` or ``"all"``: whether the flagged share is without autocorrelations.
    thresholds : tuple of float
        Shares at which antennas become doubtful and bad.
    colormap : str
        For the continuous colours.
    labels : str
        ``"name"``, ``"id"``, ``"name and id"`` or ``"none"``.
    scale : str
        ``"linear"``, or ``"log"``: logarithmic distance from the array's centre.
    zoom : str
        ``"all"``, ``"core"`` or ``"outriggers"``.
    exclude : tuple of int
        Antennas that are not drawn.
    only_with_data : bool
        Whether antennas without data are left out.
    selected : tuple of int
        Antennas with a ring around them.
    title : str or None
        Title; None makes one, an empty string has none.
    width, height : int
        Pixels.
    """

    color_by: str = "class"
    flags_of: str = "cross"
    thresholds: tuple[float, float] = (0.2, 0.5)
    colormap: str = "cividis"
    labels: str = "name"
    scale: str = "linear"
    zoom: str = "all"
    exclude: tuple[int, ...] = ()
    only_with_data: bool = False
    selected: tuple[int, ...] = ()
    title: str | None = None
    width: int = 900
    height: int = 700

    def __post_init__(self) -> None:
        if not (200 <= self.width <= 8000 and 200 <= self.height <= 8000):
            message = f"A picture of {self.width} by {self.height} pixels cannot be made."
            raise OptionError(message, "Allowed: 200 to 8000 pixels each way.")

    @property
    def share(self) -> str:
        """The column with the flagged share that gives the colour."""
        return "flagged_fraction_cross" if self.flags_of == "cross" else "flagged_fraction"
