"""The array viewer's model in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsa110_vis.view.antenna_controls import ANTENNA_CONTROLS, initial, settle
from dsa110_vis.view.chosen import Chosen
from dsa110_vis.view.remote import RemoteModel

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    import pandas as pd

    from dsa110_vis.ms import MeasurementSet

__all__ = ["RemoteAntennaLayout"]


class RemoteAntennaLayout(RemoteModel):
    """What an array viewer shows and can do, worked out in another process.

    Parameters
    ----------
    ms : MeasurementSet, Chosen or path, optional
        What to look at: a Measurement Set or a calibration table.
    **controls
        Values of controls (`dsa110_vis.view.antenna_controls.ANTENNA_CONTROLS`).

    Raises
    ------
    OptionError
        If a control does not exist or cannot have its value.
    """

    def __init__(self, ms: MeasurementSet | Chosen | str | os.PathLike[str] | None = None, **controls: Any) -> None:
        chosen = None if ms is None else Chosen.of(ms)
        if chosen is not None:
            controls["path"] = chosen.path
        super().__init__(
            "dsa110_vis.view.served:antenna_layout",
            (chosen,),
            initial=initial(),
            controls=controls,
            settle=settle,
            settings=_settings,
            shows="layout",
        )

    @property
    def antennas(self) -> pd.DataFrame:
        """One row per antenna, as `AntennaLayoutModel.antennas`; waits until all is known."""
        frame: pd.DataFrame = self.result("antennas")
        return frame


def _settings(state: Mapping[str, Any]) -> dict[str, Any]:
    """Give the controls with which a new model comes to a state."""
    return {name: value for name, value in state.items() if name == "path" or value != ANTENNA_CONTROLS[name].default}
