"""Selections as casagui and vidavis write them, turned into those of a Measurement Set.

They name what they want by values (names, Hz, times as text), so what comes out uses numbers: no name in a Measurement
Set can be mistaken for syntax.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dsa110_vis.casagui.errors import ArgumentError, ArgumentTypeError, NothingSelectedError
from dsa110_vis.casagui.processing_set import DATA_GROUPS, spw_name, summary, time_text

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.ms import MeasurementSet
    from dsa110_vis.ms.metadata import Metadata

__all__ = ["Choice", "choose"]

METHODS = (None, "nearest", "pad", "ffill", "backfill", "bfill")
_COORDINATES = ("polarization", "scan_name", "field_name")
_ROW_KEYS = ("time", "baseline", "antenna_name", "antenna1", "antenna2", "frequency", "polarization")
_CLEAR = "Change the selection, or call clear_selection() to begin again."
_MJD_0 = datetime(1858, 11, 17, tzinfo=UTC)


@dataclass(frozen=True)
class Choice:
    """What is selected, by numbers; None stands for everything.

    Attributes
    ----------
    ddids, scans, fields : frozenset of int or None
        Numbers as in the table.
    times : frozenset of int or None
        Indices into ``metadata.times``.
    baselines : frozenset of (int, int) or None
        Antenna numbers, in either order.
    frequencies : frozenset of float or None
        Channel centres in Hz.
    correlations : frozenset of str or None
        Names.
    data_group : str
        base, corrected or model.
    """

    ddids: frozenset[int] | None = None
    scans: frozenset[int] | None = None
    fields: frozenset[int] | None = None
    times: frozenset[int] | None = None
    baselines: frozenset[tuple[int, int]] | None = None
    frequencies: frozenset[float] | None = None
    correlations: frozenset[str] | None = None
    data_group: str = "base"
    said: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    def narrow(self, **more: Any) -> Choice:
        """Select less.

        Parameters
        ----------
        **more
            Values of the attributes; sets are intersected with those that are there.

        Returns
        -------
        Choice
            The new choice.

        Raises
        ------
        NothingSelectedError
            If nothing is left.
        """
        new: dict[str, Any] = {}
        for name, value in more.items():
            if value is None:
                continue
            old = getattr(self, name)
            new[name] = value if old is None or name == "data_group" else old & value
            if not new[name]:
                message = f"The selection of {name} leaves nothing."
                raise NothingSelectedError(message, _CLEAR)
        return replace(self, **new)

    def selection(self, metadata: Metadata) -> dict[str, str]:
        """Write the choice as the keyword arguments of `MeasurementSet.select`.

        Parameters
        ----------
        metadata : Metadata
            Of the whole Measurement Set.

        Returns
        -------
        dict
            With some of the keys spw, correlation and taql.

        Raises
        ------
        NothingSelectedError
            If no channel is left.
        """
        taql = []
        for column, numbers in (("DATA_DESC_ID", self.ddids), ("SCAN_NUMBER", self.scans), ("FIELD_ID", self.fields)):
            if numbers is not None:
                taql.append(f"{column} IN [{', '.join(map(str, sorted(numbers)))}]")
        if self.baselines is not None:
            taql.append(_baseline_taql(self.baselines))
        if self.times is not None:
            taql.append(_time_taql(self.times, metadata.times))
        made = {"taql": " && ".join(f"({part})" for part in taql)} if taql else {}
        if self.frequencies is not None:
            made["spw"] = self._spw(metadata)
        if self.correlations is not None:
            made["correlation"] = ",".join(sorted(self.correlations))
        return made

    def _spw(self, metadata: Metadata) -> str:
        wanted = np.array(sorted(self.frequencies or ()))
        parts = []
        for spw_id in sorted({item.spw_id for item in metadata.data_descriptions if self._has(item.id)}):
            channels = np.flatnonzero(np.isin(metadata.spectral_windows[spw_id].frequencies, wanted))
            if channels.size:
                parts.append(f"{spw_id}:{';'.join(f'{low}~{high}' for low, high in _runs(channels))}")
        if not parts:
            message = "The selection of frequencies leaves nothing."
            raise NothingSelectedError(message, _CLEAR)
        return ",".join(parts)

    def _has(self, ddid: int) -> bool:
        return self.ddids is None or ddid in self.ddids


def _runs(numbers: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    parts = np.split(numbers, np.flatnonzero(np.diff(numbers) != 1) + 1)
    return [(int(part[0]), int(part[-1])) for part in parts if part.size]


def _baseline_taql(baselines: frozenset[tuple[int, int]]) -> str:
    partners: dict[int, set[int]] = {}
    for first, second in baselines:
        partners.setdefault(first, set()).add(second)
        partners.setdefault(second, set()).add(first)
    both: dict[frozenset[int], list[int]] = {}
    for antenna, others in partners.items():
        both.setdefault(frozenset(others), []).append(antenna)
    return " || ".join(
        f"(ANTENNA1 IN [{', '.join(map(str, sorted(group)))}] && ANTENNA2 IN [{', '.join(map(str, sorted(others)))}])"
        for others, group in both.items()
    )


def _time_taql(chosen: frozenset[int], times: npt.NDArray[np.float64]) -> str:
    middles = (times[1:] + times[:-1]) / 2
    lows = np.concatenate([[times[0] - 43200.0], middles])
    highs = np.concatenate([middles, [times[-1] + 43200.0]])
    runs = _runs(np.array(sorted(chosen), dtype=np.int64))
    return " || ".join(f"(TIME > {lows[first]:.6f} && TIME <= {highs[last]:.6f})" for first, last in runs)


def choose(
    ms: MeasurementSet,
    metadata: Metadata,
    choice: Choice,
    wanted: Mapping[str, Any],
    *,
    exact: bool = True,
    method: str | None = None,
    tolerance: float | None = None,
) -> Choice:
    """Narrow a choice by names and values.

    Parameters
    ----------
    ms : MeasurementSet
        Without a selection.
    metadata : Metadata
        Of it.
    choice : Choice
        What is selected so far.
    wanted : mapping
        Columns of the summary, dimensions, ``query`` (a pandas query on the summary), ``data_group``.
    exact : bool
        Whether names must be equal, and not only contain what is asked for.
    method : str, optional
        How frequencies and times that do not occur are matched: nearest, pad, backfill.
    tolerance : float, optional
        The largest difference for that, in Hz or seconds.

    Returns
    -------
    Choice
        The narrower choice.

    Raises
    ------
    ArgumentError
        If a key is not known.
    NothingSelectedError
        If nothing is left.
    """
    if method not in METHODS:
        message = f"There is no method {method!r}."
        raise ArgumentError(message, f"Allowed: {', '.join(map(str, METHODS))}.")
    table = summary(ms, metadata)
    for key, value in wanted.items():
        if value is None or (isinstance(value, str) and not value):
            continue
        if key in ("data_group", "data_group_name"):
            choice = choice.narrow(data_group=_data_group(value, metadata))
        elif key == "query":
            choice = choice.narrow(ddids=_query(table, value))
        elif key == "time":
            choice = choice.narrow(times=_times(value, metadata, method, tolerance))
        elif key == "frequency":
            choice = choice.narrow(frequencies=_frequencies(value, metadata, choice, method, tolerance))
        elif key in _ROW_KEYS and key != "polarization":
            choice = choice.narrow(baselines=_baselines(key, value, ms, metadata))
        elif key in table.columns or key in ("intents", "scan_intents", "line_name"):
            choice = _by_column(choice, table, key, value, exact=exact)
        else:
            message = f"There is no selection key {key!r}."
            known = [*(name for name in table.columns if name != "ddid"), "query", "data_group", *_ROW_KEYS]
            raise ArgumentError(message, f"Known are: {', '.join(dict.fromkeys(known))}.")
    return choice


def _listed(value: Any) -> list[Any]:
    if isinstance(value, str) or not isinstance(value, Sequence | set | frozenset | np.ndarray):
        return [value]
    return list(value)


def _data_group(value: Any, metadata: Metadata) -> str:
    there = [name for name, column in DATA_GROUPS.items() if column in metadata.columns]
    if value not in there:
        message = f"There is no data group {value!r} in this Measurement Set."
        raise ArgumentError(message, f"There are: {', '.join(there)}.")
    return str(value)


def _query(table: pd.DataFrame, query: Any) -> frozenset[int]:
    if not isinstance(query, str):
        message = f"query cannot be {query!r}."
        raise ArgumentTypeError(message, "It must be a string that pandas.DataFrame.query understands.")
    try:
        found = table.query(query, engine="python")
    except (ValueError, SyntaxError, KeyError, pd.errors.UndefinedVariableError) as error:
        message = f"The query {query!r} cannot be understood: {error}."
        names = ", ".join(name for name in table.columns if name != "ddid")
        raise ArgumentError(message, f"It may use the columns of summary(): {names}.") from error
    return frozenset(int(number) for number in found["ddid"])


def _by_column(choice: Choice, table: pd.DataFrame, key: str, value: Any, *, exact: bool) -> Choice:
    if key not in table.columns:
        message = f"This Measurement Set cannot be selected by {key}."
        raise ArgumentError(message, f"It can by: {', '.join(name for name in table.columns if name != 'ddid')}.")
    whole = key in ("shape", "field_coords")
    wanted = [str(tuple(value))] if whole else [str(item) for item in _listed(value)]
    cells = [cell if isinstance(cell, list) else [cell] for cell in table[key]]
    rows = []
    matched: set[str] = set()
    for ddid, names in zip(table["ddid"], cells, strict=True):
        fitting = {str(name) for name in names if _fits(key, str(name), wanted, exact=exact)}
        matched |= fitting
        if fitting:
            rows.append(int(ddid))
    if not rows:
        there = sorted({str(name) for names in cells for name in names})
        message = f"No {key} is {value!r}."
        raise NothingSelectedError(message, f"There are: {', '.join(there[:30])}{', ...' if len(there) > 30 else ''}.")
    choice = choice.narrow(ddids=frozenset(rows))
    if not exact:
        return choice
    if key == "polarization":
        return choice.narrow(correlations=frozenset(matched))
    if key == "scan_name":
        return choice.narrow(scans=frozenset(int(name) for name in matched))
    if key in ("field_name", "source_name"):
        return choice.narrow(fields=frozenset(int(name.rpartition("_")[2]) for name in matched))
    return choice


def _fits(key: str, name: str, wanted: Sequence[str], *, exact: bool) -> bool:
    """Tell whether a name is meant; those that end with a number are also found by what is before it, or by it."""
    if not exact:
        return any(item in name for item in wanted)
    if name in wanted:
        return True
    return key in ("spw_name", "field_name", "source_name") and any(
        part in wanted for part in name.rpartition("_")[::2]
    )


def _antennas(value: Any, metadata: Metadata) -> set[int]:
    found = set()
    for item in _listed(value):
        numbers = [number for number, name in enumerate(metadata.antenna_names) if name == str(item).strip()]
        if not numbers:
            names = ", ".join(metadata.antenna_names[:40])
            message = f"There is no antenna {str(item)!r}."
            raise NothingSelectedError(
                message, f"There are: {names}{', ...' if len(metadata.antenna_names) > 40 else ''}."
            )
        found.update(numbers)
    return found


def _baselines(key: str, value: Any, ms: MeasurementSet, metadata: Metadata) -> frozenset[tuple[int, int]]:
    if isinstance(value, slice):
        message = f"{key} cannot be a slice."
        raise ArgumentTypeError(message, "Give one name, or a list of names.")
    rows = ms.rows()
    there = {
        (int(first), int(second)) for first, second in np.unique(np.stack([rows.antenna1, rows.antenna2]), axis=1).T
    }
    if key == "baseline":
        wanted: set[tuple[int, int]] = set()
        for item in _listed(value):
            first, mark, second = str(item).partition("&")
            if not mark:
                message = f"The baseline {item!r} cannot be understood."
                raise ArgumentError(message, 'A baseline is written "A & B", with the names of its antennas.')
            for one in _antennas(first, metadata):
                wanted.update((one, other) for other in _antennas(second, metadata))
        found = {pair for pair in there if pair in wanted or pair[::-1] in wanted}
    else:
        antennas = _antennas(value, metadata)
        places = {"antenna1": (0,), "antenna2": (1,), "antenna_name": (0, 1)}[key]
        found = {pair for pair in there if any(pair[place] in antennas for place in places)}
    if not found:
        message = f"No row has {key} {value!r}."
        raise NothingSelectedError(message, _CLEAR)
    return frozenset(found)


def _nearest(
    values: npt.NDArray[np.float64], wanted: float, method: str | None, tolerance: float | None, exact: float
) -> list[int]:
    """Give the indices of the values that are meant; `exact` is how close is the same without a method."""
    if method in ("pad", "ffill"):
        below = np.flatnonzero(values <= wanted)
        best = below[np.argmax(values[below])] if below.size else None
    elif method in ("backfill", "bfill"):
        above = np.flatnonzero(values >= wanted)
        best = above[np.argmin(values[above])] if above.size else None
    else:
        best = int(np.argmin(np.abs(values - wanted)))
    limit = exact if method is None else tolerance
    if best is None or (limit is not None and abs(values[best] - wanted) > limit):
        return []
    return [int(number) for number in np.flatnonzero(np.abs(values - values[best]) <= exact)]


def _frequencies(
    value: Any, metadata: Metadata, choice: Choice, method: str | None, tolerance: float | None
) -> frozenset[float]:
    windows = {item.spw_id for item in metadata.data_descriptions if choice.ddids is None or item.id in choice.ddids}
    values = np.concatenate([metadata.spectral_windows[number].frequencies for number in sorted(windows)])
    if isinstance(value, slice):
        low = -np.inf if value.start is None else float(value.start)
        high = np.inf if value.stop is None else float(value.stop)
        found = [float(item) for item in values if min(low, high) <= item <= max(low, high)]
    else:
        found = [
            float(values[number])
            for item in _listed(value)
            for number in _nearest(values, float(item), method, tolerance, 0.5)
        ]
    if not found:
        message = f"There is no frequency {value!r}."
        names = ", ".join(spw_name(metadata, number) for number in sorted(windows))
        hint = f"{names}: {values.min():.6g} to {values.max():.6g} Hz. get_dimension_values('frequency') lists them."
        raise NothingSelectedError(message, hint)
    return frozenset(found)


def _seconds(value: Any) -> float:
    if isinstance(value, str):
        for form in ("%d-%b-%Y %H:%M:%S", "%d-%b-%Y %H:%M:%S.%f"):
            try:
                return (datetime.strptime(value, form).replace(tzinfo=UTC) - _MJD_0).total_seconds()
            except ValueError:
                continue
    try:
        stamp = pd.Timestamp(value)
    except (ValueError, TypeError) as error:
        message = f"The time {value!r} cannot be understood."
        raise ArgumentError(message, "Write it as in get_dimension_values('time'): dd-Mon-YYYY HH:MM:SS.") from error
    stamp = stamp.tz_localize(UTC) if stamp.tzinfo is None else stamp.tz_convert(UTC)
    return float((stamp - pd.Timestamp(_MJD_0)).total_seconds())


def _times(value: Any, metadata: Metadata, method: str | None, tolerance: float | None) -> frozenset[int]:
    times = metadata.times
    if isinstance(value, slice):
        low = -np.inf if value.start is None else _seconds(value.start) - 0.5
        high = np.inf if value.stop is None else _seconds(value.stop) + 0.5
        found = [int(number) for number in np.flatnonzero((times >= low) & (times <= high))]
    else:
        found = [
            number for item in _listed(value) for number in _nearest(times, _seconds(item), method, tolerance, 0.5)
        ]
    if not found:
        message = f"There is no time {value!r}."
        hint = f"The times are from {time_text(times[0])} to {time_text(times[-1])}."
        raise NothingSelectedError(message, hint)
    return frozenset(found)
