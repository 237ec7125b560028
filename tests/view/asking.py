"""The browser's side of a model, for tests."""

from __future__ import annotations

import json
import threading


class View:
    """The browser's side: asks, and keeps the events."""

    def __init__(self, model):
        self.events, self._answers, self._changed, self._count = [], {}, threading.Condition(), 0
        self.dispatcher = model.connect(self._take)

    def _take(self, message, buffers):
        json.dumps(message, allow_nan=False)
        with self._changed:
            if message["kind"] == "event":
                self.events.append((message["event"], message["data"]))
            else:
                self._answers[message["id"]] = message, buffers
            self._changed.notify_all()

    def send(self, op, data=(), **params):
        self._count += 1
        self.dispatcher.receive({"kind": "request", "id": self._count, "op": op, "params": params}, data)
        return self._count

    def answer(self, ident):
        with self._changed:
            assert self._changed.wait_for(lambda: ident in self._answers, 60)
            return self._answers[ident]

    def ask(self, op, data=(), **params):
        message, buffers = self.answer(self.send(op, data, **params))
        assert message["ok"], message
        return (message["result"], buffers) if buffers else message["result"]

    def error(self, op, data=(), **params):
        message, _ = self.answer(self.send(op, data, **params))
        assert not message["ok"], message
        return message["error"]

    def of(self, name):
        return [data for event, data in self.events if event == name]
