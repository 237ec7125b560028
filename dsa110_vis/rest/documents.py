"""Results as JSON documents: a raster with its axes, and the array."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import MemoryLimitError

if TYPE_CHECKING:
    import numpy.typing as npt
    import xarray as xr

    from dsa110_vis.ms import MeasurementSet

__all__ = ["MOST_CELLS", "antennas_document", "dumped", "raster_document"]

MOST_CELLS = 1_000_000
"""Cells of a raster in JSON; more make documents that nobody can read."""


def dumped(document: Any) -> bytes:
    """Write a document.

    Parameters
    ----------
    document : object
        Plain data without NaN.

    Returns
    -------
    bytes
        JSON in UTF-8.
    """
    return json.dumps(document, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()


def _listed(values: npt.NDArray[Any]) -> list[Any]:
    """Give values as lists, None for what is not finite."""
    if values.dtype.kind == "M":
        values = np.datetime_as_string(values, unit="us")
    elif values.dtype.kind == "f":
        good = np.isfinite(values)
        values = values.astype(np.float64).astype(object)
        values[~good] = None
    listed: list[Any] = values.tolist()
    return listed


def _axis(dataset: xr.Dataset, name: str) -> dict[str, Any]:
    coordinate = dataset[name]
    found = {
        "name": name,
        "label": str(coordinate.attrs.get("long_name", name)),
        "units": str(coordinate.attrs.get("units", "")),
        "values": _listed(coordinate.values),
    }
    if "time_scale" in coordinate.attrs:
        found["time_scale"] = str(coordinate.attrs["time_scale"])
    others = {
        str(other): _listed(values.values)
        for other, values in dataset.coords.items()
        if other != name and values.dims == (name,)
    }
    return {**found, "with": others} if others else found


def raster_document(dataset: xr.Dataset, warnings: list[str]) -> dict[str, Any]:
    """Give a raster as plain data.

    Parameters
    ----------
    dataset : xarray.Dataset
        As from `dsa110_vis.raster.raster`.
    warnings : list of str
        What the reader should know.

    Returns
    -------
    dict
        The request, the axes in the order of the arrays' dimensions, and ``value``, ``count``, ``flagged`` and
        ``flagged_value`` as nested lists; null where there is no value.

    Raises
    ------
    MemoryLimitError
        If it has more than `MOST_CELLS` cells.
    """
    value = dataset["value"]
    if value.size > MOST_CELLS:
        message = f"The raster has {value.size:,} cells, too many for JSON."
        raise MemoryLimitError(message, f"At most {MOST_CELLS:,}: select less, or ask for a picture.")
    attrs = dataset.attrs
    arrays = {name: _listed(dataset[name].values) for name in ("value", "count", "flagged", "flagged_value")}
    return {
        "measurement_set": attrs["measurement_set"],
        "telescope": attrs["telescope"],
        "column": attrs["column"] or None,
        "quantity": attrs["quantity"],
        "aggregator": attrs["aggregator"],
        "averaging": attrs["averaging"],
        "label": str(value.attrs.get("long_name", "")),
        "units": str(value.attrs.get("units", "")),
        "axes": [_axis(dataset, str(name)) for name in value.dims],
        "warnings": warnings,
        **arrays,
    }


def antennas_document(ms: MeasurementSet) -> dict[str, Any]:
    """Give the array as plain data.

    Parameters
    ----------
    ms : MeasurementSet
        The data.

    Returns
    -------
    dict
        ``antennas``, each with its place in metres east, north and up of the centre and its flagged share in per cent
        (null where it has none), the geodetic centre in degrees and metres, and the number of different baselines
        with data, autocorrelations not among them.
    """
    columns, counts = ms.antenna_columns(), ms.flag_counts()
    longitude, latitude, height = (_finite(number) for number in ms.array_centre)
    antennas = [
        {
            "id": int(row["id"]),
            "name": str(row["name"]),
            "station": str(row["station"]),
            "x_m": _finite(row["east_m"]),
            "y_m": _finite(row["north_m"]),
            "up_m": _finite(row["up_m"]),
            "has_data": bool(row["has_data"]),
            "flagged_pct": _percent(row["flagged_fraction"]),
            "flagged_pct_cross": _percent(row["flagged_fraction_cross"]),
            "baseline_count": int(row["n_baselines"]),
        }
        for row in (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))
    ]
    return {
        "antennas": antennas,
        "array_center_lon": longitude,
        "array_center_lat": latitude,
        "array_center_height_m": height,
        "total_baselines": int(np.count_nonzero(counts.antenna1 != counts.antenna2)),
    }


def _finite(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _percent(fraction: Any) -> float | None:
    return None if not np.isfinite(fraction) else 100.0 * float(fraction)
