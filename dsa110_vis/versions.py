"""The versions of the packages that this one stands on."""

from __future__ import annotations

from importlib import metadata

__all__ = ["PACKAGES", "versions"]

PACKAGES = (
    "jupyterlab",
    "jupyter-server",
    "ipywidgets",
    "anywidget",
    "python-casacore",
    "numpy",
    "numba",
    "xarray",
    "pandas",
    "astropy",
    "matplotlib",
    "bokeh",
    "distributed",
    "casatasks",
    "casatools",
    "casadata",
)


def versions() -> dict[str, str | None]:
    """Look up the installed versions, without importing anything.

    Returns
    -------
    dict
        Package name to version; ``None`` where it is not installed.
    """
    found: dict[str, str | None] = {}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = None
    return found
