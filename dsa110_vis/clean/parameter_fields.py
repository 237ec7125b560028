"""The arguments of tclean, in its order: names, types and defaults are its own, the descriptions are not."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

# Pydantic reads the kinds of value when the class is made.
from dsa110_vis.clean.parameter_values import (
    Angles,
    Beam,
    Fraction,
    ImageSize,
    MaskImage,
    NotNegative,
    Numbers,
    OnePath,
    Paths,
    Positive,
    Scales,
    Selection,
    Spectral,
    Tapers,
    Texts,
    Threshold,
    Whole,
)

__all__ = ["CleaningFields", "DataFields", "GridFields", "ImageFields"]

_Stokes = Literal[
    "I", "IQUV", "UV", "RRLL", "IQ", "V", "pseudoI", "QU", "YY", "RR", "Q", "U", "IV", "XX", "XXYY", "LL",
]  # fmt: skip
_SpecMode = Literal["mfs", "cont", "cube", "cubedata", "cubesource", "mvc"]
_Gridder = Literal[
    "standard", "wproject", "widefield", "mosaic", "awproject", "awp2", "awphpg", "imagemosaic", "wprojectft",
    "mosaicft", "ft", "ftmosaic", "awprojectft", "gridft",
]  # fmt: skip
_Deconvolver = Literal[
    "hogbom", "clark", "multiscale", "mtmfs", "mem", "clarkstokes", "asp", "clark_exp", "clarkstokes_exp",
]  # fmt: skip
_Weighting = Literal["natural", "uniform", "briggs", "briggsabs", "briggsbwtaper", "radial", "superuniform"]


class DataFields(BaseModel):
    """Which visibilities are imaged."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    vis: Paths = Field("", description="Measurement Set, or a list of them; paths are made absolute.")
    selectdata: bool = Field(default=True, description="Whether the selections below hold; always so here.")
    field: Selection = Field("", description="Fields: names, patterns or numbers. Empty: all.")
    spw: Selection = Field("", description="Spectral windows and channels, as '0:10~50'. Empty: all.")
    timerange: Selection = Field("", description="Times (UTC), as '10:00:00~10:05:00'. Empty: all.")
    uvrange: Selection = Field("", description="Lengths of baselines, in metres or as '>1klambda'. Empty: all.")
    antenna: Selection = Field("", description="Antennas and baselines, as '1&2;!103'. Empty: all.")
    scan: Selection = Field("", description="Scan numbers, as '1~5'. Empty: all.")
    observation: Selection = Field("", description="Observation numbers. Empty: all.")
    intent: Selection = Field("", description="Scan intents, as '*TARGET*'. Empty: all.")
    datacolumn: Literal["corrected", "data"] = Field("corrected", description="Column with the visibilities.")


class ImageFields(DataFields):
    """What image is made of them."""

    imagename: OnePath = Field("", description="Path of the images without an ending; made absolute.")
    imsize: ImageSize = Field([100], description="Pixels: one number for a square image, or [x, y].")
    cell: Angles = Field([], description="Size of a pixel, with a unit; one for square pixels, or [x, y].")
    phasecenter: Spectral = Field("", description="Centre of the image: field number, or 'J2000 12h29m06.7 2d03m08'.")
    stokes: _Stokes = Field("I", description="Planes of polarisation.")
    projection: str = Field("SIN", description="Projection of the sky.")
    startmodel: Paths = Field("", description="Model image to start from; one for each Taylor term.")
    specmode: _SpecMode = Field("mfs", description="One plane of all frequencies (mfs), or channels (cube, ...).")
    reffreq: Spectral = Field("", description="Reference frequency with a unit. Empty: the middle.")
    nchan: Annotated[Whole, Field(ge=-1)] = Field(-1, description="Channels of a cube; -1: as many as the data give.")
    start: Spectral = Field("", description="First channel of a cube: number, frequency or velocity.")
    width: Spectral = Field("", description="Width of the channels: number, frequency or velocity.")
    outframe: str = Field("LSRK", description="Frame of the frequencies of a cube.")
    veltype: str = Field("radio", description="Definition of velocities.")
    restfreq: Texts = Field([], description="Rest frequency with a unit, for velocities.")
    interpolation: Literal["nearest", "linear", "cubic"] = Field("linear", description="Between channels, for cubes.")
    perchanweightdensity: bool = Field(
        default=True, description="Whether each channel of a cube is weighted by itself."
    )


