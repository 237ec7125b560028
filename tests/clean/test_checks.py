"""Checks before anything is gridded, on real Measurement Sets: what passes, what is refused, and in which words."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from casacore import tables

from dsa110_vis.casa_process import run_casa
from dsa110_vis.clean import Parameters, preset, room
from dsa110_vis.clean.checks import check
from dsa110_vis.clean.data_checks import examine
from dsa110_vis.clean.disk_checks import taken_names
from dsa110_vis.clean.image_checks import fits_fft, next_size
from dsa110_vis.clean.room import disk_bytes, memory_bytes, memory_limit
from dsa110_vis.errors import ParameterError

OPTIMUM = """
from casatools import synthesisutils
result = [int(synthesisutils().getOptimumSize(size)) for size in arguments["sizes"]]
"""

IMAGED = """
import os, re
from casatasks import tclean
tclean(**arguments)
folder = os.path.dirname(arguments["imagename"])
with open("/proc/self/status") as status:  # what getrusage says is that of the parent, if that was larger
    peak = int(re.search(r"VmHWM:\\s*(\\d+)", status.read())[1]) * 1024
result = {
    "disk": sum(os.path.getsize(os.path.join(root, file)) for root, _, files in os.walk(folder) for file in files),
    "memory": peak,
    "names": sorted(os.listdir(folder)),
}
"""


@pytest.fixture
def given(threec273, tmp_path):
    """Good parameters for 3C 273, with changes."""

    def make(**changes):
        usual = {
            "vis": threec273,
            "imagename": tmp_path / "a-b 1",
            "datacolumn": "data",
            "imsize": 512,
            "cell": "0.6arcsec",
        }
        return Parameters(**{**usual, **changes})

    return make


def refused(parameters, key, words=None, **options):
    with pytest.raises(ParameterError, match=words) as error:
        check(parameters, **options)
    assert error.value.key == key
    assert key in error.value.message
    return error.value


def changed_copy(ms, folder, change):
    copy = folder / "copy.ms"
    shutil.copytree(ms, copy)
    with tables.table(str(copy), readonly=False, ack=False) as table:
        change(table)
    return copy


# Sizes


@pytest.mark.casa
def test_the_next_good_size_is_casas():
    sizes = [*range(1, 300), 1000, 1001, 2047, 4097, 4801, 5041, 6000, 7919, 8191]
    assert [next_size(size) for size in sizes] == run_casa(OPTIMUM, {"sizes": sizes}, timeout=120)


def test_sizes_with_small_factors_are_fast():
    assert all(fits_fft(size) for size in (512, 4800, 5040, 8192))
    assert not any(fits_fft(size) for size in (511, 4801, 22, 5041))


def test_good_parameters_pass_without_a_word(given):
    assert check(given()) == []
    assert check(given(uvrange=">1klambda", antenna="!5", scan="1~3", timerange=">00:00:00", spw="0")) == []
    assert not taken_names(given().imagename), "checking leaves nothing behind"


@pytest.mark.parametrize(("imsize", "limit"), [(9000, 8192), ([64, 8194], 8192), (8, 8192), (513, 512)])
def test_an_image_that_is_too_large_or_small_is_refused(given, imsize, limit):
    error = refused(given(imsize=imsize), "imsize", max_imsize=limit)
    assert f"10 to {limit} pixels" in error.hint


def test_a_slow_size_is_named_with_the_next_good_one(given):
    assert check(given(imsize=[512, 509])) == ["imsize 509 makes Fourier transforms slow; 512 is the next good size."]
    assert check(given(imsize=5040)) == []


def test_an_image_larger_than_the_sky_is_refused(given):
    assert "512 degrees" in refused(given(cell="1deg"), "cell").message


# Cells


def test_the_resolution_is_that_of_the_longest_baseline(given):
    # 3728 m at 8.085 GHz.
    assert examine(given()).resolution == pytest.approx(206265 / 100538, rel=1e-3)
    assert examine(given(uvrange="<20klambda")).resolution > 206265 / 20000


def test_a_cell_that_is_not_given_is_proposed(given):
    error = refused(given(cell=[]), "cell", "not given")
    proposed = re.search(r"'(.*arcsec)'", error.hint)[1]
    assert check(given(cell=proposed)) == []


def test_pixels_coarser_than_the_beam_are_refused(given):
    assert "resolves 2.05 arcsec" in refused(given(cell="2.1arcsec"), "cell", "coarser").hint
    assert "resolves 2.05 arcsec" in refused(given(cell=["0.5arcsec", "2.1arcsec"]), "cell", "coarser").hint
    assert check(given(cell="2.1arcsec", uvtaper="10arcsec")) == []
    assert check(given(cell="3arcsec", uvrange="<15klambda")) == []


def test_few_and_many_pixels_across_the_beam_are_warned_of(given):
    (few,), (many,) = check(given(cell="1.2arcsec")), check(given(cell="0.1arcsec"))
    assert "1.7 pixels across the beam, which is few" in few
    assert "21 pixels across the beam, which is many" in many


def test_far_antennas_that_are_flagged_do_not_make_pixels_too_coarse(given, ngc5921, tmp_path):
    whole = given(vis=ngc5921, cell="15arcsec")
    longest = examine(whole).resolution

    def flag(table):
        length = np.hypot(*table.getcol("UVW").T[:2])
        one, two = table.getcol("ANTENNA1"), table.getcol("ANTENNA2")
        far = np.unique(np.sort([one, two], axis=0)[:, length > length.max() / 2], axis=1).T
        gone = np.zeros(length.size, bool)
        for first, second in far:
            gone |= (np.minimum(one, two) == first) & (np.maximum(one, two) == second)
        table.putcol("FLAG_ROW", gone)

    copy = changed_copy(ngc5921, tmp_path, flag)
    coarse = f"{longest * 1.3}arcsec"
    refused(given(vis=ngc5921, cell=coarse), "cell", "coarser")
    assert "which is few" in check(given(vis=copy, cell=coarse))[0]


# Selections and columns


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("field", "nobody", "does not exist"),
        ("spw", "7", "does not exist"),
        ("spw", "0:a", "cannot be understood"),
        ("timerange", "zz", "cannot be understood"),
        ("timerange", ">2100/01/01/00:00:00", "timerange"),
        ("uvrange", ">9999klambda", "No row"),
        ("antenna", "99", "does not exist"),
        ("scan", "99", "does not exist"),
        ("observation", "5", "does not exist"),
        ("intent", "*X*", "no intents"),
    ],
)
def test_a_selection_that_matches_nothing_is_refused_by_name(given, name, value, words):
    error = refused(given(**{name: value}), name, words)
    assert repr(value) in error.message
    assert error.hint


def test_selections_that_match_nothing_together_are_named(given, ngc5921):
    parameters = given(vis=ngc5921, cell="10arcsec", field="0", scan="2")
    error = refused(parameters, "field", "together")
    assert "scan" in error.message


def test_a_phase_centre_is_a_field_that_is_there(given, ngc5921):
    assert "field 0 of" in refused(given(phasecenter=1), "phasecenter").hint
    assert "fields 0 to 2 of" in refused(given(vis=ngc5921, cell="10arcsec", phasecenter=3), "phasecenter").hint
    refused(given(phasecenter=-1), "phasecenter")
    refused(given(phasecenter=0.5), "phasecenter")
    assert check(given(vis=ngc5921, cell="10arcsec", phasecenter=2)) == []


@pytest.mark.parametrize("stokes", ["XX", "XXYY"])
def test_correlations_that_the_data_do_not_have_are_refused(given, stokes):
    assert "are RR, RL, LR, LL" in refused(given(stokes=stokes), "stokes").hint
    for good in ("RR", "RRLL", "I", "V"):
        assert check(given(stokes=good)) == []


def test_a_model_does_not_go_into_data_that_cannot_be_written_to(given, threec273, tmp_path):
    copy = tmp_path / "copy.ms"
    shutil.copytree(threec273, copy)
    mounted = "mount --bind {0} {0} && mount -o remount,bind,ro {0}".format(shlex.quote(str(copy)))
    parameters = given(vis=copy, savemodel="modelcolumn")
    assert check(parameters) == []
    code = (
        "import json, sys; from dsa110_vis.clean import Parameters; from dsa110_vis.clean.checks import check; "
        "check(Parameters(**json.loads(sys.argv[1])))"
    )
    words = shlex.join([sys.executable, "-c", code, json.dumps(parameters.to_dict())])
    unshared = ["unshare", "--mount", "--map-root-user"]
    if not shutil.which("unshare") or subprocess.run([*unshared, "sh", "-c", mounted], check=False).returncode:
        pytest.skip("no folder can be mounted for reading only")
    done = subprocess.run(
        [*unshared, "sh", "-c", f"{mounted} && {words}"], capture_output=True, text=True, check=False, timeout=120
    )
    assert "savemodel cannot be 'modelcolumn'" in done.stderr
    assert "cannot be written to" in done.stderr


def test_an_absent_column_is_refused_where_casa_would_take_another(given):
    assert refused(given(datacolumn="corrected"), "datacolumn", "no CORRECTED_DATA").hint == "Allowed: data."


def test_a_preset_for_calibrated_data_is_refused_on_raw_data(threec273, tmp_path):
    refused(preset("dsa110-plan").parameters(vis=threec273, imagename=tmp_path / "x"), "datacolumn")


def test_a_column_of_zeros_is_refused(given, threec273, tmp_path):
    copy = changed_copy(threec273, tmp_path, lambda table: table.putcol("DATA", 0 * table.getcol("DATA")))
    refused(given(vis=copy), "datacolumn", "the selected DATA is zero")


def test_zeros_up_to_the_last_row_are_no_reason_to_refuse(given, threec273, tmp_path):
    def change(table):
        data, flag = table.getcol("DATA"), table.getcol("FLAG")
        data[:-1] = 0
        flag[-1] = False
        table.putcol("DATA", data)
        table.putcol("FLAG", flag)

    assert check(given(vis=changed_copy(threec273, tmp_path, change))) == []


def test_zeros_outside_the_selection_do_not_count(given, build, tmp_path):
    ms = build.make(tmp_path / "zero.ms", windows=(build.Window(channels=8),), times=1, antennas=2)
    with tables.table(str(ms), readonly=False, ack=False) as table:
        data = table.getcol("DATA")
        data[:] = 0
        data[:, 3] = 1
        table.putcol("DATA", data)
        table.putcol("FLAG", np.zeros(data.shape, bool))
    assert check(given(vis=ms, cell="60arcsec", spw="0:3")) == []
    refused(given(vis=ms, cell="60arcsec", spw="0:0~2;4~7"), "datacolumn", "zero")


@pytest.mark.parametrize("column", ["FLAG", "FLAG_ROW"])
def test_data_that_are_all_flagged_are_refused(given, threec273, tmp_path, column):
    copy = changed_copy(threec273, tmp_path, lambda table: table.putcol(column, table.getcol(column) | True))
    refused(given(vis=copy), "vis", "everything that is selected of it is flagged")
    both = check(given(vis=[threec273, copy]))
    assert both == [f"vis {copy}: everything that is selected of it is flagged."]


def test_a_flagged_scan_of_real_data_is_refused(given, real_ms):
    # Scan 1 is flagged by FLAG_ROW alone.
    ms = real_ms("alma")
    with tables.table(str(ms), ack=False) as table:
        flagged = np.unique(table.getcol("SCAN_NUMBER")[table.getcol("FLAG_ROW")])
    assert flagged.size
    refused(given(vis=ms, cell="0.03arcsec", scan=str(flagged[0])), "vis", "flagged")


@pytest.mark.parametrize(
    ("name", "column"), [("evla", "data"), ("mwa", "data"), ("lofar", "corrected"), ("wsrt", "data"), ("alma", "data")]
)
def test_real_sets_pass_with_the_cell_that_is_proposed(given, real_ms, name, column):
    parameters = given(vis=real_ms(name), datacolumn=column, imsize=64, cell=[])
    proposed = re.search(r"'(.*arcsec)'", refused(parameters, "cell").hint)[1]
    assert check(parameters.changed(cell=proposed)) == []


@pytest.mark.parametrize("name", ["evla", "mwa", "alma"])
def test_real_sets_without_corrected_data_are_refused(given, real_ms, name):
    refused(given(vis=real_ms(name), datacolumn="corrected"), "datacolumn")


def test_autocorrelations_alone_are_refused(given, real_ms):
    refused(given(vis=real_ms("mwa"), antenna="*&&&", cell="1arcmin"), "vis", "autocorrelations only")


def test_what_is_no_measurement_set_is_refused(given, tmp_path):
    refused(given(vis=""), "vis", "not given")
    refused(given(vis=tmp_path / "nothing.ms"), "vis", "nothing at")
    (tmp_path / "text.ms").write_text("x")
    refused(given(vis=tmp_path / "text.ms"), "vis")


def test_several_sets_have_one_selection_or_one_each(given, threec273):
    both = [threec273, threec273]
    assert check(given(vis=both, scan="1")) == []
    assert check(given(vis=both, scan=["1", "2"])) == []
    refused(given(vis=both, scan=["1", "99"]), "scan", "'99'")
    refused(given(vis=both, scan=["1", "2", "3"]), "scan")


# Names and inputs


@pytest.mark.parametrize("ending", ["residual", "model", "psf", "image.pbcor", "psf.tt0", "gridwt_moswt"])
def test_a_name_that_is_taken_is_refused(given, ending):
    parameters = given()
    os.mkdir(f"{parameters.imagename}.{ending}")  # noqa: PTH102 - the name is text
    assert ending in refused(parameters, "imagename", "exist").message


def test_a_session_takes_a_name_when_it_has_begun(given):
    parameters = given()
    folder = Path(f"{parameters.imagename}.session")
    folder.mkdir()
    (folder / "session.log").write_text("")  # what a kernel leaves that was killed before it had begun
    check(parameters)
    (folder / "session.json").write_text("{}")
    assert "session" in refused(parameters, "imagename", "exist").message


def test_other_files_do_not_take_a_name(given, tmp_path):
    for name in ("a-b 1.txt", "a-b 12.residual", "a-b 1.reg", "a-b 1"):
        (tmp_path / name).mkdir()
    assert check(given()) == []


def test_a_session_is_resumed_and_nothing_else(given, tmp_path):
    parameters = given()
    refused(parameters, "imagename", "no session", resume=True)
    (tmp_path / "a-b 1.residual").mkdir()
    (tmp_path / "a-b 1.session").mkdir()
    refused(parameters, "imagename", "exist")
    assert check(parameters, resume=True) == []
    assert check(given(mask=tmp_path / "no longer there"), resume=True) == []


@pytest.mark.parametrize("name", ["3c 273", "-x", "ü", "a'b\"c", "a.b"])
def test_any_legal_name_passes(given, tmp_path, name):
    assert check(given(imagename=tmp_path / name)) == []


def test_a_folder_that_cannot_be_used_is_refused(given, tmp_path):
    refused(given(imagename=""), "imagename", "not given")
    assert "Make the folder first" in refused(given(imagename=tmp_path / "absent" / "x"), "imagename").hint
    refused(given(imagename=tmp_path / ("x" * 240)), "imagename")


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a folder that nobody can write to")  # noqa: PTH112
def test_an_unwritable_folder_is_refused(given):
    refused(given(imagename="/proc/self/x"), "imagename", "cannot be written to")


def test_a_mask_is_an_image(given, tmp_path):
    mask = tmp_path / "mask.fits"
    fits.writeto(mask, np.zeros((8, 8), np.float32))
    text = tmp_path / "drawn"
    text.write_text("# Region file format: DS9\nimage; circle(1,2,3)\n")
    assert check(given(mask=mask)) == []
    assert "masks_from" in refused(given(mask=text), "mask").hint
    refused(given(mask=tmp_path / "absent"), "mask")
    refused(given(startmodel=text), "startmodel")
    assert check(given(mask=mask, usemask="auto-multithresh")) == [
        "mask has no effect with usemask='auto-multithresh'; take user."
    ]


def test_what_has_no_effect_is_named(given):
    assert "scales" in check(given(scales=[0, 5]))[0]
    assert "wprojplanes" in check(given(wprojplanes=16))[0]


def test_outliers_are_checked_like_the_main_image(given, tmp_path):
    file = tmp_path / "outliers.txt"
    file.write_text("imagename=far\nimsize=64\nphasecenter=J2000 12h29m06.7 2d03m08\n")
    assert check(given(outlierfile=file)) == []
    file.write_text("imagename=far\nimsize=9000\n")
    refused(given(outlierfile=file), "imsize", "9000")
    file.write_text("imagename=far\ncell=1parsec\n")
    refused(given(outlierfile=file), "outlierfile", "image 1: cell cannot be")
    file.write_text("imagename=a-b 1\n")
    assert "of its own" in refused(given(outlierfile=file), "imagename").hint
    file.write_text("imagename=far\n")
    (tmp_path / "far.psf").mkdir()
    refused(given(outlierfile=file), "imagename", "far.psf")


def test_an_outlier_does_not_have_the_start_model_of_the_main_image(given, tmp_path):
    models = [tmp_path / "one.fits", tmp_path / "two.fits"]
    for model in models:
        fits.writeto(model, np.zeros((8, 8), np.float32))
    file = tmp_path / "outliers.txt"
    file.write_text("imagename=far\nnterms=1\n")
    assert check(given(deconvolver="mtmfs", startmodel=models, outlierfile=file)) == []


# Room


@pytest.mark.casa
def test_estimates_are_of_the_order_of_what_tclean_takes(given, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    parameters = given(imagename=folder / "x", imsize=512, niter=10, pbcor=True)
    took = run_casa(IMAGED, {**parameters.to_dict(), "vis": parameters.vis}, timeout=240)
    assert disk_bytes(parameters) == pytest.approx(took["disk"], rel=0.25)
    assert memory_bytes([parameters]) == pytest.approx(took["memory"], rel=0.5)
    # All that CASA leaves is known as taken.
    assert taken_names(parameters.imagename) == took["names"]


def test_an_image_for_which_there_is_no_room_is_refused(given):
    cube = given(imsize=8192, specmode="cube", nchan=10**7)
    assert "make them smaller" in refused(cube, "imsize").hint
    assert check(given(imsize=64, specmode="cube", nchan=10)) == []


def test_an_image_for_which_there_is_too_little_memory_is_refused(given, monkeypatch, tmp_path):
    (tmp_path / "memory.max").write_text("400000000\n")
    (tmp_path / "memory.current").write_text("100000000\n")
    monkeypatch.setattr(room, "_CGROUP", tmp_path)
    assert memory_limit().total == 4e8
    assert memory_limit().free == 3e8
    assert "of memory" in refused(given(imsize=2048), "imsize").hint
    assert "free now" in check(given(imsize=512))[0]


def test_a_container_without_a_limit_has_the_memory_of_the_machine(monkeypatch, tmp_path):
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("100000000\n")
    machine = memory_limit()
    monkeypatch.setattr(room, "_CGROUP", tmp_path)
    assert memory_limit().total >= machine.total > 1e8


def test_more_planes_take_more(given):
    one = disk_bytes(given())
    assert disk_bytes(given(specmode="cube", nchan=10)) == pytest.approx(10 * one)
    assert disk_bytes(given(specmode="cube"), channels=7) == pytest.approx(7 * one)
    assert disk_bytes(given(stokes="IQUV")) == pytest.approx(4 * one)
    assert disk_bytes(given(stokes="XXYY")) == pytest.approx(2 * one)
    assert disk_bytes(given(deconvolver="mtmfs")) > 2 * one
    assert memory_bytes([given(), given()]) > memory_bytes([given()])
    assert memory_bytes([given(gridder="mosaic")]) > 2e9


def test_the_channels_of_a_cube_are_counted_from_the_data(given, ngc5921):
    assert examine(given(vis=ngc5921, cell="10arcsec")).channels == 63
    assert examine(given(vis=ngc5921, cell="10arcsec", spw="0:10~19")).channels == 10
