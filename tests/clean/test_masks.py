"""Clean masks from arrays, regions, files, a threshold and the primary beam, on images that tclean made."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from dsa110_vis.casa_process import run_casa
from dsa110_vis.clean.engine import ImageField
from dsa110_vis.clean.masks import masks_from, pb, threshold
from dsa110_vis.errors import Dsa110VisError, ImageNotFoundError, OptionError
from dsa110_vis.image import open_image
from dsa110_vis.image.statistics import robust_sigma
from dsa110_vis.regions import MaskCube, Region, pixels_of, write
from dsa110_vis.regions.convert import to_sky
from dsa110_vis.regions.mask_files import write_mask
from dsa110_vis.regions.shapes import Box, Circle, Point, Polygon

CLEAN = """
import casatasks
folder = arguments["folder"]
shared = dict(
    vis=arguments["ms"], datacolumn="data", imsize=[128, 96], cell=["15arcsec"], niter=0, scan="3",
    phasecenter="J2000 15h22m00.0 +05d04m00", interactive=False,
)
with open("outlier.txt", "w") as file:
    file.write(f"imagename={folder}/side\\nimsize=[64,80]\\nphasecenter=J2000 15h23m00.0 +05d14m00\\n")
casatasks.tclean(imagename=folder + "/n", specmode="cube", nchan=3, start=30, stokes="RRLL", **shared)
casatasks.tclean(imagename=folder + "/m", specmode="mfs", spw="0:30~32", outlierfile="outlier.txt", **shared)
casatasks.tclean(imagename=folder + "/t", specmode="mfs", spw="0:30~32", deconvolver="mtmfs", nterms=2, **shared)
"""

CIRCLE, BOX, HOLE = Circle(60.2, 50.1, 9.3), Box(30, 40, 11, 7, 30.0), Circle(61.0, 51.0, 3.2)


@pytest.fixture(scope="session")
def images(ngc5921, tmp_path_factory):
    """The folder with what tclean made: a cube, a continuum image with an outlier field, one with Taylor terms."""
    folder = tmp_path_factory.mktemp("images")
    run_casa(CLEAN, {"ms": str(ngc5921), "folder": str(folder)}, timeout=240)
    return folder


class Session:
    """What a session has."""

    def __init__(self, images, names, terms=1):
        endings = ".residual" if terms == 1 else ".residual.tt0"
        self.headers = [f"{images / name}{endings}" for name in names]
        self.images = [open_image(path) for path in self.headers]
        self.fields = [
            ImageField(str(images / name), (i.n_stokes, i.n_channels, i.ny, i.nx), i.stokes, terms)
            for name, i in zip(names, self.images, strict=True)
        ]
        random = np.random.default_rng(5)
        self.current = [random.random(field.shape) < 0.1 for field in self.fields]

    def make(self, source, **more):
        before = [mask.copy() for mask in self.current]
        found = masks_from(source, self.fields, current=self.current, headers=self.headers, **more)
        assert all(np.array_equal(one, other) for one, other in zip(before, self.current, strict=True))
        assert [(mask.dtype, mask.shape) for mask in found] == [(np.bool_, field.shape) for field in self.fields]
        return found


@pytest.fixture
def cube(images):
    """A cube of RR and LL and three channels."""
    return Session(images, ["n"])


@pytest.fixture
def continuum(images):
    """A continuum image and an outlier field of another size."""
    return Session(images, ["m", "side"])


def raster(shapes: list[Any], size=(96, 128)):
    return pixels_of([Region(shape) for shape in shapes], size)


# -- which planes ------------------------------------------------------------------------------------------------------


def test_all_planes_and_only_those_asked_for(cube):
    assert cube.fields[0].shape == (2, 3, 96, 128)
    assert cube.fields[0].stokes == ("RR", "LL")
    wanted = raster([CIRCLE])
    assert all((plane == wanted).all() for plane in cube.make(Region(CIRCLE))[0].reshape(6, 96, 128))
    found = cube.make(Region(CIRCLE), stokes=range(1, 2), channels=range(1, 3))[0]
    for stokes, channel in np.ndindex(2, 3):
        there = wanted if stokes == 1 and channel >= 1 else cube.current[0][stokes, channel]
        assert (found[stokes, channel] == there).all()


def test_another_field_and_the_first_stays(continuum):
    assert continuum.fields[1].shape == (1, 1, 80, 64)
    found = continuum.make(Region(CIRCLE), field=1)
    assert (found[0] == continuum.current[0]).all()
    assert (found[1][0, 0] == raster([CIRCLE], (80, 64))).all()


@pytest.mark.parametrize(
    "more",
    [{"stokes": range(1, 3)}, {"channels": range(-1, 1)}, {"channels": range(2, 2)}, {"field": 1}, {"field": -1}],
)
def test_planes_that_are_not_there_are_refused(cube, more):
    with pytest.raises(OptionError, match=r"There is no .* There are \d, counted from 0"):
        cube.make(Region(CIRCLE), **more)


# -- sources -----------------------------------------------------------------------------------------------------------


def test_arrays(cube):
    one = raster([BOX])
    assert all((plane == one).all() for plane in cube.make(one)[0].reshape(6, 96, 128))
    random = np.random.default_rng(1)
    every = random.random((2, 3, 96, 128)) < 0.2
    assert (cube.make(every)[0] == every).all()
    channels = every[0]
    assert (cube.make(channels)[0] == np.broadcast_to(channels, (2, 3, 96, 128))).all()
    numbers = np.where(every, 0.5, 0.0)
    numbers[0, 0, 0, :9] = np.nan
    wanted = every.copy()
    wanted[0, 0, 0, :9] = False
    assert (cube.make(numbers)[0] == wanted).all()
    assert (cube.make(one.tolist())[0][1, 2] == one).all()


@pytest.mark.parametrize("shape", [(128, 96), (2, 96, 128), (4, 96, 128), (3, 2, 96, 128), (96,), ()])
def test_an_array_that_does_not_fit_is_refused(cube, shape):
    with pytest.raises(OptionError, match=r"does not fit the image.*96 rows of 128 pixels"):
        cube.make(np.ones(shape, bool))


@pytest.mark.parametrize("source", ["text", b"SIMPLE", {"a": 1}, None, [Region(CIRCLE), 7], object()])
def test_what_is_no_mask_is_refused(cube, source):
    with pytest.raises(Dsa110VisError):
        cube.make(source)


def test_regions_are_the_pixels_that_their_own_raster_has(cube):
    header = cube.images[0]
    regions = [Region(CIRCLE), Region(HOLE, include=False), to_sky(Region(BOX), header.celestial, "galactic")]
    wanted = pixels_of(regions, (96, 128), header.celestial)
    assert wanted.sum() > 250
    assert not wanted[51, 61]
    assert (cube.make(regions)[0] == wanted).all()


def test_a_region_with_channels_and_stokes_of_its_own_is_for_these(cube):
    regions = [Region(CIRCLE, channels=(1, 2)), Region(BOX, stokes=("LL",)), Region(Point(3, 3))]
    found = cube.make(regions)[0]
    for stokes, channel in np.ndindex(2, 3):
        shapes = [CIRCLE] * (channel >= 1) + [BOX] * (stokes == 1)
        assert (found[stokes, channel] == raster(shapes)).all()


@pytest.mark.parametrize("kind", ["ds9", "crtf", "json"])
def test_region_files(continuum, tmp_path, kind):
    header = continuum.images[0]
    corners = Polygon(((80.5, 20.25), (110.0, 30.5), (90.25, 60.75)))
    regions = [to_sky(Region(shape), header.celestial, "icrs") for shape in (CIRCLE, BOX, corners)]
    path = tmp_path / "drawn by hand.txt"
    path.write_text(write(regions, header, kind))
    assert (continuum.make(path)[0] == raster([CIRCLE, BOX, corners])).all()
    assert (continuum.make(str(path))[0] == raster([CIRCLE, BOX, corners])).all()


def test_a_line_of_a_region_file_that_cannot_be_taken_is_named(continuum, tmp_path):
    path = tmp_path / "a.reg"
    path.write_text("image\ncircle(61,51,9)\ncircle(61,nonsense,9)\n")
    with pytest.raises(OptionError, match=r"Line 3 of a.reg cannot be taken.*nonsense"):
        continuum.make(path)


def test_fits_and_casa_masks_plane_by_plane(cube, tmp_path):
    drawn = MaskCube(2, 3, 96, 128)
    for number, shape in ((1, CIRCLE), (5, BOX)):
        drawn.write(number)[:] = raster([shape])
    for name in ("mask.fits", "mask.image"):
        write_mask(drawn, cube.images[0], tmp_path / name)
        assert (cube.make(tmp_path / name)[0] == drawn.to_array()).all()
        with pytest.raises(OptionError, match="is empty"):
            cube.make(tmp_path / name, channels=range(1))
        found = cube.make(tmp_path / name, channels=range(2, 3))[0]
        assert (found[:, 2] == drawn.to_array()[:, 2]).all()
        assert (found[:, :2] == cube.current[0][:, :2]).all()


def test_the_mask_that_casa_made_is_taken_and_a_compressed_one_too(continuum, images, tmp_path):
    with fits.open(_fits(continuum, tmp_path)) as hdus:
        hdus.writeto(tmp_path / "packed.fits.gz")
    assert (continuum.make(tmp_path / "packed.fits.gz")[0] == raster([CIRCLE])).all()
    # a residual is not 0 anywhere where there is sky
    residual = continuum.images[0].plane().read(0, 128, 0, 96)
    found = continuum.make(images / "m.residual")[0]
    assert (found[0, 0] == (np.isfinite(residual) & (residual != 0))).all()


def _fits(session, folder, **changed):
    drawn = MaskCube(1, 1, 96, 128)
    drawn.write(0)[:] = raster([CIRCLE])
    write_mask(drawn, session.images[0], folder / "m.fits")
    if changed:
        with fits.open(folder / "m.fits", mode="update") as hdus:
            hdus[0].header.update(changed)
    return folder / "m.fits"


def test_a_mask_for_another_part_of_the_sky_is_refused(continuum, tmp_path):
    at = fits.getheader(_fits(continuum, tmp_path))
    shifted = _fits(continuum, tmp_path, CRPIX1=at["CRPIX1"] + 3)
    with pytest.raises(OptionError, match=r"m.fits is for another part of the sky: it lies 3.0 pixels off"):
        continuum.make(shifted)
    for changed in ({"CDELT1": 2 * at["CDELT1"]}, {"CRVAL1": (at["CRVAL1"] + 180) % 360}):
        with pytest.raises(OptionError, match="another part of the sky"):
            continuum.make(_fits(continuum, tmp_path, **changed))
    assert continuum.make(_fits(continuum, tmp_path, CRPIX1=at["CRPIX1"] + 0.2))[0].any()


def test_a_mask_of_another_size_or_that_is_not_there_is_refused(continuum, tmp_path):
    with pytest.raises(OptionError, match=r"64 by 80 pixels.*128 by 96"):
        continuum.make(continuum.headers[1])
    with pytest.raises(ImageNotFoundError, match="nothing at"):
        continuum.make(tmp_path / "nowhere.fits")
    fits.writeto(tmp_path / "bare.fits", raster([BOX]).astype(np.int16))  # without coordinates it goes by its size
    assert (continuum.make(tmp_path / "bare.fits")[0] == raster([BOX])).all()


def test_a_fits_region_table(continuum, tmp_path):
    columns = [
        fits.Column("SHAPE", "16A", array=["CIRCLE"]), fits.Column("X", "1D", array=[61.2], unit="pix"),
        fits.Column("Y", "1D", array=[51.1], unit="pix"), fits.Column("R", "1D", array=[9.3], unit="pix"),
    ]  # fmt: skip
    fits.BinTableHDU.from_columns(columns, name="REGION").writeto(tmp_path / "regions.fits")
    assert (continuum.make(tmp_path / "regions.fits")[0] == raster([CIRCLE])).all()


@pytest.mark.parametrize("sigma", [3.0, -2.5])
def test_threshold(cube, sigma):
    found = cube.make(threshold(sigma))[0]
    for stokes, channel in np.ndindex(2, 3):
        values = cube.images[0].plane(channel, stokes).read(0, 128, 0, 96)
        limit = sigma * robust_sigma(values[np.isfinite(values)])
        wanted = np.nan_to_num(values) > limit if sigma > 0 else np.nan_to_num(values) < limit
        assert (found[stokes, channel] == wanted).all()
    assert found.any()
    sent = pickle.loads(pickle.dumps(threshold(sigma)))  # noqa: S301  as to a process that reads images
    assert (cube.make(sent)[0] == found).all()
    with pytest.raises(OptionError, match="is empty"):
        cube.make(threshold(1000 * sigma))


def test_primary_beam(cube, continuum, images):
    for session in (cube, continuum, Session(images, ["t"], terms=2)):
        ending = ".pb.tt0" if session.fields[0].terms == 2 else ".pb"
        values = open_image(f"{session.fields[0].imagename}{ending}").plane().read(0, 128, 0, 96)
        wanted = np.nan_to_num(values) >= 0.9
        assert 0 < wanted.sum() < wanted.size
        assert (session.make(pb(0.9))[0][0, 0] == wanted).all()


def test_a_primary_beam_that_is_not_there_yet(cube, tmp_path):
    moved = ImageField(str(tmp_path / "x"), cube.fields[0].shape, cube.fields[0].stokes)
    with pytest.raises(ImageNotFoundError, match=r"x.pb. It is made with the PSF"):
        masks_from(pb(0.5), [moved], current=cube.current, headers=cube.headers)


@pytest.mark.parametrize(
    "make", [lambda: threshold(0), lambda: threshold(float("nan")), lambda: pb(0), lambda: pb(1.2)]
)
def test_numbers_that_cannot_be(make):
    with pytest.raises(OptionError, match="cannot be"):
        make()


def test_a_plane_without_noise_is_named(continuum, tmp_path):
    flat = np.zeros((96, 128), np.float32)
    fits.writeto(tmp_path / "flat.fits", flat)
    headers = [tmp_path / "flat.fits", continuum.headers[1]]
    with pytest.raises(OptionError, match=r"Channel 0 of Stokes plane 0 of flat.fits has no noise"):
        masks_from(threshold(3), continuum.fields, current=continuum.current, headers=headers)


# -- nothing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [np.zeros((96, 128)), Region(Circle(500, 500, 5)), [Region(Point(20, 20))], [Region(CIRCLE, stokes=("I",))]],
    ids=["array", "outside", "point", "other stokes"],
)
def test_an_empty_mask_is_an_error_unless_it_is_asked_for(cube, source):
    with pytest.raises(OptionError, match=r"The mask is empty.*Nothing would be cleaned"):
        cube.make(source)
    assert not cube.make(source, allow_empty=True)[0].any()


def test_a_header_of_another_image_is_refused(cube, continuum):
    with pytest.raises(OptionError, match=r"m.residual has the size \(1, 1, 96, 128\)"):
        masks_from(Region(CIRCLE), cube.fields, current=cube.current, headers=continuum.headers)
