"""The result as an xarray Dataset, and the one call that gives it."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from dsa110_vis.ms import MeasurementSet
from dsa110_vis.raster.labels import mjd_to_datetime64, quantity_name, quantity_unit
from dsa110_vis.raster.options import Request
from dsa110_vis.raster.reduction import reduce

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from dsa110_vis.raster.axis import Axis
    from dsa110_vis.raster.cells import Cells

__all__ = ["raster", "to_dataset"]


def _coordinates(axis: Axis, chosen: npt.NDArray[np.int64] | None = None) -> dict[str, xr.Variable]:
    """Give the coordinates that an axis makes, the one it is named after first."""
    where: Any = slice(None) if chosen is None else chosen
    attrs = {"long_name": axis.long_name}
    if axis.unit and axis.kind != "time":
        attrs["units"] = axis.unit
    if axis.labels is not None:
        values: Any = np.asarray(axis.labels, dtype=np.str_)[where]
        if axis.name in ("scan", "spw") and axis.ids is not None:
            values = axis.ids[where]
    elif axis.kind == "time":
        values = mjd_to_datetime64(axis.values)[where]
        attrs["time_scale"] = axis.unit
    else:
        values = axis.values[where]
        if axis.name == "channel":
            values = values.astype(np.int64)
    found = {axis.name: xr.Variable((axis.name,), values, attrs)}
    if axis.name == "baseline" and axis.ids is not None and axis.lengths is not None:
        for k in (0, 1):
            found[f"baseline_antenna{k + 1}"] = xr.Variable(
                (axis.name,), axis.ids[where, k], {"long_name": f"Number of antenna {k + 1}"}
            )
        found["baseline_length"] = xr.Variable(
            (axis.name,), axis.lengths[where], {"long_name": "Baseline length", "units": "m"}
        )
    elif axis.name.startswith("antenna") and axis.ids is not None:
        found[f"{axis.name}_id"] = xr.Variable((axis.name,), axis.ids[where], {"long_name": "Antenna number"})
    elif axis.name == "field" and axis.ids is not None:
        found["field_id"] = xr.Variable((axis.name,), axis.ids[where], {"long_name": "Field number"})
    return found


def _attributes(cells: Cells, request: Request) -> dict[str, Any]:
    asked = {
        name: value for name, value in dataclasses.asdict(request).items() if name != "warnings" and value is not None
    }
    return {
        "title": f"{cells.origin.name}: {quantity_name(request)}",
        "measurement_set": cells.origin.name,
        "path": cells.origin.path,
        "telescope": cells.origin.telescope,
        "fingerprint": cells.origin.fingerprint,
        "column": request.column or "",
        "quantity": request.quantity,
        "aggregator": request.aggregator,
        "averaging": request.averaging,
        "request": json.dumps(asked, default=str),
        "warnings": "\n".join(request.warnings),
    }


def _stacked(pictures: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    return pictures[0][None] if len(pictures) == 1 else np.stack(pictures)


def to_dataset(cells: Cells, request: Request) -> xr.Dataset:
    """Give cells as a Dataset.

    Parameters
    ----------
    cells : Cells
        The cells.
    request : Request
        What to compute from them.

    Returns
    -------
    xarray.Dataset
        ``value`` (float64; NaN without good samples), ``count`` and ``flagged`` (numbers of samples) and
        ``flagged_value`` (float32; the same statistic of the flagged samples, in cells without good ones) over (y, x)
        or (iterate, y, x).
    """
    request = dataclasses.replace(
        request, column=request.column or cells.request.column, warnings=cells.request.warnings
    )
    names = [cells.axes.y.name, cells.axes.x.name]
    coords = {**_coordinates(cells.axes.y), **_coordinates(cells.axes.x)}
    shape: tuple[int, ...] = cells.shape[1:]
    if cells.axes.iterate is not None:
        names.insert(0, cells.axes.iterate.name)
        coords = {**_coordinates(cells.axes.iterate, cells.iterations), **coords}
        shape = cells.shape
    # one array at a time, since they are large: a raster of a full array takes 30 MB a variable
    held = cells.iterations.tolist()
    flagged_value = _stacked([cells.flagged_value(request, iteration).astype(np.float32) for iteration in held])
    value = _stacked([cells.value(request, iteration) for iteration in held])
    unit = {"units": quantity_unit(request)}
    name = quantity_name(request)
    return xr.Dataset(
        {
            "value": (names, value.reshape(shape), {"long_name": name, **unit}),
            "count": (names, cells.sums.count.reshape(shape), {"long_name": "Good samples", "units": ""}),
            "flagged": (names, cells.sums.flagged.reshape(shape), {"long_name": "Flagged samples", "units": ""}),
            "flagged_value": (
                names, flagged_value.reshape(shape), {"long_name": f"{name} where all is flagged", **unit},
            ),
        },
        coords=coords,
        attrs=_attributes(cells, request),
    )  # fmt: skip


def raster(
    ms: MeasurementSet | str | os.PathLike[str],
    x: str,
    y: str,
    *,
    quantity: str = "amp",
    column: str | None = None,
    aggregator: str = "mean",
    averaging: str = "scalar",
    weighted: bool = False,
    selection: Mapping[str, Any] | None = None,
    autocorrelations: bool = False,
    iterate: str | None = None,
    bins: int | None = None,
    baseline_order: str = "id",
    iterations: Sequence[int] | None = None,
    client: Any = None,
    progress: Callable[[float], bool | None] | None = None,
) -> xr.Dataset:
    r"""Average visibilities over everything but two axes.

    Parameters
    ----------
    ms : MeasurementSet or path
        The data.
    x, y : str
        Axes: time, baseline, antenna, antenna1, antenna2, frequency, channel, correlation, scan, field, spw, uvdist,
        uvwave, u, v.
    quantity : str
        amp, phase, real, imag, weight or flag_fraction.
    column : str, optional
        A column with visibilities, ``"CORRECTED-MODEL"``, ``"DATA-MODEL"`` or ``"CORRECTED/MODEL"``. By default
        CORRECTED_DATA unless that is absent or zero everywhere, else DATA.
    aggregator : str
        mean, median, max, min, std, sum, var or rms of the good samples of a cell.
    averaging : str
        For amplitudes, scalar (mean of \\|V\\|) or vector (\\|mean of V\\|). Phases are always of vector means.
    weighted : bool
        Weight samples by WEIGHT_SPECTRUM or WEIGHT.
    selection : dict, optional
        Keywords of `MeasurementSet.select`, or the names that casagui and vidavis use.
    autocorrelations : bool
        Whether autocorrelations take part.
    iterate : str, optional
        A third axis.
    bins : int, optional
        Number of bins of binned axes (uvdist, uvwave, u, v).
    baseline_order : str
        id or length.
    iterations : sequence of int, optional
        Which values of the iterate axis are wanted; all by default.
    client : distributed.Client, optional
        Where to do the work, instead of here.
    progress : callable, optional
        Called with the fraction done, 0 to 1; returning False cancels.

    Returns
    -------
    xarray.Dataset
        ``value`` (NaN where there is no good sample), ``count`` (good samples), ``flagged`` (flagged or non-finite
        samples) and ``flagged_value`` over (y, x) or (iterate, y, x), with coordinates (times UTC, frequencies in MHz,
        names of baselines, antennas and correlations), units and long names.

    Raises
    ------
    OptionError
        If a name is not known or does not go with the others; the hint lists what does.
    AbsentColumnError
        If the column does not exist.
    SelectionSyntaxError, SelectionEmptyError
        If the selection is wrong or matches nothing.
    MemoryLimitError
        If there are too many cells, or samples for a median.
    CancelledError
        If it was cancelled.

    Examples
    --------
    >>> raster("obs.ms", "frequency", "time", selection={"antenna": "103"}).value.plot()
    """
    request = Request(
        x=x, y=y, quantity=quantity, column=column, aggregator=aggregator, averaging=averaging, weighted=weighted,
        selection=selection, autocorrelations=autocorrelations, iterate=iterate, bins=bins,
        baseline_order=baseline_order,
    )  # fmt: skip
    if isinstance(ms, MeasurementSet):
        return reduce(ms, request, iterations=iterations, progress=progress, client=client).dataset()
    request.check()
    with MeasurementSet(ms) as opened:
        cells = reduce(opened, request, iterations=iterations, progress=progress, client=client)
    del opened  # and the list of its rows
    return cells.dataset()
