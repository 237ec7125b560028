"""Jobs for a process that has CASA: ``python casa_jobs.py JOB ANSWER``, arguments as JSON on the standard input.

The fixture `casa_job` runs them; a `CleanError` becomes the answer.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path

import numpy as np

from dsa110_vis.clean.parameters import Parameters


def engine_of(parameters):
    from dsa110_vis.clean.casa_engine import CasaEngine

    return CasaEngine(parameters, folder=Path(f"{parameters.imagename}.session"))


def silent(_fraction, _text):
    pass


def begun(parameters):
    """An engine with a dirty image; with a box as its mask unless CASA makes masks."""
    engine = engine_of(parameters)
    engine.open(resume=False)
    engine.make_psf(silent)
    engine.major(silent)
    engine.update_masks()
    if parameters.usemask == "user" and not parameters.mask:
        engine.set_masks(boxes(engine))
    return engine


def boxes(engine):
    """A box around the middle of every image; not in the middle of it, so that no axis can be turned unseen."""
    return [box(mask) for mask in engine.masks()]


def box(mask):
    rows, columns = mask.shape[2:]
    mask[..., rows * 3 // 8 : rows * 3 // 4, columns * 5 // 16 : columns * 11 // 16] = True
    return mask


def cycle(engine, nsigma=0.0, iterations=40):
    from dsa110_vis.clean.engine import MinorControls

    start = engine.begin(nsigma)
    threshold = max(0.3 * start.peak, start.nsigma_threshold)
    done = engine.minor(MinorControls(iterations, threshold, 0.1, nsigma))
    engine.major(silent)
    engine.update_masks()
    return start, done


def residuals(engine):
    from dsa110_vis.clean import casa_pixels

    return [
        casa_pixels.read(f"{image.imagename}.residual" + (f".tt{term}" if multiterm(image) else ""))
        for image in engine.fields
        for term in range(image.terms)
    ]


def multiterm(image):
    return Path(f"{image.imagename}.residual.tt0").is_dir()


def most(first, second):
    """The largest difference between two lists of arrays."""
    return max(float(np.abs(a.astype(float) - b).max()) for a, b in zip(first, second, strict=True))


def undo(parameters):
    """Two cycles; back to the first; back to the dirty image; and what was found on the way."""
    engine = begun(parameters)
    dirty = residuals(engine)
    first_terms = dirty[:: engine.fields[0].terms]
    masks = engine.masks()
    start, done = cycle(engine, parameters.nsigma)
    first = engine.models(), residuals(engine), engine.masks()
    measures = engine.measure(engine.models())
    cycle(engine, parameters.nsigma)
    second = residuals(engine)
    engine.set_models(first[0])
    engine.major(silent)
    answer = {
        "fields": [[image.imagename, image.shape, image.stokes, image.terms] for image in engine.fields],
        "models": [model.shape for model in first[0]],
        "mask_pixels": [int(mask.sum()) for mask in masks],
        "start": vars(start),
        "iterations": done.iterations,
        "most_iterations": done.most_iterations,
        "peak_after": done.peak,
        "by_plane": [[*plane, count] for plane, count in done.by_plane.items()],
        "measures": [vars(plane) for plane in measures],
        "peak_dirty": max(
            float(np.abs(plane[mask]).max(initial=0)) for plane, mask in zip(first_terms, masks, strict=True)
        ),
        "went_on": most(first[1], second),
        "undone": most(residuals(engine), first[1]),
        "model_undone": most(engine.models(), first[0]),
    }
    if not parameters.startmodel:
        engine.set_models([np.zeros_like(model) for model in first[0]])
        engine.major(silent)
        answer["to_dirty"] = most(residuals(engine), dirty)
    answer["restored"] = engine.restore()
    engine.close()
    engine.close()
    return answer


def through(parameters, cycles, keep):
    """Some cycles; what there is after each is written down."""
    engine = begun(parameters)
    for number in range(cycles):
        cycle(engine, parameters.nsigma)
        if number == keep:
            np.savez(
                f"{parameters.imagename}.kept.npz",
                **{f"model{n}": model for n, model in enumerate(engine.models())},
                **{f"mask{n}": mask for n, mask in enumerate(engine.masks())},
            )
    engine.restore()
    _save(parameters, engine)
    engine.close()


def resumed(parameters, cycles):
    """Some cycles from what another process wrote down."""
    engine = engine_of(parameters)
    engine.open(resume=True)
    with np.load(f"{parameters.imagename}.kept.npz") as kept:
        engine.set_models([kept[f"model{n}"] for n in range(len(engine.fields))])
        engine.set_masks([kept[f"mask{n}"] for n in range(len(engine.fields))])
    engine.major(silent)
    for _ in range(cycles):
        cycle(engine, parameters.nsigma)
    engine.restore()
    _save(parameters, engine)
    engine.close()


def _save(parameters, engine):
    from dsa110_vis.clean import casa_pixels

    restored = [casa_pixels.read(f"{image.imagename}.image{'.tt0' * multiterm(image)}") for image in engine.fields]
    named = {"residual": residuals(engine), "model": engine.models(), "mask": engine.masks(), "restored": restored}
    np.savez(
        f"{parameters.imagename}.end.npz",
        **{f"{name}{n}": array for name, arrays in named.items() for n, array in enumerate(arrays)},
    )


def parity(parameters, chunk_seconds):
    """A finished session, then tclean with its mask: how much the images differ, as a fraction of the peak."""
    from dsa110_vis.clean import casa_pixels
    from dsa110_vis.clean.session import CleanSession

    session = CleanSession(parameters, chunk_seconds=chunk_seconds)
    session.start().result()
    if parameters.usemask == "user":
        session.set_masks([box(mask) for mask in session.masks]).result()
    session.finish().result()
    cycles = [entry for entry in session.cycles if entry["kind"] == "cycle"]
    reason, chunks = session.reason, sum(len(entry["chunks"]) for entry in cycles)
    session.close()

    from casatasks import tclean

    other = f"{parameters.imagename}-tclean"
    arguments = parameters.to_dict() | {"imagename": other}
    if parameters.usemask == "user":
        arguments["mask"] = f"{parameters.imagename}.mask"
    record = tclean(**arguments)
    differences = {}
    for path in sorted(Path(other).parent.glob(f"{Path(other).name}.*")):
        ending = path.name.removeprefix(Path(other).name)
        if ending.startswith((".sumwt", ".prev")):
            continue
        ours, theirs = casa_pixels.read(f"{parameters.imagename}{ending}"), casa_pixels.read(str(path))
        good = np.isfinite(theirs)
        # what is left is small beside what was taken out
        scale = casa_pixels.read(str(path).replace(".residual", ".image")) if ".residual" in ending else theirs
        differences[ending] = float(np.abs(ours - theirs)[good].max() / max(np.nanmax(np.abs(scale)), 1e-30))
    return {
        "differences": differences,
        "cycles": len(cycles),
        "iterations": cycles[-1]["iterations"],
        "chunks": chunks,
        "reason": reason,
        "tclean": {key: int(record[key]) for key in ("iterdone", "nmajordone", "stopcode")},
    }


def dirty(parameters):
    """A dirty image, closed properly."""
    engine = begun(parameters)
    answer = {"mask_pixels": [int(mask.sum()) for mask in engine.masks()], "start": vars(engine.begin(0.0))}
    engine.close()
    return answer


def bare(parameters):
    """A dirty image without any mask."""
    engine = engine_of(parameters)
    engine.open(resume=False)
    engine.make_psf(silent)
    engine.major(silent)
    engine.update_masks()
    start = engine.begin(0.0)
    engine.close()
    return {"mask_pixels": start.mask_pixels, "peak": start.peak}


def placed(parameters):
    """Where the brightest pixel is, in this package's order of axes, and a cycle in a mask of that pixel alone."""
    engine = begun(parameters)
    plane = residuals(engine)[0][0, 0]
    y, x = (int(index) for index in np.unravel_index(np.argmax(plane), plane.shape))
    masks = engine.masks()
    masks[0][...] = False
    masks[0][..., y, x] = True
    engine.set_masks(masks)
    _, done = cycle(engine)
    model = engine.models()[0][0, 0, 0]
    engine.close()
    peaks = {"peak": float(plane[y, x]), "peak_after": done.peak}
    return {"at": [y, x], **peaks, "flux": float(model[y, x]), "all": float(model.sum())}


