"""CASA as an engine, on real data: what can be cleaned, going back, resuming, and what others see of it meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dsa110_vis.image import open_image

pytestmark = pytest.mark.casa

VLA = {"cell": "0.5arcsec"}
CUBE = {"cell": "15arcsec", "specmode": "cube", "nchan": 3, "start": 25, "width": 1}

KINDS = {
    "hogbom": {"pbcor": True},
    "clark": {"deconvolver": "clark"},
    "multiscale-wproject": {"deconvolver": "multiscale", "scales": [0, 3], "gridder": "wproject", "wprojplanes": 8},
    "one-term": {"deconvolver": "mtmfs", "nterms": 1},
    "two-terms": {"deconvolver": "mtmfs", "nterms": 2, "scales": [0, 3], "pbcor": True},
    "three-terms": {"deconvolver": "mtmfs", "nterms": 3},
    "mosaic": {"gridder": "mosaic", "pbcor": True},
    "primary-beam-mask": {"usemask": "pb", "pbmask": 0.5},
    "automask": {"usemask": "auto-multithresh"},
    "polarisations": {"stokes": "RRLL"},
}


@pytest.fixture
def jobs(casa_job, threec273):
    """Jobs on the observation of 3C 273."""
    return lambda job, parameters, **more: casa_job(job, {"vis": str(threec273), **VLA, **parameters}, **more)


@pytest.mark.parametrize("kind", KINDS)
def test_a_cycle_can_be_undone_exactly(jobs, kind):
    found = jobs("undo", KINDS[kind])
    assert found["undone"] == found["model_undone"] == 0.0 == found["to_dirty"]
    assert found["went_on"] > 0
    check_numbers(found)
    terms = KINDS[kind].get("nterms", 1)
    assert [image[3] for image in found["fields"]] == [terms]
    assert len(found["restored"]) == terms * (1 + KINDS[kind].get("pbcor", False))


@pytest.mark.parametrize("mode", ["cube", "cubedata"])
def test_a_cycle_of_a_cube_can_be_undone_exactly(casa_job, ngc5921, mode):
    found = casa_job("undo", {"vis": str(ngc5921), **CUBE, "specmode": mode, "pbcor": True})
    assert found["undone"] == found["model_undone"] == 0.0 == found["to_dirty"]
    assert found["fields"][0][1] == [1, 3, 128, 128]
    assert found["models"] == [[1, 1, 3, 128, 128]]
    assert [plane[:3] for plane in found["by_plane"]] == [[0, 0, channel] for channel in range(3)]
    assert len(found["restored"]) == 2
    check_numbers(found)


def test_outlier_images_are_cleaned_along(jobs, tmp_path):
    file = tmp_path / "outliers.txt"
    file.write_text(
        "imagename=side\nimsize=[64,64]\ncell=[0.5arcsec,0.5arcsec]\nphasecenter=J2000 12h29m07.5 +02d03m20\n"
    )
    found = jobs("undo", {"outlierfile": str(file)})
    assert [image[:2] for image in found["fields"]] == [
        [str(tmp_path / "images" / "clean"), [1, 1, 128, 128]],
        [str(tmp_path / "side"), [1, 1, 64, 64]],
    ]
    assert found["mask_pixels"] == [48 * 48, 24 * 24]
    assert found["undone"] == found["to_dirty"] == 0.0
    assert found["restored"] == [str(tmp_path / "images" / "clean.image"), str(tmp_path / "side.image")]
    check_numbers(found)


def check_numbers(found):
    """What CASA says of peaks and iterations agrees with the pixels."""
    start, planes = found["start"], [plane for plane in found["measures"] if plane["term"] == 0]
    assert start["mask_pixels"] == sum(found["mask_pixels"]) > 0
    # the peak of several planes is that of all: CASA's own
    assert start["peak"] == pytest.approx(found["peak_dirty"], rel=1e-6)
    assert found["iterations"] == sum(plane[3] for plane in found["by_plane"]) > 0
    assert max(plane["peak_inside"] for plane in planes if not np.isnan(plane["peak_inside"])) < start["peak"]
    assert sum(plane["flux"] for plane in planes) > 0
    assert all(plane["rms"] > 0 for plane in planes)
    assert all(Path(path).is_dir() for path in found["restored"])


def test_pixels_are_where_they_are_said_to_be(jobs):
    found = jobs("placed", {"phasecenter": "J2000 12h29m06.9 +02d03m15"})
    y, x = found["at"]
    assert y != x
    assert found["flux"] == pytest.approx(found["all"]) != 0
    assert found["peak_after"] < found["peak"]


def test_negative_sources_count(jobs, threec273, tmp_path):
    from dsa110_vis.casa_process import run_casa

    turned = tmp_path / "turned.ms"
    shutil.copytree(threec273, turned)
    code = """
