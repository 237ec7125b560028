"""A Measurement Set in a few lines: as text, as HTML, as plain data."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import erfa  # type: ignore[import-untyped]
import numpy as np

from dsa110_vis.ms.selection.context import listed, ranges
from dsa110_vis.ms.selection.timerange import format_time

if TYPE_CHECKING:
    from dsa110_vis.ms.measurement_set import MeasurementSet

__all__ = ["Summary", "summarise"]


@dataclass(frozen=True, repr=False)
class Summary:
    """What is in a Measurement Set, or in a selection from one.

    ``str()`` gives text, a notebook shows a table, `to_dict` gives plain data.

    Parameters
    ----------
    data : dict
        What `to_dict` gives.
    """

    data: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Give the summary as plain data that JSON can hold.

        Returns
        -------
        dict
            With the keys ``name``, ``path``, ``selection``, ``telescope``, ``observer``, ``project``, ``times``,
            ``fields``, ``scans``, ``spectral_windows``, ``correlations``, ``antennas``, ``baselines``, ``columns``,
            ``rows``, ``data_volume`` and ``flagged_fraction``. Times are MJD seconds, frequencies Hz, volumes bytes.
        """
        return self.data

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        lines = _lines(self.data)
        width = max(len(label) for label, _ in lines)
        text = []
        for label, values in lines:
            for number, value in enumerate(values):
                text.append(f"{label if number == 0 else '':<{width}}  {value}".rstrip())
        return "\n".join(text)

    def _repr_html_(self) -> str:
        rows = "".join(
            "<tr><th style='text-align:left;vertical-align:top;white-space:nowrap'>"
            f"{html.escape(label)}</th><td style='text-align:left'>"
            f"{'<br>'.join(html.escape(value) for value in values)}</td></tr>"
            for label, values in _lines(self.data)
        )
        return f"<table class='dsa110-vis-summary'><tbody>{rows}</tbody></table>"


def summarise(ms: MeasurementSet, *, flags: bool) -> Summary:
    """Summarise what is selected.

    Parameters
    ----------
    ms : MeasurementSet
        The Measurement Set or a selection from it.
    flags : bool
        Whether to count the flags.

    Returns
    -------
    Summary
        The summary.
    """
    metadata, rows = ms.metadata, ms.rows()
    ddids, ddid_rows = np.unique(rows.ddid, return_counts=True)
    used = {int(ddid): int(count) for ddid, count in zip(ddids, ddid_rows, strict=True)}
    times = np.unique(rows.time_index)
    cross = rows.antenna1 != rows.antenna2
    n_antennas = len(metadata.antenna_names)
    low, high = np.minimum(rows.antenna1, rows.antenna2), np.maximum(rows.antenna1, rows.antenna2)
    baselines = np.unique(low[cross].astype(np.int64) * n_antennas + high[cross])
    present = np.unique(np.concatenate([np.unique(rows.antenna1), np.unique(rows.antenna2)]))
    samples = sum(count * ms.channels(ddid).size * ms.correlation_indices(ddid).size for ddid, count in used.items())
    exposure = float(np.median(np.diff(metadata.times))) if metadata.times.size > 1 else None
    centre = ms.array_centre
    return Summary(
        {
            "name": ms.name,
            "path": str(ms.path),
            "selection": ms.selection,
            "telescope": metadata.telescope,
            "observer": metadata.observer,
            "project": metadata.project,
            "times": {
                "first": float(metadata.times[times[0]]),
                "last": float(metadata.times[times[-1]]),
                "count": int(times.size),
                "typical_step_s": exposure,
                "frame": metadata.time_frame,
            },
            "fields": [_field(ms, number) for number in np.unique(rows.field).tolist()],
            "scans": np.unique(rows.scan).tolist(),
            "spectral_windows": _windows(ms, used),
            "correlations": list(dict.fromkeys(name for ddid in used for name in _correlations(ms, ddid))),
            "antennas": {
                "rows": n_antennas,
                "with_data": int(present.size),
                "without_position": int((~metadata.antenna_positions.any(axis=1)).sum()),
                "longitude_deg": None if np.isnan(centre[0]) else centre[0],
                "latitude_deg": None if np.isnan(centre[1]) else centre[1],
                "height_m": None if np.isnan(centre[2]) else centre[2],
            },
            "baselines": {"cross": int(baselines.size), "autocorrelation_rows": int((~cross).sum())},
            "columns": list(metadata.columns),
            "rows": len(rows),
            "data_volume": {
                "visibilities": samples,
                "bytes_per_column": 8 * samples,
                "bytes_on_disk": ms.bytes_on_disk,
            },
            "flagged_fraction": ms.flag_counts().fraction if flags else None,
        }
    )


def _field(ms: MeasurementSet, number: int) -> dict[str, Any]:
    fields = ms.metadata.fields
    if not 0 <= number < len(fields):
        return {"id": number, "name": "", "ra_deg": None, "dec_deg": None}
    field = fields[number]
    ra, dec = np.degrees(field.ra_rad), np.degrees(field.dec_rad)
    known = np.isfinite(ra) and np.isfinite(dec)
    return {
        "id": number,
        "name": field.name,
        "ra_deg": float(ra % 360) if known else None,
        "dec_deg": float(dec) if known else None,
    }


