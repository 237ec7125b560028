"""CASA runs in a process of its own, offline and without a trace; observations are made once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from casacore.tables import table

from dsa110_vis import casa_process
from dsa110_vis.casa_process import CasaError, casa_status, run_casa
from dsa110_vis.demo import cache_folder, observation
from dsa110_vis.demo.observations import OBSERVATIONS
from dsa110_vis.errors import DependencyError, OptionError

casa = pytest.mark.usefixtures("needs_casa")


@pytest.fixture
def without_casa(monkeypatch):
    monkeypatch.setattr(casa_process.importlib.util, "find_spec", lambda _name: None)


@casa
def test_arguments_go_in_and_the_result_comes_out():
    awkward = {"path": "a 'b' \"c\"; import os\n", "values": [1, None, {"x": 2.5}]}
    assert run_casa("result = [arguments, arguments['path']]", awkward) == [awkward, awkward["path"]]


@casa
def test_casa_starts_with_an_empty_home_and_leaves_no_trace(tmp_path, capfd, monkeypatch):
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path / "mpl"))
    monkeypatch.chdir(here)
    status = casa_status()
    assert status.starts, status.detail
    assert set(status.versions) == {"casatools", "casatasks", "casadata"}
    assert not [entry for entry in home.rglob("*") if "casa" in str(entry.relative_to(home)).lower()]
    assert not list(here.iterdir())
    assert capfd.readouterr() == ("", "")


@casa
def test_casa_stays_out_of_this_process(ngc5921):
    assert ngc5921.is_dir()
    assert not {"casatools", "casatasks"} & set(sys.modules)


@casa
def test_an_error_of_casa_comes_back_in_one_sentence():
    code = "import casatasks\ncasatasks.listobs(vis='/nowhere/absent.ms')"
    with pytest.raises(CasaError, match="CASA failed:") as caught:
        run_casa(code)
    assert "\n" not in caught.value.message
    assert "absent.ms" in caught.value.output


@casa
def test_a_crash_of_casa_is_an_error_here():
    with pytest.raises(CasaError, match="killed by signal 11"):
        run_casa("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")


@casa
def test_too_long():
    with pytest.raises(CasaError, match=r"within 0\.5 s"):
        run_casa("import time\ntime.sleep(60)", timeout=0.5)


@pytest.mark.usefixtures("without_casa")
def test_without_casa_the_hint_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(
        DependencyError, match=r"casatools and casatasks and casadata .*pip install 'dsa110_vis\[casa\]'"
    ):
        run_casa("result = 1")
    with pytest.raises(DependencyError, match=r"pip install 'dsa110_vis\[casa\]'"):
        observation("ngc5921")
    status = casa_status()
    assert not status.starts
    assert status.missing == ("casatools", "casatasks", "casadata")
    assert "pip install" in status.detail
    assert not list(tmp_path.iterdir())


def test_an_unknown_observation_lists_the_known_ones():
    with pytest.raises(OptionError, match=r"'m31'.*ngc5921, 3c273"):
        observation("m31")


def test_the_cache_is_where_the_user_wants_it(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    if sys.platform == "linux":
        assert cache_folder() == tmp_path / "dsa110_vis" / "demo"
    assert not list(tmp_path.iterdir())


def test_the_observations_are_as_described(ngc5921, threec273):
    for path, n_rows, shape, n_times in ((ngc5921, 22653, (63, 2), 60), (threec273, 7669, (1, 4), 23)):
        with table(str(path), ack=False) as main:
            assert main.nrows() == n_rows
            assert main.getcell("DATA", 0).shape == shape
            assert len(set(main.getcol("TIME"))) == n_times
    with table(str(threec273), ack=False) as main:
        assert 100 * main.getcol("FLAG").mean() == pytest.approx(22.0, abs=0.1)


def test_an_observation_is_made_once(ngc5921, monkeypatch):
    def refuse(*_arguments, **_options):
        pytest.fail("made again")

    monkeypatch.setattr("dsa110_vis.demo.observations.run_casa", refuse)
    assert observation("ngc5921") == ngc5921


@casa
def test_two_processes_at_once_and_nothing_half_made(tmp_path):
    code = "from dsa110_vis.demo import observation; print(observation('3c273'))"
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    both = [
        subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    answers = [process.communicate(timeout=200) for process in both]
    assert answers[0] == answers[1]
    path = Path(answers[0][0].decode().strip())
    with table(str(path), ack=False) as main:
        assert main.nrows() == 7669
    assert [entry.name for entry in path.parent.iterdir()] == ["3c273.ms"]


@casa
def test_a_failure_leaves_nothing_half_made(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setitem(OBSERVATIONS, "3c273", "absent.fits")
    with pytest.raises(CasaError):
        observation("3c273")
    assert not [entry for entry in cache_folder().rglob("*") if not entry.is_dir() or "3c273" in entry.name]
