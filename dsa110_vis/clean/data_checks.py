"""Checks of the data: selections that match, a column with something in it, how fine it resolves."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.clean.parameter_values import refuse, shown
from dsa110_vis.errors import Dsa110VisError, ParameterError, SelectionEmptyError, SelectionSyntaxError
from dsa110_vis.ms import MeasurementSet

if TYPE_CHECKING:
    from dsa110_vis.clean.parameters import Parameters
    from dsa110_vis.ms import Rows

__all__ = ["SELECTIONS", "DataFacts", "examine", "resolution"]

SELECTIONS = ("field", "spw", "timerange", "uvrange", "antenna", "scan", "observation", "intent")
"""The parameters that select data."""

_LIGHT = 299_792_458.0
_CORRELATIONS = {"XXYY": ("XX", "YY"), "RRLL": ("RR", "LL"), **{name: (name,) for name in ("XX", "YY", "RR", "LL")}}
"""Values of `stokes` that are correlations, and need these of the data."""
_COLUMNS = {"corrected": ("CORRECTED_DATA",), "data": ("DATA", "FLOAT_DATA")}


@dataclass(frozen=True)
class DataFacts:
    """What other checks need of the data.

    Attributes
    ----------
    resolution : float
        One wavelength over the longest baseline, in arcseconds.
    channels : int
        How many channels are selected.
    warnings : list of str
        Of the data themselves.
    """

    resolution: float
    channels: int
    warnings: list[str]


def examine(parameters: Parameters) -> DataFacts:
    """Check the Measurement Sets against the parameters, without reading more of them than it takes to be sure.

    Parameters
    ----------
    parameters : Parameters
        What is to be imaged.

    Returns
    -------
    DataFacts
        What was found.

    Raises
    ------
    ParameterError
        If a Measurement Set cannot be read, or not be written to where the model is to go into it; if it does not have
        the field of the phase centre, or the correlations; if a selection matches nothing, the column is absent, or all
        of it is flagged or zero.
    """
    paths = parameters.vis_paths
    if not paths:
        message = "vis is not given."
        raise ParameterError(message, "Give the path of a Measurement Set.", key="vis")
    finest, channels = math.inf, 1
    flagged: list[str] = []
    for number, path in enumerate(paths):
        try:
            with MeasurementSet(path) as whole:
                _check_has(parameters, whole)
                chosen = _select(parameters, whole, number)
                if not _has_samples(parameters, chosen):
                    flagged.append(path)
                    continue
                finest = min(finest, _finest(parameters, chosen))
                channels = max(channels, _channels(chosen))
        except ParameterError:
            raise
        except Dsa110VisError as error:
            message = f"vis cannot be {shown(path)}: {error.message}"
            raise ParameterError(message, error.hint, key="vis") from error
    if len(flagged) == len(paths):
        message = f"vis cannot be {shown(parameters.vis)}: everything that is selected of it is flagged."
        raise ParameterError(message, "Select other data, or look at the flags with MsRaster.", key="vis")
    warnings = [f"vis {path}: everything that is selected of it is flagged." for path in flagged]
    return DataFacts(finest, channels, warnings)


def resolution(ms: MeasurementSet, *, usable: bool = False) -> float:
    """Give the resolution of the selected data.

    Parameters
    ----------
    ms : MeasurementSet
        The selection.
    usable : bool
        Whether to leave out baselines that are flagged altogether; reads all flags.

    Returns
    -------
    float
        One wavelength over the longest projected baseline, in arcseconds; infinite without baselines.
    """
    rows = ms.rows(autocorrelations=False, uvw=True)
    if rows.uvw is None or not len(rows):
        return math.inf
    length = np.hypot(rows.uvw[:, 0], rows.uvw[:, 1])
    length[~np.isfinite(length)] = 0
    if usable:
        length[_flagged_baselines(ms, rows)] = 0
    longest = 0.0
    for description in ms.metadata.data_descriptions:
        here, channels = rows.ddid == description.id, ms.channels(description.id)
        if here.any() and channels.size:
            frequencies = ms.metadata.spectral_windows[description.spw_id].frequencies[channels]
            longest = max(longest, float(length[here].max()) * float(frequencies.max()) / _LIGHT)
    return math.degrees(1 / longest) * 3600 if longest > 0 else math.inf


def _check_has(parameters: Parameters, ms: MeasurementSet) -> None:
    """Check that what the image needs of a Measurement Set is there, where CASA would fail in words of its own."""
    centre, fields = parameters.phasecenter, ms.metadata.fields
    if not isinstance(centre, str) and not (0 <= centre < len(fields) and centre == int(centre)):
        known = f"fields 0 to {len(fields) - 1} of {ms.name}" if len(fields) > 1 else f"field 0 of {ms.name}"
        refuse("phasecenter", centre, f"Allowed: {known}, or a direction as 'J2000 12h29m06.7 2d03m08'.")
    wanted = set(_CORRELATIONS.get(parameters.stokes, ()))
    present = [each.correlations for each in ms.metadata.data_descriptions]
    has = ", ".join(dict.fromkeys(name for names in present for name in names))
    # A file that does not say which its correlations are is left to CASA.
    if wanted and has and "corr0" not in has and not any(wanted.issubset(names) for names in present):
        refuse("stokes", parameters.stokes, f"The correlations of {ms.name} are {has}.")
    if parameters.savemodel != "none" and not os.access(ms.path / "table.dat", os.W_OK):
        message = f"savemodel cannot be {shown(parameters.savemodel)}: {ms.path} cannot be written to."
        raise ParameterError(message, "Allowed: 'none', or a copy of the data that can be written to.", key="savemodel")


def _channels(ms: MeasurementSet) -> int:
    """Count the selected channels, those of each spectral window once."""
    present = np.unique(ms.rows(autocorrelations=False).ddid).tolist()
    windows = {ms.metadata.data_description(ddid).spw_id: ms.channels(ddid).size for ddid in present}
    return sum(windows.values())


def _finest(parameters: Parameters, ms: MeasurementSet) -> float:
    found = resolution(ms)
    if parameters.cell and max(parameters.cell_arcsec) < found:
        return found
    # Before pixels are refused, or a size is recommended, far antennas that are flagged do not count.
    return resolution(ms, usable=True)


def _flagged_baselines(ms: MeasurementSet, rows: Rows) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    counts = ms.flag_counts()
    most = int(max(counts.antenna2.max(), rows.antenna1.max(), rows.antenna2.max())) + 1
    whole = counts.flagged == counts.samples
    gone = counts.antenna1[whole].astype(np.int64) * most + counts.antenna2[whole]
    pairs = np.minimum(rows.antenna1, rows.antenna2).astype(np.int64) * most + np.maximum(rows.antenna1, rows.antenna2)
    return np.isin(pairs, gone)


def _given(parameters: Parameters, number: int) -> dict[str, str]:
    """Give the selections for one of several Measurement Sets."""
    found = {}
    for name in SELECTIONS:
        value = getattr(parameters, name)
        if isinstance(value, list):
            if len(value) not in {1, len(parameters.vis_paths)}:
                message = f"{name} cannot be {shown(value)}."
                raise ParameterError(message, "Allowed: one text for all vis, or one for each.", key=name)
            value = value[number if len(value) > 1 else 0]
        if value.strip():
            found[name] = value
    return found


def _select(parameters: Parameters, whole: MeasurementSet, number: int) -> MeasurementSet:
    given = _given(parameters, number)
    for name, value in given.items():
        try:
            whole.select(**{name: value})
        except (SelectionSyntaxError, SelectionEmptyError) as error:
            message = f"{name} cannot be {shown(value)}: {error.message}"
            raise ParameterError(message, error.hint, key=name) from error
    try:
        return whole.select(**given) if given else whole
    except SelectionEmptyError as error:
        name = next(iter(given))
        message = f"{', '.join(given)} cannot be {', '.join(map(shown, given.values()))} together: {error.message}"
        raise ParameterError(message, error.hint, key=name) from error


def _has_samples(parameters: Parameters, ms: MeasurementSet) -> bool:
    """Read until a sample is found that can be imaged; say whether there are unflagged ones at all."""
    column = _column(parameters, ms)
    unflagged = False
    rows = ms.rows(autocorrelations=False)
    if not len(rows):
        message = f"vis cannot be {shown(str(ms.path))}: what is selected of it are autocorrelations only."
        raise ParameterError(message, "Select cross-correlations: autocorrelations are not imaged.", key="vis")
    reading = ms.read([column], rows=rows)
    for chunk in reading:
        good = np.ones(chunk.columns[column].shape, bool) if chunk.flag is None else ~chunk.flag
        good &= np.isin(chunk.channels, ms.channels(chunk.ddid))[None, :, None]
        values = chunk.columns[column]
        unflagged |= bool(good.any())
        if np.any(good & np.isfinite(values) & (values != 0)):
            reading.close()  # type: ignore[attr-defined]
            return True
    if unflagged:
        message = f"datacolumn cannot be {shown(parameters.datacolumn)}: the selected {column} is zero or no number."
        other = "data" if parameters.datacolumn == "corrected" else "corrected"
        hint = f"Allowed: a column with visibilities, for example datacolumn='{other}' if that one is filled."
        raise ParameterError(message, hint, key="datacolumn")
    return False


def _column(parameters: Parameters, ms: MeasurementSet) -> str:
    """Find the column; CASA would take DATA without a word where CORRECTED_DATA is absent."""
    present = ms.metadata.columns
    for column in _COLUMNS[parameters.datacolumn]:
        if column in present:
            return column
    usable = [name for name, columns in _COLUMNS.items() if any(column in present for column in columns)]
    message = (
        f"datacolumn cannot be {shown(parameters.datacolumn)}: {ms.name} has no {_COLUMNS[parameters.datacolumn][0]}."
    )
    hint = f"Allowed: {' and '.join(usable)}." if usable else "It has no column with visibilities at all."
    raise ParameterError(message, hint, key="datacolumn")
