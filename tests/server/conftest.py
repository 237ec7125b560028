"""Jupyter servers with the extension: one within the test's process, and real ones in processes of their own."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from live_server import Server


@pytest.fixture
def jp_server_config(jp_server_config):
    return {
        **jp_server_config,
        "ServerApp": {
            "allow_unauthenticated_access": False,
            "jpserver_extensions": {"dsa110_vis": True},
        },
    }


@pytest.fixture(scope="session")
def start_server(tmp_path_factory):
    """Start a server on a folder, with options."""
    running = []

    def start(root, *options):
        log = tmp_path_factory.mktemp("log") / "server.log"
        running.append(Server(root, log, *options))
        return running[-1]

    yield start
    for server in running:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="session")
def observations(tmp_path_factory, real_ms):
    """A folder with real Measurement Sets, as a user has one; and something outside."""
    top = tmp_path_factory.mktemp("jupyter")
    root = top / "root"
    for name, place in (
        ("alma", "alma.ms"),
        ("evla", "nested/2026-01-25T22:26:05 \N{GREEK SMALL LETTER ALPHA}~23.ms"),
        ("wsrt", "wsrt.ms"),
        ("lofar", "lofar.ms"),
        ("mwa", "mwa.ms"),
    ):
        shutil.copytree(real_ms(name), root / place)
    shutil.copytree(real_ms("wsrt"), top / "outside" / "secret.ms")
    shutil.copytree(real_ms("wsrt"), top / "stage" / "wsrt.ms")
    shutil.copytree(real_ms("wsrt"), root / ".hidden" / "wsrt.ms")
    (root / "leaves.ms").symlink_to(top / "outside" / "secret.ms")
    (root / "dangles.ms").symlink_to(top / "outside" / "nothing.ms")
    (root / "stays.ms").symlink_to(root / "wsrt.ms")
    (root / "hides.ms").symlink_to(root / ".hidden" / "wsrt.ms")
    (root / "stage").symlink_to(top / "stage")
    (root / "notes.txt").write_text("no table")
    return root


@pytest.fixture(scope="session")
def server(start_server, observations):
    """A server with the settings that it has by default, but for a folder of data elsewhere."""
    return start_server(observations, f"--Dsa110VisApp.data_roots={observations.parent / 'stage'}")


@pytest.fixture
def locked(tmp_path, real_ms):
    """A Measurement Set in a root of its own, which another process writes to: asking about it takes five seconds."""
    path = tmp_path / "locked.ms"
    shutil.copytree(real_ms("wsrt"), path)
    code = (
        "import sys; from casacore.tables import table; t = table(sys.argv[1], readonly=False, ack=False, "
        "lockoptions='user'); t.lock(write=True); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        yield path
        process.stdin.close()
        process.wait(20)
