"""Fixtures for the tests of Measurement Sets."""

from __future__ import annotations

import pytest


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
