"""FITS files of every kind: what is stored in which way, in which order, and what is broken."""

from __future__ import annotations

import gzip
import os
import threading
import tracemalloc
import warnings

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from hypothesis import given, settings
from hypothesis import strategies as st

from dsa110_vis.errors import (
    Dsa110VisError,
    ImageNotFoundError,
    NotAnImageError,
    OptionError,
    UnreadableError,
)
from dsa110_vis.image import Beam, open_image

RNG = np.random.default_rng(1100)
CARDS = {
    "CTYPE1": "RA---SIN", "CRVAL1": 150.0, "CDELT1": -1e-3, "CRPIX1": 8.0, "CUNIT1": "deg",
    "CTYPE2": "DEC--SIN", "CRVAL2": 40.0, "CDELT2": 1e-3, "CRPIX2": 8.0, "CUNIT2": "deg",
}  # fmt: skip


def header(**cards):
    found = fits.Header()
    for key, value in {**CARDS, **cards}.items():
        found[key] = value
    return found


def write(path, values, **cards):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fits.PrimaryHDU(values, header(**cards)).writeto(path, overwrite=True)
    return path


def whole(image, channel=0, stokes=0):
    return image.plane(channel, stokes).read(0, image.nx, 0, image.ny)


# -- how values are stored -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["u1", "i2", "u2", "i4", "i8", "f4", "f8"])
def test_values_of_every_type(tmp_path, kind):
    values = (RNG.random((20, 30)) * 200).astype(kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fits.PrimaryHDU(values).writeto(tmp_path / "a.fits")  # an unsigned type is stored with BZERO
    assert np.array_equal(whole(open_image(tmp_path / "a.fits")), values.astype("f4"))


@pytest.mark.parametrize("kind", ["i2", "i4"])
def test_scaled_integers_with_blanks(tmp_path, kind):
    stored = RNG.integers(-3000, 3000, (20, 30)).astype(kind)
    stored[3, 4] = -32768
    hdu = fits.PrimaryHDU(stored)
    hdu.header["BSCALE"], hdu.header["BZERO"], hdu.header["BLANK"] = 0.25, 100.0, -32768
    hdu.writeto(tmp_path / "a.fits")
    expected = (stored * 0.25 + 100).astype("f4")
    expected[3, 4] = np.nan
    image = open_image(tmp_path / "a.fits")
    assert np.array_equal(whole(image), expected, equal_nan=True)
    assert np.isnan(image.value(4, 3))
    assert image.statistics().n_blank == 1


def test_a_blank_keyword_means_nothing_for_floats(tmp_path):
    write(tmp_path / "a.fits", np.full((4, 4), 7, dtype="f4"), BLANK=7)
    assert open_image(tmp_path / "a.fits").statistics().npix == 16


@pytest.mark.parametrize("compression", ["RICE_1", "GZIP_2", "HCOMPRESS_1"])
def test_compressed_extensions(tmp_path, compression):
    values = RNG.normal(size=(300, 200)).astype("f4")
    hdu = fits.CompImageHDU(values, header(BUNIT="Jy/beam"), compression_type=compression, name="SCI")
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(tmp_path / "a.fits")
    with fits.open(tmp_path / "a.fits") as opened:
        expected = opened[1].data
    image = open_image(tmp_path / "a.fits")
    assert (image.nx, image.ny, image.unit) == (200, 300, "Jy/beam")
    assert image.celestial.frame == "icrs"
    assert np.array_equal(whole(image), expected)
    assert np.array_equal(image.plane().read(17, 90, 33, 260), expected[33:260, 17:90])


def test_a_compressed_cube_of_scaled_integers_with_blanks(tmp_path):
    values = RNG.integers(-99, 99, (3, 40, 50)).astype("f4") / 2
    hdu = fits.CompImageHDU(values)
    hdu.scale("int16", bscale=0.5, bzero=1.0)
    hdu.header["BLANK"] = int(hdu.data[1, 2, 3])
    hdu.writeto(tmp_path / "a.fits")
    image = open_image(tmp_path / "a.fits")
    with fits.open(tmp_path / "a.fits") as opened:
        expected = opened[1].data
    assert image.n_channels == 3
    assert np.isnan(expected[1, 2, 3])
    for channel in range(3):
        assert np.array_equal(whole(image, channel), expected[channel], equal_nan=True)


def test_a_zipped_file(tmp_path):
    values = RNG.normal(size=(30, 20)).astype("f4")
    path = write(tmp_path / "a.fits", values)
    (tmp_path / "a.fits.gz").write_bytes(gzip.compress(path.read_bytes()))
    image = open_image(tmp_path / "a.fits.gz")
    assert np.array_equal(whole(image), values)
    assert image.celestial is not None


# -- which extension -----------------------------------------------------------------------------------------------


def test_the_first_extension_with_an_image(tmp_path):
    a, b = RNG.normal(size=(2, 5, 6)).astype("f4")
    table = fits.BinTableHDU.from_columns([fits.Column("x", "E", array=[1.0, 2.0])], name="TAB")
    parts = [
        fits.PrimaryHDU(), table, fits.ImageHDU(np.arange(9.0), name="SPEC"), fits.ImageHDU(a, name="A"),
        fits.ImageHDU(b, name="B"),
    ]  # fmt: skip
    path = tmp_path / "a.fits"
    fits.HDUList(parts).writeto(path)
    assert np.array_equal(whole(open_image(path)), a)
    assert np.array_equal(whole(open_image(path, hdu="b")), b)
    assert np.array_equal(whole(open_image(path, hdu=4)), b)
    with pytest.raises(OptionError, match=r"no extension 'C'.*TAB, SPEC, A, B"):
        open_image(path, hdu="C")
    with pytest.raises(NotAnImageError, match="SPEC"):
        open_image(path, hdu="SPEC")
    with pytest.raises(NotAnImageError, match="TAB"):
        open_image(path, hdu="TAB")


# -- axes ----------------------------------------------------------------------------------------------------------

NAMES = {
    "x": {"CTYPE": "RA---SIN", "CRVAL": 150.0, "CDELT": -1e-3, "CRPIX": 4.0},
    "y": {"CTYPE": "DEC--SIN", "CRVAL": 40.0, "CDELT": 1e-3, "CRPIX": 3.0},
    "channel": {"CTYPE": "FREQ", "CRVAL": 1.4e9, "CDELT": 1e6, "CRPIX": 1.0},
    "stokes": {"CTYPE": "STOKES", "CRVAL": -5.0, "CDELT": -1.0, "CRPIX": 1.0},
}
SIZES = {"x": 7, "y": 5, "channel": 3, "stokes": 2}


@settings(deadline=None)
@given(order=st.permutations(sorted(NAMES)), drop=st.sets(st.sampled_from(["channel", "stokes"])), one=st.booleans())
def test_axes_in_any_order(tmp_path_factory, order, drop, one):
    order = [name for name in order if name not in drop]  # fastest first
    sizes = {**SIZES, **({"channel": 1, "stokes": 1} if one else {})}
    values = RNG.normal(size=[sizes[name] for name in reversed(order)]).astype("f4")
    hdu = fits.PrimaryHDU(values)
    for k, name in enumerate(order, 1):
        for key, value in NAMES[name].items():
            hdu.header[f"{key}{k}"] = value
    path = tmp_path_factory.mktemp("axes") / "a.fits"
    hdu.writeto(path)
    image = open_image(path)
    assert (image.nx, image.ny) == (7, 5)
    assert image.axes == tuple(reversed(order))
    turned = np.moveaxis(values, [image.axes.index("y"), image.axes.index("x")], [-2, -1])
    rest = [name for name in image.axes if name in ("channel", "stokes")]
    for channel in range(image.n_channels):
        for stokes in range(image.n_stokes):
            expected = turned[tuple({"channel": channel, "stokes": stokes}[name] for name in rest)]
            assert np.array_equal(whole(image, channel, stokes), expected)
            assert np.array_equal(image.plane(channel, stokes).read(2, 6, 1, 3), expected[1:3, 2:6])
    lon, lat = image.celestial.to_world(3, 2)
    assert (float(lon), float(lat)) == pytest.approx((150.0, 40.0))
    if "stokes" not in drop:
        assert image.stokes == (("XX",) if one else ("XX", "YY"))
    if "channel" not in drop:
        assert image.spectral.frequency[-1] == 1.4e9 + 1e6 * (sizes["channel"] - 1)


def test_a_header_that_speaks_of_more_axes_than_there_are(tmp_path):
    # what is left when degenerate axes are cut off
    cards = {f"{key}{k}": value for k, name in ((3, "channel"), (4, "stokes")) for key, value in NAMES[name].items()}
    image = open_image(write(tmp_path / "a.fits", RNG.normal(size=(5, 7)), **cards))
    assert (image.nx, image.ny, image.n_planes) == (7, 5, 1)
    assert float(image.celestial.to_world(7, 7)[1]) == pytest.approx(40.0)


def test_arrays_are_stokes_channel_y_x():
    values = RNG.normal(size=(4, 1, 5, 7))
    image = open_image(values)
    assert (image.n_stokes, image.n_channels, image.kind, image.path) == (4, 1, "array", "")
    assert np.array_equal(whole(image, 0, 2), values[2, 0].astype("f4"))
    assert open_image(values[:, 0]).n_channels == 4


def test_more_than_four_long_axes_are_refused(tmp_path):
    fits.PrimaryHDU(np.zeros((2, 2, 2, 2, 2), dtype="f4")).writeto(tmp_path / "a.fits")
    with pytest.raises(NotAnImageError, match="more than four axes"):
        open_image(tmp_path / "a.fits")


# -- headers that astropy does not understand ----------------------------------------------------------------------


def refused_by_astropy(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            WCS(fits.getheader(path)).wcs.set()
        except Exception:  # noqa: BLE001  wcslib's are of many kinds
            return True
    return False


SPECTRAL = {"CRVAL3": 1e6, "CDELT3": 2e4, "CRPIX3": 1.0}


@pytest.mark.parametrize(
    "cards",
    [
        {"CTYPE3": "FELO-LSR", **SPECTRAL},  # needs a rest frequency
        {"CTYPE3": "FREQ", **SPECTRAL, "CUNIT3": "furlong"},
        {"CTYPE3": "FREQ", **SPECTRAL, "CDELT3": 0.0},
        {"CTYPE3": "FREQ", **SPECTRAL, "CUNIT3": "HERTZ", "CUNIT1": "DEGREE", "CUNIT2": "DEGREE"},
    ],
)
def test_the_sky_survives_an_axis_that_nothing_understands(tmp_path, cards):
    path = write(tmp_path / "a.fits", RNG.normal(size=(3, 16, 16)).astype("f4"), **cards)
    assert refused_by_astropy(path)
    image = open_image(path)
    assert image.n_channels == 3
    assert image.spectral is None
    lon, lat = image.celestial.to_world(7, 7)
    assert (float(lon), float(lat)) == pytest.approx((150.0, 40.0))


def test_the_frequencies_survive_a_stokes_axis_without_a_step(tmp_path):
    cards = {"CTYPE3": "FREQ", "CRVAL3": 1.4e9, "CDELT3": 1e6, "CRPIX3": 1.0, "CTYPE4": "STOKES", "CRVAL4": 1.0,
             "CDELT4": 0.0, "CRPIX4": 1.0}  # fmt: skip
    path = write(tmp_path / "a.fits", RNG.normal(size=(1, 3, 16, 16)).astype("f4"), **cards)
    assert refused_by_astropy(path)
    image = open_image(path)
    assert (image.n_channels, image.stokes) == (3, ("I",))
    assert image.celestial is not None
    assert image.spectral.frequency == pytest.approx([1.4e9, 1.401e9, 1.402e9])


@pytest.mark.parametrize(("written", "frame"), [("J2000", "fk5"), ("j2000", "fk5"), ("B1950", "fk4"), ("fk5", "fk5")])
def test_reference_systems_by_the_names_that_some_write(tmp_path, written, frame):
    path = write(tmp_path / "a.fits", np.zeros((4, 4)), RADESYS=written)
    assert open_image(path).celestial.frame == frame


def test_casacore_is_asked_in_a_process_of_its_own(tmp_path):
    from dsa110_vis.image.casa import axes_by_casacore

    cards = {f"{key}3": value for key, value in NAMES["channel"].items()}
    path = write(tmp_path / "a.fits", np.zeros((3, 16, 16), dtype="f4"), **cards)
    axes = axes_by_casacore(path, (16, 16, 3))
    own = open_image(path)
    np.testing.assert_allclose(axes.celestial.to_world(3, 5), own.celestial.to_world(3, 5), atol=1e-10)
    np.testing.assert_allclose(axes.spectral.frequency, own.spectral.frequency)
    assert axes.names(3) == own.axes
    assert axes_by_casacore(path, (16, 16)) is None
    path.write_bytes(b"SIMPLE  =                    T" + b" " * 2850)
    assert axes_by_casacore(path, (16, 16, 3)) is None


def test_coordinates_that_nothing_understands_leave_the_pixels(tmp_path, caplog):
    path = write(tmp_path / "a.fits", np.arange(48, dtype="f4").reshape(6, 8), CTYPE1="RA---XYZ", CTYPE2="DEC--XYZ")
    image = open_image(path)
    assert image.celestial is None
    assert image.value(7, 5) == 47
    assert "not understood" in caplog.text


# -- beams ---------------------------------------------------------------------------------------------------------


def test_the_beam_of_the_header(tmp_path):
    path = write(tmp_path / "a.fits", np.zeros((4, 4)), BMAJ=2e-3, BMIN=1e-3, BPA=30.0)
    assert open_image(path).beam() == Beam(2e-3, 1e-3, 30.0)
    assert open_image(path, beam=(3e-3, 2e-3, 0)).beam() == Beam(3e-3, 2e-3, 0.0)
    with pytest.raises(OptionError, match="no beam"):
        open_image(path, beam=(1e-3, 2e-3, 0))


def test_the_beam_that_aips_writes_into_the_history(tmp_path):
    head = header()
    head["HISTORY"] = "AIPS   CLEAN BMAJ=  1.2500E-03 BMIN=  1.2500E-03 BPA=   0.00"
    head["HISTORY"] = "AIPS   CLEAN BMAJ=  1.6667E-03 BMIN=  1.1111E-03 BPA= -12.50"
    fits.PrimaryHDU(np.zeros((4, 4)), head).writeto(tmp_path / "a.fits")
    assert open_image(tmp_path / "a.fits").beam() == Beam(1.6667e-3, 1.1111e-3, -12.5)


def test_a_catalogue_in_the_file_is_no_table_of_beams(tmp_path):
    columns = [fits.Column(name, "E", array=[9.0, 9.0]) for name in ("BMAJ", "BMIN", "BPA")]
    head = header(BMAJ=2e-3, BMIN=1e-3, BPA=30.0)
    parts = [fits.PrimaryHDU(np.zeros((4, 4)), head), fits.BinTableHDU.from_columns(columns, name="SOURCES")]
    fits.HDUList(parts).writeto(tmp_path / "a.fits")
    assert open_image(tmp_path / "a.fits").beam().major_deg == 2e-3


def test_beams_of_channels_and_stokes_parameters(tmp_path):
    rows = [(c, p, 10 + c + 100 * p) for p in range(2) for c in range(3)]
    columns = [
        fits.Column("BMAJ", "E", unit="arcsec", array=[row[2] for row in rows]),
        fits.Column("BMIN", "E", unit="arcsec", array=[5.0] * 6),
        fits.Column("BPA", "E", unit="deg", array=[1.0] * 6),
        fits.Column("CHAN", "J", array=[row[0] for row in rows]),
        fits.Column("POL", "J", array=[row[1] for row in rows]),
    ]
    cards = {f"{key}{k}": value for k, name in ((3, "channel"), (4, "stokes")) for key, value in NAMES[name].items()}
    hdu = fits.PrimaryHDU(np.zeros((2, 3, 4, 4), dtype="f4"), header(CASAMBM=True, **cards))
    fits.HDUList([hdu, fits.BinTableHDU.from_columns(columns, name="BEAMS")]).writeto(tmp_path / "a.fits")
    image = open_image(tmp_path / "a.fits")
    for channel, stokes, size in rows:
        assert image.beam(channel, stokes).major_deg * 3600 == pytest.approx(size)


# -- arrays and HDUs -----------------------------------------------------------------------------------------------


def test_an_array_with_a_wcs_and_an_hdu():
    values = RNG.normal(size=(5, 7))
    wcs = WCS(header())
    image = open_image(values, wcs=wcs, unit="Jy/beam", beam=Beam(2e-3, 1e-3, 0), name="mine")
    np.testing.assert_allclose(image.celestial.to_world(1, 2), wcs.all_pix2world(1, 2, 0))
    assert (image.unit, image.name, image.value(6, 4)) == ("Jy/beam", "mine", np.float32(values[4, 6]))
    assert image.statistics().flux is not None
    hdu = fits.ImageHDU(values, header(BUNIT="K"), name="SCI")
    other = open_image(hdu)
    assert (other.unit, other.name) == ("K", "SCI")
    np.testing.assert_allclose(other.celestial.to_world(1, 2), wcs.all_pix2world(1, 2, 0))


def test_a_wcs_of_more_axes_than_the_array():
    cards = {f"{key}{k}": value for k, name in ((3, "channel"), (4, "stokes")) for key, value in NAMES[name].items()}
    image = open_image(np.zeros((5, 7)), wcs=WCS(header(**cards)))
    assert image.celestial is not None
    assert image.n_planes == 1


def test_masked_arrays_and_quantities():
    from astropy import units

    values = np.ma.masked_greater(np.arange(12).reshape(3, 4), 9)
    assert open_image(values).statistics().npix == 10
    assert open_image(np.ones((3, 4)) * units.Jy).unit == "Jy"


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (np.zeros(5), NotAnImageError),
        (np.zeros((3, 4), dtype=complex), NotAnImageError),
        (np.zeros((0, 4)), NotAnImageError),
        (np.array([["a", "b"]]), NotAnImageError),
        (np.float32(3.0), NotAnImageError),
        (fits.PrimaryHDU(), NotAnImageError),
        (fits.BinTableHDU.from_columns([fits.Column("x", "E", array=[1.0])]), NotAnImageError),
        ([[1, 2], [3, 4]], OptionError),
        (None, OptionError),
        (3, OptionError),
    ],
)
def test_what_is_no_image_in_memory(source, kind):
    with pytest.raises(kind) as caught:
        open_image(source)
    assert caught.value.message.endswith(".")
    assert caught.value.hint


