"""The Jupyter server extension."""

from dsa110_vis.server.app import Dsa110VisApp

__all__ = ["Dsa110VisApp"]
