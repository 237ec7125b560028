"""Checks of the place where the images go: free names, a folder to write to, room on disk and in memory."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from dsa110_vis.clean.checkpoints import INDEX
from dsa110_vis.clean.parameter_values import refuse, shown
from dsa110_vis.clean.room import disk_bytes, memory_bytes, memory_limit
from dsa110_vis.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsa110_vis.clean.parameters import Parameters

__all__ = ["PRODUCTS", "check_free", "check_inputs", "check_names", "check_room", "taken_names"]

PRODUCTS = frozenset({
    "image", "residual", "model", "psf", "pb", "mask", "sumwt", "weight", "alpha", "beta", "session", "workdirectory",
    "gridwt", "cf",
})  # fmt: skip
"""What follows the image name in the names of a session's images, folders among them."""

_FULL = 0.9


def taken_names(imagename: str) -> list[str]:
    """List what is on disk of an earlier image of a name.

    Parameters
    ----------
    imagename : str
        Absolute path without an ending.

    Returns
    -------
    list of str
        Names in the folder, sorted. A session's folder counts when it says what is in it: one that does not is of a
        session that ended before it had begun.

    Raises
    ------
    OSError
        If the folder cannot be listed.
    """
    path = Path(imagename)
    prefix = f"{path.name}."
    names = [entry.name for entry in os.scandir(path.parent) if entry.name.startswith(prefix)]
    names = [name for name in names if name[len(prefix) :].partition(".")[0].partition("_")[0] in PRODUCTS]
    begun = (path.parent / f"{prefix}session" / INDEX).exists()
    return sorted(name for name in names if begun or name != f"{prefix}session")


def check_names(images: Sequence[Parameters], *, resume: bool) -> None:
    """Check that the names of the images are free, and their folders can be written to.

    Parameters
    ----------
    images : sequence of Parameters
        Those of the main image, then of each outlier.
    resume : bool
        Whether a session of this name is to be gone on with.

    Raises
    ------
    ParameterError
        If a name is taken, or there is nothing to be resumed, or the folder cannot be used.
    """
    names = [image.imagename for image in images]
    for image in images:
        name = image.imagename
        if not name:
            message = "imagename is not given."
            raise ParameterError(message, "Give a path without an ending: folder/name.", key="imagename")
        if names.count(name) > 1:
            refuse("imagename", name, "Allowed: a name of its own for each image of the outlier file.")
        folder = Path(name).parent
        if not folder.is_dir():
            refuse("imagename", name, f"Allowed: a path in a folder that is there. Make the folder first: {folder}.")
        _check_writing(name, folder)
        if len(os.fsencode(Path(name).name)) > 200:
            refuse("imagename", name, "Allowed: up to 200 bytes after the last slash.")
        if not resume:
            check_free([name])
    if resume and not Path(f"{names[0]}.session").is_dir():
        message = f"imagename cannot be {shown(names[0])}: there is no session of this name to be resumed."
        raise ParameterError(message, "Give the name of a session, or start one without resume.", key="imagename")


def check_free(imagenames: Sequence[str]) -> None:
    """Check that there is nothing yet of some image names.

    Parameters
    ----------
    imagenames : sequence of str
        Absolute paths without an ending.

    Raises
    ------
    ParameterError
        If there is.
    """
    for name in imagenames:
        if taken := taken_names(name):
            message = (
                f"imagename cannot be {shown(name)}: {', '.join(taken[:3])}{' ...' if len(taken) > 3 else ''} exist."
            )
            raise ParameterError(message, "Give another name, or resume the session of this one.", key="imagename")


def check_inputs(parameters: Parameters) -> None:
    """Check that mask and start model are images.

    Parameters
    ----------
    parameters : Parameters
        What is to be imaged.

    Raises
    ------
    ParameterError
        If something else is there, or nothing.
    """
    for name in ("mask", "startmodel"):
        given = getattr(parameters, name)
        for path in given if isinstance(given, list) else [given]:
            if path and not _is_image(Path(path)):
                advice = "Regions become a mask of pixels with masks_from." if name == "mask" else ""
                refuse(name, path, f"Allowed: the path of a CASA image or a FITS image. {advice}".strip())


def check_room(images: Sequence[Parameters], channels: int, *, resume: bool) -> list[str]:
    """Check the estimates of disk and memory against what is free.

    Parameters
    ----------
    images : sequence of Parameters
        Those of the main image, then of each outlier.
    channels : int
        Channels of a cube, where `nchan` leaves them to the data.
    resume : bool
        Whether the images are there already.

    Returns
    -------
    list of str
        Warnings.

    Raises
    ------
    ParameterError
        If there is not enough.
    """
    warnings = []
    folder = Path(images[0].imagename).parent
    disk, free = sum(disk_bytes(image, channels) for image in images), shutil.disk_usage(folder).free
    memory, limit = memory_bytes(images), memory_limit()
    if not resume:
        if disk > free:
            refuse(
                "imsize",
                images[0].imsize,
                f"Such images take about {_size(disk)}, and {folder} has {_size(free)} free: make them smaller.",
            )
        if disk > _FULL * free:
            warnings.append(f"The images take about {_size(disk)}, nearly all of the {_size(free)} free in {folder}.")
    if memory > limit.total:
        refuse(
            "imsize", images[0].imsize, f"CASA needs about {_size(memory)} of memory; there are {_size(limit.total)}."
        )
    if memory > _FULL * limit.free:
        warnings.append(f"CASA needs about {_size(memory)} of memory; {_size(limit.free)} of it are free now.")
    return warnings


def _check_writing(name: str, folder: Path) -> None:
    try:
        # Trying says more than permissions do: the disk may be full or mounted for reading only.
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        message = f"imagename cannot be {shown(name)}: {folder} cannot be written to: {error.strerror}."
        raise ParameterError(message, "Give a path in a folder that can be written to.", key="imagename") from error


def _is_image(path: Path) -> bool:
    if path.is_dir():
        return (path / "table.dat").is_file()
    try:
        with path.open("rb") as file:
            return file.read(6) == b"SIMPLE"
    except OSError:
        return False


def _size(count: float) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