class GridFields(ImageFields):
    """How the visibilities are gridded, and how the image is normalised and weighted."""

    gridder: _Gridder = Field("standard", description="How visibilities come to the grid.")
    facets: Annotated[Whole, Field(ge=1)] = Field(1, description="Facets on each side of the image.")
    psfphasecenter: Spectral = Field("", description="Where the PSF of a mosaic is computed. Empty: phasecenter.")
    wprojplanes: Annotated[Whole, Field(ge=-1)] = Field(1, description="Planes in w; -1: CASA chooses.")
    vptable: OnePath = Field("", description="Table of voltage patterns. Empty: those of the telescope.")
    mosweight: bool = Field(default=True, description="Whether each field of a mosaic is weighted by itself.")
    aterm: bool = Field(default=True, description="Whether the aperture is used in A-projection.")
    psterm: bool = Field(default=False, description="Whether the prolate spheroid is used in A-projection.")
    wbawp: bool = Field(default=True, description="Whether A-projection follows frequency.")
    conjbeams: bool = Field(default=False, description="Whether A-projection uses the conjugate frequency.")
    cfcache: OnePath = Field("", description="Folder that keeps the functions of A-projection.")
    usepointing: bool = Field(default=False, description="Whether the POINTING table is used.")
    computepastep: NotNegative = Field(
        360.0, description="Parallactic angle after which apertures are new, in degrees."
    )
    rotatepastep: NotNegative = Field(360.0, description="Parallactic angle after which apertures turn, in degrees.")
    pointingoffsetsigdev: Numbers = Field(
        [], description="Deviations of pointing at which apertures are new, in arcsec."
    )
    pblimit: Annotated[float, Field(ge=-1, le=1)] = Field(
        0.2, description="Primary beam below which nothing is imaged, as a fraction of its peak; below 0: no limit."
    )
    normtype: Literal["flatnoise", "flatsky", "pbsquare"] = Field("flatnoise", description="Normalisation of mosaics.")