def test_coordinates_of_no_known_kind_are_refused():
    with pytest.raises(OptionError, match="int says nothing"):
        open_image(np.zeros((4, 4)), wcs=5)


# -- broken files --------------------------------------------------------------------------------------------------


def test_nothing_there(tmp_path):
    with pytest.raises(ImageNotFoundError, match="There is no image"):
        open_image(tmp_path / "a.fits")


def test_a_header_of_40_gb_without_data_allocates_nothing(tmp_path):
    head = fits.Header({"SIMPLE": True, "BITPIX": -32, "NAXIS": 2, "NAXIS1": 100_000, "NAXIS2": 100_000})
    (tmp_path / "a.fits").write_bytes(head.tostring().encode())
    tracemalloc.start()
    with pytest.raises(UnreadableError, match=r"holds 40.0 GB of pixels, and has 0 bytes"):
        open_image(tmp_path / "a.fits")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 50e6


def test_a_truncated_file(tmp_path):
    path = write(tmp_path / "a.fits", RNG.normal(size=(200, 300)).astype("f4"))
    os.truncate(path, 100_000)
    with pytest.raises(UnreadableError, match="not complete"):
        open_image(path)


def test_a_file_that_becomes_shorter_while_it_is_open(tmp_path, run_python):
    path = write(tmp_path / "a.fits", RNG.normal(size=(2000, 3000)).astype("f4"))
    code = """
import os, sys
from dsa110_vis.errors import UnreadableError
from dsa110_vis.image import open_image
image = open_image(sys.argv[1])
image.value(2999, 1999)
os.truncate(sys.argv[1], 100_000)
try:
    image.plane().read(0, 3000, 0, 2000)
except UnreadableError as error:
    print(error.message)
"""
    assert "has become shorter" in run_python(code, str(path)).stdout


