"""What all tests share: real Measurement Sets, the reference answers for them, and CASA at arm's length."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits

if TYPE_CHECKING:
    from collections.abc import Callable

pytest_plugins = ["pytest_jupyter.jupyter_server"]

# name: (archive, Measurement Set inside it, reference answers)
REAL = {
    "alma": ("ms_alma_mssel_small", "mssel_test_small.ms", "ms__casacore_mssel__mssel_test_small.ms"),
    "evla": (
        "ms_evla_tdem0003_irregular",
        "day2_TDEM0003_10s_norx_1src_1spw.ms",
        "ms__pyuvdata_vla_day2_TDEM0003__day2_TDEM0003_10s_norx_1src_1spw.ms",
    ),
    "mwa": (
        "ms_mwa_768ch_autos",
        "1090008640_cotter_trunc_autos.ms",
        "ms__hyperdrive_mwa__1090008640_cotter_trunc_autos.ms",
    ),
    "lofar": ("ms_lofar_corrected_31pct_flagged", "tNDPPP-generic.MS", "ms__dp3_lofar__tNDPPP-generic.MS"),
    "wsrt": ("ms_wsrt_nan_nopol", "tNDPPP_bda_tmp.MS", "ms__dp3_lofar__tNDPPP_bda_tmp.MS"),
    "3c273": ("", "", "uvfits__3C273XC1.ms"),
}


SKY_HEADER = {
    "CTYPE1": "RA---SIN", "CRVAL1": 202.5, "CDELT1": -2.5 / 3600, "CRPIX1": 161.0, "CUNIT1": "deg",
    "CTYPE2": "DEC--SIN", "CRVAL2": 30.5, "CDELT2": 2.5 / 3600, "CRPIX2": 141.0, "CUNIT2": "deg", "RADESYS": "ICRS",
    "BUNIT": "Jy/beam", "BMAJ": 10 / 3600, "BMIN": 7.5 / 3600, "BPA": 30.0, "TELESCOP": "DSA-110", "OBJECT": "field",
}  # fmt: skip


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder with the real data sets, which are not part of the project."""
    folder = os.environ.get("DSA110_VIS_TEST_DATA")
    if not folder:
        pytest.skip("DSA110_VIS_TEST_DATA does not name the folder with the real test data")
    return Path(folder)


@pytest.fixture(scope="session")
def unpack(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Unpack an archive of the test data once, and give the folder."""
    done: dict[str, Path] = {}

    def unpacked(archive: str) -> Path:
        if archive not in done:
            folder = tmp_path_factory.mktemp(archive)
            with tarfile.open(data_dir / f"{archive}.tar.gz") as tar:
                tar.extractall(folder, filter="data")
            done[archive] = folder
        return done[archive]

    return unpacked


@pytest.fixture(scope="session")
def real_ms(unpack: Callable[[str], Path]) -> Callable[[str], Path]:
    """A real Measurement Set by its short name; tests must not write into it."""

    def path(name: str) -> Path:
        archive, inside, _ = REAL[name]
        return unpack(archive) / inside

    return path


@pytest.fixture(scope="session")
def build() -> Any:
    """The module that makes small Measurement Sets and calibration tables."""
    name = "dsa110_vis_tests_ms_build"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / "ms" / "build.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def caltables(unpack: Callable[[str], Path]) -> Path:
    """The folder with real DSA-110 calibration tables and station coordinates; tests must not write into it."""
    return unpack("dsa110_real_caltables_and_stations")


@pytest.fixture(scope="session")
def reference(data_dir: Path) -> Callable[[str], dict[str, Any]]:
    """The right answers for a set, computed cell by cell by other means."""

    def answers(name: str) -> dict[str, Any]:
        return json.loads((data_dir / "reference" / f"{REAL[name][2]}.json").read_text())

    return answers


def _observation(name: str) -> Path:
    if importlib.util.find_spec("casatasks") is None:
        pytest.skip("casatasks is not installed, which makes the demonstration data: pip install 'dsa110_vis[casa]'")
    from dsa110_vis.demo import observation

    return observation(name)


@pytest.fixture(scope="session")
def ngc5921() -> Path:
    """The VLA H I observation of NGC 5921 that comes with casadata."""
    return _observation("ngc5921")


@pytest.fixture(scope="session")
def threec273() -> Path:
    """The VLA observation of 3C 273 that comes with casadata."""
    return _observation("3c273")


@pytest.fixture(scope="session")
def run_python() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run Python code in a process of its own, and give what it printed."""

    def run(code: str, *words: str, env: dict[str, str] | None = None, check: bool = True) -> Any:
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
            env={**os.environ, **(env or {})},
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    return run


@pytest.fixture(scope="session")
def cli() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``dsa110-vis`` as a user does, and give what it printed and its exit code."""

    def run(*words: str | Path) -> Any:
        return subprocess.run(
            [sys.executable, "-m", "dsa110_vis.cli", *map(str, words)],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    return run


@pytest.fixture
def sky():
    """Noise of 1 mJy with two sources, 280 rows of 320 pixels."""
    values = np.random.default_rng(7).normal(scale=1e-3, size=(280, 320)).astype(np.float32)
    y, x = np.mgrid[:280, :320]
    for x0, y0, peak in ((100, 90, 0.5), (230, 200, 0.05)):
        values += peak * np.exp(-((x - x0) ** 2 + (y - y0) ** 2) / (2 * 1.7**2)).astype(np.float32)
    values[:5, :7] = np.nan
    return values


@pytest.fixture
def write_image(tmp_path):
    """Write an array as FITS, and give the path."""

    def write(values, name="field.fits", **more):
        header = fits.Header({**SKY_HEADER, **more})
        path = tmp_path / name
        fits.writeto(path, values, header, overwrite=True)
        return path

    return write
