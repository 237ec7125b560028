"""Spectral axes, profiles, limits, histograms and samples."""

from __future__ import annotations

import numpy as np
import pytest
from astropy import units
from astropy.io.fits import Header
from astropy.visualization import ZScaleInterval
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dsa110_vis.errors import OptionError
from dsa110_vis.image import Beam, Spectral, histogram, limits, open_image
from dsa110_vis.image.limits import LIMITS_MODES
from dsa110_vis.image.plane import ArrayPlane
from dsa110_vis.image.profiles import column, line, row, spectrum
from dsa110_vis.image.sample import sample

RNG = np.random.default_rng(1300)
REST = 1.420405752e9
SKY = {
    "CTYPE1": "RA---SIN", "CRVAL1": 0.0, "CDELT1": -1e-3, "CRPIX1": 1.0,
    "CTYPE2": "DEC--SIN", "CRVAL2": 0.0, "CDELT2": 1e-3, "CRPIX2": 1.0,
}  # fmt: skip


def cube(kind, start, step, channels=4, **cards):
    head = Header({**SKY, "CTYPE3": kind, "CRVAL3": start, "CDELT3": step, "CRPIX3": 1.0, **cards})
    return open_image(RNG.normal(size=(channels, 9, 8)), wcs=head, unit="Jy/beam", beam=Beam(3e-3, 3e-3, 0))


# -- spectral axes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "cards", "convention"),
    [
        ("VRAD", {}, "radio"),
        ("VOPT", {}, "optical"),
        ("VELO", {}, "relativistic"),
        ("VELO-LSR", {"VELREF": 257}, "radio"),  # AIPS
        ("VELO-LSR", {"VELREF": 1}, "optical"),
        ("FELO-LSR", {}, "optical"),
    ],
)
def test_velocities_are_those_of_astropys_units(kind, cards, convention):
    found = cube(kind, 5e6, 3e5, RESTFRQ=REST, **cards).spectral
    assert (found.convention, found.shows_velocity) == (convention, True)
    equivalent = getattr(units, f"doppler_{convention}")(REST * units.Hz)
    expected = (found.velocity * units.m / units.s).to(units.Hz, equivalent).value
    np.testing.assert_allclose(found.frequency, expected, rtol=1e-12)
    assert found.velocity[0] == pytest.approx(5e6)
    assert found.frame == ("LSRK" if "LSR" in kind else "")
    assert found.label(0) == "5000.000 km/s"


def test_frequencies_have_velocities_of_the_radio_convention():
    found = cube("FREQ", REST - 2e6, 1e6, RESTFRQ=REST, SPECSYS="BARYCENT").spectral
    expected = (found.frequency * units.Hz).to(units.m / units.s, units.doppler_radio(REST * units.Hz)).value
    np.testing.assert_allclose(found.velocity, expected, atol=1e-3)
    assert (found.frame, found.shows_velocity, found.label(0)) == ("BARYCENT", False, "1.4184 GHz")
    assert np.isnan(cube("FREQ", 1e9, 1e6).spectral.velocity).all()


@pytest.mark.parametrize("convention", ["radio", "optical", "relativistic"])
def test_velocities_from_frequencies(convention):
    frequency = np.linspace(0.9, 1.1, 5) * REST
    found = Spectral.of_frequencies(frequency, REST, convention)
    equivalent = getattr(units, f"doppler_{convention}")(REST * units.Hz)
    np.testing.assert_allclose(
        found.velocity, (frequency * units.Hz).to(units.m / units.s, equivalent).value, atol=1e-3
    )
    np.testing.assert_allclose(
        Spectral.of_velocities(found.velocity, REST, convention).frequency, frequency, rtol=1e-12
    )


def test_labels_tell_channels_apart():
    fine = cube("FREQ", 1.4e9, 100.0).spectral
    assert len({fine.label(channel) for channel in range(4)}) == 4
    assert cube("FREQ", 74e6, 1e5).spectral.label(1) == "74.100 MHz"
    assert cube("VRAD", 1e5, 1e3).spectral.label(0) == "100.000 km/s"


def test_a_spectral_axis_that_is_none_of_these_has_no_label():
    assert cube("TIME", 0.0, 1.0).spectral is None


# -- profiles ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plane():
    return ArrayPlane(RNG.normal(size=(300, 400)).astype("f4"), "key")


def test_rows_and_columns(plane):
    assert np.array_equal(row(plane, 7), plane.read(0, 400, 0, 300)[7])
    assert np.array_equal(column(plane, 399), plane.read(0, 400, 0, 300)[:, 399])
    for call in (lambda: row(plane, 300), lambda: row(plane, -1), lambda: column(plane, 400)):
        with pytest.raises(OptionError, match="There is no"):
            call()


