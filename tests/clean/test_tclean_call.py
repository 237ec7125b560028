"""The text of a call of tclean: CASA runs it, it reads back as it was, and what is not plain is refused."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsa110_vis.casa_process import run_casa
from dsa110_vis.clean import PRESETS, Parameters, from_tclean, preset, to_tclean
from dsa110_vis.errors import ParameterError

RUN = """
import os
from casatasks import tclean
exec(arguments["text"])
result = sorted(os.listdir(arguments["folder"]))
"""


@pytest.mark.casa
def test_casa_runs_the_text(threec273, tmp_path):
    parameters = preset("quick-look").parameters(
        vis=threec273, imagename=tmp_path / "3c 'x'", cell="0.6arcsec", datacolumn="data", imsize=64, niter=0,
        uvrange=">1klambda", restoringbeam="common", scales=[0, 5],
    )  # fmt: skip
    made = run_casa(RUN, {"text": to_tclean(parameters), "folder": str(tmp_path)}, timeout=120)
    assert "3c 'x'.residual" in made


@pytest.mark.parametrize("name", PRESETS)
def test_presets_read_back_as_they_were(name):
    parameters = preset(name).parameters(vis=["/a b.ms", "/ü.ms"], imagename='/it\'s "q"')
    assert from_tclean(to_tclean(parameters)) == parameters


@settings(deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30),
    st.integers(1, 9000),
    st.floats(0.01, 1),
    st.lists(st.integers(0, 50), max_size=4),
    st.booleans(),
)
def test_any_parameters_read_back_as_they_were(text, size, gain, scales, pbcor):
    parameters = Parameters(
        imagename=f"/x{text}", field=text, imsize=[size, size + 1], gain=gain, scales=scales, pbcor=pbcor,
        deconvolver="multiscale",
    )  # fmt: skip
    assert from_tclean(to_tclean(parameters)) == parameters


def test_only_what_differs_from_the_defaults_is_written():
    text = to_tclean(Parameters(vis="/a.ms", imagename="/a", imsize=64, cell="1arcsec", niter=5))
    names = [keyword.arg for keyword in ast.parse(text, mode="eval").body.keywords]
    assert names == ["vis", "imagename", "imsize", "cell", "niter"]


def test_a_call_as_a_log_has_it_is_read():
    text = (
        "casatasks.tclean( '/a.ms', True, '0', imagename=\"/a\", imsize=[ 64, 64 ], cell=['1.0arcsec'], robust=-0.5, )"
    )
    parameters = from_tclean(text)
    assert (parameters.vis, parameters.field, parameters.imsize, parameters.robust) == ("/a.ms", "0", [64, 64], -0.5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tclean(vis=open('/etc/passwd').read())", "vis is not given as a plain value"),
        ("tclean(niter=__import__('os').getpid())", "niter is not given as a plain value"),
        ("tclean(niter=10**9)", "niter is not given as a plain value"),
        ("tclean(vis=vis)", "vis is not given as a plain value"),
        ("tclean(**arguments)", r"behind \*\*"),
        ("tclean(*arguments)", r"behind \* "),
        ("clean(vis='a.ms')", "calls clean, not tclean"),
        ("(lambda: 0)()", "calls something"),
        ("tclean", "no call"),
        ("tclean(vis='a.ms'", "cannot be understood as a call of tclean, line 1"),
        ("tclean(vis='a.ms'); x = 1", "cannot be understood"),
        ("", "cannot be understood"),
        ("tclean(niter=5, niter=6)", "cannot be understood|given twice"),
        ("tclean('a.ms', vis='b.ms')", "vis is given twice"),
        ("tclean(nitr=5)", "Did you mean niter"),
        ("tclean(niter=-5)", "niter cannot be -5"),
        (f"tclean({'1,' * 200})", "more arguments"),
        (f"tclean(vis={'(' * 500}{')' * 500})", "cannot be understood|plain value|vis cannot"),
        ("tclean(vis='" + "a" * 200_000 + "')", "too long"),
    ],
)
def test_what_is_not_plain_is_refused(text, words):
    with pytest.raises(ParameterError, match=words) as error:
        from_tclean(text)
    assert error.value.hint
