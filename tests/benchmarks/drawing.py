"""Regions and masks: a large polygon and 20,000 regions, beside the package `regions`."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

SIDE = 5040
MANY = 20_000
PEER = 100
"""Regions that the peer is given: all of them would take minutes."""
REPEATS = 3


def once(work: Callable[[], Any]) -> float:
    """Time of one run: the peer's are long."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def seconds(work: Callable[[], Any]) -> float:
    """Median time of some runs after a first one."""
    work()
    return statistics.median(once(work) for _ in range(REPEATS))


def regions_text(n: int) -> str:
    """A DS9 file of circles, ellipses and boxes all over the field."""
    rng = np.random.default_rng(1)
    lines = ["icrs"]
    for k, (x, y) in enumerate(rng.uniform(-1.2, 1.2, (n, 2))):
        lon, lat = 180 + x / np.cos(np.radians(37 + y)), 37 + y
        shape = (f'circle({lon},{lat},12")', f'ellipse({lon},{lat},20",10",30)', f'box({lon},{lat},25",15",20)')[k % 3]
        lines.append(shape)
    return "\n".join(lines) + "\n"


def drawing() -> list[str]:
    """Measure, and give the lines of the report."""
    from astropy.wcs import WCS
    from regions import PixCoord, PolygonPixelRegion, Regions

    from dsa110_vis.image import open_image
    from dsa110_vis.regions import pixels_of, read
    from dsa110_vis.regions.rasterise import patch_of
    from dsa110_vis.regions.shapes import Polygon

    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval = ["RA---SIN", "DEC--SIN"], [180.0, 37.0]
    wcs.wcs.cdelt, wcs.wcs.crpix = [-2.5 / 3600, 2.5 / 3600], [SIDE / 2, SIDE / 2]
    size = (SIDE, SIDE)
    image = open_image(np.zeros(size, dtype=np.float32), wcs=wcs)
    turn = np.linspace(0, 2 * np.pi, 1000, endpoint=False)
    radius = 2400 * (0.7 + 0.3 * np.sin(37 * turn))
    x, y = SIDE / 2 + radius * np.cos(turn), SIDE / 2 + radius * np.sin(turn)
    polygon = Polygon(tuple(zip(x.tolist(), y.tolist(), strict=True)))
    theirs = PolygonPixelRegion(PixCoord(x, y))
    text, some = regions_text(MANY), regions_text(PEER)
    found, _ = read(text, image)

    def peer_raster() -> None:
        mask = np.zeros(size, dtype=bool)
        for region in Regions.parse(some, format="ds9"):
            cut = region.to_pixel(wcs).to_mask(mode="center")
            big, small = cut.get_overlap_slices(size)
            if big is not None:
                mask[big] |= cut.data[small] > 0

    rows = [
        ("polygon of 1,000 corners, 5040 x 5040", seconds(lambda: patch_of(polygon, size)),
         once(lambda: theirs.to_mask(mode="center"))),
        ("20,000 regions read from DS9 text", seconds(lambda: read(text, image)),
         once(lambda: Regions.parse(some, format="ds9")) * MANY / PEER),
        ("20,000 regions, text to pixels", seconds(lambda: pixels_of(read(text, image)[0], size, image.celestial)),
         once(peer_raster) * MANY / PEER),
    ]  # fmt: skip
    assert len(found) == MANY
    lines = ["| what | ours | `regions` | ratio |", "|---|---|---|---|"]
    lines += [
        f"| {what} | {1000 * ours:.0f} ms | {1000 * peer:.0f} ms | {peer / ours:.0f} |" for what, ours, peer in rows
    ]
    return lines
