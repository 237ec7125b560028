import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsa110_vis.errors import OptionError
from dsa110_vis.raster import AGGREGATORS, AXES, PRESETS, QUANTITIES, Request
from dsa110_vis.view.controls import CONTROLS, checked
from dsa110_vis.view.settle import initial, preset_controls, settle


@pytest.mark.parametrize("name", CONTROLS)
def test_defaults_are_allowed(name):
    default = CONTROLS[name].default
    assert checked({name: default}) == {name: default}
    assert CONTROLS[name].help.endswith(".")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"colour": "viridis"}, "colormap"),
        ({"aggregater": "mean"}, "Did you mean 'aggregator'"),
        ({"x": "frequancy"}, "Did you mean 'frequency'"),
        ({"x": None}, "Allowed: time, baseline"),
        ({"quantity": 3}, "Allowed: amp, phase"),
        ({"weighted": 1}, "True, False"),
        ({"iteration": -1}, "from 0"),
        ({"iteration": 1.5}, "whole number"),
        ({"iteration": True}, "whole number"),
        ({"percentile": 0}, "above 0"),
        ({"percentile": float("nan")}, "above 0"),
        ({"limits": (2, 1)}, "lower one first"),
        ({"limits": "12"}, "two numbers"),
        ({"limits": (0, float("inf"))}, "two numbers"),
        ({"subplots": (0, 1)}, "each from 1"),
        ({"subplots": [2]}, "each from 1"),
        ({"selection": "spw=0"}, "a dict"),
        ({"selection": {"spv": "0"}}, "Did you mean 'spw'"),
        ({"selection": {"spw": [0]}}, "selection syntax"),
        ({"path": 3}, "path of a Measurement Set"),
        ({"column": 3}, "a string or None"),
        ({"title": 3}, "a string, or None"),
        ({"stretch": "cube"}, "linear"),
    ],
)
def test_what_is_not_allowed_says_what_is(changes, text):
    with pytest.raises(OptionError, match=r".") as caught:
        checked(changes)
    assert text in str(caught.value)


def test_values_are_kept_in_one_form():
    assert checked({"limits": [1, 2.5]}) == {"limits": (1.0, 2.5)}
    assert checked({"subplots": [2, 3]}) == {"subplots": (2, 3)}
    assert checked({"selection": {"spw": " 0 ", "scan": 3, "field": "", "antenna": None}}) == {
        "selection": {"spw": "0", "scan": "3"}
    }
    assert checked({"iterate": "", "preset": ""}) == {"iterate": None, "preset": None}
    assert checked({"path": pathlib.Path("a") / "b~.ms"}) == {"path": str(pathlib.Path("a/b~.ms").absolute())}
    assert checked({"title": ""}) == {"title": ""}


def test_only_what_changes_is_returned():
    state = initial()
    assert settle(state, {"x": state["x"], "stretch": "log"}) == ({"stretch": "log"}, [])


def test_an_axis_that_is_taken_swaps():
    changes, notices = settle(initial(), {"x": "time"})
    assert changes == {"x": "time", "y": "baseline"}
    assert notices == []
    with pytest.raises(OptionError, match="both 'time'"):
        settle(initial(), {"x": "time", "y": "time"})


def test_stepping_ends_when_its_axis_is_drawn():
    state = {**initial(), "iterate": "frequency", "iteration": 4}
    changes, notices = settle(state, {"x": "frequency"})
    assert changes == {"x": "frequency", "iterate": None, "iteration": 0}
    assert "frequency" in notices[0]
    with pytest.raises(OptionError, match="already x or y"):
        settle(state, {"iterate": "time"})
    with pytest.raises(OptionError, match="already x or y"):
        settle(state, {"iterate": "time", "y": "time"})


def test_another_axis_to_step_through_begins_at_its_first_value():
    state = {**initial(), "iterate": "frequency", "iteration": 4}
    assert settle(state, {"iterate": "correlation"})[0] == {"iterate": "correlation", "iteration": 0}
    assert settle(state, {"iterate": "correlation", "iteration": 2})[0] == {"iterate": "correlation", "iteration": 2}


