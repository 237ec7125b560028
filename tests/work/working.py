"""What the tests put into other processes."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading

import numpy as np

from dsa110_vis.errors import OptionError


class Counter:
    """Counts, tells, fails and dies."""

    def __init__(self, start=0):
        if start == "wrong":
            message = "That is no number."
            raise OptionError(message, "Give one.")
        self.value = start
        self.failure = None
        self._listeners = []

    def listen(self, listener, *, replay=False):
        self._listeners.append(listener)
        if replay:
            listener("value", self.value)

    def add(self, n=1):
        self.value += n
        for listener in self._listeners:
            listener("value", self.value)
        return self.value

    def add_later(self, times):
        threading.Thread(target=lambda: [self.add() for _ in range(times)]).start()

    def array(self, n):
        return np.arange(n, dtype=np.float32)

    def refuse(self):
        message = "No."
        raise OptionError(message, "Say please.")

    def fail(self):
        return 1 / 0

    def hand_over(self):
        return threading.Lock()

    def fall_ill(self):
        self.failure = OptionError("Ill.", "Rest.")
        for listener in self._listeners:
            listener("failure", {"code": "anything"})

    def say(self, text):
        logging.getLogger("dsa110_vis.test").warning(text)

    def die(self, number=signal.SIGABRT):
        os.write(2, b"terminate called after throwing\n")
        os.kill(os.getpid(), number)
        threading.Event().wait()

    def leave(self, code):
        os._exit(code)

    def wait(self):
        threading.Event().wait()

    def modules(self):
        return list(sys.modules)

    def place(self):
        return os.getpid(), os.getppid()

    def connect(self, send):
        return Echo(send)


class Echo:
    def __init__(self, send):
        self._send = send

    def receive(self, message, buffers=()):
        self._send({"kind": "response", "id": message["id"]}, [bytes(part) * 2 for part in buffers])
