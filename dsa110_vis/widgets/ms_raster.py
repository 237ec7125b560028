"""`MsRaster`: a live raster of a Measurement Set in a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from dsa110_vis.view.controls import CONTROLS
from dsa110_vis.view.remote_raster import RemoteMsRaster
from dsa110_vis.widgets.base import ModelWidget
from dsa110_vis.widgets.traits import ControlTrait, OptionTraitError

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    import pandas as pd
    import xarray as xr

    from dsa110_vis.ms import MeasurementSet
    from dsa110_vis.view import MsRasterModel

__all__ = ["MsRaster"]


class _Located(traitlets.Any):
    """Is always what the model has, which is not asked before somebody looks: pandas is slow to import.

    A default would take the place of a table that comes while the default is worked out.
    """

    def get(self, obj: Any, _cls: Any = None) -> Any:
        return obj.model.located


class MsRaster(ModelWidget):
    """A live raster of a Measurement Set: its visibilities over any two of their axes.

    Every control of the picture is a trait of the same name that can be set and read; what the user does in the
    picture is seen here, and the other way round. Setting one returns at once and the table is read in a process of
    its own, so that neither a long reading nor a table that makes casacore abort touches the kernel: `wait`, `data`
    and `save` wait for it.

    Observers of traits are called on the thread that caused the change. That is the main thread for changes made in
    Python, and another for changes made in the browser or found while reading (`limits`, `busy`). An observer must
    not call `wait`, `data` or `save`.

    Parameters
    ----------
    ms : MeasurementSet or path, optional
        What to look at.
    client : distributed.Client, optional
        Dask workers that do the reading; another process must be able to reach their scheduler.
    model : MsRasterModel, optional
        An existing model in this process to show, instead of `ms` and controls.
    **state
        Values of controls, for example ``x="frequency"``, ``quantity="phase"``, ``selection={"spw": "0"}``.

    Attributes
    ----------
    path : str
        The Measurement Set on disk.
    preset : str or None
        A set of controls by name, see `dsa110_vis.raster.PRESETS`.
    x, y : str
        The axes, see `dsa110_vis.raster.AXES`.
    quantity : str
        What is drawn, see `dsa110_vis.raster.QUANTITIES`.
    column : str or None
        Column of the table; None takes corrected data if there are any.
    aggregator : str
        Statistic of the samples that share a cell.
    averaging : str
        "scalar" (mean of the amplitudes) or "vector" (amplitude of the mean).
    weighted, autocorrelations : bool
        Whether averages use the weights, and whether autocorrelations are included.
    baseline_order : str
        "id" (by the numbers of the antennas) or "length".
    selection : dict
        CASA selection strings by name: spw, antenna, timerange, scan, field, correlation, uvrange, ...
    iterate : str or None
        An axis to step through, and `iteration` the position on it.
    subplots : (int, int)
        Rows and columns of pictures, for stepping.
    colormap, flagged_colormap, show_flagged, stretch
        How values become colours.
    limits_mode : str
        "auto", "percentile" (with `percentile`), "minmax" or "manual" (with `limits`).
    limits : (float, float)
        The colour limits in force; setting them makes them manual, None makes them automatic.
    title : str or None
        Title; None makes one.
    located : pandas.DataFrame
        The cells marked with boxes and points, one a row (read-only).
    busy : bool
        Whether a picture is being made (read-only).

    Raises
    ------
    OptionError
        If a control does not exist or cannot have its value.
    DependencyError
        If the browser part of the package has not been built.

    Examples
    --------
    >>> w = MsRaster("obs.ms", x="frequency", y="time")  # doctest: +SKIP
    >>> w.quantity = "phase"  # doctest: +SKIP
    >>> w.data.value.mean()  # doctest: +SKIP
    """

    CONTROLS: ClassVar[Mapping[str, Any]] = CONTROLS
    VIEW = "ms-raster"

    path = ControlTrait(CONTROLS["path"].default, help=CONTROLS["path"].help)
    preset = ControlTrait(CONTROLS["preset"].default, help=CONTROLS["preset"].help)
    x = ControlTrait(CONTROLS["x"].default, help=CONTROLS["x"].help)
    y = ControlTrait(CONTROLS["y"].default, help=CONTROLS["y"].help)
    quantity = ControlTrait(CONTROLS["quantity"].default, help=CONTROLS["quantity"].help)
    column = ControlTrait(CONTROLS["column"].default, help=CONTROLS["column"].help)
    aggregator = ControlTrait(CONTROLS["aggregator"].default, help=CONTROLS["aggregator"].help)
    averaging = ControlTrait(CONTROLS["averaging"].default, help=CONTROLS["averaging"].help)
    weighted = ControlTrait(CONTROLS["weighted"].default, help=CONTROLS["weighted"].help)
    autocorrelations = ControlTrait(CONTROLS["autocorrelations"].default, help=CONTROLS["autocorrelations"].help)
    baseline_order = ControlTrait(CONTROLS["baseline_order"].default, help=CONTROLS["baseline_order"].help)
    selection = ControlTrait(CONTROLS["selection"].default, help=CONTROLS["selection"].help)
    iterate = ControlTrait(CONTROLS["iterate"].default, help=CONTROLS["iterate"].help)
    iteration = ControlTrait(CONTROLS["iteration"].default, help=CONTROLS["iteration"].help)
    subplots = ControlTrait(CONTROLS["subplots"].default, help=CONTROLS["subplots"].help)
    colormap = ControlTrait(CONTROLS["colormap"].default, help=CONTROLS["colormap"].help)
    flagged_colormap = ControlTrait(CONTROLS["flagged_colormap"].default, help=CONTROLS["flagged_colormap"].help)
    show_flagged = ControlTrait(CONTROLS["show_flagged"].default, help=CONTROLS["show_flagged"].help)
    stretch = ControlTrait(CONTROLS["stretch"].default, help=CONTROLS["stretch"].help)
    limits_mode = ControlTrait(CONTROLS["limits_mode"].default, help=CONTROLS["limits_mode"].help)
    percentile = ControlTrait(CONTROLS["percentile"].default, help=CONTROLS["percentile"].help)
    limits = ControlTrait(CONTROLS["limits"].default, help=CONTROLS["limits"].help)
    title = ControlTrait(CONTROLS["title"].default, help=CONTROLS["title"].help)
    located = _Located(read_only=True, help="The marked cells, one a row (pandas.DataFrame).")

    def __init__(
        self,
        ms: MeasurementSet | str | os.PathLike[str] | None = None,
        *,
        client: Any = None,
        model: MsRasterModel | None = None,
        **state: Any,
    ) -> None:
        def make(controls: dict[str, Any]) -> RemoteMsRaster | MsRasterModel:
            if model is None:
                return RemoteMsRaster(ms, client=client, **controls)
            if ms is not None or controls:
                message = "A widget for a model takes neither a Measurement Set nor controls."
                raise OptionTraitError(message, "Set the controls of the model.")
            return model

        super().__init__(make, owns=model is None, **state)

    @property
    def data(self) -> xr.Dataset:
        """The numbers behind the picture (value, count, flagged); waits for a reading in hand."""
        dataset: xr.Dataset = self.model.data()
        return dataset

    def locate(
        self,
        boxes: Sequence[Sequence[int]] = (),
        points: Sequence[Sequence[int]] = (),
        *,
        mode: str = "replace",
    ) -> pd.DataFrame:
        """Mark cells, as is done with boxes and points in the picture.

        Parameters
        ----------
        boxes : sequence of (x0, x1, y0, y1)
            Cell numbers, without the last.
        points : sequence of (x, y)
            Cell numbers.
        mode : str
            "replace", "add" or "clear".

        Returns
        -------
        pandas.DataFrame
            All cells that are marked now, one a row.

        Raises
        ------
        OptionError
            If a mark is outside the picture.
        MemoryLimitError
            If there are too many cells.
        """
        self.model.locate(boxes, points, mode=mode)
        located: pd.DataFrame = self.model.located
        return located

    def _in_words(self) -> str:
        return f"{Path(self.path).name!r}, x={self.x!r}, y={self.y!r}, quantity={self.quantity!r}"

    def _on_event(self, event: str, data: Any) -> None:
        if event == "located":
            self.set_trait("located", self.model.located)
        super()._on_event(event, data)