def test_statistics_that_phases_do_not_have():
    state = {**initial(), "aggregator": "max"}
    changes, notices = settle(state, {"quantity": "phase"})
    assert changes["aggregator"] == "mean"
    assert "max" in notices[0]
    with pytest.raises(OptionError, match="mean, std"):
        settle({**initial(), "quantity": "phase"}, {"aggregator": "max"})
    with pytest.raises(OptionError, match="mean, std"):
        settle(initial(), {"quantity": "phase", "aggregator": "max"})
    changes, notices = settle({**initial(), "averaging": "vector"}, {"aggregator": "max"})
    assert changes == {"aggregator": "max", "averaging": "scalar"}
    assert len(notices) == 1


def test_colours_and_limits_go_with_the_quantity():
    changes, _ = settle(initial(), {"quantity": "phase"})
    assert changes == {"quantity": "phase", "colormap": "twilight"}
    assert settle({**initial(), **changes}, {"quantity": "amp"})[0] == {"quantity": "amp", "colormap": "viridis"}
    mine = {**initial(), "colormap": "magma"}
    assert settle(mine, {"quantity": "phase"})[0] == {"quantity": "phase"}
    assert settle(initial(), {"quantity": "phase", "colormap": "viridis"})[0] == {"quantity": "phase"}
    manual = {**initial(), "limits": (0.0, 1.0), "limits_mode": "manual"}
    assert settle(manual, {"quantity": "real"})[0] == {"quantity": "real", "limits": None, "limits_mode": "auto"}


def test_setting_limits_makes_them_manual_and_none_automatic():
    assert settle(initial(), {"limits": (0, 2)})[0] == {"limits": (0.0, 2.0), "limits_mode": "manual"}
    manual = {**initial(), "limits": (0.0, 2.0), "limits_mode": "manual"}
    assert settle(manual, {"limits": None})[0] == {"limits": None, "limits_mode": "auto"}
    assert settle(manual, {"limits_mode": "minmax"})[0] == {"limits_mode": "minmax"}
    with pytest.raises(OptionError, match="needs limits"):
        settle(initial(), {"limits_mode": "manual"})


@pytest.mark.parametrize("name", PRESETS)
def test_presets_set_controls_and_last_until_one_is_changed(name):
    changes, _ = settle(initial(), {"preset": name})
    state = {**initial(), **changes}
    assert state["preset"] == name
    assert all(state[key] == value for key, value in preset_controls(name).items())
    assert settle(state, {"stretch": "log"})[0] == {"stretch": "log"}
    assert settle(state, {"y": "scan"})[0]["preset"] is None


def test_what_is_asked_for_beside_a_preset_wins():
    changes, _ = settle(initial(), {"preset": "bandpass", "y": "scan"})
    assert (changes["x"], changes["y"]) == ("frequency", "scan")


controls = st.fixed_dictionaries(
    {},
    optional={
        "x": st.sampled_from(AXES),
        "y": st.sampled_from(AXES),
        "iterate": st.none() | st.sampled_from(AXES),
        "quantity": st.sampled_from(QUANTITIES),
        "aggregator": st.sampled_from(AGGREGATORS),
        "averaging": st.sampled_from(["scalar", "vector"]),
        "weighted": st.booleans(),
        "preset": st.none() | st.sampled_from(list(PRESETS)),
        "limits": st.none() | st.just((0.0, 1.0)),
    },
)


@given(st.lists(controls, max_size=5))
def test_whatever_is_set_what_comes_out_can_be_asked_for(steps):
    """However the controls are changed, either nothing happens, or they make a request that is possible."""
    state = initial()
    for changes in steps:
        try:
            changed, _ = settle(state, changes)
        except OptionError:
            continue
        state.update(changed)
        names = ("x", "y", "quantity", "aggregator", "averaging", "weighted", "iterate")
        Request(**{name: state[name] for name in names}).check()
        assert (state["limits_mode"] == "manual") <= (state["limits"] is not None)
