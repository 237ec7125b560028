"""The settings: what help says of them, and what they may not be."""

from __future__ import annotations

import subprocess
import sys

import pytest
from traitlets import TraitError

from dsa110_vis.server import Dsa110VisApp

SETTINGS = (
    "data_roots", "max_workers", "max_queue", "max_viewers", "request_timeout", "cache_bytes", "raster_max_age",
)  # fmt: skip


def test_help_shows_all_settings():
    # `jupyter server --help-all` ends before it loads any extension, so the extension has a command of its own
    shown = subprocess.run(
        [sys.executable, "-m", "dsa110_vis.server", "--help-all"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    for name in SETTINGS:
        assert f"--Dsa110VisApp.{name}=" in shown.stdout


@pytest.mark.parametrize("name", SETTINGS)
def test_each_setting_says_what_it_is(name):
    assert len(Dsa110VisApp.class_traits(config=True)[name].help) > 40


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("data_roots", ["relative/folder"]),
        ("max_workers", 0),
        ("max_queue", -1),
        ("max_viewers", -1),
        ("request_timeout", 0.0),
        ("request_timeout", float("nan")),
        ("cache_bytes", -1),
        ("raster_max_age", -1),
    ],
)
def test_what_a_setting_may_not_be(name, value):
    with pytest.raises(TraitError):
        Dsa110VisApp(**{name: value})


async def test_the_server_is_told_of_activity(jp_serverapp):
    (app,) = jp_serverapp.extension_manager.extension_apps["dsa110_vis"]
    assert app.current_activity() is None
    app._hall.viewers.add(None)
    assert app.current_activity() == {"requests": 0, "viewers": 1}
    app._hall.viewers.clear()