def test_a_truncated_zip(tmp_path):
    path = write(tmp_path / "a.fits", RNG.normal(size=(100, 100)).astype("f4"))
    packed = gzip.compress(path.read_bytes())
    (tmp_path / "b.fits.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(UnreadableError, match=r"b\.fits\.gz cannot be read"):
        open_image(tmp_path / "b.fits.gz")


def test_a_truncated_compressed_extension(tmp_path):
    fits.CompImageHDU(RNG.normal(size=(500, 500)).astype("f4")).writeto(tmp_path / "a.fits")
    os.truncate(tmp_path / "a.fits", 100_000)
    with pytest.raises(UnreadableError):
        whole(open_image(tmp_path / "a.fits"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"SIMPLE  =                    T" + b" " * 50,
        b"SIMPLE  =                    T" + b"\xff\x00" * 4000,
        b"\x1f\x8b" + b"\x00" * 100,
        b"SIMPLE  =                    T"
        + b" " * 50
        + b"BITPIX  =                  -33"
        + b" " * 50
        + b"END"
        + b" " * 2677,
    ],
)
def test_files_that_are_no_fits(tmp_path, content):
    path = tmp_path / "a.fits"
    path.write_bytes(content)
    with pytest.raises((NotAnImageError, UnreadableError)) as caught:
        open_image(path)
    assert caught.value.message.startswith("a.fits ")
    assert "\n" not in caught.value.message
    assert caught.value.hint


@settings(deadline=None, max_examples=60)
@given(where=st.integers(0, 2879), what=st.binary(min_size=1, max_size=60))
def test_a_damaged_header_never_ends_otherwise_than_in_one_sentence(tmp_path_factory, where, what):
    folder = tmp_path_factory.mktemp("damaged")
    path = write(folder / "a.fits", np.arange(64, dtype="f4").reshape(8, 8))
    with path.open("r+b") as file:
        file.seek(where)
        file.write(what[: 2880 - where])
    problem = None
    try:
        open_image(path).statistics()
    except Dsa110VisError as error:
        problem = error
    assert problem is None or (problem.message.endswith(".") and "\n" not in problem.message)


def test_one_dimension_and_tables_and_uv_data(tmp_path):
    fits.PrimaryHDU(np.arange(9.0)).writeto(tmp_path / "line.fits")
    with pytest.raises(NotAnImageError, match="no image of two or more dimensions"):
        open_image(tmp_path / "line.fits")
    fits.PrimaryHDU(np.zeros((1, 1, 9))).writeto(tmp_path / "thin.fits")
    with pytest.raises(NotAnImageError, match=r"\(1, 1, 9\)"):
        open_image(tmp_path / "thin.fits")
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns([fits.Column("x", "E", array=[1.0])])]).writeto(
        tmp_path / "table.fits"
    )
    with pytest.raises(NotAnImageError, match="no image of two or more dimensions"):
        open_image(tmp_path / "table.fits")
    groups = fits.GroupData(
        np.zeros((5, 1, 4, 3), dtype="f4"), parnames=["UU", "VV"], pardata=[np.zeros(5), np.zeros(5)], bitpix=-32
    )
    fits.GroupsHDU(groups).writeto(tmp_path / "uv.fits")
    with pytest.raises(NotAnImageError):
        open_image(tmp_path / "uv.fits")


