"""What is no Measurement Set, or cannot be read now, is refused in words; and nothing is ever written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from casacore import tables

from dsa110_vis.errors import (
    Dsa110VisError,
    MeasurementSetEmptyError,
    MeasurementSetLockedError,
    MeasurementSetNotFoundError,
    NotAMeasurementSetError,
    UnreadableError,
)
from dsa110_vis.ms import MeasurementSet


def snapshot(folder):
    """State of every file and folder below."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.stat().st_size, path.stat().st_ctime_ns)
        for path in [folder, *folder.rglob("*")]
    }


def use_all(path):
    with MeasurementSet(path) as ms:
        str(ms.summary())
        ms.antennas()
        for _ in ms.select(scan="1").read(("DATA",), weights=True):
            pass


@pytest.mark.parametrize(
    "name",
    [
        "2026-01-25T22:26:05.ms",
        "a b~c.ms",
        "~x.ms",
        "a::b.ms",
        "::x",
        "a[1].ms",
        "$HOME.ms",
        "a{b}.ms",
        "q'u\"o.ms",
        "a;b.ms",
        "back\\slash.ms",
        " lead.ms",
        "ü-é.ms",
        "new\nline.ms",
        "0~23.ms",
        "*?.ms",
    ],
)
def test_any_name_works(make_ms, no_flags, name, tmp_path, monkeypatch):
    path = make_ms(flags=no_flags).rename(tmp_path / name)
    for given in (path, str(path), str(path) + "/"):
        with MeasurementSet(given) as ms:
            assert ms.path == path
            assert ms.name == name
            assert ms.metadata.telescope == "DSA_110"
    use_all(path)
    monkeypatch.chdir(tmp_path)
    if not name.startswith("~/"):
        with MeasurementSet(name) as ms:
            assert ms.path == path


def test_a_leading_tilde_is_the_home_folder(make_ms, no_flags, tmp_path, monkeypatch):
    make_ms("in~home.ms", flags=no_flags)
    monkeypatch.setenv("HOME", str(tmp_path))
    with MeasurementSet("~/in~home.ms") as ms:
        assert ms.path == tmp_path / "in~home.ms"


def test_links_are_followed(make_ms, no_flags, tmp_path):
    path = make_ms(flags=no_flags)
    (tmp_path / "link.ms").symlink_to(path)
    with MeasurementSet(tmp_path / "link.ms") as ms:
        assert ms.name == "link.ms"
        assert len(ms.rows()) == 18


@pytest.mark.parametrize("path", ["/nowhere/at/all.ms", "no-such.ms", "nul\0l.ms"])
def test_nothing_there(path):
    with pytest.raises(MeasurementSetNotFoundError) as caught:
        MeasurementSet(path)
    assert caught.value.http_status == 404
    assert caught.value.hint


def test_a_file_or_another_folder_or_table(make_ms, no_flags, tmp_path):
    path = make_ms(flags=no_flags)
    file = tmp_path / "file.ms"
    file.write_text("text")
    folder = tmp_path / "folder.ms"
    folder.mkdir()
    other = tmp_path / "other.tab"
    tables.table(str(other), tables.maketabdesc([tables.makescacoldesc("A", 1)]), nrow=1, ack=False).close()
    for wrong in (file, folder, path / "ANTENNA", path / "SPECTRAL_WINDOW", other, path / "table.dat"):
        with pytest.raises(NotAMeasurementSetError) as caught:
            MeasurementSet(wrong)
        assert caught.value.hint
        assert "\n" not in caught.value.message


