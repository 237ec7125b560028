"""Masks, convergence and images of a session, brought over in parts that a message takes and put together again."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from dsa110_vis.clean.engine import ImageField
from dsa110_vis.errors import SessionStateError
from dsa110_vis.view.clean_packing import columns_of, parts_of
from dsa110_vis.view.protocol import DOWN_BYTES, UP_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from dsa110_vis.clean.parameters import Parameters
    from dsa110_vis.view.protocol import Reply

__all__ = ["fetch_convergence", "fetch_image", "fetch_masks", "image_fields", "is_whole", "send_masks"]

TRIES = 5
"""How often something is fetched that changes while it comes."""
PIXELS = DOWN_BYTES // 4


class Request(Protocol):
    """As `SessionHost.request`."""

    def __call__(self, op: str, params: Mapping[str, Any] | None = ..., buffers: Sequence[Any] = ...) -> Reply:
        """Ask, and wait for the answer."""


def is_whole(source: Any) -> bool:
    """Tell whether something is a mask for each field already.

    Parameters
    ----------
    source : object
        A source of masks.

    Returns
    -------
    bool
        True for a list of arrays of bool with four axes.
    """
    return (
        isinstance(source, list | tuple)
        and len(source) > 0
        and all(isinstance(mask, np.ndarray) and mask.ndim == 4 and mask.dtype == np.bool_ for mask in source)
    )


def image_fields(
    imagenames: Sequence[str], shapes: Sequence[Sequence[int]], parameters: Parameters
) -> list[ImageField]:
    """Say what images a session has.

    Parameters
    ----------
    imagenames : sequence of str
        Their paths without endings.
    shapes : sequence of sequence of int
        The shapes of their masks.
    parameters : Parameters
        Of the session.

    Returns
    -------
    list of ImageField
        The images.

    Raises
    ------
    SessionStateError
        If there are none yet.
    """
    if not imagenames or len(imagenames) != len(shapes):
        message = "The session has no images yet that a mask could be for."
        raise SessionStateError(message, "Wait for the dirty image.")
    fields = []
    for name, (n_stokes, n_channels, ny, nx) in zip(imagenames, shapes, strict=True):
        letters = len(parameters.stokes) // n_stokes  # "IQUV" has one each, "RRLL" two
        stokes = tuple(parameters.stokes[at * letters : (at + 1) * letters] for at in range(n_stokes))
        fields.append(ImageField(name, (n_stokes, n_channels, ny, nx), stokes, parameters.terms))
    return fields


def fetch_masks(request: Request) -> tuple[list[list[int]], bytes]:
    """Fetch the clean masks.

    Parameters
    ----------
    request : callable
        Asks the session.

    Returns
    -------
    shapes : list of list of int
        As `pack_masks` gives them.
    data : bytes
        The same.
    """
    first = request("masks")
    found = _result(first)
    others = (request("part", {"token": found["token"], "index": index}) for index in range(1, found["parts"]))
    return found["shapes"], b"".join(bytes(reply.buffers[0]) for reply in (first, *others))


def send_masks(request: Request, shapes: list[list[int]], data: bytes) -> None:
    """Send masks.

    Parameters
    ----------
    request : callable
        Asks the session.
    shapes, data
        As `pack_masks` gives them.
    """
    parts, token = list(parts_of(data, UP_BYTES)), uuid.uuid4().hex
    for number, part in enumerate(parts):
        request("set_masks", {"shapes": shapes, "token": token, "part": number, "parts": len(parts)}, [part])


def fetch_convergence(request: Request) -> pd.DataFrame:
    """Fetch the convergence record.

    Parameters
    ----------
    request : callable
        Asks the session.

    Returns
    -------
    pandas.DataFrame
        The record.

    Raises
    ------
    SessionStateError
        If it changes faster than it comes.
    """
    for _ in range(TRIES):
        pages = list(_pages(request))
        if len({(page["rows"], page["cycle"]) for page, _ in pages}) == 1:
            frames = [pd.DataFrame(columns_of(page, buffers)) for page, buffers in pages]
            return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    message = "The convergence record changes faster than it can be read."
    raise SessionStateError(message, "Ask again.")


def _pages(request: Request) -> Iterator[tuple[dict[str, Any], Sequence[Any]]]:
    at, rows = 0, 1
    while at < rows:
        reply = request("convergence", {"start": at})
        page = _result(reply)
        yield page, reply.buffers
        rows = page["rows"]
        at += max(page["count"], 1)


def fetch_image(request: Request, which: Mapping[str, Any]) -> npt.NDArray[np.float32]:
    """Fetch a plane of an image.

    Parameters
    ----------
    request : callable
        Asks the session.
    which : mapping
        ``name``, ``field``, ``term``, ``stokes`` and ``channel``.

    Returns
    -------
    ndarray of float32, shape (ny, nx)
        The plane.

    Raises
    ------
    SessionStateError
        If it changes faster than it comes.
    """
    for _ in range(TRIES):
        size = _result(request("image", {**which, "width": 1, "height": 1}))
        plane = np.empty((size["ny"], size["nx"]), dtype=np.float32)
        whole = True
        for x, y, width, height in _windows(size["nx"], size["ny"]):
            reply = request("image", {**which, "x": x, "y": y, "width": width, "height": height})
            whole = _result(reply)["fingerprint"] == size["fingerprint"]
            if not whole:
                break
            values = np.frombuffer(reply.buffers[0], dtype="<f4")
            plane[y : y + height, x : x + width] = values.reshape(height, width)
        if whole:
            return plane
    message = f"The {which['name']} changes faster than it can be read."
    raise SessionStateError(message, "Ask again.")


def _windows(nx: int, ny: int) -> Iterator[tuple[int, int, int, int]]:
    width = min(nx, PIXELS)
    height = max(PIXELS // width, 1)
    for y in range(0, ny, height):
        for x in range(0, nx, width):
            yield x, y, min(width, nx - x), min(height, ny - y)


def _result(reply: Reply) -> dict[str, Any]:
    return reply.result or {}
