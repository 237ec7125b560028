"""Real images of many telescopes: the pixels are the file's, and positions are those of astropy and of casacore."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from dsa110_vis.image import open_image

SETS = ("img_small_mixed", "img_pisco_tclean_set")
FITS = [
    "img_small_mixed/aegean_1904-66/1904-66_CAR.fits",
    "img_small_mixed/aegean_1904-66/1904-66_NCP.fits",
    "img_small_mixed/aegean_1904-66/1904-66_SIN.fits",
    "img_small_mixed/aegean_1904-66/1904-66_TAN.fits",
    "img_small_mixed/astropy/msx_glon_car.fits",
    "img_small_mixed/carta/M17_SWex_unit.fits",
    "img_small_mixed/carta/small_perplanebeam.fits",
    "img_small_mixed/casacore/imfit_stokes.fits",
    "img_small_mixed/pyse_ami_lofar/missing_metadata.fits",
    *(
        f"img_pisco_tclean_set/interferopy_alma_pisco/Pisco.cii.455kms.{name}.fits"
        for name in ("dirty", "image", "image.pbcor", "model", "pb", "psf", "residual")
    ),
]
CASA = [
    "img_small_mixed/carta/M17_SWex_unit.image",
    "img_small_mixed/casacore/image_input_processor.im",
    "img_small_mixed/pyse_casa/kat7.image",
]


@pytest.fixture(scope="module")
def real(unpack):
    def path(name):
        archive, _, rest = name.partition("/")
        return unpack(archive) / rest

    return path


def five(nx, ny):
    """Corners and an inner pixel."""
    return [(0, 0), (nx - 1, 0), (0, ny - 1), (nx - 1, ny - 1), (nx // 2, ny // 3)]


def planes(image):
    return [(0, 0), (image.n_channels - 1, image.n_stokes - 1)]


def test_every_image_of_the_sets_is_tried(unpack):
    found = set()
    for name in SETS:
        root = unpack(name)
        found |= {f"{name}/{path.relative_to(root)}" for path in root.rglob("*.fits")}
        for path in root.rglob("table.info"):
            if "Image" in path.read_text(errors="replace"):
                found.add(f"{name}/{path.parent.relative_to(root)}")
    assert found == {*FITS, *CASA}


@pytest.mark.parametrize("name", FITS)
def test_a_fits_image_has_the_values_of_the_file(real, name):
    from astropy.io import fits

    path = real(name)
    image = open_image(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        opened = fits.open(path, memmap=False)
    with opened:
        raw = np.array(opened[0].data, dtype=np.float32)
        order = [str(opened[0].header.get(f"CTYPE{k}", "")) for k in range(1, raw.ndim + 1)]
    # longitude and latitude are the first two axes in all of these, then come frequency and Stokes in either order
    for channel, stokes in planes(image):
        for x, y in five(image.nx, image.ny):
            index = [
                stokes if kind.startswith("STOKES") else channel if kind.startswith("FREQ") else 0 for kind in order[2:]
            ]
            expected = raw[(*reversed(index), y, x)]
            assert np.array_equal(image.value(x, y, channel, stokes), expected, equal_nan=True)
        whole = image.plane(channel, stokes).read(0, image.nx, 0, image.ny)
        assert whole.dtype == np.float32
        assert whole.dtype.isnative
        assert whole.flags.c_contiguous
        assert np.array_equal(whole, raw[(*reversed(index), slice(None), slice(None))], equal_nan=True)
    image.close()


@pytest.mark.parametrize("name", CASA)
def test_a_casa_image_has_the_values_of_casacore(real, name):
    from casacore.images import image as casacore_image

    path = real(name)
    image = open_image(path)
    other = casacore_image(str(path))
    values, masked = other.getdata(), other.getmask()
    values = np.where(masked, np.nan, values)
    other.unlock()
    kinds = [kind for kind in image.axes if kind in ("channel", "stokes")]
    for channel, stokes in planes(image):
        index = tuple({"channel": channel, "stokes": stokes}[kind] for kind in kinds)
        for x, y in five(image.nx, image.ny):
            assert np.array_equal(image.value(x, y, channel, stokes), values[(*index, y, x)], equal_nan=True)
        whole = image.plane(channel, stokes).read(0, image.nx, 0, image.ny)
        assert np.array_equal(whole, values[index], equal_nan=True)


@pytest.mark.parametrize("name", FITS)
def test_positions_are_those_of_astropy(real, name):
    from astropy.io import fits
    from astropy.wcs import WCS

    path = real(name)
    sky = open_image(path).celestial
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wcs = WCS(fits.getheader(path)).celestial
        x, y = np.transpose(five(*reversed(open_image(path).shape))).astype(float)
        expected = wcs.all_pix2world(x, y, 0)
    lon, lat = sky.to_world(x, y)
    np.testing.assert_allclose(np.mod(lon - expected[0] + 180, 360) - 180, 0, atol=1e-10)
    np.testing.assert_allclose(lat, expected[1], atol=1e-10)
    np.testing.assert_allclose(sky.to_pixel(lon, lat), (x, y), atol=1e-7)


# casacore does not take the integers of 64 bits of one
@pytest.mark.parametrize("name", [*CASA, *(name for name in FITS if "missing_metadata" not in name)])
def test_positions_are_those_of_casacore(real, name):
    from casacore.images import image as casacore_image

    path = real(name)
    image = open_image(path)
    other = casacore_image(str(path))
    units = {"rad": 180 / np.pi, "deg": 1.0, "'": 1 / 60, '"': 1 / 3600}
    factors = [units[unit] for unit in other.coordinates()["direction"].get_unit()]
    for x, y in five(image.nx, image.ny):
        at = [0] * (len(image.axes) - 2)
        # longitude is the last of the world coordinates that casacore gives
        *_, lat, lon = other.toworld([*at, y, x])
        ours = image.celestial.to_world(x, y)
        assert abs((float(ours[0]) - lon * factors[-1] + 180) % 360 - 180) < 1e-9
        assert abs(float(ours[1]) - lat * factors[0]) < 1e-9
    other.unlock()


def test_what_the_files_say_of_themselves(real):
    pisco = open_image(real("img_pisco_tclean_set/interferopy_alma_pisco/Pisco.cii.455kms.image.fits"))
    assert (pisco.unit, pisco.stokes, pisco.celestial.frame, pisco.celestial.projection) == (
        "Jy/beam",
        ("I",),
        "icrs",
        "SIN",
    )
    assert pisco.axes == ("stokes", "channel", "y", "x")
    assert pisco.spectral.label(0) == "222.51143 GHz"
    iquv = open_image(real("img_small_mixed/casacore/imfit_stokes.fits"))
    assert iquv.stokes == ("I", "Q", "U", "V")
    assert iquv.describe()["telescope"] == "VLA"
    kat7 = open_image(real("img_small_mixed/pyse_casa/kat7.image"))
    assert kat7.axes == ("channel", "stokes", "y", "x")
    assert kat7.kind == "CASA image"
    msx = open_image(real("img_small_mixed/astropy/msx_glon_car.fits"))
    assert (msx.celestial.frame, msx.celestial.projection) == ("galactic", "CAR")
    assert msx.celestial.format(0.5, -0.25)[0].endswith("°")


def test_the_vlas_b1950_is_the_same_in_fits_and_in_casa(real):
    # casacore writes it as an equinox of 1979.9, which read literally would be half a degree off
    one, other = (
        open_image(real(f"img_small_mixed/casacore/{name}"))
        for name in ("imfit_stokes.fits", "image_input_processor.im")
    )
    for frame in (None, "icrs", "galactic"):
        np.testing.assert_allclose(
            one.celestial.to_world(20, 30, frame), other.celestial.to_world(20, 30, frame), atol=1e-9
        )
    assert one.celestial.equinox == other.celestial.equinox == 1950.0


def test_masks_of_casa_images_and_nan_of_fits_are_blank(real):
    masked, plain = (open_image(real(f"img_small_mixed/carta/M17_SWex_unit.{kind}")) for kind in ("image", "fits"))
    blank = 0
    for channel in range(5):
        pair = [image.plane(channel).read(0, 6, 0, 6) for image in (masked, plain)]
        assert np.array_equal(*pair, equal_nan=True)
        blank += np.isnan(pair[0]).sum()
    assert blank == 50


def test_each_plane_has_its_own_beam(real):
    from astropy.io import fits

    path = real("img_small_mixed/carta/small_perplanebeam.fits")
    image = open_image(path)
    with fits.open(path) as opened:
        table = opened["BEAMS"].data
        for channel in range(image.n_channels):
            beam = image.beam(channel)
            assert beam.major_deg * 3600 == pytest.approx(float(table["BMAJ"][channel]), rel=1e-6)
            assert beam.pa_deg == pytest.approx(float(table["BPA"][channel]), rel=1e-6)
    assert len({image.beam(channel).major_deg for channel in range(image.n_channels)}) == image.n_channels
