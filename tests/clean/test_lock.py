"""One holder for each session, whatever becomes of it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import pytest

from dsa110_vis.clean.lock import SessionLock
from dsa110_vis.errors import OutputError, SessionBusyError

HOLDER = """
import sys
from pathlib import Path
from dsa110_vis.clean.lock import SessionLock
lock = SessionLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "x.session")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_another_is_refused_and_told_who_holds_it(holder, tmp_path):
    with pytest.raises(SessionBusyError) as refused:
        SessionLock(tmp_path / "x.session")
    assert f"process {holder.pid} on {socket.gethostname()}, since 20" in refused.value.message
    assert str(tmp_path / "x.session") in refused.value.message
    assert "End that session first" in refused.value.hint


@pytest.mark.parametrize("end", ["killed", "ended"])
def test_it_is_free_when_its_holder_is_gone(holder, tmp_path, end):
    if end == "killed":
        holder.kill()
    else:
        holder.stdin.close()
    holder.wait(timeout=20)
    with SessionLock(tmp_path / "x.session"):
        holder_now = json.loads((tmp_path / "x.session" / "lock").read_text())
        assert holder_now["pid"] == os.getpid()


def test_once_in_a_process_too_and_again_when_it_is_released(tmp_path):
    folder = tmp_path / "x.session"
    with SessionLock(folder) as lock:
        with pytest.raises(SessionBusyError, match=f"process {os.getpid()} "):
            SessionLock(folder)
        with SessionLock(tmp_path / "y.session"):
            pass
    lock.release()
    with SessionLock(folder):
        lock.release()
        with pytest.raises(SessionBusyError):
            SessionLock(folder)


def test_a_child_that_was_started_meanwhile_does_not_keep_it(tmp_path):
    with SessionLock(tmp_path / "x.session"):
        child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    with SessionLock(tmp_path / "x.session"):
        assert child.poll() is None
    child.communicate(timeout=20)


@pytest.mark.parametrize("written", [b"", b"[1]", b"\xff\xfe", b'{"pid": 1}'])
def test_a_holder_that_does_not_say_who_it_is(holder, tmp_path, written):
    (tmp_path / "x.session" / "lock").write_bytes(written)
    with pytest.raises(SessionBusyError, match="held by another process"):
        SessionLock(tmp_path / "x.session")
    assert holder.poll() is None


def test_a_folder_that_cannot_be_used_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    for folder, words in (
        (tmp_path / "nowhere" / "x.session", "No such file"),
        (tmp_path / "file", "Not a directory|File exists"),
    ):
        with pytest.raises(OutputError, match=words):
            SessionLock(folder)
