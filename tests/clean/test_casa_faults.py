"""What becomes of a session with CASA when it is killed, or its data fail it: clear words, and nothing lost.

Each session has a process of its own. `tests/host/test_faults.py` has the faults of all states, of the disk and of the
image name, through a `SessionHost`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import queue
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from dsa110_vis.clean.checks import check
from dsa110_vis.clean.parameters import Parameters
from dsa110_vis.errors import ParameterError

WAIT = 120
CHILD = Path(__file__).with_name("session_child.py")

pytestmark = [
    pytest.mark.casa,
    pytest.mark.skipif(importlib.util.find_spec("casatasks") is None, reason="casatasks is not installed"),
]


class Child:
    """A session in a process of its own."""

    def __init__(self, parameters, *, resume=False):
        command = [sys.executable, str(CHILD), "resume" if resume else "begin"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._lines = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.states = []
        self._write(parameters.to_dict())

    def _read(self):
        for line in self.process.stdout:
            self._lines.put(json.loads(line))

    def _write(self, what):
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()

    def _next(self):
        found = self._lines.get(timeout=WAIT)
        if "done" not in found:
            self.states.append(found["state"])
        return found

    def begin(self, *command):
        self._write(command)

    def until(self, state):
        while self._next()["state"] != state:
            pass

    def ask(self, *command):
        """Do a command, whatever comes of it."""
        self._write(command)
        while (found := self._next()).get("done") != command[0]:
            pass
        return found

    def do(self, *command):
        found = self.ask(*command)
        assert found["error"] is None, found["error"]
        return found

    def images(self, path):
        self.do("save", str(path))
        with np.load(path) as saved:
            return dict(saved)

    def end(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait(WAIT)
        self._reader.join(WAIT)
        self.process.stdout.close()

    def kill(self):
        self.process.kill()
        self.end()


@pytest.fixture
def child():
    """Start sessions, which are killed in the end."""
    made = []

    def start(parameters, **options):
        made.append(Child(parameters, **options))
        return made[-1]

    yield start
    for one in made:
        one.kill()


@pytest.fixture(scope="module")
def given(threec273, tmp_path_factory):
    """Parameters of a small image of a copy of the data, in a folder of its own."""

    def make(copy=False, **changes):
        folder = tmp_path_factory.mktemp("faults")
        data = shutil.copytree(threec273, folder / "own.ms") if copy else threec273
        values = {"imsize": 128, "cell": "0.5arcsec", "niter": 1000, "cycleniter": 50, "threshold": "1mJy"}
        return Parameters(vis=str(data), imagename=str(folder / "image"), datacolumn="data", **values, **changes)

    return make


@pytest.fixture(scope="module")
def whole(given, tmp_path_factory):
    """Residual and model after two cycles of a session that nothing happens to."""
    session = Child(given())
    for command in (("start",), ("set_masks",), ("run", 2)):
        session.do(*command)
    images = session.images(tmp_path_factory.mktemp("whole") / "images.npz")
    session.end()
    return images


def check_same(session, whole, tmp_path):
    """The numbers of a session are those of one that nothing happened to."""
    found = session.images(tmp_path / "found.npz")
    for name, pixels in whole.items():
        np.testing.assert_array_equal(found[name], pixels, err_msg=name)


def spoil(parameters, *endings):
    """Leave images as a process does that is killed while it writes them."""
    for ending in endings:
        table = Path(f"{parameters.imagename}.{ending}") / "table.dat"
        if table.exists():
            with table.open("r+b") as file:
                file.truncate(100)


def alter(parameters, code):
    """Change the data, in a process of its own as python-casacore wants it."""
    program = (
        f"import sys\nfrom casacore import tables\ntable = tables.table(sys.argv[1], readonly=False, ack=False)\n{code}"
    )
    subprocess.run([sys.executable, "-c", program, parameters.vis], check=True)


FLAG_ALL = "table.putcol('FLAG', table.getcol('FLAG') | True)"
FLAG_HALF = "flag = table.getcol('FLAG'); flag[::2] = True; table.putcol('FLAG', flag)"
ZERO = "table.putcol('DATA', table.getcol('DATA') * 0)"

# -- killed -----------------------------------------------------------------------------------------------------------


def test_killed_before_there_is_a_checkpoint(child, given, whole, tmp_path):
    parameters = given()
    first = child(parameters)
    first.begin("start")
    first.until("dirty")
    first.kill()
    spoil(parameters, "psf", "pb", "residual", "model")
    again = child(parameters, resume=True)
    for command in (("start",), ("set_masks",), ("run", 2)):
        again.do(*command)
    assert again.states[:2] == ["psf", "dirty"]
    check_same(again, whole, tmp_path)


def test_killed_in_a_major_cycle(child, given, whole, tmp_path):
    parameters = given()
    first = child(parameters)
    for command in (("start",), ("set_masks",), ("run", 1)):
        first.do(*command)
    first.begin("run", 1)
    first.until("major")
    first.kill()
    spoil(parameters, "residual", "model", "mask")
    again = child(parameters, resume=True)
    assert again.do("start")["cycles"] == [0, 1, 2]
    again.do("run", 1)
    check_same(again, whole, tmp_path)


def test_killed_while_restoring(child, given):
    parameters = given()
    first = child(parameters)
    first.do("start")
    first.do("restore")
    first.begin("restore")
    first.until("restoring")
    first.kill()
    spoil(parameters, "image")
    again = child(parameters, resume=True)
    again.do("start")
    again.do("restore")
    assert (Path(f"{parameters.imagename}.image") / "table.dat").stat().st_size > 100


@pytest.fixture
def small_disk(tmp_path):
    """A disk with room for a session and little more."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    command = [mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if mount is None or umount is None or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("Only root can mount a small disk.")
    yield disk
    subprocess.run([umount, "-l", str(disk)], check=True)


