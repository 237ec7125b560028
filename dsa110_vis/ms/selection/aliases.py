"""The selection keys of casagui and vidavis, in this package's words."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PARAMETERS", "selection_from_aliases"]

PARAMETERS = (
    "spw",
    "antenna",
    "baseline",
    "timerange",
    "scan",
    "field",
    "correlation",
    "uvrange",
    "observation",
    "array",
    "intent",
    "taql",
)
"""The parameters of `MeasurementSet.select`."""

_NAMES = {
    "spw_name": "spw",
    "spw_id": "spw",
    "spectral_window_name": "spw",
    "field_name": "field",
    "field_id": "field",
    "scan_name": "scan",
    "scan_number": "scan",
    "polarization": "correlation",
    "time": "timerange",
    "antenna_name": "antenna",
    "intents": "intent",
    "scan_intent": "intent",
    "obs_mode": "intent",
    "observation_id": "observation",
    "array_id": "array",
    "uvdist": "uvrange",
    "corr": "correlation",
    "query": "taql",
    **{name: name for name in PARAMETERS},
}
_PAIRS = ("antenna1", "antenna2")
_IN_SPW = ("channel", "frequency")


def selection_from_aliases(selection: Mapping[str, Any]) -> dict[str, str]:
    """Translate a selection with the key names of casagui and vidavis.

    Parameters
    ----------
    selection : mapping
        Keys ``spw_name``, ``field_name``, ``scan_name``, ``polarization``, ``time``, ``antenna1``, ``antenna2``,
        ``antenna_name``, ``baseline``, ``frequency``, ``channel`` and those of `MeasurementSet.select`. Values are
        strings, numbers, or several of them; a `slice` or a pair (tuple) of numbers, frequencies or times is a range.
        Frequencies are in Hz unless they have a unit. A baseline may be written ``"A & B"``.

    Returns
    -------
    dict of str to str
        For `MeasurementSet.select`.

    Raises
    ------
    OptionError
        If a key is not known, or two keys mean the same.
    """
    result: dict[str, str] = {}
    for key, value in selection.items():
        if value is None or key in (*_PAIRS, *_IN_SPW):
            continue
        if key == "data_group":
            continue
        name = _NAMES.get(key)
        if name is None:
            allowed = sorted({*_NAMES, *_PAIRS, *_IN_SPW})
            message = f"There is no selection parameter {key!r}."
            raise OptionError(message, f"Allowed are: {', '.join(allowed)}.")
        if name in result:
            message = f"The selection parameter {name!r} is given twice, once as {key!r}."
            raise OptionError(message, "Give it once.")
        result[name] = _quoted(key, value) if key.endswith("_name") or key == "baseline" else _text(value)
    _add_antennas(selection, result)
    _add_channels(selection, result)
    return {key: text for key, text in result.items() if text.strip()}


def _text(value: Any) -> str:
    """Write a value as a selection string."""
    if isinstance(value, str):
        return value
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, slice):
        return _range(value.start, value.stop)
    if isinstance(value, tuple) and len(value) == 2 and all(isinstance(part, numbers.Number) for part in value):
        return _range(*value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return ",".join(_text(part) for part in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _range(first: Any, last: Any) -> str:
    if first is None:
        return f"<{_text(last)}"
    if last is None:
        return f">{_text(first)}"
    return f"{_text(first)}~{_text(last)}"


def _quoted(key: str, value: Any) -> str:
    """Write names, which these packages give literally, so that no letter of them has a meaning."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, (list, tuple, set, frozenset)):
        value = [value]
    if key == "baseline":
        return ";".join("&".join(part.strip() for part in _text(one).split("&")) for one in value)
    if key == "scan_name":
        return ",".join(_text(one) for one in value)
    plain = all(isinstance(one, numbers.Number) for one in value)
    if plain:
        return _text(list(value))
    return ",".join(text if (text := _text(one)).startswith(('"', "/")) else f'"{text}"' for one in value)


def _add_antennas(selection: Mapping[str, Any], result: dict[str, str]) -> None:
    first, second = (selection.get(key) for key in _PAIRS)
    if first is None and second is None:
        return
    if "baseline" in result:
        message = "The selection has both 'baseline' and 'antenna1' or 'antenna2'."
        raise OptionError(message, "Give one of them.")
    if first is not None and second is not None:
        result["baseline"] = f"{_text(first)}&&{_text(second)}"
    else:
        result["baseline"] = f"{_text(first if first is not None else second)}&&*"


def _add_channels(selection: Mapping[str, Any], result: dict[str, str]) -> None:
    channel, frequency = (selection.get(key) for key in _IN_SPW)
    if channel is None and frequency is None:
        return
    if channel is not None and frequency is not None:
        message = "The selection has both 'channel' and 'frequency'."
        raise OptionError(message, "Give one of them.")
    text = (_text(channel) if channel is not None else _frequency(frequency)).replace(",", ";")
    windows = result.get("spw", "*")
    if ":" in windows:
        message = f"The selection has channels twice: in spw={windows!r} and on their own."
        raise OptionError(message, "Give them once.")
    result["spw"] = ",".join(f"{part}:{text}" for part in windows.split(","))


def _frequency(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, slice):
        low = "0" if value.start is None else f"{float(value.start)!r}"
        high = "1e15" if value.stop is None else f"{float(value.stop)!r}"
        return f"{low}~{high}Hz"
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, tuple) and len(value) == 2:
        return f"{float(value[0])!r}~{float(value[1])!r}Hz"
    if isinstance(value, (list, tuple, set, frozenset)):
        return ";".join(_frequency(one) for one in value)
    return f"{float(value)!r}Hz"
