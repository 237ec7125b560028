"""The record of how cleaning went: a row for every plane after every cycle."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from dsa110_vis.clean.engine import ImageField, PlaneMeasure

__all__ = ["COLUMNS", "frame", "rows"]

COLUMNS = (
    "checkpoint", "major", "field", "term", "stokes", "channel", "iterations", "peak_inside", "peak_outside", "rms",
    "flux", "cycle_threshold", "seconds",
)  # fmt: skip
"""Columns of the frame: which checkpoint and after how many major cycles; which plane; iterations of the cycle; largest
absolute residual inside and outside the mask and robust noise in Jy/beam; sum of the model in Jy; threshold of the
minor cycle in Jy/beam; wall time of the cycle in seconds."""


def rows(
    measures: Iterable[PlaneMeasure],
    fields: Sequence[ImageField],
    *,
    iterations: Mapping[tuple[int, int, int], int],
    cycle_threshold: float | None,
    seconds: float,
) -> list[dict[str, Any]]:
    """Make the rows of one cycle.

    Parameters
    ----------
    measures : iterable of PlaneMeasure
        The planes after the cycle.
    fields : sequence of ImageField
        The images.
    iterations : mapping of tuple of int to int
        Iterations of the cycle by field, Stokes plane and channel.
    cycle_threshold : float or None
        Of the minor cycle in Jy/beam; None for the dirty image.
    seconds : float
        Wall time of the cycle.

    Returns
    -------
    list of dict
        With all of `COLUMNS` but ``checkpoint`` and ``major``; Stokes planes by name.
    """
    return [
        {
            **asdict(plane),
            "stokes": fields[plane.field].stokes[plane.stokes],
            "iterations": iterations.get((plane.field, plane.stokes, plane.channel), 0),
            "cycle_threshold": cycle_threshold,
            "seconds": seconds,
        }
        for plane in measures
    ]


def frame(records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Make the frame.

    Parameters
    ----------
    records : iterable of mapping
        Rows with all of `COLUMNS`.

    Returns
    -------
    pandas.DataFrame
        One row for each, in order; missing numbers are NaN.
    """
    import pandas as pd  # noqa: PLC0415  a session without a reader of its record need not load it

    table = pd.DataFrame.from_records(list(records), columns=list(COLUMNS))
    for column in ("peak_inside", "peak_outside", "rms", "flux", "cycle_threshold", "seconds"):
        table[column] = table[column].astype(float)
    return table
