"""``uvrange``: the length of baselines as the source sees them, in metres or wavelengths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.ms.rows import ROWS_PER_CALL, read_column
from dsa110_vis.ms.selection.context import Resolved, refuse
from dsa110_vis.ms.selection.scanner import Scanner

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.ms.selection.context import Context

__all__ = ["select_uvrange"]

SPEED_OF_LIGHT = 299_792_458.0
METRES = {"m": 1.0, "km": 1e3}
WAVELENGTHS = {"lambda": 1.0, "klambda": 1e3, "mlambda": 1e6}
_UNIT = re.compile(r"[A-Za-z]+")


def select_uvrange(text: str, context: Context) -> Resolved:
    """Select rows by their distance from the origin of the uv plane.

    Parameters
    ----------
    text : str
        The selection string; the unit is metres unless given. Wavelengths are those of REF_FREQUENCY.
    context : Context
        Where it is looked up.

    Returns
    -------
    Resolved
        The rows.

    Raises
    ------
    SelectionSyntaxError
        If the string cannot be understood.
    SelectionEmptyError
        If no row is in the range.
    """
    scanner = Scanner("uvrange", text)
    ranges = [_range(scanner)]
    while scanner.take(","):
        ranges.append(_range(scanner))
    scanner.finish("',' or '~'")
    distance = _distance(context)
    wavelength = _wavelength(context)
    rows = np.zeros(distance.size, dtype=np.bool_)
    for low, high, in_wavelengths, open_below in ranges:
        measure = distance / wavelength if in_wavelengths else distance
        rows |= ((measure > low) if open_below else (measure >= low)) & (measure <= high)
    if not rows.any():
        refuse(
            f"No row is in uvrange={text!r}.",
            f"Distances go from {distance.min():.6g} to {distance.max():.6g} m, or "
            f"{(distance / wavelength).min():.6g} to {(distance / wavelength).max():.6g} lambda.",
        )
    return Resolved(rows)


def _distance(context: Context) -> npt.NDArray[np.float64]:
    distance = np.empty(context.main.n_rows)
    for start in range(0, distance.size, ROWS_PER_CALL):
        stop = min(start + ROWS_PER_CALL, distance.size)
        uvw = read_column(context.main, "UVW", np.float64, cell=(3,), start=start, stop=stop)
        distance[start:stop] = np.hypot(uvw[:, 0], uvw[:, 1])
    return distance


def _wavelength(context: Context) -> npt.NDArray[np.float64]:
    """Give the wavelength at the reference frequency of each row."""
    windows = context.metadata.spectral_windows
    by_ddid = np.full(int(context.table.ddid.max()) + 1, np.nan)
    for description in context.metadata.data_descriptions:
        window = windows[description.spw_id]
        # Some writers leave REF_FREQUENCY empty.
        frequency = window.reference_frequency if window.reference_frequency > 0 else window.frequencies.mean()
        by_ddid[description.id] = SPEED_OF_LIGHT / frequency
    wavelength: npt.NDArray[np.float64] = by_ddid[context.table.ddid]
    return wavelength


def _range(scanner: Scanner) -> tuple[float, float, bool, bool]:
    """Read a range: lower bound, upper bound, whether in wavelengths, whether without the lower bound."""
    for sign, open_below in ((">=", False), (">", True)):
        if scanner.take(sign):
            value, factor, waves = _value(scanner)
            return value * factor, np.inf, waves, open_below
    for sign in ("<=", "<"):
        if scanner.take(sign):
            value, factor, waves = _value(scanner)
            return 0.0, value * factor, waves, False
    scanner.skip()
    start = scanner.position
    first, first_factor, first_waves, given = *_value(scanner), _unit_given(scanner)
    if scanner.take("~"):
        last, factor, waves = _value(scanner)
        if given and waves != first_waves:
            scanner.fail("both ends of a range are in metres or both in wavelengths", start)
        low, high = first * (first_factor if given else factor), last * factor
        if low > high:
            scanner.fail("the range starts after its end", start)
        return low, high, waves, False
    value = first * first_factor
    if scanner.take(":"):
        percent = scanner.number()
        if percent is None:
            scanner.fail("a percentage is expected")
        scanner.expect("%")
        return value * (1 - percent / 100), value * (1 + percent / 100), first_waves, False
    return value, value, first_waves, False


def _unit_given(scanner: Scanner) -> bool:
    return scanner.text[: scanner.position].rstrip()[-1:].isalpha()


def _value(scanner: Scanner) -> tuple[float, float, bool]:
    """Read a number and its unit: value, factor, whether wavelengths."""
    value = scanner.number()
    if value is None:
        scanner.fail("a number is expected")
    scanner.skip()
    start = scanner.position
    unit = scanner.match(_UNIT)
    if unit is None:
        return value, 1.0, False
    name = unit.lower()
    if name not in WAVELENGTHS and name not in METRES:
        scanner.fail(f"{unit!r} is not a unit; allowed are {', '.join((*METRES, *WAVELENGTHS))}", start)
    return value, WAVELENGTHS.get(name) or METRES[name], name in WAVELENGTHS
