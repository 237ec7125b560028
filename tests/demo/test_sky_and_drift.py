"""Sources are where catalogues have them, and baselines turn as on the real earth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import GCRS, ITRS, CartesianRepresentation
from astropy.time import Time
from casacore.tables import table
from hypothesis import given, settings
from hypothesis import strategies as st

from dsa110_vis.demo.array import ARRAY_LONGITUDE, stations
from dsa110_vis.demo.drift import antenna_uvw, earth_rotation, meridian_ra, transit
from dsa110_vis.demo.predict import predict
from dsa110_vis.demo.sky import LIGHT_SPEED, calibrator_at, catalogue, direction_cosines, primary_beam, visible
from dsa110_vis.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MJD = 61065.9357


def test_catalogue():
    sources = {source.name: source for source in catalogue()}
    assert len(sources) == 62
    assert sources["3C286"].flux(1.465e9) == pytest.approx(14.7, abs=0.1)  # Perley & Butler 2017
    assert sources["3C48"].flux(1.465e9) == pytest.approx(15.7, abs=0.2)
    assert sources["3C454.3"].flux(1.4e9) == pytest.approx(12.6568, rel=1e-4)  # NVSS
    assert np.degrees(sources["3C454.3"].ra) == pytest.approx(15 * (22 + 53 / 60 + 57.747937 / 3600), abs=1e-6)
    brightest_neighbour = sources["J225707+165824"]
    assert brightest_neighbour.flux(1.4e9) == pytest.approx(1.3422, rel=1e-4)


@pytest.mark.parametrize(
    ("declination", "name"), [(16.15, "3C454.3"), (30.5, "3C286"), (33.5, "3C48"), (49.9, "3C147")]
)
def test_calibrators(declination, name):
    assert calibrator_at(declination).name == name


@pytest.mark.parametrize("declination", [-60.0, 0.0, 90.0, float("nan")])
def test_no_calibrator_at_a_declination_lists_those_that_have_one(declination):
    with pytest.raises(OptionError, match=r"no calibrator.*30\.51 \(3C286\)"):
        calibrator_at(declination)


def test_primary_beam_is_half_at_half_its_width():
    frequency = np.array([1.4e9])
    width = 1.02 * LIGHT_SPEED / 1.4e9 / 4.65
    cosines = np.cos([0.0, width / 2, np.pi])
    np.testing.assert_allclose(primary_beam(cosines, frequency)[:, 0], [1, 0.5, 0], atol=1e-12)
    assert np.degrees(width) == pytest.approx(2.69, abs=0.01)


def test_only_sources_in_the_beam_are_visible():
    ra = np.radians([343.0, 344.0])
    names = {source.name for source in visible(ra, np.radians(16.15))}
    assert "3C454.3" in names
    assert "3C286" not in names
    assert len(names) == 56


def test_the_earth_turns_as_in_astropy():
    time = Time(MJD, format="mjd", scale="utc")
    axes = GCRS(CartesianRepresentation(np.eye(3) * u.km), obstime=time)
    rotated = axes.transform_to(ITRS(obstime=time)).cartesian.xyz.to_value(u.km)
    assert np.abs(rotated - earth_rotation(MJD)).max() < np.radians(2 / 3600)


def test_the_meridian_is_at_hour_angle_zero():
    declination = np.radians(16.15)
    ra = meridian_ra(MJD, declination, ARRAY_LONGITUDE)
    sidereal = Time(MJD, format="mjd").sidereal_time("mean", longitude=np.degrees(ARRAY_LONGITUDE) * u.deg)
    assert np.degrees(ra) == pytest.approx(sidereal.deg, abs=0.5)  # 26 years of precession between the two
    x, y, _ = earth_rotation(MJD) @ [
        np.cos(declination) * np.cos(ra),
        np.cos(declination) * np.sin(ra),
        np.sin(declination),
    ]
    assert np.arctan2(y, x) == pytest.approx(ARRAY_LONGITUDE, abs=1e-12)


def test_transit():
    source = calibrator_at(16.15)
    when = transit(61065.75, source.ra, source.dec, ARRAY_LONGITUDE)
    assert Time(when, format="mjd").isot.startswith("2026-01-25T22:27:25")
    assert meridian_ra(when, source.dec, ARRAY_LONGITUDE) == pytest.approx(source.ra, abs=1e-9)


def test_uvw_have_the_sign_and_the_axes_of_a_real_observation(real_ms: Callable[[str], Path]):
    path = real_ms("alma")
    with table(f"{path}/ANTENNA", ack=False) as antenna, table(f"{path}/FIELD", ack=False) as field:
        positions = antenna.getcol("POSITION")
        directions = field.getcol("PHASE_DIR")[:, 0]
    with table(str(path), ack=False) as main:
        rows = range(0, main.nrows(), 97)
        for row in rows:
            values = main[row]
            uvw = antenna_uvw(positions, values["TIME"] / 86400, *directions[values["FIELD_ID"]])
            ours = uvw[values["ANTENNA1"]] - uvw[values["ANTENNA2"]]
            np.testing.assert_allclose(ours, values["UVW"], rtol=0, atol=2.0)  # metres, of kilometres


def test_uvw_of_the_real_array_keep_the_lengths_of_the_baselines():
    positions = stations().positions
    uvw = antenna_uvw(positions, MJD, 5.995, 0.28)
    for first, second in ((0, 1), (107, 115), (50, 101)):
        turned = np.linalg.norm(uvw[first] - uvw[second])
        assert turned == pytest.approx(np.linalg.norm(positions[first] - positions[second]), abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), n_sources=st.integers(1, 5))
def test_predicted_visibilities_are_the_sum_over_sources(seed, n_sources):
    random = np.random.default_rng(seed)
    uvw = random.uniform(-3000, 3000, (4, 3))
    frequency = 1.311e9 + 244140.625 * np.arange(48)
    sources = catalogue()[-n_sources:]
    lmn = direction_cosines(sources, 5.995, 0.28)
    flux = random.uniform(0, 10, (n_sources, frequency.size))
    path = uvw @ (lmn - [0, 0, 1]).T
    expected = np.einsum("sf,rsf->rf", flux, np.exp(2j * np.pi * path[..., None] * frequency / LIGHT_SPEED))
    np.testing.assert_allclose(predict(uvw, lmn, flux, frequency), expected, rtol=0, atol=1e-5 * n_sources * 10)