def test_a_folder_that_is_no_image(tmp_path):
    with pytest.raises(NotAnImageError, match="is a folder, and no CASA image"):
        open_image(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path):
    path = write(tmp_path / "a.fits", np.zeros((4, 4)))
    path.chmod(0)
    with pytest.raises(UnreadableError, match="Permission denied"):
        open_image(path)


def test_all_blank_opens_and_says_so(tmp_path):
    image = open_image(
        write(tmp_path / "a.fits", np.full((6, 8), np.nan, dtype="f4"), BUNIT="Jy/beam", BMAJ=1e-3, BMIN=1e-3)
    )
    found = image.statistics()
    assert (found.npix, found.n_blank, found.flux, found.peak_x) == (0, 48, None, -1)
    assert np.isnan(found.peak)


# -- reading -------------------------------------------------------------------------------------------------------


def test_many_threads_read_the_same_plane(tmp_path):
    values = RNG.normal(size=(700, 900)).astype("f4")
    image = open_image(write(tmp_path / "a.fits", values))
    plane, wrong = image.plane(), []

    def read(seed):
        chooser = np.random.default_rng(seed)
        for _ in range(50):
            x, y = int(chooser.integers(0, 800)), int(chooser.integers(0, 600))
            if not np.array_equal(plane.read(x, x + 100, y, y + 100), values[y : y + 100, x : x + 100]):
                wrong.append((x, y))

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_part_of_a_large_file_is_all_that_is_read(tmp_path):
    # a sparse file of 4 GB, whose data were never written
    head = fits.Header({"SIMPLE": True, "BITPIX": -32, "NAXIS": 2, "NAXIS1": 32_768, "NAXIS2": 32_768})
    path = tmp_path / "a.fits"
    path.write_bytes(head.tostring().encode())
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(size + 4 * 32_768**2)
        file.seek(size + 4 * (20_000 * 32_768 + 30_000))
        file.write(np.array([5.5], dtype=">f4").tobytes())
    tracemalloc.start()
    image = open_image(path)
    part = image.plane().read(29_900, 30_156, 19_900, 20_156)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert part[100, 100] == 5.5
    assert part.sum() == 5.5
    assert most < 50e6


def test_the_fingerprint_and_the_planes_keys_change_with_the_file(tmp_path):
    path = write(tmp_path / "a.fits", np.zeros((3, 4, 4), dtype="f4"))
    image = open_image(path)
    before, keys = image.fingerprint(), {image.plane(channel).key for channel in range(3)}
    assert len(keys) == 3
    write(path, np.ones((3, 4, 4), dtype="f4"))
    assert image.fingerprint() != before
    assert open_image(path).plane(0).key not in keys


def test_planes_and_pixels_that_are_not_there(tmp_path):
    image = open_image(write(tmp_path / "a.fits", np.zeros((3, 4, 5), dtype="f4")))
    for call in (lambda: image.plane(3), lambda: image.plane(0, 1), lambda: image.plane(-1), lambda: image.value(5, 0)):
        with pytest.raises(OptionError, match="has no"):
            call()


def test_no_heavy_import(run_python):
    code = """
import sys
from dsa110_vis.image import Image, open_image
print([name for name in ("casacore", "matplotlib", "numba", "IPython") if name in sys.modules])
"""
    assert run_python(code).stdout.strip() == "[]"
