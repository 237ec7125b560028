"""What the server answers about Measurement Sets: asked and answered in plain data, in a process of its own."""

from dsa110_vis.rest.desk import Desk

__all__ = ["Desk"]
