"""What a viewer shows and can do, and the protocol it speaks: without a transport, and without Jupyter."""

from __future__ import annotations

from dsa110_vis.view.dispatcher import Call, Dispatcher
from dsa110_vis.view.ms_raster import MsRasterModel
from dsa110_vis.view.ops import connect
from dsa110_vis.view.protocol import Params, Reply, RequestError

__all__ = ["Call", "Dispatcher", "MsRasterModel", "Params", "Reply", "RequestError", "connect"]
