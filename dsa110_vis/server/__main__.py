"""``python -m dsa110_vis.server``: a Jupyter server with this extension; ``--help-all`` shows its settings."""

from __future__ import annotations

from dsa110_vis.server.app import Dsa110VisApp

if __name__ == "__main__":
    Dsa110VisApp.launch_instance()  # type: ignore[no-untyped-call]
