"""What ``make package`` leaves in dist/, and that no Node is needed to make a wheel from the source archive."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

DIST = Path(__file__).parents[2] / "dist"

LABEXTENSION = "dsa110_vis-{version}.data/data/share/jupyter/labextensions/dsa110-vis"
SERVER_CONFIG = "dsa110_vis-{version}.data/data/etc/jupyter/jupyter_server_config.d/dsa110_vis.json"


VIEWS = ("ms-raster", "antenna-layout", "mask-draw")


@pytest.fixture(scope="module")
def wheel() -> Path:
    found = sorted(DIST.glob("*.whl"))
    if not found:
        pytest.skip("there is no wheel in dist/: 'make package' builds it and runs these tests")
    return found[0]


@pytest.fixture(scope="module")
def sdist() -> Path:
    found = sorted(DIST.glob("*.tar.gz"))
    if not found:
        pytest.skip("there is no source archive in dist/: 'make package' builds it and runs these tests")
    return found[0]


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_it_holds_the_three_parts(wheel):
    from dsa110_vis import __version__

    found = names(wheel)
    folder = LABEXTENSION.format(version=__version__)
    assert {f"dsa110_vis/static/{view}.js" for view in VIEWS} <= found
    assert "dsa110_vis/regions/schema.json" in found
    assert "dsa110_vis/py.typed" in found
    assert f"{folder}/package.json" in found
    assert f"{folder}/install.json" in found
    assert any(name.startswith(f"{folder}/static/remoteEntry.") for name in found)
    assert SERVER_CONFIG.format(version=__version__) in found
    # the labextension ships once
    assert not any(name.startswith("dsa110_vis/labextension") for name in found)


@pytest.mark.parametrize("view", VIEWS)
def test_the_script_that_a_widget_brings_is_small(wheel, view):
    with zipfile.ZipFile(wheel) as archive:
        assert archive.getinfo(f"dsa110_vis/static/{view}.js").file_size < 300_000


def test_the_source_archive_holds_no_test_data_and_no_modules(sdist):
    with tarfile.open(sdist) as archive:
        found = archive.getnames()
    assert not [name for name in found if "node_modules" in name or name.endswith((".ms", ".fits"))]


def test_a_wheel_from_the_source_archive_needs_no_node(sdist, wheel, tmp_path):
    # a PATH with nothing but the Python of this environment: no node, no npm, no jlpm
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "python").symlink_to(sys.executable)
    environment = {**os.environ, "PATH": str(tools)}
    assert shutil.which("node", path=environment["PATH"]) is None
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path / "out")],
        cwd=source,
        env=environment,
        check=True,
        timeout=240,
        capture_output=True,
    )
    (made,) = (tmp_path / "out").glob("*.whl")
    assert names(made) == names(wheel)


def test_the_versions_agree():
    import json

    from dsa110_vis import __version__

    root = Path(__file__).parents[2]
    assert json.loads((root / "labextension" / "package.json").read_text())["version"] == __version__
    assert f'version = "{__version__}"' in (root / "pyproject.toml").read_text()
