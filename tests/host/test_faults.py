"""What becomes of a session when its kernel, its disk, its data or its name fail it: clear words, and nothing lost.

The imager is that of numpy, whose steps can be made slow; `tests/clean/test_casa_faults.py` has the faults that need
CASA.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from dsa110_vis.clean.checkpoints import Store
from dsa110_vis.clean.states import State
from dsa110_vis.errors import (
    CheckpointError,
    MeasurementSetChangedError,
    MeasurementSetLockedError,
    MeasurementSetNotFoundError,
    ParameterError,
    SessionBusyError,
)
from dsa110_vis.host import KernelLostError

WAIT = 60
CYCLES = 4
NUMBERS = ["major", "iterations", "peak_inside", "peak_outside", "rms", "flux", "cycle_threshold"]


def until(condition, timeout=30.0):
    """Wait for something that nothing tells of."""
    waiting = threading.Event()
    for _ in range(int(timeout / 0.02)):
        if condition():
            return
        waiting.wait(0.02)
    pytest.fail("it did not come")


def folder_of(host):
    return Path(f"{host.parameters.imagename}.session")


def begin(host):
    """Make the dirty image, and allow to clean everywhere."""
    host.start()
    host.wait(timeout=WAIT)
    masks = host.masks()
    masks[0][:] = True
    host.set_masks(masks)
    host.wait(timeout=WAIT)


def run(host, cycles):
    host.run(cycles)
    return host.wait(timeout=WAIT)


def kill(host):
    """Kill the kernel as the system does when memory runs out; give what the owner is told."""
    died = threading.Event()
    host.on_death(lambda _error: died.set())
    os.kill(host.pid, signal.SIGKILL)
    assert died.wait(WAIT)
    with pytest.raises(KernelLostError) as lost:
        host.wait(timeout=WAIT)
    return lost.value


def cycles_of(host):
    return sum(entry["kind"] == "cycle" for entry in host.latest["cycles"])


@pytest.fixture(scope="module")
def undisturbed():
    """The record of a session that nothing happens to, by what it images."""
    return {}


@pytest.fixture
def whole(make_host, undisturbed):
    """The convergence record of a session that nothing happens to."""
    if not undisturbed:
        host = make_host("whole", chunk_seconds=None)
        begin(host)
        run(host, CYCLES)
        undisturbed["numbers"] = host.convergence()[NUMBERS]
        host.close()
    return undisturbed["numbers"]


def same_in_the_end(host, whole):
    """Do what is left of the cycles; the numbers are those of a session that nothing happened to."""
    if not cycles_of(host):
        masks = host.masks()
        masks[0][:] = True
        host.set_masks(masks)
        host.wait(timeout=WAIT)
    if cycles_of(host) < CYCLES:
        run(host, CYCLES - cycles_of(host))
    np.testing.assert_array_equal(host.convergence()[NUMBERS].to_numpy(), whole.to_numpy())


# -- the kernel is killed ---------------------------------------------------------------------------------------------

STEPS = {
    State.STARTING: {"open": 30.0},
    State.PSF: {"psf": 30.0},
    State.DIRTY: {"major": 30.0},
    State.READY: {},
    State.MINOR: {"minor": 30.0},
    State.MAJOR: {"major": 30.0},
    State.RESTORING: {"restore": 30.0},
    State.FINISHED: {},
    State.STOPPED: {},
}


def bring(host, state, slow):
    """Bring a session into a state in which it stays."""
    before = state in (State.STARTING, State.PSF, State.DIRTY)
    if before:
        slow(host, **STEPS[state])
        host.start()
        if state is State.STARTING:
            until((folder_of(host) / "session.json").exists)
    else:
        begin(host)
        run(host, 2)
        slow(host, **STEPS[state])
    if state in (State.MINOR, State.MAJOR):
        host.run(2)
    elif state is State.RESTORING:
        host.restore()
    elif state is State.FINISHED:
        host.set_parameters(nmajor=2)
        host.finish()
    elif state is State.STOPPED:
        host.stop()
    host.wait({state}, timeout=WAIT)


@pytest.mark.parametrize("state", STEPS)
def test_a_kernel_that_is_killed_costs_no_checkpoint(make_host, slow, whole, state):
    host = make_host(chunk_seconds=None)
    bring(host, state, slow)
    kept = [entry["id"] for entry in host.latest.get("cycles", [])]
    told = kill(host)
    assert told.message == "The session's kernel has ended (SIGKILL)."
    assert told.hint == "restart() goes on from the latest checkpoint."
    slow(host)
    host.restart()
    assert host.wait(timeout=WAIT) is State.READY
    assert [entry["id"] for entry in host.latest["cycles"]] == (kept or [0])
    if state is State.FINISHED:
        host.set_parameters(nmajor=-1)
    same_in_the_end(host, whole)


def test_a_kernel_that_is_killed_before_it_begins_leaves_the_name_free(make_host, slow, whole):
    first = make_host()
    slow(first, open=30.0)
    first.start()
    until((folder_of(first) / "session.json").exists)
    kill(first)
    (folder_of(first) / "session.json").unlink()  # a moment earlier
    slow(first)
    host = make_host(chunk_seconds=None)
    begin(host)
    same_in_the_end(host, whole)


# -- the disk ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path):
    """A disk of a mebibyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    command = [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if mount is None or umount is None or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("Only root can mount a small disk.")
    yield disk
    subprocess.run([umount, "-l", str(disk)], check=True)


@pytest.fixture
def fill(small_disk):
    """Fill the disk to the last byte; what is given empties it again."""
    hog = small_disk / "hog"

    def full():
        with hog.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(1024)):
                    pass
            except OSError:
                return hog.unlink
        return pytest.fail("it did not fill up")

    return full


