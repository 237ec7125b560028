"""What is read is what is there, whatever the order, the shapes and the selection; and nothing else is read."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from casacore import tables
from hypothesis import given, settings
from hypothesis import strategies as st

from dsa110_vis.errors import AbsentColumnError, NoVisibilityColumnError, UnreadableError
from dsa110_vis.ms import MeasurementSet


def check(build, ms, columns=("DATA",), *, index=None, weights=False, chunk_bytes=16 << 20):
    """Read everything and compare each value; returns the positions that were read."""
    rows = ms.rows()
    seen = []
    for chunk in ms.read(columns, index=index, weights=weights, chunk_bytes=chunk_bytes):
        description = ms.metadata.data_description(chunk.ddid)
        numbers = rows.row[chunk.position]
        assert (rows.ddid[chunk.position] == chunk.ddid).all()
        assert (np.diff(chunk.position) > 0).all()
        full = (description.n_channels, len(description.correlations))
        for name in columns:
            values = chunk.columns[name]
            assert values.flags.c_contiguous
            value = build.expected(numbers, *full, column=name)[:, chunk.channels][:, :, chunk.correlations]
            if name == "FLOAT_DATA":
                assert values.dtype == np.float32
                value = value.real
            assert np.array_equal(values, value)
        channels, correlations = ms.channels(chunk.ddid), ms.correlation_indices(chunk.ddid)
        assert chunk.channels.tolist() == list(range(channels[0], channels[-1] + 1))
        assert chunk.correlations.tolist() == list(range(correlations[0], correlations[-1] + 1))
        assert chunk.flag.shape == (len(chunk.position), chunk.channels.size, chunk.correlations.size)
        seen.append(chunk.position.copy())
    return np.sort(np.concatenate(seen)) if seen else np.zeros(0, int)


def windows(build, *shapes):
    return tuple(
        build.Window(channels, tuple(range(9, 9 + n)), first=1.3e9 + 1e8 * k) for k, (channels, n) in enumerate(shapes)
    )


ORDERS = [("time", "window", "baseline"), ("time", "baseline", "window"), ("window", "time", "baseline")]
STORAGES = ["TiledShapeStMan", "StandardStMan", "IncrementalStMan"]


@pytest.mark.parametrize("stored", [(order, storage) for order in ORDERS for storage in STORAGES])
@pytest.mark.parametrize("shapes", [[(8, 2)], [(8, 2)] * 3, [(8, 2), (3, 4), (8, 2), (1, 1)]])
def test_every_order_storage_and_shape(make_ms, build, no_flags, stored, shapes):
    order, storage = stored
    path = make_ms(windows=windows(build, *shapes), order=order, storage=storage, flags=no_flags, times=5)
    with MeasurementSet(path) as ms:
        n_rows = ms.metadata.n_rows
        for size in (1, 3000, 16 << 20):
            assert check(build, ms, chunk_bytes=size).tolist() == list(range(n_rows))
        part = ms.select(spw="0:2~5", antenna="0")
        assert check(build, part).size == len(part.rows())
        sparse = np.arange(0, n_rows, 7)
        assert check(build, ms, index=sparse).tolist() == sparse.tolist()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_rows_of_a_mixed_set(mixed, build, data):
    ms = mixed
    index = data.draw(st.lists(st.integers(0, ms.metadata.n_rows - 1), unique=True, max_size=60))
    size = data.draw(st.sampled_from([1, 500, 4000, 1 << 20]))
    assert check(build, ms, index=np.array(index, np.int64), chunk_bytes=size).tolist() == sorted(index)


@pytest.fixture(scope="module")
def mixed(build, tmp_path_factory, no_flags):
    shapes = windows(build, (8, 2), (3, 4), (8, 2), (1, 1))
    path = build.make(
        tmp_path_factory.mktemp("mixed") / "mixed.ms",
        windows=shapes,
        order=("time", "baseline", "window"),
        flags=no_flags,
        antennas=5,
        times=4,
    )
    with MeasurementSet(path) as ms:
        yield ms


def test_large_cells_are_read_in_slices(make_ms, build, no_flags):
    path = make_ms(windows=(build.Window(400, (9, 10, 11, 12)),), flags=no_flags, weights="WEIGHT_SPECTRUM")
    with MeasurementSet(path) as ms:
        for text in ("0:17", "0:10~20;30~31", "0:5~390", "0:399", "*"):
            for names in (None, "XX", "XY,YX", "YY"):
                part = ms.select(spw=text, correlation=names)
                assert check(build, part, weights=True).size == len(part.rows())


def test_flags_are_those_of_cells_and_of_rows(make_ms):
    def flags(rows, channels, correlations):
        value = rows[:, None, None] + np.arange(channels)[None, :, None] + np.arange(correlations)[None, None, :]
        return value % 3 == 0

    with MeasurementSet(make_ms(flags=flags, flag_rows=(1, 5))) as ms:
        for chunk in ms.read(()):
            assert chunk.columns == {}
            truth = flags(ms.rows().row[chunk.position], 8, 2)
            truth[np.isin(chunk.position, [1, 5])] = True
            assert np.array_equal(chunk.flag, truth)
        assert [chunk.flag for chunk in ms.read((), flags=False)] == [None]


@pytest.mark.parametrize("without", [(), ("FLAG",)])
def test_without_cells_of_flags_only_rows_are_flagged(make_ms, without):
    with MeasurementSet(make_ms(flags=None, flag_rows=(2,), without=without)) as ms:
        (chunk,) = ms.read(("DATA",))
        assert np.flatnonzero(chunk.flag.all(axis=(1, 2))).tolist() == [2]
        assert np.flatnonzero(chunk.flag.any(axis=(1, 2))).tolist() == [2]


def test_weights_are_of_channels_where_possible(make_ms, no_flags):
    with MeasurementSet(make_ms("one.ms", flags=no_flags)) as ms:
        (chunk,) = ms.select(correlation="YY").read(("DATA",), weights=True)
        assert chunk.weight.shape == (len(chunk.position), 1)
        assert (chunk.weight == 2).all()
    with MeasurementSet(make_ms("two.ms", flags=no_flags, weights="WEIGHT_SPECTRUM")) as ms:
        (chunk,) = ms.select(spw="0:2~4").read((), weights=True)
        assert chunk.weight.shape == (len(chunk.position), 3, 2)
        assert (chunk.weight == ms.rows().row[chunk.position][:, None, None]).all()
    with MeasurementSet(make_ms("three.ms", flags=no_flags, weights=None)) as ms:
        assert sum(len(chunk.position) for chunk in ms.read(("DATA",))) == len(ms.rows())
        with pytest.raises(AbsentColumnError, match="no weights"):
            ms.read(("DATA",), weights=True)


def test_columns_that_are_asked_for_must_exist(make_ms, no_flags):
    with MeasurementSet(make_ms(columns=("DATA", "FLOAT_DATA", "OTHER_DATA"), flags=no_flags)) as ms:
        assert ms.metadata.columns == ("DATA", "FLOAT_DATA", "OTHER_DATA")
        with pytest.raises(AbsentColumnError) as caught:
            ms.read(("CORRECTED_DATA",))
        assert "DATA, FLOAT_DATA, OTHER_DATA" in caught.value.hint
    with MeasurementSet(make_ms("none.ms", columns=(), flags=no_flags)) as ms:
        assert ms.metadata.columns == ()
        with pytest.raises(NoVisibilityColumnError):
            ms.read(("DATA",))
        assert not ms.antennas()["flagged_fraction"].any()


def test_all_columns_together(make_ms, build, no_flags):
    path = make_ms(columns=("DATA", "MODEL_DATA", "FLOAT_DATA"), flags=no_flags)
    with MeasurementSet(path) as ms:
        assert check(build, ms, ("MODEL_DATA", "FLOAT_DATA", "DATA")).size == len(ms.rows())


def test_cells_of_another_shape_are_refused_before_they_are_read(make_ms, build, no_flags):
    path = make_ms(windows=windows(build, (8, 2), (4, 2)), flags=no_flags)
    with tables.table(str(path), readonly=False, ack=False) as table:
        ddid = table.getcol("DATA_DESC_ID")
        first, second = int(np.argmax(ddid == 0)), int(np.argmax(ddid == 1))
        ddid[first], ddid[second] = 1, 0
        table.putcol("DATA_DESC_ID", ddid)
    with MeasurementSet(path) as ms, pytest.raises(UnreadableError, match=r"shape \[4, 2\] in row"):
        ms.read(("DATA",))


def test_cells_that_are_missing_are_refused(make_ms, no_flags):
    path = make_ms(flags=no_flags, storage="StandardStMan")
    with tables.table(str(path), readonly=False, ack=False) as table:
        n_rows = table.nrows()
        table.addrows(1)
        for name in ("ANTENNA1", "ANTENNA2", "TIME"):
            table.putcell(name, n_rows, table.getcell(name, 0))
    with MeasurementSet(path) as ms, pytest.raises(UnreadableError):
        ms.read(("DATA",))


def test_window_table_and_cells_disagree(make_ms, no_flags):
    path = make_ms(flags=no_flags)
    with tables.table(f"{path}/SPECTRAL_WINDOW", readonly=False, ack=False) as table:
        table.putcell("CHAN_FREQ", 0, np.arange(5.0))
    with MeasurementSet(path) as ms, pytest.raises(UnreadableError, match="shape"):
        ms.read(("DATA",))


def test_closing_the_iterator_ends_the_thread(make_ms, no_flags):
    with MeasurementSet(make_ms(flags=no_flags, times=40)) as ms:
        chunks = ms.read(("DATA",), chunk_bytes=500)
        next(chunks)
        assert any(thread.name == "dsa110-vis-reader" for thread in threading.enumerate())
        chunks.close()
        assert not any(thread.name == "dsa110-vis-reader" for thread in threading.enumerate())


def test_an_error_in_the_thread_reaches_the_reader(make_ms, no_flags):
    ms = MeasurementSet(make_ms(flags=no_flags, times=40))
    chunks = ms.read(("DATA",), chunk_bytes=500)
    next(chunks)
    ms.close()
    with pytest.raises(UnreadableError, match="closed"):
        for _ in chunks:
            pass


def test_several_threads_read_at_once(make_ms, build, no_flags):
    path = make_ms(flags=no_flags, times=30)
    results = []
    with MeasurementSet(path) as one, MeasurementSet(path) as two:
        threads = [
            threading.Thread(target=lambda ms=ms: results.append(check(build, ms, chunk_bytes=2000).size))
            for ms in (one, two, one, two)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == [one.metadata.n_rows] * 4


def test_buffers_do_not_grow_with_the_number_of_rows(make_ms, no_flags):
    with MeasurementSet(make_ms(flags=no_flags, times=60)) as ms:
        sizes = [chunk.bytes for chunk in ms.read(("DATA",), chunk_bytes=4000)]
        assert len(sizes) > 10
        assert max(sizes) <= 4000


def test_the_other_threads_run_while_one_reads(make_ms, build, no_flags):
    path = make_ms(flags=no_flags, times=60, antennas=8, windows=(build.Window(64, (9, 10, 11, 12)),))
    longest = 0.0
    with MeasurementSet(path) as ms:
        done = threading.Event()

        def read():
            for _ in range(5):
                check(build, ms)
            done.set()

        thread = threading.Thread(target=read)
        thread.start()
        while not done.is_set():
            before = time.perf_counter()
            time.sleep(0.001)
            longest = max(longest, time.perf_counter() - before)
        thread.join()
    assert longest < 0.5  # generous: the machine may be busy


def test_tables_that_refer_to_others(make_ms, build, no_flags, tmp_path):
    path = make_ms(windows=windows(build, (8, 2), (3, 4)), flags=no_flags, order=("time", "baseline", "window"))
    refers, joined = tmp_path / "refers.ms", tmp_path / "joined.ms"
    with tables.table(str(path), ack=False) as table:
        table.query("ANTENNA1 == 0", name=str(refers)).close()
    with tables.table([str(path), str(path)], ack=False) as table:
        table.rename(str(joined))
    with MeasurementSet(path) as whole, MeasurementSet(refers) as part, MeasurementSet(joined) as twice:
        rows = whole.select(antenna="A0&&*").rows().row
        assert len(part.rows()) == rows.size
        for chunk in part.read(("DATA",)):
            numbers = rows[chunk.position]
            assert np.array_equal(chunk.columns["DATA"], build.expected(numbers, *chunk.columns["DATA"].shape[1:]))
        assert len(twice.rows()) == 2 * whole.metadata.n_rows
        for chunk in twice.read(("DATA",), chunk_bytes=2000):
            numbers = chunk.position % whole.metadata.n_rows
            assert np.array_equal(chunk.columns["DATA"], build.expected(numbers, *chunk.columns["DATA"].shape[1:]))
        before = part.fingerprint, twice.fingerprint
        time.sleep(0.01)
        (path / "table.f0").touch()
        assert part.fingerprint != before[0]
        assert twice.fingerprint != before[1]


def test_the_real_sets_give_the_reference_numbers(real_ms, reference):
    for name in ("alma", "evla", "mwa", "lofar", "wsrt"):
        compare_with_reference(real_ms(name), reference(name))


def test_3c273_gives_the_reference_numbers(threec273, reference):
    compare_with_reference(threec273, reference("3c273"))


def compare_with_reference(path, truth):
    with MeasurementSet(path) as ms:
        assert sorted(ms.metadata.columns) == truth["columns"]
        assert ms.metadata.n_rows == truth["nrows"]
        shapes = {str(d.id): [[d.n_channels, len(d.correlations)]] for d in ms.metadata.data_descriptions}
        assert shapes == truth["shapes_by_ddid"]
        rows = ms.rows()
        cross = rows.antenna1 != rows.antenna2
        sums = {}
        for column in ms.metadata.columns:
            for chunk in ms.read((column,), chunk_bytes=100_000):
                value = chunk.columns[column].astype(np.complex128)
                good = ~chunk.flag & np.isfinite(value) & cross[chunk.position][:, None, None]
                for pol in range(value.shape[2]):
                    part = value[:, :, pol][good[:, :, pol]]
                    total = sums.setdefault(f"{column}/ddid{chunk.ddid}/pol{pol}/cross", np.zeros(3, complex))
                    total += [part.size, np.abs(part).sum(), part.sum()]
        for key, (count, amplitude, vector) in sums.items():
            if not count:
                continue
            known = truth["unflagged_stats"][key]
            assert int(count.real) == known["n"]
            assert amplitude.real / count.real == pytest.approx(known["mean_amp"], rel=1e-6)
            mean = vector / count.real
            near = {"rel": 1e-5, "abs": 1e-6 * known["mean_amp"]}
            assert mean.real == pytest.approx(known["vec_mean"][0], **near)
            assert mean.imag == pytest.approx(known["vec_mean"][1], **near)
        assert {key for key, total in sums.items() if total[0]} == {
            key for key, known in truth["unflagged_stats"].items() if known["n"]
        }