from casatools import table
tool = table()
tool.open(arguments["ms"], nomodify=False)
tool.putcol("DATA", -tool.getcol("DATA"))
tool.close()
"""
    run_casa(code, {"ms": str(turned)})
    names = {name: {"imagename": str(tmp_path / "images" / name)} for name in ("up", "down")}
    up, down = jobs("undo", names["up"]), jobs("undo", {**names["down"], "vis": str(turned)})
    assert down["start"]["peak"] == pytest.approx(up["start"]["peak"], rel=1e-6)
    assert down["peak_after"] == pytest.approx(up["peak_after"], rel=1e-3)
    assert down["measures"][0]["flux"] == pytest.approx(-up["measures"][0]["flux"], rel=1e-3)


def test_without_a_mask_nothing_is_cleaned(jobs):
    # CASA by itself would take the whole image
    found = jobs("undo", {})
    assert found["mask_pixels"] == [48 * 48]
    empty = jobs("bare", {"imagename": found["fields"][0][0] + "-bare"})
    assert empty == {"mask_pixels": 0, "peak": 0.0}


def test_a_mask_image_is_taken(jobs, tmp_path):
    jobs("dirty", {})
    mask = tmp_path / "images" / "clean.mask"
    found = jobs("dirty", {"mask": str(mask), "imagename": str(tmp_path / "images" / "masked")})
    assert found["mask_pixels"] == [48 * 48]


def test_a_model_to_start_from_is_taken(jobs, tmp_path):
    jobs("through", {}, cycles=1, keep=0)
    model = tmp_path / "images" / "clean.model"
    found = jobs("undo", {"startmodel": str(model), "imagename": str(tmp_path / "images" / "on")})
    with np.load(tmp_path / "images" / "clean.end.npz") as end:
        left = float(np.abs(end["residual0"][0][end["mask0"][0]]).max())
    assert found["start"]["peak"] == pytest.approx(left, rel=1e-6)
    assert found["undone"] == 0.0


@pytest.mark.parametrize(
    "name",
    ["1 odd-näme, [x] (a=b) + #1/3c 273", "3c-273.v1", 'it\'s "q" *?$(touch x)'],
    ids=["spaces", "hyphen", "quotes"],
)
def test_any_path_goes(jobs, tmp_path, name):
    path = tmp_path / "images" / name
    found = jobs("undo", {"imagename": str(path), "pbcor": True})
    assert found["undone"] == found["to_dirty"] == 0.0
    assert found["restored"] == [f"{path}.image", f"{path}.image.pbcor"]
    assert open_image(f"{path}.image").shape == (128, 128)


@pytest.mark.parametrize("kind", ["hogbom", "multiscale-wproject", "two-terms", "mosaic", "automask", "cube"])
def test_another_process_goes_on_with_the_same_numbers(casa_job, threec273, ngc5921, tmp_path, kind):
    parameters = {"vis": str(ngc5921), **CUBE} if kind == "cube" else {"vis": str(threec273), **VLA, **KINDS[kind]}
    casa_job("through", parameters, cycles=3, keep=0)
    end = tmp_path / "images" / "clean.end.npz"
    with np.load(end) as straight:
        wanted = dict(straight)
    end.unlink()
    casa_job("resumed", parameters, cycles=2)
    with np.load(end) as again:
        assert set(again) == set(wanted)
        for name, array in wanted.items():
            np.testing.assert_array_equal(again[name], array, err_msg=name)


def test_resuming_without_a_psf_is_refused(jobs):
    found = jobs("resumed", {}, cycles=1)["error"]
    assert found["code"] == "clean-failed"
    assert "clean.psf is not there" in found["message"]


@pytest.mark.parametrize(
    "changes",
    [{"nsigma": 20.0}, {"restoringbeam": ["3arcsec"]}, {"pbcor": True}],
    ids=["nsigma", "beam", "pbcor"],
)
def test_changed_parameters_do_what_they_do_from_the_start(jobs, changes):
    found = jobs("changed", {}, changes=changes)
    assert found["model"] == found["residual"] == 0.0
    assert found["restored"] == [0.0] * len(found["restored"])
    assert len(found["restored"]) == 1 + ("pbcor" in changes)
    assert found["after"] == found["straight"]
    assert (found["after"]["nsigma_threshold"] > found["before"]["nsigma_threshold"]) == ("nsigma" in changes)


def test_changed_automasking_does_what_it_does_from_the_start(jobs):
    # The first mask is made before the change, so only what comes after it can differ: nothing may fail.
    found = jobs("changed", {"usemask": "auto-multithresh"}, changes={"lownoisethreshold": 3.0, "growiterations": 10})
    assert found["model"] == found["residual"] == 0.0


@pytest.mark.parametrize("kind", ["none", "modelcolumn", "virtual"])
def test_the_model_goes_into_the_data_where_it_is_wanted(jobs, threec273, tmp_path, kind):
    copy = tmp_path / "copy.ms"
    shutil.copytree(threec273, copy)
    found = jobs("model_in_data", {"vis": str(copy), "savemodel": kind})
    assert found["column"] == (pytest.approx(found["flux"], rel=0.05) if kind == "modelcolumn" else 0.0)
    assert bool(found["virtual"]) == (kind == "virtual")


def test_the_model_goes_into_the_data_with_automasking_too(jobs, threec273, tmp_path):
    copy = tmp_path / "copy.ms"
    shutil.copytree(threec273, copy)
    found = jobs("model_in_data", {"vis": str(copy), "savemodel": "modelcolumn", "usemask": "auto-multithresh"})
    assert found["column"] == pytest.approx(found["flux"], rel=0.05)


def test_images_can_be_read_at_any_moment(jobs, tmp_path):
    # A reader that opens and reads all images on end, while another process cleans. In the moment in which an image is
    # written to disk it may be found half written; a moment later it is whole.
    name = tmp_path / "images" / "clean"
    code = """
