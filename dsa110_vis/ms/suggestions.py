"""Selection strings that make sense for a Measurement Set."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.ms.selection.timerange import format_time

if TYPE_CHECKING:
    from dsa110_vis.ms.metadata import Metadata
    from dsa110_vis.ms.rows import RowTable

__all__ = ["suggest"]

_PLAIN_FIELD = re.compile(r"[A-Za-z][\w+.\-]*")
_PLAIN_ANTENNA = re.compile(r"[A-Za-z0-9_][\w+.\-]*")


def suggest(metadata: Metadata, rows: RowTable) -> dict[str, list[str]]:
    """Give selection strings, each of which matches something.

    Parameters
    ----------
    metadata : Metadata
        The description of the Measurement Set.
    rows : RowTable
        Its rows.

    Returns
    -------
    dict of str to list of str
        By parameter.
    """
    return {
        "spw": _windows(metadata),
        "antenna": _antennas(metadata, rows),
        "scan": [str(scan) for scan in metadata.scans],
        "field": _fields(metadata, rows),
        "correlation": _correlations(metadata),
        "timerange": _times(metadata, rows),
    }


def _windows(metadata: Metadata) -> list[str]:
    used = sorted({description.spw_id for description in metadata.data_descriptions})
    return [str(number) for number in used]


def _antennas(metadata: Metadata, rows: RowTable) -> list[str]:
    used = np.unique(np.concatenate([np.unique(rows.antenna1), np.unique(rows.antenna2)]))
    names = metadata.antenna_names
    found = []
    for number in used.tolist():
        name = names[number]
        usable = (
            _PLAIN_ANTENNA.fullmatch(name) and names.count(name) == 1 and (name.isdecimal() or not name[0].isdigit())
        )
        # A number stands for the antenna of that name, if there is one.
        found.append(name if usable else str(number) if str(number) not in names else f'"{name}"')
    return found


def _fields(metadata: Metadata, rows: RowTable) -> list[str]:
    names = [field.name for field in metadata.fields]
    found = []
    for number in np.unique(rows.field).tolist():
        name = names[number] if 0 <= number < len(names) else ""
        found.append(name if _PLAIN_FIELD.fullmatch(name) and names.count(name) == 1 else str(number))
    return found


def _correlations(metadata: Metadata) -> list[str]:
    found: dict[str, None] = {}
    for description in metadata.data_descriptions:
        found.update(dict.fromkeys(description.correlations))
    together = [
        ",".join(pair)
        for pair in (("XX", "YY"), ("RR", "LL"), ("XY", "YX"), ("RL", "LR"))
        if all(name in found for name in pair)
    ]
    return [*found, *together]


def _times(metadata: Metadata, rows: RowTable) -> list[str]:
    """Give the time range of each scan."""
    low = np.full(len(metadata.scans), np.iinfo(np.int32).max)
    high = np.full(len(metadata.scans), -1)
    scan = np.searchsorted(np.array(metadata.scans), rows.scan)
    np.minimum.at(low, scan, rows.time_index)
    np.maximum.at(high, scan, rows.time_index)
    times = metadata.times
    return [f"{_floor(times[first])}~{_ceil(times[last])}" for first, last in zip(low, high, strict=True)]


def _floor(seconds: float) -> str:
    return format_time(np.floor(seconds * 10 - 1) / 10)


def _ceil(seconds: float) -> str:
    return format_time(np.ceil(seconds * 10 + 1) / 10)