def test_a_full_disk_holds_the_session_up_and_nothing_is_lost(make_host, fill, whole):
    host = make_host("disk/image", chunk_seconds=None)
    begin(host)
    run(host, 1)
    empty = fill()
    host.run(1)
    with pytest.raises(CheckpointError) as caught:
        host.wait(timeout=WAIT)
    message = f"A checkpoint cannot be written in {folder_of(host)}: No space left on device. The 3 before it are safe."
    assert caught.value.message == message
    assert caught.value.hint == "Make room on the disk or make the folder writable, and go on."
    assert (host.latest["state"], host.latest["failure"]["code"]) == ("ready", "checkpoint")
    assert Store.open(folder_of(host)).current == 2
    empty()
    run(host, CYCLES - 2)
    same_in_the_end(host, whole)
    assert host.latest["failure"] is None


def test_a_full_disk_and_a_kill_cost_the_cycle_that_could_not_be_kept(make_host, fill, whole):
    host = make_host("disk/image", chunk_seconds=None)
    begin(host)
    run(host, 1)
    empty = fill()
    host.run(1)
    with pytest.raises(CheckpointError):
        host.wait(timeout=WAIT)
    told = kill(host)
    assert told.hint == (
        f"The disk of {folder_of(host)} is full, at which CASA aborts: make room. "
        "restart() goes on from the latest checkpoint."
    )
    assert host.latest["failure"]["hint"] == told.hint
    empty()
    host.restart()
    host.wait(timeout=WAIT)
    assert cycles_of(host) == 1
    same_in_the_end(host, whole)


@pytest.mark.parametrize("what", ["undo", "set_parameters"])
def test_what_a_full_disk_refuses_has_not_happened(make_host, fill, whole, what):
    host = make_host("disk/image", chunk_seconds=None)
    begin(host)
    run(host, 2)
    empty = fill()
    getattr(host, what)(**({"gain": 0.7} if what == "set_parameters" else {}))
    with pytest.raises(CheckpointError, match="No space left on device"):
        host.wait(timeout=WAIT)
    assert host.latest["cycle"] == 3
    assert host.parameters.gain == 0.1
    empty()
    same_in_the_end(host, whole)


