"""The operations of the raster viewer: a model on one side, a dispatcher on the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsa110_vis.view.connection import Connection
from dsa110_vis.view.protocol import Reply, StaleError

if TYPE_CHECKING:
    from dsa110_vis.view.dispatcher import Call, Dispatcher, Send
    from dsa110_vis.view.ms_raster import MsRasterModel
    from dsa110_vis.view.picture import Picture

__all__ = ["connect"]

FORMATS = ("png", "svg", "pdf", "html")


def connect(model: MsRasterModel, send: Send, *, name: str = "dsa110-vis-raster") -> Dispatcher:
    """Give a model a dispatcher.

    Parameters
    ----------
    model : MsRasterModel
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
    def __init__(self, model: MsRasterModel, send: Send, name: str) -> None:
        self._model = model
        super().__init__(model, send, name=name, formats=FORMATS)
        for op in ("picture", "tile", "probe", "histogram"):
            self.register(op, getattr(self, f"_{op}_op"))
        self.register("locate", self._locate_op, slow=True)

    def _picture_of(self, call: Call) -> tuple[Picture, int]:
        picture = self._model.picture
        generation, iteration = call.params.integer("generation"), call.params.integer("iteration", 0)
        if picture is None or picture.generation != generation:
            message = f"Picture {generation} is not shown any more."
            raise StaleError(message, "Ask for the new one.")
        return picture, iteration

    def _hello_op(self, call: Call) -> dict[str, Any]:
        return {**super()._hello_op(call), "located": self._model.marks}

    def _picture_op(self, _call: Call) -> Reply:
        picture = self._model.picture
        return Reply(None if picture is None else picture.describe())

    def _tile_op(self, call: Call) -> Reply:
        picture, iteration = self._picture_of(call)
        get = call.params.integer
        bins = get("fx", 0), get("fy", 0)
        tile = picture.tile(
            iteration,
            (get("x0"), get("x1"), get("y0"), get("y1")),
            width=get("width", 1024),
            height=get("height", 1024),
            bins=bins if min(bins) > 0 else None,
        )
        return Reply(tile.description, [tile.value, tile.flagged])

    def _probe_op(self, call: Call) -> dict[str, Any]:
        picture, iteration = self._picture_of(call)
        return picture.probe(iteration, call.params.integer("ix"), call.params.integer("iy"))

    def _histogram_op(self, call: Call) -> dict[str, Any]:
        picture, iteration = self._picture_of(call)
        return picture.histogram(iteration)

    def _locate_op(self, call: Call) -> dict[str, Any]:
        mode = call.params.text("mode", "replace", allowed=("replace", "add", "clear"))
        boxes, points = call.params.rows("boxes", 4), call.params.rows("points", 2)
        if mode != "clear":
            self._picture_of(call)
        return self._model.locate(boxes, points, mode=mode, iteration=call.params.integer("iteration", 0))
