"""Cleaning: a session beside plain tclean for the same cycles, and both beside WSClean and a bare ducc0 image.

Every run is a process of its own with a folder of its own. What is repeated is run in turn (tclean, session, tclean
...); the tiles at 5040 x 5040 are run once, since a run takes minutes.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HERE = Path(__file__).parent
HOUR = 3600
MIB = 1 << 20
DIRTY = {"niter": 0}
ENDLESS = {"niter": 10**6, "nmajor": -1, "threshold": "0Jy", "cyclefactor": 1e-6, "minpsffraction": 1e-6}
"""Minor cycles that last until they are paused."""
NAMES = {
    "plain": "`tclean`",
    "whole": "session, whole cycles",
    "chunks": "session, chunks of 0.5 s",
    "host": "session in a kernel of its own",
    "wsclean": "WSClean",
}


@dataclass(frozen=True)
class Case:
    """One set of visibilities, and what is made of it.

    Attributes
    ----------
    name : str
        For the report.
    ms : pathlib.Path
        The visibilities.
    preset : str or None
        The preset to begin with; None for tclean's defaults.
    changes : dict
        What differs from it.
    repeats : int
        How often `tclean` and the sessions are run.
    chunks : bool
        Whether to run a session in chunks beside one in whole cycles and one in a kernel.
    """

    name: str
    ms: Path
    preset: str | None
    changes: dict[str, Any]
    repeats: int
    chunks: bool = False

    def parameters(self, imagename: Path, **changes: Any) -> dict[str, Any]:
        """Give what tclean is called with, defaults left out."""
        from dsa110_vis.clean.parameters import Parameters
        from dsa110_vis.clean.presets import preset

        given = {"vis": str(self.ms), "imagename": str(imagename), **self.changes, **changes}
        full = (preset(self.preset).parameters(**given) if self.preset else Parameters(**given)).to_dict()
        kept = {"vis", "imagename", "datacolumn", "imsize", "cell", "niter", "threshold", "robust", "weighting"}
        usual = Parameters(vis=str(self.ms), imagename=str(imagename)).to_dict()
        return {key: value for key, value in full.items() if key in kept or value != usual[key]}


def child(what: str, job: dict[str, Any]) -> dict[str, Any] | None:
    """Run one measured process; None, and its last words, if it does not end well.

    Threads of OpenMP that wait for one another sleep, so that CPU time is work: the wall time is the same.
    """
    environment = {**os.environ, "OMP_WAIT_POLICY": "passive"}
    command = [sys.executable, str(HERE / "cleaning_children.py"), what, json.dumps(job)]
    try:
        with tempfile.TemporaryDirectory() as work:  # where CASA leaves what does not fit into memory
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=HOUR, env=environment, cwd=work
            )
    except subprocess.TimeoutExpired:
        print(f"{what} did not end within an hour", file=sys.stderr)
        return None
    if done.returncode:
        print(f"{what} ended with {done.returncode}:\n{done.stderr[-1500:]}", file=sys.stderr)
        return None
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def medians(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Take the median of every number, also of those one level down; of all else the last."""
    found = dict(results[-1])
    for key, value in found.items():
        if isinstance(value, dict):
            found[key] = {name: statistics.median(result[key].get(name, 0.0) for result in results) for name in value}
        elif isinstance(value, float):
            found[key] = statistics.median(result[key] for result in results)
    return found


def runs(case: Case, folder: Path, *, peers: bool) -> dict[str, dict[str, Any] | None]:
    """Run everything of a case; what did not end well is None."""
    cores, kept = os.cpu_count(), folder / "kept"
    measured: dict[str, list[dict[str, Any]]] = {}

    def run(what: str, name: str, changes: Mapping[str, Any] | None = None, **options: Any) -> None:
        """Run a child in a folder of its own, and keep the model of the first run of its name."""
        place = folder / name
        place.mkdir()
        parameters = case.parameters(place / "t", **(changes or {}))
        found = child(what, {"parameters": parameters, "cores": cores, **options})
        some = measured.setdefault(name, [])
        if found is not None:
            some.append(found)
            if (place / "t.model").exists() and not (kept / f"{name}.model").exists():
                shutil.move(place / "t.model", kept / f"{name}.model")
        shutil.rmtree(place)

    kept.mkdir()
    for _ in range(case.repeats):
        run("plain", "plain-dirty", DIRTY)  # the first fills the file cache
        run("plain", "plain")
        run("session", "whole", chunk_seconds=None)
        if case.chunks:
            run("session", "chunks", chunk_seconds=0.5)
        run("host", "host")
    run("pauses", "pauses", ENDLESS)
    if not measured["plain"]:
        message = "tclean itself failed"
        raise SystemExit(message)
    if peers:
        majors = measured["plain"][0]["majors"] - 1
        run("wsclean", "wsclean", majors=majors)
        run("wsclean", "wsclean-dirty", DIRTY, majors=majors)
        run("ducc", "ducc")
    results = {name: medians(found) if found else None for name, found in measured.items()}
    for name in ("whole", "chunks"):
        if results.get(name):
            job = {"imagenames": [str(kept / "plain"), str(kept / name)]}
            apart = child("difference", job)
            results[name] = {**(results[name] or {}), "difference": apart and apart["difference"]}
    shutil.rmtree(kept)
    return results


