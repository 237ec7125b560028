"""The raster viewer's model in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import OptionError
from dsa110_vis.view.chosen import Chosen
from dsa110_vis.view.controls import CONTROLS
from dsa110_vis.view.locate import Marks, table
from dsa110_vis.view.remote import RemoteModel
from dsa110_vis.view.settle import initial, settle

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    import pandas as pd
    import xarray as xr

    from dsa110_vis.ms import MeasurementSet

__all__ = ["RemoteMsRaster"]

_ALWAYS = ("path", "x", "y")


class RemoteMsRaster(RemoteModel):
    """What a raster viewer shows and can do, worked out in another process.

    Parameters
    ----------
    ms : MeasurementSet, Chosen or path, optional
        What to look at.
    client : distributed.Client, optional
        Workers that do the reading.
    **controls
        Values of controls (`dsa110_vis.view.controls.CONTROLS`).

    Raises
    ------
    OptionError
        If a control does not exist or cannot have its value, or the workers cannot be reached from another process.
    """

    def __init__(
        self,
        ms: MeasurementSet | Chosen | str | os.PathLike[str] | None = None,
        *,
        client: Any = None,
        **controls: Any,
    ) -> None:
        chosen = None if ms is None else Chosen.of(ms)
        if chosen is not None:
            controls["path"] = chosen.path
        self._located: pd.DataFrame | None = None  # nothing is marked, for which pandas is not imported
        super().__init__(
            "dsa110_vis.view.served:ms_raster",
            (chosen, _address_of(client)),
            initial=initial(),
            controls=controls,
            settle=lambda state, changes: settle(state, changes)[0],
            settings=_settings,
        )

    def data(self) -> xr.Dataset:
        """Give the numbers behind the picture; waits for a reading in hand.

        Returns
        -------
        xarray.Dataset
            As `MsRasterModel.data`.

        Raises
        ------
        Dsa110VisError
            The reason why there is none.
        """
        found: xr.Dataset = self.result("data")
        return found

    @property
    def located(self) -> pd.DataFrame:
        """The marked cells, one a row: coordinates, value, count, flagged."""
        return table(None, Marks()) if self._located is None else self._located

    def _hear(self, event: str, data: Any) -> None:
        if event == "located":
            self._located = self.ask("located")
        super()._hear(event, data)

    def locate(
        self, boxes: Sequence[Sequence[int]] = (), points: Sequence[Sequence[int]] = (), *, mode: str = "replace"
    ) -> None:
        """Mark cells of the picture, which fills `located`.

        Parameters
        ----------
        boxes, points, mode
            As `MsRasterModel.locate`.

        Raises
        ------
        OptionError
            If a mark is outside the picture.
        MemoryLimitError
            If there are too many cells.
        """
        self.ask("locate", boxes, points, mode=mode)


def _settings(state: Mapping[str, Any]) -> dict[str, Any]:
    """Give the controls with which a new model comes to a state."""
    said = {name: value for name, value in state.items() if name in _ALWAYS or value != CONTROLS[name].default}
    if state["limits_mode"] == "manual":
        said.pop("limits_mode")  # setting limits makes them manual
    else:
        said.pop("limits", None)  # they are found
    return said


def _address_of(client: Any) -> tuple[str, Any] | None:
    """Say how another process reaches the scheduler of a Dask client."""
    if client is None:
        return None
    address = str(client.scheduler.address)
    if address.startswith("inproc://"):
        message = f"The Dask workers at {address} are inside this process, where the reading process cannot reach them."
        raise OptionError(message, "Use a cluster with processes: LocalCluster(processes=True).")
    return address, client.security
