"""Parameters: tclean's own names, defaults and choices; what is refused, and in which words."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsa110_vis.casa_process import run_casa
from dsa110_vis.clean import CHANGEABLE, Parameters
from dsa110_vis.clean.parameter_units import ANGLES, FLUXES, to_arcsec, to_jansky
from dsa110_vis.errors import ParameterError

OF_TCLEAN = """
import inspect, re
from casatasks import tclean
source = inspect.getsource(type(tclean))
found = re.findall(r"'(\\w+)': {'type': '\\w+', 'coerce': _coerce.to_str, 'allowed': \\[([^]]*)\\]", source)
result = {
    "defaults": [
        [name, parameter.default]
        for name, parameter in inspect.signature(type(tclean).__call__).parameters.items()
        if name != "self"
    ],
    "choices": {name: re.findall(r"'(\\w[\\w-]*)'", text) for name, text in found},
}
"""

QUANTITIES = """
from casatools import quanta
qa = quanta()
result = [
    [qa.convert(qa.quantity(2.0, unit), "arcsec")["value"] for unit in arguments["angles"]],
    [qa.convert(qa.quantity(2.0, unit), "Jy")["value"] for unit in arguments["fluxes"]],
]
"""


def refused(**values):
    with pytest.raises(ParameterError) as error:
        Parameters(**values)
    return error.value


@pytest.mark.casa
def test_names_order_defaults_and_choices_are_those_of_the_installed_tclean():
    answer = run_casa(OF_TCLEAN, timeout=120)
    ours = Parameters().to_dict()
    # A plain '' and an empty list say the same to tclean.
    assert [[name, value] for name, value in ours.items()] == answer["defaults"]
    assert len(answer["choices"]) >= 8
    for name, allowed in answer["choices"].items():
        assert sorted(Parameters.model_fields[name].annotation.__args__) == sorted(allowed), name


@pytest.mark.casa
def test_units_are_those_of_casa():
    angles, fluxes = run_casa(QUANTITIES, {"angles": list(ANGLES), "fluxes": list(FLUXES)}, timeout=120)
    assert [to_arcsec(f"2{unit}") for unit in ANGLES] == pytest.approx(angles)
    assert [to_jansky(f"2{unit}") for unit in FLUXES] == pytest.approx(fluxes)


def test_every_parameter_is_described_in_one_short_sentence():
    for name, field in Parameters.model_fields.items():
        assert field.description, name
        assert field.description.endswith(".") or field.description.endswith("none."), name
        assert len(field.description) < 90, name


@pytest.mark.parametrize(
    ("values", "key", "words"),
    [
        ({"nitr": 5}, "nitr", "Did you mean niter?"),
        ({"Cell": 5}, "Cell", "Did you mean cell?"),
        ({"completely_other": 5, "niter": -1}, "completely_other", "The parameters are those of tclean."),
        ({"imsize": 0}, "imsize", "[pixels in x, pixels in y]"),
        ({"imsize": [64, 64, 64]}, "imsize", "[pixels in x, pixels in y]"),
        ({"imsize": 64.5}, "imsize", "whole"),
        ({"imsize": True}, "imsize", "whole"),
        ({"imsize": "64"}, "imsize", "whole"),
        ({"cell": "2.5parsec"}, "cell", "arcsec, arcmin, deg"),
        ({"cell": 0}, "cell", "above 0"),
        ({"cell": "-1arcsec"}, "cell", "above 0"),
        ({"cell": ["1arcsec"] * 3}, "cell", "one or two"),
        ({"threshold": "5km"}, "threshold", "Jy, mJy"),
        ({"threshold": "-5mJy"}, "threshold", "0 or more"),
        ({"threshold": float("nan")}, "threshold", "0 or more"),
        ({"niter": 1.5}, "niter", "Allowed: whole numbers from 0."),
        ({"niter": -1}, "niter", "Allowed: whole numbers from 0."),
        ({"niter": True}, "niter", "whole numbers"),
        ({"niter": None}, "niter", "whole numbers"),
        ({"gain": 0}, "gain", "Allowed: numbers above 0 up to 1."),
        ({"gain": float("inf")}, "gain", "above 0"),
        ({"robust": 3}, "robust", "Allowed: numbers from -2 up to 2."),
        ({"pbcor": 2}, "pbcor", "Allowed: True and False."),
        ({"weighting": "brigs"}, "weighting", "'natural', 'uniform', 'briggs'"),
        ({"stokes": ["I"]}, "stokes", "'IQUV'"),
        ({"nmajor": -2}, "nmajor", "from -1"),
        ({"scales": [-1]}, "scales", "0 or more"),
        ({"restoringbeam": ["1arcsec", "2arcsec", "x"]}, "restoringbeam", "'common'"),
        ({"uvtaper": "10km"}, "uvtaper", "klambda"),
        ({"field": None}, "field", "CASA's syntax"),
        ({"imagename": "a\nb"}, "imagename", "no line breaks"),
        ({"imagename": ["a", "b"]}, "imagename", "one path"),
        ({"mask": "circle[[128pix, 128pix], 20pix]"}, "mask", "masks_from"),
        ({"mask": "image; circle(1,2,3)"}, "mask", "masks_from"),
        ({"mask": "drawn.reg"}, "mask", "masks_from"),
        ({"mask": ["good.mask", "drawn.CRTF"]}, "mask", "masks_from"),
        ({"interactive": True}, "interactive", "cycle by cycle"),
        ({"parallel": True}, "parallel", "one process"),
        ({"restart": False}, "restart", "another imagename"),
        ({"calcres": False}, "calcres", "always"),
        ({"calcpsf": False}, "calcpsf", "resumed"),
        ({"restoration": False}, "restoration", "do not ask"),
        ({"selectdata": False}, "selectdata", "empty"),
        ({"specmode": "mvc"}, "specmode", "mfs with mtmfs"),
        ({"gridder": "awphpg"}, "gridder", "awproject"),
        ({"deconvolver": "mtmfs", "specmode": "cube"}, "specmode", "mfs"),
        ({"weighting": "briggsbwtaper"}, "weighting", "cubes only"),
        ({"weighting": "briggsbwtaper", "specmode": "cube", "npixels": 1}, "npixels", "0"),
        ({"wprojplanes": 0}, "wprojplanes", "-1"),
        ({"startmodel": ["a", "b"]}, "startmodel", "Taylor"),
    ],
)
def test_a_refusal_names_the_parameter_its_value_and_what_is_allowed(values, key, words):
    error = refused(**values)
    assert error.key == key
    assert key in error.message
    assert words in error.hint
    assert "pydantic" not in str(error).lower()


def test_a_long_value_is_shortened_in_the_message():
    assert len(refused(weighting="x" * 10_000).message) < 150


def test_values_are_kept_as_tclean_takes_them():
    parameters = Parameters(
        vis=Path("/data/obs.ms"),
        imsize=np.int64(512),
        cell=2.5,
        niter=1e4,
        field=0,
        spw=["0", "1"],
        threshold="0.5mJy/beam",
        restoringbeam="10arcsec",
        scales=(0, 5, 15),
        start=5,
        width="2km/s",
        restfreq="1420.4MHz",
        robust=np.float32(0.5),
    )
    assert parameters.vis == "/data/obs.ms"
    assert parameters.vis_paths == ["/data/obs.ms"]
    assert parameters.imsize == [512]
    assert parameters.imsize_xy == (512, 512)
    assert parameters.cell == ["2.5arcsec"]
    assert parameters.cell_arcsec == (2.5, 2.5)
    assert parameters.niter == 10_000
    assert isinstance(parameters.niter, int)
    assert parameters.field == "0"
    assert parameters.spw == ["0", "1"]
    assert parameters.threshold == "0.5mJy"
    assert parameters.threshold_jy == pytest.approx(5e-4)
    assert parameters.restoringbeam == ["10arcsec"]
    assert parameters.scales == [0, 5, 15]
    assert (parameters.start, parameters.width) == (5, "2km/s")
    assert parameters.restfreq == ["1420.4MHz"]
    assert Parameters(restoringbeam="").restoringbeam == []
    assert Parameters(restoringbeam=["common"]).restoringbeam == "common"
    assert Parameters(threshold="3").threshold == 3.0
    assert Parameters(imsize=[100, 200], cell=["1arcmin", "30arcsec"]).cell_arcsec == (60, 30)


def test_a_cell_that_is_not_given_has_no_size():
    with pytest.raises(ParameterError, match="cell is not given"):
        _ = Parameters().cell_arcsec


@pytest.mark.parametrize("name", ["3c273", "a-b c/ü 2", "~/x.y", "/x/'\"$(x)`;", "~tilde", "a/../b"])
def test_paths_are_absolute_and_stay_so(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    once = Parameters(vis=name, imagename=name, mask=name, startmodel=name)
    assert Path(once.imagename).is_absolute()
    assert once.vis == once.imagename == once.mask == once.startmodel
    monkeypatch.chdir("/")
    assert Parameters.from_dict(once.to_dict()) == once
    assert Parameters(imagename="").imagename == ""


def test_parameters_go_through_json_and_do_not_change():
    parameters = Parameters(vis=["/a.ms", "/b.ms"], imagename="/x", imsize=[64, 128], threshold="1mJy", scales=[0, 2.5])
    assert Parameters.from_dict(json.loads(json.dumps(parameters.to_dict()))) == parameters
    other = parameters.changed(niter=5, threshold=0.002)
    assert (parameters.niter, other.niter, other.threshold_jy) == (0, 5, 0.002)
    assert other.changed(niter=0, threshold="1mJy") == parameters
    with pytest.raises(ParameterError):
        parameters.changed(niter="many")
    with pytest.raises(Exception, match="frozen"):
        parameters.niter = 7
    assert parameters.niter == 0


def test_what_can_change_exists():
    assert set(Parameters.model_fields) >= CHANGEABLE
    assert not CHANGEABLE & {"vis", "imagename", "imsize", "cell", "weighting", "gridder", "deconvolver", "specmode"}


@settings(deadline=None)
@given(
    st.floats(1e-6, 1e6).map(lambda value: float(f"{value:.6g}")),
    st.sampled_from(sorted(FLUXES)),
    st.sampled_from(["", " ", "  "]),
)
def test_thresholds_in_any_unit_are_janskys(value, unit, space):
    assert Parameters(threshold=f"{value}{space}{unit}").threshold_jy == pytest.approx(value * FLUXES[unit])


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.lists(st.one_of(st.text(max_size=5), st.integers(), st.none()), max_size=4),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def made(values):
    try:
        return Parameters(**values), None
    except ParameterError as error:
        return None, error


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(sorted(Parameters.model_fields)), ANYTHING, max_size=3))
def test_anything_is_taken_and_kept_or_refused_by_name(values):
    parameters, error = made(values)
    if error is not None:
        assert error.key in Parameters.model_fields
        assert error.hint
    else:
        assert Parameters.from_dict(json.loads(json.dumps(parameters.to_dict()))) == parameters


# Outlier files

OUTLIERS = """
# far away
imagename = 'far one'
imsize=[64, 32]
cell=[2.5arcsec, 2.5arcsec]
phasecenter=J2000 12h29m06.7 2d03m08
imagename=/abs/other
nterms=2
mask='m.mask'
"""


def test_an_outlier_file_is_read(tmp_path):
    file = tmp_path / "outliers.txt"
    file.write_text(OUTLIERS)
    first, second = Parameters(outlierfile=file).outliers()
    assert first == {
        "imagename": str(tmp_path / "far one"),
        "imsize": [64, 32],
        "cell": ["2.5arcsec", "2.5arcsec"],
        "phasecenter": "J2000 12h29m06.7 2d03m08",
    }
    assert second == {"imagename": "/abs/other", "nterms": 2, "mask": str(tmp_path / "m.mask")}
    assert Parameters().outliers() == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no image"),
        ("imsize=64\n", "begins with its imagename"),
        ("imagename=a\nrobust=1\n", "Allowed: imagename"),
        ("imagename=a\nimsize\n", "name=value"),
        ("imagename=a\nimsize=64\nimsize=65\n", "twice"),
        ("imagename=a\nimsize=[64.5]\n", "whole numbers"),
        ("imagename=a\nnchan=" + "(" * 2000 + "\n", "whole numbers"),
    ],
)
def test_a_bad_outlier_file_is_refused_with_its_line(tmp_path, text, words):
    file = tmp_path / "outliers.txt"
    file.write_text(text)
    with pytest.raises(ParameterError) as error:
        Parameters(outlierfile=file).outliers()
    assert error.value.key == "outlierfile"
    assert words in error.value.hint
    assert str(file) in error.value.message


def test_an_outlier_file_is_never_run(tmp_path):
    file = tmp_path / "outliers.txt"
    ran = tmp_path / "ran"
    file.write_text(f"imagename=a\nimsize=__import__('os').mkdir({os.fspath(ran)!r})\n")
    with pytest.raises(ParameterError, match=re.escape("line 2")):
        Parameters(outlierfile=file).outliers()
    assert not ran.exists()


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00bad"])
def test_an_outlier_file_that_cannot_be_read_is_refused(tmp_path, content):
    file = tmp_path / "outliers.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ParameterError, match="outlierfile cannot be read"):
        Parameters(outlierfile=file).outliers()


def test_what_a_session_imports_has_no_casacore_in_it(run_python):
    code = (
        "import sys; from dsa110_vis.clean import PRESETS, Parameters, from_tclean, to_tclean; "
        "print([name for name in sys.modules if name.startswith(('casa', 'dsa110_vis.ms', 'pandas', 'IPython'))])"
    )
    assert run_python(code).stdout.strip() == "[]"
