"""What Python asks of the image viewer's model, beside what browsers ask."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import OptionError
from dsa110_vis.view import mask_numbers
from dsa110_vis.view.model import Model

if TYPE_CHECKING:
    from dsa110_vis.view.drawing import Drawing
    from dsa110_vis.view.given import Given
    from dsa110_vis.view.image_reader import Picture

__all__ = ["Asked"]


class Asked(Model):
    """A model whose mask can be changed by calls: on the planes that the controls say, when the image is there.

    Parameters
    ----------
    thread : str
        Name of the thread that does the work.
    given : Given
        What the user gave.
    """

    def __init__(self, thread: str, given: Given) -> None:
        super().__init__(thread)
        self._given = given

    @property
    @abstractmethod
    def drawing_now(self) -> Drawing | None:
        """The mask and the regions, if there are any yet."""

    @abstractmethod
    def wait(self, timeout: float | None = None) -> Picture:
        """Wait until the image is shown."""

    @property
    def drawing(self) -> Drawing:
        """The mask and the regions; waits for the image."""
        self.wait()
        found = self.drawing_now
        assert found is not None  # noqa: S101  the image is open
        return found

    def on_drawing(self, method: str, *args: Any) -> Any:
        """Do something with the mask and the regions.

        Parameters
        ----------
        method : str
            A public method of `Drawing`.
        *args
            For the method.

        Returns
        -------
        object
            What it returned.
        """
        return getattr(self.drawing, method)(*args)

    def draw(self, shape: Any, mode: str = "add") -> None:
        """Change the mask by the pixels of a shape, on the planes that the controls say.

        Parameters
        ----------
        shape : Region, Shape or astropy region
            In pixels or in the sky.
        mode : str
            "add", "subtract" or "intersect".
        """
        drawing, picture = self.drawing, self.wait()
        drawing.draw(drawing.in_pixels(shape), mode, drawing.planes(picture.plane_number, self._state["planes"]))

    def threshold(self, sigma: float, *, inside: str = "", mode: str = "add") -> None:
        """Put what is brighter than a multiple of the noise into the mask.

        Parameters
        ----------
        sigma, inside, mode
            As for `Drawing.threshold`.
        """
        self.drawing.threshold(self.wait(), self._state["planes"], sigma, inside=inside, mode=mode)

    def edit_mask(self, action: str, *, pixels: float = 1.0, area: float | None = None) -> None:
        """Change the mask as a whole.

        Parameters
        ----------
        action, pixels, area
            As for `Drawing.edit`; the area of the beam by default.
        """
        drawing, picture = self.drawing, self.wait()
        planes = drawing.planes(picture.plane_number, self._state["planes"])
        least = self.beam_pixels(picture) if area is None else area
        drawing.edit(action, planes, plane=picture.plane_number, pixels=pixels, area=least or 0.0)

    @staticmethod
    def beam_pixels(picture: Picture) -> float | None:
        """Give the area of the beam of a plane.

        Parameters
        ----------
        picture : Picture
            The plane.

        Returns
        -------
        float or None
            Pixels; None where it is not known.
        """
        beam, sky = picture.image.beam(picture.channel, picture.stokes), picture.image.celestial
        return None if beam is None or sky is None else beam.area_pixels(sky)

    def statistics(self, of: str, ident: str = "") -> dict[str, Any]:
        """Work out statistics of the plane that is shown.

        Parameters
        ----------
        of, ident
            As for `dsa110_vis.view.mask_numbers.statistics`.

        Returns
        -------
        dict
            The same.
        """
        return mask_numbers.statistics(self.state, self.wait(), self.drawing, of, ident)

    def write_mask(self) -> dict[str, Any]:
        """Save the mask beside the image, as what the image is: FITS or a CASA image.

        Returns
        -------
        dict
            ``path``, ``n_pixels`` and ``warning``.

        Raises
        ------
        OptionError
            If this viewer may not write, or the image is an array.
        OutputError
            If it cannot be written.
        """
        picture = self.wait()
        image = picture.image
        if not self._given.writes or not image.path:
            message = "The mask cannot be saved beside the image."
            raise OptionError(message, "Export it, or call save_mask(path) in Python.")
        path = Path(image.path)
        target = path.with_name(f"{path.stem}.mask" if image.kind == "CASA image" else f"{path.stem}.mask.fits")
        self.drawing.save_mask(target)
        n_pixels = self.drawing.count(picture.plane_number)
        self._emit("notice", {"level": "info", "text": f"The mask is saved: {target}"})
        return {"path": str(target), "n_pixels": n_pixels, "warning": ""}