def test_a_missing_or_damaged_part(make_ms, no_flags, tmp_path):
    path = make_ms(flags=no_flags)

    def broken(name, damage):
        copy = tmp_path / name
        shutil.copytree(path, copy)
        damage(copy)
        return copy

    def cut(name, size):
        return lambda copy: os.truncate(copy / name, size)

    for number, damage in enumerate(
        [
            lambda copy: (copy / "table.f1").unlink(),
            lambda copy: (copy / "table.f0").unlink(),
            cut("table.dat", 1000),
            cut("table.dat", 0),
            lambda copy: shutil.rmtree(copy / "ANTENNA"),
            lambda copy: (copy / "SPECTRAL_WINDOW" / "table.f0").unlink(),
            lambda copy: (copy / "FIELD" / "table.dat").unlink(),
        ]
    ):
        copy = broken(f"broken-{number}.ms", damage)
        with pytest.raises(UnreadableError) as caught:
            use_all(copy)
        assert caught.value.hint
        assert len(caught.value.message) > 40
    with pytest.raises(UnreadableError, match=r"No such file|does not exist"):
        use_all(tmp_path / "broken-0.ms")


def test_no_permission(make_ms, no_flags):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    path = make_ms(flags=no_flags)
    (path / "table.dat").chmod(0)
    with pytest.raises(UnreadableError, match="ermission"):
        MeasurementSet(path)


def test_without_rows(make_ms):
    with pytest.raises(MeasurementSetEmptyError):
        MeasurementSet(make_ms(times=0))


def test_without_a_lock_file(make_ms, no_flags):
    path = make_ms(flags=no_flags)
    (path / "table.lock").unlink()
    use_all(path)
    assert not (path / "table.lock").exists()


def test_nothing_is_written(make_ms, no_flags):
    path = make_ms(flags=no_flags)
    before = snapshot(path.parent)
    use_all(path)
    with MeasurementSet(path) as ms:
        ms.select(spw="0:1", antenna="0", timerange=">2000/01/01", field="target", uvrange=">1m", taql="ANTENNA1>=0")
    assert snapshot(path.parent) == before


def test_a_folder_that_cannot_be_written(make_ms, no_flags):
    path = make_ms(flags=no_flags)
    everything = [path, *path.rglob("*")]
    for one in everything:
        one.chmod(0o555 if one.is_dir() else 0o444)
    before = snapshot(path)
    try:
        use_all(path)
        assert snapshot(path) == before
    finally:
        for one in everything:
            one.chmod(0o755 if one.is_dir() else 0o644)


def test_the_fingerprint_changes_with_the_table_only(make_ms, no_flags):
    path = make_ms(flags=no_flags)
    with MeasurementSet(path) as ms:
        first = ms.fingerprint
        use_all(path)
    with MeasurementSet(path) as ms:
        assert ms.fingerprint == first
    time.sleep(0.01)
    with tables.table(str(path), readonly=False, ack=False) as table:
        table.putcell("FLAG_ROW", 0, True)
    with MeasurementSet(path) as ms:
        second = ms.fingerprint
    time.sleep(0.01)
    with tables.table(f"{path}/FIELD", readonly=False, ack=False) as table:
        table.putcell("NAME", 0, "other")
    with MeasurementSet(path) as ms:
        assert len({first, second, ms.fingerprint}) == 3


