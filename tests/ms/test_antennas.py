"""Positions by true geodesy, and flags per antenna, equal to the reference numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsa110_vis.errors import CancelledError
from dsa110_vis.ms import MeasurementSet
from dsa110_vis.ms.geodesy import ECCENTRICITY2, SEMI_MAJOR_AXIS, enu, geodetic


def itrf(longitude, latitude, height):
    longitude, latitude = np.radians(longitude), np.radians(latitude)
    normal = SEMI_MAJOR_AXIS / np.sqrt(1 - ECCENTRICITY2 * np.sin(latitude) ** 2)
    return np.array(
        [
            (normal + height) * np.cos(latitude) * np.cos(longitude),
            (normal + height) * np.cos(latitude) * np.sin(longitude),
            (normal * (1 - ECCENTRICITY2) + height) * np.sin(latitude),
        ]
    )


@given(st.floats(-180, 180), st.floats(-90, 90), st.floats(-5000, 50_000))
def test_geodetic_is_the_inverse(longitude, latitude, height):
    lon, lat, h = geodetic(itrf(longitude, latitude, height))
    assert lat == pytest.approx(latitude, abs=1e-9)
    assert h == pytest.approx(height, abs=1e-5)
    if abs(latitude) < 89.999:
        assert (lon - longitude + 180) % 360 - 180 == pytest.approx(0, abs=1e-9)


def test_east_north_up():
    centre = itrf(-118.283, 37.2334, 1188)
    points = np.array([itrf(-118.283, 37.2334, 1198), itrf(-118.283, 37.2335, 1188), itrf(-118.282, 37.2334, 1188)])
    local = enu(points, centre)
    assert local[0] == pytest.approx([0, 0, 10], abs=1e-6)
    assert local[1][0] == pytest.approx(0, abs=1e-6)
    assert local[1][1] == pytest.approx(11.097, abs=1e-2)
    assert local[2][0] == pytest.approx(np.hypot(*points[2][:2]) * np.sin(np.radians(0.001)), abs=1e-6)
    assert np.abs(local[2][1:]).max() < 1e-2


def compare_with_reference(path, truth):
    with MeasurementSet(path) as ms:
        longitude, latitude, height = ms.array_centre
        assert longitude == pytest.approx(truth["array_centre"]["lon_deg"], abs=1e-10)
        assert latitude == pytest.approx(truth["array_centre"]["lat_deg"], abs=1e-10)
        assert height == pytest.approx(truth["array_centre"]["height_m"], abs=1e-5)
        frame = ms.antennas()
        assert len(frame) == len(truth["antennas"])
        for known, (_, found) in zip(truth["antennas"], frame.iterrows(), strict=True):
            for key in ("id", "name", "station", "has_data", "zero_position"):
                assert found[key] == known[key]
            assert found["n_baselines"] == known["n_cross_baselines"]
            where = found[["east_m", "north_m", "up_m"]].astype(float)
            if known["enu_m"] is None:
                assert where.isna().all()
            else:
                assert where.round(4).tolist() == pytest.approx(known["enu_m"], abs=1e-4)
            for key, column in (
                ("flagged_pct_all", "flagged_fraction"),
                ("flagged_pct_cross", "flagged_fraction_cross"),
            ):
                if known[key] is None:
                    assert np.isnan(found[column])
                else:
                    assert round(100 * found[column], 6) == known[key]
        counts = ms.flag_counts()
        assert int(counts.samples.sum()) == truth["flag_samples"]
        assert int(counts.flagged.sum()) == truth["flagged_samples"]
        assert round(100 * counts.fraction, 6) == truth["flagged_pct_total"]
        cross = counts.antenna1 != counts.antenna2
        assert int(cross.sum()) == truth["n_cross_baselines"]
        rows = ms.rows()
        assert int((rows.antenna1 == rows.antenna2).sum()) == truth["n_auto_rows"]


@pytest.mark.parametrize("name", ["alma", "evla", "mwa", "lofar", "wsrt"])
def test_real_sets_give_the_reference_numbers(name, real_ms, reference):
    compare_with_reference(real_ms(name), reference(name))


def test_3c273_gives_the_reference_numbers(threec273, reference):
    compare_with_reference(threec273, reference("3c273"))


def test_zero_positions_and_antennas_without_data(make_ms, build, no_flags):
    positions = build.CENTRE + np.arange(5)[:, None] * [30.0, 20.0, -10.0]
    positions[2] = 0
    positions[4] += 1e4
    with MeasurementSet(make_ms(antennas=5, used=(0, 1, 2, 3), positions=positions, flags=no_flags)) as ms:
        frame = ms.antennas(flags=False)
        assert frame["zero_position"].tolist() == [False, False, True, False, False]
        assert frame["has_data"].tolist() == [True, True, True, True, False]
        assert frame["east_m"].isna().tolist() == [False, False, True, False, False]
        assert frame["flagged_fraction"].isna().all()
        centre = positions[[0, 1, 3]].mean(axis=0)
        assert ms.array_centre == pytest.approx(geodetic(centre))
        # A selection does not move the array.
        assert ms.select(antenna="0").array_centre == ms.array_centre


def test_without_any_position(make_ms, no_flags):
    with MeasurementSet(make_ms(positions=np.zeros((4, 3)), flags=no_flags)) as ms:
        assert np.isnan(ms.array_centre).all()
        assert ms.antennas()["east_m"].isna().all()
        assert ms.summary().to_dict()["antennas"]["longitude_deg"] is None


def flag_half(rows, channels, correlations):
    value = np.zeros((len(rows), channels, correlations), bool)
    value[:, : channels // 2, 0] = True
    return value


def test_flags_of_a_selection(make_ms):
    with MeasurementSet(make_ms(flags=flag_half, autocorrelations=True, flag_rows=(0,))) as ms:
        assert ms.select(correlation="XX", spw="0:0~3", scan="2").flag_counts().fraction == 1
        assert ms.select(correlation="YY", scan="2").flag_counts().fraction == 0
        # Channels that lie between the selected ones do not count.
        assert ms.select(spw="0:0;7", correlation="XX", scan="2").flag_counts().fraction == 0.5
        frame = ms.select(scan="1").antennas()
        # Row 0 is the autocorrelation of antenna 0 and is flagged as a row.
        assert frame["flagged_fraction"][0] == pytest.approx((7 * 4 + 16) / (8 * 16))
        assert frame["flagged_fraction_cross"].tolist() == [0.25] * 4


def test_counting_can_be_watched_and_cancelled(make_ms):
    path = make_ms(flags=flag_half)
    with MeasurementSet(path) as ms:
        seen = []
        ms.antennas(progress=seen.append)
        assert seen[-1] == 1
        ms.antennas(progress=lambda _: pytest.fail("the counts are kept"))
    with MeasurementSet(path) as ms, pytest.raises(CancelledError):
        ms.antennas(progress=lambda _: False)
