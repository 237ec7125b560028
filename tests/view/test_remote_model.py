"""A model in a process of its own that ends while something is asked of it."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor

from dsa110_vis.view.remote_antennas import RemoteAntennaLayout


def test_there_is_no_small_picture_if_the_viewer_is_closed_while_it_is_drawn(build, tmp_path):
    model = RemoteAntennaLayout(build.make(tmp_path / "small.ms"))
    model.wait(60)
    assert model.thumbnail().startswith(b"\x89PNG")
    os.kill(model.pid, signal.SIGSTOP)
    with ThreadPoolExecutor() as threads:
        drawn = threads.submit(model.thumbnail)
        while not model._remote._calls and not drawn.done():
            pass
        model.close()
        assert drawn.result(60) is None
