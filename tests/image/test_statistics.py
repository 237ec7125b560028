"""Statistics: those of numpy, whatever the size, and those of CASA's imstat on real images."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsa110_vis.errors import OptionError
from dsa110_vis.image import Beam, open_image
from dsa110_vis.image import statistics as module
from dsa110_vis.image.plane import ArrayPlane
from dsa110_vis.image.statistics import flux_factor, of_plane, robust_sigma

RNG = np.random.default_rng(1200)


@pytest.fixture
def small(monkeypatch):
    """Strips and memory so small that an image of some pixels is a large one."""
    monkeypatch.setattr(module, "STRIP_PIXELS", 97)
    monkeypatch.setattr(module, "KEPT_PIXELS", 10)


def picture(values, **more):
    return open_image(np.asarray(values, dtype="f4"), **more)


def check(found, values, tight=1e-6):
    good = np.asarray(values, dtype="f8")
    good = good[np.isfinite(good)]
    assert found.npix == good.size
    for name, expected in {
        "sum": good.sum(),
        "mean": good.mean(),
        "median": np.median(good),
        "rms": np.sqrt(np.mean(good**2)),
        "std": good.std(ddof=1),
        "robust_sigma": 1.4826 * np.median(np.abs(good - np.median(good))),
        "minimum": good.min(),
        "maximum": good.max(),
    }.items():
        assert getattr(found, name) == pytest.approx(expected, rel=tight, abs=tight * np.abs(good).max()), name


def test_all_pixels():
    values = RNG.normal(3, 2, (40, 50)).astype("f4")
    values[4, 5] = -77
    values[0, :7] = [np.nan, np.inf, -np.inf, np.nan, np.nan, np.nan, np.nan]
    found = picture(values).statistics()
    check(found, values)
    assert (found.n_blank, found.peak, found.peak_x, found.peak_y) == (7, -77, 5, 4)


def test_a_mask_and_its_own_pixels():
    values = RNG.normal(size=(40, 50)).astype("f4")
    values[20, 30] = np.nan
    values[0, 0] = 1000
    inside = np.zeros((40, 50), dtype=bool)
    inside[10:25, 20:33] = RNG.random((15, 13)) > 0.5
    inside[20, 30] = inside[12, 25] = True
    values[12, 25] = 9
    found = picture(values).statistics(inside)
    check(found, values[inside])
    assert (found.n_blank, found.peak_x, found.peak_y) == (1, 25, 12)


def test_a_region_is_anything_with_a_mask():
    class Region:
        def mask(self, image):
            return np.arange(image.nx * image.ny).reshape(image.shape) == 7

    assert picture(np.arange(20).reshape(4, 5)).statistics(Region()).sum == 7


@settings(deadline=None, max_examples=100)
@given(
    seed=st.integers(0, 1000), blank=st.floats(0, 1), level=st.sampled_from([0.0, 1e3, -1e-3]), repeats=st.booleans()
)
def test_a_strip_at_a_time(seed, blank, level, repeats):
    chooser = np.random.default_rng(seed)
    values = (chooser.normal(level, 1, (chooser.integers(1, 30), chooser.integers(1, 40)))).astype("f4")
    if repeats:
        values = np.round(values)
    values[chooser.random(values.shape) < blank] = np.nan
    inside = chooser.random(values.shape) < 0.7
    plane = ArrayPlane(values, "key")
    box = (0, values.shape[1], 0, values.shape[0])
    with pytest.MonkeyPatch.context() as patch:
        whole = [of_plane(plane, where, box) for where in (None, inside)]
        patch.setattr(module, "STRIP_PIXELS", 97)
        patch.setattr(module, "KEPT_PIXELS", 10)
        parts = [of_plane(plane, where, box) for where in (None, inside)]
    for one, other in zip(whole, parts, strict=True):
        for name in ("npix", "n_blank", "peak_x", "peak_y"):
            assert getattr(one, name) == getattr(other, name), name
        for name in ("peak", "sum", "mean", "median", "rms", "std", "robust_sigma", "minimum", "maximum"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-5, abs=1e-5, nan_ok=True), name


@pytest.mark.usefixtures("small")
def test_the_median_of_many_is_exact():
    for size in (999, 1000):
        values = RNG.normal(0, 1, (1, size)).astype("f4")
        assert picture(values).statistics().median == pytest.approx(float(np.median(values)), rel=1e-7)
    assert picture(np.repeat([-3.0, 5.0], 50)[None]).statistics().median == 1.0
    assert picture(np.zeros((20, 20))).statistics().median == 0.0


def test_a_large_mean_keeps_a_small_scatter():
    values = (1e4 + RNG.normal(0, 0.01, (300, 300))).astype("f4")
    assert picture(values).statistics().std == pytest.approx(values.astype("f8").std(ddof=1), rel=1e-6)


@pytest.mark.parametrize("where", [None, np.zeros((4, 5), dtype=bool)])
def test_no_pixel_is_said(where):
    found = picture(np.full((4, 5), np.nan), unit="Jy/beam").statistics(where)
    assert (found.npix, found.sum, found.flux, found.flux_error, found.peak_x) == (0, 0.0, None, None, -1)
    assert np.isnan([found.mean, found.median, found.rms, found.peak, found.minimum]).all()


def test_all_zero_has_a_peak_on_a_pixel_that_counts():
    values = np.zeros((3, 4))
    values[0] = np.nan
    found = picture(values).statistics()
    assert (found.peak, found.peak_x, found.peak_y) == (0.0, 0, 1)


def test_masks_that_do_not_fit():
    image = picture(np.zeros((4, 5)))
    with pytest.raises(OptionError, match=r"\(4, 5\) pixels does not fit array"):
        image.statistics(np.zeros((5, 4), dtype=bool))
    with pytest.raises(OptionError, match="mask of int64"):
        image.statistics(np.zeros((4, 5), dtype=int))


# -- flux densities ------------------------------------------------------------------------------------------------

SKY = {
    "CTYPE1": "RA---SIN", "CRVAL1": 0.0, "CDELT1": -1e-3, "CRPIX1": 1.0,
    "CTYPE2": "DEC--SIN", "CRVAL2": 0.0, "CDELT2": 1e-3, "CRPIX2": 1.0,
}  # fmt: skip


def with_sky(values, **more):
    from astropy.io.fits import Header

    return picture(values, wcs=Header(SKY), **more)


def test_a_source_of_the_shape_of_the_beam_has_its_peak_as_flux_density():
    y, x = np.mgrid[:101, :101] - 50.0
    beam = Beam(9e-3, 6e-3, 0.0)  # 9 pixels along y, 6 along x
    values = 2.5 * np.exp(-4 * np.log(2) * ((x / 6) ** 2 + (y / 9) ** 2))
    found = with_sky(values, unit="Jy/beam", beam=beam).statistics()
    assert found.flux == pytest.approx(2.5, rel=1e-5)
    assert found.flux_unit == "Jy"
    assert (found.peak, found.peak_x, found.peak_y) == (2.5, 50, 50)


def test_the_error_is_what_noise_of_the_beams_shape_does_to_a_sum():
    from scipy.ndimage import gaussian_filter

    # noise whose autocorrelation is the beam: white noise smoothed with a Gaussian of the beam's width / sqrt(2)
    width = 6.0
    noise = gaussian_filter(RNG.normal(size=(900, 900)), width / np.sqrt(2) / 2.3548200450309493)
    noise /= noise.std()
    image = with_sky(noise, unit="Jy/beam", beam=Beam(width * 1e-3, width * 1e-3, 0.0))
    fluxes, errors = [], []
    for y in range(0, 900, 60):
        for x in range(0, 900, 60):
            inside = np.zeros((900, 900), dtype=bool)
            inside[y : y + 50, x : x + 50] = True
            found = image.statistics(inside, sigma=1.0)
            fluxes.append(found.flux)
            errors.append(found.flux_error)
    assert np.std(fluxes) == pytest.approx(errors[0], rel=0.15)
    assert image.statistics().robust_sigma == pytest.approx(1.0, rel=0.05)


@pytest.mark.parametrize(
    ("unit", "beam", "expected"),
    [
        ("Jy/beam", 10.0, (0.1, "Jy")),
        ("JY/BEAM", 10.0, (0.1, "JY")),
        ("Jy / beam", 10.0, (0.1, "Jy")),
        ("Jy/pixel.km/s", None, (1.0, "Jy.km/s")),
        ("Jy beam**(-1)", 10.0, (0.1, "Jy")),
        ("mJy beam-1", 10.0, (0.1, "mJy")),
        ("Jy beam^-1", 10.0, (0.1, "Jy")),
        ("Jy.beam-1", 10.0, (0.1, "Jy")),
        ("Jy/beam", None, None),
        ("Jy/pixel", None, (1.0, "Jy")),
        ("Jy/pix", 10.0, (1.0, "Jy")),
        ("K", 10.0, None),
        ("", 10.0, None),
        ("Jy/beam.km/s", 10.0, (0.1, "Jy.km/s")),
        ("Jy/beam km/s", 10.0, (0.1, "Jy km/s")),
    ],
)
def test_units(unit, beam, expected):
    assert flux_factor(unit, beam) == expected


def test_one_pixel_has_the_error_of_one_beam():
    image = with_sky(RNG.normal(size=(50, 50)), unit="Jy/beam", beam=Beam(6e-3, 6e-3, 0.0))
    inside = np.zeros((50, 50), dtype=bool)
    inside[3, 4] = True
    assert image.statistics(inside, sigma=0.5).flux_error == 0.5


def test_robust_sigma():
    values = RNG.normal(7, 3, 100_000).astype("f4")
    values[:1000] = 1e6
    assert robust_sigma(values) == pytest.approx(3.0, rel=0.05)
    assert robust_sigma(values[:0]) == 0.0


# -- against CASA --------------------------------------------------------------------------------------------------

IMAGES = [
    ("img_pisco_tclean_set", "interferopy_alma_pisco/Pisco.cii.455kms.image.fits"),
    ("img_pisco_tclean_set", "interferopy_alma_pisco/Pisco.cii.455kms.residual.fits"),
    ("img_small_mixed", "pyse_casa/kat7.image"),
    ("img_small_mixed", "carta/M17_SWex_unit.image"),
    ("img_small_mixed", "carta/small_perplanebeam.fits"),
    ("img_small_mixed", "casacore/imfit_stokes.fits"),
    ("img_small_mixed", "aegean_1904-66/1904-66_SIN.fits"),
]


CODE = """
import os, shutil
from casatasks import imstat
result = []
for path, boxes in arguments["jobs"]:
    # a copy, because imstat leaves a lock file in an image
    copy = os.path.join(arguments["folder"], os.path.basename(path))
    (shutil.copytree if os.path.isdir(path) else shutil.copy)(path, copy)
    answers = []
    for box, chans, stokes in boxes:
        found = imstat(copy, box=box, chans=chans, stokes=stokes)
        answers.append({key: list(map(float, found[key])) for key in arguments["keys"] if key in found})
    result.append(answers)