def line(name: str, dirty: float | None, result: dict[str, Any], plain: float) -> str:
    """Write what one program took, from a Python that has imported nothing."""
    total = result["start"] + result["seconds"]
    first = "" if dirty is None else f"{dirty:.1f} s"
    return (
        f"| {name} | {first} | {total:.1f} s | {total / plain:.2f} | {result['cpu']:.1f} s | {result['peak_mb']:.0f} "
        f"| {result['iterations']} in {result['majors']} |"
    )


def table(case: Case, results: dict[str, dict[str, Any] | None]) -> Iterator[str]:
    """Write the comparison of a case."""
    imsize = case.parameters(Path("x"))["imsize"]
    yield f"{case.name}, {imsize[0]} x {imsize[-1]}:"
    yield ""
    yield "| program | dirty image | cleaned | ratio to `tclean` | CPU | peak memory, MB | iterations in major cycles |"
    yield "|---|---|---|---|---|---|---|"
    plain = results["plain"] or {}
    total = plain["start"] + plain["seconds"]
    for key, name in NAMES.items():
        if key not in results:
            continue
        if (one := results[key]) is None:
            yield f"| {name} | did not finish | | | | | |"
            continue
        alone = results.get(f"{key}-dirty")
        dirty = one["dirty"] + (one["start"]) if "dirty" in one else alone and alone["start"] + alone["seconds"]
        yield line(name, dirty, one, total)
    if bare := results.get("ducc"):
        yield (
            f"| ducc0, dirty image only | {bare['read'] + bare['seconds']:.1f} s | | | {bare['cpu']:.1f} s "
            f"| {bare['peak_mb']:.0f} | |"
        )


def facts(results: dict[str, dict[str, Any] | None]) -> Iterator[str]:
    """Write what else is known of a case: overhead, where it goes, checkpoints, pauses, gridding."""
    plain = results["plain"] or {}
    for key in ("whole", "chunks"):
        if one := results.get(key):
            more, cpu = (100 * (one[figure] / plain[figure] - 1) for figure in ("seconds", "work"))
            apart = one.get("difference")
            models = "" if apart is None else f"; the models differ by {apart:.1g} of the peak"
            yield f"- {NAMES[key].capitalize()}: {more:+.1f} % of time over `tclean`, {cpu:+.1f} % of CPU{models}."
    if one := results.get("whole"):
        spent, each = one["spent"], one["checkpoints"]
        extra = ", ".join(
            f"{name} {spent.get(name, 0.0):.2f} s" for name in ("measure", "masks", "set_masks", "models")
        )
        rest = one["seconds"] - sum(spent.values())
        yield (
            f"- What a session does besides: checkpoints {spent.get('checkpoint', 0.0):.2f} s, {extra}, "
            f"all outside the engine {rest:.2f} s, of {one['seconds']:.2f} s."
        )
        milliseconds, kib = 1000 * spent.get("checkpoint", 0.0) / each, one["bytes"] / each / 1024
        yield f"- A checkpoint takes {milliseconds:.0f} ms and {kib:.0f} KiB ({each} of them)."
    if waits := results.get("pauses"):
        for name, found in waits.items():
            if isinstance(found, list) and found:
                middle, most = statistics.median(found), max(found)
                yield f"- A pause in a {name} cycle: median {middle:.2f} s, longest {most:.2f} s of {len(found)}."
    if (bare := results.get("ducc")) and (one := results.get("whole")):
        each = one["spent"]["major"] / one["majors"]
        yield (
            f"- A major cycle of CASA takes {each:.2f} s, gridding and transform of ducc0 {bare['seconds']:.2f} s: "
            f"{each / bare['seconds']:.0f} times as long."
        )


def cases(folder: Path, repeats: int) -> list[Case]:
    """Give what is measured; tiles are made at the first call."""
    from dsa110_vis.demo import observation, simulate

    tiles = {}
    for size in ("small", "full"):
        tiles[size] = folder / f"{size}-single.ms"
        if not tiles[size].exists():
            simulate(tiles[size], size=size, fields="single", columns=("DATA", "CORRECTED_DATA"))
    shallow = {"niter": 10000, "nmajor": 2}
    compact = {
        "datacolumn": "data", "imsize": 512, "cell": "0.1arcsec", "weighting": "briggs", "robust": 0.5, "niter": 1500,
        "threshold": "10mJy",
    }  # fmt: skip
    return [
        Case("3C 273", observation("3c273"), None, compact, repeats, chunks=True),
        Case("The small tile, `dsa110-plan`", tiles["small"], "dsa110-plan", shallow, repeats=1),
        Case("The full tile, `dsa110-plan`", tiles["full"], "dsa110-plan", shallow, repeats=1),
    ]


def cleaning(folder: Path, repeats: int, *, peers: bool = True) -> list[str]:
    """Measure all cases, and give the lines of the report.

    Parameters
    ----------
    folder : pathlib.Path
        Where the tiles are kept, and where the images are while they are made.
    repeats : int
        How often 3C 273 is cleaned by each; the tiles once.
    peers : bool
        Whether to run WSClean and ducc0.

    Returns
    -------
    list of str
        Markdown.
    """
    lines: list[str] = []
    for case in cases(folder, repeats):
        with tempfile.TemporaryDirectory(dir=folder, prefix="cleaning-") as work:
            results = runs(case, Path(work), peers=peers)
        lines += [*table(case, results), "", *facts(results), ""]
    return lines[:-1]
