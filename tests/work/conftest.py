"""Processes with something to do."""

from __future__ import annotations

import threading

import pytest

from dsa110_vis.work import Remote
from dsa110_vis.work.processes import Executed, Process


@pytest.fixture(params=["forked", "executed"])
def start(request, monkeypatch):
    """Make remotes, in both ways in which their processes can come to be."""
    if request.param == "executed":
        monkeypatch.setattr(Process, "new", staticmethod(lambda _modules: Executed()))
    made = []

    def make(name, *args, **options):
        made.append(Remote(f"working:{name}", args, preload=("dsa110_vis.errors",), **options))
        return made[-1]

    yield make
    for remote in made:
        remote.close()


@pytest.fixture
def gather():
    """A listener that can be waited for."""
    return Gatherer()


class Gatherer:
    def __init__(self):
        self.found = []
        self.threads = set()
        self._changed = threading.Condition()

    def __call__(self, *what):
        with self._changed:
            self.found.append(what if len(what) > 1 else what[0])
            self.threads.add(threading.current_thread())
            self._changed.notify_all()

    def wait(self, n, timeout=60):
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.found) >= n, timeout), self.found
            return self.found
