"""The operations of the image viewer: a model on one side, a dispatcher on the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import OptionError
from dsa110_vis.image.contours import contours
from dsa110_vis.image.graticule import graticule
from dsa110_vis.view import mask_numbers
from dsa110_vis.view.connection import Connection
from dsa110_vis.view.drawing import Drawing
from dsa110_vis.view.image_reader import WHICH
from dsa110_vis.view.mask_output import FORMATS
from dsa110_vis.view.protocol import Reply, RequestError, StaleError

if TYPE_CHECKING:
    from dsa110_vis.view.dispatcher import Call, Dispatcher, Send
    from dsa110_vis.view.mask_draw import MaskDrawModel

__all__ = ["connect"]

QUICK = ("tile", "mask_tile", "value", "mesh", "graticule", "histogram", "catalog_points", "catalog_row")
SLOW = (
    "contours", "statistics", "profile", "draw", "edit_mask", "threshold", "region_to_mask", "edit_regions", "undo",
    "redo", "import", "write_mask",
)  # fmt: skip
MOST_MESH = 65
MODES = ("add", "subtract", "intersect")


def connect(model: MaskDrawModel, send: Send, *, name: str = "dsa110-vis-image") -> Dispatcher:
    """Give a model a dispatcher.

    Parameters
    ----------
    model : MaskDrawModel
        Answers the requests; its events are sent.
    send : callable
        Sends a message to the browser.
    name : str
        For the names of the threads.

    Returns
    -------
    Dispatcher
        Takes the messages from the browser. Closing it also stops the events.
    """
    return _Connected(model, send, name)


class _Connected(Connection):
    def __init__(self, model: MaskDrawModel, send: Send, name: str) -> None:
        self._model = model
        super().__init__(model, send, name=name, formats=tuple(FORMATS))
        for op in QUICK:
            self.register(op, getattr(self, f"_{op}_op"))
        for op in SLOW:
            self.register(op, getattr(self, f"_{op}_op"), slow=True)

    def _hello_op(self, call: Call) -> dict[str, Any]:
        model = self._model
        drawing = None if model.picture is None else model.drawing_now
        if drawing is not None:
            # they may be too many for one message; no change comes between them
            with drawing.held():
                for event in drawing.all_regions():
                    self.emit("regions", event)
        return {
            **super()._hello_op(call),
            "image": model.described(),
            "mask": model.mask_event(),
            "compare": model.second(),
            "catalog": None if model.catalog is None else model.catalog.describe(),
        }

    def _shown(self, call: Call, *, plane: bool = False) -> Any:
        return self._model.shown(call.params.integer("generation"), call.params.integer("plane") if plane else None)

    # -- looking ----------------------------------------------------------------------------------------------------

    def _tile_op(self, call: Call) -> Reply:
        which = call.params.text("which", "image", allowed=WHICH)
        level, column, row = (call.params.integer(name) for name in ("level", "column", "row"))
        with self._shown(call, plane=True) as (picture, _):
            pyramid = self._model.reader.pyramid(picture, which)
            if not 0 <= level < 32:
                message = f"There is no level {level}."
                raise RequestError(message)
            values = pyramid.tile(level, column, row)
            return Reply(_spot(picture.image, level, column, row, values.shape), [values.tobytes()])

    def _mask_tile_op(self, call: Call) -> Reply:
        level, column, row = (call.params.integer(name) for name in ("level", "column", "row"))
        with self._shown(call) as (picture, drawing):
            bits, revision = drawing.tile(call.params.integer("plane"), level, column, row)
            packed = np.packbits(bits, axis=1, bitorder="little")
            spot = _spot(picture.image, level, column, row, bits.shape)
            return Reply({**spot, "revision": revision}, [packed.tobytes()])

    def _value_op(self, call: Call) -> dict[str, Any]:
        x, y = call.params.integer("x"), call.params.integer("y")
        with self._shown(call, plane=True) as (picture, drawing):
            return mask_numbers.value(self._model, picture, drawing, x, y)

    def _mesh_op(self, call: Call) -> Reply:
        n = min(max(call.params.integer("n", 33), 2), MOST_MESH)
        box = _box(call)
        with self._shown(call) as (picture, _):
            sky, frame = picture.image.celestial, self._model.state["frame"]
            if sky is None or frame == "pixel":
                message = f"{picture.image.name} has no coordinates in the frame {frame}."
                raise OptionError(message, "Ask for pixels.")
            x, y = np.meshgrid(np.linspace(box[0], box[1], n), np.linspace(box[2], box[3], n))
            longitude, latitude = sky.to_world(x, y, frame)
            return Reply(
                {"frame": frame, "n": n, "box": box},
                [np.ascontiguousarray(part, dtype=np.float64).tobytes() for part in (longitude, latitude)],
            )

    def _graticule_op(self, call: Call) -> Reply:
        box = _box(call)
        size = (call.params.number("width"), call.params.number("height"))
        state = self._model.state
        with self._shown(call) as (picture, _):
            found = graticule(picture.image.celestial, *box, *size, frame=state["frame"], style=state["style"])
            points = np.ascontiguousarray(found.points, dtype=np.float32)
            return Reply(found.describe(), [points.tobytes()])

    def _histogram_op(self, call: Call) -> dict[str, Any]:
        with self._shown(call, plane=True) as (picture, _):
            window = call.params.number("lo", picture.low), call.params.number("hi", picture.high)
            return self._model.reader.histogram(picture, window if window[0] < window[1] else None)

    def _contours_op(self, call: Call) -> Reply:
        box = _box(call)
        step = min(max(call.params.integer("step", 1), 1), 1 << 15)
        with self._shown(call, plane=True) as (picture, _):
            sigmas = self._model.state["contour_levels"] if picture.sigma > 0 else []
            plane = self._model.reader.plane(picture, "image")
            found = contours(plane, [picture.sigma * level for level in sigmas], box, step)
            call.check()
            levels = [
                {"value": picture.sigma * level, "sigma": level, "paths": [len(path) for path in paths]}
                for level, paths in zip(sigmas, found, strict=True)
            ]
            every = [path for paths in found for path in paths]
            points = np.concatenate(every) if every else np.empty((0, 2), dtype=np.float32)
            result = {"levels": levels, "sigma": picture.sigma, "unit": picture.image.unit}
            return Reply(result, [np.ascontiguousarray(points, dtype=np.float32).tobytes()])

    def _statistics_op(self, call: Call) -> dict[str, Any]:
        of = call.params.text("of", allowed=("mask", "region", "plane"))
        with self._model.shown() as (picture, drawing):
            ident = call.params.text("id", "")
            return mask_numbers.statistics(self._model.state, picture, drawing, of, ident)

    def _profile_op(self, call: Call) -> Reply:
        kind = call.params.text("kind", allowed=("row", "column", "line", "spectrum"))
        with self._model.shown() as (picture, drawing):
            title, labels, x, y = mask_numbers.profile(picture, drawing, kind, call.params)
            result = {"title": title, "x_label": labels[0], "y_label": labels[1]}
            return Reply(result, [x.astype(np.float64).tobytes(), y.astype(np.float32).tobytes()])

    def _catalog_points_op(self, call: Call) -> Reply:
        catalog = self._model.catalog
        if catalog is None or catalog.revision != call.params.integer("revision"):
            message = "This catalogue is not shown any more."
            raise StaleError(message, "Ask for the new one.")
        return Reply(
            {"n": len(catalog.index), "revision": catalog.revision},
            [catalog.x.tobytes(), catalog.y.tobytes(), catalog.index.tobytes()],
        )

    def _catalog_row_op(self, call: Call) -> dict[str, Any]:
        catalog = self._model.catalog
        return {"values": {} if catalog is None else catalog.row(call.params.integer("index"))}

    # -- drawing ----------------------------------------------------------------------------------------------------

    def _draw_op(self, call: Call) -> None:
        mode = call.params.text("mode", "add", allowed=MODES)
        with self._shown(call) as (picture, drawing):
            planes = drawing.planes(picture.plane_number, self._model.state["planes"])
            drawing.draw(call.params.mapping("shape"), mode, planes)

    def _edit_mask_op(self, call: Call) -> None:
        action = call.params.text("action", allowed=Drawing.ACTIONS)
        with self._shown(call) as (picture, drawing):
            planes = drawing.planes(picture.plane_number, self._model.state["planes"])
            area = self._model.beam_pixels(picture)
            drawing.edit(
                action, planes, plane=picture.plane_number, pixels=call.params.number("pixels", 1.0),
                area=call.params.number("area", area or 0.0),
            )  # fmt: skip

    def _threshold_op(self, call: Call) -> None:
        with self._shown(call) as (picture, drawing):
            point = call.params.numbers("point", 2) or None
            drawing.threshold(
                picture,
                self._model.state["planes"],
                call.params.number("sigma"),
                mode=call.params.text("mode", "add", allowed=Drawing.THRESHOLD_MODES),
                inside=call.params.text("id", ""),
                point=point,
            )

    def _region_to_mask_op(self, call: Call) -> None:
        mode = call.params.text("mode", "add", allowed=MODES)
        with self._shown(call) as (picture, drawing):
            planes = drawing.planes(picture.plane_number, self._model.state["planes"])
            drawing.regions_to_mask(call.params.texts("ids"), mode, planes)

    def _edit_regions_op(self, call: Call) -> dict[str, Any]:
        action = call.params.text("action", allowed=("add", "replace", "remove"))
        with self._shown(call) as (_, drawing):
            if action == "remove":
                return {"ids": drawing.remove_regions(call.params.texts("ids"))}
            return {"ids": drawing.put_regions(call.params.mappings("regions"), add=action == "add")}

    def _undo_op(self, _call: Call) -> None:
        with self._model.shown() as (_, drawing):
            drawing.undo()

    def _redo_op(self, _call: Call) -> None:
        with self._model.shown() as (_, drawing):
            drawing.redo()

    # -- files ------------------------------------------------------------------------------------------------------

    def _import_op(self, call: Call) -> dict[str, Any]:
        with self._model.shown() as (picture, drawing):
            data = call.params.text("text", "") or (bytes(call.buffers[0]) if call.buffers else b"")
            planes = drawing.planes(picture.plane_number, self._model.state["planes"])
            return drawing.take_file(call.params.text("name", ""), data, planes)

    def _write_mask_op(self, _call: Call) -> dict[str, Any]:
        return self._model.write_mask()


def _box(call: Call) -> tuple[float, float, float, float]:
    """Give a part of the image, in pixels: x0, x1, y0, y1."""
    x0, x1, y0, y1 = (call.params.number(name) for name in ("x0", "x1", "y0", "y1"))
    return x0, x1, y0, y1


def _spot(image: Any, level: int, column: int, row: int, shape: tuple[int, ...]) -> dict[str, Any]:
    size = 256 << level
    return {
        "level": level,
        "column": column,
        "row": row,
        "x0": column * size,
        "x1": min((column + 1) * size, image.nx),
        "y0": row * size,
        "y1": min((row + 1) * size, image.ny),
        "nx": shape[1],
        "ny": shape[0],
    }
