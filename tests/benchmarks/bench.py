"""Measure what docs/performance.md says: rasters of a full simulated tile against the floor and against peers, the time
to the first sight of an array, images against their size, regions, cleaning, and a server under load.

Every figure of a raster is the median of several processes taken in turn (floor, ours, floor, ours ...), so that a
machine whose speed drifts does not favour one of them; what counts are the ratios. The tile stays in the file cache
throughout.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from cleaning import cleaning
from drawing import drawing
from first import first
from images import images
from load import load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- bench: rasters -->", "<!-- bench: end -->"
FIRST = ("<!-- bench: first -->", "<!-- bench: first end -->")
IMAGES = ("<!-- bench: images -->", "<!-- bench: images end -->")
DRAWING = ("<!-- bench: drawing -->", "<!-- bench: drawing end -->")
CLEANING = ("<!-- bench: cleaning -->", "<!-- bench: cleaning end -->")
LOAD = ("<!-- bench: load -->", "<!-- bench: load end -->")
PLOTS = (("frequency", "time"), ("baseline", "time"), ("frequency", "baseline"))
PLOT_PEER = ("frequency", "time")
SPW_PARTS = {"1/8": "0~1", "1/4": "0~3", "1/2": "0~7", "1": ""}
MIB = 1 << 20


def child(what: str, *words: str | Path) -> dict[str, float]:
    """Run one measured process of ours."""
    command = [sys.executable, str(HERE / "children.py"), what, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=1800)
    return json.loads(done.stdout.splitlines()[-1])


def tree_memory(pid: int) -> int:
    """Sum the resident memory of a process and of all that it started, bytes."""
    total = 0
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        try:
            total += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total


def outside(command: Sequence[str | Path], timeout: float, folder: str) -> dict[str, float] | None:
    """Time a peer's whole process; None when it fails or does not end in time."""
    began = time.perf_counter()
    log = Path(folder) / "peer.log"
    with log.open("w") as output:
        process = subprocess.Popen(list(map(str, command)), cwd=folder, stdout=output, stderr=subprocess.STDOUT)
        peak = 0
        ended = threading.Event()

        def watch() -> None:
            nonlocal peak
            while not ended.wait(0.1):
                peak = max(peak, tree_memory(process.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            code = None
        finally:
            ended.set()
            watcher.join()
    if code != 0:
        print(f"peer ended with {code}:\n{log.read_text()[-1500:]}", file=sys.stderr)
        return None
    return {"seconds": time.perf_counter() - began, "peak_mb": peak / MIB}


def environment(name: str, *packages: str, folder: Path) -> Path | None:
    """Make (once) a virtual environment for a peer, and give its folder of programs."""
    place = folder / f"venv-{name}"
    if not (place / "done").exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        install = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", *packages]
        if subprocess.run(install, check=False).returncode:
            return None
        (place / "done").touch()
    return place / "bin"


def medians(results: Sequence[dict[str, float]]) -> dict[str, float]:
    """Take the median of every figure."""
    return {key: statistics.median(result[key] for result in results) for key in results[0]}


def machine() -> str:
    """Name the machine."""
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = os.cpu_count()
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{model}, {cores} cores, {memory:.0f} GiB, {system}"


def measure(ms: Path, folder: Path, repeats: int, *, peers: bool) -> list[str]:
    """Run everything, and give the lines of the report."""
    child("floor", ms)  # fills the file cache
    child("ours", ms, *PLOT_PEER)  # fills the compiler's cache
    floors: list[dict[str, float]] = []
    rasters: dict[tuple[str, str], list[dict[str, float]]] = {plot: [] for plot in PLOTS}
    for _ in range(repeats):
        for plot in PLOTS:
            floors.append(child("floor", ms))
            rasters[plot].append(child("ours", ms, *plot))
    floor = medians(floors)
    lines = [
        "| what | time | ratio to the floor | peak memory, MB |",
        "|---|---|---|---|",
        f"| floor: DATA and FLAG once with `getcolnp` | {floor['seconds']:.2f} s | 1.00 | {floor['peak_mb']:.0f} |",
    ]
    for (x, y), results in rasters.items():
        one = medians(results)
        lines += [
            f"| {x} x {y}, first in a new process | {one['cold']:.2f} s | {one['cold'] / floor['seconds']:.2f} | |",
            (
                f"| {x} x {y}, again | {one['seconds']:.2f} s | {one['seconds'] / floor['seconds']:.2f} "
                f"| {one['peak_mb']:.0f} |"
            ),
        ]
    lines += ["", "Growth, frequency x time, over the part of the tile that is read:", ""]
    lines += ["| part of the tile | time | time / part, relative to the whole tile |", "|---|---|---|"]
    growth = {
        part: statistics.median(child("ours", ms, *PLOT_PEER, spw)["seconds"] for _ in range(repeats))
        for part, spw in SPW_PARTS.items()
    }
    for part, seconds in growth.items():
        share = eval_part(part)
        lines.append(f"| {part} | {seconds:.2f} s | {seconds / share / growth['1']:.2f} |")
    answers = child("cached", ms)
    lines += ["", "Changes answered from the cells of frequency x baseline (3.6 million), without touching the MS:", ""]
    lines += ["| change | time |", "|---|---|"]
    lines += [f"| {name} | {1000 * seconds:.0f} ms |" for name, seconds in answers.items() if name != "peak_mb"]
    if peers:
        lines += ["", *compare(ms, folder, rasters[PLOT_PEER])]
    return lines


def eval_part(part: str) -> float:
    """Read "1/8" as a number."""
    numerator, _, denominator = part.partition("/")
    return float(numerator) / float(denominator or 1)


def compare(ms: Path, folder: Path, results: Sequence[dict[str, float]]) -> list[str]:
    """Time the same picture made by the peers, each as a whole process."""
    x, y = PLOT_PEER
    lines = [
        f"The same picture ({x} x {y}, mean amplitude) as a whole process, from the command to the PNG:",
        "",
        "| program | time | ratio to ours | peak memory, MB |",
        "|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as work:
        command = [sys.executable, "-m", "dsa110_vis.cli", "raster", ms, "--x", x, "--y", y, "--column", "DATA"]
        whole = outside([*command, "--autocorrelations", "-o", f"{work}/ours.png"], 600, work)
        if whole is None:
            message = "our own command failed"
            raise SystemExit(message)
        lines.append(f"| dsa110-vis | {whole['seconds']:.1f} s | 1.0 | {whole['peak_mb']:.0f} |")
        bin_shadems = environment("shadems", "shadems", "setuptools", folder=folder)
        if bin_shadems is not None:
            shade = outside(
                [
                    bin_shadems / "shadems",
                    ms,
                    "-x",
                    "FREQ",
                    "-y",
                    "TIME",
                    "-a",
                    "DATA:amp",
                    "--ared",
                    "mean",
                    "--dir",
                    work,
                ],
                1500,
                work,
            )
            lines.append(row("shadeMS 0.5", shade, whole))
        bin_vidavis = environment("vidavis", "vidavis==0.2.2", folder=folder)
        if bin_vidavis is not None:
            copy = Path(work) / ms.name
            copy.symlink_to(ms)
            vida = outside([bin_vidavis / "python", HERE / "peer_vidavis.py", copy, f"{work}/vidavis.html"], 400, work)
            lines.append(row("vidavis 0.2.2 (copies the MS to zarr first)", vida, whole))
    again = medians(results)
    lines += ["", f"(Of ours, {again['import']:.1f} s are imports and {again['cold']:.1f} s the raster.)"]
    return lines


def row(name: str, result: dict[str, float] | None, ours: dict[str, float]) -> str:
    """Write one line of the comparison."""
    if result is None:
        return f"| {name} | did not finish | | |"
    seconds = result["seconds"]
    return f"| {name} | {seconds:.1f} s | {seconds / ours['seconds']:.1f} | {result['peak_mb']:.0f} |"


def write(lines: Sequence[str], begin: str = BEGIN, end: str = END) -> None:
    """Put a report between its markers in the document."""
    text = DOCUMENT.read_text()
    head, _, rest = text.partition(begin)
    _, _, tail = rest.partition(end)
    DOCUMENT.write_text(f"{head}{begin}\n\n" + "\n".join(lines) + f"\n\n{end}{tail}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ms", type=Path, help="measure this MS instead of a full simulated tile")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--no-peers", action="store_true")
    kinds = ("rasters", "first", "images", "drawing", "cleaning", "load")
    parser.add_argument("--only", choices=kinds, help="measure only this")
    parser.add_argument("--print", action="store_true", help="print the report, and leave the document as it is")
    arguments = parser.parse_args()
    from dsa110_vis.demo import cache_folder, observation

    folder = cache_folder() / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    ms = arguments.ms
    if ms is None:
        from dsa110_vis.demo import simulate

        ms = folder / "full.ms"
        if not ms.exists() and arguments.only != "cleaning":
            simulate(ms, size="full")
    ms = ms.resolve()
    peers = not arguments.no_peers
    parts: dict[str, tuple[Callable[[], list[str]], tuple[str, str]]] = {
        "rasters": (lambda: measure(ms, folder, arguments.repeats, peers=peers), (BEGIN, END)),
        "first": (lambda: first({"NGC 5921": observation("ngc5921"), "the tile": ms}), FIRST),
        "images": (lambda: images(folder, arguments.repeats), IMAGES),
        "drawing": (drawing, DRAWING),
        "cleaning": (lambda: cleaning(folder, arguments.repeats, peers=peers), CLEANING),
        "load": (lambda: load(ms), LOAD),
    }
    reports = [(work(), markers) for name, (work, markers) in parts.items() if arguments.only in {None, name}]
    for lines, markers in reports:
        report = [f"Measured on: {machine()}.", "", *lines]
        if arguments.print:
            print("\n".join(report))
        else:
            write(report, *markers)
            print(f"written to {DOCUMENT}")


if __name__ == "__main__":
    main()
