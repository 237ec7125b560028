"""The path policy by itself: whatever is asked, what comes out lies inside."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from dsa110_vis.errors import Dsa110VisError
from dsa110_vis.server.errors import ForbiddenPathError, NothingThereError, PathError
from dsa110_vis.server.paths import PathPolicy


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    top = tmp_path_factory.mktemp("tree")
    for name in ("root/a/b", "root/.h/a", "root-beside/a", "data/a", "outside/a"):
        (top / name).mkdir(parents=True)
    (top / "root/file").write_text("")
    (top / "root/out").symlink_to(top / "outside")
    (top / "root/in").symlink_to(top / "root/a")
    (top / "root/up").symlink_to("..")
    (top / "root/data").symlink_to(top / "data")
    (top / "root/loop").symlink_to(top / "root/loop")
    (top / "linked").symlink_to(top / "data")
    return top


NAMES = st.sampled_from(
    ["a", "b", "..", ".", "", "out", "in", "up", "data", "loop", "file", ".h", "root", "outside", "~", "\\", "%2e%2e",
     "\0", "root-beside", "\N{FULLWIDTH FULL STOP}" * 2]
)  # fmt: skip
PATHS = st.builds(
    lambda names, absolute, top: (absolute, top, "/".join(names)),
    st.lists(NAMES, max_size=7),
    st.booleans(),
    st.booleans(),
)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PATHS)
def test_whatever_is_asked_what_comes_out_lies_inside(tree, path):
    absolute, from_top, text = path
    asked = (f"{tree}/{text}" if from_top else f"/{text}") if absolute else text
    policy = PathPolicy(str(tree / "root"), (str(tree / "data"),))
    try:
        real = policy.resolve(asked)
    except Dsa110VisError as error:
        event(f"{error.http_status}")
        return
    event("opened")
    assert os.path.realpath(real) == real
    assert any(real == str(tree / home) or real.startswith(f"{tree / home}/") for home in ("root", "data"))
    assert os.path.isdir(real)  # noqa: PTH112
    assert "/.h" not in real


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_answered(tree, asked):
    refusals = []
    try:
        PathPolicy(str(tree / "root")).resolve(asked)
    except Dsa110VisError as error:
        refusals.append(error)
    assert all(refusal.message and refusal.hint for refusal in refusals)


def test_a_root_that_is_a_link_serves_what_it_points_to(tree):
    policy = PathPolicy(str(tree / "root"), (str(tree / "linked"),))
    assert policy.resolve(f"{tree}/linked/a") == str(tree / "data/a")
    assert policy.resolve(f"{tree}/data/a") == str(tree / "data/a")


def test_a_name_that_begins_like_a_root_is_outside(tree):
    with pytest.raises(ForbiddenPathError):
        PathPolicy(str(tree / "root")).resolve(f"{tree}/root-beside/a")


def test_nothing_outside_is_looked_at(tree, monkeypatch):
    looked = []
    real = os.lstat

    def lstat(path, **options):
        looked.append(os.fspath(path))
        return real(path, **options)

    monkeypatch.setattr(os, "lstat", lstat)
    with pytest.raises(ForbiddenPathError):
        PathPolicy(str(tree / "root")).resolve(f"{tree}/outside/a")
    assert not [path for path in looked if "outside" in path]


def test_the_whole_file_system_can_be_served(tree):
    assert PathPolicy(str(tree / "root"), ("/",)).resolve(f"{tree}/outside/a") == str(tree / "outside/a")


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ("a\0", PathError),
        ("\ud800", PathError),
        ("x" * 256, PathError),
        ("../root/a", ForbiddenPathError),
        ("out", ForbiddenPathError),
        ("up", ForbiddenPathError),
        ("data/a", ForbiddenPathError),
        ("/", ForbiddenPathError),
        (".h/a", NothingThereError),
        ("gone", NothingThereError),
        ("file/a", NothingThereError),
        ("loop", Dsa110VisError),
    ],
)
def test_why(tree, asked, error):
    with pytest.raises(error):
        PathPolicy(str(tree / "root")).resolve(asked)