@settings(deadline=None)
@given(
    points=arrays("f8", st.tuples(st.integers(2, 5), st.just(2)), elements=st.floats(-50, 450)).filter(
        lambda points: np.ptp(points, axis=0).max() > 0
    )
)
def test_a_line_has_the_pixels_that_it_is_in(plane, points):
    at, values = line(plane, points)
    whole = plane.read(0, 400, 0, 300)
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))))
    assert at[-1] == pytest.approx(along[-1])
    assert np.diff(at).max() <= 1.0 + 1e-9
    for distance, value in zip(at, values, strict=True):
        x, y = (round(float(np.interp(distance, along, points[:, k]))) for k in (0, 1))
        expected = whole[y, x] if 0 <= x < 400 and 0 <= y < 300 else np.nan
        assert np.array_equal(value, expected, equal_nan=True)


def test_a_long_line_does_not_read_the_plane():
    class Counting(ArrayPlane):
        most = 0

        def read(self, x0, x1, y0, y1):
            self.most = max(self.most, (x1 - x0) * (y1 - y0))
            return super().read(x0, x1, y0, y1)

    large = Counting(np.broadcast_to(np.float32(1), (16_384, 16_384)), "key")
    _, values = line(large, [[0, 0], [16_383, 16_383]])
    assert large.most <= 256**2
    assert (values == 1).all()


@pytest.mark.parametrize("points", [[[1, 2]], [1, 2, 3], [[0, 0], [np.nan, 1]], []])
def test_what_is_no_line(plane, points):
    with pytest.raises(OptionError, match="two points"):
        line(plane, points)


def test_a_spectrum_is_the_flux_density_in_each_channel():
    image = cube("FREQ", 1e9, 1e6)
    inside = RNG.random((9, 8)) > 0.5
    values, unit = spectrum(image, inside)
    assert unit == "Jy"
    assert values == pytest.approx([image.statistics(inside, channel).flux for channel in range(4)], rel=1e-6)
    part, _ = spectrum(image, inside[2:5, 3:7], 3, 2)
    expected = np.zeros((9, 8), dtype=bool)
    expected[2:5, 3:7] = inside[2:5, 3:7]
    assert part == pytest.approx([image.statistics(expected, channel).flux for channel in range(4)], rel=1e-6)
    pixel, unit = spectrum(image, np.ones((1, 1), dtype=bool), 3, 2)
    assert unit == "Jy/beam"
    assert pixel == pytest.approx([image.value(3, 2, channel) for channel in range(4)])


# -- limits and histograms -----------------------------------------------------------------------------------------

ANY = arrays(
    "f4",
    st.integers(0, 60),
    elements=st.one_of(
        st.floats(-(2.0**100), 2.0**100, width=32),
        st.sampled_from([0.0, 1.0, float("nan"), float("inf"), float("-inf")]),
    ),
)


@settings(deadline=None, max_examples=300)
@given(values=ANY, mode=st.sampled_from(LIMITS_MODES), percentile=st.sampled_from([1e-9, 50.0, 99.5, 100.0]))
def test_limits_are_always_an_interval(values, mode, percentile):
    lo, hi = limits(values, mode, percentile=percentile)
    assert np.isfinite([lo, hi]).all()
    assert lo < hi


def test_limits():
    values = RNG.normal(0, 1, 5000).astype("f4")
    values[:20] = 500
    assert limits(values) == pytest.approx(ZScaleInterval().get_limits(values))
    assert limits(values, "minmax") == (values.min(), 500)
    assert limits(values, "symmetric") == (-500, 500)
    assert limits(values, "percentile", percentile=90) == pytest.approx(tuple(np.percentile(values, [5, 95])))
    assert limits(np.full(5, 3.0)) == (1.5, 4.5)
    assert limits(np.zeros(5), "symmetric") == (-0.5, 0.5)
    assert limits(np.full(5, np.nan)) == limits(np.empty(0)) == (0.0, 1.0)
    sparse = np.zeros(10_000)
    sparse[0] = 2.0  # a model: a few components, and nothing else
    assert limits(sparse, "percentile") == (0.0, 2.0)
    with pytest.raises(OptionError, match="no way 'sqrt'"):
        limits(values, "sqrt")
    for percentile in (0, 101, np.nan):
        with pytest.raises(OptionError, match="percentile"):
            limits(values, "percentile", percentile=percentile)


@settings(deadline=None, max_examples=200)
@given(values=ANY)
def test_a_histogram_counts_every_finite_value(values):
    lo, hi, counts = histogram(values, 64)
    assert lo < hi
    assert len(counts) == 64
    assert sum(counts) == np.isfinite(values).sum()


def test_a_sample_is_the_plane_where_that_is_small():
    values = RNG.normal(size=(30, 40)).astype("f4")
    values[3] = np.nan
    assert np.array_equal(sample(ArrayPlane(values, "key")), values[np.isfinite(values)])
    large = ArrayPlane(RNG.normal(5, 2, (3000, 2000)).astype("f4"), "key")
    found = sample(large)
    assert found.size <= 1.1 * (1 << 20)
    assert np.median(found) == pytest.approx(5, abs=0.02)
    thin = ArrayPlane(np.ones((1 << 21, 1), dtype="f4"), "key")
    assert 0 < sample(thin).size <= 1 << 20
