"""The visibilities that a sky of point sources gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

from dsa110_vis.demo.sky import LIGHT_SPEED

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["predict"]


def predict(
    uvw: npt.NDArray[np.float64],
    lmn: npt.NDArray[np.float64],
    flux: npt.NDArray[np.float64],
    frequency: npt.NDArray[np.float64],
) -> npt.NDArray[np.complex64]:
    """Compute the visibilities of point sources, exactly, in the sign convention of Measurement Sets.

    Parameters
    ----------
    uvw : numpy.ndarray
        Metres, (n_rows, 3).
    lmn : numpy.ndarray
        Direction cosines, (n_sources, 3).
    flux : numpy.ndarray
        Jy, (n_sources, n_channels).
    frequency : numpy.ndarray
        Hz, evenly spaced, (n_channels,).

    Returns
    -------
    numpy.ndarray
        Jy, (n_rows, n_channels) complex64.
    """
    delay = uvw @ (lmn - [0.0, 0.0, 1.0]).T * (2 * np.pi / LIGHT_SPEED)
    out = np.empty((len(uvw), frequency.size), dtype=np.complex64)
    _sum_sources(delay, flux, frequency[0], frequency[1] - frequency[0], out)
    return out


@numba.njit(nogil=True)
def _sum_sources(delay, flux, start, step, out) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Add up the sources; the phase goes in equal steps from channel to channel, which saves most of the cosines."""
    n_rows, n_sources = delay.shape
    n_channels = flux.shape[1]
    total = np.empty(n_channels, dtype=np.complex128)
    for row in range(n_rows):
        total[:] = 0
        for source in range(n_sources):
            phase = delay[row, source] * start
            turn = delay[row, source] * step
            value = complex(np.cos(phase), np.sin(phase))
            factor = complex(np.cos(turn), np.sin(turn))
            for channel in range(n_channels):
                total[channel] += flux[source, channel] * value
                value *= factor
        for channel in range(n_channels):
            out[row, channel] = total[channel]
