"""Sessions in kernels of their own: with an imager of numpy, which needs no data but looks for them all the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dsa110_vis.clean.parameters import Parameters
from dsa110_vis.host import SessionHost

ENGINE = "numpy_engine:NumpyEngine"


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    """Let kernels find the numpy imager, and be as strict about warnings as their users are."""
    here = Path(__file__).parent
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(here.parent / "clean"), str(here)]))
    monkeypatch.setenv("PYTHONWARNINGS", "default")
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")


@pytest.fixture
def parameters(threec273, tmp_path):
    """Parameters of a small image of real data, with other values if wanted."""

    def make(name="image", **changes):
        values = {
            "vis": str(threec273), "imagename": str(tmp_path / name), "datacolumn": "data", "imsize": 64,
            "cell": "0.5arcsec", "niter": 2000, "cycleniter": 40, "threshold": "1mJy",
        }  # fmt: skip
        return Parameters(**{**values, **changes})

    return make


@pytest.fixture
def make_host(parameters):
    """Make hosts, which are killed in the end."""
    made = []

    def make(name="image", *, changes=(), **options):
        made.append(SessionHost(parameters(name, **dict(changes)), **{"engine": ENGINE, **options}))
        return made[-1]

    yield make
    for host in made:
        host.kill()


@pytest.fixture
def host(make_host):
    """A session that has its dirty image, and may clean everywhere."""
    host = make_host()
    host.start()
    host.wait(timeout=60)
    masks = host.masks()
    masks[0][:] = True
    host.set_masks(masks)
    host.wait(timeout=60)
    return host


@pytest.fixture
def slow():
    """Make steps of the numpy imager take seconds."""

    def make(host, **seconds):
        import json

        Path(f"{host.parameters.imagename}.slow.json").write_text(json.dumps(seconds))

    return make
