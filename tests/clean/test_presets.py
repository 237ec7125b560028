"""Presets: the numbers of DSA-110, their source, and that they can be edited."""

from __future__ import annotations

import pytest

from dsa110_vis.clean import PRESETS, Parameters, preset
from dsa110_vis.errors import ParameterError


def test_the_plan_is_the_plan():
    parameters = preset("dsa110-plan").parameters(vis="/a.ms", imagename="/a")
    assert parameters == Parameters(
        vis="/a.ms", imagename="/a", imsize=[5040, 5040][:1], cell="2.5arcsec", specmode="mfs", deconvolver="hogbom",
        weighting="briggs", robust=0.5, gridder="standard", niter=10000, threshold="0.5mJy", pbcor=True,
        datacolumn="corrected",
    )  # fmt: skip


def test_two_terms_are_all_that_mtmfs_changes():
    plan, terms = (preset(name).parameters() for name in ("dsa110-plan", "dsa110-mtmfs"))
    assert terms == plan.changed(deconvolver="mtmfs", nterms=2)
    assert (plan.terms, terms.terms) == (1, 2)


def test_the_current_pipeline():
    parameters = preset("dsa110-current").parameters()
    assert (parameters.imsize_xy, parameters.cell_arcsec) == ((4800, 4800), (3.0, 3.0))
    assert (parameters.niter, parameters.threshold_jy, parameters.uvrange) == (1000, 5e-3, ">1klambda")


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_says_where_it_comes_from_and_can_be_edited(name):
    one = preset(name)
    assert one.name == name
    assert one.source.endswith(".")
    assert one.description.endswith(".")
    assert one.parameters(niter=7, cell="1arcmin").niter == 7
    assert one.parameters().niter != 7
    with pytest.raises(ParameterError, match="nitr"):
        one.parameters(nitr=7)
    with pytest.raises(TypeError):
        one.values["niter"] = 7


def test_an_unknown_preset_is_refused_with_the_nearest():
    with pytest.raises(ParameterError, match="Did you mean quick-look") as error:
        preset("quicklook")
    assert all(name in error.value.hint for name in PRESETS)
