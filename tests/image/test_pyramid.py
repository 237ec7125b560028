"""Tiles: which pixels are in a bin, what is kept of them, and how much is read for it."""

from __future__ import annotations

import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planes import Counting, plane

from dsa110_vis.errors import OptionError, UnreadableError
from dsa110_vis.image import TileCache, open_image, pyramid
from dsa110_vis.image.pyramid import Pyramid

RNG = np.random.default_rng(20)


def squares(values, step):
    """The pixels of each square, NaN for none."""
    ny, nx = values.shape
    rows, columns = -(-ny // step), -(-nx // step)
    padded = np.full((rows * step, columns * step), np.nan)
    padded[:ny, :nx] = np.where(np.isfinite(values), values, np.nan)
    return padded.reshape(rows, step, columns, step).swapaxes(1, 2).reshape(rows, columns, step * step)


def slow_peak(values, step):
    found = squares(values, step)
    largest = np.where(np.isnan(found), -1, np.abs(found)).argmax(axis=-1)
    return np.take_along_axis(found, largest[..., None], axis=-1)[..., 0]


def slow_mean(values, step):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of blank squares
        return np.nanmean(squares(values, step), axis=-1)


SLOW = {"peak": slow_peak, "mean": slow_mean}


def whole(tiles, level):
    """All tiles of a level, side by side."""
    ny, nx = tiles._plane.shape
    size = 256 << level
    rows = [
        np.concatenate([tiles.tile(level, column, row) for column in range(-(-nx // size))], axis=1)
        for row in range(-(-ny // size))
    ]
    return np.concatenate(rows)


@st.composite
def pictures(draw):
    ny, nx = draw(st.integers(1, 700)), draw(st.integers(1, 700))
    values = np.random.default_rng(draw(st.integers(0, 99))).normal(size=(ny, nx)).astype(np.float32)
    values[np.random.default_rng(1).random((ny, nx)) < draw(st.sampled_from([0.0, 0.3, 0.99]))] = np.nan
    if draw(st.booleans()):
        values[: ny // 2, : nx // 2] = np.nan
        values[ny // 2, nx // 2] = np.inf
    return values


@pytest.mark.parametrize("mode", ["peak", "mean"])
@given(values=pictures(), base=st.sampled_from([64 * 64, 200 * 200, 1 << 22]))
@settings(max_examples=25, deadline=None)
def test_every_level_is_what_the_pixels_say(mode, values, base):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pyramid, "BASE_PIXELS", base)  # so that levels come from pixels, and from levels
        patch.setattr(pyramid, "STRIP_BYTES", 4 * 700 * 8)
        tiles = Pyramid(plane(values), mode=mode)
        np.testing.assert_array_equal(whole(tiles, 0), values)
        for level in range(1, tiles.levels):
            np.testing.assert_allclose(whole(tiles, level), SLOW[mode](values, 1 << level), rtol=2e-6, atol=1e-6)


def test_a_mean_of_means_counts_pixels(monkeypatch):
    monkeypatch.setattr(pyramid, "BASE_PIXELS", 700 * 700)
    values = RNG.normal(size=(1301, 1500)).astype(np.float32)
    values[RNG.random(values.shape) < 0.5] = np.nan
    values[:300] += 9
    tiles = Pyramid(plane(values), mode="mean")
    for level in (1, 2, 3):
        np.testing.assert_allclose(whole(tiles, level), slow_mean(values, 1 << level), rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize(("size", "levels"), [(1, 1), (256, 1), (257, 2), (512, 2), (513, 3), (16384, 7)])
def test_the_last_level_is_one_tile(size, levels):
    tiles = Pyramid(plane(np.zeros((3, size))))
    assert tiles.levels == levels
    assert tiles.tile(levels - 1, 0, 0).shape[1] <= 256
    with pytest.raises(OptionError, match="no tile 1, 0"):
        tiles.tile(levels - 1, 1, 0)


@pytest.mark.parametrize("at", [(0, 0), (1023, 2047), (511, 512), (700, 300)])
@pytest.mark.parametrize("value", [9.0, -9.0])
def test_a_point_source_never_vanishes(at, value):
    values = RNG.normal(size=(1024, 2048)).astype(np.float32)
    values[at] = value
    tiles = Pyramid(plane(values))
    for level in range(tiles.levels):
        bins = whole(tiles, level)
        assert bins[at[0] >> level, at[1] >> level] == value
        assert (np.abs(bins) == 9.0).sum() == 1


def test_tiles_are_native_contiguous_float32():
    tiles = Pyramid(plane(RNG.normal(size=(900, 900))))
    for level in range(tiles.levels):
        tile = tiles.tile(level, 0, 0)
        assert tile.dtype == np.dtype("=f4")
        assert tile.dtype.isnative
        assert tile.flags.c_contiguous


@pytest.mark.parametrize(
    ("level", "column", "row"), [(-1, 0, 0), (0, -1, 0), (0, 4, 0), (0, 0, 4), (40, 0, 0), (9, 1, 0)]
)
def test_there_are_no_tiles_outside(level, column, row):
    with pytest.raises(OptionError, match="There is no tile"):
        Pyramid(plane(np.zeros((900, 900)))).tile(level, column, row)


def test_there_are_two_modes():
    with pytest.raises(OptionError, match="no mode 'max'"):
        Pyramid(plane(np.zeros((9, 9))), mode="max")


def test_the_pixels_are_read_once_for_all_coarse_levels_and_a_fine_tile_reads_its_own():
    source = Counting(RNG.normal(size=(4000, 6000)))
    tiles = Pyramid(source)
    with ThreadPoolExecutor(4) as threads:  # a screen asks for several at once
        list(threads.map(lambda level: tiles.tile(level, 0, 0), [4, 3, 2, 4, 3, 2]))
    assert source.pixels == 4000 * 6000
    source.pixels = 0
    tiles.tile(1, 2, 1)
    assert source.pixels == 512 * 512


def test_a_large_plane_is_read_again_only_when_its_key_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(pyramid, "KEPT_PIXELS", 1000 * 1000)
    values = RNG.normal(size=(1100, 1200)).astype(np.float32)
    cache = TileCache(tmp_path)
    for mode in ("peak", "mean"):
        first, second = Counting(values, "a"), Counting(values, "a")
        made, kept = (Pyramid(source, mode=mode, cache=cache) for source in (first, second))
        for level in (1, 2, 3):
            np.testing.assert_array_equal(whole(made, level), whole(kept, level))
        assert (first.pixels, second.pixels) == (1100 * 1200, 0)
    written = Counting(values + 1, "b")
    assert Pyramid(written, cache=cache).tile(3, 0, 0).mean() > 1
    assert written.pixels == 1100 * 1200


def test_small_planes_are_not_kept(tmp_path):
    Pyramid(plane(np.zeros((900, 900))), cache=TileCache(tmp_path)).coarse()
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_read_is_said_and_tried_again():
    class Broken(Counting):
        broken = True

        def read(self, *box):
            if self.broken:
                message = "It is broken."
                raise UnreadableError(message, "Mend it.")
            return super().read(*box)

    source = Broken(np.ones((900, 900)))
    tiles = Pyramid(source)
    with pytest.raises(UnreadableError):
        tiles.tile(2, 0, 0)
    source.broken = False
    assert (tiles.tile(2, 0, 0) == 1).all()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux for the memory that was used")
def test_a_file_is_shown_without_being_taken_into_memory(tmp_path, run_python):
    # 400 MB of pixels, most of them a hole in the file
    from astropy.io import fits

    header = fits.Header({"SIMPLE": True, "BITPIX": -32, "NAXIS": 2, "NAXIS1": 10240, "NAXIS2": 10240})
    path = tmp_path / "large.fits"
    start = header.tostring().encode()
    with path.open("wb") as file:
        file.write(start)
        file.truncate(len(start) + -(-4 * 10240**2 // 2880) * 2880)
        file.seek(len(start) + 4 * (7000 * 10240 + 9000))
        file.write(np.array([5.0], dtype=">f4").tobytes())
    code = """
import sys
from pathlib import Path
import numpy as np
from dsa110_vis.image import open_image
from dsa110_vis.image.pyramid import Pyramid

def most():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))

Pyramid(open_image(np.zeros((600, 600), dtype=np.float32)).plane()).coarse()
before = most()
image = open_image(sys.argv[1])
tiles = Pyramid(image.plane())
last = tiles.tile(tiles.levels - 1, 0, 0)
first = most()
for row in range(40):  # narrow parts of all rows: the system maps more than what is read
    tiles.tile(0, 0, row)
print(last[7000 >> 6, 9000 >> 6], (last == 5).sum(), first - before, most() - before)
"""
    value, count, first, later = map(float, run_python(code, str(path)).stdout.split())
    assert (value, count) == (5.0, 1)
    assert first < 250
    assert later < 250


@pytest.mark.parametrize(
    "path",
    [
        "img_pisco_tclean_set/interferopy_alma_pisco/Pisco.cii.455kms.residual.fits",
        "img_pisco_tclean_set/interferopy_alma_pisco/Pisco.cii.455kms.pb.fits",
        "img_small_mixed/pyse_casa/kat7.image",
        "img_small_mixed/carta/M17_SWex_unit.image",
    ],
)
def test_real_images_are_cut_into_tiles(unpack, path):
    archive, _, inside = path.partition("/")
    image = open_image(unpack(archive) / inside)
    values = image.plane().read(0, image.nx, 0, image.ny)
    assert np.isfinite(values).any()
    tiles = Pyramid(image.plane())
    np.testing.assert_array_equal(whole(tiles, 0), values)
    for level in range(1, tiles.levels):
        np.testing.assert_array_equal(whole(tiles, level), slow_peak(values, 1 << level))
    image.close()


WARM = """
import sys, threading
from dsa110_vis.image.warm import warm
warm()
from dsa110_vis.image import open_image, reduce
from dsa110_vis.image.pyramid import Pyramid
assert threading.active_count() == 1
loops = (reduce._peak, reduce._any)
before = [loop.signatures for loop in loops]
modules = set(sys.modules)
tiles = Pyramid(open_image(sys.argv[1]).plane())
tiles.tile(tiles.levels - 1, 0, 0)
new = {name for name in set(sys.modules) - modules if name.partition(".")[0] in {"astropy", "numba"}}
print([loop.signatures for loop in loops] == before, [len(one) for one in before], len(new))
"""


def test_images_find_loops_and_modules_ready(run_python, unpack):
    path = unpack("img_small_mixed") / "aegean_1904-66" / "1904-66_SIN.fits"
    assert run_python(WARM, str(path)).stdout.strip() == "True [1, 1] 0"
