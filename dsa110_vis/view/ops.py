"""The operations of the raster viewer: a model on one side, a dispatcher on the other."""

from __future__ import annotations

import threading
import uuid
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import OptionError
from dsa110_vis.view.dispatcher import Call, Dispatcher, Send
from dsa110_vis.view.protocol import DOWN_BYTES, Reply, RequestError, StaleError, described

if TYPE_CHECKING:
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


class _Connected(Dispatcher):
    def __init__(self, model: MsRasterModel, send: Send, name: str) -> None:
        super().__init__(send, name=name)
        self._model = model
        self._saved: tuple[str, bytes] = ("", b"")
        self._saving = threading.Lock()
        for op in ("hello", "set", "picture", "tile", "probe", "histogram", "part", "code", "retry", "cancel"):
            self.register(op, getattr(self, f"_{op}_op"))
        self.register("locate", self._locate_op, slow=True)
        self.register("save", self._save_op, slow=True)
        self._unlisten = model.listen(self.emit)

    def close(self) -> None:
        self._unlisten()
        super().close()

    def _picture_of(self, call: Call) -> tuple[Picture, int]:
        picture = self._model.picture
        generation, iteration = call.params.integer("generation"), call.params.integer("iteration", 0)
        if picture is None or picture.generation != generation:
            message = f"Picture {generation} is not shown any more."
            raise StaleError(message, "Ask for the new one.")
        return picture, iteration

    def _hello_op(self, _call: Call) -> dict[str, Any]:
        """Tell a view that has just come, perhaps in the middle of a reading, everything."""
        failure = self._model.failure
        fraction, text = self._model.progress
        return {
            "state": self._model.state,
            "choices": self._model.choices,
            "source": self._model.source,
            "busy": self._model.busy,
            "progress": {"fraction": fraction, "text": text} if self._model.busy else None,
            "failure": None if failure is None else described(failure),
            "located": self._model.marks,
        }

    def _set_op(self, call: Call) -> None:
        try:
            self._model.update(call.params.mapping("changes"))
        except OptionError:
            self.emit("state", {"changes": self._model.state})
            raise

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

    def _save_op(self, call: Call) -> Reply:
        kind = call.params.text("format", allowed=FORMATS)
        data, filename, mime = self._model.export(
            kind, width=call.params.integer("width", 900), height=call.params.integer("height", 600)
        )
        token = uuid.uuid4().hex
        with self._saving:
            self._saved = (token, data)
        parts = max(1, -(-len(data) // DOWN_BYTES))
        result = {"filename": filename, "mime": mime, "size": len(data), "parts": parts, "token": token}
        return Reply(result, [data[:DOWN_BYTES]])

    def _part_op(self, call: Call) -> Reply:
        with self._saving:
            token, data = self._saved
        index = call.params.integer("index")
        start = index * DOWN_BYTES
        if call.params.text("token") != token or not 0 <= start < len(data):
            message = "This part of a saved picture is not there any more."
            raise RequestError(message, "Save the picture again.")
        return Reply({"index": index}, [data[start : start + DOWN_BYTES]])

    def _code_op(self, _call: Call) -> dict[str, Any]:
        return {"code": self._model.code()}

    def _retry_op(self, _call: Call) -> None:
        self._model.retry()

    def _cancel_op(self, _call: Call) -> None:
        self._model.cancel()
