"""Simulated tiles for the tests of the demonstration data."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest

from dsa110_vis.demo import simulate

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def drift_tile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small tile, 24 fields; tests must not write into it."""
    return simulate(tmp_path_factory.mktemp("tile") / "2026-01-25T22:24:50 drift.ms")


@pytest.fixture(scope="session")
def single_tile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small tile phased to one field; tests must not write into it."""
    return simulate(tmp_path_factory.mktemp("tile") / "single.ms", fields="single")


@pytest.fixture(scope="session")
def needs_casa() -> None:
    """Skip where CASA is not installed."""
    for package in ("casatools", "casatasks", "casadata"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed: pip install 'dsa110_vis[casa]'")
