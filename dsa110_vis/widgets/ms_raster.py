"""`MsRaster`: a live raster of a Measurement Set in a notebook."""

from __future__ import annotations

import difflib
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets
from IPython.display import display

from dsa110_vis.errors import OptionError
from dsa110_vis.view.controls import CONTROLS
from dsa110_vis.view.ms_raster import MsRasterModel
from dsa110_vis.view.ops import connect
from dsa110_vis.widgets.bundle import script, style
from dsa110_vis.widgets.static_picture import StaticPicture
from dsa110_vis.widgets.traits import ControlTrait, OptionTraitError

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    import pandas as pd
    import xarray as xr

    from dsa110_vis.errors import Dsa110VisError
    from dsa110_vis.ms import MeasurementSet

__all__ = ["MsRaster"]


class MsRaster(anywidget.AnyWidget):
    """A live raster of a Measurement Set: its visibilities over any two of their axes.

    Every control of the picture is a trait of the same name that can be set and read; what the user does in the
    picture is seen here, and the other way round. Setting one returns at once and the table is read in the
    background: `wait`, `data` and `save` wait for it.

    Observers of traits are called on the thread that caused the change. That is the main thread for changes made in
    Python, and another for changes made in the browser (JupyterLab talks to widgets on a thread of their own) or
    found while reading (`limits`, `busy`). An observer must not call `wait`, `data` or `save`.

    Parameters
    ----------
    ms : MeasurementSet or path, optional
        What to look at.
    client : distributed.Client, optional
        Dask workers that do the reading.
    model : MsRasterModel, optional
        An existing model to show, instead of `ms` and controls.
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

    _view = traitlets.Unicode("ms-raster").tag(sync=True)
    _static_id = traitlets.Unicode().tag(sync=True)
    _snapshot = traitlets.Unicode().tag(sync=True)

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
    located = traitlets.Any(read_only=True, help="The marked cells, one a row (pandas.DataFrame).")
    busy = traitlets.Bool(default_value=False, read_only=True, help="Whether a picture is being made.")

    def __init__(
        self,
        ms: MeasurementSet | str | os.PathLike[str] | None = None,
        *,
        client: Any = None,
        model: MsRasterModel | None = None,
        **state: Any,
    ) -> None:
        self._model: MsRasterModel | None = None
        controls = {name: state.pop(name) for name in list(state) if name in CONTROLS}
        known = self.class_trait_names(sync=True)
        for name in state:
            if name not in known or name.startswith("_"):
                near = difflib.get_close_matches(name, CONTROLS, n=1)
                message = f"MsRaster has no control {name!r}."
                hint = (f"Did you mean {near[0]!r}? " if near else "") + f"Known are: {', '.join(CONTROLS)}."
                raise OptionTraitError(message, hint)
        self._esm = script().read_text(encoding="utf-8")
        sheet = style()
        if sheet is not None:
            self._css = sheet.read_text(encoding="utf-8")
        self._owns_model = model is None
        if model is None:
            model = MsRasterModel(ms, client=client, **controls)
        elif ms is not None or controls:
            message = "A widget for a model takes neither a Measurement Set nor controls."
            raise OptionTraitError(message, "Set the controls of the model.")
        super().__init__(_static_id=uuid.uuid4().hex[:12], **state)
        self._model = model
        self._static = StaticPicture(self._static_id, self._draw_static, self._describe)
        self._dispatcher = connect(model, self._send_message)
        self.on_msg(self._receive)
        self.set_trait("located", model.located)
        self._unlisten = model.listen(self._on_event, replay=True)

    # -- results ----------------------------------------------------------------------------------------------------

    @property
    def model(self) -> MsRasterModel:
        """What is behind the widget and does the work, without Jupyter."""
        if self._model is None:
            message = "This widget is closed."
            raise OptionError(message, "Make a new one.")
        return self._model

    @property
    def data(self) -> xr.Dataset:
        """The numbers behind the picture (value, count, flagged); waits for a reading in hand."""
        return self.model.data()

    @property
    def state(self) -> dict[str, Any]:
        """The values of all controls."""
        return self.model.state

    @property
    def failure(self) -> Dsa110VisError | None:
        """Why there is no picture for the controls as they are, if there is none."""
        return self.model.failure

    # -- actions ----------------------------------------------------------------------------------------------------

    def wait(self, timeout: float | None = None) -> MsRaster:
        """Wait for the picture for the controls as they are, for scripts and tests.

        Parameters
        ----------
        timeout : float, optional
            Seconds; None waits as long as it takes.

        Returns
        -------
        MsRaster
            This widget.

        Raises
        ------
        Dsa110VisError
            The reason why the picture could not be made.
        TimeoutError
            If it took too long.
        """
        self.model.wait(timeout)
        self._static.refresh()
        return self

    def save(self, filename: str | os.PathLike[str], *, width: int = 900, height: int = 600) -> Path:
        """Save the picture to a file; waits for a reading in hand.

        Parameters
        ----------
        filename : path
            The ending says the format: .png, .svg, .pdf, .html (stand-alone and offline) or .nc (the numbers).
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
        return self.model.save(filename, width=width, height=height)

    def code(self) -> str:
        """Give the Python code that makes this picture again.

        Returns
        -------
        str
            A few lines of Python.
        """
        return self.model.code()

    def cancel(self) -> None:
        """Stop the reading in hand; the picture stays as it was."""
        self.model.cancel()

    def reload(self) -> None:
        """Read the Measurement Set again, whatever is remembered."""
        self.model.reload()

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
        return self.model.located

    def set_controls(self, changes: Mapping[str, Any]) -> None:
        """Set several controls at once.

        Parameters
        ----------
        changes : mapping
            New values by the names of the controls.

        Raises
        ------
        OptionTraitError
            If a value is not allowed; nothing is changed then.
        """
        try:
            self.model.update(changes)
        except OptionError as error:
            raise OptionTraitError(error.message, error.hint) from None

    def close(self) -> None:
        """Stop everything; the live view goes, the static picture stays."""
        if self._model is not None:
            self._unlisten()
            self._dispatcher.close()
            self._static.close()
            if self._owns_model:
                self._model.close()
            self._model = None
        super().close()

    # -- inside -----------------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        if self._model is None:
            return "MsRaster(closed)"
        return f"MsRaster({Path(self.path).name!r}, x={self.x!r}, y={self.y!r}, quantity={self.quantity!r})"

    def _ipython_display_(self, **_kwargs: Any) -> None:
        bundle = self._repr_mimebundle_()
        if bundle is not None:
            display(bundle[0], metadata=bundle[1], raw=True)  # type: ignore[no-untyped-call]
        self._static.show()

    def _on_event(self, event: str, data: Any) -> None:
        if event == "state":
            traits = self.traits()
            for name, value in data["changes"].items():
                traits[name].accept(self, value)
        elif event == "located":
            self.set_trait("located", self.model.located)
        elif event == "busy":
            self.set_trait("busy", data["busy"])
        if event in ("state", "picture") and self.model.picture is not None:
            self._static.stale()

    def _receive(self, _widget: Any, content: Any, buffers: Any) -> None:
        self._dispatcher.receive(content, buffers or ())

    def _send_message(self, message: dict[str, Any], buffers: list[Any]) -> None:
        self.send(message, buffers)

    def _describe(self) -> str:
        return f"{self!r}" if self._model is None else self._model.describe()

    def _draw_static(self) -> bytes | None:
        return None if self._model is None else self._model.thumbnail()
