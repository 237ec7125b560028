"""What a viewer shows and can do, and the protocol it speaks: without a transport, and without Jupyter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsa110_vis.lazy import attach

if TYPE_CHECKING:
    from dsa110_vis.view.antenna_layout import AntennaLayoutModel
    from dsa110_vis.view.dispatcher import Call, Dispatcher
    from dsa110_vis.view.ms_raster import MsRasterModel
    from dsa110_vis.view.ops import connect
    from dsa110_vis.view.protocol import Params, Reply, RequestError

__all__ = ["AntennaLayoutModel", "Call", "Dispatcher", "MsRasterModel", "Params", "Reply", "RequestError", "connect"]

__getattr__ = attach(
    __name__,
    {
        "antenna_layout": "AntennaLayoutModel",
        "dispatcher": "Call Dispatcher",
        "ms_raster": "MsRasterModel",
        "ops": "connect",
        "protocol": "Params Reply RequestError",
    },
)
