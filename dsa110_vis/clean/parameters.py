"""All that decides an image: the arguments of tclean, checked for sense before CASA sees them."""

from __future__ import annotations

import difflib
import os
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from pydantic import ValidationError

from dsa110_vis.clean.parameter_fields import CleaningFields
from dsa110_vis.clean.parameter_outliers import read_outliers
from dsa110_vis.clean.parameter_units import to_arcsec, to_jansky
from dsa110_vis.clean.parameter_values import refuse, shown
from dsa110_vis.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CHANGEABLE", "CUBES", "Parameters"]

CHANGEABLE = frozenset({
    "niter", "nmajor", "cycleniter", "threshold", "nsigma", "gain", "cyclefactor", "minpsffraction", "maxpsffraction",
    "restoringbeam", "pbcor", "sidelobethreshold", "noisethreshold", "lownoisethreshold", "negativethreshold",
    "smoothfactor", "minbeamfrac", "cutthreshold", "growiterations", "dogrowprune", "minpercentchange",
})  # fmt: skip
"""What can change between two steps of a session; the rest is gridded in."""

CUBES = frozenset({"cube", "cubedata", "cubesource"})
"""Values of `specmode` that make channels."""

# What tclean takes and a session cannot honour: the parameter, the values that go, and what to do instead.
_ONLY: dict[str, tuple[Any, str]] = {
    "selectdata": (True, "Leave the selections empty to image all data."),
    "interactive": (False, "A session is interactive by itself: run it cycle by cycle, and set its masks in between."),
    "parallel": (False, "A session runs in one process; its cubes go in one process too."),
    "restart": (True, "Give another imagename to start afresh, or resume the session of this one."),
    "calcres": (True, "A session always computes its residual."),
    "calcpsf": (True, "A session computes the PSF once, and takes it from disk when it is resumed."),
    "restoration": (True, "A session makes restored images when it is asked to: just do not ask."),
}
_NOT: dict[tuple[str, str], str] = {
    ("specmode", "mvc"): "Allowed: mfs, cont, cube, cubedata and cubesource. For spectral terms take mfs with mtmfs.",
    ("gridder", "awphpg"): "CASA does not offer this gridder for general use. Take awproject or awp2.",
}