def changed(parameters, changes):
    """A cycle with other parameters in the middle of a session, and the same from the start."""
    engine = begun(parameters)
    before = engine.begin(parameters.nsigma)
    other = parameters.changed(**changes)
    engine.change(other)
    after = engine.begin(other.nsigma)
    cycle(engine, other.nsigma)
    restored = engine.restore()
    found = engine.models(), residuals(engine)
    engine.close()
    straight = begun(other.changed(imagename=f"{parameters.imagename}-straight"))
    start, _ = cycle(straight, other.nsigma)
    again = straight.restore()
    wanted = straight.models(), residuals(straight)
    from dsa110_vis.clean import casa_pixels

    pictures = [most([casa_pixels.read(a)], [casa_pixels.read(b)]) for a, b in zip(restored, again, strict=True)]
    straight.close()
    return {
        "before": vars(before),
        "after": vars(after),
        "straight": vars(start),
        "model": most(found[0], wanted[0]),
        "residual": most(found[1], wanted[1]),
        "restored": pictures,
    }


def meter(parameters, seconds):
    """A step long enough for CASA's meter, which starts after seven seconds: the data are taken so many times."""
    times = 2
    while True:
        times *= 2
        told = []
        links = [Path(f"{parameters.imagename}-{number}-{times}.ms") for number in range(times)]
        for link in links:
            link.symlink_to(parameters.vis)
        many = parameters.changed(vis=[str(link) for link in links], imagename=f"{parameters.imagename}{times}")
        engine = engine_of(many)
        engine.open(resume=False)
        began = time.monotonic()
        engine.make_psf(lambda fraction, text, told=told: told.append([fraction, text]))
        engine.close()
        if time.monotonic() - began > seconds:
            return told


