"""What a Measurement Set says about itself; its rows; its summary."""

from __future__ import annotations

import json

import numpy as np
import pytest
from casacore import tables

from dsa110_vis.errors import UnreadableError
from dsa110_vis.ms import MeasurementSet


def test_what_is_there(make_ms, build, no_flags):
    windows = (build.Window(8), build.Window(4, (5, 8), first=1.4e9, width=-2e6))
    with MeasurementSet(make_ms(windows=windows, flags=no_flags, fields=("one", "two"))) as ms:
        metadata = ms.metadata
        assert metadata is ms.metadata
        assert (metadata.telescope, metadata.observer, metadata.project) == ("DSA_110", "nobody", "test")
        assert metadata.antenna_names == ("A0", "A1", "A2", "A3")
        assert metadata.antenna_stations == ("P0", "P1", "P2", "P3")
        assert metadata.antenna_positions.shape == (4, 3)
        assert metadata.antenna_diameters.tolist() == [4.65] * 4
        assert [d.correlations for d in metadata.data_descriptions] == [("XX", "YY"), ("RR", "LL")]
        assert [d.n_channels for d in metadata.data_descriptions] == [8, 4]
        assert [d.n_rows for d in metadata.data_descriptions] == [18, 18]
        assert np.diff(metadata.spectral_windows[1].frequencies).tolist() == [-2e6] * 3
        assert metadata.spectral_windows[0].reference_frame == "TOPO"
        assert [field.name for field in metadata.fields] == ["one", "two"]
        assert metadata.fields[1].ra_rad == pytest.approx(0.1)
        assert metadata.scans == (1, 2)
        assert metadata.times.tolist() == [build.START, build.START + 10, build.START + 20]
        assert metadata.time_frame == "UTC"
        assert metadata.n_rows == 36
        with pytest.raises(KeyError):
            metadata.data_description(7)


def test_only_descriptions_with_rows_are_given(make_ms, build, no_flags):
    windows = (build.Window(8), build.Window(4))
    path = make_ms(windows=windows, flags=no_flags, order=("window", "time", "baseline"), keep=range(18))
    with MeasurementSet(path) as ms:
        assert [d.id for d in ms.metadata.data_descriptions] == [0]
        assert len(ms.metadata.spectral_windows) == 2


def test_rows(make_ms, no_flags):
    with MeasurementSet(make_ms(flags=no_flags, autocorrelations=True)) as ms:
        rows = ms.rows()
        assert rows is ms.rows()
        assert len(rows) == 30
        assert (rows.row.dtype, rows.ddid.dtype, rows.time_index.dtype) == (np.int64, np.int32, np.int32)
        cross = ms.rows(autocorrelations=False, uvw=True)
        assert len(cross) == 18
        assert (cross.antenna1 != cross.antenna2).all()
        assert cross.uvw[:, 0].tolist() == (100.0 * (cross.antenna2 - cross.antenna1)).tolist()
        part = ms.select(antenna="0", scan="2").rows(uvw=True)
        assert part.row.tolist() == [21, 22, 23]
        assert part.uvw[:, 0].tolist() == [100, 200, 300]


def test_rows_are_lean(make_ms, no_flags):
    with MeasurementSet(make_ms(flags=no_flags)) as ms:
        rows = ms.rows()
        per_row = sum(getattr(rows, name).itemsize for name in rows.__slots__ if name != "uvw")
        assert per_row * 1_800_000 < 60e6
        assert rows.ddid is ms.select().rows().ddid


@pytest.mark.parametrize(
    "options", [{"reverse": True}, {"duplicate": True}, {"keep": [0]}, {"times": 1, "used": (1, 3)}]
)
def test_unusual_grids(make_ms, build, no_flags, options):
    with MeasurementSet(make_ms(flags=no_flags, **options)) as ms:
        rows = ms.rows()
        assert len(rows) == ms.metadata.n_rows
        n_baselines = int(ms.summary().to_dict()["baselines"]["cross"])
        assert n_baselines == len({frozenset(pair) for pair in zip(rows.antenna1, rows.antenna2, strict=True)})
        for chunk in ms.read(("DATA",)):
            assert np.array_equal(chunk.columns["DATA"], build.expected(rows.row[chunk.position], 8, 2))


