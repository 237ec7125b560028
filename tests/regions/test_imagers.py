"""WSClean and tclean take the masks that are written here, and clean the pixels that are in them and no others."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pytest

from dsa110_vis.casa_process import run_casa
from dsa110_vis.demo import simulate
from dsa110_vis.image import open_image
from dsa110_vis.regions import MaskCube, Region, pixels_of
from dsa110_vis.regions.mask_files import read_mask, write_mask
from dsa110_vis.regions.shapes import Box, Circle

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 200
TCLEAN = """
import casatasks
casatasks.tclean(
    vis=arguments["ms"], imagename=arguments["name"], datacolumn="corrected", spw="8", specmode="mfs",
    gridder="standard", imsize=arguments["size"], cell="5arcsec", weighting="briggs", robust=0.5,
    niter=arguments["niter"], mask=arguments["mask"], interactive=False,
)
"""


@pytest.fixture(scope="module")
def tile(tmp_path_factory) -> Path:
    return simulate(tmp_path_factory.mktemp("tile") / "single.ms", fields="single")


def drawn(image) -> tuple[MaskCube, np.ndarray]:
    """Draw a mask that is its own mirror image in no direction, with the brightest source in it."""
    values = image.plane(0, 0).read(0, image.nx, 0, image.ny)
    y, x = np.unravel_index(np.nanargmax(values), values.shape)
    regions = [
        Region(Circle(float(x), float(y), 5.0)),
        Region(Box(float(x) + 12.0, float(y) + 5.0, 7.0, 13.0, 20.0)),
        Region(Circle(float(x) + 3.0, float(y), 1.0), include=False),
    ]
    bits = pixels_of(regions, (image.ny, image.nx), image.celestial)
    mask = MaskCube(image.n_stokes, image.n_channels, image.ny, image.nx)
    mask.write(0)[:] = bits
    return mask, bits


def plane(path) -> np.ndarray:
    image = open_image(path)
    return image.plane(0, 0).read(0, image.nx, 0, image.ny)


@pytest.mark.skipif(shutil.which("wsclean") is None, reason="wsclean is not installed: apt-get install wsclean")
def test_wsclean_cleans_the_pixels_of_a_fits_mask(tile, tmp_path):
    def run(name, *more):
        command = ["wsclean", "-quiet", "-j", "1", "-name", name, "-data-column", "CORRECTED_DATA", "-pol", "i"]
        command += ["-weight", "briggs", "0.5", "-size", str(SIZE), str(SIZE), "-scale", "5asec"]
        command += ["-no-update-model-required", "-reorder", *more, str(copy)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    copy = shutil.copytree(tile, tmp_path / "tile.ms")
    run("dirty", "-niter", "0")
    image = open_image(tmp_path / "dirty-image.fits")
    mask, bits = drawn(image)
    write_mask(mask, image, tmp_path / "mask.fits")
    run("clean", "-niter", "400", "-mgain", "0.8", "-fits-mask", "mask.fits")
    cleaned = plane(tmp_path / "clean-model.fits") != 0
    assert cleaned.sum() > 10
    assert not (cleaned & ~bits).any()
    run("free", "-niter", "400", "-mgain", "0.8")
    assert ((plane(tmp_path / "free-model.fits") != 0) & ~bits).any()  # without the mask it goes elsewhere too


@pytest.mark.casa
@pytest.mark.usefixtures("needs_casa")
def test_tclean_cleans_the_pixels_of_a_casa_mask(tile, tmp_path):
    def run(name, niter, mask=""):
        path = tmp_path / name
        run_casa(TCLEAN, {"ms": str(tile), "name": str(path), "size": SIZE, "niter": niter, "mask": str(mask)})

    run("dirty", 0)
    image = open_image(tmp_path / "dirty.image" if (tmp_path / "dirty.image").exists() else tmp_path / "dirty.residual")
    mask, bits = drawn(image)
    write_mask(mask, image, tmp_path / "drawn.mask")
    run("clean", 300, tmp_path / "drawn.mask")
    used = MaskCube(image.n_stokes, image.n_channels, image.ny, image.nx)
    assert np.array_equal(read_mask(tmp_path / "clean.mask", image, used)[0], bits)
    cleaned = plane(tmp_path / "clean.model") != 0
    assert cleaned.sum() > 10
    assert not (cleaned & ~bits).any()