import json, sys, time
from pathlib import Path
from dsa110_vis.errors import Dsa110VisError
from dsa110_vis.image import open_image
name, reads, slowest, faults = sys.argv[1], 0, 0.0, []
while not Path(name + ".ready").exists():
    time.sleep(0.01)
while not Path(name + ".enough").exists():
    for ending in ("residual", "model", "psf", "pb", "mask"):
        if not Path(f"{name}.{ending}").exists():
            continue
        began = time.monotonic()
        while True:
            try:
                open_image(f"{name}.{ending}").plane(0).read(0, 128, 0, 128)
                reads += 1
            except Dsa110VisError as error:
                if time.monotonic() < began + 5:
                    continue
                faults.append(str(error))
            break
        slowest = max(slowest, time.monotonic() - began)
print(json.dumps([reads, slowest, faults]))
"""
    reader = subprocess.Popen([sys.executable, "-c", code, str(name)], stdout=subprocess.PIPE, text=True)
    try:
        took = jobs("busy", {"imagename": str(name)}, majors=6)
        Path(f"{name}.enough").touch()
        out, _ = reader.communicate(timeout=60)
    finally:
        reader.kill()
    reads, slowest, faults = json.loads(out.splitlines()[-1])
    assert reads > 20
    assert faults == []
    assert slowest < 10
    assert max(took) < 60


def test_the_meter_of_casa_is_told(casa_job, ngc5921):
    told = casa_job("meter", {"vis": str(ngc5921), "cell": "15arcsec"}, seconds=9)
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert [fractions[0], fractions[-1]] == [0, 1]
    assert len({fraction for fraction in fractions if 0 < fraction < 1}) > 2
    assert {text for _, text in told} == {"making the PSF"}


def test_the_log_is_in_the_folder_of_the_session(jobs, tmp_path):
    jobs("dirty", {})
    folder = tmp_path / "images" / "clean.session"
    assert "SynthesisImagerVi2" in (folder / "casa.log").read_text()
    assert sorted(path.name for path in folder.iterdir()) == ["casa.log", "casa.out"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"field": "nowhere"}, "nowhere"),
        ({"vis": "/nowhere.ms"}, "/nowhere.ms"),
        ({"phasecenter": "J2000 12h29m06"}, "J2000 12h29m06"),
    ],
    ids=["field", "data", "centre"],
)
def test_what_casa_says_is_passed_on(jobs, wrong, words):
    found = jobs("dirty", wrong)["error"]
    assert found["code"] == "clean-failed"
    assert "CASA failed while selecting the data" in found["message"]
    assert words in found["message"]
    assert "casa.log" in found["hint"]


def test_data_that_are_all_flagged_are_named(jobs, threec273, tmp_path):
    from dsa110_vis.casa_process import run_casa

    copy = tmp_path / "flagged.ms"
    shutil.copytree(threec273, copy)
    code = """
from casatools import table
tool = table()
tool.open(arguments["ms"], nomodify=False)
tool.putcol("FLAG", tool.getcol("FLAG") | True)
tool.close()
"""
    run_casa(code, {"ms": str(copy)})
    found = jobs("dirty", {"vis": str(copy)})["error"]
    assert found["code"] == "clean-failed"
    assert "no weight at all" in found["message"]


def test_casa_does_not_start_beside_python_casacore(jobs):
    found = jobs("with_casacore", {})["error"]
    assert "python-casacore" in found["message"]
    assert "SessionHost" in found["hint"]


def test_the_process_keeps_its_own_output(tmp_path):
    code = """
import os, sys
from pathlib import Path
from dsa110_vis.clean.casa_output import captured
os.write(1, b"before ")
print("and before", end=" ")
with captured(Path(sys.argv[1])):
    os.write(1, b"inside")
    os.write(2, b"inside too")
os.write(1, b"after")
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout == "before and before after"
    assert done.stderr == ""
    assert (tmp_path / "casa.out").read_text() == "insideinside too"