def test_one_channel_one_correlation_one_row(make_ms, build, no_flags):
    path = make_ms(windows=(build.Window(1, (9,)),), flags=no_flags, keep=[3])
    with MeasurementSet(path) as ms:
        assert ms.summary().to_dict()["rows"] == 1
        (chunk,) = ms.read(("DATA",))
        assert chunk.columns["DATA"].shape == (1, 1, 1)


def test_without_a_polarization_table(make_ms, no_flags):
    with MeasurementSet(make_ms(flags=no_flags, polarization=False)) as ms:
        assert ms.metadata.data_descriptions[0].correlations == ("corr0", "corr1")
        assert ms.select(correlation="corr1").correlation_indices(0).tolist() == [1]


def test_256_antennas_of_which_20_have_data(make_ms, no_flags):
    with MeasurementSet(make_ms(flags=no_flags, antennas=256, used=range(100, 120))) as ms:
        frame = ms.antennas()
        assert len(frame) == 256
        assert frame["has_data"].sum() == 20
        assert (frame["n_baselines"] == np.where(frame["has_data"], 19, 0)).all()
        assert len(ms.suggestions()["antenna"]) == 20


def test_everything_flagged(make_ms):
    with MeasurementSet(make_ms(flags=lambda rows, n, m: np.ones((len(rows), n, m), bool))) as ms:
        assert (ms.antennas()["flagged_fraction"] == 1).all()
        assert "Flagged           100.00 %" in str(ms.summary())


def test_rows_of_unknown_antennas_or_windows(make_ms, no_flags):
    path = make_ms("antenna.ms", flags=no_flags)
    with tables.table(str(path), readonly=False, ack=False) as table:
        table.putcell("ANTENNA2", 0, 9)
    with MeasurementSet(path) as ms, pytest.raises(UnreadableError, match="antenna 9"):
        _ = ms.metadata
    path = make_ms("window.ms", flags=no_flags)
    with tables.table(str(path), readonly=False, ack=False) as table:
        table.putcell("DATA_DESC_ID", 0, 5)
    with MeasurementSet(path) as ms, pytest.raises(UnreadableError, match="DATA_DESC_ID 5"):
        _ = ms.metadata


def test_summary_in_three_forms(make_ms, no_flags):
    with MeasurementSet(make_ms("<b>&.ms", flags=no_flags, fields=("3C<286>",), autocorrelations=True)) as ms:
        data = ms.summary().to_dict()
        assert json.loads(json.dumps(data)) == data
        assert data["rows"] == 30
        assert data["data_volume"]["visibilities"] == 30 * 16
        assert data["flagged_fraction"] == 0
        assert ms.summary(flags=False).to_dict()["flagged_fraction"] is None
        page = ms.summary()._repr_html_()
        assert "<b>" not in page
        assert "3C&lt;286&gt;" in page
        text = str(ms.summary())
        for word in ("DSA_110", "test", "nobody", "3C<286>", "XX, YY", "4 with data of 4", "30 rows", "DATA"):
            assert word in text
        part = ms.select(spw="0:2~3", scan="1", correlation="XX").summary().to_dict()
        assert part["selection"] == {"spw": "0:2~3", "scan": "1", "correlation": "XX"}
        assert part["spectral_windows"][0]["channels"] == 2
        assert part["correlations"] == ["XX"]
        assert part["data_volume"]["visibilities"] == 40


def test_summaries_of_real_sets(real_ms, ngc5921):
    for path in (*(real_ms(name) for name in ("alma", "evla", "mwa", "lofar", "wsrt")), ngc5921):
        with MeasurementSet(path) as ms:
            summary = ms.summary()
            assert ms.metadata.telescope in str(summary)
            json.dumps(summary.to_dict())
    with MeasurementSet(ngc5921) as ms:
        assert ms.metadata.time_frame == "TAI"
        assert ms.summary().to_dict()["times"]["count"] == 60
        assert ms.metadata.n_rows == 22653


def test_each_suggestion_matches_something(real_ms, ngc5921):
    for path in (*(real_ms(name) for name in ("alma", "evla", "mwa", "lofar", "wsrt")), ngc5921):
        with MeasurementSet(path) as ms:
            for parameter, texts in ms.suggestions().items():
                assert texts
                for text in texts:
                    assert len(ms.select(**{parameter: text}).rows())
