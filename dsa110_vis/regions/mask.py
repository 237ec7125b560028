"""A mask over all planes of an image; a plane takes memory only while something is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    Bits = npt.NDArray[np.bool_]

__all__ = ["MaskCube"]


class MaskCube:
    """Bits for each pixel of each plane. Who uses it from several threads takes a lock.

    Parameters
    ----------
    n_stokes, n_channels, ny, nx : int
        The image's size. Planes are numbered Stokes parameter by Stokes parameter.
    """

    def __init__(self, n_stokes: int, n_channels: int, ny: int, nx: int) -> None:
        self.n_stokes, self.n_channels, self.ny, self.nx = n_stokes, n_channels, ny, nx
        self._planes: dict[int, Bits] = {}
        self._counts: dict[int, int] = {}

    @property
    def n_planes(self) -> int:
        """How many planes there are."""
        return self.n_stokes * self.n_channels

    @property
    def used(self) -> tuple[int, ...]:
        """Numbers of the planes that have something in them."""
        return tuple(number for number in sorted(self._planes) if self.count(number))

    def count(self, plane: int) -> int:
        """Count the pixels of a plane that are in the mask.

        Parameters
        ----------
        plane : int
            Its number.

        Returns
        -------
        int
            How many.
        """
        if plane not in self._planes:
            return 0
        if plane not in self._counts:
            self._counts[plane] = int(np.count_nonzero(self._planes[plane]))
        found = self._counts[plane]
        if found == 0:
            del self._planes[plane], self._counts[plane]
        return found

    def read(self, plane: int) -> Bits:
        """Give a plane to look at.

        Parameters
        ----------
        plane : int
            Its number.

        Returns
        -------
        ndarray of bool, shape (ny, nx)
            Not to be changed.
        """
        found = self._planes.get(plane)
        return np.broadcast_to(np.False_, (self.ny, self.nx)) if found is None else found

    def write(self, plane: int) -> Bits:
        """Give a plane to change.

        Parameters
        ----------
        plane : int
            Its number.

        Returns
        -------
        ndarray of bool, shape (ny, nx)
            The plane itself, to be changed at once: when it is counted and nothing is in it, it is forgotten.
        """
        self._counts.pop(plane, None)
        found = self._planes.get(plane)
        if found is None:
            found = self._planes[plane] = np.zeros((self.ny, self.nx), dtype=np.bool_)
        return found

    def to_array(self) -> Bits:
        """Give all planes.

        Returns
        -------
        ndarray of bool
            ``[y, x]`` of a single plane, else ``[stokes, channel, y, x]``.
        """
        if self.n_planes == 1:
            return np.array(self.read(0))
        found = np.zeros((self.n_stokes, self.n_channels, self.ny, self.nx), dtype=np.bool_)
        for number in self.used:
            found[divmod(number, self.n_channels)] = self.read(number)
        return found

    def planes_of(self, values: Any) -> Iterator[tuple[int, Bits]]:
        """Cut an array into planes that fit.

        Parameters
        ----------
        values : array_like
            ``[y, x]`` for every plane, ``[channel, y, x]`` for every Stokes parameter (``[stokes, y, x]`` where there
            is one channel), or ``[stokes, channel, y, x]``. What is neither zero, NaN nor masked is in the mask. An
            axis of length 1 is for all.

        Yields
        ------
        plane : int
            Number of a plane.
        bits : ndarray of bool, shape (ny, nx)
            Its mask.

        Raises
        ------
        OptionError
            If it has another shape, or no numbers.
        """
        array = np.ma.filled(values, 0) if isinstance(values, np.ma.MaskedArray) else np.asarray(values)
        if array.dtype.kind not in "biuf":
            message = "A mask must be made of numbers."
            raise OptionError(message, "Allowed: true and false, integers, and real numbers.")
        full = (self.n_stokes, self.n_channels, self.ny, self.nx)
        if array.ndim == 3 and self.n_channels == 1:
            array = array[:, None]
        while array.ndim < 4:
            array = array[None]
        fits = array.ndim == 4 and array.shape[2:] == full[2:]
        if not fits or any(array.shape[k] not in (1, full[k]) for k in (0, 1)):
            message = f"A mask of shape {np.shape(values)} does not fit the image."
            hint = f"It must have {self.ny} rows of {self.nx} pixels, for all planes or for each of {full[:2]}."
            raise OptionError(message, hint)
        for part in np.ndindex(array.shape[:2]):
            values_of = array[part]
            bits = values_of if array.dtype.kind == "b" else (values_of != 0) & (values_of == values_of)  # noqa: PLR0124  not NaN
            for stokes in range(self.n_stokes) if array.shape[0] == 1 else part[:1]:
                for channel in range(self.n_channels) if array.shape[1] == 1 else part[1:]:
                    yield stokes * self.n_channels + channel, bits