def _correlations(ms: MeasurementSet, ddid: int) -> list[str]:
    names = ms.metadata.data_description(ddid).correlations
    return [names[number] for number in ms.correlation_indices(ddid)]


def _windows(ms: MeasurementSet, used: dict[int, int]) -> list[dict[str, Any]]:
    found = []
    for ddid, count in used.items():
        description = ms.metadata.data_description(ddid)
        window = ms.metadata.spectral_windows[description.spw_id]
        frequencies = window.frequencies[ms.channels(ddid)]
        widths = np.abs(window.widths[ms.channels(ddid)])
        found.append(
            {
                "id": window.id,
                "data_description": ddid,
                "name": window.name,
                "channels": int(frequencies.size),
                "first_hz": float(frequencies[0]),
                "last_hz": float(frequencies[-1]),
                "channel_width_hz": float(np.median(widths)) if np.isfinite(widths).all() else None,
                "frame": window.reference_frame,
                "correlations": _correlations(ms, ddid),
                "rows": count,
            }
        )
    return found


def _lines(data: dict[str, Any]) -> list[tuple[str, list[str]]]:
    times, antennas, volume = data["times"], data["antennas"], data["data_volume"]
    step = f", {times['typical_step_s']:.6g} s apart" if times["typical_step_s"] else ""
    without = f", {antennas['without_position']} without a position" if antennas["without_position"] else ""
    autos = data["baselines"]["autocorrelation_rows"]
    flagged = data["flagged_fraction"]
    span = (
        f"{format_time(times['first'])} to {format_time(times['last'])} {times['frame']}, "
        f"{times['count']} time{'s' * (times['count'] != 1)}{step}"
    )
    size = (
        f"{data['rows']:,} rows, {volume['visibilities']:,} visibilities, "
        f"{_size(volume['bytes_per_column'])} a column, {_size(volume['bytes_on_disk'])} on disk"
    )
    lines = [
        ("Measurement Set", [data["path"]]),
        ("Selection", [f"{key} = {value}" for key, value in data["selection"].items()]),
        ("Telescope", [data["telescope"]]),
        ("Project", [data["project"]]),
        ("Observer", [data["observer"]]),
        ("Times", [span]),
        ("Fields", _shortened([_field_line(field) for field in data["fields"]])),
        ("Scans", [ranges(data["scans"])]),
        ("Spectral windows", _shortened([_window_line(window) for window in data["spectral_windows"]])),
        ("Correlations", [", ".join(data["correlations"])]),
        ("Antennas", [f"{antennas['with_data']} with data of {antennas['rows']}{without}"]),
        (
            "Baselines",
            [f"{data['baselines']['cross']}" + (f", and {autos:,} rows of autocorrelations" if autos else "")],
        ),
        ("Columns", [listed(data["columns"]) or "none with visibilities"]),
        ("Data volume", [size]),
        ("Flagged", [] if flagged is None else [f"{100 * flagged:.2f} %"]),
    ]
    return [(label, values) for label, values in lines if any(values)]


def _shortened(lines: list[str], most: int = 24) -> list[str]:
    return lines if len(lines) <= most else [*lines[: most - 1], f"and {len(lines) - most + 1} more"]


def sexagesimal(ra_deg: float, dec_deg: float) -> str:
    """Write a direction as hours and degrees.

    Parameters
    ----------
    ra_deg, dec_deg : float
        Right ascension and declination in degrees.

    Returns
    -------
    str
        ``hh:mm:ss.ss +dd:mm:ss.s``.
    """
    _, (hours, minutes, seconds, fraction) = erfa.a2tf(2, np.deg2rad(ra_deg))
    sign, (degrees, arcmin, arcsec, tenths) = erfa.a2af(1, np.deg2rad(dec_deg))
    sign = sign.decode() if isinstance(sign, bytes) else str(sign)
    return (
        f"{hours % 24:02d}:{minutes:02d}:{seconds:02d}.{fraction:02d} "
        f"{sign}{degrees:02d}:{arcmin:02d}:{arcsec:02d}.{tenths:01d}"
    )


def _field_line(field: dict[str, Any]) -> str:
    where = "" if field["ra_deg"] is None else f"  {sexagesimal(field['ra_deg'], field['dec_deg'])}"
    return f"{field['id']}: {field['name']}{where}"


def _window_line(window: dict[str, Any]) -> str:
    width = "" if window["channel_width_hz"] is None else f" of {window['channel_width_hz'] / 1e3:.6g} kHz"
    name = f" ({window['name']})" if window["name"] else ""
    frame = f" {window['frame']}" if window["frame"] else ""
    return (
        f"{window['id']}{name}: {window['channels']} channel{'s' * (window['channels'] != 1)}{width}, "
        f"{window['first_hz'] / 1e6:.6f} to {window['last_hz'] / 1e6:.6f} MHz{frame}, "
        f"{' '.join(window['correlations'])}, {window['rows']:,} rows"
    )


def _size(count: int) -> str:
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} TB"