HOLD = """
import sys
from casacore import tables
table = tables.table(sys.argv[1], readonly=False, ack=False, lockoptions=sys.argv[2])
if sys.argv[2] == "user":
    table.lock(True)
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def hold():
    children = []

    def start(path, how):
        child = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(path), how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        children.append(child)
        assert child.stdout.readline() == "held\n"
        return child

    yield start
    for child in children:
        child.communicate("\n")


@pytest.mark.parametrize("how", ["permanent", "user"])
def test_a_lock_that_stays(make_ms, no_flags, hold, how):
    path = make_ms(flags=no_flags)
    with MeasurementSet(path, lock_timeout=0.3) as ms:
        before = snapshot(path)
        hold(path, how)
        start = time.monotonic()
        with pytest.raises(MeasurementSetLockedError) as caught:
            MeasurementSet(path, lock_timeout=0.3)
        assert 0.25 < time.monotonic() - start < 5
        assert caught.value.http_status == 423
        assert caught.value.hint
        with pytest.raises(MeasurementSetLockedError):
            ms.read(("DATA",))
        assert {key: value[:2] for key, value in snapshot(path).items() if "lock" not in key} == {
            key: value[:2] for key, value in before.items() if "lock" not in key
        }


def test_a_lock_that_is_let_go(make_ms, no_flags, hold):
    path = make_ms(flags=no_flags)
    child = hold(path, "permanent")
    release = subprocess.Popen(["/bin/sh", "-c", "sleep 0.5"])
    import threading

    def let_go():
        release.wait()
        child.stdin.write("\n")
        child.stdin.flush()

    thread = threading.Thread(target=let_go)
    thread.start()
    with MeasurementSet(path, lock_timeout=20) as ms:
        assert ms.metadata.n_rows == 18
    thread.join()


def test_opening_keeps_a_lock_of_our_own_process(make_ms, no_flags):
    path = make_ms(flags=no_flags)
    with tables.table(str(path), readonly=False, ack=False, lockoptions="user") as table:
        table.lock(write=True)
        with MeasurementSet(path) as ms:
            assert len(ms.rows()) == 18
        assert table.haslock(write=True)
        table.putcell("FLAG_ROW", 0, True)


def test_closing(make_ms, no_flags):
    path = make_ms(flags=no_flags)
    ms = MeasurementSet(path)
    part = ms.select(scan="1")
    part.close()
    assert len(ms.rows()) == 18
    ms.close()
    ms.close()
    with pytest.raises(UnreadableError, match="closed"):
        ms.read(("DATA",))
    with pytest.raises(UnreadableError, match="closed"):
        MeasurementSet.summary(part)
    assert "small.ms" in repr(ms)


def test_every_error_is_ours(tmp_path):
    with pytest.raises(Dsa110VisError):
        MeasurementSet(Path(tmp_path) / "x")


CHANGE = """
import sys
import numpy as np
from casacore import tables
table = tables.table(sys.argv[1], readonly=False, ack=False)
if sys.argv[2] == "values":
    table.putcell("DATA", 0, table.getcell("DATA", 0) + 100)
    table.putcell("FLAG", 0, ~table.getcell("FLAG", 0))
    table.putcell("FLAG_ROW", 5, True)
if sys.argv[2] == "column":
    description = tables.makearrcoldesc("CORRECTED_DATA", 0j, ndim=2, valuetype="complex")
    table.addcols(tables.maketabdesc([description]))
    for row in range(table.nrows()):
        table.putcell("CORRECTED_DATA", row, table.getcell("DATA", row))
if sys.argv[2] == "rows":
    table.addrows(2)
table.close()
"""


def change(path, what):
    subprocess.run([sys.executable, "-c", CHANGE, str(path), what], check=True)


def test_what_another_process_wrote_is_seen(make_ms, no_flags):
    with MeasurementSet(make_ms(flags=no_flags)) as ms:
        (chunk,) = ms.read(("DATA",))
        assert chunk.columns["DATA"][0, 0, 0] == 0
        assert ms.flag_counts().fraction == 0
        state = ms.fingerprint
        change(ms.path, "values")
        assert ms.fingerprint != state
        (chunk,) = ms.read(("DATA",))
        assert chunk.columns["DATA"][0, 0, 0] == 100
        assert chunk.flag.all(axis=(1, 2)).nonzero()[0].tolist() == [0, 5]
        assert ms.flag_counts().flagged.sum() == 32


@pytest.mark.parametrize("what", ["column", "rows"])
def test_a_table_of_another_structure_has_to_be_opened_again(make_ms, no_flags, what):
    old = MeasurementSet(make_ms(flags=no_flags))
    assert len(old.rows()) == 18
    change(old.path, what)
    with pytest.raises(UnreadableError, match="were added or removed") as caught:
        old.read(("DATA",))
    assert "open it again" in caught.value.hint
    del caught
    with MeasurementSet(old.path) as new:
        assert new.metadata.n_rows == (20 if what == "rows" else 18)
        assert new.metadata.columns == (("DATA",) if what == "rows" else ("DATA", "CORRECTED_DATA"))
        with pytest.raises(UnreadableError, match="were added or removed"):
            old.read(("DATA",))
    old.close()
