"""Checkpoints on disk: exact, atomic, bounded, and clear about what is wrong with them."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import resource
import shutil
import stat
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from kept import add, begin, is_whole, pixels, same

from dsa110_vis.clean import arrays_file
from dsa110_vis.clean.checkpoints import Store
from dsa110_vis.errors import CheckpointError

models = arrays(
    np.float32, array_shapes(min_dims=5, max_dims=5, max_side=7), elements=st.floats(width=32), fill=st.just(0)
)
masks = arrays(np.bool_, array_shapes(min_dims=4, max_dims=4, max_side=9), elements=st.booleans())


@pytest.fixture
def store(tmp_path):
    """A session with three checkpoints."""
    made = begin(tmp_path / "x.session")
    for seed in range(3):
        add(made, seed)
    return made


# -- exact -------------------------------------------------------------------------------------------------------------


@settings(deadline=None)  # the machine may be busy
@given(st.lists(models, max_size=3), st.integers(1, 5))
def test_models_are_the_same_in_every_bit(given_models, part):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrays_file, "PART", 8 * part)
        assert same(arrays_file.unpack_models(arrays_file.pack_models(given_models)), given_models)


@settings(deadline=None)
@given(st.lists(masks, max_size=3))
def test_masks_are_the_same(given_masks):
    assert same(arrays_file.unpack_masks(arrays_file.pack_masks(given_masks)), given_masks)


def test_minus_zero_nan_and_the_order_of_axes_are_kept():
    model = np.zeros((2, 1, 1, 3, 5), np.float32)
    model[0, 0, 0, 1, 2], model[1, 0, 0, 2, 4], model[1, 0, 0, 0, 0] = -0.0, np.nan, np.float32(1e-42)
    found = arrays_file.unpack_models(arrays_file.pack_models([model, np.asfortranarray(model[..., ::-1])]))
    assert same(found, [model, np.ascontiguousarray(model[..., ::-1])])


def test_what_is_put_in_comes_back_in_another_store(store, tmp_path):
    store.set_parameters({"niter": 200})
    model, mask = pixels(7)
    rows = [{"peak_inside": float("nan"), "flux": np.float32(0.1), "iterations": np.int64(12)}]
    last = store.add({"kind": "cycle", "seed": 7, "peak": np.float64(0.1)}, model, mask, rows)
    found = Store.open(tmp_path / "x.session")
    assert found.current == last == 3
    assert [is_whole(found, ident) for ident in range(4)] == [True] * 4
    assert found.entry(3) == {"kind": "cycle", "seed": 7, "peak": 0.1, "id": 3, "parent": 2, "kept": True}
    assert found.entries() == store.entries()
    assert [row.get("seed") for row in found.rows(3)] == [0, 1, 2, None]
    assert found.rows(1)[0]["peak_inside"] == 1 / 3
    assert np.isnan(found.rows(3)[-1]["peak_inside"])
    assert found.rows(3)[-1]["flux"] == float(np.float32(0.1))
    assert [found.parameters(ident)["niter"] for ident in (0, 2, 3)] == [100, 100, 200]
    assert found.parameters() == {"niter": 200}
    assert found.facts == {"versions": {"numpy": "2"}}


def test_parameters_can_be_given_with_the_entry_and_are_not_shown_with_it(store):
    ident = add(store, 8, parameters={"niter": 7, "threshold": "1mJy"})
    assert "parameters" not in store.entry(ident)
    assert store.parameters(ident) == store.parameters() == {"niter": 7, "threshold": "1mJy"}
    assert store.parameters(0)["niter"] == 100


def test_branches(store):
    store.set_current(1)
    assert add(store, 3) == 3
    assert add(store, 4) == 4
    found = Store.open(store._folder)
    assert (found.path(4), found.path(2), found.path(0)) == ([0, 1, 3, 4], [0, 1, 2], [0])
    assert (found.children(1), found.children(2)) == ([2, 3], [])
    assert [row["seed"] for row in found.rows(4)] == [0, 1, 3, 4]
    assert [is_whole(found, ident) for ident in range(5)] == [True] * 5


def test_what_is_the_parents_is_not_written_again(store):
    model, mask = pixels(2)
    before = store.bytes
    same_mask = store.add({"kind": "cycle"}, pixels(9)[0], None, [])
    same_model = store.add({"kind": "mask"}, None, pixels(9)[1], [])
    both_given = store.add({"kind": "mask"}, pixels(9)[0], pixels(9)[1], [])
    assert [same(store.load(same_mask)[k], (pixels(9)[0], mask)[k]) for k in (0, 1)] == [True, True]
    assert [same(store.load(same_model)[k], pixels(9)[k]) for k in (0, 1)] == [True, True]
    assert [same(store.load(both_given)[k], pixels(9)[k]) for k in (0, 1)] == [True, True]
    files = sorted(path.name for path in store._folder.glob("cycle-0000[345]*"))
    assert files == [
        "cycle-00003.model.npz", "cycle-00003.record.json.gz", "cycle-00004.mask.npz", "cycle-00004.record.json.gz",
        "cycle-00005.record.json.gz",
    ]  # fmt: skip
    assert store.bytes - before == sum((store._folder / name).stat().st_size for name in files)
    assert not same(model, store.load(same_mask)[0])


def test_what_is_read_or_changed_afterwards_does_not_change_the_store(store):
    store.entries()[0]["seed"] = 99
    store.facts["versions"]["numpy"] = "1"
    store.parameters()["cell"][0] = "9deg"
    entry = {"kind": "cycle", "chunks": [1, 2]}
    ident = store.add(entry, None, None, [])
    entry["chunks"].append(3)
    store.entry(ident)["chunks"].append(4)
    assert store.entry(0)["seed"] == 0
    assert store.facts == {"versions": {"numpy": "2"}}
    assert store.parameters()["cell"] == ["2arcsec"]
    assert store.entry(ident)["chunks"] == [1, 2]


# -- bounded -----------------------------------------------------------------------------------------------------------


def test_old_checkpoints_are_thinned_and_those_that_matter_are_not(tmp_path):
    whole = begin(tmp_path / "whole.session")
    add(whole, 0)
    limit = 8 * whole.bytes
    store = begin(tmp_path / "x.session", limit_bytes=limit)
    for seed in range(40):
        add(store, seed)
        on_disk = sum(path.stat().st_size for path in store._folder.glob("cycle-*"))
        assert on_disk == store.bytes
        assert on_disk <= limit or sum(entry["kept"] for entry in store.entries()) == 3
    kept = [entry["id"] for entry in store.entries() if entry["kept"]]
    assert {0, 38, 39} <= set(kept)
    assert 4 <= len(kept) < 8
    assert all(is_whole(store, ident) for ident in kept)
    assert any(0 < ident < 30 for ident in kept), "some of the old ones stay"
    # numbers stay where pixels went
    assert len(store.rows(39)) == 40
    assert store.parameters(5)["niter"] == 100
    gone = next(ident for ident in range(40) if ident not in kept)
    with pytest.raises(CheckpointError, match=r"not kept any more.*Go to another one: 0, ") as refused:
        store.load(gone)
    assert str(kept[1]) in refused.value.hint
    with pytest.raises(CheckpointError, match="not kept"):
        store.set_current(gone)


def test_the_current_one_and_its_parent_stay_when_the_limit_is_far_too_small(tmp_path):
    store = begin(tmp_path / "x.session", limit_bytes=1)
    for seed in range(6):
        add(store, seed)
    assert [entry["id"] for entry in store.entries() if entry["kept"]] == [0, 4, 5]
    store.set_current(4)
    for seed in range(6, 9):
        add(store, seed)
        store.set_current(4)
    assert [entry["id"] for entry in store.entries() if entry["kept"]] == [0, 4, 7, 8]
    assert all(is_whole(Store.open(store._folder), ident) for ident in (0, 4, 7, 8))


def test_a_mask_stays_while_a_checkpoint_shares_it(tmp_path):
    store = begin(tmp_path / "x.session", limit_bytes=1)
    add(store, 0)
    add(store, 1)
    mask = pixels(1)[1]
    for seed in range(2, 7):
        store.add({"seed": seed}, pixels(seed)[0], None, [])
    assert [entry["id"] for entry in store.entries() if entry["kept"]] == [0, 5, 6]
    assert same(store.load(6)[1], mask)
    assert sorted(path.name for path in store._folder.glob("*.mask.npz")) == [
        "cycle-00000.mask.npz",
        "cycle-00001.mask.npz",
    ]


# -- what is wrong is said ---------------------------------------------------------------------------------------------


def test_a_folder_without_a_session(tmp_path):
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(CheckpointError, match="no clean session in"):
            Store.open(folder)
    with pytest.raises(CheckpointError, match="cannot be written"):
        begin(tmp_path / "nowhere" / "x.session")
    empty = begin(tmp_path / "x.session")
    assert (empty.current, empty.entries(), empty.bytes) == (None, [], 0)
    for ask in (empty.load, empty.rows, empty.entry, empty.path):
        with pytest.raises(CheckpointError, match="no checkpoint yet"):
            ask(empty.current)
    with pytest.raises(CheckpointError, match="needs a model and a mask"):
        empty.add({}, None, pixels(1)[1], [])
    begin(tmp_path / "x.session")  # nothing is lost by that


def test_a_session_is_not_written_over(store):
    with pytest.raises(CheckpointError, match="a session with checkpoints"):
        begin(store._folder)
    assert len(Store.open(store._folder).entries()) == 3


def test_a_checkpoint_that_is_not_there(store):
    for ident in (3, -1):
        with pytest.raises(CheckpointError, match=f"no checkpoint {ident}. There are 3"):
            store.load(ident)


def test_a_newer_version_is_refused(store):
    path = store._folder / "session.json"
    found = json.loads(path.read_text())
    path.write_text(json.dumps({**found, "version": 2, "session": {"a": "new form"}}))
    with pytest.raises(CheckpointError, match=r"newer version of this package \(format 2\). Use that version"):
        Store.open(store._folder)


@pytest.mark.parametrize("kind", ["model.npz", "mask.npz"])
@pytest.mark.parametrize("damage", ["shorter", "longer", "flipped", "gone"])
def test_a_damaged_file_is_named_and_the_others_can_be_gone_to(store, kind, damage):
    path = store._folder / f"cycle-00001.{kind}"
    content = bytearray(path.read_bytes())
    if damage == "gone":
        path.unlink()
    else:
        content[len(content) // 2] ^= 4
        changed = {"shorter": content[:-1], "longer": content + b"\0", "flipped": content}
        path.write_bytes(changed[damage])
    found = Store.open(store._folder)
    words = "cannot be read" if damage == "gone" else "is damaged"
    with pytest.raises(CheckpointError, match=f"cycle-00001.{kind} {words}.*Go to another one: 0, 2."):
        found.load(1)
    assert is_whole(found, 0)
    assert is_whole(found, 2)


def test_a_damaged_record_is_named(store):
    path = store._folder / "cycle-00001.record.json.gz"
    path.write_bytes(path.read_bytes()[:-3])
    for ask in (store.rows, store.parameters):
        with pytest.raises(CheckpointError, match=r"cycle-00001.record.json.gz is damaged"):
            ask(1)
    assert len(store.rows(0)) == 1


def test_no_flipped_bit_of_the_list_goes_unseen(store):
    path = store._folder / "session.json"
    content = path.read_bytes()
    random = np.random.default_rng(3)
    for place in random.choice(len(content) - 1, 300, replace=False):  # the line break at the end says nothing
        changed = bytearray(content)
        changed[place] ^= 1 << int(random.integers(8))
        path.write_bytes(changed)
        with pytest.raises(CheckpointError, match=r"session.json (is damaged|was written by a newer version)"):
            Store.open(store._folder)
    for length in (0, 1, 50, len(content) - 3):
        path.write_bytes(content[:length])
        with pytest.raises(CheckpointError, match=r"session.json is damaged"):
            Store.open(store._folder)
    with pytest.raises(CheckpointError, match="is damaged"):
        begin(store._folder)
    path.write_bytes(content)
    assert Store.open(store._folder).entries() == store.entries()


# -- killed, and no room -----------------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import numpy as np
from dsa110_vis.clean.checkpoints import Store
from kept import add, begin, is_whole

folder, limit = Path(sys.argv[1]), 30_000
begin(folder)
random = np.random.default_rng()


def killed(arm):
    # add in a child that is killed; whether it was, and what is there afterwards is looked at
    before = len(Store.open(folder).entries())
    child = os.fork()
    if child == 0:
        arm()
        while True:
            store = Store.open(folder, limit_bytes=limit)
            add(store, len(store.entries()))
            if arm is not alarm:
                os._exit(0)
    _, status = os.waitpid(child, 0)
    store = Store.open(folder, limit_bytes=limit)
    here = store.current
    assert here is None or here == len(store.entries()) - 1 >= before - 1, (here, before)
    for ident in {0, max(0, here - 1), here} if here is not None else ():
        assert is_whole(store, ident), ident
        assert [row["seed"] for row in store.rows(ident)] == list(range(ident + 1))
    assert store.bytes <= limit or sum(entry["kept"] for entry in store.entries()) == 3
    return os.WIFSIGNALED(status)


def at_event(number):
    def arm():
        seen = []

        def hook(event, words):
            if event.split(".")[0] in ("open", "os", "pathlib"):
                seen.append(event)
                if len(seen) == number:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)

    return arm


def alarm():
    # the default of this signal ends the process at once
    signal.setitimer(signal.ITIMER_REAL, random_moment)


events = 0
for round in range(5):  # the later ones also thin
    number = 1
    while killed(at_event(number)):
        number += 1
    events += number - 1
for _ in range(50):
    random_moment = random.uniform(0.001, 0.03)
    assert killed(alarm)
store = Store.open(folder, limit_bytes=limit)
at = add(store, store.current + 1)
named = {file["name"] for made in store._index["entries"] for file in made["files"].values()}
assert {path.name for path in folder.iterdir()} == {*named, "session.json"}, "what was half written is gone"
print(events, at)
"""


