"""Which column is shown: the choice, and columns that are computed from two."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import AbsentColumnError, NoVisibilityColumnError
from dsa110_vis.raster.options import DERIVED_COLUMNS

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.ms import Chunk, MeasurementSet

__all__ = ["Source", "available_columns", "resolve_column"]

SAMPLED_ROWS = 64
_lock = threading.Lock()
_zeros: dict[tuple[str, str, tuple[tuple[str, str], ...]], bool] = {}


def available_columns(ms: MeasurementSet) -> tuple[str, ...]:
    """List the columns that a raster can show, derived ones last.

    Parameters
    ----------
    ms : MeasurementSet
        The data.

    Returns
    -------
    tuple of str
        Names.
    """
    stored = ms.metadata.columns
    return (*stored, *(name for name, parts in DERIVED_COLUMNS.items() if set(parts) <= set(stored)))


def _has_signal(ms: MeasurementSet, column: str, index: npt.NDArray[np.int64] | None) -> bool:
    reading: Any = ms.read([column], index=index, flags=False)  # a generator: closing it stops its thread
    with contextlib.closing(reading) as chunks:
        return any(bool(np.any(chunk.columns[column])) for chunk in chunks)


def all_zero(ms: MeasurementSet, column: str) -> bool:
    """Tell whether a column is zero everywhere in the selection.

    A few rows are looked at first; only if these are zero, all are.

    Parameters
    ----------
    ms : MeasurementSet
        The data.
    column : str
        A column that exists.

    Returns
    -------
    bool
        True if every sample is exactly 0.
    """
    key = (str(ms.path), f"{ms.fingerprint}/{column}", tuple(sorted(ms.selection.items())))
    with _lock:
        known = _zeros.get(key)
    if known is None:
        n_rows = len(ms.rows())
        sample = np.unique(np.linspace(0, max(n_rows - 1, 0), SAMPLED_ROWS).astype(np.int64))[:n_rows]
        known = not _has_signal(ms, column, sample) and not _has_signal(ms, column, None)
        with _lock:
            _zeros[key] = known
    return known


def resolve_column(ms: MeasurementSet, column: str | None) -> tuple[str, tuple[str, ...]]:
    """Choose the column if that is left open, and check that it exists.

    Parameters
    ----------
    ms : MeasurementSet
        The data.
    column : str or None
        The column asked for. None means CORRECTED_DATA unless it is absent or zero everywhere, then DATA, then
        whatever comes first.

    Returns
    -------
    column : str
        The column.
    warnings : tuple of str
        What has to be said about the choice.

    Raises
    ------
    NoVisibilityColumnError
        If there is no column with visibilities.
    AbsentColumnError
        If the column asked for does not exist; the hint lists those that do.
    """
    allowed = available_columns(ms)
    if not allowed:
        message = f"{ms.name} has no column with visibilities."
        raise NoVisibilityColumnError(message, "Only weights and flags can be shown.")
    if column is not None:
        matches = [name for name in allowed if name.upper() == column.upper()]
        if not matches:
            message = f"{ms.name} has no column {column}."
            raise AbsentColumnError(message, f"It has {', '.join(allowed)}.")
        return matches[0], ()
    if "CORRECTED_DATA" not in allowed:
        return ("DATA" if "DATA" in allowed else allowed[0]), ()
    if not all_zero(ms, "CORRECTED_DATA"):
        return "CORRECTED_DATA", ()
    fallback = "DATA" if "DATA" in allowed else next(iter(name for name in allowed if name != "CORRECTED_DATA"), None)
    if fallback is None:
        return "CORRECTED_DATA", ("CORRECTED_DATA is zero everywhere.",)
    return fallback, (f"CORRECTED_DATA is zero everywhere: {fallback} is shown instead.",)


class Source:
    """Visibilities of a column, stored or derived, from chunks.

    Parameters
    ----------
    column : str or None
        The column; None where none is read.
    """

    def __init__(self, column: str | None) -> None:
        self.columns: tuple[str, ...] = () if column is None else DERIVED_COLUMNS.get(column, (column,))
        self._divides = column is not None and "/" in column
        self._buffer: npt.NDArray[np.complex64] = np.empty(0, dtype=np.complex64)

    def _room(self, size: int) -> npt.NDArray[np.complex64]:
        if self._buffer.size < size:
            self._buffer = np.empty(size, dtype=np.complex64)
        return self._buffer[:size]

    def visibilities(self, chunk: Chunk) -> npt.NDArray[np.complex64]:
        """Give the visibilities of a chunk.

        Parameters
        ----------
        chunk : Chunk
            What was read.

        Returns
        -------
        ndarray of complex64, shape (n,)
            Flat; valid until the next call.
        """
        parts = [np.ascontiguousarray(chunk.columns[name]).reshape(-1) for name in self.columns]
        if len(parts) == 1 and parts[0].dtype == np.complex64:
            return parts[0]
        room = self._room(parts[0].size)
        if len(parts) == 1:
            room[...] = parts[0]
        elif self._divides:
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                np.divide(parts[0], parts[1], out=room)
        else:
            with np.errstate(invalid="ignore", over="ignore"):
                np.subtract(parts[0], parts[1], out=room)
        return room

    def weights_as_visibilities(self, weights: npt.NDArray[np.float32]) -> npt.NDArray[np.complex64]:
        """Give the weights of a chunk in place of visibilities.

        Parameters
        ----------
        weights : ndarray of float32, shape (n,)
            As from `flat_weights`.

        Returns
        -------
        ndarray of complex64, shape (n,)
            Flat; valid until the next call.
        """
        room = self._room(weights.size)
        room[...] = weights
        return room


def flat_weights(chunk: Chunk) -> npt.NDArray[np.float32]:
    """Give a weight per sample of a chunk.

    Parameters
    ----------
    chunk : Chunk
        What was read, with weights.

    Returns
    -------
    ndarray of float32, shape (n,)
        Flat.

    Raises
    ------
    AbsentColumnError
        If there are no weights.
    """
    weight = chunk.weight
    if weight is None:
        message = "There is neither a WEIGHT_SPECTRUM nor a WEIGHT column."
        raise AbsentColumnError(message, "Choose another quantity, or do not weight.")
    if weight.ndim == 2:
        shape = (weight.shape[0], chunk.channels.size, weight.shape[1])
        weight = np.broadcast_to(weight[:, None, :], shape)
    return np.ascontiguousarray(weight, dtype=np.float32).reshape(-1)