class CleaningFields(GridFields):
    """How the image is cleaned and restored, and what is kept."""

    deconvolver: _Deconvolver = Field("hogbom", description="How the minor cycle finds components.")
    scales: Scales = Field([], description="Sizes of components in pixels, for multiscale and mtmfs; 0 is a point.")
    nterms: Annotated[Whole, Field(ge=1, le=10)] = Field(2, description="Taylor terms in frequency, for mtmfs.")
    smallscalebias: Annotated[float, Field(ge=-1, le=1)] = Field(0.0, description="Above 0: smaller scales come first.")
    fusedthreshold: NotNegative = Field(0.0, description="Residual at which asp goes over to hogbom, in Jy/beam.")
    largestscale: Annotated[Whole, Field(ge=-1)] = Field(-1, description="Largest size for asp, in pixels; -1: any.")
    restoration: bool = Field(default=True, description="Whether restored images are made; here when asked.")
    restoringbeam: Beam = Field([], description="Beam of the restored image. Empty: the PSF's; 'common': one for all.")
    pbcor: bool = Field(default=False, description="Whether an image divided by the primary beam is made too.")
    outlierfile: OnePath = Field("", description="Text file that describes more images, far from the main one.")
    weighting: _Weighting = Field("natural", description="Weighting of the visibilities.")
    robust: Annotated[float, Field(ge=-2, le=2)] = Field(0.5, description="For briggs: -2 as uniform, 2 as natural.")
    noise: Threshold = Field("1.0Jy", description="Noise for briggsabs, with a unit.")
    npixels: Annotated[Whole, Field(ge=0)] = Field(0, description="Half-width of the cells of weighting, in uv cells.")
    uvtaper: Tapers = Field([""], description="Gaussian taper: axes as '10arcsec' or '5klambda', position angle.")
    niter: Annotated[Whole, Field(ge=0)] = Field(0, description="The most minor iterations, of all planes together.")
    gain: Annotated[float, Field(gt=0, le=1)] = Field(0.1, description="Part of the peak that an iteration takes out.")
    threshold: Threshold = Field(0.0, description="Peak residual at which cleaning ends; with a unit, or in Jy/beam.")
    nsigma: NotNegative = Field(0.0, description="Peak residual at which cleaning ends, in noise; 0: none.")
    cycleniter: Annotated[Whole, Field(ge=-1)] = Field(-1, description="The most iterations of a plane in a cycle.")
    cyclefactor: Positive = Field(1.0, description="Higher: minor cycles end earlier, at a higher residual.")
    minpsffraction: Fraction = Field(0.05, description="A minor cycle goes no deeper than this part of the peak.")
    maxpsffraction: Fraction = Field(0.8, description="A minor cycle goes at least as deep as this part of the peak.")
    interactive: bool = Field(default=False, description="CASA's own window; a session is interactive by itself.")
    nmajor: Annotated[Whole, Field(ge=-1)] = Field(-1, description="The most major cycles; -1: no limit.")
    fullsummary: bool = Field(default=False, description="How much tclean returns; a session keeps its own record.")
    usemask: Literal["user", "pb", "auto-multithresh"] = Field("user", description="Where the mask comes from.")
    mask: MaskImage = Field("", description="Mask image: what is not 0 may be cleaned. Never a text file.")
    pbmask: Fraction = Field(0.0, description="Primary beam above which cleaning is allowed, with usemask='pb'.")
    sidelobethreshold: NotNegative = Field(3.0, description="Automask: threshold in sidelobe levels.")
    noisethreshold: NotNegative = Field(5.0, description="Automask: threshold in units of the noise.")
    lownoisethreshold: NotNegative = Field(1.5, description="Automask: threshold down to which masks grow, in noise.")
    negativethreshold: NotNegative = Field(
        0.0, description="Automask: threshold of negative sources, in noise; 0: none."
    )
    smoothfactor: NotNegative = Field(1.0, description="Automask: smoothing of the mask, in beams.")
    minbeamfrac: float = Field(0.3, description="Automask: smallest region kept, in areas of the beam; 0 or less: any.")
    cutthreshold: NotNegative = Field(0.01, description="Automask: where the smoothed mask is cut, as a fraction.")
    growiterations: Annotated[Whole, Field(ge=0)] = Field(75, description="Automask: the most steps of growth.")
    dogrowprune: bool = Field(default=True, description="Automask: whether what grew is pruned again.")
    minpercentchange: float = Field(-1.0, description="Automask: change in percent at which it ends; below 0: never.")
    verbose: bool = Field(default=False, description="Automask: whether CASA's log says more.")
    fastnoise: bool = Field(default=True, description="Automask and nsigma: whether noise is found the quick way.")
    restart: bool = Field(default=True, description="tclean's going on from old images; a session resumes by itself.")
    savemodel: Literal["none", "virtual", "modelcolumn"] = Field("none", description="Whether the data get the model.")
    calcres: bool = Field(default=True, description="Whether the first residual is computed; a session always does.")
    calcpsf: bool = Field(default=True, description="Whether the PSF is computed; a session does unless it resumes.")
    psfcutoff: Annotated[float, Field(gt=0, lt=1)] = Field(0.35, description="Level at which the PSF is fitted.")
    parallel: bool = Field(default=False, description="Several processes (MPI); a session runs in one.")
