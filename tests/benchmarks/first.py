"""How long it takes from nothing to the first sight of the array: in a kernel, and from a server.

A kernel is a Python with ipykernel imported, as it is when the first cell runs. Its time begins before
``from dsa110_vis import AntennaLayout`` (in one breath) or after that and a rest (later). A server is a real Jupyter
server that has just started; its time begins before the first request (first), or before the second one after a rest
(later). All end when the positions are there. What counts is the best of several: it takes two idle cores, which
machines that do other things besides do not always have.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import quote, urlencode

from load import TOKEN, get, start
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

REST_SECONDS = 5.0
REPEATS = 7
API = "/dsa110-vis/api"


def kernel(path: str, rest: float) -> float:
    """Show the array of a file for the first time in this process, and give the seconds."""
    import ipykernel.ipkernel  # noqa: F401  as in a kernel

    began = time.perf_counter()
    from dsa110_vis import AntennaLayout

    if rest:
        time.sleep(rest)
        began = time.perf_counter()
    widget, shown = AntennaLayout(path), threading.Event()
    widget.model.listen(lambda event, _data: shown.set() if event == "layout" else None, replay=True)
    if widget.model.picture is None:
        shown.wait(60)
    return time.perf_counter() - began


async def panel(port: int, path: str) -> float:
    """Open the array of a file as a panel does, and give the seconds to its positions."""
    began = time.perf_counter()
    url = f"ws://127.0.0.1:{port}{API}/ws?{urlencode({'view': 'antenna-layout', 'path': path})}"
    socket = await websocket_connect(HTTPRequest(url, headers={"Authorization": f"token {TOKEN}"}))
    for op in ("hello", "layout"):
        await socket.write_message(json.dumps({"kind": "request", "id": op, "op": op, "params": {}}))
    while (frame := await socket.read_message()) is not None:
        message = json.loads(frame)
        answered = message.get("id") == "layout" and message.get("result")
        if answered or message.get("event") == "layout":
            break
    seconds = time.perf_counter() - began
    socket.close()
    return seconds


def answer(port: int, path: str) -> float:
    """Ask for the antennas and their flags, and give the seconds."""
    began = time.perf_counter()
    get(port, f"{API}/ms/{quote(path)}/antennas")
    return time.perf_counter() - began


def server(ms: Path) -> dict[str, float]:
    """Ask a server of its own in both ways; for each, first and again."""
    found = {}
    with tempfile.TemporaryDirectory() as work:
        for name, ask in (
            ("panel", lambda port: asyncio.run(panel(port, ms.name))),
            ("antennas with their flags over REST", lambda port: answer(port, ms.name)),
        ):
            process, port = start(ms.parent, Path(work) / "server.log")
            try:
                get(port, "/api")
                found[f"{name}, first"] = ask(port)
                if name == "panel":  # the other answer is kept
                    time.sleep(REST_SECONDS)
                    found[f"{name}, later"] = ask(port)
            finally:
                process.terminate()
                process.wait(30)
    return found


def first(sets: dict[str, Path], repeats: int = REPEATS) -> list[str]:
    """Measure, and give the lines of the report.

    Parameters
    ----------
    sets : dict
        Measurement Sets by what they are called in the report.
    repeats : int
        How often each is measured.

    Returns
    -------
    list of str
        Markdown.
    """
    lines = ["| what is waited for | best | median |", "|---|---|---|"]
    for name, ms in sets.items():
        found: dict[str, list[float]] = {}
        for _ in range(repeats):
            for rest, how in ((0.0, "in one breath with the import"), (REST_SECONDS, "later")):
                command = [sys.executable, __file__, str(ms), str(rest)]
                done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
                found.setdefault(f"{name}, widget, {how}", []).append(float(done.stdout))
            for what, seconds in server(ms.resolve()).items():
                found.setdefault(f"{name}, {what}", []).append(seconds)
        for what, times in found.items():
            lines.append(f"| {what} | {1000 * min(times):.0f} ms | {1000 * statistics.median(times):.0f} ms |")
    return lines


if __name__ == "__main__":
    print(kernel(sys.argv[1], float(sys.argv[2])))
