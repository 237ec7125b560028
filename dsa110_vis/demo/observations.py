"""Real observations of the VLA as Measurement Sets, made once from the UVFITS files that casadata brings along."""

from __future__ import annotations

import errno
import importlib.metadata
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from dsa110_vis.casa_process import casa_data_folder, run_casa
from dsa110_vis.errors import OptionError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["OBSERVATIONS", "cache_folder", "image_of_3c273", "observation"]

OBSERVATIONS = {"ngc5921": "NGC5921.fits", "3c273": "3C273XC1.fits"}
"""The names that `observation` knows, and the file of casadata behind each."""

_IMPORT_CODE = """\
import casatasks
casatasks.importuvfits(fitsfile=arguments["fits"], vis=arguments["ms"])
"""

_CLEAN_CODE = """\
import casatasks
casatasks.tclean(
    vis=arguments["ms"], imagename=arguments["name"], imsize=512, cell="0.1arcsec", specmode="mfs",
    deconvolver="hogbom", weighting="briggs", robust=0.5, niter=1500, gain=0.1, threshold="10mJy", interactive=False,
)
"""


def cache_folder() -> Path:
    """Give the folder in which demo data are kept; it is not created.

    Returns
    -------
    pathlib.Path
        ``demo`` in the user's cache folder for this package. ``XDG_CACHE_HOME`` is respected.
    """
    return platformdirs.user_cache_path("dsa110_vis", appauthor=False) / "demo"


def observation(name: str) -> Path:
    """Give a real VLA observation as a Measurement Set; it is made at the first call and kept.

    CASA makes it, in a process of its own and without the network, from UVFITS files that CASA's data package contains.
    The set is made under a temporary name and renamed, so it is whole or absent, and two processes may ask at once.

    - ``"ngc5921"``: the H I line of NGC 5921 and its calibrators, VLA, 13 April 1995. 22,653 rows; 27 antennas (28 in
      the table), 378 baselines with the autocorrelations, 60 times in 7 scans of 3 fields (1331+305, 1445+099,
      NGC 5921); one spectral window of 63 channels of 24.4 kHz at 1412.7-1414.2 MHz; RR and LL; nothing flagged.
      36 MB. DATA only, uncalibrated.
    - ``"3c273"``: 3C 273, VLA, 27 June 1989. 7,669 rows; 27 antennas, 351 baselines, 23 times in 3 scans of 1 field;
      one channel of 50 MHz at 8.085 GHz; RR, RL, LR and LL; 22.0 % flagged. 4 MB. DATA only, calibrated: a clean of it
      shows the core and the jet.

    Parameters
    ----------
    name : {"ngc5921", "3c273"}
        Which observation.

    Returns
    -------
    pathlib.Path
        The Measurement Set in `cache_folder`. Delete the folder to have it made anew.

    Raises
    ------
    OptionError
        For another name.
    DependencyError
        Where CASA is not installed.
    OutputError
        Where the cache folder cannot be written.
    CasaError
        When CASA fails to make the set.
    """
    if name not in OBSERVATIONS:
        message = f"There is no demo observation called {name!r}."
        raise OptionError(message, f"Allowed are: {', '.join(OBSERVATIONS)}.")
    fits = casa_data_folder() / "demo" / OBSERVATIONS[name]
    target = cache_folder() / f"casadata-{importlib.metadata.version('casadata')}" / f"{name}.ms"
    if not target.exists():
        _make(target, lambda made: run_casa(_IMPORT_CODE, {"fits": str(fits), "ms": str(made)}))
    return target


def image_of_3c273() -> Path:
    """Give a real image: 3C 273 at 8 GHz, made from the observation at the first call and kept.

    CASA's ``tclean`` makes it: 512 by 512 pixels of 0.1 arcsec, cleaned without a mask, so that there is something
    to mask.

    Returns
    -------
    pathlib.Path
        A CASA image in `cache_folder`, in Jy/beam.

    Raises
    ------
    DependencyError
        Where CASA is not installed.
    OutputError
        Where the cache folder cannot be written.
    CasaError
        When CASA fails to make the image.
    """
    ms = observation("3c273")
    target = ms.with_name("3c273.image")
    if not target.exists():
        _make(target, lambda made: run_casa(_CLEAN_CODE, {"ms": str(ms), "name": str(made.with_suffix(""))}))
    return target


def _make(target: Path, work_on: Callable[[Path], object]) -> None:
    """Make something beside the target, then give it its name; who comes second takes what is there."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{target.stem}-", dir=target.parent))
    except OSError as error:
        message = f"The cache folder {target.parent} cannot be written: {error.strerror}."
        raise OutputError(message, "Set XDG_CACHE_HOME to a folder that can be written.") from error
    try:
        made = work / target.name
        work_on(made)
        try:
            made.rename(target)
        except OSError as error:
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
