"""All checks of a clean session before anything is gridded.

They read Measurement Sets with python-casacore, so they run where CASA does not: in the process that owns a session,
or in a worker, never in the session's kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsa110_vis.clean.data_checks import examine
from dsa110_vis.clean.disk_checks import check_inputs, check_names, check_room
from dsa110_vis.clean.image_checks import check_cell, check_size
from dsa110_vis.errors import ParameterError

if TYPE_CHECKING:
    from dsa110_vis.clean.parameters import Parameters

__all__ = ["MAX_IMSIZE", "check"]

MAX_IMSIZE = 8192
"""The most pixels along an axis, unless another limit is given."""


def check(parameters: Parameters, *, resume: bool = False, max_imsize: int = MAX_IMSIZE) -> list[str]:
    """Check whether a session with these parameters can work.

    What is quick to check comes first; visibilities are read no further than it takes to be sure of them.

    Parameters
    ----------
    parameters : Parameters
        What is to be imaged.
    resume : bool
        Whether the session of this `imagename` is to be gone on with; else its name must be free.
    max_imsize : int
        The most pixels along an axis.

    Returns
    -------
    list of str
        Warnings: one sentence each, what is unwise and what would be better.

    Raises
    ------
    ParameterError
        If it cannot work. The message names the parameter and its value, the hint what is allowed.
    """
    images = [parameters, *_outliers(parameters)]
    warnings = [warning for image in images for warning in check_size(image, max_imsize)]
    check_names(images, resume=resume)
    # A session that goes on has its own mask and model.
    for image in [] if resume else images:
        check_inputs(image)
    warnings += _ignored(parameters)
    facts = examine(parameters)
    warnings += facts.warnings
    for image in images:
        warnings += check_cell(image, facts.resolution)
    warnings += check_room(images, facts.channels, resume=resume)
    return list(dict.fromkeys(warnings))


def _outliers(parameters: Parameters) -> list[Parameters]:
    """Give the whole parameters of each image of the outlier file."""
    found = []
    for number, own in enumerate(parameters.outliers(), start=1):
        try:
            # The mask and model of the main image are not an outlier's.
            found.append(parameters.changed(**{"outlierfile": "", "mask": "", "startmodel": "", **own}))
        except ParameterError as error:
            message = f"outlierfile cannot be used, image {number}: {error.message}"
            raise ParameterError(message, error.hint, key="outlierfile") from error
    return found


def _ignored(parameters: Parameters) -> list[str]:
    """Name what is given and has no effect."""
    found = []
    if parameters.scales and parameters.deconvolver not in {"multiscale", "mtmfs"}:
        found.append(f"scales have no effect with deconvolver='{parameters.deconvolver}'; take multiscale or mtmfs.")
    if parameters.wprojplanes != 1 and parameters.gridder == "standard":
        found.append("wprojplanes has no effect with gridder='standard'; take wproject.")
    if parameters.mask and parameters.usemask != "user":
        found.append(f"mask has no effect with usemask='{parameters.usemask}'; take user.")
    return found
