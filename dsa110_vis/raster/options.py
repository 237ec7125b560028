"""What can be asked of a raster: axes, quantities, statistics, presets, and the request that carries a choice."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from dsa110_vis.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Hashable

    from dsa110_vis.ms import MeasurementSet

__all__ = [
    "AGGREGATORS",
    "AVERAGINGS",
    "AXES",
    "BASELINE_ORDERS",
    "BINNED_AXES",
    "DERIVED_COLUMNS",
    "PRESETS",
    "QUANTITIES",
    "Preset",
    "Request",
    "allowed_aggregators",
    "check_option",
    "preset",
]

AXES = (
    "time", "baseline", "antenna", "antenna1", "antenna2", "frequency", "channel", "correlation", "scan", "field",
    "spw", "uvdist", "uvwave", "u", "v",
)  # fmt: skip
"""Axes a raster can have."""

BINNED_AXES = {"uvdist": 128, "uvwave": 128, "u": 256, "v": 256}
"""Axes that are binned, and how many bins they have unless told."""

QUANTITIES = ("amp", "phase", "real", "imag", "weight", "flag_fraction")
"""What a raster can show."""

AGGREGATORS = ("mean", "median", "max", "min", "std", "sum", "var", "rms")
"""Statistics over the samples of a cell."""

AVERAGINGS = ("scalar", "vector")
"""Mean of the amplitudes, or amplitude of the mean visibility."""

BASELINE_ORDERS = ("id", "length")
"""Baselines in order of their antenna numbers, or of their lengths."""

DERIVED_COLUMNS = {
    "CORRECTED-MODEL": ("CORRECTED_DATA", "MODEL_DATA"),
    "DATA-MODEL": ("DATA", "MODEL_DATA"),
    "CORRECTED/MODEL": ("CORRECTED_DATA", "MODEL_DATA"),
}
"""Columns that are computed, and the two they are computed from."""

_AXIS_ALIASES = {
    "antenna_name": "antenna", "ant": "antenna", "ant1": "antenna1", "ant2": "antenna2", "antenna1_name": "antenna1",
    "antenna2_name": "antenna2", "polarization": "correlation", "pol": "correlation", "corr": "correlation",
    "freq": "frequency", "chan": "channel", "spw_name": "spw", "spectral_window": "spw", "scan_name": "scan",
    "scan_number": "scan", "field_name": "field", "baseline_id": "baseline", "uv": "uvdist", "uvdist_l": "uvwave",
}  # fmt: skip
_QUANTITY_ALIASES = {
    "amplitude": "amp", "imaginary": "imag", "flag": "flag_fraction", "flags": "flag_fraction",
    "flagged": "flag_fraction", "flag fraction": "flag_fraction", "flagged_fraction": "flag_fraction", "wt": "weight",
}  # fmt: skip
_COLUMN_ALIASES = {"CORRECTED": "CORRECTED_DATA", "MODEL": "MODEL_DATA", "FLOAT": "FLOAT_DATA"}
_CIRCULAR = ("mean", "std")
_LINEAR = ("mean", "sum")


class Preset(NamedTuple):
    """A ready-made raster.

    Attributes
    ----------
    name : str
        What it is called in calls.
    label : str
        What it is called on a button.
    x, y, quantity : str
        What it shows.
    """

    name: str
    label: str
    x: str
    y: str
    quantity: str

    def options(self) -> dict[str, str]:
        """Give the keywords of a `Request` that the preset decides.

        Returns
        -------
        dict
            ``x``, ``y``, ``quantity``, ``aggregator`` and ``averaging``.
        """
        return {"x": self.x, "y": self.y, "quantity": self.quantity, "aggregator": "mean", "averaging": "scalar"}


PRESETS: dict[str, Preset] = {
    entry.name: entry
    for entry in (
        Preset("bandpass", "Bandpass", "frequency", "time", "amp"),
        Preset("time-evolution", "Time evolution", "time", "baseline", "amp"),
        Preset("phase-time", "Phase vs time", "time", "baseline", "phase"),
        Preset("uv-coverage", "uv coverage", "u", "v", "amp"),
        Preset("flag-summary-time", "Flags: antenna \N{MULTIPLICATION SIGN} time", "time", "antenna", "flag_fraction"),
        Preset(
            "flag-summary-frequency",
            "Flags: antenna \N{MULTIPLICATION SIGN} frequency",
            "frequency",
            "antenna",
            "flag_fraction",
        ),
        Preset("antenna-matrix", "Antenna \N{MULTIPLICATION SIGN} antenna", "antenna1", "antenna2", "amp"),
    )
}
"""Ready-made rasters by name."""


def check_option(what: str, value: object, allowed: Iterable[str]) -> str:
    """Check that a value is one of those allowed.

    Parameters
    ----------
    what : str
        What it is, for the message.
    value : object
        The value.
    allowed : iterable of str
        The allowed values.

    Returns
    -------
    str
        The value.

    Raises
    ------
    OptionError
        If it is not; the hint lists those that are.
    """
    known = list(allowed)
    if isinstance(value, str) and value in known:
        return value
    close = difflib.get_close_matches(str(value), known, n=1)
    guess = f"Did you mean {close[0]!r}? " if close else ""
    message = f"{value!r} is not a known {what}."
    raise OptionError(message, f"{guess}Allowed: {', '.join(known)}.")


def preset(name: str) -> Preset:
    """Find a preset by its name.

    Parameters
    ----------
    name : str
        Name.

    Returns
    -------
    Preset
        The preset.

    Raises
    ------
    OptionError
        If there is none of that name.
    """
    return PRESETS[check_option("preset", name, PRESETS)]


def allowed_aggregators(quantity: str, averaging: str = "scalar", *, weighted: bool = False) -> tuple[str, ...]:
    """Give the statistics that make sense.

    Parameters
    ----------
    quantity : str
        One of `QUANTITIES`.
    averaging : str
        One of `AVERAGINGS`.
    weighted : bool
        Whether samples are weighted.

    Returns
    -------
    tuple of str
        Some of `AGGREGATORS`.
    """
    if quantity == "flag_fraction":
        return ("mean",)
    if quantity == "phase":
        return _CIRCULAR
    if averaging == "vector" and quantity in ("amp", "real", "imag"):
        return _LINEAR
    return tuple(name for name in AGGREGATORS if not (weighted and name == "median"))


def _canonical_column(name: str) -> str:
    text = name.strip().upper()
    for derived, parts in DERIVED_COLUMNS.items():
        operator = "/" if "/" in derived else "-"
        left, _, right = text.partition(operator)
        if tuple(_COLUMN_ALIASES.get(part.strip(), part.strip()) for part in (left, right)) == parts:
            return derived
    return _COLUMN_ALIASES.get(text, name.strip())


@dataclass(frozen=True)
class Request:
    """What to show.

    Names are case-insensitive, and those of casagui and vidavis are understood (``polarization``, ``antenna_name``).

    Attributes
    ----------
    x, y : str
        Axes, from `AXES`.
    quantity : str
        From `QUANTITIES`.
    column : str or None
        A column with visibilities or one of `DERIVED_COLUMNS`; None chooses.
    aggregator : str
        From `AGGREGATORS`.
    averaging : str
        From `AVERAGINGS`; matters for amplitudes only.
    weighted : bool
        Weight samples by WEIGHT_SPECTRUM or WEIGHT. Samples without a positive weight count as flagged.
    selection : dict or None
        Keywords of `MeasurementSet.select`.
    autocorrelations : bool
        Whether autocorrelations take part.
    iterate : str or None
        A third axis.
    bins : int or None
        Number of bins of binned axes; None gives each its own default.
    baseline_order : str
        From `BASELINE_ORDERS`.
    warnings : tuple of str
        What `validate` found worth telling.
    """

    x: str
    y: str
    quantity: str = "amp"
    column: str | None = None
    aggregator: str = "mean"
    averaging: str = "scalar"
    weighted: bool = False
    selection: Mapping[str, Any] | None = None
    autocorrelations: bool = False
    iterate: str | None = None
    bins: int | None = None
    baseline_order: str = "id"
    warnings: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        def tidy(value: Any, aliases: Mapping[str, str]) -> Any:
            text = value.strip().lower() if isinstance(value, str) else value
            return aliases.get(text, text) if isinstance(text, str) else text

        for name in ("x", "y", "iterate"):
            object.__setattr__(self, name, tidy(getattr(self, name), _AXIS_ALIASES))
        object.__setattr__(self, "quantity", tidy(self.quantity, _QUANTITY_ALIASES))
        for name in ("aggregator", "averaging", "baseline_order"):
            object.__setattr__(self, name, tidy(getattr(self, name), {}))
        if self.iterate in ("", "none"):
            object.__setattr__(self, "iterate", None)
        if isinstance(self.column, str):
            object.__setattr__(self, "column", _canonical_column(self.column) or None)

    def __hash__(self) -> int:
        return hash((self.cells_key, self.quantity, self.aggregator, self.averaging))

    @property
    def axis_names(self) -> tuple[str, ...]:
        """The axes in the order x, y and, if there is one, iterate."""
        return (self.x, self.y) if self.iterate is None else (self.x, self.y, self.iterate)

    @property
    def family(self) -> str:
        """Which cells answer the request: ``"vis"`` for amplitude and phase, else the quantity."""
        return "vis" if self.quantity in ("amp", "phase") else self.quantity

    @property
    def weights_used(self) -> bool:
        """Whether samples are weighted: flags and the weights themselves never are."""
        return self.weighted and self.family in ("vis", "real", "imag")

    @property
    def cells_key(self) -> Hashable:
        """Requests with equal keys can be answered from the same cells."""
        given = (self.selection or {}).items()
        selection = tuple(sorted((key, str(value)) for key, value in given if value is not None))
        column = None if self.family in ("weight", "flag_fraction") else self.column
        return (
            self.x, self.y, self.iterate, self.family, column, self.weights_used, selection, self.autocorrelations,
            self.bins, self.baseline_order, self.aggregator == "median",
        )  # fmt: skip

    def check(self) -> None:
        """Check what can be checked without a Measurement Set.

        Raises
        ------
        OptionError
            Naming what is wrong; the hint lists what is allowed.
        """
        for what, name in (("x axis", self.x), ("y axis", self.y), ("iteration axis", self.iterate)):
            if name is not None or what != "iteration axis":
                check_option(what, name, AXES)
        if len(set(self.axis_names)) < len(self.axis_names):
            message = f"An axis is used twice: {', '.join(self.axis_names)}."
            raise OptionError(message, "x, y and iterate have to be different.")
        check_option("quantity", self.quantity, QUANTITIES)
        check_option("aggregator", self.aggregator, AGGREGATORS)
        check_option("averaging", self.averaging, AVERAGINGS)
        check_option("baseline order", self.baseline_order, BASELINE_ORDERS)
        allowed = allowed_aggregators(self.quantity, self.averaging, weighted=self.weights_used)
        if self.aggregator not in allowed:
            how = self.quantity
            if self.aggregator in allowed_aggregators(how):
                how = f"weighted {how}" if self.averaging == "scalar" else f"vector-averaged {how}"
            message = f"The {self.aggregator} of {how} is not defined."
            raise OptionError(message, f"Allowed: {', '.join(allowed)}.")
        if self.bins is not None and not (isinstance(self.bins, int) and 1 <= self.bins <= 4096):
            message = f"bins={self.bins!r} is not a number of bins."
            raise OptionError(message, "Allowed: a whole number from 1 to 4096, or None.")
        for name in ("weighted", "autocorrelations"):
            check_option(f"value of {name}", repr(getattr(self, name)), ("True", "False"))
        chosen: object = self.selection
        if not (chosen is None or isinstance(chosen, Mapping)):
            message = f"selection={chosen!r} is not a dict."
            raise OptionError(message, "Give a dict such as {'spw': '0:10~20', 'antenna': '1&2'}.")

    def validate(self, ms: MeasurementSet) -> Request:
        """Check the request against a Measurement Set and resolve what it leaves open.

        Parameters
        ----------
        ms : MeasurementSet
            The data, already selected.

        Returns
        -------
        Request
            The request with its column filled in, and `warnings` if the choice needs telling.

        Raises
        ------
        OptionError
            If a name is not known, or does not go with the others.
        AbsentColumnError
            If the column does not exist.
        """
        from dsa110_vis.raster.columns import resolve_column  # noqa: PLC0415  columns needs the names above

        self.check()
        if self.family in ("weight", "flag_fraction"):
            return dataclasses.replace(self, column=None)
        column, warnings = resolve_column(ms, self.column)
        return dataclasses.replace(self, column=column, warnings=(*self.warnings, *warnings))
