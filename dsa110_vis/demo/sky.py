"""The sky of the simulator: point sources with published flux densities, seen through a primary beam."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.demo.array import DISH_DIAMETER, read_table
from dsa110_vis.errors import OptionError

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Source", "calibrator_at", "catalogue", "direction_cosines", "primary_beam", "visible"]

LIGHT_SPEED = 299_792_458.0
CALIBRATOR_FLUX = 5.0
CALIBRATOR_OFFSET_DEG = 1.0


@dataclass(frozen=True)
class Source:
    """A point source without polarisation.

    Attributes
    ----------
    name : str
    ra, dec : float
        ICRS, radians.
    coefficients : tuple of float
        Polynomial, lowest order first, of log10(flux density / Jy) in log10(frequency / GHz).
    reference : str
        Where the flux density was published.
    """

    name: str
    ra: float
    dec: float
    coefficients: tuple[float, ...]
    reference: str

    def flux(self, frequency: npt.NDArray[np.float64] | float) -> npt.NDArray[np.float64]:
        """Give the flux density.

        Parameters
        ----------
        frequency : numpy.ndarray or float
            Hz.

        Returns
        -------
        numpy.ndarray
            Jy, in the shape of `frequency`.
        """
        logarithm = np.log10(np.asarray(frequency, dtype=np.float64) / 1e9)
        return np.asarray(10.0 ** np.polynomial.polynomial.polyval(logarithm, self.coefficients), dtype=np.float64)


@functools.cache
def catalogue() -> tuple[Source, ...]:
    """Give all sources that the simulator knows.

    Returns
    -------
    tuple of Source
        Six calibrators of Perley & Butler (2017), and 3C 454.3 with the NVSS sources around it.
    """
    return tuple(
        Source(
            name=row["name"],
            ra=float(np.radians(float(row["ra_deg"]))),
            dec=float(np.radians(float(row["dec_deg"]))),
            coefficients=tuple(float(word) for word in row["coefficients"].split()),
            reference=row["reference"],
        )
        for row in read_table("sky.csv")
    )


def calibrator_at(declination_deg: float) -> Source:
    """Find the bright source that passes nearest to the centre of the beam at a declination.

    Parameters
    ----------
    declination_deg : float
        ICRS, degrees.

    Returns
    -------
    Source
        Brighter than 5 Jy at 1.4 GHz.

    Raises
    ------
    OptionError
        Where there is none within one degree; the hint lists the declinations of all.
    """
    bright = [source for source in catalogue() if source.flux(1.4e9) > CALIBRATOR_FLUX]
    nearest = min(bright, key=lambda source: abs(np.degrees(source.dec) - declination_deg))
    if not abs(np.degrees(nearest.dec) - declination_deg) <= CALIBRATOR_OFFSET_DEG:
        known = ", ".join(f"{np.degrees(source.dec):.2f} ({source.name})" for source in bright)
        message = f"The simulator has no calibrator within {CALIBRATOR_OFFSET_DEG:g} deg of {declination_deg:g} deg."
        raise OptionError(message, f"Its calibrators pass at the declinations {known}.")
    return nearest


def direction_cosines(sources: tuple[Source, ...], ra: float, dec: float) -> npt.NDArray[np.float64]:
    """Project sources on the plane of the sky around a direction.

    Parameters
    ----------
    sources : tuple of Source
    ra, dec : float
        The direction, ICRS, radians.

    Returns
    -------
    numpy.ndarray
        l (east), m (north) and n of each source, (n_sources, 3).
    """
    alpha = np.array([source.ra for source in sources]) - ra
    delta = np.array([source.dec for source in sources])
    return np.stack(
        [
            np.cos(delta) * np.sin(alpha),
            np.sin(delta) * np.cos(dec) - np.cos(delta) * np.sin(dec) * np.cos(alpha),
            np.sin(delta) * np.sin(dec) + np.cos(delta) * np.cos(dec) * np.cos(alpha),
        ],
        axis=1,
    )


def primary_beam(n: npt.NDArray[np.float64], frequency: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Give the power response of a dish: a Gaussian with the width of a uniformly lit one, 1.02 wavelengths / diameter.

    Parameters
    ----------
    n : numpy.ndarray
        Cosines of the angles from the centre of the beam, (n_sources,).
    frequency : numpy.ndarray
        Hz, (n_channels,).

    Returns
    -------
    numpy.ndarray
        1 at the centre and 0 behind the dish, (n_sources, n_channels).
    """
    width = 1.02 * LIGHT_SPEED / frequency / DISH_DIAMETER
    angle = np.arccos(np.clip(n, -1.0, 1.0))
    return np.where(n[:, None] > 0, np.exp(-4 * np.log(2) * (angle[:, None] / width[None, :]) ** 2), 0.0)


def visible(ra: npt.NDArray[np.float64], dec: float, *, limit: float = 1e-3) -> tuple[Source, ...]:
    """Choose the sources that matter to a drift along a declination.

    Parameters
    ----------
    ra : numpy.ndarray
        Right ascensions of the centre of the beam during the drift, radians.
    dec : float
        Its declination, radians.
    limit : float
        Flux density in Jy, after the primary beam, below which a source is left out.

    Returns
    -------
    tuple of Source
        Those that are brighter at some time, in the order of the catalogue.
    """
    frequency = np.array([1.4e9])
    sources = catalogue()
    flux = np.array([source.flux(1.4e9) for source in sources])
    seen = [primary_beam(direction_cosines(sources, float(centre), dec)[:, 2], frequency)[:, 0] * flux for centre in ra]
    return tuple(source for source, peak in zip(sources, np.max(seen, axis=0), strict=True) if peak > limit)