def test_a_mask_that_cannot_be_kept_is_used_and_kept_later(make_host, fill):
    host = make_host("disk/image")
    begin(host)
    empty = fill()
    told = threading.Event()
    host.listen(lambda event, data: told.set() if event == "masks" and data["pixels"] == [640] else None)
    masks = host.masks()
    masks[0][..., 10:] = False
    host.set_masks(masks)
    with pytest.raises(CheckpointError, match="No space left on device"):
        host.wait(timeout=WAIT)
    assert told.wait(WAIT)
    np.testing.assert_array_equal(host.masks()[0], masks[0])
    empty()
    run(host, 1)
    assert [entry["kind"] for entry in host.latest["cycles"]] == ["dirty", "mask", "mask", "cycle"]
    assert host.latest["cycles"][2]["mask_pixels"] == 640


def test_a_disk_that_is_full_from_the_start(make_host, fill):
    host = make_host("disk/image")
    fill()
    with pytest.raises(ParameterError, match=r"imsize cannot be 64|cannot be written to: No space left") as caught:
        host.start()
    assert "free: make them smaller" in str(caught.value) or "Give a path" in str(caught.value)
    assert not host.alive


def test_a_folder_that_cannot_be_written_to(make_host, small_disk, monkeypatch):
    remount = [shutil.which("mount"), "-o", "remount,ro", str(small_disk)]
    subprocess.run(remount, check=True)
    host = make_host("disk/image")
    with pytest.raises(ParameterError) as caught:
        host.start()
    message = f"imagename cannot be '{small_disk}/image': {small_disk} cannot be written to: Read-only file system."
    assert caught.value.message == message
    assert caught.value.hint == "Give a path in a folder that can be written to."
    assert not host.alive
    monkeypatch.setattr("dsa110_vis.host.host.ask_desk", lambda *_words, **_options: [])  # it became so a moment later
    with pytest.raises(Exception, match=r"folder .*image\.session cannot be used: Read-only file system"):
        host.start()
    assert not host.alive


# -- the data ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def own_data(threec273, tmp_path):
    """A copy of the data that may be spoiled."""
    return shutil.copytree(threec273, tmp_path / "own.ms")


@pytest.fixture
def on_own_data(make_host, own_data):
    """A session of the copy that has done a cycle."""
    host = make_host(changes={"vis": str(own_data)}, chunk_seconds=None)
    begin(host)
    run(host, 1)
    return host


def test_data_that_are_gone_hold_the_session_up_until_they_are_back(on_own_data, own_data, whole):
    away = own_data.rename(own_data.with_name("away.ms"))
    on_own_data.run(1)
    with pytest.raises(MeasurementSetNotFoundError) as caught:
        on_own_data.wait(timeout=WAIT)
    assert caught.value.message == f"The Measurement Set {own_data} is not there any more."
    assert caught.value.hint == "Put it back and go on: what was cleaned so far is kept."
    assert on_own_data.latest["state"] == "ready"
    away.rename(own_data)
    same_in_the_end(on_own_data, whole)


def test_data_that_are_gone_cannot_be_resumed_and_can_when_they_are_back(on_own_data, own_data, whole):
    away = own_data.rename(own_data.with_name("away.ms"))
    on_own_data.kill()
    with pytest.raises(ParameterError, match=r"vis cannot be .*own\.ms"):
        on_own_data.restart()
    away.rename(own_data)
    on_own_data.restart()
    on_own_data.wait(timeout=WAIT)
    same_in_the_end(on_own_data, whole)


