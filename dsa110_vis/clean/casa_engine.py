"""CASA as a session drives it: the class that tclean itself runs on, one step at a time.

The steps, their order and their arguments are tclean's own; what tclean leaves to its iteration controller (how many
iterations, when to stop) comes from the session. The images on disk are the interface: the mask is written there, and
so is a model that is gone back to.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.clean import casa_images as images
from dsa110_vis.clean import casa_pixels
from dsa110_vis.clean.casa_arguments import CLEANING, imager_parameters
from dsa110_vis.clean.casa_failure import failure
from dsa110_vis.clean.casa_measure import measure_plane
from dsa110_vis.clean.casa_minor import iterations_of, iterations_to_ask
from dsa110_vis.clean.casa_output import captured
from dsa110_vis.clean.casa_start import start
from dsa110_vis.clean.engine import CycleStart, ImageField, MinorResult
from dsa110_vis.errors import CleanError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsa110_vis.clean.engine import Masks, MinorControls, Models, PlaneMeasure, Progress
    from dsa110_vis.clean.parameters import Parameters

__all__ = ["CasaEngine"]


class CasaEngine:
    """An imager made of CASA's.

    Parameters
    ----------
    parameters : Parameters
        What to image and how.
    folder : pathlib.Path
        The session's folder, for CASA's log.

    Raises
    ------
    DependencyError
        Where CASA is not installed.
    CleanError
        In a process that uses python-casacore.
    """

    def __init__(self, parameters: Parameters, *, folder: Path) -> None:
        self._parameters = parameters
        self._folder = folder.absolute()
        self._imager: Any = None
        self._fields: list[ImageField] = []
        self._masks_made = False
        self._known_masks: Masks | None = None  # those on disk, as long as nothing writes them: reading takes time
        self._folder.mkdir(parents=True, exist_ok=True)
        with captured(self._folder):
            start(self._folder)

    @property
    def fields(self) -> Sequence[ImageField]:
        """The images, the main one first; known after `open`."""
        return tuple(self._fields)

    def open(self, *, resume: bool) -> None:
        """Select the data and set up images and weights.

        Parameters
        ----------
        resume : bool
            Whether PSF and primary beam are on disk already.

        Raises
        ------
        CleanError
            If CASA cannot.
        """
        from casatasks.private.imagerhelpers.imager_base import PySynthesisImager  # noqa: PLC0415  see casa_start

        with self._casa("selecting the data"):
            arguments = imager_parameters(self._parameters, resume=resume)
            if resume:
                self._check_there(arguments)
            for told in arguments.allimpars.values():
                # a process that was killed may have left them half written, and CASA would go on from a model
                images.remove(told["imagename"], images.CLEANED if resume else (*images.CLEANED, *images.GRIDDED))
                images.remove(told["imagename"], images.RESTORED, damaged_only=True)
            self._imager = PySynthesisImager(params=arguments)
            self._imager.initializeImagers()
            self._imager.initializeNormalizers()
            self._imager.setWeighting()
            self._imager.initializeDeconvolvers()
            self._fields = [self._describe(number) for number in range(self._imager.NF)]
        self._masks_made = resume
        self._known_masks = None

    def make_psf(self, progress: Progress) -> None:
        """Make the PSF and the primary beam.

        Parameters
        ----------
        progress : callable
            Is told how far it is.

        Raises
        ------
        CleanError
            If CASA cannot, or there are no data to make it of.
        """
        with self._casa("making the PSF", progress):
            self._imager.makePSF()
            self._imager.makePB()
            weights = [casa_pixels.read(self._path(number, "sumwt", 0)) for number in range(len(self._fields))]
        if not any(weight.max(initial=0) > 0 for weight in weights):
            message = "There is nothing to image: the selected data have no weight at all."
            raise CleanError(message, "All of them are flagged, or the selection is outside the image's channels.")

    def major(self, progress: Progress) -> None:
        """Compute the residual of the present model from the visibilities; write the model to the data if asked.

        Parameters
        ----------
        progress : callable
            Is told how far it is.

        Raises
        ------
        CleanError
            If CASA cannot.
        """
        with self._casa("computing the residual", progress):
            self._imager.runMajorCycle()
            self._flush("residual", "model")

    def update_masks(self) -> bool:
        """Make the first masks after the dirty image; later let automasking, if it is on, change them.

        Returns
        -------
        bool
            Whether a mask changed.

        Raises
        ------
        CleanError
            If CASA cannot.
        """
        changed = False
        with self._casa("making the mask"):
            for number, tool in enumerate(self._imager.SDtools):
                told = self._imager.alldecpars[str(number)]
                if told["usemask"] == "user" and not told["mask"]:
                    if not self._masks_made:
                        # CASA would take the whole image
                        changed |= self._make_mask(number)
                elif not self._masks_made or "auto" in told["usemask"]:
                    if not self._masks_made:
                        tool.initminorcycle()
                    changed |= bool(tool.setupmask())
                    self._known_masks = None
        if changed or not self._masks_made:
            self._known_masks = None
        self._masks_made = True
        return changed

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

        Raises
        ------
        CleanError
            If CASA cannot.
        """
        with self._casa("looking at the residual"):
            self._tell({"nsigma": nsigma})
            records = [tool.initminorcycle() for tool in self._imager.SDtools]
            pixels = sum(int(np.count_nonzero(mask)) for mask in self._all_masks())
        return CycleStart(
            peak=max(float(record["peakresidual"]) for record in records) if pixels else 0.0,
            mask_pixels=pixels,
            psf_sidelobe=max(float(record["maxpsfsidelobe"]) for record in records),
            nsigma_threshold=max(float(record["nsigmathreshold"]) for record in records),
        )

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

        Raises
        ------
        CleanError
            If CASA cannot.
        """
        uncounted = self._parameters.deconvolver == "hogbom" and not controls.final
        asked = iterations_to_ask(controls.iterations, uncounted=uncounted)
        limits = {
            "cycleniter": asked,
            "cyclethreshold": controls.threshold,
            "loopgain": controls.gain,
            "nsigma": controls.nsigma,
            "thresholdreached": False,
        }
        with self._casa("cleaning"):
            records = [tool.executeminorcycle(iterbotrecord=limits) for tool in self._imager.SDtools]
            self._flush("residual", "model")
        by_plane = {
            (number, *plane): done
            for number, record in enumerate(records)
            for plane, done in iterations_of(record, asked, uncounted=uncounted).items()
        }
        return MinorResult(
            iterations=sum(by_plane.values()),
            most_iterations=max(by_plane.values(), default=0),
            peak=max(float(record["peakresidual"]) for record in records),
            by_plane=by_plane,
        )

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

        Raises
        ------
        CleanError
            If CASA cannot read them.
        """
        with self._casa("measuring the residual"):
            masks = self._all_masks()
            return [
                measure_plane(
                    (number, term, stokes, channel),
                    *casa_pixels.read_plane(self._path(number, "residual", term), stokes, channel),
                    mask=masks[number][stokes, channel],
                    model=models[number][term, stokes, channel],
                )
                for number, image in enumerate(self._fields)
                for term in range(image.terms)
                for stokes in range(image.shape[0])
                for channel in range(image.shape[1])
            ]

    def models(self) -> Models:
        """Read the model.

        Returns
        -------
        list of ndarray of float32
            One a field, shape (terms, Stokes, channels, y, x), in Jy/pixel; zeros where there is none yet.

        Raises
        ------
        CleanError
            If CASA cannot read it.
        """
        with self._casa("reading the model"):
            return [
                np.stack([_read_or_zeros(self._path(number, "model", term), image) for term in range(image.terms)])
                for number, image in enumerate(self._fields)
            ]

    def set_models(self, models: Models) -> None:
        """Write the model; the residual is out of date until the next `major`.

        Parameters
        ----------
        models : list of ndarray of float32
            As `models` gives them.

        Raises
        ------
        CleanError
            If CASA cannot write it.
        """
        with self._casa("writing the model"):
            for number, model in enumerate(models):
                for term, pixels in enumerate(model):
                    self._write(number, "model", pixels, "Jy/pixel", term)

    def masks(self) -> Masks:
        """Read the clean mask.

        Returns
        -------
        list of ndarray of bool
            One a field, shape (Stokes, channels, y, x); nothing is set where there is none yet.

        Raises
        ------
        CleanError
            If CASA cannot read it.
        """
        with self._casa("reading the mask"):
            return [mask.copy() for mask in self._all_masks()]

    def set_masks(self, masks: Masks) -> None:
        """Write the clean mask; the next `begin` takes it.

        Parameters
        ----------
        masks : list of ndarray of bool
            As `masks` gives them.

        Raises
        ------
        CleanError
            If CASA cannot write it.
        """
        with self._casa("writing the mask"):
            for number, mask in enumerate(masks):
                self._write(number, "mask", mask, "")
        self._masks_made = True
        self._known_masks = [mask.copy() for mask in masks]

    def change(self, parameters: Parameters) -> None:
        """Take parameters that differ from the present ones only in those of `parameters.CHANGEABLE`.

        Parameters
        ----------
        parameters : Parameters
            All of them.

        Raises
        ------
        CleanError
            If CASA cannot take one.
        """
        self._parameters = parameters
        with self._casa("changing parameters"):
            self._tell({name: getattr(parameters, name) for name in CLEANING})

    def restore(self) -> list[str]:
        """Make the restored image, and the one corrected for the primary beam where `pbcor` is on.

        Returns
        -------
        list of str
            The paths of the images, of all fields and terms.

        Raises
        ------
        CleanError
            If CASA cannot.
        """
        with self._casa("restoring"):
            for image in self._fields:
                images.remove(image.imagename, images.RESTORED)
            self._imager.restoreImages()
            if self._parameters.pbcor:
                self._imager.pbcorImages()
        restored = [
            self._path(number, "image", term)
            for number, image in enumerate(self._fields)
            for term in range(image.terms)
        ]
        endings = ("", ".pbcor") if self._parameters.pbcor else ("",)
        return [path for ending in endings for name in restored if Path(path := name + ending).is_dir()]

    def close(self) -> None:
        """Let go of everything; closing twice does nothing."""
        if self._imager is not None:
            with self._casa("closing"):
                self._imager.deleteTools()
            self._imager = None

    # -- inside -------------------------------------------------------------------------------------------------------

    @contextmanager
    def _casa(self, doing: str, progress: Progress | None = None) -> Iterator[None]:
        """Keep what CASA prints, and say its errors in clear words."""
        try:
            with captured(self._folder, progress, doing):
                yield
        except CleanError:
            raise
        except Exception as error:
            raise failure(doing, error, self._folder) from error

    def _describe(self, number: int) -> ImageField:
        told = self._imager.allimpars[str(number)]
        multiterm = self._imager.alldecpars[str(number)]["deconvolver"] == "mtmfs"
        name = str(Path(told["imagename"]).absolute())
        # asking for the name of the PSF is what makes it, as yet empty, with its shape and coordinates
        self._imager.SItool.getImageName(number, "PSF")
        shape, stokes = images.layout(f"{name}.psf.tt0" if multiterm else f"{name}.psf")
        return ImageField(name, shape, stokes, int(told["nterms"]) if multiterm else 1)

    def _check_there(self, arguments: Any) -> None:
        for told in arguments.allimpars.values():
            ending = ".psf.tt0" if told["deconvolver"] == "mtmfs" else ".psf"
            if not Path(told["imagename"] + ending).is_dir():
                message = f"The session cannot be resumed: {told['imagename']}{ending} is not there."
                raise CleanError(message, "Start the session afresh: it makes the PSF anew.")

    def _path(self, number: int, ending: str, term: int | None = None) -> str:
        """Name an image on disk; those of several terms end with the term."""
        image = self._fields[number]
        multiterm = term is not None and self._imager.alldecpars[str(number)]["deconvolver"] == "mtmfs"
        return f"{image.imagename}.{ending}.tt{term}" if multiterm else f"{image.imagename}.{ending}"

    def _all_masks(self) -> Masks:
        if self._known_masks is None:
            self._known_masks = [
                _read_or_zeros(self._path(number, "mask"), image) > 0 for number, image in enumerate(self._fields)
            ]
        return self._known_masks

    def _make_mask(self, number: int) -> bool:
        path = self._path(number, "mask")
        if Path(path).is_dir():
            return False
        images.make(path, self._path(number, "psf", 0), "")
        return True

    def _write(self, number: int, ending: str, pixels: Any, unit: str, term: int | None = None) -> None:
        path = self._path(number, ending, term)
        if not Path(path).is_dir():
            images.make(path, self._path(number, "psf", 0), unit)
        casa_pixels.write(path, pixels)

    def _flush(self, *endings: str) -> None:
        """See that other processes read what is now."""
        for number, image in enumerate(self._fields):
            for path in (self._path(number, ending, term) for ending in endings for term in range(image.terms)):
                if Path(path).is_dir():
                    casa_pixels.flush(path)

    def _tell(self, changes: dict[str, Any]) -> None:
        """Tell CASA's deconvolvers of other parameters."""
        for number, tool in enumerate(self._imager.SDtools):
            told = self._imager.alldecpars[str(number)]
            if any(told[name] != value for name, value in changes.items()):
                told.update(changes)
                tool.setupdeconvolution(decpars=told)


def _read_or_zeros(path: str, image: ImageField) -> Any:
    return casa_pixels.read(path) if Path(path).is_dir() else np.zeros(image.shape, np.float32)
