"""What the tests of regions share."""

from __future__ import annotations

import pytest

from dsa110_vis.casa_process import casa_status


@pytest.fixture(scope="session")
def needs_casa() -> None:
    """Skip where CASA cannot be used."""
    status = casa_status()
    if not status.starts:
        pytest.skip(status.detail)
