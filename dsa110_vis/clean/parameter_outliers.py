"""Outlier files: the images far from the main one that a session cleans along with it.

CASA evaluates the values in such a file as Python code. Here they are read as literals only, and told apart by name.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from dsa110_vis.errors import ParameterError
from dsa110_vis.paths import absolute_path

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["OUTLIER_NAMES", "read_outliers"]

OUTLIER_NAMES = (
    "imagename", "imsize", "cell", "phasecenter", "startmodel", "mask", "usemask", "specmode", "nchan", "start",
    "width", "nterms", "reffreq", "gridder", "deconvolver", "wprojplanes",
)  # fmt: skip
"""The parameters that an image of an outlier file can have of its own."""

_MAX_BYTES = 1 << 20
_NUMBERS = frozenset({"imsize", "nchan", "nterms", "wprojplanes"})


def read_outliers(path: str) -> list[dict[str, Any]]:
    """Read an outlier file: lines of ``name=value``, each image beginning with its ``imagename``.

    Parameters
    ----------
    path : str
        The text file.

    Returns
    -------
    list of dict
        The parameters of each image, values as tclean takes them; `imagename`, `mask` and `startmodel` are absolute,
        beginning from the folder of the file.

    Raises
    ------
    ParameterError
        If the file cannot be read, or a line of it cannot be understood.
    """
    found: list[dict[str, Any]] = []
    for number, name, value in _lines(path):
        if name == "imagename":
            found.append({})
        if not found:
            _fault(path, number, "An image begins with its imagename.")
        if name in found[-1]:
            _fault(path, number, f"{name} is given twice for one image.")
        found[-1][name] = value
    if not found:
        _fault(path, 0, "It describes no image.")
    return found


def _lines(path: str) -> Iterator[tuple[int, str, Any]]:
    for number, line in enumerate(_text(path).splitlines(), start=1):
        words = line.strip()
        if not words or words.startswith("#"):
            continue
        name, equals, value = (part.strip() for part in words.partition("="))
        if not equals:
            _fault(path, number, "A line is name=value.")
        if name not in OUTLIER_NAMES:
            _fault(path, number, f"{name[:40]!r} cannot be given there. Allowed: {', '.join(OUTLIER_NAMES)}.")
        yield number, name, _value(path, number, name, value)


def _text(path: str) -> str:
    file = Path(path)
    try:
        if file.stat().st_size > _MAX_BYTES:
            _fault(path, 0, "It is too long for a list of images.")
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"outlierfile cannot be read: {path}: {getattr(error, 'strerror', None) or 'it is no text'}."
        raise ParameterError(message, "Give a text file with lines of name=value.", key="outlierfile") from None


def _value(path: str, number: int, name: str, text: str) -> Any:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        # CASA's files have bare words too, cells in brackets without quotes among them.
        value = [part.strip(" '\"") for part in text[1:-1].split(",")] if text.startswith("[") else text
    if name in _NUMBERS and not _whole(value):
        _fault(path, number, f"{name} takes whole numbers.")
    if name in {"imagename", "mask", "startmodel"} and isinstance(value, str) and value:
        return str(absolute_path(value if value.startswith("~") else Path(path).parent / value))
    return value


def _whole(value: Any) -> bool:
    values = value if isinstance(value, list | tuple) else [value]
    return bool(values) and all(isinstance(item, int) and not isinstance(item, bool) for item in values)


def _fault(path: str, line: int, what: str) -> NoReturn:
    where = f", line {line}" if line else ""
    message = f"outlierfile cannot be understood: {path}{where}."
    raise ParameterError(message, what, key="outlierfile")
