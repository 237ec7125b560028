"""A Measurement Set described as casagui and vidavis do: as datasets of one spectral window and one correlation set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dsa110_vis.casagui.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsa110_vis.ms import MeasurementSet
    from dsa110_vis.ms.metadata import Metadata

__all__ = ["DATA_GROUPS", "DIMENSIONS", "data_groups", "dimension_values", "spw_name", "summary", "time_text"]

DIMENSIONS = ("time", "baseline", "frequency", "polarization")
"""The dimensions of visibilities, by the names that both packages use."""

DATA_GROUPS = {"base": "DATA", "corrected": "CORRECTED_DATA", "model": "MODEL_DATA"}
"""Columns of the table by the name of the data group."""

_VARIABLES = {"base": "VISIBILITY", "corrected": "VISIBILITY_CORRECTED", "model": "VISIBILITY_MODEL"}
_TIME_FORMAT = "%d-%b-%Y %H:%M:%S"
_MJD_0 = datetime(1858, 11, 17, tzinfo=UTC)
_STOKES = (
    "I", "Q", "U", "V", "RR", "RL", "LR", "LL", "XX", "XY", "YX", "YY", "RX", "RY", "LX", "LY", "XR", "XL", "YR", "YL",
    "PP", "PQ", "QP", "QQ",
)  # fmt: skip


def time_text(seconds: float) -> str:
    """Write a time as both packages do.

    Parameters
    ----------
    seconds : float
        MJD in seconds, on the clock of the file.

    Returns
    -------
    str
        For example ``13-Apr-1995 09:19:00``.
    """
    return (_MJD_0 + timedelta(seconds=round(float(seconds)))).strftime(_TIME_FORMAT)


def spw_name(metadata: Metadata, spw_id: int) -> str:
    """Name a spectral window uniquely.

    Parameters
    ----------
    metadata : Metadata
        Of the Measurement Set.
    spw_id : int
        Number of the spectral window.

    Returns
    -------
    str
        Its name and number, for example ``none_0``; ``spw_0`` if it has no name.
    """
    name = metadata.spectral_windows[spw_id].name
    return f"{name}_{spw_id}" if name else f"spw_{spw_id}"


def _field_name(metadata: Metadata, number: int) -> str:
    return f"{metadata.fields[number].name}_{number}"


def data_groups(metadata: Metadata) -> dict[str, dict[str, str]]:
    """List the data groups: which column is meant by which name.

    Parameters
    ----------
    metadata : Metadata
        Of the Measurement Set.

    Returns
    -------
    dict
        By the name of the group (base, corrected, model), only those that exist.
    """
    return {
        name: {"correlated_data": _VARIABLES[name], "flag": "FLAG", "weight": "WEIGHT", "uvw": "UVW", "column": column}
        for name, column in DATA_GROUPS.items()
        if column in metadata.columns
    }


def summary(ms: MeasurementSet, metadata: Metadata) -> pd.DataFrame:
    """Describe the datasets, one a row.

    Parameters
    ----------
    ms : MeasurementSet
        With or without a selection.
    metadata : Metadata
        Of the whole Measurement Set.

    Returns
    -------
    pandas.DataFrame
        With the columns ``name``, ``spw_name``, ``scan_name``, ``field_name`` and so on, and besides ``ddid``.
    """
    rows = ms.rows()
    found = []
    for description in metadata.data_descriptions:
        here = np.flatnonzero(rows.ddid == description.id)
        if not here.size:
            continue
        window = metadata.spectral_windows[description.spw_id]
        fields = np.unique(rows.field[here])
        baselines = np.unique(rows.antenna1[here].astype(np.int64) * 65536 + rows.antenna2[here])
        centre = metadata.fields[int(fields[0])]
        fields_named = [_field_name(metadata, int(number)) for number in fields]
        found.append(
            {
                "name": f"{ms.name.removesuffix('.ms')}_{description.id:02d}",
                "shape": (
                    len(np.unique(rows.time_index[here])),
                    len(baselines),
                    description.n_channels,
                    len(description.correlations),
                ),
                "polarization": list(description.correlations),
                "scan_name": [str(scan) for scan in np.unique(rows.scan[here])],
                "spw_name": spw_name(metadata, description.spw_id),
                "field_name": fields_named,
                "source_name": fields_named,
                "field_coords": (window.reference_frame, round(centre.ra_rad, 6), round(centre.dec_rad, 6)),
                "start_frequency": float(window.frequencies.min()),
                "end_frequency": float(window.frequencies.max()),
                "ddid": description.id,
            }
        )
    return pd.DataFrame(found)


def dimension_values(ms: MeasurementSet, metadata: Metadata, dimension: str) -> list[Any]:
    """List what occurs along a dimension.

    Parameters
    ----------
    ms : MeasurementSet
        With the selection that counts.
    metadata : Metadata
        Of the whole Measurement Set.
    dimension : str
        time, baseline, antenna, antenna1, antenna2, frequency or polarization.

    Returns
    -------
    list
        Sorted: times as strings, baselines as ``"A & B"``, antennas by name, frequencies in Hz, correlations in the
        order of the Stokes codes.

    Raises
    ------
    ArgumentError
        If there is no such dimension.
    """
    if dimension == "frequency":
        values = [
            metadata.spectral_windows[item.spw_id].frequencies[ms.channels(item.id)]
            for item in _descriptions(ms, metadata)
        ]
        return sorted({float(value) for part in values for value in part})
    if dimension == "polarization":
        names = {
            item.correlations[index]
            for item in _descriptions(ms, metadata)
            for index in ms.correlation_indices(item.id)
        }
        return sorted(names, key=lambda name: (_STOKES.index(name) if name in _STOKES else 99, name))
    rows = ms.rows()
    names_of = metadata.antenna_names
    if dimension == "time":
        return [time_text(value) for value in metadata.times[np.unique(rows.time_index)]]
    if dimension == "baseline":
        pairs = np.unique(np.stack([rows.antenna1, rows.antenna2]), axis=1).T
        return sorted({f"{names_of[first]} & {names_of[second]}" for first, second in pairs})
    if dimension in ("antenna1", "antenna2"):
        return sorted({names_of[number] for number in np.unique(getattr(rows, dimension))})
    if dimension in ("antenna", "antenna_name"):
        return sorted({names_of[number] for number in np.unique(np.concatenate([rows.antenna1, rows.antenna2]))})
    message = f"There is no dimension {dimension!r}."
    raise ArgumentError(message, f"Known are: {', '.join((*DIMENSIONS, 'antenna', 'antenna1', 'antenna2'))}.")


def _descriptions(ms: MeasurementSet, metadata: Metadata) -> Sequence[Any]:
    present = set(np.unique(ms.rows().ddid).tolist())
    return [item for item in metadata.data_descriptions if item.id in present]