"""
KEYS = ("npts", "sum", "mean", "median", "rms", "sigma", "min", "max", "medabsdevmed", "maxpos", "minpos", "flux")


def cases(image):
    """The whole of the first plane, and a part of the last."""
    nx, ny = image.nx, image.ny
    part = (nx // 4, nx // 2 + 2, ny // 3, ny // 2 + 3)
    return [(0, 0, (0, nx, 0, ny)), (image.n_channels - 1, image.n_stokes - 1, part)]


@pytest.fixture(scope="module")
def imstat(unpack, tmp_path_factory):
    if importlib.util.find_spec("casatasks") is None:
        pytest.skip("casatasks is not installed: pip install 'dsa110_vis[casa]'")
    from dsa110_vis.casa_process import run_casa

    jobs = []
    for archive, name in IMAGES:
        image = open_image(unpack(archive) / name)
        boxes = []
        for channel, stokes, (x0, x1, y0, y1) in cases(image):
            chans = str(channel) if image.spectral is not None else ""
            boxes.append((f"{x0},{y0},{x1 - 1},{y1 - 1}", chans, image.stokes[stokes] if image.n_stokes > 1 else ""))
        jobs.append((image.path, boxes))
    arguments = {"jobs": jobs, "folder": str(tmp_path_factory.mktemp("imstat")), "keys": KEYS}
    return dict(zip([name for _, name in IMAGES], run_casa(CODE, arguments, timeout=250), strict=True))


@pytest.mark.casa
@pytest.mark.parametrize(("archive", "name"), IMAGES, ids=[name for _, name in IMAGES])
def test_imstat_finds_the_same(unpack, imstat, archive, name):
    image = open_image(unpack(archive) / name)
    for (channel, stokes, (x0, x1, y0, y1)), theirs in zip(cases(image), imstat[name], strict=True):
        inside = np.zeros(image.shape, dtype=bool)
        inside[y0:y1, x0:x1] = True
        ours = image.statistics(inside, channel, stokes)
        assert ours.npix == int(theirs["npts"][0])
        scale = abs(theirs["max"][0]) + abs(theirs["min"][0])
        for key, value in {
            "sum": ours.sum, "mean": ours.mean, "median": ours.median, "rms": ours.rms, "sigma": ours.std,
            "min": ours.minimum, "max": ours.maximum, "medabsdevmed": ours.robust_sigma / 1.4826,
        }.items():  # fmt: skip
            assert value == pytest.approx(theirs[key][0], rel=1e-5, abs=1e-6 * scale), key
        largest = "maxpos" if theirs["max"][0] >= -theirs["min"][0] else "minpos"
        assert (ours.peak_x, ours.peak_y) == tuple(int(part) for part in theirs[largest][:2])
        assert ("flux" in theirs) == (
            ours.flux is not None and ours.flux_unit.lower() == "jy" and "beam" in image.unit.lower()
        )
        if "flux" in theirs:
            assert ours.flux == pytest.approx(theirs["flux"][0], rel=1e-4)
