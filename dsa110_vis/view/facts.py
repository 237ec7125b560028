"""Words for places on an axis: what a person would say for a time, a frequency, a baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.raster import axis_text
from dsa110_vis.raster.labels import mjd_to_datetime64

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.raster import Axis

__all__ = ["axis_info", "coordinates", "place_lines"]


def axis_info(axis: Axis) -> dict[str, Any]:
    """Describe an axis for a viewer.

    Parameters
    ----------
    axis : Axis
        The axis.

    Returns
    -------
    dict
        With ``name``, ``label``, ``unit``, ``kind``, ``size``, ``values`` and ``labels``.
    """
    return {
        "name": axis.name,
        "label": axis.long_name,
        "unit": axis.unit,
        "kind": axis.kind,
        "size": len(axis),
        "values": axis.values.tolist(),
        "labels": None if axis.labels is None else list(axis.labels),
    }


def place_lines(axis: Axis, index: int) -> list[list[str]]:
    """Say all that is known of one place on an axis.

    Parameters
    ----------
    axis : Axis
        The axis.
    index : int
        The place.

    Returns
    -------
    list of [str, str]
        Labels and texts.
    """
    if axis.lengths is not None and axis.labels is not None:
        return [[axis.long_name, axis.labels[index]], ["Length", f"{float(axis.lengths[index]):.1f} m"]]
    return [[axis.long_name, axis_text(axis, index)]]


def coordinates(axis: Axis, indices: npt.NDArray[np.integer[Any]]) -> Any:
    """Give places on an axis as a column of a table.

    Parameters
    ----------
    axis : Axis
        The axis.
    indices : ndarray of int, shape (n,)
        The places.

    Returns
    -------
    array-like, shape (n,)
        Times as timestamps in the set's time frame, names as strings, everything else as float64.
    """
    numbers = axis.values
    if axis.labels is not None:
        return np.asarray(axis.labels, dtype=object)[indices]
    if axis.kind == "time":
        import pandas as pd  # noqa: PLC0415  slow to import

        return pd.DatetimeIndex(mjd_to_datetime64(numbers[indices]))
    return numbers[indices]
