"""Which columns are read for which data descriptions, and which part of their cells."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import AbsentColumnError, NoVisibilityColumnError
from dsa110_vis.ms.reader import FLAG, ColumnPlan, ShapeClass

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from dsa110_vis.ms.metadata import Metadata
    from dsa110_vis.ms.shapes import ShapeProofs

    Part = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]

__all__ = ["ColumnPlanner"]

WEIGHT, WEIGHT_SPECTRUM = "WEIGHT", "WEIGHT_SPECTRUM"


class ColumnPlanner:
    """Plans the reading of columns.

    Parameters
    ----------
    name : str
        Name of the Measurement Set, for messages.
    metadata : Metadata
        Its description.
    proofs : ShapeProofs
        Proofs of its cell shapes.
    existing : set of str
        All columns of the main table.
    """

    def __init__(self, name: str, metadata: Metadata, proofs: ShapeProofs, existing: set[str]) -> None:
        self._name = name
        self._metadata = metadata
        self._proofs = proofs
        self._existing = existing

    def require(self, column: str) -> None:
        """Make sure that a column with visibilities is there.

        Parameters
        ----------
        column : str
            Name of the column.

        Raises
        ------
        NoVisibilityColumnError
            If there is no such column at all.
        AbsentColumnError
            If there are others, but not this one.
        """
        known = self._metadata.columns
        if not known:
            message = f"{self._name!r} has no column with visibilities."
            hint = "Its DATA column is missing or was never filled; flags and antennas can still be shown."
            raise NoVisibilityColumnError(message, hint)
        if column not in known:
            message = f"{self._name!r} has no column {column!r} with visibilities."
            raise AbsentColumnError(message, f"It has {', '.join(known)}.")

    def classes(
        self, columns: tuple[str, ...], parts: Mapping[int, Part], *, flags: bool, weights: bool
    ) -> list[ShapeClass]:
        """Gather the data descriptions that are read in the same way.

        Parameters
        ----------
        columns : tuple of str
            Columns with visibilities.
        parts : mapping of int to pair of ndarray
            Selected channels and correlations by DATA_DESC_ID.
        flags, weights : bool
            Whether to read flags and weights too.

        Returns
        -------
        list of ShapeClass
            How they are read.

        Raises
        ------
        AbsentColumnError
            If a column has no cells for a data description, or there are no weights.
        UnreadableError
            If cells do not have the shape they should have.
        """
        for column in columns:
            self.require(column)
        classes: dict[tuple[Any, ...], ShapeClass] = {}
        for ddid, (channels, correlations) in parts.items():
            plan = self._plan(columns, ddid, _bounds(channels, correlations), flags=flags, weights=weights)
            key = (plan.columns, plan.weight, *plan.channels[[0, -1]].tolist(), *plan.correlations[[0, -1]].tolist())
            known = classes.get(key)
            classes[key] = plan if known is None else replace(known, ddids=(*known.ddids, ddid))
        return list(classes.values())

    def _plan(
        self, columns: tuple[str, ...], ddid: int, part: tuple[tuple[int, int], ...], *, flags: bool, weights: bool
    ) -> ShapeClass:
        description = self._metadata.data_description(ddid)
        cell = (description.n_channels, len(description.correlations))
        plans = []
        for name in columns:
            if not self._proofs.holds(name, ddid):
                message = f"Column {name} of {self._name!r} has no cells for DATA_DESC_ID {ddid}."
                raise AbsentColumnError(message, "Select other spectral windows or another column.")
            dtype = np.dtype(np.float32 if name == "FLOAT_DATA" else np.complex64)
            plans.append(ColumnPlan(name, dtype, cell, part))
        if flags and FLAG in self._existing and self._proofs.holds(FLAG, ddid):
            plans.append(ColumnPlan(FLAG, np.dtype(np.bool_), cell, part))
        weight = self._weight(ddid) if weights else None
        if weight == WEIGHT:
            plans.append(ColumnPlan(WEIGHT, np.dtype(np.float32), cell[1:], part[1:]))
        elif weight == WEIGHT_SPECTRUM:
            plans.append(ColumnPlan(WEIGHT_SPECTRUM, np.dtype(np.float32), cell, part))
        return ShapeClass((ddid,), tuple(plans), columns, weight, flags, np.arange(*part[0]), np.arange(*part[1]))

    def _weight(self, ddid: int) -> str:
        if WEIGHT_SPECTRUM in self._existing and self._proofs.holds(WEIGHT_SPECTRUM, ddid):
            return WEIGHT_SPECTRUM
        if WEIGHT in self._existing and self._proofs.holds(WEIGHT, ddid, axes=1):
            return WEIGHT
        message = (
            f"{self._name!r} has no weights for DATA_DESC_ID {ddid}: neither {WEIGHT_SPECTRUM} nor {WEIGHT} has cells."
        )
        raise AbsentColumnError(message, "Ask for unweighted averages.")


def _bounds(*chosen: npt.NDArray[np.int64]) -> tuple[tuple[int, int], ...]:
    return tuple((int(numbers[0]), int(numbers[-1]) + 1) for numbers in chosen)
