"""What casagui and vidavis tell about a Measurement Set, and how they select from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsa110_vis.casagui import showing
from dsa110_vis.casagui.choosing import Choice, choose
from dsa110_vis.casagui.errors import ArgumentError, ArgumentTypeError, PlotError
from dsa110_vis.casagui.processing_set import data_groups, dimension_values, summary
from dsa110_vis.ms import MeasurementSet

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

__all__ = ["Described"]


class Described:
    """A Measurement Set with what is selected from it.

    Parameters
    ----------
    ms : path, optional
        A Measurement Set.
    """

    def __init__(self, ms: str | os.PathLike[str] | None) -> None:
        self._ms = MeasurementSet(ms) if ms else None
        self._choice = Choice()
        self._spw_chosen = False

    def summary(self, data_group: str = "base", columns: str | Sequence[str] | None = None) -> None:
        """Print what the Measurement Set holds.

        Parameters
        ----------
        data_group : str
            base, corrected or model.
        columns : str or list of str, optional
            None prints all columns, "by_ms" one dataset after the other, names only those.

        Raises
        ------
        ArgumentError
            If there is no such data group or column.
        """
        ms = self._opened()
        choose(ms, ms.metadata, Choice(), {"data_group": data_group})
        table = summary(ms, ms.metadata).drop(columns="ddid")
        if columns in ("by_ms", "by_msv4"):
            for row in table.to_dict("records"):
                print("\n".join(f"{key}: {value}" for key, value in row.items()), "-----", sep="\n")  # noqa: T201
            return
        if columns is not None:
            names = [columns] if isinstance(columns, str) else list(columns)
            unknown = [name for name in names if name not in table.columns]
            if unknown:
                message = f"summary has no column {unknown[0]!r}."
                raise ArgumentError(message, f"It has {', '.join(table.columns)}.")
            table = table[names]
        print(table.to_string(max_colwidth=60))  # noqa: T201

    def data_groups(self, show: bool = False) -> dict[str, dict[str, str]] | None:  # noqa: FBT001, FBT002
        """Give the data groups: base (DATA), corrected and model, as far as they exist.

        Parameters
        ----------
        show : bool
            Whether to print them instead.

        Returns
        -------
        dict or None
            What each group consists of; None if it was printed.
        """
        groups = data_groups(self._opened().metadata)
        if not show:
            return groups
        for name, items in groups.items():
            print(f"{name} :", *(f"    {key} = {value}" for key, value in items.items()), sep="\n")  # noqa: T201
        return None

    def get_dimension_values(self, dimension: str) -> list[Any]:
        """List what occurs along a dimension in the present selection.

        Parameters
        ----------
        dimension : str
            time, baseline, antenna, antenna1, antenna2, frequency or polarization.

        Returns
        -------
        list
            Sorted; times as text, frequencies in Hz.

        Raises
        ------
        ArgumentError
            If there is no such dimension.
        """
        ms = self._opened()
        return dimension_values(ms.select(**self._choice.selection(ms.metadata)), ms.metadata, dimension)

    def antennas(self, plot_positions: bool = False, label_antennas: bool = False) -> list[str]:  # noqa: FBT001, FBT002
        """List the antennas.

        Parameters
        ----------
        plot_positions : bool
            Whether to show a plot of their positions too.
        label_antennas : bool
            Whether the plot has their names.

        Returns
        -------
        list of str
            Names, in the order of the ANTENNA table.
        """
        if plot_positions:
            self.plot_antennas(label_antennas)
        return list(self._opened().metadata.antenna_names)

    def plot_antennas(self, label_antennas: bool = False) -> None:  # noqa: FBT001, FBT002
        """Show where the antennas are, in metres east and north of the array's centre.

        Parameters
        ----------
        label_antennas : bool
            Whether the plot has their names.
        """
        showing.antennas(self._opened(), label=label_antennas)

    def plot_phase_centers(self, data_group: str = "base", label_fields: bool = False) -> None:  # noqa: FBT001, FBT002
        """Show the phase centres of all fields.

        Parameters
        ----------
        data_group : str
            base, corrected or model; they share their fields.
        label_fields : bool
            Whether all fields have their names in the plot, and not only the central one.
        """
        ms = self._opened()
        choose(ms, ms.metadata, Choice(), {"data_group": data_group})
        showing.phase_centres(ms, label=label_fields)

    def select_ps(self, string_exact_match: bool = True, query: str | None = None, **kwargs: Any) -> None:  # noqa: FBT001, FBT002
        """Select datasets by the columns of `summary`; selections add up until `clear_selection`.

        Parameters
        ----------
        string_exact_match : bool
            Whether names must be equal, and not only contain the text.
        query : str, optional
            A pandas query on the summary.
        **kwargs
            Values, or lists of values, by column; and ``data_group_name``.

        Raises
        ------
        ArgumentError
            If a column does not exist.
        NothingSelectedError
            If nothing is left.
        """
        ms = self._opened()
        self._choice = choose(ms, ms.metadata, self._choice, {"query": query, **kwargs}, exact=string_exact_match)
        self._spw_chosen = self._spw_chosen or "spw_name" in kwargs

    def select_ms(
        self,
        indexers: Mapping[str, Any] | None = None,
        method: str | None = None,
        tolerance: float | None = None,
        drop: bool = False,  # noqa: FBT001, FBT002
        **indexers_kwargs: Any,
    ) -> None:
        """Select by values of dimensions; selections add up until `clear_selection`.

        Parameters
        ----------
        indexers : mapping, optional
            Single values, lists or slices by dimension: time, baseline, antenna_name, antenna1, antenna2, frequency,
            polarization; and ``data_group_name``.
        method : str, optional
            nearest, pad (ffill) or backfill (bfill), for times and frequencies that do not occur.
        tolerance : float, optional
            The largest difference for that, in seconds or Hz.
        drop : bool
            Makes no difference here: a dimension with a single value keeps its coordinate.
        **indexers_kwargs
            The same as `indexers`.

        Raises
        ------
        ArgumentError
            If a dimension does not exist.
        NothingSelectedError
            If nothing is left.
        """
        if indexers is not None and not hasattr(indexers, "keys"):
            message = f"indexers cannot be {indexers!r}."
            raise ArgumentTypeError(message, "It must be a dict.")
        del drop
        ms = self._opened()
        wanted = {**(indexers or {}), **indexers_kwargs}
        self._choice = choose(ms, ms.metadata, self._choice, wanted, method=method, tolerance=tolerance)

    def clear_selection(self) -> None:
        """Select everything again."""
        self._choice = Choice()
        self._spw_chosen = False

    def _opened(self) -> MeasurementSet:
        if self._ms is None:
            message = "No Measurement Set has been given."
            raise PlotError(message, "Make MsRaster with the path of one.")
        return self._ms
