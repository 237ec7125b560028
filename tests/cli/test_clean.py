"""``dsa110-vis clean``: what a user sees of a clean session from a shell, on real data with the real imager."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from dsa110_vis.clean.checkpoints import Store
from dsa110_vis.clean.lock import SessionLock
from dsa110_vis.image import open_image

SMALL = ["--set", "datacolumn=data", "--set", "imsize=160", "--set", "cell=0.4arcsec", "--set", "threshold=20mJy"]
CORE = "image\ncircle(81,81,12)\n"


@pytest.fixture
def start(threec273, tmp_path):
    """Start a clean in a folder of its own."""
    running = []

    def started(*words, stderr=subprocess.PIPE):
        command = [sys.executable, "-m", "dsa110_vis.cli", "clean", threec273, "--imagename", "a", *words]
        running.append(
            subprocess.Popen(list(map(str, command)), cwd=tmp_path, stdout=subprocess.PIPE, stderr=stderr, text=True)
        )
        return running[-1]

    yield started
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def clean(start):
    """Run a clean to its end, and give its exit code, its output and what it said."""

    def run(*words):
        process = start(*words)
        out, said = process.communicate(timeout=200)
        assert "Traceback" not in said
        return process.returncode, out, said

    return run


def pixels(path):
    image = open_image(path)
    return image.plane().read(0, image.nx, 0, image.ny)


def read_until(stream, word):
    said = ""
    for line in stream:
        said += line
        if word in line:
            return said
    pytest.fail(f"{word!r} was not said: {said}")


def kernel_of(process):
    """The child of a command that is its kernel."""
    for children in Path(f"/proc/{process.pid}/task").glob("*/children"):
        for pid in children.read_text().split():
            if "ipykernel" in Path(f"/proc/{pid}/cmdline").read_text():
                return int(pid)
    pytest.fail("there is no kernel")


def test_a_clean_goes_cycle_by_cycle_and_finishes(clean, tmp_path):
    (tmp_path / "core.reg").write_text(CORE)

    code, out, said = clean(*SMALL, "--set", "niter=100", "--cycles", "0")
    assert code == 0, said
    assert out == f"{tmp_path}/a.residual\n"
    assert "dirty image" in said
    assert "--imagename a --resume" in said

    code, _, said = clean("--resume", "--mask", "core.reg", "--cycles", "2")
    assert code == 0, said
    assert "dirty" not in said
    assert len(re.findall(r"cycle \d+: peak residual .* iterations", said)) == 2
    mask = pixels(tmp_path / "a.mask")
    assert mask[80, 80] == 1
    assert mask.sum() == pytest.approx(np.pi * 12**2, rel=0.05)

    code, out, said = clean("--resume", "--set", "niter=400", "--set", "pbcor=true")
    assert code == 0, said
    assert "cycle 2:" not in said
    assert "cycle 3:" in said
    assert "finished:" in said
    assert out == f"{tmp_path}/a.image\n{tmp_path}/a.image.pbcor\n"
    assert 25 < pixels(tmp_path / "a.image").max() < 35
    assert (pixels(tmp_path / "a.model") != 0)[mask == 0].sum() == 0
    assert {path.name.split(".")[0] for path in tmp_path.iterdir()} == {"a", "core"}


def test_the_command_itself_never_loads_casa(run_python, threec273, tmp_path):
    code = (
        "import sys\nfrom dsa110_vis.cli import main\nassert main(sys.argv[1:]) == 0\n"
        "loaded = open('/proc/self/maps').read()\nassert 'casatools' not in sys.modules\n"
        "assert 'casatools' not in loaded and 'casacore' not in loaded"
    )
    words = ["clean", str(threec273), "--imagename", str(tmp_path / "a"), *SMALL, "--set", "niter=20", "--mask", "all"]
    done = run_python(code, *words)
    assert "finished" in done.stderr


def test_ctrl_c_pauses_and_says_how_to_go_on(start, clean, tmp_path):
    endless = [*SMALL, "--set", "niter=100000", "--set", "threshold=0", "--set", "cycleniter=40", "--mask", "all"]
    process = start(*endless)
    read_until(process.stderr, "cycle 1:")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=200)
    assert process.returncode == 130, said
    assert "pausing" in said
    advice = next(line for line in said.splitlines() if "Go on with: dsa110-vis clean" in line)
    assert advice.endswith("--imagename a --resume")

    done = Store.open(tmp_path / "a.session").entries()[-1]["major"]
    code, _, said = clean("--resume", "--cycles", "1")
    assert code == 0, said
    assert re.findall(r"cycle (\d+):", said) == [str(done + 1)]


def test_a_second_ctrl_c_kills_and_nothing_kept_is_lost(start, tmp_path):
    process = start(*SMALL, "--set", "niter=100000", "--set", "cycleniter=40", "--mask", "all")
    read_until(process.stderr, "cycle 1:")
    kernel = kernel_of(process)
    process.send_signal(signal.SIGINT)
    read_until(process.stderr, "pausing")
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=200)
    assert time.monotonic() - asked < 5
    assert process.returncode == 130, said
    assert not Path(f"/proc/{kernel}").exists()
    assert Store.open(tmp_path / "a.session").entries()[-1]["major"] >= 1


def test_a_kernel_that_dies_is_said_with_what_to_do(start):
    process = start(*SMALL, "--set", "niter=100000", "--set", "cycleniter=40", "--mask", "all")
    read_until(process.stderr, "cycle 1:")
    os.kill(kernel_of(process), signal.SIGKILL)
    _, said = process.communicate(timeout=200)
    assert process.returncode == 11, said
    assert "SIGKILL" in said
    assert "--resume" in said.splitlines()[-1]


@pytest.mark.parametrize(("columns", "bar"), [(120, r"\[#*\.*\]"), (74, r"\d+%")], ids=["wide", "narrow"])
def test_a_terminal_shows_how_far_it_is(start, monkeypatch, columns, bar):
    monkeypatch.setenv("COLUMNS", str(columns))
    ours, theirs = pty.openpty()
    # one minor cycle of many chunks
    more = ["imsize=512", "niter=1000000", "cycleniter=1000000", "gain=0.0005", "threshold=0", "cyclefactor=0.01"]
    words = [part for word in (*more, "minpsffraction=0") for part in ("--set", word)]
    process = start(*SMALL, *words, "--mask", "all", stderr=theirs)
    os.close(theirs)
    wanted = re.compile(rf"\rminor {bar} \d+:\d\d left, \d+ iterations, peak [\d.e+-]+ Jy/beam, down to [\d.e+-]+ *\r")
    text = ""
    while not wanted.search(text) and select.select([ours], [], [], 120)[0]:
        text += os.read(ours, 65536).decode()
    process.send_signal(signal.SIGINT)
    while "Go on with" not in text and select.select([ours], [], [], 120)[0]:
        text += os.read(ours, 65536).decode()
    assert process.wait(200) == 130
    os.close(ours)
    assert wanted.search(text), text
    assert max(len(line) for line in re.split(r"[\r\n]", text) if line.startswith("minor")) < columns


def test_a_mask_that_automasking_does_not_find_has_a_code_of_its_own(clean):
    words = ["usemask=auto-multithresh", "sidelobethreshold=1e6", "noisethreshold=1e6", "niter=10"]
    code, _, said = clean(*SMALL, *(part for word in words for part in ("--set", word)))
    assert code == 9, said
    assert "nothing in the mask" in said


def test_a_clean_that_diverges_has_a_code_of_its_own(clean):
    words = ["niter=100000", "gain=1", "cyclefactor=0.001", "minpsffraction=0", "maxpsffraction=0", "cycleniter=3000"]
    code, out, said = clean(*SMALL, "--mask", "all", *(part for word in words for part in ("--set", word)))
    assert code == 8, said
    assert "stopped: the peak residual grows" in said
    assert out.endswith("a.image\n")


def test_a_mask_beside_the_image_leaves_a_session_to_go_on_with(clean, tmp_path):
    (tmp_path / "beside.reg").write_text("image\ncircle(1000,1000,12)\n")
    code, _, said = clean(*SMALL, "--set", "niter=10", "--mask", "beside.reg")
    assert code == 2, said
    assert "empty" in said.splitlines()[-1]
    assert "--resume" in said.splitlines()[-1]
    assert [entry["kind"] for entry in Store.open(tmp_path / "a.session").entries()] == ["dirty"]


def test_a_session_that_another_process_holds_is_left_alone(clean, tmp_path):
    assert clean(*SMALL, "--cycles", "0")[0] == 0
    lock = SessionLock(tmp_path / "a.session")
    code, _, said = clean("--resume", "--cycles", "0")
    lock.release()
    assert code == 10, said
    assert str(os.getpid()) in said


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ([], 2, "auto-multithresh"),
        (["--mask", "absent.reg"], 2, "absent.reg"),
        (["--mask", "all", "--set", "usemask=pb"], 2, "usemask"),
        (["--mask", "all", "--set", "imsiz=100"], 2, "imsize"),
        (["--mask", "all", "--set", "niter=many"], 2, "niter"),
        (["--mask", "all", "--set", "niter"], 2, "key=value"),
        (["--mask", "all", "--set", "vis=other.ms"], 2, "MS"),
        (["--mask", "all", "--set", "datacolumn=corrected"], 2, "datacolumn"),
        (["--mask", "all", "--preset", "nonsense"], 2, "quick-look"),
        (["--resume"], 5, "session"),
        (["--resume", "--preset", "quick-look"], 2, "--preset"),
        (["--cycles", "-1"], 2, "--cycles"),
        (["--cycles", "1", "--finish"], 2, "--finish"),
    ],
)
def test_what_cannot_work_is_refused_at_once_in_one_line(clean, tmp_path, words, code, says):
    found, out, said = clean(*SMALL, *words)
    assert found == code, said
    assert says in said.splitlines()[-1]
    assert out == ""
    assert list(tmp_path.iterdir()) == []


def test_a_measurement_set_that_is_not_there(cli, tmp_path):
    done = cli("clean", tmp_path / "absent.ms", "--imagename", tmp_path / "a", *SMALL, "--mask", "all")
    assert done.returncode == 2, done.stderr
    assert "absent.ms" in done.stderr
    assert list(tmp_path.iterdir()) == []
