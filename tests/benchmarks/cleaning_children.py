"""What each process of the cleaning benchmark does: ``cleaning_children.py WHAT JOB`` prints one JSON line.

A job is a JSON object: ``parameters`` of tclean with vis and an imagename in a folder of its own, and what else a child
needs. CASA and python-casacore are two builds of one library, so no child uses both.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    Visibilities = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[Any], npt.NDArray[np.float32]]

BEGAN = time.perf_counter()
STEPS = (
    "open", "make_psf", "major", "update_masks", "begin", "minor", "measure", "models", "set_masks", "masks", "restore",
    "close",
)  # fmt: skip
COLUMNS = {"data": "DATA", "corrected": "CORRECTED_DATA"}
PAUSES = 5


def peak_mb(pid: int | str = "self") -> float:
    """The most memory that a process has had since it became what it is (getrusage also counts what it was before)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def casa(job: dict[str, Any]) -> float:
    """Start CASA in this process; how long that took."""
    from dsa110_vis.clean.casa_start import start

    began = time.perf_counter()
    start(Path(job["parameters"]["imagename"]).parent)
    import casatasks  # noqa: F401

    return time.perf_counter() - began


def plain(job: dict[str, Any]) -> dict[str, Any]:
    """Call tclean."""
    started = casa(job)
    from casatasks import tclean

    began, work = time.perf_counter(), time.process_time()
    record = tclean(**job["parameters"], interactive=False)
    seconds, work = time.perf_counter() - began, time.process_time() - work
    return {
        "start": started, "seconds": seconds, "work": work, "iterations": record["iterdone"],
        "majors": record["nmajordone"],
    }  # fmt: skip


def session_of(job: dict[str, Any], **options: Any) -> tuple[Any, dict[str, float]]:
    """Make a session whose engine and store keep the time that their steps take."""
    from dsa110_vis.clean.casa_engine import CasaEngine
    from dsa110_vis.clean.checkpoints import Store
    from dsa110_vis.clean.parameters import Parameters
    from dsa110_vis.clean.session import CleanSession

    spent: dict[str, float] = {}

    def timed(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **keywords: Any) -> Any:
            began = time.perf_counter()
            try:
                return work(*args, **keywords)
            finally:
                spent[name] = spent.get(name, 0.0) + time.perf_counter() - began

        return run

    def engine(parameters: Parameters, folder: Path) -> CasaEngine:
        made = CasaEngine(parameters, folder=folder)
        for name in STEPS:
            setattr(made, name, timed(name, getattr(made, name)))
        return made

    Store.add = timed("checkpoint", Store.add)
    return CleanSession(Parameters.from_dict(job["parameters"]), engine=engine, **options), spent


def everywhere(session: Any) -> None:
    """Clean the whole image, as tclean without a mask does."""
    session.set_masks([np.ones_like(mask) for mask in session.masks]).result()


def session(job: dict[str, Any]) -> dict[str, Any]:
    """Clean with a session in this process, from start to finish."""
    started = casa(job)
    began, work = time.perf_counter(), time.process_time()
    made, spent = session_of(job, chunk_seconds=job["chunk_seconds"])
    made.start().result()
    dirty = time.perf_counter() - began
    everywhere(made)
    made.finish().result()
    seconds, work = time.perf_counter() - began, time.process_time() - work
    cycles, folder = made.cycles, Path(f"{job['parameters']['imagename']}.session")
    if made.failure is not None:
        raise made.failure
    found = {
        "start": started, "dirty": dirty, "seconds": seconds, "work": work, "spent": spent, "reason": made.reason,
        "iterations": cycles[-1]["iterations"], "majors": 1 + cycles[-1]["major"],
        "chunks": sum(len(cycle["chunks"]) for cycle in cycles), "checkpoints": len(cycles),
        "bytes": sum(path.stat().st_size for path in folder.rglob("cycle-*")),
    }  # fmt: skip
    made.close()
    return found


def pauses(job: dict[str, Any]) -> dict[str, Any]:
    """Pause a session in minor cycles, some time after they began, and in a major cycle; how long until it answers."""
    from dsa110_vis.clean.states import WORKING, State

    casa(job)
    made, _ = session_of(job)
    made.start().result()
    everywhere(made)

    def answer(state: State, after: float) -> float:
        done = made.run(None)
        while made.state != state:
            if done.done():
                message = f"cleaning ended before it was {state}: {made.reason or made.failure}"
                raise SystemExit(message)
            time.sleep(0.001)
        time.sleep(after)
        began = time.perf_counter()
        made.pause()
        while made.state in WORKING:
            time.sleep(0.001)
        return time.perf_counter() - began

    minor = [answer(State.MINOR, 0.2 + 0.3 * number) for number in range(PAUSES)]
    made.set_parameters(cycleniter=1).result()
    major = [answer(State.MAJOR, 0.0)]
    made.close()
    return {"minor": minor, "major": major}


