"""What the instrument does to the visibilities: noise, gains, interference and flags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "CHANNEL_WIDTH",
    "INTEGRATION",
    "SEFD",
    "Gains",
    "Interference",
    "channel_frequencies",
    "complex_noise",
    "noise_level",
    "real_noise",
]

BAND_START = 1_311_250_000.0
CHANNEL_WIDTH = 244_140.625
INTEGRATION = 96 * 0.134217728
SEFD = 6500.0
"""Jy per antenna and polarisation, as in the package dsa110-antpos (``antpos/utils.py``)."""

CORRELATOR_UNIT = 0.0039
"""Correlator units per Jy: 3C 454.3 with its noise then has an amplitude of 0.05, as in the observatory's raw data."""

RFI_BANDS = (
    # MHz, share of the integrations, Jy on short baselines
    (1313.0, 1318.0, 0.25, 120.0),  # air surveillance radar
    (1330.0, 1332.5, 0.21, 200.0),  # air surveillance radar
    (1379.9, 1382.2, 0.42, 90.0),  # GPS L3, 1381.05 MHz
    (1435.0, 1441.0, 0.17, 60.0),  # aeronautical telemetry
    (1495.0, 1498.7, 0.12, 60.0),  # aeronautical telemetry
)
RANDOM_FLAGS = 0.0023


def channel_frequencies() -> npt.NDArray[np.float64]:
    """Give the centres of the channels.

    Returns
    -------
    numpy.ndarray
        Hz, ascending, (16, 48): spectral windows and their channels, from edge to edge 1311.25-1498.75 MHz.
    """
    return BAND_START + CHANNEL_WIDTH * (np.arange(768, dtype=np.float64).reshape(16, 48) + 0.5)


def noise_level() -> float:
    """Give the thermal noise of one visibility: one channel, one integration, one polarisation.

    The radiometer equation for two equal antennas, SEFD / sqrt(2 bandwidth time) (Thompson, Moran & Swenson,
    *Interferometry and Synthesis in Radio Astronomy*, section 6.2; Wrobel & Walker 1999, ASP Conf. 180, 171).

    Returns
    -------
    float
        Standard deviation of the real and of the imaginary part, Jy: 2.59.
    """
    return float(SEFD / np.sqrt(2 * CHANNEL_WIDTH * INTEGRATION))


def complex_noise(random: np.random.Generator, shape: tuple[int, ...]) -> npt.NDArray[np.complex64]:
    """Draw the thermal noise of cross-correlations.

    Parameters
    ----------
    random : numpy.random.Generator
    shape : tuple of int

    Returns
    -------
    numpy.ndarray
        Jy, complex64, with `noise_level` in both parts.
    """
    parts = random.standard_normal((*shape, 2), dtype=np.float32)
    parts *= np.float32(noise_level())
    return np.asarray(parts.view(np.complex64)[..., 0])


