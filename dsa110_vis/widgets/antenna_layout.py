"""`AntennaLayout`: the array of a Measurement Set or a calibration table in a notebook."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from dsa110_vis.errors import Dsa110VisError
from dsa110_vis.view.antenna_controls import ANTENNA_CONTROLS
from dsa110_vis.view.remote_antennas import RemoteAntennaLayout
from dsa110_vis.widgets.base import ModelWidget
from dsa110_vis.widgets.traits import ControlTrait

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    import pandas as pd

    from dsa110_vis.ms import MeasurementSet
    from dsa110_vis.widgets.ms_raster import MsRaster

__all__ = ["AntennaLayout"]

logger = logging.getLogger(__name__)


class AntennaLayout(ModelWidget):
    """The array: where each antenna stands, how much of its data is flagged, and what its baselines see.

    Positions are shown at once, flags and mean amplitudes when they have been read. Every control of the picture is a
    trait of the same name that can be set and read; what the user does in the picture is seen here, and the other way
    round.

    Parameters
    ----------
    ms : MeasurementSet or path, optional
        What to look at: a Measurement Set or a CASA calibration table.
    **state
        Values of controls, for example ``selected=[3]``, ``scale="log"``, ``tab="uv"``.

    Attributes
    ----------
    path : str
        The Measurement Set or calibration table on disk.
    selected : list of int
        Numbers of the antennas that are picked, in that order. `link` joins them to a raster.
    color_by : str
        "class" (three classes, by `thresholds`) or "fraction" (a `colormap`).
    flags_of : str
        "cross" or "all": flagged share without or with autocorrelations.
    thresholds : (float, float)
        Flagged shares at which the class changes.
    colormap : str
        Colours of the flagged share.
    labels : str
        "name", "id" or "none".
    scale : str
        "linear" or "log" distances from the array's centre.
    zoom : str
        "all", "core" or "outriggers".
    exclude : list of int
        Numbers of the antennas that are not drawn.
    only_with_data : bool
        Whether only antennas with data are drawn.
    tab : str
        "map", "uv" (coverage) or "lengths" (of the baselines).
    uv_color : str
        "baseline", "time" or "flagged".
    title : str or None
        Title; None makes one.
    busy : bool
        Whether something is being read (read-only).

    Raises
    ------
    OptionError
        If a control does not exist or cannot have its value.
    DependencyError
        If the browser part of the package has not been built.

    Examples
    --------
    >>> w = AntennaLayout("obs.ms")  # doctest: +SKIP
    >>> w.antennas.query("flagged_fraction_cross > 0.5")  # doctest: +SKIP
    """

    CONTROLS: ClassVar[Mapping[str, Any]] = ANTENNA_CONTROLS
    VIEW = "antenna-layout"

    path = ControlTrait(ANTENNA_CONTROLS["path"].default, help=ANTENNA_CONTROLS["path"].help)
    selected = ControlTrait(ANTENNA_CONTROLS["selected"].default, help=ANTENNA_CONTROLS["selected"].help)
    color_by = ControlTrait(ANTENNA_CONTROLS["color_by"].default, help=ANTENNA_CONTROLS["color_by"].help)
    flags_of = ControlTrait(ANTENNA_CONTROLS["flags_of"].default, help=ANTENNA_CONTROLS["flags_of"].help)
    thresholds = ControlTrait(ANTENNA_CONTROLS["thresholds"].default, help=ANTENNA_CONTROLS["thresholds"].help)
    colormap = ControlTrait(ANTENNA_CONTROLS["colormap"].default, help=ANTENNA_CONTROLS["colormap"].help)
    labels = ControlTrait(ANTENNA_CONTROLS["labels"].default, help=ANTENNA_CONTROLS["labels"].help)
    scale = ControlTrait(ANTENNA_CONTROLS["scale"].default, help=ANTENNA_CONTROLS["scale"].help)
    zoom = ControlTrait(ANTENNA_CONTROLS["zoom"].default, help=ANTENNA_CONTROLS["zoom"].help)
    exclude = ControlTrait(ANTENNA_CONTROLS["exclude"].default, help=ANTENNA_CONTROLS["exclude"].help)
    only_with_data = ControlTrait(
        ANTENNA_CONTROLS["only_with_data"].default, help=ANTENNA_CONTROLS["only_with_data"].help
    )
    tab = ControlTrait(ANTENNA_CONTROLS["tab"].default, help=ANTENNA_CONTROLS["tab"].help)
    uv_color = ControlTrait(ANTENNA_CONTROLS["uv_color"].default, help=ANTENNA_CONTROLS["uv_color"].help)
    title = ControlTrait(ANTENNA_CONTROLS["title"].default, help=ANTENNA_CONTROLS["title"].help)

    def __init__(self, ms: MeasurementSet | str | os.PathLike[str] | None = None, **state: Any) -> None:
        super().__init__(lambda controls: RemoteAntennaLayout(ms, **controls), owns=True, **state)

    @property
    def antennas(self) -> pd.DataFrame:
        """One row per antenna: the columns of `MeasurementSet.antennas`, and ``mean_amp``; waits until all is known."""
        frame: pd.DataFrame = self.model.antennas
        return frame

    def antenna(self, number: int) -> dict[str, Any]:
        """Give the flag statistics of one antenna.

        Parameters
        ----------
        number : int
            Its number, counted from 0.

        Returns
        -------
        dict
            Flagged shares by baseline, by frequency (``frequency_mhz``) and by time (``time_s``, ``time_start``).

        Raises
        ------
        OptionError
            If there is no such antenna.
        """
        found: dict[str, Any] = self.model.result("antenna", number)
        return found

    def baseline(self, first: int, second: int) -> dict[str, Any]:
        """Give what the baseline between two antennas is and sees.

        Parameters
        ----------
        first, second : int
            Their numbers, counted from 0.

        Returns
        -------
        dict
            ``length_m``, ``azimuth_deg`` (east of north), ``flagged``, and amplitude and phase (degrees) against
            frequency (MHz) and time (seconds).

        Raises
        ------
        OptionError
            If there is no such antenna.
        SelectionEmptyError
            If there are no data between the two.
        """
        found: dict[str, Any] = self.model.result("baseline", first, second)
        return found

    def link(self, raster: MsRaster) -> Callable[[], None]:
        """Join what is picked here to the antennas that a raster selects, both ways.

        One antenna stands for all its baselines, two for the one between them, three or more for those among them. A
        selection that was written in another way picks the antenna that all its baselines have in common, or else all
        that occur, and stays as it was written.

        Parameters
        ----------
        raster : MsRaster
            Of the same data.

        Returns
        -------
        callable
            Ends it.
        """
        return _Link(self, raster).stop

    def _in_words(self) -> str:
        chosen = f", selected={self.selected!r}" if self.selected else ""
        return f"{Path(self.path).name!r}{chosen}"


class _Link:
    """Passes on each change to the other side, unless it comes from there."""

    def __init__(self, layout: AntennaLayout, raster: MsRaster) -> None:
        self._layout, self._raster = layout, raster
        self._text = str(raster.selection.get("antenna", ""))
        self._taking = False
        layout.observe(self._picked, "selected")
        raster.observe(self._selected, "selection")
        if layout.selected:
            self._picked(None)
        elif self._text:
            self._pick(self._text)

    def stop(self) -> None:
        self._layout.unobserve(self._picked, "selected")
        self._raster.unobserve(self._selected, "selection")

    def _picked(self, _change: Any) -> None:
        if self._taking:
            return
        self._text = self._layout.model.ask("selection_text")
        others = {key: value for key, value in self._raster.selection.items() if key != "antenna"}
        self._raster.selection = {**others, **({"antenna": self._text} if self._text else {})}

    def _selected(self, change: Any) -> None:
        text = str(change.new.get("antenna", ""))
        if text != self._text:
            self._text = text
            self._pick(text)

    def _pick(self, text: str) -> None:
        self._taking = True
        try:
            self._layout.model.ask("select_from", text)
        except Dsa110VisError as error:  # the raster says so where it was typed
            logger.info("No antennas were picked for %r: %s", text, error)
        finally:
            self._taking = False