def test_a_disk_that_is_full_when_casa_writes_images(child, given, whole, small_disk, tmp_path):
    """CASA aborts its process; the host says why (`tests/host/test_faults.py`)."""
    parameters = given().changed(imagename=str(small_disk / "image"))
    first = child(parameters)
    for command in (("start",), ("set_masks",), ("run", 1)):
        first.do(*command)
    hog = small_disk / "hog"
    with hog.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(1024)):
            pass
    first.begin("run", 1)
    assert first.process.wait(WAIT) == -signal.SIGABRT
    hog.unlink()
    again = child(parameters, resume=True)
    assert again.do("start")["cycles"] == [0, 1, 2]
    again.do("run", 1)
    check_same(again, whole, tmp_path)


# -- the data ---------------------------------------------------------------------------------------------------------


def test_data_that_are_flagged_altogether(child, given):
    parameters = given(copy=True)
    alter(parameters, FLAG_ALL)
    with pytest.raises(ParameterError) as refused:
        check(parameters)
    assert refused.value.message == f"vis cannot be '{parameters.vis}': everything that is selected of it is flagged."
    assert refused.value.hint == "Select other data, or look at the flags with MsRaster."
    found = child(parameters).ask("start")
    assert found["error"]["message"] == "There is nothing to image: the selected data have no weight at all."
    assert (found["state"], found["cycles"]) == ("failed", [])


def test_data_that_are_zero(child, given):
    parameters = given(copy=True)
    alter(parameters, ZERO)
    with pytest.raises(ParameterError) as refused:
        check(parameters)
    assert refused.value.message == "datacolumn cannot be 'data': the selected DATA is zero or no number."
    found = child(parameters).ask("start")
    assert found["error"]["message"] == "The dirty image is zero or blank everywhere: there is nothing to clean."
    assert found["error"]["hint"] == "Look whether the data column is filled, and with numbers."
    assert (found["state"], found["cycles"]) == ("failed", [])


def test_data_that_are_flagged_altogether_under_a_session(child, given, whole, tmp_path):
    parameters = given(copy=True)
    first = child(parameters)
    for command in (("start",), ("set_masks",), ("run", 1)):
        first.do(*command)
    before = shutil.copytree(parameters.vis, tmp_path / "before.ms")
    alter(parameters, FLAG_ALL)
    found = first.ask("run", None)
    assert found["error"]["message"] == f"The Measurement Set {parameters.vis} has changed since the session began."
    assert (found["state"], found["reason"], found["cycles"]) == ("ready", None, [0, 1, 2])
    first.end()
    found = child(parameters, resume=True).ask("start")
    assert found["error"]["message"] == "There is nothing to image: the selected data have no weight at all."
    with pytest.raises(ParameterError, match="everything that is selected of it is flagged"):
        check(parameters, resume=True)
    shutil.rmtree(parameters.vis)
    before.rename(parameters.vis)
    again = child(parameters, resume=True)
    again.do("start")
    again.do("run", 1)
    check_same(again, whole, tmp_path)


def test_data_that_have_other_flags_are_imaged_anew_and_the_model_is_kept(child, given, tmp_path):
    parameters = given(copy=True)
    first = child(parameters)
    for command in (("start",), ("set_masks",), ("run", 1)):
        first.do(*command)
    model = first.images(tmp_path / "first.npz")["model"]
    alter(parameters, FLAG_HALF)
    assert first.ask("run", 1)["error"]["code"] == "changed"
    first.end()
    again = child(parameters, resume=True)
    again.do("start")
    assert again.states[:3] == ["psf", "dirty", "ready"]
    np.testing.assert_array_equal(again.images(tmp_path / "again.npz")["model"], model)
    again.do("go_to", 0)
    dirty = again.images(tmp_path / "dirty.npz")["residual"]
    fresh = child(parameters.changed(imagename=f"{parameters.imagename}-fresh"))
    fresh.do("start")
    np.testing.assert_array_equal(fresh.images(tmp_path / "fresh.npz")["residual"], dirty)


HOLDER = """
import sys
from casacore import tables
table = tables.table(sys.argv[1], readonly=False, ack=False, lockoptions="permanentwait")
print("held", flush=True)
sys.stdin.read()
"""


def test_data_that_are_locked_when_the_model_is_written_to_them(child, given, whole, tmp_path):
    parameters = given(copy=True, savemodel="modelcolumn")
    session = child(parameters)
    for command in (("start",), ("set_masks",), ("run", 1)):
        session.do(*command)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, parameters.vis], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        found = session.ask("run", 1)
        holder.stdin.close()
        holder.wait(WAIT)
    message = f"The Measurement Set {parameters.vis} is locked: process {holder.pid} writes to it."
    assert found["error"]["message"] == message
    assert (found["error"]["code"], found["state"]) == ("locked", "ready")
    session.do("run", 1)
    check_same(session, whole, tmp_path)


# -- the name ---------------------------------------------------------------------------------------------------------


def test_images_of_others_are_neither_used_nor_overwritten(child, given):
    parameters = given()
    model = Path(f"{parameters.imagename}.model")
    model.mkdir()
    found = child(parameters).ask("start")
    assert found["error"]["message"] == f"imagename cannot be '{parameters.imagename}': image.model exist."
    assert found["error"]["hint"] == "Give another name, or resume the session of this one."
    assert model.is_dir()
