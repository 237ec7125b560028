"""Colour maps, and how a picture of a raster looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import OptionError
from dsa110_vis.raster.options import check_option
from dsa110_vis.raster.scaling import LIMITS_MODES, STRETCHES

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["COLORMAPS", "CYCLIC_COLORMAPS", "Style", "colormap_name", "palette"]

COLORMAPS = (
    "viridis", "cividis", "inferno", "magma", "plasma", "turbo", "greys", "blues", "reds", "greens", "oranges",
    "purples", "coolwarm", "twilight", "twilight_shifted",
)  # fmt: skip
"""Colour maps, those that everyone can tell apart first."""

CYCLIC_COLORMAPS = ("twilight", "twilight_shifted")
"""Those whose ends meet, for phases."""

_MATPLOTLIB = {"greys": "Greys", "blues": "Blues", "reds": "Reds", "greens": "Greens", "oranges": "Oranges",
               "purples": "Purples"}  # fmt: skip


def colormap_name(name: str) -> str:
    """Find a colour map, however its name is written.

    Parameters
    ----------
    name : str
        Name; case and hyphens do not matter.

    Returns
    -------
    str
        One of `COLORMAPS`.

    Raises
    ------
    OptionError
        If there is none of that name; the hint lists those that there are.
    """
    text = name.strip().lower().replace("-", "_").replace(" ", "_") if isinstance(name, str) else name
    text = {"grays": "greys", "gray": "greys", "grey": "greys"}.get(text, text)
    return check_option("colour map", text, COLORMAPS)


def matplotlib_colormap(name: str) -> Any:
    """Give a colour map as matplotlib's.

    Parameters
    ----------
    name : str
        As for `colormap_name`.

    Returns
    -------
    matplotlib.colors.Colormap
        The map; NaN is transparent.
    """
    from matplotlib import colormaps  # noqa: PLC0415  slow to import

    known = colormap_name(name)
    return colormaps[_MATPLOTLIB.get(known, known)]  # NaN is transparent unless told otherwise


def palette(name: str, size: int = 256) -> list[str]:
    """Give a colour map as a list of colours.

    Parameters
    ----------
    name : str
        As for `colormap_name`.
    size : int
        How many.

    Returns
    -------
    list of str
        ``"#rrggbb"``, lowest first.
    """
    import numpy as np  # noqa: PLC0415
    from matplotlib.colors import to_hex  # noqa: PLC0415

    chosen = matplotlib_colormap(name)
    return [to_hex(chosen(fraction)) for fraction in np.linspace(0.0, 1.0, size)]


@dataclass(frozen=True)
class Style:
    """How a raster is drawn.

    Attributes
    ----------
    colormap : str or None
        Colours of the values; None chooses: viridis, twilight for phases, magma for flags.
    flagged_colormap : str
        Colours of fully flagged cells.
    show_flagged : bool
        Whether these are drawn.
    limits : (float, float) or None
        Values of the lowest and the highest colour; None finds them.
    limits_mode : str
        How; see `dsa110_vis.raster.limits`.
    percentile : float
        For the percentile mode.
    stretch : str
        One of `dsa110_vis.raster.STRETCHES`.
    title : str or None
        Title; None makes one.
    subplots : (int, int) or None
        Rows and columns of pictures, if there are iterations; None arranges up to 16.
    width, height : int
        Pixels.
    """

    colormap: str | None = None
    flagged_colormap: str = "reds"
    show_flagged: bool = True
    limits: tuple[float, float] | None = None
    limits_mode: str = "auto"
    percentile: float = 99.0
    stretch: str = "linear"
    title: str | None = None
    subplots: tuple[int, int] | None = None
    width: int = 1000
    height: int = 700

    def __post_init__(self) -> None:
        if self.colormap is not None:
            object.__setattr__(self, "colormap", colormap_name(self.colormap))
        object.__setattr__(self, "flagged_colormap", colormap_name(self.flagged_colormap))
        check_option("stretch", self.stretch, STRETCHES)
        check_option("way to find limits", self.limits_mode, LIMITS_MODES)
        if self.limits is not None and not float(self.limits[0]) < float(self.limits[1]):
            message = f"limits={self.limits!r} do not ascend."
            raise OptionError(message, "Give the lower limit first, then the higher one.")
        if self.subplots is not None and not (len(self.subplots) == 2 and min(self.subplots) >= 1):
            message = f"subplots={self.subplots!r} is not a number of rows and of columns."
            raise OptionError(message, "Such as (2, 3).")
        if not (100 <= self.width <= 8000 and 100 <= self.height <= 8000):
            message = f"A picture of {self.width} by {self.height} pixels cannot be made."
            raise OptionError(message, "Allowed: 100 to 8000 pixels each way.")

    def colormap_for(self, quantity: str) -> str:
        """Give the colour map.

        Parameters
        ----------
        quantity : str
            What is shown.

        Returns
        -------
        str
            One of `COLORMAPS`.
        """
        if self.colormap is not None:
            return self.colormap
        return {"phase": "twilight", "flag_fraction": "magma"}.get(quantity, "viridis")

    def find_limits(self, values: npt.NDArray[np.floating], quantity: str) -> tuple[float, float]:
        """Give the colour limits.

        Parameters
        ----------
        values : ndarray of float
            The values.
        quantity : str
            What they are.

        Returns
        -------
        lo, hi : float
            With ``lo < hi``.
        """
        from dsa110_vis.raster.scaling import limits  # noqa: PLC0415  a field has the same name

        if self.limits is not None:
            return (float(self.limits[0]), float(self.limits[1]))
        return limits(values, self.limits_mode, percentile=self.percentile, quantity=quantity)
