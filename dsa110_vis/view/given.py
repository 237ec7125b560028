"""What a user gives the image viewer, as plain data that can go to another process."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import OptionError
from dsa110_vis.paths import absolute_path
from dsa110_vis.view.mask_controls import ARRAY

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Given", "GivenImage"]


@dataclass(frozen=True)
class GivenImage:
    """An image that a user gave.

    Parameters
    ----------
    path : str
        Where it is; `ARRAY` for one in memory.
    array : ndarray, optional
        Its values, if it is in memory: ``[y, x]``, ``[channel, y, x]`` or ``[stokes, channel, y, x]``.
    header : str
        A FITS header as text, for an array: its world coordinates; empty for none.
    unit : str
        Unit of an array.
    name : str
        Name of an array.
    """

    path: str = ""
    array: npt.NDArray[np.generic] | None = None
    header: str = ""
    unit: str = ""
    name: str = ""

    @classmethod
    def of(cls, image: Any, *, wcs: Any = None, unit: str = "", name: str = "") -> GivenImage:
        """Take what the user gave as the image.

        Parameters
        ----------
        image : path, ndarray, astropy HDU, or None
            The image.
        wcs : astropy.wcs.WCS or astropy.io.fits.Header, optional
            World coordinates of an array.
        unit, name : str
            For an array.

        Returns
        -------
        GivenImage
            Plain data.

        Raises
        ------
        OptionError
            If it is none of these.
        """
        if image is None:
            return cls()
        if isinstance(image, cls):
            return image
        if isinstance(image, str | os.PathLike):
            return cls(str(absolute_path(image)))
        header = wcs
        if hasattr(image, "header") and hasattr(image, "data"):
            header = image.header if wcs is None else wcs
            unit = unit or str(image.header.get("BUNIT", ""))
            name = name or str(image.header.get("EXTNAME", ""))
            image = image.data
        if not hasattr(image, "__array__"):
            message = f"{type(image).__name__} is no image."
            raise OptionError(message, "Give a path, an array of two to four dimensions, or an astropy HDU.")
        import numpy as np  # noqa: PLC0415

        text = "" if header is None else (header.to_header() if hasattr(header, "to_header") else header).tostring()
        return cls(ARRAY, np.asarray(image), text, unit, name)


@dataclass
class Given:
    """All that a user gave the image viewer beside its controls.

    It is handed to every process that does the work, so that a new one knows what the one before knew.

    Attributes
    ----------
    image : GivenImage
        The image.
    mask : object
        A first mask: a path, an array of bool, or None.
    regions : object
        First regions: the path of a file, or None.
    keep : str
        Folder in which the drawing is kept from process to process; empty for none.
    catalog : (str, dict) or None
        Name and columns of a catalogue.
    writes : bool
        Whether files may be written beside the image.
    """

    image: GivenImage
    mask: Any = None
    regions: Any = None
    keep: str = ""
    catalog: tuple[str, dict[str, Any]] | None = None
    writes: bool = False
