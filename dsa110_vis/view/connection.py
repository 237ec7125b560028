"""The operations that all viewers have: a model on one side, a dispatcher on the other."""

from __future__ import annotations

import threading
import uuid
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import OptionError
from dsa110_vis.view.dispatcher import Call, Dispatcher, Send
from dsa110_vis.view.protocol import DOWN_BYTES, Reply, RequestError, described

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsa110_vis.view.model import Model

__all__ = ["Connection"]


class Connection(Dispatcher):
    """A dispatcher that answers for a model and sends its events, until it is closed.

    Parameters
    ----------
    model : Model
        Answers the requests; its events are sent.
    send : callable
        Sends a message to the browser.
    name : str
        For the names of the threads.
    formats : sequence of str
        What can be saved.
    """

    def __init__(self, model: Model, send: Send, *, name: str, formats: Sequence[str]) -> None:
        super().__init__(send, name=name)
        self._any_model = model
        self._formats = formats
        self._saved: tuple[str, bytes] = ("", b"")
        self._saving = threading.Lock()
        for op in ("hello", "set", "part", "code", "retry", "cancel"):
            self.register(op, getattr(self, f"_{op}_op"))
        self.register("save", self._save_op, slow=True)
        self._unlisten = model.listen(self.emit)

    def close(self) -> None:
        """Answer nothing more and send no events."""
        self._unlisten()
        super().close()

    def _hello_op(self, _call: Call) -> dict[str, Any]:
        """Tell a view that has just come, perhaps in the middle of the work, everything."""
        model = self._any_model
        failure = model.failure
        fraction, text = model.progress
        return {
            "state": model.state,
            "choices": model.choices,
            "source": model.source,
            "busy": model.busy,
            "progress": {"fraction": fraction, "text": text} if model.busy else None,
            "failure": None if failure is None else described(failure),
        }

    def _set_op(self, call: Call) -> None:
        try:
            self._any_model.update(call.params.mapping("changes"))
        except OptionError:
            self.emit("state", {"changes": self._any_model.state})
            raise

    def _save_op(self, call: Call) -> Reply:
        kind = call.params.text("format", allowed=self._formats)
        data, filename, mime = self._any_model.export(
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
        return {"code": self._any_model.code()}

    def _retry_op(self, _call: Call) -> None:
        self._any_model.retry()

    def _cancel_op(self, _call: Call) -> None:
        self._any_model.cancel()
