"""Words and numbers for people: units, long names, times, values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.raster.axis import Axis
    from dsa110_vis.raster.options import Request

__all__ = [
    "LABELS",
    "axis_text",
    "column_unit",
    "mjd_to_datetime64",
    "quantity_label",
    "quantity_name",
    "quantity_unit",
    "time_text",
    "value_text",
]

LABELS = {
    "time": "Time", "baseline": "Baseline", "antenna": "Antenna", "antenna1": "Antenna 1", "antenna2": "Antenna 2",
    "frequency": "Frequency", "channel": "Channel", "correlation": "Correlation", "scan": "Scan", "field": "Field",
    "spw": "Spectral window", "uvdist": "uv distance (m)", "uvwave": "uv distance (λ)", "u": "u", "v": "v",
    "amp": "Amplitude", "phase": "Phase", "real": "Real part", "imag": "Imaginary part", "weight": "Weight",
    "flag_fraction": "Flagged fraction",
    "mean": "Mean", "median": "Median", "max": "Maximum", "min": "Minimum", "std": "Standard deviation", "sum": "Sum",
    "var": "Variance", "rms": "Root mean square",
    "scalar": "Scalar", "vector": "Vector", "id": "Antenna number", "length": "Length",
}  # fmt: skip
"""What options are called on controls."""

MJD_OF_1970 = 40587
SECONDS_PER_DAY = 86400
_CALIBRATED = ("CORRECTED_DATA", "MODEL_DATA", "CORRECTED-MODEL")


def mjd_to_datetime64(seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.datetime64]:
    """Turn times of a Measurement Set into those of numpy.

    Parameters
    ----------
    seconds : ndarray of float64
        Modified Julian dates in seconds, UTC.

    Returns
    -------
    ndarray of datetime64[ns]
        UTC, to the microsecond, which is what a double resolves.
    """
    whole = np.floor(seconds)
    micro = np.rint((seconds - whole) * 1e6).astype(np.int64)
    since = whole.astype(np.int64) - MJD_OF_1970 * SECONDS_PER_DAY
    stamps: npt.NDArray[np.datetime64] = (since * 10**9 + micro * 1000).astype("datetime64[ns]")
    return stamps


def time_text(seconds: float, *, date: bool = True, digits: int = 1) -> str:
    """Write a time.

    Parameters
    ----------
    seconds : float
        Modified Julian date in seconds, UTC.
    date : bool
        Whether to write the date too.
    digits : int
        Decimals of the seconds.

    Returns
    -------
    str
        Such as ``"2018-03-21 01:26:40.1"``.
    """
    unit = 10**digits
    stamp = np.datetime64(round((seconds - MJD_OF_1970 * SECONDS_PER_DAY) * unit) * (1000 // unit), "ms")
    day, _, clock = str(stamp).partition("T")
    clock = clock[: 8 + (digits + 1 if digits else 0)]
    return f"{day} {clock}" if date else clock


def column_unit(column: str | None) -> str:
    """Give the unit of the visibilities of a column.

    Parameters
    ----------
    column : str or None
        The column.

    Returns
    -------
    str
        ``"Jy"`` where it is calibrated, empty for a ratio; else ``"Jy or arbitrary"``, since a raw column and a
        calibrated one cannot be told apart.
    """
    if column is not None and "/" in column:
        return ""
    return "Jy" if column in _CALIBRATED else "Jy or arbitrary"


def quantity_unit(request: Request) -> str:
    """Give the unit of what a request shows.

    Parameters
    ----------
    request : Request
        With its column filled in.

    Returns
    -------
    str
        Unit; empty for pure numbers.
    """
    if request.quantity == "phase":
        return "deg"
    if request.quantity in ("flag_fraction", "weight"):
        return ""
    unit = column_unit(request.column)
    if request.aggregator == "var" and unit:
        return f"{unit}²" if unit == "Jy" else f"({unit})²"
    if request.aggregator == "sum" and request.weights_used:
        return f"{unit} \N{MULTIPLICATION SIGN} weight" if unit else "weight"
    return unit


def quantity_name(request: Request) -> str:
    """Give the long name of what a request shows.

    Parameters
    ----------
    request : Request
        The request.

    Returns
    -------
    str
        Such as ``"Amplitude"`` or ``"Standard deviation of phase"``.
    """
    name = LABELS[request.quantity]
    if request.quantity == "flag_fraction":
        return name
    if request.aggregator != "mean":
        name = f"{LABELS[request.aggregator]} of {name.lower()}"
    if request.quantity == "amp" and request.averaging == "vector":
        name = f"{name}, vector-averaged" if request.aggregator == "mean" else f"{name}, of the vector sum"
    return f"{name}, weighted" if request.weights_used else name


def quantity_label(request: Request) -> str:
    """Give name and unit of what a request shows.

    Parameters
    ----------
    request : Request
        With its column filled in.

    Returns
    -------
    str
        Such as ``"Amplitude (Jy)"``.
    """
    unit = quantity_unit(request)
    return f"{quantity_name(request)} ({unit})" if unit else quantity_name(request)


def value_text(value: float, unit: str = "") -> str:
    """Write a value for reading.

    Parameters
    ----------
    value : float
        The value.
    unit : str
        Its unit.

    Returns
    -------
    str
        Six digits; a dash for NaN.
    """
    if not np.isfinite(value):
        return "\N{EN DASH}"
    text = f"{value:.6g}"
    if unit == "deg":
        return f"{value:.2f}°"
    return f"{text} {unit}" if unit and unit != "Jy or arbitrary" else text


def axis_text(axis: Axis, index: int) -> str:
    """Write where a cell is on an axis.

    Parameters
    ----------
    axis : Axis
        The axis.
    index : int
        Which value.

    Returns
    -------
    str
        A name, a time or a number with its unit.
    """
    if axis.labels is not None:
        text = axis.labels[index]
        if axis.lengths is not None:
            text += f" ({axis.lengths[index]:.1f} m)"
        return text
    value = float(axis.values[index])
    if axis.kind == "time":
        return f"{time_text(value)} {axis.unit}"
    if axis.name == "frequency":
        return f"{value:.6f} MHz"
    if axis.edges is not None:
        text = f"{axis.edges[index]:.6g} to {axis.edges[index + 1]:.6g}"
        return f"{text} {axis.unit}"
    return f"{value:g}"