def test_a_writer_that_is_killed_at_any_moment_leaves_a_store_with_its_last_two(run_python, tmp_path):
    """Killed before each thing that it does with files, and 50 times at random."""
    here = str(Path(__file__).parent)
    done = run_python(KILLED, str(tmp_path / "x.session"), here, env={"OPENBLAS_NUM_THREADS": "1"})
    events, checkpoints = map(int, done.stdout.split())
    assert events > 5 * 8
    assert checkpoints > 5


def full(store, first):
    """Add until there is no room, and give the error and the next seed."""
    for seed in range(first, first + 400):
        try:
            add(store, seed)
        except CheckpointError as error:
            return error, seed
    pytest.fail("the disk has room without end")


def check_after(store, error, seed, folder):
    """The error is clear, nothing is lost, nothing half written lies about, in this store and in one that is opened."""
    assert "A checkpoint cannot be written in" in error.message
    assert f"The {seed} before it are safe." in error.message
    assert "Make room" in error.hint
    assert not list(folder.glob("*.part"))
    assert not list(folder.glob(f"cycle-{seed:05d}*"))
    for found in (store, Store.open(folder)):
        assert found.current == seed - 1
        assert len(found.entries()) == seed
        assert all(is_whole(found, ident) for ident in range(seed))


@pytest.fixture
def small_disk(tmp_path):
    """A disk of half a mebibyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    command = [mount, "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk)]
    if mount is None or umount is None or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("Only root can mount a small disk.")
    yield disk
    subprocess.run([umount, str(disk)], check=True)


def test_a_full_disk_costs_one_checkpoint_and_it_goes_on_when_there_is_room(small_disk):
    folder = small_disk / "x.session"
    hog = small_disk / "hog"
    hog.write_bytes(bytes(200_000))
    store = begin(folder)
    error, seed = full(store, 0)
    assert os.strerror(errno.ENOSPC) in error.message
    check_after(store, error, seed, folder)
    with contextlib.suppress(CheckpointError):  # there may be just room for that
        store.set_current(0)
    assert Store.open(folder).current == store.current
    hog.unlink()
    store.set_current(seed - 1)
    again, further = full(store, seed)
    assert further > seed + 3
    check_after(store, again, further, folder)


@pytest.mark.parametrize("limit", [100, 700, 1500, 3000])
def test_a_file_that_may_not_grow_is_like_a_full_disk(tmp_path, limit):
    folder = tmp_path / "x.session"
    store = begin(folder)
    for seed in range(2):
        add(store, seed)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        error, seed = full(store, 2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert os.strerror(errno.EFBIG) in error.message
    check_after(store, error, seed, folder)
    assert add(store, seed) == seed
    assert is_whole(Store.open(folder), seed)


def test_a_file_system_that_cannot_wait_for_names(store, monkeypatch):
    flush = os.fsync

    def files_only(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        flush(handle)

    monkeypatch.setattr(os, "fsync", files_only)
    assert add(store, 3) == 3
    assert is_whole(Store.open(store._folder), 3)


def test_a_folder_that_goes_away_is_said(store):
    moved = store._folder.rename(store._folder.with_name("y.session"))
    with pytest.raises(CheckpointError, match="not there any more"):
        add(store, 3)
    with pytest.raises(CheckpointError, match="cannot be read"):
        store.load(1)
    assert all(is_whole(Store.open(moved), ident) for ident in range(3))


def test_size_and_time_on_a_large_image(tmp_path):
    """10,000 components on 5040 x 5040: a fraction of a second, and little more than the components."""
    random = np.random.default_rng(1)
    model = np.zeros((1, 1, 1, 5040, 5040), np.float32)
    model.reshape(-1)[random.choice(model.size, 10_000, replace=False)] = random.normal(size=10_000)
    mask = np.zeros((1, 1, 5040, 5040), bool)
    for x, y in random.integers(0, 5000, (300, 2)):
        mask[..., y : y + 25, x : x + 25] = True
    store = begin(tmp_path / "x.session")
    began = time.process_time()
    store.add({}, [model], [mask], [])
    assert time.process_time() - began < 1.0
    assert store.bytes < 200_000
    assert same(store.load(0)[0], [model])
    assert same(store.load(0)[1], [mask])
