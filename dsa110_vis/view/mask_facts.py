"""Images and their planes as viewers are told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsa110_vis.image import FRAMES

if TYPE_CHECKING:
    from dsa110_vis.image import Image
    from dsa110_vis.view.image_reader import ImageReader, Picture

__all__ = ["channel_label", "described_image", "described_second"]

TILE = 256


def _celestial(image: Image) -> dict[str, Any] | None:
    sky = image.celestial
    if sky is None:
        return None
    return {
        "frame": sky.frame,
        "projection": sky.projection,
        "equinox": sky.equinox,
        "rotation": sky.rotation,
        "mirrored": sky.mirrored,
        "scale_arcsec": 3600 * float(sky.pixel_scale((image.nx - 1) / 2, (image.ny - 1) / 2)[1]),
    }


def _beam(picture: Picture) -> dict[str, Any] | None:
    image = picture.image
    beam = image.beam(picture.channel, picture.stokes)
    if beam is None:
        return None
    found = {
        "major_arcsec": 3600 * beam.major_deg,
        "minor_arcsec": 3600 * beam.minor_deg,
        "pa_deg": beam.pa_deg,
        "a_px": None,
        "b_px": None,
        "angle_deg": None,
        "area_px": None,
    }
    if image.celestial is not None:
        middle = (image.nx - 1) / 2, (image.ny - 1) / 2
        a, b, angle = beam.ellipse(image.celestial, *middle)
        found |= {"a_px": a, "b_px": b, "angle_deg": angle, "area_px": beam.area_pixels(image.celestial)}
    return found


def channel_label(image: Image, channel: int) -> str:
    """Say what a channel is.

    Parameters
    ----------
    image : Image
        The image.
    channel : int
        Its number.

    Returns
    -------
    str
        Its frequency or velocity; empty where that is not known.
    """
    return "" if image.spectral is None else str(image.spectral.label(channel))


def described_image(picture: Picture, generation: int, title: str) -> dict[str, Any]:
    """Describe a plane.

    Parameters
    ----------
    picture : Picture
        The plane.
    generation : int
        Number of the image.
    title : str
        Its title.

    Returns
    -------
    dict
        The data of the event ``image``.
    """
    image = picture.image
    longest = max(image.nx, image.ny)
    return {
        "generation": generation,
        "nx": image.nx,
        "ny": image.ny,
        "plane": picture.plane_number,
        "n_channels": image.n_channels,
        "n_stokes": image.n_stokes,
        "stokes": list(image.stokes),
        "channel_label": channel_label(image, picture.channel),
        "stokes_label": image.stokes[picture.stokes] if image.n_stokes > 1 or image.stokes[0] else "",
        "unit": image.unit,
        "quantity": "Intensity",
        "limits": list(picture.limits),
        "sigma": picture.sigma,
        "levels": max(0, (longest - 1) // TILE).bit_length() + 1,
        "tile": TILE,
        "celestial": _celestial(image),
        "frames": [*(() if image.celestial is None else FRAMES), "pixel"],
        "beam": _beam(picture),
        "blank": picture.blank,
        "object": str(image.describe().get("object") or ""),
        "title": title,
    }


def described_second(reader: ImageReader, picture: Picture) -> dict[str, Any]:
    """Describe the image that another is compared with.

    Parameters
    ----------
    reader : ImageReader
        Has both open.
    picture : Picture
        What is shown of the first.

    Returns
    -------
    dict
        The data of the event ``compare``.
    """
    other = reader.compared
    assert other is not None  # noqa: S101  asked before
    return {
        "name": other.name,
        "path": other.path,
        "unit": other.unit,
        "same_grid": reader.same_grid(picture),
        "celestial": _celestial(other),
    }
