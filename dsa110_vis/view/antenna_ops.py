"""The operations of the array viewer: a model on one side, a dispatcher on the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsa110_vis.layout.printing import FORMATS
from dsa110_vis.view.connection import Connection
from dsa110_vis.view.protocol import DOWN_BYTES, Reply, StaleError

if TYPE_CHECKING:
    from dsa110_vis.view.antenna_layout import AntennaLayoutModel
    from dsa110_vis.view.dispatcher import Call, Dispatcher, Send

__all__ = ["connect"]

MOST_POINTS = DOWN_BYTES // 12
"""Points of the uv plane in one message: three float32 each."""


def connect(model: AntennaLayoutModel, send: Send, *, name: str = "dsa110-vis-antennas") -> Dispatcher:
    """Give a model a dispatcher.

    Parameters
    ----------
    model : AntennaLayoutModel
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
    def __init__(self, model: AntennaLayoutModel, send: Send, name: str) -> None:
        self._model = model
        super().__init__(model, send, name=name, formats=tuple(FORMATS))
        self.register("layout", self._layout_op)
        self.register("lengths", self._lengths_op)
        for op in ("antenna", "baseline", "uv"):
            self.register(op, getattr(self, f"_{op}_op"), slow=True)

    def _check_generation(self, call: Call) -> None:
        generation = call.params.integer("generation")
        if self._model.layout is None or self._model.generation != generation:
            message = f"Array {generation} is not shown any more."
            raise StaleError(message, "Ask for the new one.")

    def _layout_op(self, _call: Call) -> Reply:
        return Reply(self._model.described())

    def _antenna_op(self, call: Call) -> dict[str, Any]:
        self._check_generation(call)
        return self._model.antenna(call.params.integer("id"), call.check)

    def _baseline_op(self, call: Call) -> dict[str, Any]:
        self._check_generation(call)
        return self._model.baseline(call.params.integer("a"), call.params.integer("b"), call.check)

    def _uv_op(self, call: Call) -> Reply:
        self._check_generation(call)
        most = min(max(call.params.integer("max_points", 200_000), 1), MOST_POINTS)
        points = self._model.uv(most, call.check)
        return Reply(points.describe(), [points.u.tobytes(), points.v.tobytes(), points.value.tobytes()])

    def _lengths_op(self, call: Call) -> dict[str, Any]:
        self._check_generation(call)
        return self._model.lengths()
