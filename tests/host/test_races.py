"""What happens at the wrong moment: owners and kernels that die while a session begins or is taken up."""

import asyncio
import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from dsa110_vis.clean.checkpoints import Store
from dsa110_vis.clean.states import State
from dsa110_vis.errors import CheckpointError
from dsa110_vis.host import KernelLostError, KernelStartError, SessionHost
from dsa110_vis.host.kernel import Kernel
from dsa110_vis.host.latest import Latest

WAIT = 60
SUBREAPER = 36  # of prctl

OWNER = """
import json, sys, threading
from dsa110_vis.clean.parameters import Parameters
from dsa110_vis.host import SessionHost
host = SessionHost(Parameters.from_dict(json.loads(sys.argv[1])), engine="numpy_engine:NumpyEngine", outlive=bool(sys.argv[2]))
host.start()
print(host.pid, flush=True)
threading.Event().wait()
"""  # noqa: E501


def until(condition, timeout=30.0):
    """Wait for something that nothing tells of, and give it."""
    deadline = time.monotonic() + timeout
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come"
        threading.Event().wait(0.01)
    return found


def stat_of(pid):
    """State and parent of a process; of one that is gone, those of the dead."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return ["Z", "0"]


def lives(pid):
    return stat_of(pid)[0] != "Z"


def kernels_of(owner):
    """Numbers of the kernels that a process has started."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if folder.name.isdigit() and stat_of(folder.name)[1] == str(owner):
                words = (folder / "cmdline").read_bytes()
                found += [int(folder.name)] if b"ipykernel_launcher" in words or b"asleep" in words else []
    return found


@pytest.fixture
def given(parameters):
    """Parameters of a session that stays where it begins."""
    made = parameters()
    Path(f"{made.imagename}.slow.json").write_text(json.dumps({"open": 60.0}))
    return made


@pytest.fixture
def outliving(parameters):
    """A session whose owner has gone; its parameters and the number of its kernel."""
    made = parameters()
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, json.dumps(made.to_dict()), "yes"], stdout=subprocess.PIPE, text=True
    )
    with process:
        pid = int(process.stdout.readline())
        until((Path(f"{made.imagename}.session") / "kernel.json").exists)
        process.kill()
    yield made, pid
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


# -- the owner --------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["process 1", "another process"])
def reaper(request):
    """Whom orphans are given to: process 1, or one that asked for them, as session managers do."""
    prctl = ctypes.CDLL(None).prctl
    prctl(SUBREAPER, int(request.param != "process 1"), 0, 0, 0)
    yield
    prctl(SUBREAPER, 0, 0, 0, 0)


@pytest.mark.parametrize("outlive", ["", "yes"])
@pytest.mark.parametrize("moment", ["process", "folder"])
@pytest.mark.usefixtures("reaper")
def test_an_owner_that_dies_while_it_starts_a_kernel_leaves_none(given, outlive, moment):
    with subprocess.Popen([sys.executable, "-c", OWNER, json.dumps(given.to_dict()), outlive]) as owner:
        (pid,) = until(lambda: kernels_of(owner.pid))
        if moment == "folder":
            until((Path(f"{given.imagename}.session") / "session.json").exists)
        owner.kill()
    until(lambda: not lives(pid))
    assert not (Path(f"{given.imagename}.session") / "kernel.json").exists()
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)


