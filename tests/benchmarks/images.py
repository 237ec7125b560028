"""Images: the first view, tiles and memory against the size of the image, and what Bokeh makes of the same pixels.

``images.py WHAT FILE`` is one measured process, which prints a JSON line.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsa110_vis.image import Plane, Pyramid

SIZES = (1024, 2048, 4096, 8192, 16384)
SCREEN = 1024
"""Pixels of the screen that the first view fills, each way."""
TILES = 200
MB = 1e6


def write(path: Path, size: int) -> None:
    """Write an image of noise and sources as FITS, float32, in parts."""
    from astropy.io import fits

    header = fits.Header(
        {"SIMPLE": True, "BITPIX": -32, "NAXIS": 2, "NAXIS1": size, "NAXIS2": size, "BUNIT": "Jy/beam"}
    )
    for axis, (kind, sign, value) in enumerate((("RA---SIN", -1, 180.0), ("DEC--SIN", 1, 37.0)), start=1):
        cards = {"CTYPE": kind, "CDELT": sign * 3 / 3600, "CRVAL": value, "CRPIX": size / 2 + 1, "CUNIT": "deg"}
        header.update({f"{key}{axis}": card for key, card in cards.items()})
    rng = np.random.default_rng(size)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(header.tostring().encode())
        for first in range(0, size, 256):
            rows = rng.normal(scale=1e-4, size=(min(256, size - first), size)).astype(np.float32)
            rows.flat[rng.integers(rows.size, size=rows.size // 4096)] = rng.pareto(2, rows.size // 4096) * 1e-3
            file.write(rows.astype(">f4").tobytes())
        file.write(bytes(-file.tell() % 2880))
    part.replace(path)


def view(tiles: Pyramid, plane: Plane) -> int:
    """Give the tiles of the whole image for a screen; how many bytes that is."""
    level = max(0, (max(plane.shape) - 1) // SCREEN).bit_length()
    number = -(-max(plane.shape) // (256 << level))
    return sum(tiles.tile(level, column, row).nbytes for row in range(number) for column in range(number))


def ours(path: Path) -> dict[str, float]:
    """Open a file, find limits and make the first view: in a fresh process, again, and from the cache on disk."""
    from dsa110_vis.image import TileCache, limits, open_image
    from dsa110_vis.image.pyramid import Pyramid
    from dsa110_vis.image.sample import sample

    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, cache in (("cold", None), ("seconds", TileCache(folder)), ("kept", TileCache(folder))):
            began = time.perf_counter()
            plane = open_image(path).plane()
            limits(sample(plane))
            tiles = Pyramid(plane, cache=cache)
            found["bytes"] = view(tiles, plane)
            found[name] = time.perf_counter() - began
    rng = np.random.default_rng(1)
    took = []
    for _ in range(TILES):
        level = int(rng.integers(tiles.levels))
        column, row = rng.integers(-(-plane.shape[1] // (256 << level)), size=2)
        began = time.perf_counter()
        tiles.tile(level, int(column), int(row))
        took.append(time.perf_counter() - began)
    return found | {"tile": statistics.median(took), "tile_95": float(np.quantile(took, 0.95)), "tile_most": max(took)}


def floor(path: Path) -> dict[str, float]:
    """Read the file once: nothing that looks at all pixels can be faster."""
    began = time.perf_counter()
    buffer = bytearray(4 << 20)
    with path.open("rb", buffering=0) as file:
        while file.readinto(buffer):
            pass
    return {"seconds": time.perf_counter() - began}


def bokeh(path: Path) -> dict[str, float]:
    """Open a file and make the JSON that a page needs to show it with Bokeh's ``figure.image``."""
    from astropy.io import fits
    from bokeh.embed import json_item
    from bokeh.plotting import figure

    began = time.perf_counter()
    pixels = fits.getdata(path).astype(np.float32)
    plot = figure()
    plot.image([pixels], x=0, y=0, dw=1, dh=1)
    size = len(json.dumps(json_item(plot)))
    return {"seconds": time.perf_counter() - began, "bytes": size}


CHILDREN: dict[str, Callable[[Path], dict[str, float]]] = {"ours": ours, "floor": floor, "bokeh": bokeh}


def child(what: str, path: Path) -> dict[str, float] | None:
    """Run one measured process; None if it does not end well, as where memory is short."""
    command = [sys.executable, __file__, what, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1800)
    if done.returncode:
        print(f"{what} {path.name} ended with {done.returncode}:\n{done.stderr[-1500:]}", file=sys.stderr)
        return None
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def images(folder: Path, repeats: int, sizes: tuple[int, ...] = SIZES) -> list[str]:
    """Measure all sizes, and give the lines of the report."""
    first = [
        "| pixels | file read once | first view, new process | later | ratio to reading | if kept | memory, MB |",
        "|---|---|---|---|---|---|---|",
    ]
    tile = ["| pixels | a tile: median | 95 % | longest |", "|---|---|---|---|"]
    against = [
        "| pixels | Bokeh, file to JSON | ratio to our first view | sent, MB | ours, MB | ratio | memory, MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for size in sizes:
        path = folder / f"noise-{size}.fits"
        if not path.exists():
            write(path, size)
        child("floor", path)  # fills the file cache
        child("ours", path)  # fills the compiler's cache
        runs: dict[str, list[dict[str, float]]] = {"floor": [], "ours": [], "bokeh": []}
        for _ in range(repeats):
            for what, results in runs.items():
                result = child(what, path)
                if result is not None:
                    results.append(result)
        read, own, other = (
            {key: statistics.median(result[key] for result in results) for key in results[0]} if results else None
            for results in runs.values()
        )
        if read is None or own is None:
            message = "our own measurement failed"
            raise SystemExit(message)
        first.append(
            f"| {size} x {size} | {read['seconds']:.2f} s | {own['cold']:.2f} s | {own['seconds']:.2f} s "
            f"| {own['seconds'] / read['seconds']:.1f} | {1000 * own['kept']:.0f} ms | {own['peak_mb']:.0f} |"
        )
        times = " | ".join(f"{1000 * own[key]:.1f} ms" for key in ("tile", "tile_95", "tile_most"))
        tile.append(f"| {size} x {size} | {times} |")
        if other is None:
            against.append(f"| {size} x {size} | did not finish | | | {own['bytes'] / MB:.1f} | | |")
        else:
            against.append(
                f"| {size} x {size} | {other['seconds']:.2f} s | {other['seconds'] / own['seconds']:.1f} "
                f"| {other['bytes'] / MB:.0f} | {own['bytes'] / MB:.1f} | {other['bytes'] / own['bytes']:.0f} "
                f"| {other['peak_mb']:.0f} |"
            )
    return [*first, "", "Tiles of 256 x 256 at all binnings:", "", *tile, "", "The same pixels in Bokeh:", "", *against]


def main() -> None:
    what, path = sys.argv[1:]
    result = CHILDREN[what](Path(path))
    result["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(result))


if __name__ == "__main__":
    main()
