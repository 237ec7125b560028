"""`MsRaster` with the methods and parameters of casagui 0.4.3 and vidavis 0.2.2."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsa110_vis.casagui import showing
from dsa110_vis.casagui.arguments import AXES, PlotArguments
from dsa110_vis.casagui.choosing import Choice, choose
from dsa110_vis.casagui.described import Described
from dsa110_vis.casagui.errors import ArgumentError, ArgumentTypeError, NothingSelectedError, PlotError
from dsa110_vis.casagui.processing_set import DATA_GROUPS, dimension_values, summary
from dsa110_vis.view import MsRasterModel

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    import xarray as xr

__all__ = ["MsRaster"]

_COLORMAPS = (
    "Blues", "Cividis", "Greens", "Greys", "Inferno", "Magma", "Oranges", "Plasma", "Purples", "Reds", "Turbo",
    "Viridis",
)  # fmt: skip
_LEVELS = ("debug", "info", "warning", "error", "critical")


class MsRaster(Described):
    """Plot a Measurement Set as a raster, called as in casagui and vidavis.

    A notebook written for either of them runs after changing its import. The Measurement Set is read in place, flags
    count (in aggregates too), autocorrelations are left out unless they are selected by name, and `show` gives the
    live viewer in the notebook.

    Parameters
    ----------
    ms : path, optional
        A Measurement Set.
    log_level : str
        debug, info, warning, error or critical.
    show_gui : bool
        Whether to show the live viewer at once.
    log_to_file : bool
        Taken for the sake of vidavis; no log file is written.

    Raises
    ------
    ArgumentError
        If an argument is not allowed.
    Dsa110VisError
        If the Measurement Set cannot be opened.

    Examples
    --------
    >>> from dsa110_vis.casagui import MsRaster
    >>> msr = MsRaster("obs.ms")  # doctest: +SKIP
    >>> msr.plot(x_axis="frequency", y_axis="time", aggregator="mean", agg_axis="baseline")  # doctest: +SKIP
    >>> msr.show()  # doctest: +SKIP
    """

    def __init__(
        self,
        ms: str | os.PathLike[str] | None = None,
        log_level: str = "info",
        show_gui: bool = False,  # noqa: FBT001, FBT002
        *,
        log_to_file: bool = True,
    ) -> None:
        if log_level not in _LEVELS:
            message = f"log_level cannot be {log_level!r}."
            raise ArgumentError(message, f"It must be one of {', '.join(_LEVELS)}.")
        if not ms and not show_gui:
            message = "ms is missing."
            raise PlotError(message, "Give the path of a Measurement Set, or show_gui=True.")
        self._log = logging.getLogger(f"{__name__}.{type(self).__name__}")
        self._log.setLevel(log_level.upper())
        self._log_to_file = log_to_file
        super().__init__(ms)
        self._plots: list[MsRasterModel] = []
        self._arguments: PlotArguments | None = None
        self._style: dict[str, Any] = {"colormap": "viridis", "flagged_colormap": "reds"}
        self._bars = (True, True)
        if show_gui:
            self._plots.append(MsRasterModel(self._ms, **self._style))
            self.show()

    def __repr__(self) -> str:
        return f"MsRaster({self._ms.name if self._ms else None!r})"

    @property
    def data(self) -> xr.Dataset:
        """The numbers of the last plot."""
        return self._last().data()

    def colormaps(self) -> list[str]:
        """List the colour maps.

        Returns
        -------
        list of str
            Names that `set_style_params` takes.
        """
        return list(_COLORMAPS)

    def set_style_params(
        self,
        unflagged_cmap: str = "Viridis",
        flagged_cmap: str = "Reds",
        show_colorbar: bool = True,  # noqa: FBT001, FBT002
        show_flagged_colorbar: bool = True,  # noqa: FBT001, FBT002
    ) -> None:
        """Set how plots made after this look.

        Parameters
        ----------
        unflagged_cmap, flagged_cmap : str
            Colour maps of good and of flagged samples.
        show_colorbar, show_flagged_colorbar : bool
            Whether saved pictures have the colour bars.

        Raises
        ------
        ArgumentError
            If there is no such colour map.
        """
        for name in (unflagged_cmap, flagged_cmap):
            if name not in _COLORMAPS:
                message = f"There is no colour map {name!r}."
                raise ArgumentError(message, f"There are: {', '.join(_COLORMAPS)}.")
        self._style = {"colormap": unflagged_cmap.lower(), "flagged_colormap": flagged_cmap.lower()}
        self._bars = (bool(show_colorbar), bool(show_flagged_colorbar))

    def clear_plots(self) -> None:
        """Forget the plots that were made; those that are shown stay alive."""
        self._plots.clear()

    def plot(  # noqa: PLR0917  by position as in casagui
        self,
        x_axis: str = "baseline",
        y_axis: str = "time",
        vis_axis: str = "amp",
        selection: Mapping[str, Any] | None = None,
        aggregator: str | None = None,
        agg_axis: str | Sequence[str] | None = None,
        iter_axis: str | None = None,
        iter_range: tuple[int, int] | None = None,
        subplots: tuple[int, int] | None = None,
        color_mode: str | None = None,
        color_range: tuple[float, float] | None = None,
        title: str | None = None,
        clear_plots: bool = True,  # noqa: FBT001, FBT002
    ) -> None:
        """Make a raster plot; `show` and `save` do something with it.

        Of the first spectral window, unless others are selected, and of the first value of every dimension that is
        neither drawn, nor aggregated, nor selected, nor stepped through.

        Parameters
        ----------
        x_axis, y_axis : str
            time, baseline, frequency or polarization.
        vis_axis : str
            amp, phase (degrees), real or imag.
        selection : dict, optional
            For this plot: columns of the summary, ``query``, ``data_group``, and values of time, baseline, antenna1,
            antenna2, frequency, polarization.
        aggregator : str, optional
            max, mean, median, min, std, sum or var of the samples that are not flagged.
        agg_axis : str or list of str, optional
            The dimensions it goes over; all that are not drawn or stepped through by default.
        iter_axis : str, optional
            Dimension to step through.
        iter_range : (int, int), optional
            First and last step, both included; (0, 0) by default, (0, -1) for all.
        subplots : (int, int), optional
            Rows and columns, to see several steps (or several plots) together.
        color_mode : str, optional
            None takes the range of the data, "auto" clips amplitudes at 3 sigma, "manual" uses `color_range`.
        color_range : (float, float), optional
            Lowest and highest value on the colour scale.
        title : str, optional
            A text, or "ms" to make one from the name of the Measurement Set.
        clear_plots : bool
            Whether to forget the plots made before.

        Raises
        ------
        ArgumentError
            If an argument is not allowed.
        NothingSelectedError
            If the selection leaves nothing.
        Dsa110VisError
            If the plot cannot be made.
        """
        if selection is not None and not hasattr(selection, "keys"):
            message = f"selection cannot be {selection!r}."
            raise ArgumentTypeError(message, "It is a dict. Give aggregator by name: vidavis has no selection here.")
        arguments = PlotArguments.check(
            x_axis=x_axis,
            y_axis=y_axis,
            vis_axis=vis_axis,
            aggregator=aggregator,
            agg_axis=agg_axis,
            iter_axis=iter_axis,
            iter_range=iter_range,
            subplots=subplots,
            color_mode=color_mode,
            color_range=color_range,
            title=title,
        )
        ms = self._opened()
        if clear_plots:
            self.clear_plots()
        choice = self._planes(arguments, selection or {})
        crossed = choice.baselines is None or any(first != second for first, second in choice.baselines)
        model = MsRasterModel(
            ms.path,
            **self._style,
            **arguments.controls,
            column=DATA_GROUPS[choice.data_group],
            selection=choice.selection(ms.metadata),
            autocorrelations=not crossed,
        )
        try:
            model.wait()
        except BaseException:
            model.close()
            raise
        self._arguments = arguments
        self._plots.append(model)
        self._log.debug("plotted %s", model)

    def show(self) -> None:
        """Show the plots: as live viewers in a notebook, otherwise in the web browser.

        Raises
        ------
        PlotError
            If there is none.
        """
        self._last()
        showing.show(self._plots, self._grid())

    def save(self, filename: str = "", fmt: str = "auto", width: int = 900, height: int = 600) -> None:
        """Save the plots.

        A grid of sub-plots goes into one file. Without one, every step of an iteration has its own, with its number
        before the ending of the name.

        Parameters
        ----------
        filename : str
            ``<ms>_raster.png`` by default.
        fmt : str
            png, svg, pdf or html; "auto" goes by the ending of the name.
        width, height : int
            Size of a plot in pixels.

        Raises
        ------
        PlotError
            If there is no plot.
        OptionError
            If there is no such format.
        OutputError
            If the file cannot be written.
        """
        model = self._last()
        stem = Path(model.source["name"]).stem
        path = Path(filename or f"{stem}_raster.png")
        kind = path.suffix.lstrip(".").lower() if fmt == "auto" else fmt
        showing.save(
            self._plots, path, kind, grid=self._grid(), steps=self._steps(), size=(width, height), bars=self._bars
        )

    # -- inside -----------------------------------------------------------------------------------------------------

    def _last(self) -> MsRasterModel:
        if not self._plots:
            message = "There is no plot yet."
            raise PlotError(message, "Call plot() first.")
        return self._plots[-1]

    def _grid(self) -> tuple[int, int]:
        return self._arguments.subplots if self._arguments else (1, 1)

    def _steps(self) -> list[int]:
        """Give the positions on the iterated axis that the last plot is about."""
        arguments, picture = self._arguments, self._last().picture
        if arguments is None or arguments.iterate is None or picture is None:
            return [0]
        last = picture.n_iterations - 1
        steps = range(arguments.first, (last if arguments.last == -1 else min(arguments.last, last)) + 1)
        rows, columns = arguments.subplots
        return list(steps)[: rows * columns] if rows * columns > 1 else list(steps)

    def _planes(self, arguments: PlotArguments, selection: Mapping[str, Any]) -> Choice:
        """Select what the plot is of: the user's choice, the first spectral window, first values of the rest."""
        ms = self._opened()
        metadata = ms.metadata
        choice = choose(ms, metadata, self._choice, selection)
        if not self._spw_chosen and "spw_name" not in selection:
            table = summary(ms, metadata)
            table = table if choice.ddids is None else table[table["ddid"].isin(choice.ddids)]
            choice = choice.narrow(
                ddids=frozenset(map(int, table.loc[table["spw_name"] == table["spw_name"].iloc[0], "ddid"]))
            )
        for dimension in arguments.fixed:
            part = ms.select(**choice.selection(metadata))
            values = dimension_values(part, metadata, dimension)
            if dimension == "baseline":
                cross = [name for name in values if len(set(name.split(" & "))) == 2]
                values = cross or values
            if not values:
                message = "The selection leaves nothing."
                raise NothingSelectedError(message, "Change it, or call clear_selection().")
            choice = choose(ms, metadata, choice, {dimension: values[0]})
        if arguments.iterate is not None:
            count = len(dimension_values(ms.select(**choice.selection(metadata)), metadata, arguments.iterate))
            if arguments.first >= count:
                message = f"iter_range begins at {arguments.first}."
                raise ArgumentError(message, f"There are {count} values of {arguments.iterate}, counted from 0.")
        self._log.info("Plotting %s against %s, selection %s", AXES[arguments.x], AXES[arguments.y], choice)
        return choice