def test_killing_a_start_leaves_no_process_and_no_file(make_host, tmp_path, monkeypatch):
    folder = tmp_path / "jupyter" / "kernels" / "sleepy"
    folder.mkdir(parents=True)
    argv = [sys.executable, "-c", "'asleep'; import threading; threading.Event().wait()", "{connection_file}"]
    (folder / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "sleepy", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    host, outcome = make_host(kernel_name="sleepy"), []

    def start():
        try:
            host.start()
        except KernelLostError as error:
            outcome.append(error.message)

    starting = threading.Thread(target=start)
    starting.start()
    (pid,) = until(lambda: kernels_of(os.getpid()))
    file = Path(Path(f"/proc/{pid}/cmdline").read_text().split("\0")[-2])
    assert file.exists()
    host.kill()
    assert not lives(pid)
    starting.join(WAIT)
    assert outcome == ["The session was ended before its kernel was up."]
    assert not file.exists()
    assert not host.alive


def test_killing_what_has_only_been_checked_keeps_the_kernel_from_beginning(make_host, monkeypatch):
    host = make_host()
    monkeypatch.setattr("dsa110_vis.host.host.ask_desk", lambda *_words, **_options: host.kill())
    with pytest.raises(KernelLostError, match="before its kernel was up"):
        host.start()
    assert not host.alive
    assert kernels_of(os.getpid()) == []


# -- messages at the wrong moment -------------------------------------------------------------------------------------


def test_what_is_asked_while_a_kernel_comes_up_is_answered_when_it_is(make_host):
    host, found, came = make_host(), [], threading.Event()
    view = host.connect(lambda message, _: (found.append(message), came.set()) if message["kind"] == "response" else 0)
    starting = threading.Thread(target=host.start)
    starting.start()
    until(lambda: host._holding._there is not None)
    view.receive({"kind": "request", "id": 1, "op": "hello", "params": {}})
    assert host.submit("hello").result(WAIT).result["process"]["pid"] > 0
    assert came.wait(WAIT)
    assert (found[0]["id"], found[0]["ok"]) == (1, True)
    starting.join(WAIT)
    view.close()


def test_what_is_asked_of_a_kernel_that_does_not_come_up_is_refused(make_host):
    host, outcome = make_host(), []

    def start():
        try:
            host.start()
        except KernelLostError as error:
            outcome.append(error)

    starting = threading.Thread(target=start)
    starting.start()
    until(lambda: host._holding._there is not None)
    asked = host.submit("hello")
    host.kill()
    with pytest.raises(KernelLostError):
        asked.result(WAIT)
    starting.join(WAIT)
    assert len(outcome) == 1


def test_what_comes_before_the_answer_to_hello_is_taken_after_it():
    """An event may be newer than the answer, which was made before it and sent after it."""

    async def hear():
        taken = []
        kernel = Kernel(lambda message, _: taken.append(message), lambda *_: None)
        kernel._hello = asyncio.get_running_loop().create_future()
        entry = {"id": 1, "kind": "cycle"}
        kernel._hear({"kind": "event", "event": "cycle", "data": entry}, [])
        kernel._hear({"kind": "event", "event": "state", "data": {"state": "ready", "reason": None}}, [])
        assert not taken
        known = {"state": "major", "cycles": [{"id": 0, "kind": "dirty"}, entry], "cycle": 1}
        kernel._hear({"kind": "response", "id": "hello", "ok": True, "result": known}, [])
        return taken

    latest = Latest()
    for message in asyncio.run(hear()):
        latest.event(message["event"], message["data"])
    assert latest.state is State.READY
    assert [entry["id"] for entry in latest.facts["cycles"]] == [0, 1]


def test_a_start_that_the_session_does_not_hear_of_ends_in_words(make_host, monkeypatch):
    tell = Kernel._tell
    monkeypatch.setattr(
        Kernel, "_tell", lambda kernel, message, parts: message.get("op") == "start" or tell(kernel, message, parts)
    )
    host = make_host()
    with pytest.raises(KernelStartError, match="did not begin within 5 s"):
        host.start(timeout=5)
    assert not host.alive


def test_a_kernel_that_cannot_be_watched_any_more_is_given_up(host, monkeypatch):
    async def broken(_kernel):
        message = "no more files"
        raise OSError(message)

    pid = host.pid
    monkeypatch.setattr(Kernel, "_lives", broken)
    with pytest.raises(KernelLostError, match="not heard any more: OSError"):
        host.wait({State.FINISHED}, timeout=10)
    with pytest.raises(KernelLostError):
        host.request("hello", timeout=10)
    monkeypatch.undo()
    host.kill()
    assert not lives(pid)


# -- a session that is taken up ---------------------------------------------------------------------------------------


def test_a_session_whose_kernel_has_just_died_is_not_taken_up(outliving):
    given, pid = outliving
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(KernelLostError, match="runs any more"):
        SessionHost.attach(given.imagename, timeout=3)


def test_a_session_whose_kernel_does_not_answer_is_not_taken_up_and_lives(outliving):
    given, pid = outliving
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(KernelLostError, match="runs any more"):
        SessionHost.attach(given.imagename, timeout=1)  # of what would not answer at all
    os.kill(pid, signal.SIGCONT)
    assert lives(pid)
    host = SessionHost.attach(given.imagename, timeout=WAIT)
    assert host.wait(timeout=WAIT) is State.READY
    host.end()
    assert not lives(pid)


def test_a_kernel_that_dies_while_its_session_is_taken_up(outliving):
    given, pid = outliving
    os.kill(pid, signal.SIGSTOP)
    threading.Timer(0.5, os.kill, (pid, signal.SIGKILL)).start()
    with pytest.raises(KernelLostError, match="runs any more"):
        SessionHost.attach(given.imagename, timeout=WAIT)


def test_a_kernel_that_dies_when_its_session_was_taken_up_is_noticed(outliving):
    given, pid = outliving
    host = SessionHost.attach(given.imagename, timeout=WAIT)
    host.wait(timeout=WAIT)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(KernelLostError, match="has ended"):
        host.wait({State.FINISHED}, timeout=WAIT)
    assert not host.alive
    host.close()


# -- the session's folder ---------------------------------------------------------------------------------------------


def test_a_folder_that_is_not_there_any_more_holds_the_session_up_until_it_is_back(host):
    folder = Path(host.latest["folder"])
    host.run(1)
    host.wait(timeout=WAIT)
    away = folder.rename(folder.with_name("away"))
    host.run(1)
    with pytest.raises(CheckpointError) as caught:
        host.wait(timeout=WAIT)
    assert caught.value.message == f"The session's folder {folder} is not there any more."
    assert caught.value.hint == "Put it back and go on: what was done meanwhile is kept in memory."
    assert (host.latest["state"], host.latest["failure"]["code"]) == ("ready", "checkpoint")
    away.rename(folder)
    host.run(1)
    host.wait(timeout=WAIT)
    assert [entry["kind"] for entry in host.latest["cycles"]] == ["dirty", "mask", *["cycle"] * 3]
    assert Store.open(folder).current == 4


def test_a_folder_that_is_deleted_under_a_session_holds_it_up_and_it_can_be_ended(host):
    folder = Path(host.latest["folder"])
    shutil.rmtree(folder)
    host.run(1)
    with pytest.raises(CheckpointError, match="not there any more"):
        host.wait(timeout=WAIT)
    assert host.alive
    assert host.masks()[0].all()
    assert not folder.exists()
    host.end()
    assert not host.alive