def real_noise(random: np.random.Generator, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Draw what autocorrelations measure without a source: the SEFD, with noise of SEFD / sqrt(bandwidth time).

    Parameters
    ----------
    random : numpy.random.Generator
    shape : tuple of int

    Returns
    -------
    numpy.ndarray
        Jy, float32.
    """
    noise = random.standard_normal(shape, dtype=np.float32)
    noise *= np.float32(noise_level() * np.sqrt(2))
    noise += np.float32(SEFD)
    return noise


@dataclass(frozen=True)
class Gains:
    """Complex gains of the antennas: amplitude and phase per polarisation, delay, bandpass ripple, slow drift.

    Attributes
    ----------
    static : numpy.ndarray
        (n_antennas, 768, 2) complex64.
    drift : numpy.ndarray
        (n_times, n_antennas, 2) complex64.
    """

    static: npt.NDArray[np.complex64]
    drift: npt.NDArray[np.complex64]

    @classmethod
    def draw(cls, random: np.random.Generator, n_times: int, n_antennas: int, dead: npt.NDArray[np.bool_]) -> Gains:
        """Draw the gains of an array.

        Parameters
        ----------
        random : numpy.random.Generator
        n_times, n_antennas : int
        dead : numpy.ndarray
            (n_antennas,) bool: antennas that let almost nothing through.

        Returns
        -------
        Gains
        """
        offset = channel_frequencies().ravel() - 1.405e9
        shape = (n_antennas, 1, 2)
        amplitude = np.sqrt(CORRELATOR_UNIT) * random.lognormal(0.0, 0.08, shape)
        amplitude[dead] *= 0.05
        phase = random.uniform(-np.pi, np.pi, shape)
        delay = random.uniform(-8e-9, 8e-9, shape)
        slope = random.normal(0.0, 0.05, shape)
        period = random.uniform(25e6, 60e6, shape)
        ripple = 0.04 * np.sin(2 * np.pi * offset[None, :, None] / period + random.uniform(0, 2 * np.pi, shape))
        bandpass = 1 + ripple + slope * offset[None, :, None] / 94e6
        static = amplitude * bandpass * np.exp(1j * (phase + 2 * np.pi * delay * offset[None, :, None]))
        age = np.linspace(-1, 1, n_times)[:, None, None]
        per_antenna = (1, n_antennas, 2)
        drift = (1 + age * random.normal(0.0, 0.01, per_antenna)) * np.exp(
            1j * age * random.normal(0.0, np.radians(3), per_antenna)
        )
        return cls(static.astype(np.complex64), drift.astype(np.complex64))

    def of(self, time: int, channels: slice) -> npt.NDArray[np.complex64]:
        """Give the gains of all antennas at a time.

        Parameters
        ----------
        time : int
            Number of the integration.
        channels : slice
            Of the 768 channels.

        Returns
        -------
        numpy.ndarray
            (n_antennas, n_channels, 2) complex64, square root of correlator units per Jy.
        """
        return np.asarray(self.static[:, channels] * self.drift[time][:, None, :])


@dataclass(frozen=True)
class Interference:
    """Man-made signals: when and where, the same for all baselines.

    Attributes
    ----------
    strength : numpy.ndarray
        Jy on the shortest baselines, (n_times, 768) float32; 0 where there is none. All that is not 0 is flagged.
    """

    strength: npt.NDArray[np.float32]

    @classmethod
    def draw(cls, random: np.random.Generator, n_times: int) -> Interference:
        """Draw the interference of a tile: a fixed share of it, at random times, in bands that are known for it.

        Parameters
        ----------
        random : numpy.random.Generator
        n_times : int

        Returns
        -------
        Interference
        """
        megahertz = channel_frequencies().ravel() / 1e6
        strength = np.zeros((n_times, megahertz.size), dtype=np.float32)
        for low, high, share, level in RFI_BANDS:
            channels = np.flatnonzero((megahertz > low) & (megahertz < high))
            times = random.choice(n_times, size=max(1, round(share * n_times)), replace=False)
            levels = level * random.lognormal(0.0, 0.4, (times.size, channels.size))
            strength[np.ix_(times, channels)] = levels
        return cls(strength)

    def signal(
        self, random: np.random.Generator, time: int, channels: slice, length: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.complex64]:
        """Give what the interference adds to the visibilities of one integration.

        Parameters
        ----------
        random : numpy.random.Generator
        time : int
            Number of the integration.
        channels : slice
            Of the 768 channels.
        length : numpy.ndarray
            Of the baselines, metres, (n_baselines,). Long ones decorrelate it.

        Returns
        -------
        numpy.ndarray
            Jy, (n_baselines, n_channels) complex64.
        """
        seen = 0.1 + 0.9 * np.exp(-length / 400.0)
        phase = np.exp(2j * np.pi * random.uniform(0, 1, length.size) * (length > 0))
        return np.asarray((seen * phase)[:, None] * self.strength[time, channels], dtype=np.complex64)

    def flags(self, random: np.random.Generator, time: int, channels: slice, n_baselines: int) -> npt.NDArray[np.bool_]:
        """Give the flags of one integration: the interference, and single samples as a flagger leaves them.

        Parameters
        ----------
        random : numpy.random.Generator
        time : int
            Number of the integration.
        channels : slice
            Of the 768 channels.
        n_baselines : int

        Returns
        -------
        numpy.ndarray
            (n_baselines, n_channels, 2) bool.
        """
        hit = self.strength[time, channels] > 0
        single = random.random((n_baselines, hit.size, 2), dtype=np.float32) < RANDOM_FLAGS
        return np.asarray(single | hit[:, None])
