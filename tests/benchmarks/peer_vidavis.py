"""What a user of vidavis runs for the same picture; executed in vidavis' own environment."""

from __future__ import annotations

import sys

from vidavis import MsRaster

raster = MsRaster(ms=sys.argv[1], log_level="error", log_to_file=False)
raster.plot(x_axis="frequency", y_axis="time", vis_axis="amp", aggregator="mean", agg_axis=["baseline", "polarization"])
raster.save(sys.argv[2])
