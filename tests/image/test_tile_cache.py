"""The cache on disk: what was put is got, damage is noticed, the limit holds, several processes may use it."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import numpy as np
import pytest

from dsa110_vis.image import TileCache

RNG = np.random.default_rng(30)
VALUES = RNG.normal(size=(2, 40, 50)).astype(np.float32)
VALUES[0, :3] = np.nan


def files(folder):
    return sorted(folder.iterdir())


def test_what_was_put_is_got(tmp_path):
    cache = TileCache(tmp_path / "new" / "folder")
    assert cache.get("key", VALUES.shape) is None
    cache.put("key", VALUES)
    np.testing.assert_array_equal(cache.get("key", VALUES.shape), VALUES)
    np.testing.assert_array_equal(TileCache(tmp_path / "new" / "folder").get("key", VALUES.shape), VALUES)
    assert cache.get("other", VALUES.shape) is None


@pytest.mark.parametrize("key", ["../../etc/passwd", "a/b", "\0", "x" * 5000, "é→"])
def test_any_text_is_a_key(tmp_path, key):
    folder = tmp_path / "cache"
    TileCache(folder).put(key, VALUES)
    np.testing.assert_array_equal(TileCache(folder).get(key, VALUES.shape), VALUES)
    assert len(files(folder)) == len(files(tmp_path)) == 1


def test_another_shape_is_not_taken(tmp_path):
    cache = TileCache(tmp_path)
    cache.put("key", VALUES)
    assert cache.get("key", (2, 50, 40)) is None
    assert not files(tmp_path)


def damaged():
    def cut(data):
        return data[: len(data) // 2]

    def flip(data):
        at = len(data) // 2
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

    return [cut, flip, lambda _: b"", lambda _: b"abc", lambda data: bytes(len(data)), lambda data: data + b"more"]


@pytest.mark.parametrize("damage", damaged())
def test_what_is_damaged_is_thrown_away(tmp_path, damage):
    cache = TileCache(tmp_path)
    cache.put("key", VALUES)
    (file,) = files(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    assert cache.get("key", VALUES.shape) is None
    assert not files(tmp_path)
    cache.put("key", VALUES)
    assert cache.get("key", VALUES.shape) is not None


def test_what_was_used_longest_ago_goes_first(tmp_path):
    cache = TileCache(tmp_path, limit_bytes=4 * (VALUES.nbytes + 200))
    for number in range(4):
        cache.put(str(number), VALUES)
        os.utime(cache._path(str(number)), (number, number))
    cache.get("0", VALUES.shape)  # used now
    cache.put("new", VALUES)
    assert [cache.get(key, VALUES.shape) is not None for key in ("0", "1", "2", "3", "new")] == [
        True,
        False,
        True,
        True,
        True,
    ]
    assert sum(file.stat().st_size for file in files(tmp_path)) <= 4 * (VALUES.nbytes + 200)


def test_what_is_larger_than_the_limit_is_not_kept(tmp_path):
    cache = TileCache(tmp_path / "cache", limit_bytes=VALUES.nbytes - 1)
    cache.put("key", VALUES)
    assert not (tmp_path / "cache").exists()


def test_what_a_killed_process_was_writing_is_removed_and_what_another_writes_is_not(tmp_path):
    cache = TileCache(tmp_path)
    old, new = tmp_path / "old.part", tmp_path / "new.part"
    old.write_bytes(b"half")
    new.write_bytes(b"half")
    os.utime(old, (time.time() - 1e5,) * 2)
    cache.put("key", VALUES)
    assert (old.exists(), new.exists()) == (False, True)


def test_without_a_place_to_write_nothing_is_kept_and_nothing_fails(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    cache = TileCache(tmp_path / "file" / "folder")
    cache.put("key", VALUES)
    assert cache.get("key", VALUES.shape) is None


CHILD = """
import sys
import numpy as np
from dsa110_vis.image import TileCache
folder, seed = sys.argv[1], int(sys.argv[2])
rng = np.random.default_rng(seed)
cache = TileCache(folder, limit_bytes=12 * 40_000)
seen = 0
for _ in range(300):
    number = int(rng.integers(30))
    found = cache.get(str(number), (100, 100))
    if found is None:
        cache.put(str(number), np.full((100, 100), number, dtype=np.float32))
    else:
        seen += 1
        assert (found == number).all(), number
print(seen)
"""


def test_several_processes_use_it_at_once(tmp_path):
    children = [
        subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path), str(seed)], stdout=subprocess.PIPE, text=True)
        for seed in range(3)
    ]
    outputs = [child.communicate(timeout=120)[0] for child in children]
    assert [child.returncode for child in children] == [0, 0, 0]
    assert all(int(output) > 30 for output in outputs)
    assert all(file.suffix == ".tiles" for file in files(tmp_path))
    assert sum(file.stat().st_size for file in files(tmp_path)) <= 13 * 40_200
