"""Where the numbers of an array come from: a Measurement Set or a calibration table, asked in the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsa110_vis.layout.of_caltable import CaltableSource
from dsa110_vis.layout.of_ms import MsSource
from dsa110_vis.ms import CalibrationTable, open_array

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

__all__ = ["Source", "open_source"]

Source = MsSource | CaltableSource


def open_source(path: str | os.PathLike[str], selections: Sequence[Mapping[str, str]] = ()) -> Source:
    """Open a Measurement Set or a calibration table.

    Parameters
    ----------
    path : str or os.PathLike
        The folder.
    selections : sequence of mapping
        What is selected of a Measurement Set: keywords of `MeasurementSet.select`, one after the other.

    Returns
    -------
    MsSource or CaltableSource
        What answers.

    Raises
    ------
    Dsa110VisError
        If it cannot be opened.
    """
    opened = open_array(path)
    if isinstance(opened, CalibrationTable):
        return CaltableSource(opened)
    return MsSource(opened, selections)