def test_data_that_have_changed_hold_the_session_up_until_it_is_resumed(on_own_data, own_data, whole):
    (own_data / "table.dat").touch()
    on_own_data.run(1)
    with pytest.raises(MeasurementSetChangedError) as caught:
        on_own_data.wait(timeout=WAIT)
    assert caught.value.message == f"The Measurement Set {own_data} has changed since the session began."
    assert caught.value.hint == (
        "Resume the session to go on with the data as they are now: the PSF is made anew, and what was cleaned so far "
        "is kept."
    )
    assert on_own_data.latest["state"] == "ready"
    states = []
    on_own_data.listen(lambda event, data: states.append(data["state"]) if event == "state" else None)
    on_own_data.restart()
    on_own_data.wait(timeout=WAIT)
    same_in_the_end(on_own_data, whole)
    assert "dirty" in states
    states.clear()
    on_own_data.restart()
    on_own_data.wait(timeout=WAIT)
    run(on_own_data, 1)
    assert "dirty" not in states


HOLDER = """
import sys
from casacore import tables
table = tables.table(sys.argv[1], readonly=False, ack=False, lockoptions="permanentwait")
print("held", flush=True)
sys.stdin.read()
"""


def test_data_that_another_process_writes_to_are_said_to_be_locked(make_host, own_data, whole):
    host = make_host(changes={"vis": str(own_data), "savemodel": "modelcolumn"}, chunk_seconds=None)
    begin(host)
    run(host, 1)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(own_data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        host.run(1)
        with pytest.raises(MeasurementSetLockedError) as caught:
            host.wait(timeout=WAIT)
        assert caught.value.message == f"The Measurement Set {own_data} is locked: process {holder.pid} writes to it."
        assert "Go on when it has let go" in caught.value.hint
        assert host.latest["state"] == "ready"
        with pytest.raises(ParameterError, match=r"vis cannot be .*is locked"):
            make_host("other", changes={"vis": str(own_data)}).start()
        holder.stdin.close()
        holder.wait(timeout=WAIT)
    same_in_the_end(host, whole)


# -- the mask and the name --------------------------------------------------------------------------------------------


def test_an_empty_mask_stops_with_that_reason_and_cleans_nothing(make_host, whole):
    host = make_host(chunk_seconds=None)
    host.start()
    host.wait(timeout=WAIT)
    host.finish()
    host.wait(timeout=WAIT)
    assert (host.latest["state"], host.latest["reason"], cycles_of(host)) == ("finished", "empty mask", 0)
    same_in_the_end(host, whole)


def test_a_mask_that_is_emptied_on_the_way(make_host):
    host = make_host(chunk_seconds=None)
    begin(host)
    run(host, 1)
    host.set_masks([np.zeros((1, 1, 64, 64), bool)])
    assert run(host, None) is State.STOPPED
    assert (host.latest["reason"], cycles_of(host)) == ("empty mask", 1)


@pytest.mark.parametrize("there", ["residual", "image", "session"])
def test_an_image_name_that_exists_is_refused(make_host, tmp_path, there):
    if there == "session":
        begin(first := make_host())
        first.close()
    else:
        (tmp_path / f"image.{there}").mkdir()
    host = make_host()
    with pytest.raises(ParameterError) as caught:
        host.start()
    assert caught.value.key == "imagename"
    assert caught.value.message == f"imagename cannot be '{tmp_path}/image': image.{there} exist."
    assert caught.value.hint == "Give another name, or resume the session of this one."
    assert not host.alive


@pytest.mark.parametrize("by", ["name", "link"])
def test_a_second_session_of_the_same_name_is_told_who_has_it(make_host, tmp_path, whole, by):
    first = make_host(chunk_seconds=None)
    begin(first)
    if by == "link":
        (tmp_path / "link").symlink_to(tmp_path)
    second = make_host("image" if by == "name" else "link/image", resume=True)
    second.start()
    with pytest.raises(SessionBusyError) as caught:
        second.wait(timeout=WAIT)
    assert f"is held by process {first.pid} on " in caught.value.message
    assert caught.value.hint == "End that session first, or choose another image name."
    same_in_the_end(first, whole)
    first.close()
    second.restart()
    assert second.wait(timeout=WAIT) is State.READY
    assert cycles_of(second) == CYCLES
