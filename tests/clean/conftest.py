"""What tests of cleaning share: jobs in processes that have CASA."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

JOBS = Path(__file__).parent / "casa_jobs.py"


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A home folder for all jobs, which matplotlib looks for fonts in once."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def casa_job(tmp_path, home):
    """Run a function of ``casa_jobs.py`` in a process of its own; nothing may be printed, nor left where it ran."""
    if importlib.util.find_spec("casatasks") is None:
        pytest.skip("casatasks is not installed: pip install 'dsa110_vis[casa]'")
    number = 0

    def run(job, parameters, **more):
        nonlocal number
        number += 1
        work, answer = (tmp_path / f"{name}{number}" for name in ("work", "answer"))
        work.mkdir()
        given = {"imsize": 128, "weighting": "briggs", "niter": 1000, "cycleniter": 50, "threshold": "1mJy"}
        given |= {"datacolumn": "data", "imagename": str(tmp_path / "images" / "clean"), **parameters}
        Path(given["imagename"]).parent.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [sys.executable, str(JOBS), job, str(answer)],
            input=json.dumps({"parameters": given, **more}),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
            cwd=work,
            env={**os.environ, "HOME": str(home)},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        if job != "parity":  # where tclean runs too, which prints as it likes
            assert done.stdout + done.stderr == ""
            assert list(work.iterdir()) == []
        assert not (home / ".casa").exists()
        return json.loads(answer.read_text())

    return run
