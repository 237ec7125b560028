"""Masks as FITS and as CASA images: the pixels, the axes, and what is there before is not lost."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from dsa110_vis.errors import Dsa110VisError, OptionError, OutputError
from dsa110_vis.image import open_image
from dsa110_vis.regions import MaskCube
from dsa110_vis.regions.mask_files import fits_mask, read_mask, write_casa_mask, write_mask

CUBE = {
    "CTYPE3": "FREQ", "CRVAL3": 1.4e9, "CDELT3": 1e6, "CRPIX3": 1.0, "CUNIT3": "Hz",
    "CTYPE4": "STOKES", "CRVAL4": 1.0, "CDELT4": 1.0, "CRPIX4": 1.0,
}  # fmt: skip


@pytest.fixture
def cube(write_image):
    """An image of 2 Stokes parameters and 3 channels, 30 rows of 40 pixels."""
    return open_image(write_image(np.ones((2, 3, 30, 40), np.float32), "cube.fits", **CUBE))


@pytest.fixture
def mask(cube):
    """Other pixels in two of the planes."""
    made = MaskCube(cube.n_stokes, cube.n_channels, cube.ny, cube.nx)
    for number, (y, x) in ((1, (5, 7)), (5, (20, 33))):
        bits = np.zeros((30, 40), bool)
        bits[y : y + 4, x : x + 6] = True
        made.write(number)[:] = bits
    return made


def planes(path_or_content, image, mask):
    return read_mask(path_or_content, image, mask)


@pytest.mark.parametrize("name", ["mask.fits", "mask.FIT", "mask.image", "with space, and 'quote'.mask"])
def test_what_is_written_is_read_again_in_every_plane(cube, mask, tmp_path, name):
    write_mask(mask, cube, tmp_path / name)
    found = planes(tmp_path / name, cube, mask)
    assert [int(bits.sum()) for bits in found.values()] == [0, 24, 0, 0, 0, 24]
    assert all(np.array_equal(found[number], mask.read(number)) for number in range(6))
    assert sorted(path.name for path in tmp_path.iterdir() if "mask" in path.name) == [name]  # nothing half is left


def test_the_fits_file_has_the_four_axes_and_the_coordinates_of_the_image(cube, mask, tmp_path):
    write_mask(mask, cube, tmp_path / "mask.fits")
    with fits.open(tmp_path / "mask.fits") as hdus:
        header, values = hdus[0].header, hdus[0].data
        assert values.shape == (2, 3, 30, 40)
        assert values.dtype.kind == "f"
        assert set(np.unique(values)) == {0.0, 1.0}
        assert [header[f"CTYPE{axis}"] for axis in (1, 2, 3, 4)] == ["RA---SIN", "DEC--SIN", "FREQ", "STOKES"]
        theirs, ours = WCS(fits.getheader(cube.path)), WCS(header)
        places = np.array([[3.0, 4.0, 1.0, 0.0], [39.0, 29.0, 2.0, 1.0]])
        assert ours.wcs_pix2world(places, 0) == pytest.approx(theirs.wcs_pix2world(places, 0), rel=1e-12)


def test_the_axes_of_a_casa_image_are_kept(unpack, tmp_path):
    from casacore.images import image as casa_image

    path = unpack("img_small_mixed") / "carta" / "M17_SWex_unit.image"
    image = open_image(path)
    mask = MaskCube(image.n_stokes, image.n_channels, image.ny, image.nx)
    bits = np.zeros((image.ny, image.nx), bool)
    bits[1, 2] = bits[4, 5] = True
    mask.write(2)[:] = bits
    write_casa_mask(mask, image, tmp_path / "mask")
    theirs, ours = casa_image(str(path)), casa_image(str(tmp_path / "mask"))
    assert ours.shape() == theirs.shape()
    assert str(ours.coordinates()) == str(theirs.coordinates())
    assert set(np.unique(ours.getdata())) == {0.0, 1.0}
    found = planes(tmp_path / "mask", image, mask)
    assert [int(plane.sum()) for plane in found.values()] == [0, 0, 2, 0, 0]
    assert np.array_equal(found[2], bits)


def test_an_image_without_further_axes_or_coordinates(sky, write_image, tmp_path):
    for image in (open_image(write_image(sky)), open_image(sky)):
        mask = MaskCube(1, 1, image.ny, image.nx)
        bits = np.zeros(sky.shape, bool)
        bits[10, 20] = True
        mask.write(0)[:] = bits
        for name in ("mask.fits", "mask.image"):
            write_mask(mask, image, tmp_path / name)
            assert np.argwhere(planes(tmp_path / name, image, mask)[0]).tolist() == [[10, 20]]


def test_a_mask_can_be_given_as_bytes_and_one_of_one_plane_is_for_all(cube, mask, write_image):
    assert [int(bits.sum()) for bits in planes(fits_mask(mask, cube), cube, mask).values()] == [0, 24, 0, 0, 0, 24]
    values = np.zeros((30, 40), np.float32)
    values[3, 4] = 7.0
    values[5, 5] = np.nan
    found = planes(write_image(values, "one.fits"), cube, mask)
    assert [np.argwhere(bits).tolist() for bits in found.values()] == [[[3, 4]]] * 6


def test_another_size_is_refused(cube, mask, write_image):
    with pytest.raises(OptionError, match="41 by 30 pixels"):
        planes(write_image(np.zeros((30, 41), np.float32), "wide.fits"), cube, mask)
    with pytest.raises(Dsa110VisError):
        planes(b"SIMPLE  = no", cube, mask)


def test_what_is_there_is_replaced_but_a_folder_that_is_no_image_is_not(cube, mask, tmp_path):
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="no CASA image"):
        write_mask(mask, cube, folder)
    assert (folder / "thesis.txt").read_text() == "years of work"
    for name in ("mask.fits", "mask.image"):
        write_mask(mask, cube, tmp_path / name)
        write_mask(MaskCube(2, 3, 30, 40), cube, tmp_path / name)
        assert not any(bits.any() for bits in planes(tmp_path / name, cube, mask).values())
    named = tmp_path / "folder.fits"
    named.mkdir()
    with pytest.raises(OutputError, match="folder"):
        write_mask(mask, cube, named)


def test_a_folder_that_does_not_exist_is_said(cube, mask, tmp_path):
    for name in ("mask.fits", "mask.image"):
        with pytest.raises(OutputError, match="folder"):
            write_mask(mask, cube, tmp_path / "nowhere" / name)
    assert not (tmp_path / "nowhere").exists()
