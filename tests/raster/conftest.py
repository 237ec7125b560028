"""Measurement Sets for the raster tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from slow_model import Model, write_ms

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def odd_ms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Measurement Set with everything that goes wrong."""
    return write_ms(tmp_path_factory.mktemp("odd: ms~") / "odd 1:2.ms")


@pytest.fixture(scope="session")
def odd_model(odd_ms: Path) -> Model:
    """The slow model of it."""
    return Model(odd_ms).read()


@pytest.fixture(scope="session")
def spectrum_ms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One with WEIGHT_SPECTRUM, some of it zero, negative or NaN."""
    return write_ms(tmp_path_factory.mktemp("spectrum") / "s.ms", seed=2, weight_spectrum=True)


@pytest.fixture(scope="session")
def spectrum_model(spectrum_ms: Path) -> Model:
    """The slow model of it."""
    return Model(spectrum_ms).read()
