"""A ``jupyter server`` in a process of its own, and how to ask it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from urllib.parse import quote

from dsa110_vis.work.zygote import REHEARSAL_NICENESS

TOKEN = "a-token-for-tests"  # noqa: S105
API = "/dsa110-vis/api"


def eventually(what, seconds=20.0):
    """Wait until something is true, and give it."""
    deadline = time.monotonic() + seconds
    never = threading.Event()
    while not (found := what()):
        assert time.monotonic() < deadline, "it did not happen in time"
        never.wait(0.01)
    return found


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def json(self):
        return json.loads(self.body)


class Server:
    """A ``jupyter server`` in a process of its own."""

    def __init__(self, root, log, *options):
        self.root, self.log = root, log
        self.temporary = log.with_name("temporary")
        self.temporary.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [
            sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", f"--port={self.port}",
            "--ip=127.0.0.1", "--port-retries=0", f"--IdentityProvider.token={TOKEN}",
            f"--ServerApp.root_dir={root}", "--ServerApp.allow_unauthenticated_access=False", *options,
        ]  # fmt: skip
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command, stdout=output, stderr=output, env={**os.environ, "TMPDIR": str(self.temporary)}
            )
        eventually(lambda: self.process.poll() is not None or self.listens, 60)
        assert self.process.poll() is None, log.read_text()

    @property
    def listens(self):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def raw(self, target, headers=None, method="GET"):
        """Ask for exactly this, without any tidying of the address."""
        connection = self.connect()
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in {"Authorization": f"token {TOKEN}", **(headers or {})}.items():
                connection.putheader(name, value)
            connection.endheaders()
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, what, headers=None, **query):
        words = "&".join(f"{quote(name)}={quote(str(value), safe='')}" for name, value in query.items())
        return self.raw(f"{API}/ms/{quote(str(path), safe='')}/{what}?{words}", headers)

    def ask(self, path, what, **query):
        """Ask on a thread; gives what waits for the answer."""
        found = Future()

        def work():
            try:
                found.set_result(self.get(path, what, **query))
            except (OSError, http.client.HTTPException) as error:
                found.set_exception(error)

        threading.Thread(target=work, daemon=True).start()
        return lambda: found.result(60)

    @property
    def workers(self):
        """Numbers of the processes that work for requests, without the one that compiles loops for later ones."""
        zygotes = [pid for pid in children(self.process.pid) if "zygote" in command_of(pid)]
        return [pid for zygote in zygotes for pid in children(zygote) if niceness_of(pid) < REHEARSAL_NICENESS]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


def niceness_of(pid):
    try:
        return os.getpriority(os.PRIO_PROCESS, pid)
    except ProcessLookupError:
        return REHEARSAL_NICENESS  # it has just ended


def children(pid):
    try:
        return [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:
        return []


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
