"""What a session needs of an imager, and no more.

An engine holds the data, grids and cleans. The session decides what is done next, when it stops, and what is kept. All
calls come from one thread. Pixels go as arrays, ``[..., y, x]``, numbered as on the screen: x to the right, y up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from dsa110_vis.clean.parameters import Parameters

__all__ = [
    "CycleStart",
    "Engine",
    "ImageField",
    "Masks",
    "MinorControls",
    "MinorResult",
    "Models",
    "PlaneMeasure",
    "Progress",
    "no_progress",
]

Masks = list[NDArray[np.bool_]]
"""A clean mask for each field, shape (Stokes, channels, y, x)."""

Models = list[NDArray[np.float32]]
"""A model for each field, shape (terms, Stokes, channels, y, x), in Jy/pixel."""

Progress = Callable[[float, str], None]
"""Is told how far a step is (0 to 1) and what it does; called from any thread, often, and must return at once."""


def no_progress(_fraction: float, _text: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class ImageField:
    """One image of a session: the main one, or one of an outlier file.

    Attributes
    ----------
    imagename : str
        Absolute path without an ending.
    shape : tuple of int
        Number of Stokes planes, channels, rows (y) and columns (x).
    stokes : tuple of str
        The name of each Stokes plane.
    terms : int
        Number of Taylor terms; 1 unless the deconvolver is mtmfs.
    """

    imagename: str
    shape: tuple[int, int, int, int]
    stokes: tuple[str, ...]
    terms: int = 1


@dataclass(frozen=True)
class CycleStart:
    """What a minor cycle starts from.

    Attributes
    ----------
    peak : float
        Largest absolute residual inside the mask, of all planes of all fields, in Jy/beam. 0 with an empty mask.
    mask_pixels : int
        Pixels that may be cleaned, of all planes of all fields.
    psf_sidelobe : float
        Largest sidelobe of the PSF, as a fraction of its peak.
    nsigma_threshold : float
        `nsigma` times the robust noise that CASA finds, in Jy/beam; 0 where `nsigma` is 0.
    """

    peak: float
    mask_pixels: int
    psf_sidelobe: float
    nsigma_threshold: float = 0.0


@dataclass(frozen=True)
class MinorControls:
    """What limits a run of minor iterations.

    Attributes
    ----------
    iterations : int
        The most that are done, in each plane.
    threshold : float
        Absolute residual at which a plane is done, in Jy/beam.
    gain : float
        Loop gain.
    nsigma : float
        As tclean's.
    final : bool
        Whether these are the last ones that the cycle's limit of iterations allows. CASA's Hogbom does one iteration
        more than it is asked for and does not count it; a cycle in chunks is to have one of these, not many.
    """

    iterations: int
    threshold: float
    gain: float
    nsigma: float = 0.0
    final: bool = True


@dataclass(frozen=True)
class MinorResult:
    """What a run of minor iterations did.

    Attributes
    ----------
    iterations : int
        Done in all planes of all fields together.
    most_iterations : int
        Done in the plane that had most.
    peak : float
        Largest absolute residual inside the mask afterwards, in Jy/beam.
    by_plane : dict of tuple of int to int
        Iterations by field, Stokes plane and channel; only planes that had any.
    """

    iterations: int
    most_iterations: int
    peak: float
    by_plane: dict[tuple[int, int, int], int] = field(default_factory=dict)


@dataclass(frozen=True)
class PlaneMeasure:
    """Numbers of one plane of the residual and the model.

    Attributes
    ----------
    field, term, stokes, channel : int
        Which plane.
    peak_inside, peak_outside : float
        Largest absolute residual inside and outside the mask, in Jy/beam; NaN where there are no such pixels.
    rms : float
        Robust standard deviation (1.4826 times the median absolute deviation) of the residual, in Jy/beam.
    flux : float
        Sum of the model, in Jy.
    """

    field: int
    term: int
    stokes: int
    channel: int
    peak_inside: float
    peak_outside: float
    rms: float
    flux: float


class Engine(Protocol):
    """An imager, as a session drives it.

    The order is `open`, `make_psf`, `major` (which makes the dirty image), then `begin`, `minor` and `major` as often
    as wanted, `restore` at any time after a `major`, and `close`.
    """

    @property
    def fields(self) -> Sequence[ImageField]:
        """The images, the main one first; known after `open`."""
        ...

    def open(self, *, resume: bool) -> None:
        """Select the data and set up images and weights.

        Parameters
        ----------
        resume : bool
            Whether PSF and primary beam are on disk already from an earlier process with the same parameters, so
            that `make_psf` is not called.
        """
        ...

    def make_psf(self, progress: Progress) -> None:
        """Make the PSF and the primary beam.

        Parameters
        ----------
        progress : callable
            Is told how far it is.
        """
        ...

    def major(self, progress: Progress) -> None:
        """Compute the residual of the present model from the visibilities; write the model to the data if asked.

        Parameters
        ----------
        progress : callable
            Is told how far it is.
        """
        ...

    def update_masks(self) -> bool:
        """Let automasking, if it is on, change the masks after a major cycle.

        Returns
        -------
        bool
            Whether a mask changed.
        """
        ...

    def begin(self, nsigma: float) -> CycleStart:
        """Look at residual and mask before the first iteration of a minor cycle.

        Parameters
        ----------
        nsigma : float
            For the threshold; 0 for none.

        Returns
        -------
        CycleStart
            What there is to clean.
        """
        ...

    def minor(self, controls: MinorControls) -> MinorResult:
        """Do some minor iterations: components go to the model, their PSFs out of the residual.

        Parameters
        ----------
        controls : MinorControls
            How many and how far.

        Returns
        -------
        MinorResult
            What was done.
        """
        ...

    def measure(self, models: Models) -> list[PlaneMeasure]:
        """Measure all planes of the residual as it is now, and of the model.

        Parameters
        ----------
        models : list of ndarray of float32
            As `models` gives them.

        Returns
        -------
        list of PlaneMeasure
            By field, term, Stokes plane and channel.
        """
        ...

    def models(self) -> Models:
        """Read the model.

        Returns
        -------
        list of ndarray of float32
            One a field, shape (terms, Stokes, channels, y, x), in Jy/pixel.
        """
        ...

    def set_models(self, models: Models) -> None:
        """Write the model; the residual is out of date until the next `major`.

        Parameters
        ----------
        models : list of ndarray of float32
            As `models` gives them.
        """
        ...

    def masks(self) -> Masks:
        """Read the clean mask.

        Returns
        -------
        list of ndarray of bool
            One a field, shape (Stokes, channels, y, x).
        """
        ...

    def set_masks(self, masks: Masks) -> None:
        """Write the clean mask; the next `begin` takes it.

        Parameters
        ----------
        masks : list of ndarray of bool
            As `masks` gives them.
        """
        ...

    def change(self, parameters: Parameters) -> None:
        """Take parameters that differ from the present ones only in those of `parameters.CHANGEABLE`.

        Parameters
        ----------
        parameters : Parameters
            All of them.
        """
        ...

    def restore(self) -> list[str]:
        """Make the restored image, and the one corrected for the primary beam where `pbcor` is on.

        Returns
        -------
        list of str
            The paths of the images, of all fields and terms.
        """
        ...

    def close(self) -> None:
        """Let go of everything; closing twice does nothing."""
        ...
