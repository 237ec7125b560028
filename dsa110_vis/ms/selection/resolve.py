"""Several selection strings together into rows, channels and correlations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.errors import SelectionEmptyError
from dsa110_vis.ms.selection.antenna import select_antenna
from dsa110_vis.ms.selection.context import Context, Resolved, ranges
from dsa110_vis.ms.selection.correlation import select_correlation
from dsa110_vis.ms.selection.ids import select_field, select_intent, select_number
from dsa110_vis.ms.selection.spw import select_spw
from dsa110_vis.ms.selection.taql import select_taql
from dsa110_vis.ms.selection.timerange import select_timerange
from dsa110_vis.ms.selection.uvrange import select_uvrange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsa110_vis.ms.metadata import Metadata
    from dsa110_vis.ms.rows import RowTable
    from dsa110_vis.ms.tables import MainTable

__all__ = ["resolve"]

# Times last: what they lack is taken from the rows that the others leave.
_ORDER = (
    "spw",
    "antenna",
    "baseline",
    "scan",
    "field",
    "correlation",
    "observation",
    "array",
    "intent",
    "uvrange",
    "taql",
    "timerange",
)


def resolve(
    asked: Mapping[str, str], metadata: Metadata, table: RowTable, main: MainTable, before: Resolved
) -> Resolved:
    """Find what selection strings mean for a Measurement Set.

    Parameters
    ----------
    asked : mapping of str to str
        Selection strings by parameter.
    metadata : Metadata
        Names and numbers.
    table : RowTable
        Columns of all rows.
    main : MainTable
        The table.
    before : Resolved
        What was selected before, from which this selects.

    Returns
    -------
    Resolved
        What is selected now.

    Raises
    ------
    SelectionSyntaxError
        If a string cannot be understood.
    SelectionEmptyError
        If one matches nothing, or all of them together.
    """
    context = Context(metadata, table, main)
    result = before
    done: list[str] = []
    for parameter in _ORDER:
        if parameter not in asked:
            continue
        text = asked[parameter]
        part = _select(parameter, text, replace(context, others=result.rows))
        result = _without_empty(result.and_(part), metadata, table)
        done.append(f"{parameter}={text!r}")
        if result.rows is not None and not result.rows.any():
            _refuse(done, before, part, context)
    return result


def _select(parameter: str, text: str, context: Context) -> Resolved:
    if parameter == "spw":
        return select_spw(text, context)
    if parameter in ("antenna", "baseline"):
        return select_antenna(text, context)
    if parameter in ("scan", "observation", "array"):
        return select_number(parameter, text, context)
    choose = {
        "field": select_field,
        "correlation": select_correlation,
        "intent": select_intent,
        "uvrange": select_uvrange,
        "taql": select_taql,
        "timerange": select_timerange,
    }[parameter]
    return choose(text, context)


def _without_empty(result: Resolved, metadata: Metadata, table: RowTable) -> Resolved:
    """Leave out the rows of which no channel or no correlation is left."""
    empty = [
        description.id
        for description in metadata.data_descriptions
        if any(
            chosen is not None and not chosen.size
            for chosen in (result.channels.get(description.spw_id), result.correlations.get(description.id))
        )
    ]
    if not empty:
        return result
    good = ~np.isin(table.ddid, empty)
    return replace(result, rows=good if result.rows is None else result.rows & good)


def _refuse(done: list[str], before: Resolved, part: Resolved, context: Context) -> None:
    message = f"Nothing matches {' and '.join(done)} together."
    if len(done) == 1 and before.rows is not None:
        message = f"Nothing matches {done[0]} in what was selected before."
    hint = "Each matches on its own; widen one of them."
    if part.rows is not None and part.rows.any():
        scans = np.unique(context.table.scan[part.rows])
        fields = np.unique(context.table.field[part.rows])
        hint += f" {done[-1]} alone has scans {ranges(scans.tolist())} and fields {ranges(fields.tolist())}."
    raise SelectionEmptyError(message, hint)
