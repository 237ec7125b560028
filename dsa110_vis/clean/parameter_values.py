"""The kinds of value that tclean's arguments take: what is allowed, and the one form in which it is kept."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

from pydantic import BeforeValidator, Field, ValidationInfo

from dsa110_vis.clean.parameter_units import ANGLES, FLUXES, to_arcsec, to_jansky
from dsa110_vis.errors import ParameterError
from dsa110_vis.paths import absolute_path

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Angles",
    "Beam",
    "Fraction",
    "ImageSize",
    "MaskImage",
    "NotNegative",
    "Numbers",
    "OnePath",
    "Paths",
    "Positive",
    "Scales",
    "Selection",
    "Spectral",
    "Tapers",
    "Texts",
    "Threshold",
    "Whole",
    "refuse",
    "shown",
]

MAX_TEXT = 4096
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_REGION_TEXT = re.compile(r"#CRTF|\[\[|\w\s*\(.*,.*\)", re.IGNORECASE)
_REGION_ENDINGS = (".reg", ".crtf", ".rgn", ".txt", ".json", ".ds9")
_TAPER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*[kKM]?lambda", re.ASCII)


def refuse(key: str, value: object, allowed: str) -> NoReturn:
    """Refuse a value.

    Parameters
    ----------
    key : str
        The parameter.
    value : object
        What it was given.
    allowed : str
        What is allowed, or what to do: whole sentences.

    Raises
    ------
    ParameterError
        Always.
    """
    message = f"{key} cannot be {shown(value)}."
    raise ParameterError(message, allowed, key=key)


def shown(value: object) -> str:
    """Write a value for a message.

    Parameters
    ----------
    value : object
        Any.

    Returns
    -------
    str
        Its `repr`, shortened; a list of one as what is in it.
    """
    text = repr(value[0] if isinstance(value, list) and len(value) == 1 else value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _key(info: ValidationInfo) -> str:
    return info.field_name or ""


def _text(value: object, key: str, allowed: str) -> str:
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if not isinstance(value, str):
        refuse(key, value, allowed)
    if len(value) > MAX_TEXT or _CONTROL.search(value):
        refuse(key, value, f"Allowed: up to {MAX_TEXT} characters, no line breaks or other control characters.")
    return value


def _each(value: object, read: Callable[[object], Any]) -> Any:
    return [read(item) for item in value] if isinstance(value, list | tuple) else read(value)


def _selection(value: object, info: ValidationInfo) -> Any:
    allowed = "Allowed: a selection in CASA's syntax as text, or a list of them, one for each vis."

    def read(item: object) -> str:
        plain = str(item) if isinstance(item, int) and not isinstance(item, bool) else item
        return _text(plain, _key(info), allowed)

    return _each(value, read)


def _path(value: object, key: str) -> str:
    text = _text(value, key, "Allowed: a path.")
    return str(absolute_path(text)) if text.strip() else ""


def _one_path(value: object, info: ValidationInfo) -> str:
    if isinstance(value, list | tuple):
        refuse(_key(info), value, "Allowed: one path.")
    return _path(value, _key(info))


def _paths(value: object, info: ValidationInfo) -> Any:
    return _each(value, lambda item: _path(item, _key(info)))


def _mask(value: object, info: ValidationInfo) -> Any:
    def read(item: object) -> str:
        key = _key(info)
        text = _text(item, key, "Allowed: the path of a CASA image or a FITS image, or a list of them.")
        if text.lower().endswith(_REGION_ENDINGS) or (_REGION_TEXT.search(text) and not os.path.lexists(text)):
            refuse(
                key, value,
                "Allowed: a CASA image or a FITS image. CASA misreads regions as text: "
                "turn them into a mask of pixels first, with masks_from or the option --mask of the command line.",
            )  # fmt: skip
        return _path(text, key)

    return _each(value, read)


def _image_size(value: object, info: ValidationInfo) -> list[int]:
    found: list[Any] = list(value) if isinstance(value, list | tuple) else [value]
    whole = [item for item in found if _is_number(item) and item == int(item) and item > 0]
    if len(whole) != len(found) or len(found) not in {1, 2}:
        refuse(_key(info), value, "Allowed: pixels of a square image, or [pixels in x, pixels in y]; whole, above 0.")
    return [int(item) for item in whole]


def _is_number(value: object) -> Any:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _angles(value: object, info: ValidationInfo) -> list[str]:
    found: list[Any] = list(value) if isinstance(value, list | tuple) else [value] if value != "" else []
    allowed = f"Allowed: one or two sizes of a pixel, above 0, with a unit: {_units(ANGLES)}; bare numbers are arcsec."
    if len(found) > 2:
        refuse(_key(info), value, allowed)
    return [_angle(item, value, _key(info), allowed, positive=True) for item in found]


def _angle(item: object, value: object, key: str, allowed: str, *, positive: bool) -> str:
    arcsec = to_arcsec(item) if isinstance(item, str) or _is_number(item) else None  # type: ignore[arg-type]
    if arcsec is None or (positive and arcsec <= 0):
        refuse(key, value, allowed)
    text = str(item).strip()
    return text if to_arcsec(text) is not None and not _bare(text) else f"{text}arcsec"


def _bare(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _units(units: dict[str, float]) -> str:
    return ", ".join(unit for unit in units if unit.isalpha())


def _beam(value: object, info: ValidationInfo) -> Any:
    allowed = (
        "Allowed: '' (each plane its own beam), 'common' (one beam for all planes), a circular beam as '10arcsec', "
        "or [major axis, minor axis, position angle] such as ['12arcsec', '9arcsec', '30deg']."
    )
    if value in ("common", ["common"], ("common",)):
        return "common"
    found: list[Any] = list(value) if isinstance(value, list | tuple) else [value]
    if found in ([], [""]):
        return []
    if len(found) > 3:
        refuse(_key(info), value, allowed)
    return [_angle(item, value, _key(info), allowed, positive=number < 2) for number, item in enumerate(found)]


def _tapers(value: object, info: ValidationInfo) -> list[str]:
    found: list[Any] = list(value) if isinstance(value, list | tuple) else [value]
    good = all(isinstance(item, str) and (not item or _TAPER.fullmatch(item) or to_arcsec(item)) for item in found[:2])
    good &= all(isinstance(item, str) and (not item or to_arcsec(item) is not None) for item in found[2:])
    if not good or len(found) > 3:
        refuse(
            _key(info), value,
            "Allowed: [''], or up to three of major axis, minor axis (as '10arcsec' in the image or '5klambda' in the "
            "uv plane) and position angle ('30deg').",
        )  # fmt: skip
    return found or [""]


def _threshold(value: object, info: ValidationInfo) -> Any:
    jansky = to_jansky(value) if isinstance(value, str) or _is_number(value) else None  # type: ignore[arg-type]
    if jansky is None or jansky < 0:
        refuse(
            _key(info), value, f"Allowed: 0 or more, with a unit: {_units(FLUXES)}, as '0.5mJy'; bare numbers are Jy."
        )
    if not isinstance(value, str) or _bare(value):
        return float(jansky)
    return value.strip().removesuffix("/beam").strip()


def _texts(value: object, info: ValidationInfo) -> Any:
    """Keep a list of texts or numbers; one alone becomes a list, nothing an empty one."""
    found: list[Any] = list(value) if isinstance(value, list | tuple) else [value] if value != "" else []
    allowed = "Allowed: a text or a number, or a list of them."
    return [item if _is_number(item) else _text(item, _key(info), allowed) for item in found]


def _spectral(value: object, info: ValidationInfo) -> Any:
    return value if _is_number(value) else _text(value, _key(info), "Allowed: a number, or a text with a unit.")


def _numbers(value: object, info: ValidationInfo) -> Any:
    found: list[Any] = list(value) if isinstance(value, list | tuple) else [value]
    if not all(_is_number(item) for item in found):
        refuse(_key(info), value, "Allowed: a list of numbers.")
    return found


def _scales(value: object, info: ValidationInfo) -> Any:
    found: list[Any] = list(value) if isinstance(value, list | tuple) else [value]
    if not all(_is_number(item) and item >= 0 for item in found):
        refuse(_key(info), value, "Allowed: a list of sizes in pixels, 0 or more; 0 is a point: [0, 5, 15].")
    return found


def _whole(value: object, info: ValidationInfo) -> Any:
    if isinstance(value, bool):
        refuse(_key(info), value, "Allowed: whole numbers.")
    return value


Selection = Annotated[str | list[str], BeforeValidator(_selection)]
OnePath = Annotated[str, BeforeValidator(_one_path)]
Paths = Annotated[str | list[str], BeforeValidator(_paths)]
MaskImage = Annotated[str | list[str], BeforeValidator(_mask)]
ImageSize = Annotated[list[int], BeforeValidator(_image_size)]
Angles = Annotated[list[str], BeforeValidator(_angles)]
Beam = Annotated[str | list[str], BeforeValidator(_beam)]
Tapers = Annotated[list[str], BeforeValidator(_tapers)]
Threshold = Annotated[float | str, BeforeValidator(_threshold)]
Texts = Annotated[list[str | int | float], BeforeValidator(_texts)]
Spectral = Annotated[str | int | float, BeforeValidator(_spectral)]
Numbers = Annotated[list[int | float], BeforeValidator(_numbers)]
Scales = Annotated[list[int | float], BeforeValidator(_scales)]
Whole = Annotated[int, BeforeValidator(_whole)]
NotNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]
