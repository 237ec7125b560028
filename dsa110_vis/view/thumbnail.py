"""The small picture that is kept in a notebook file.

It is drawn with Pillow and not with matplotlib, because it is drawn beside a running kernel: matplotlib makes so many
objects that the interpreter stops for a tenth of a second to clear them away.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dsa110_vis.raster import axis_text
from dsa110_vis.raster.panels import Ruler, grid_of, number_texts, round_numbers
from dsa110_vis.raster.scaling import stretched
from dsa110_vis.raster.style import palette

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from dsa110_vis.raster import Axis
    from dsa110_vis.view.picture import Picture

__all__ = ["draw"]

_BACKGROUND = (242, 242, 242)
_INK = (40, 40, 40)
_TOP, _BOTTOM, _RIGHT, _GAP = 26, 40, 86, 8
_BAR = 14


def draw(picture: Picture, state: Mapping[str, Any], size: tuple[int, int]) -> bytes:
    """Draw a picture small.

    Parameters
    ----------
    picture : Picture
        The picture.
    state : mapping
        All controls.
    size : (int, int)
        Width and height in pixels.

    Returns
    -------
    bytes
        A PNG.
    """
    steps = [step for step in picture.shown if step in picture.available]
    rows, columns = grid_of(len(steps), state["subplots"] if len(steps) > 1 else None)
    canvas = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(11)
    x, y = _ruler(picture.axes.x), _ruler(picture.axes.y)
    y_ticks = y.ticks(max(int((size[1] - _TOP - _BOTTOM) / rows / 26), 2))
    left = 30 + int(max((pen.textlength(text, font) for text in y_ticks[1]), default=0))
    width = (size[0] - left - _RIGHT - _GAP * (columns - 1)) // columns
    height = (size[1] - _TOP - _BOTTOM - _GAP * (rows - 1)) // rows
    if width < 8 or height < 8:
        left, width, height = 30, (size[0] - 30 - _RIGHT) // columns, (size[1] - _TOP - _BOTTOM) // rows
    good, bad = _colours(state["colormap"]), _colours(state["flagged_colormap"])
    for number, step in enumerate(steps):
        row, column = divmod(number, columns)
        corner = left + column * (width + _GAP), _TOP + row * (height + _GAP)
        canvas.paste(_cells(picture, state, step, (width, height), (good, bad)), corner)
        pen.rectangle((corner[0], corner[1], corner[0] + width - 1, corner[1] + height - 1), outline=_INK)
        if picture.axes.iterate is not None and len(steps) > 1:
            name = axis_text(picture.axes.iterate, step)
            pen.rectangle(
                (*corner, corner[0] + pen.textlength(name, font) + 7, corner[1] + 16), fill="white", outline=_INK
            )
            pen.text((corner[0] + 4, corner[1] + 2), name, fill=_INK, font=font)
    for row in range(rows):
        bottom = _TOP + row * (height + _GAP) + height
        for place, text in zip(*y_ticks, strict=True):
            level = bottom - place / len(y) * height
            pen.line((left - 4, level, left, level), fill=_INK)
            pen.text((left - 6, level), text, fill=_INK, font=font, anchor="rm")
    _x_ticks(pen, font, x, [left + column * (width + _GAP) for column in range(columns)], (width, size[1] - _BOTTOM))
    pen.text((left + (size[0] - left - _RIGHT) / 2, size[1] - 4), x.title, fill=_INK, font=font, anchor="mb")
    _sideways(canvas, y.title, font, (2, size[1] // 2))
    titles = [picture.title(steps[0]) if len(steps) == 1 else picture.base_title, picture.quantity_label]
    pen.text((left, 6), "   ".join(text for text in titles if text), fill=_INK, font=font)
    _bar(canvas, font, picture, state, good)
    out = io.BytesIO()
    canvas.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(out, format="PNG")
    return out.getvalue()


def _ruler(axis: Axis) -> Ruler:
    texts = list(axis.labels) if axis.labels is not None else [axis_text(axis, number) for number in range(len(axis))]
    return Ruler(axis.name, axis.title, axis.kind, axis.values, texts)


def _colours(name: str) -> npt.NDArray[np.uint8]:
    return np.array([[int(text[i : i + 2], 16) for i in (1, 3, 5)] for text in palette(name)], dtype=np.uint8)


def _scaled(
    values: npt.NDArray[np.floating[Any]], picture: Picture, state: Mapping[str, Any], data: npt.NDArray[Any]
) -> npt.NDArray[np.int64]:
    """Give the colour of every value; those that are NaN get any."""
    low, high = picture.limits
    fraction = np.clip((np.nan_to_num(values.astype(np.float64), nan=low) - low) / (high - low), 0.0, 1.0)
    inside = np.clip((data[np.isfinite(data)].astype(np.float64) - low) / (high - low), 0.0, 1.0)
    return np.asarray(np.rint(255 * stretched(fraction, state["stretch"], inside)), dtype=np.int64)


def _cells(
    picture: Picture,
    state: Mapping[str, Any],
    step: int,
    size: tuple[int, int],
    colours: tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]],
) -> Image.Image:
    _, n_y, n_x = picture.axes.shape
    tile = picture.tile(step, (0, n_x, 0, n_y), width=size[0], height=size[1])
    shape = tile.description["ny"], tile.description["nx"]
    value, flagged = (np.frombuffer(part, np.float32).reshape(shape) for part in (tile.value, tile.flagged))
    drawn = np.full((*shape, 3), _BACKGROUND, dtype=np.uint8)
    layers = [(value, colours[0])] if not state["show_flagged"] else [(flagged, colours[1]), (value, colours[0])]
    for numbers, table in layers:
        there = np.isfinite(numbers)
        drawn[there] = table[_scaled(numbers, picture, state, value)][there]
    return Image.fromarray(drawn[::-1]).resize(size, Image.Resampling.NEAREST)


def _x_ticks(pen: Any, font: Any, x: Ruler, lefts: list[int], place: tuple[int, int]) -> None:
    width, bottom = place
    longest = max((pen.textlength(text, font) for text in x.texts[:50]), default=20)
    places, texts = x.ticks(max(int(width / (min(longest, 120) + 12)), 2))
    for left in lefts:
        end = -1e9
        for where, text in zip(places, texts, strict=True):
            level = left + where / len(x) * width
            pen.line((level, bottom, level, bottom + 4), fill=_INK)
            half = pen.textlength(text, font) / 2
            if level - half > end:
                pen.text((level, bottom + 6), text, fill=_INK, font=font, anchor="ma")
                end = level + half + 4


def _sideways(canvas: Image.Image, text: str, font: Any, place: tuple[int, int]) -> None:
    length = int(font.getlength(text)) + 2
    label = Image.new("RGB", (length, 16), "white")
    ImageDraw.Draw(label).text((1, 0), text, fill=_INK, font=font)
    canvas.paste(label.rotate(90, expand=True), (place[0], max(place[1] - length // 2, 0)))


def _bar(
    canvas: Image.Image, font: Any, picture: Picture, state: Mapping[str, Any], table: npt.NDArray[np.uint8]
) -> None:
    """Draw the colour bar on the right."""
    pen = ImageDraw.Draw(canvas)
    low, high = picture.limits
    height = canvas.height - _TOP - _BOTTOM
    left = canvas.width - _RIGHT + 10
    values = np.linspace(high, low, height)
    data = np.concatenate([picture.values(step).ravel() for step in picture.shown[:1]])
    column = table[_scaled(values, picture, state, data)]
    canvas.paste(Image.fromarray(np.repeat(column[:, None], _BAR, axis=1)), (left, _TOP))
    pen.rectangle((left, _TOP, left + _BAR, _TOP + height - 1), outline=_INK)
    numbers = round_numbers(low, high, 6)
    for number, text in zip(numbers, number_texts(numbers), strict=True):
        level = _TOP + (high - number) / (high - low) * (height - 1)
        pen.line((left + _BAR, level, left + _BAR + 3, level), fill=_INK)
        pen.text((left + _BAR + 5, level), text, fill=_INK, font=font, anchor="lm")