def busy(parameters, majors):
    """Major cycles on end, and how long each took."""
    engine = begun(parameters)
    Path(f"{parameters.imagename}.ready").touch()
    took = []
    for _ in range(majors):
        began = time.monotonic()
        cycle(engine, iterations=10)
        took.append(time.monotonic() - began)
    engine.restore()
    engine.close()
    return took


def model_in_data(parameters):
    """A cycle, and what the data have of the model afterwards."""
    engine = begun(parameters)
    cycle(engine)
    largest = max(float(np.abs(model).sum()) for model in engine.models())
    engine.close()

    from casatools import table

    tool = table()
    tool.open(parameters.vis)
    column = float(np.abs(tool.getcol("MODEL_DATA")).max()) if "MODEL_DATA" in tool.colnames() else 0.0
    tool.close()
    tool.open(f"{parameters.vis}/SOURCE")
    virtual = [name for name in tool.keywordnames() if name.startswith("model_")]
    tool.close()
    return {"flux": largest, "column": column, "virtual": virtual}


def pixels(parameters):
    """Pixels of tables of every shape, tiling and byte order, read as they lie in the file and by CASA."""
    engine_of(parameters)
    from casatools import table
    from hypothesis import example, given, settings
    from hypothesis import strategies as st

    from dsa110_vis.clean import casa_pixels

    path, tool = parameters.imagename, table()
    axes = st.tuples(st.integers(1, 40), st.integers(1, 40), st.integers(1, 4), st.integers(1, 5))
    tiles = st.tuples(st.integers(1, 40), st.integers(1, 40), st.integers(1, 4), st.integers(1, 5))
    seen = []

    @settings(deadline=None, max_examples=60, database=None)
    @given(axes, tiles, st.sampled_from(("little", "big")), st.sampled_from(("TiledCellStMan", "StandardStMan")))
    @example((31, 17, 3, 5), (7, 5, 2, 3), "big", "TiledCellStMan")
    def same(shape, tile, order, manager):
        column = {
            "valueType": "float", "dataManagerType": manager, "dataManagerGroup": "map", "option": 0, "maxlen": 0,
            "comment": "", "ndim": 4, "keywords": {},
        }  # fmt: skip
        specification = {"DEFAULTTILESHAPE": list(tile)} if manager.startswith("Tiled") else {}
        managed = {"*1": {"TYPE": manager, "NAME": "map", "SEQNR": 0, "SPEC": specification, "COLUMNS": ["map"]}}
        shutil.rmtree(path, ignore_errors=True)
        tool.create(path, {"map": column}, endianformat=order, dminfo=managed, nrow=1)
        values = np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)
        tool.putcell("map", 0, values)  # stays open, and not flushed: another one has to see to that
        (found,) = (one["TYPE"] for one in tool.getdminfo().values())
        seen.append((found, tool.endianformat()))
        turned = values.transpose(2, 3, 1, 0)
        assert np.array_equal(casa_pixels.read(path), turned)
        last = shape[2] - 1, shape[3] - 1
        plane, good = casa_pixels.read_plane(path, *last)
        assert np.array_equal(plane, turned[last])
        assert good.all()
        casa_pixels.write(path, turned[..., ::-1])
        assert np.array_equal(casa_pixels.read(path), turned[..., ::-1])
        tool.close()

    same()
    return {"seen": sorted(map(list, set(seen)))}


def masked(parameters):
    """A plane of a CASA image with a mask and a NaN, read by us and by the image tool."""
    engine_of(parameters)
    from casatools import image

    from dsa110_vis.clean import casa_pixels

    path, tool = parameters.imagename, image()
    tool.fromshape(path, [521, 300, 2, 3], type="f")
    values = np.random.default_rng(1).normal(size=(521, 300, 2, 3))
    values[7, 11, 1, 2] = np.nan
    tool.putchunk(values)
    tool.calcmask(f'"{path}" > -1')
    tool.done()
    pixels, good = casa_pixels.read_plane(path, 1, 2)
    tool.open(path)
    theirs, mask = (tool.getchunk(getmask=kind)[:, :, 1, 2].T for kind in (False, True))
    tool.done()
    return {
        "same": np.array_equal(pixels, theirs.astype(np.float32), equal_nan=True),
        "good": np.array_equal(good, mask & np.isfinite(theirs)),
        "part": float(good.mean()),
        "nan": bool(good[11, 7]),
    }


def with_casacore(parameters):
    """CASA where python-casacore is already."""
    import casacore.tables  # noqa: F401

    engine_of(parameters)


if __name__ == "__main__":
    from dsa110_vis.errors import Dsa110VisError

    job = json.load(sys.stdin)
    given = Parameters.from_dict(job.pop("parameters"))
    try:
        result = globals()[sys.argv[1]](given, **job)
    except Dsa110VisError as error:
        result = {"error": dict(error.describe())}
    Path(sys.argv[2]).write_text(json.dumps(result), encoding="utf-8")