class Parameters(CleaningFields):
    """The arguments of tclean, by its names, with its types and defaults.

    Values are checked one by one and against each other when the object is made; what needs the data or the disk is
    checked by `checks.check`. Paths are made absolute. An object never changes: `changed` makes another.

    Parameters
    ----------
    **values
        Arguments of tclean; ``Parameters.model_fields[name].description`` says what each means, with its unit.

    Raises
    ------
    ParameterError
        If a name is not known, or a value is not allowed; `key` names the parameter.

    Examples
    --------
    >>> parameters = Parameters(vis="obs.ms", imagename="images/obs", imsize=1024, cell="2.5arcsec", niter=1000)
    >>> parameters.changed(threshold="0.5mJy").threshold_jy
    0.0005
    """

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**{name: _plain(value) for name, value in values.items()})
        except ValidationError as error:
            raise _translated(error) from None
        for name, (only, advice) in _ONLY.items():
            if getattr(self, name) != only:
                refuse(name, getattr(self, name), f"Allowed: {only}. {advice}")
        for (name, value), advice in _NOT.items():
            if getattr(self, name) == value:
                refuse(name, value, advice)
        _check_together(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Make parameters from plain data.

        Parameters
        ----------
        values : mapping of str
            As `to_dict` gives them; what is absent has its default.

        Returns
        -------
        parameters : Parameters
            The same parameters.

        Raises
        ------
        ParameterError
            As for the class.
        """
        return cls(**{str(name): value for name, value in values.items()})

    def to_dict(self) -> dict[str, Any]:
        """Give the parameters as plain data, which JSON can hold.

        Returns
        -------
        dict of str
            All of them, in the order of tclean's arguments.
        """
        return self.model_dump()

    def changed(self, **changes: Any) -> Self:
        """Make parameters that differ in some.

        Parameters
        ----------
        **changes
            New values by name.

        Returns
        -------
        parameters : Parameters
            The new ones; these stay as they are.

        Raises
        ------
        ParameterError
            As for the class.
        """
        return type(self)(**{**self.to_dict(), **changes})

    @property
    def vis_paths(self) -> list[str]:
        """The Measurement Sets: one, several, or none where `vis` is empty."""
        return [path for path in (self.vis if isinstance(self.vis, list) else [self.vis]) if path]

    @property
    def threshold_jy(self) -> float:
        """Peak residual at which cleaning ends, in Jy/beam."""
        return to_jansky(self.threshold) or 0.0

    @property
    def imsize_xy(self) -> tuple[int, int]:
        """Pixels in x and y."""
        return self.imsize[0], self.imsize[-1]

    @property
    def cell_arcsec(self) -> tuple[float, float]:
        """Size of a pixel in x and y, in arcseconds."""
        if not self.cell:
            message = "cell is not given."
            raise ParameterError(message, "Give the size of a pixel with a unit, as '2.5arcsec'.", key="cell")
        sizes = [to_arcsec(size) or 0.0 for size in self.cell]
        return sizes[0], sizes[-1]

    @property
    def terms(self) -> int:
        """Taylor terms that are imaged: `nterms` for mtmfs, else 1."""
        return self.nterms if self.deconvolver == "mtmfs" else 1

    def outliers(self) -> list[dict[str, Any]]:
        """Read `outlierfile`.

        Returns
        -------
        list of dict
            One for each image: the parameters that differ from the main image's, by name, as tclean takes them.
            Empty without a file.

        Raises
        ------
        ParameterError
            If the file cannot be read, or a line of it cannot be understood.
        """
        return read_outliers(self.outlierfile) if self.outlierfile else []


def _plain(value: Any) -> Any:
    """Turn what numpy and pathlib hold into plain Python."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def _translated(error: ValidationError) -> ParameterError:
    """Say the first fault that pydantic found in this package's words."""
    faults = error.errors(include_url=False)
    # A name that is not known says more than a value beside it.
    fault = next((each for each in faults if each["type"] == "extra_forbidden"), faults[0])
    key = str(fault["loc"][0])
    if fault["type"] == "extra_forbidden":
        return _unknown(key)
    message = f"{key} cannot be {shown(fault['input'])}."
    return ParameterError(message, f"Allowed: {_allowed(key, fault['type'], fault.get('ctx', {}))}.", key=key)


def _allowed(key: str, fault: str, context: Mapping[str, Any]) -> str:
    """Say what a parameter takes."""
    if fault == "literal_error":
        return str(context["expected"])
    if fault.startswith("bool"):
        return "True and False"
    if fault.startswith("string"):
        return "a text"
    kind = "whole numbers" if Parameters.model_fields[key].annotation is int else "numbers"
    bounds = [
        f"{word} {value:g}"
        for limit in Parameters.model_fields[key].metadata
        for attribute, word in (("gt", "above"), ("ge", "from"), ("lt", "below"), ("le", "up to"))
        if (value := getattr(limit, attribute, None)) is not None
    ]
    return " ".join([kind, *bounds])


def _unknown(name: str) -> ParameterError:
    known = list(Parameters.model_fields)
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}? " if near else ""
    message = f"There is no parameter {shown(name)}."
    return ParameterError(message, f"{hint}The parameters are those of tclean.", key=name)


def _check_together(parameters: Parameters) -> None:
    """Refuse what is allowed one by one and not together."""
    cube = parameters.specmode in CUBES
    if parameters.deconvolver == "mtmfs" and cube:
        refuse("specmode", parameters.specmode, "Allowed with deconvolver='mtmfs': mfs. Cubes take multiscale.")
    if parameters.weighting == "briggsbwtaper":
        if not cube:
            refuse("weighting", "briggsbwtaper", "Allowed for cubes only: take briggs with specmode='mfs'.")
        if not parameters.perchanweightdensity:
            refuse("perchanweightdensity", False, "Allowed with weighting='briggsbwtaper': True.")
        if parameters.npixels:
            refuse("npixels", parameters.npixels, "Allowed with weighting='briggsbwtaper': 0.")
    if parameters.wprojplanes == 0:
        refuse("wprojplanes", 0, "Allowed: 1 or more, or -1 for CASA's choice.")
    if len(parameters.startmodel) > parameters.terms and isinstance(parameters.startmodel, list):
        allowed = f"Allowed: {parameters.terms}, one for each Taylor term."
        refuse("startmodel", parameters.startmodel, allowed)
