"""Named sets of imaging parameters: where to begin, and where the numbers come from."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dsa110_vis.clean.parameters import Parameters
from dsa110_vis.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PRESETS", "Preset", "preset"]


@dataclass(frozen=True)
class Preset:
    """A named set of parameters; whatever it does not name has tclean's default.

    Attributes
    ----------
    name : str
        Its name.
    description : str
        One sentence: what it is for.
    source : str
        Where the numbers come from.
    values : mapping of str
        Parameters that differ from tclean's defaults.
    """

    name: str
    description: str
    source: str
    values: Mapping[str, Any]

    def parameters(self, **changes: Any) -> Parameters:
        """Make parameters of it.

        Parameters
        ----------
        **changes
            Parameters by name, `vis` and `imagename` among them; they win over the preset's.

        Returns
        -------
        parameters : Parameters
            All of them.

        Raises
        ------
        ParameterError
            If a name is not known, or a value is not allowed.

        Examples
        --------
        >>> preset("quick-look").parameters(vis="obs.ms", imagename="obs", cell="1arcsec", datacolumn="data").niter
        500
        """
        return Parameters(**{**self.values, **changes})


_PLAN = {
    "datacolumn": "corrected",
    "imsize": [5040],
    "cell": ["2.5arcsec"],
    "specmode": "mfs",
    "gridder": "standard",
    "deconvolver": "hogbom",
    "weighting": "briggs",
    "robust": 0.5,
    "niter": 10000,
    "threshold": "0.5mJy",
    "pbcor": True,
}

_ALL = (
    Preset(
        "dsa110-plan",
        "A whole DSA-110 tile, as the plan of the continuum pipeline images it.",
        "The integration plan in dsa110-contimg (docs/design, 2025): 5040 pixels of 2.5 arcsec, hogbom, briggs 0.5, "
        "10000 iterations down to 0.5 mJy, corrected for the primary beam.",
        MappingProxyType(_PLAN),
    ),
    Preset(
        "dsa110-mtmfs",
        "The same with two Taylor terms, for sources whose spectra differ over the band.",
        "The defaults for interactive imaging in the code of dsa110-contimg (2025), which differ from its plan in "
        "the deconvolver: mtmfs with 2 terms.",
        MappingProxyType({**_PLAN, "deconvolver": "mtmfs", "nterms": 2}),
    ),
    Preset(
        "dsa110-current",
        "A whole DSA-110 tile, as the pipeline of 2026 images it.",
        "The imaging parameters of the DSA-110 continuum pipeline (2026): 4800 pixels of 3 arcsec, 1000 iterations "
        "down to 5 mJy, baselines above 1 klambda, primary beam limit 0.2.",
        MappingProxyType({
            **_PLAN,
            "imsize": [4800], "cell": ["3arcsec"], "niter": 1000, "threshold": "5mJy", "uvrange": ">1klambda",
            "pblimit": 0.2,
        }),
    ),
    Preset(
        "quick-look",
        "A small image in seconds, of the middle of the field; give cell as a quarter of the beam.",
        "This package: 512 pixels, briggs 0.5 and 500 iterations show whether data can be imaged at all. The cell is "
        "left to the user, since it depends on the array; the refusal of a missing one names a good value.",
        MappingProxyType({"imsize": [512], "weighting": "briggs", "robust": 0.5, "niter": 500}),
    ),
)  # fmt: skip

PRESETS: Mapping[str, Preset] = MappingProxyType({each.name: each for each in _ALL})
"""All presets, by name."""


def preset(name: str) -> Preset:
    """Find a preset.

    Parameters
    ----------
    name : str
        Its name.

    Returns
    -------
    Preset
        The preset.

    Raises
    ------
    ParameterError
        If there is none of that name; the hint lists them.
    """
    if name in PRESETS:
        return PRESETS[name]
    near = difflib.get_close_matches(name.lower(), PRESETS, n=1)
    message = f"There is no preset {name[:80]!r}."
    hint = f"Did you mean {near[0]}? " if near else ""
    raise ParameterError(message, f"{hint}Presets: {', '.join(PRESETS)}.", key="preset")
