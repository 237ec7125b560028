"""Imagers find the simulated sources at their catalogue positions, with the flux that the primary beam leaves."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits

from dsa110_vis.casa_process import run_casa
from dsa110_vis.demo.sky import catalogue

SUMMARY = """
import casatools
ms = casatools.ms()
ms.open(arguments["ms"])
summary = ms.summary()
ms.close()
md = casatools.msmetadata()
md.open(arguments["ms"])
result = {
    "fields": md.fieldnames(), "telescope": md.observatorynames(), "windows": md.nspw(), "antennas": md.nantennas(),
    "channels": [md.nchan(window) for window in range(md.nspw())], "baselines": int(md.baselines().sum()),
    "frames": [md.chanfreqs(0)[0], md.chanfreqs(15)[-1]], "begin": summary["BeginTime"],
}
md.close()
"""

CLEAN = """
import casatasks, casatools
casatasks.tclean(
    vis=arguments["ms"], imagename="tile", datacolumn="corrected", spw="8", specmode="mfs", gridder="standard",
    phasecenter=arguments["centre"], imsize=240, cell="5arcsec", weighting="briggs", robust=0.5, niter=150,
    interactive=False, mask="circle[[132pix, 132pix], 6pix]",
)
image = casatools.image()
image.open("tile.image")
pixels = image.getchunk().squeeze().tolist()
beam = image.restoringbeam()
image.close()
result = {"pixels": pixels, "beam": beam["minor"]["value"]}
"""


def calibrator() -> Any:
    return next(source for source in catalogue() if source.name == "3C454.3")


def expected_flux() -> float:
    """The catalogue's flux times the mean of the beam, which the source crosses in 309 s at the sidereal rate."""
    hour_angle = np.radians((np.arange(24) - 11.5) * 12.884902 * 15.041 / 3600)
    angle = hour_angle * np.cos(calibrator().dec)
    width = 1.02 * 299792458.0 / 1.4e9 / 4.65
    return float(12.6568 * np.exp(-4 * np.log(2) * (angle / width) ** 2).mean())


@pytest.mark.casa
@pytest.mark.usefixtures("needs_casa")
def test_casatools_reads_the_tile(drift_tile):
    facts = run_casa(SUMMARY, {"ms": str(drift_tile)})
    assert facts["fields"] == [f"meridian_icrs_t{number}" for number in range(24)]
    assert facts["telescope"] == ["OVRO_MMA"]
    assert (facts["windows"], facts["antennas"], set(facts["channels"])) == (16, 117, {48})
    assert facts["baselines"] == 20 * 20  # a matrix: every pair twice, autocorrelations once
    assert facts["frames"] == pytest.approx([1311372070.3125, 1498627929.6875])
    assert facts["begin"] == pytest.approx(61065.9339, abs=1e-3)


@pytest.mark.casa
@pytest.mark.usefixtures("needs_casa")
def test_tclean_finds_the_calibrator_over_all_fields(drift_tile):
    source = calibrator()
    shift = 60 / 3600  # so that a mirrored sky would show
    centre = f"ICRS {np.degrees(source.ra) + shift / np.cos(source.dec):.8f}deg {np.degrees(source.dec) - shift:.8f}deg"
    found = run_casa(CLEAN, {"ms": str(drift_tile), "centre": centre})
    pixels = np.array(found["pixels"])
    x, y = np.unravel_index(pixels.argmax(), pixels.shape)
    # the source is 12 pixels west and 12 north of the centre; pixel numbers grow to the west and to the north
    assert np.hypot(x - 132, y - 132) * 5 < found["beam"] / 3
    assert pixels.max() == pytest.approx(expected_flux(), rel=0.03)


@pytest.mark.skipif(shutil.which("wsclean") is None, reason="wsclean is not installed: apt-get install wsclean")
@pytest.mark.parametrize("kind", ["single", "drift"])
def test_wsclean_finds_the_calibrator(kind, request, tmp_path):
    shutil.copytree(request.getfixturevalue(f"{kind}_tile"), tmp_path / "tile.ms")
    command = ["wsclean", "-reorder", "-quiet", "-j", "1", "-name", "tile", "-data-column", "CORRECTED_DATA"]
    command += ["-pol", "i", "-weight", "briggs", "0.5", "-size", "1024", "1024", "-scale", "3asec"]
    command += ["-niter", "300", "-mgain", "0.8", "-no-update-model-required"]
    command += ["-field", "12", "tile.ms"] if kind == "drift" else ["tile.ms"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with fits.open(tmp_path / "tile-image.fits") as hdus:
        header, pixels = hdus[0].header, hdus[0].data.squeeze()
    y, x = np.unravel_index(pixels.argmax(), pixels.shape)
    centre = SkyCoord(header["CRVAL1"], header["CRVAL2"], unit="deg")
    east = (x + 1 - header["CRPIX1"]) * header["CDELT1"] * u.deg
    north = (y + 1 - header["CRPIX2"]) * header["CDELT2"] * u.deg
    source = SkyCoord(calibrator().ra, calibrator().dec, unit="rad")
    assert centre.spherical_offsets_by(east, north).separation(source) < header["BMIN"] / 3 * u.deg
    flux = expected_flux() if kind == "single" else 12.6568
    assert pixels.max() == pytest.approx(flux, rel=0.08)  # the peak lies between pixels
