"""A Jupyter server with the extension, and without its default of letting strangers in."""

from __future__ import annotations

import pytest


@pytest.fixture
def jp_server_config(jp_server_config):
    return {
        **jp_server_config,
        "ServerApp": {
            "allow_unauthenticated_access": False,
            "jpserver_extensions": {"dsa110_vis": True},
        },
    }
