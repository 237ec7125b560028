"""Radio-interferometer visibilities and deconvolution inside JupyterLab.

Names are imported when they are first used: a Jupyter server imports this package at start-up, and must not pay for
numpy or casacore.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsa110_vis._version import __version__
from dsa110_vis.lazy import attach

if TYPE_CHECKING:
    from dsa110_vis.ms import MeasurementSet
    from dsa110_vis.widgets import AntennaLayout, MaskDraw, MsRaster

__all__ = ["AntennaLayout", "MaskDraw", "MeasurementSet", "MsRaster", "__version__"]

__getattr__ = attach(__name__, {"ms": "MeasurementSet", "widgets": "AntennaLayout MaskDraw MsRaster"})


def __dir__() -> list[str]:
    return sorted(__all__)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from dsa110_vis.server import Dsa110VisApp  # noqa: PLC0415  only a Jupyter server needs it

    return [{"module": "dsa110_vis.server", "app": Dsa110VisApp}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "dsa110-vis"}]
