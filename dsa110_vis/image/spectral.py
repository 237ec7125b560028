"""The spectral axis of an image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Float = npt.NDArray[np.float64]

__all__ = ["LIGHT", "Spectral"]

LIGHT = 299_792_458.0
"""Speed of light in m/s."""


@dataclass(frozen=True)
class Spectral:
    """What the channels are.

    Attributes
    ----------
    frequency : ndarray of float64, shape (n_channels,)
        Hz; NaN where it is not known.
    velocity : ndarray of float64, shape (n_channels,)
        m/s in the `convention`; NaN where no rest frequency is known.
    rest_frequency : float
        Hz; 0 where it is not known.
    shows_velocity : bool
        Whether the axis of the file is one of velocities.
    convention : str
        "radio" (``c (1 - f / rest)``), "optical" (``c (rest / f - 1)``) or "relativistic"; the file's where its axis
        is one of velocities, else the first.
    frame : str
        In which frequencies and velocities are, such as "LSRK"; empty where the file does not say.
    """

    frequency: Float
    velocity: Float
    rest_frequency: float = 0.0
    shows_velocity: bool = False
    convention: str = "radio"
    frame: str = ""

    @classmethod
    def of_frequencies(
        cls,
        frequency: npt.ArrayLike,
        rest: float,
        convention: str = "radio",
        *,
        shows_velocity: bool = False,
        frame: str = "",
    ) -> Spectral:
        """Make it from frequencies.

        Parameters
        ----------
        frequency : array_like of float
            Hz.
        rest : float
            Rest frequency in Hz; 0 for none.
        convention : str
            Of the velocities.
        shows_velocity : bool
            Whether the axis of the file is one of velocities.
        frame : str
            In which they are.

        Returns
        -------
        Spectral
            With velocities where there is a rest frequency.
        """
        found = np.asarray(frequency, dtype=np.float64)
        velocity = np.full(found.shape, np.nan)
        if rest > 0:
            ratio = found / rest
            if convention == "optical":
                velocity = LIGHT * (1 / ratio - 1)
            elif convention == "relativistic":
                velocity = LIGHT * (1 - ratio**2) / (1 + ratio**2)
            else:
                velocity = LIGHT * (1 - ratio)
        return cls(found, velocity, rest, shows_velocity and rest > 0, convention, frame)

    @classmethod
    def of_velocities(cls, velocity: npt.ArrayLike, rest: float, convention: str, *, frame: str = "") -> Spectral:
        """Make it from velocities.

        Parameters
        ----------
        velocity : array_like of float
            m/s.
        rest : float
            Rest frequency in Hz; 0 for none.
        convention : str
            Theirs.
        frame : str
            In which they are.

        Returns
        -------
        Spectral
            With the velocities as they are.
        """
        found = np.asarray(velocity, dtype=np.float64)
        frequency = np.full(found.shape, np.nan)
        if rest > 0:
            speed = found / LIGHT
            if convention == "optical":
                frequency = rest / (1 + speed)
            elif convention == "relativistic":
                frequency = rest * np.sqrt((1 - speed) / (1 + speed))
            else:
                frequency = rest * (1 - speed)
        return cls(frequency, found, rest, shows_velocity=True, convention=convention, frame=frame)

    def label(self, channel: int) -> str:
        """Say what a channel is.

        Parameters
        ----------
        channel : int
            Its number.

        Returns
        -------
        str
            Its frequency or velocity with the unit; empty if neither is known.
        """
        frequency, velocity = float(self.frequency[channel]), float(self.velocity[channel])
        if self.shows_velocity and np.isfinite(velocity):
            return f"{velocity / 1e3:.3f} km/s"
        if not np.isfinite(frequency):
            return ""
        # as many digits as tell channels apart
        step = abs(float(self.frequency[1] - self.frequency[0])) if len(self.frequency) > 1 else 0.0
        for unit, size in (("GHz", 1e9), ("MHz", 1e6), ("kHz", 1e3), ("Hz", 1.0)):
            if abs(frequency) >= size:
                places = int(np.clip(np.ceil(-np.log10(step / size)) + 1, 3, 9)) if step > 0 else 5
                return f"{frequency / size:.{places}f} {unit}"
        return f"{frequency:.6g} Hz"
