"""The version, the same as in ``labextension/package.json``."""

__version__ = "0.1.0"
