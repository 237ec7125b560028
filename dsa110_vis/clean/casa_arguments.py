"""From tclean's arguments to those of the class beneath it, as tclean itself hands them down."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dsa110_vis.clean.parameters import Parameters

__all__ = ["CLEANING", "imager_parameters"]

_RENAMED = {
    "vis": "msname",
    "timerange": "timestr",
    "uvrange": "uvdist",
    "observation": "obs",
    "intent": "state",
    "gain": "loopgain",
    "smallscalebias": "scalebias",
}

CLEANING = (
    "restoringbeam", "nsigma", "sidelobethreshold", "noisethreshold", "lownoisethreshold", "negativethreshold",
    "smoothfactor", "minbeamfrac", "cutthreshold", "growiterations", "dogrowprune", "minpercentchange",
)  # fmt: skip
"""What CASA's deconvolver is told, and can change while a session runs."""


def imager_parameters(parameters: Parameters, *, resume: bool) -> Any:
    """Make CASA's own object of parameters.

    CASA is told of no iterations: it then leaves the data writable for `savemodel` throughout, and all that stops
    cleaning is the session's.

    Parameters
    ----------
    parameters : Parameters
        As tclean takes them.
    resume : bool
        Whether there are a model and masks already, so that nothing is to start from.

    Returns
    -------
    object
        An ``ImagerParameters``.
    """
    from casatasks.private.imagerhelpers.input_parameters import ImagerParameters  # noqa: PLC0415  see casa_start

    images = _outliers(parameters, resume=resume)

    class WithOutliers(ImagerParameters):  # type: ignore[misc]  # CASA has no types
        """Takes the outlier images as they were read already: CASA would evaluate the file as Python code."""

        def parseOutlierFile(self, _name: str = "") -> Any:  # noqa: N802  CASA's name
            groups = {
                "impars": self.outimparlist,
                "gridpars": self.outgridparlist,
                "weightpars": self.outweightparlist,
                "decpars": self.outdecparlist,
                "normpars": self.outnormparlist,
            }
            sorted_out = [
                {group: {name: image[name] for name in names if name in image} for group, names in groups.items()}
                for image in images
            ]
            return sorted_out, ""

    values = {_RENAMED.get(name, name): value for name, value in parameters.to_dict().items()}
    values |= {"niter": 0, "interactive": False, "fullsummary": True, "chanchunks": 1}
    values["imagename"] = parameters.imagename
    if values["specmode"] == "cont":
        values["specmode"] = "mfs"
    if values["specmode"] == "mfs":
        values["perchanweightdensity"] = False
    if values["gridder"] not in {"mosaic", "awp2"}:
        values["mosweight"] = False
    if resume:
        values |= {"startmodel": "", "mask": ""}
    known = inspect.signature(ImagerParameters).parameters
    return WithOutliers(**{name: value for name, value in values.items() if name in known})


def _outliers(parameters: Parameters, *, resume: bool) -> list[dict[str, Any]]:
    images = parameters.outliers()
    for image in images:
        image.setdefault("mask", "")
        if resume:
            image |= {"startmodel": "", "mask": ""}
    return images