def host(job: dict[str, Any]) -> dict[str, Any]:
    """Clean with a session in a kernel of its own, as a notebook does."""
    from dsa110_vis.clean.parameters import Parameters
    from dsa110_vis.clean.states import ENDED, State
    from dsa110_vis.host.host import SessionHost

    with SessionHost(Parameters.from_dict(job["parameters"])) as owner:
        owner.wait(states={State.READY, *ENDED}, timeout=3600)
        dirty = time.perf_counter() - BEGAN
        owner.set_masks([np.ones_like(mask) for mask in owner.masks()])
        owner.finish()
        owner.wait(timeout=3600)
        seconds = time.perf_counter() - BEGAN
        latest, memory = owner.latest, peak_mb(owner.pid)
    if latest["state"] != State.FINISHED:
        raise SystemExit(str(latest))
    last = latest["cycles"][-1]
    return {
        "start": 0.0, "dirty": dirty, "seconds": seconds, "iterations": last["iterations"],
        "majors": 1 + last["major"], "more_mb": memory,
    }  # fmt: skip


def wsclean(job: dict[str, Any]) -> dict[str, Any]:
    """Run WSClean for the same image, weighting and depth."""
    given = job["parameters"]
    command = [
        "wsclean", "-reorder", "-temp-dir", Path(given["imagename"]).parent, "-no-update-model-required",
        "-use-wgridder", "-make-psf", "-name", given["imagename"], "-pol", "i",
        "-data-column", COLUMNS[given["datacolumn"]], "-weight", "briggs", given["robust"],
        "-size", given["imsize"][0], given["imsize"][-1], "-scale", given["cell"][0].replace("arcsec", "asec"),
        "-niter", given["niter"], "-nmiter", job["majors"], "-mgain", 0.8,
        "-threshold", f"{given['threshold'].removesuffix('mJy')}e-3", given["vis"],
    ]  # fmt: skip
    began = time.perf_counter()
    done = subprocess.run(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(done.stdout[-1500:])
    iterations = re.findall(r"Performed (\d+) iterations in total", done.stdout)
    majors = re.findall(r"(\d+) major iterations were performed", done.stdout)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "start": 0.0, "seconds": seconds, "iterations": int(iterations[-1]) if iterations else 0,
        "majors": 1 + int(majors[-1]) if majors else 1, "peak_mb": usage.ru_maxrss / 1024,
    }  # fmt: skip


def visibilities(path: str, column: str) -> Visibilities:
    """Read uvw (m), frequencies (Hz), Stokes I and weights (0: flagged), all spectral windows side by side."""
    from casacore.tables import table

    uvw: npt.NDArray[np.float64] | None = None
    parts, weights = [], []
    with table(path, ack=False) as ms, table(f"{path}/SPECTRAL_WINDOW", ack=False) as windows:
        frequencies = windows.getcol("CHAN_FREQ")
        for ddid in range(len(frequencies)):
            with ms.query(f"DATA_DESC_ID == {ddid} AND ANTENNA1 != ANTENNA2") as rows:
                where = rows.getcol("UVW")
                if uvw is not None and not np.array_equal(uvw, where):
                    message = "The spectral windows differ in their rows."
                    raise SystemExit(message)
                uvw = where
                weight = rows.getcol("WEIGHT")[:, None, :] * ~rows.getcol("FLAG")
                values = rows.getcol(column)
            # the first and the last correlation are the parallel hands
            weight = weight[..., [0, -1]].astype(np.float32)
            total = weight.sum(axis=-1)
            summed = (values[..., [0, -1]] * weight).sum(axis=-1)
            parts.append(np.divide(summed, total, out=np.zeros_like(summed), where=total > 0))
            weights.append(total)
    return uvw, frequencies.ravel(), np.concatenate(parts, axis=1), np.concatenate(weights, axis=1)


def ducc(job: dict[str, Any]) -> dict[str, Any]:
    """Make the naturally weighted dirty image with ducc0 alone: nothing that grids can be much faster."""
    try:
        from ducc0.wgridder import vis2dirty
    except ModuleNotFoundError as error:
        raise SystemExit(str(error)) from None
    given = job["parameters"]
    began = time.perf_counter()
    uvw, frequencies, values, weights = visibilities(given["vis"], COLUMNS[given["datacolumn"]])
    read = time.perf_counter()
    cell = np.radians(float(given["cell"][0].removesuffix("arcsec")) / 3600)
    nx, ny = given["imsize"][0], given["imsize"][-1]
    dirty = vis2dirty(
        uvw=uvw, freq=frequencies, vis=values.astype(np.complex64), wgt=weights, npix_x=nx, npix_y=ny,
        pixsize_x=cell, pixsize_y=cell, epsilon=1e-4, do_wgridding=False, nthreads=job["cores"],
    )  # fmt: skip
    seconds = time.perf_counter() - read
    return {"start": 0.0, "read": read - began, "seconds": seconds, "peak": float(dirty.max() / weights.sum())}


def difference(job: dict[str, Any]) -> dict[str, float]:
    """Compare the models of two runs: the largest difference, of the largest value."""
    from dsa110_vis.image import open_image

    first, second = (open_image(f"{name}.model").plane() for name in job["imagenames"])
    ny, nx = first.shape
    one, two = (np.nan_to_num(plane.read(0, nx, 0, ny)) for plane in (first, second))
    return {"difference": float(np.abs(one - two).max() / np.abs(one).max())}


CHILDREN: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "plain": plain, "session": session, "pauses": pauses, "host": host, "wsclean": wsclean, "ducc": ducc,
    "difference": difference,
}  # fmt: skip


def main() -> None:
    what, job = sys.argv[1], json.loads(sys.argv[2])
    result = CHILDREN[what](job)
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    result["cpu"] = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    result.setdefault("peak_mb", peak_mb() + result.pop("more_mb", 0.0))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
