"""Ask a real server for mixed rasters, with 8 clients for a minute: does it answer, how much memory, how lively is it.

The server runs with its own settings. Clients do as they are told by 503: they come again after the time it names.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
TOKEN = "load"  # noqa: S105
CLIENTS = 8
SECONDS = 60.0
MIB = 1 << 20
AXES = (("frequency", "time"), ("baseline", "time"), ("time", "antenna"), ("antenna1", "antenna2"), ("channel", "spw"))
QUANTITIES = ("amp", "phase", "flag_fraction")
FORMATS = ("png", "png", "png", "svg", "json", "bokeh")
WINDOWS = ("", "0~3", "0~7", "8", "15")


@dataclass
class Tally:
    """What the clients saw."""

    statuses: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def questions(seed: int) -> Iterator[str]:
    """Give queries of rasters without end, some of which come again."""
    chance = random.Random(seed)  # noqa: S311  the same load every time
    while True:
        x, y = chance.choice(AXES)
        query = {"x": x, "y": y, "quantity": chance.choice(QUANTITIES), "format": chance.choice(FORMATS)}
        if window := chance.choice(WINDOWS):
            query["spw"] = window
        yield urlencode(query)


def client(port: int, name: str, seed: int, until: float, tally: Tally) -> None:
    """Ask until the time is over."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
    for query in questions(seed):
        if time.monotonic() >= until:
            break
        began = time.monotonic()
        connection.request(
            "GET", f"/dsa110-vis/api/ms/{name}/raster?{query}", headers={"Authorization": f"token {TOKEN}"}
        )
        response = connection.getresponse()
        body = response.read()
        spent = time.monotonic() - began
        retry = response.headers.get("Retry-After")
        tally.statuses[str(response.status)] += 1
        if response.status == 200:
            tally.seconds.append(spent)
        elif response.status == 503 and retry:
            time.sleep(float(retry))
        else:
            tally.problems.append(f"{response.status} for {query}: {body[:200]!r}")
    connection.close()


def proportional(pid: int) -> int:
    """Sum the memory of a process and of all that it started, bytes; what several share counts once."""
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) << 10
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total


def resident(pid: int) -> int:
    """Give the memory of one process, bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def get(port: int, target: str) -> bytes:
    """Ask once."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
    connection.request("GET", target, headers={"Authorization": f"token {TOKEN}"})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.status != 200:
        message = f"{target} was answered with {response.status}: {body[:300]!r}"
        raise SystemExit(message)
    return body


def start(root: Path, log: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Start a server, and wait until it listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [
        sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        "--port-retries=0", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={root}",
        "--ServerApp.jpserver_extensions=heartbeat=True",
    ]  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, "PYTHONPATH": str(HERE)})
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process, port
        time.sleep(0.1)
    message = f"the server did not start:\n{log.read_text()[-2000:]}"
    raise SystemExit(message)


def load(ms: Path, seconds: float = SECONDS, clients: int = CLIENTS) -> list[str]:
    """Run the load, and give the lines of the report.

    Parameters
    ----------
    ms : pathlib.Path
        The Measurement Set; its real folder becomes the server's root.
    seconds : float
        How long.
    clients : int
        How many ask at once.

    Returns
    -------
    list of str
        Markdown.
    """
    ms = ms.resolve()
    with tempfile.TemporaryDirectory() as work:
        process, port = start(ms.parent, Path(work) / "server.log")
        try:
            name = quote(ms.name)
            get(port, f"/dsa110-vis/api/ms/{name}/raster")  # the first one starts what forks the workers
            get(port, "/heartbeat")
            before = resident(process.pid)
            idle = subprocess.Popen(
                [sys.executable, str(HERE / "heartbeat.py"), str(seconds)], stdout=subprocess.PIPE, text=True
            )
            tally, until = Tally(), time.monotonic() + seconds
            threads = [
                threading.Thread(target=client, args=(port, name, seed, until, tally)) for seed in range(clients)
            ]
            for thread in threads:
                thread.start()
            own, whole = [before], [proportional(process.pid)]
            while any(thread.is_alive() for thread in threads):
                own.append(resident(process.pid))
                whole.append(proportional(process.pid))
                time.sleep(0.5)
            late, control = json.loads(get(port, "/heartbeat")), json.loads(idle.communicate(timeout=60)[0])
            after = resident(process.pid)
        finally:
            process.terminate()
            process.wait(30)
    return report(tally, seconds, clients, late=late, control=control, memory=[before, max(own), after, max(whole)])


def lateness_of(late: list[float]) -> tuple[str, str]:
    """Describe how late beats came, and how many came too late."""
    beats = sorted(1000 * beat for beat in late)
    found = f"{statistics.median(beats):.1f} ms, {beats[int(0.999 * (len(beats) - 1))]:.1f} ms, {beats[-1]:.1f} ms"
    return found, f"{sum(beat > 100 for beat in beats)} of {len(beats)}"


def report(
    tally: Tally, seconds: float, clients: int, *, late: list[float], control: list[float], memory: list[int]
) -> list[str]:
    """Write the lines of the report."""
    before, peak, after, whole = (f"{size / MIB:.0f}" for size in memory)
    counts = ", ".join(f"{count} times {status}" for status, count in sorted(tally.statuses.items()))
    times = sorted(tally.seconds)
    lines = [
        "| what | figure |",
        "|---|---|",
        f"| {clients} clients for {seconds:.0f} s, answers | {counts} |",
        f"| errors besides 503 with Retry-After | {len(tally.problems)} |",
    ]
    if times:
        spread = f"{statistics.median(times):.2f} s, {times[int(0.95 * (len(times) - 1))]:.2f} s, {times[-1]:.2f} s"
        lines += [
            f"| answers a second | {len(times) / seconds:.1f} |",
            f"| time to an answer: median, 95 %, longest | {spread} |",
        ]
    (lateness, over), (else_, else_over) = lateness_of(late), lateness_of(control)
    return [
        *lines,
        f"| memory of the server's own process: before, most, after | {before} MB, {peak} MB, {after} MB |",
        f"| memory of all its processes together, most | {whole} MB |",
        f"| lateness of the event loop: median, 99.9 %, longest | {lateness} |",
        f"| beats, one every 10 ms, that came over 100 ms late | {over} |",
        f"| the same of a process that does nothing else, on the same machine | {else_}; {else_over} |",
        *[f"\nProblem: {problem}" for problem in tally.problems[:5]],
    ]
