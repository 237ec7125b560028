"""Words of a command line become values of the types that tclean's arguments have."""

from __future__ import annotations

import pytest

from dsa110_vis.clean.parameters import Parameters
from dsa110_vis.clean.settings import settings
from dsa110_vis.errors import OptionError, ParameterError


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("imsize=512", [512]),
        ("imsize=512,256", [512, 256]),
        ("imsize=[512, 256]", [512, 256]),
        ("cell=0.1arcsec", ["0.1arcsec"]),
        ("cell=0.5", ["0.5arcsec"]),
        ("scales=0,5,15", [0, 5, 15]),
        ("scales=", []),
        ("niter=1000", 1000),
        ("robust=-0.5", -0.5),
        ("pbcor=true", True),
        ("threshold=1mJy", "1mJy"),
        ("threshold=0.001", 0.001),
        ("spw=0,1", "0,1"),
        ("spw=0", "0"),
        ("field=[a,1]", ["a", "1"]),
        ("phasecenter=2", 2),
        ("phasecenter=J2000 12h29m06.7 2d03m08", "J2000 12h29m06.7 2d03m08"),
        ("start=1.4GHz", "1.4GHz"),
        ("uvrange=>1klambda", ">1klambda"),
        ("restoringbeam=[12arcsec,9arcsec,30deg]", ["12arcsec", "9arcsec", "30deg"]),
        ("restoringbeam=common", "common"),
        ("intent=A=B", "A=B"),
    ],
)
def test_a_word_has_the_type_of_its_parameter(word, value):
    parameters = Parameters(**settings([word]))
    found = getattr(parameters, word.partition("=")[0])
    assert found == value
    assert type(found) is type(value)


def test_a_later_word_overrides():
    assert Parameters(**settings(["niter=1", "niter=2"])).niter == 2


@pytest.mark.parametrize("word", ["niter", "=3", " =3", ""])
def test_a_word_without_key_or_value_is_refused(word):
    with pytest.raises(OptionError, match="key=value"):
        settings([word])


@pytest.mark.parametrize("word", ["niter=many", "niter=1.5", "pbcor=perhaps", "robust=nan", "imsize=", "scales=0,a"])
def test_a_wrong_value_is_refused_by_name(word):
    with pytest.raises(ParameterError) as caught:
        Parameters(**settings([word]))
    assert caught.value.key == word.partition("=")[0]


def test_an_unknown_name_gets_the_nearest_known_one():
    with pytest.raises(ParameterError, match="imsize"):
        Parameters(**settings(["imsiz=512"]))
