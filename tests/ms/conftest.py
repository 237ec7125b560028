"""Fixtures for the tests of Measurement Sets."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest


def _load_build():
    name = "dsa110_vis_tests_ms_build"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / "build.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def build():
    """The module that makes small Measurement Sets."""
    return _load_build()


@pytest.fixture
def make_ms(build, tmp_path):
    """Make a small Measurement Set in a fresh folder; takes the arguments of `build.make`."""

    def make(name="small.ms", **options):
        return build.make(tmp_path / name, **options)

    return make


@pytest.fixture(scope="session")
def no_flags():
    """A function for `flags` that flags nothing."""
    import numpy as np

    return lambda rows, channels, correlations: np.zeros((len(rows), channels, correlations), bool)
