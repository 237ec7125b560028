"""The file that says what checkpoints a session has: JSON with a checksum of what is in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from dsa110_vis.clean.whole_files import checksum
from dsa110_vis.errors import CheckpointError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["VERSION", "pack_index", "plain", "read_index"]

FORMAT, VERSION = "dsa110_vis clean session", 1


def plain(value: Any) -> bytes:
    """Write plain data as JSON.

    Parameters
    ----------
    value : object
        Of dicts, lists, text and numbers; NumPy's numbers count as such, and NaN stays what it is.

    Returns
    -------
    bytes
        The same for the same data.

    Raises
    ------
    TypeError
        If it is no plain data.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_number).encode()


def _number(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    message = f"{type(value).__name__} is no plain data"
    raise TypeError(message)


def pack_index(index: dict[str, Any]) -> bytes:
    """Write what a session has.

    Parameters
    ----------
    index : dict
        Plain data.

    Returns
    -------
    bytes
        The file, for `read_index`.
    """
    content = plain(index)
    head = plain({"checksum": checksum(content), "format": FORMAT, "version": VERSION})
    return head[:-1] + b',"session":' + content + b"}\n"


def read_index(path: Path) -> dict[str, Any]:
    """Read what a session has.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    dict
        As it was given to `pack_index`.

    Raises
    ------
    CheckpointError
        If there is no such file, or it is damaged or of a newer version.
    """
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        message = f"There is no clean session in {path.parent}."
        raise CheckpointError(message, "Begin one, or check the image name.") from None
    except (OSError, ValueError) as error:
        raise _damaged(path, getattr(error, "strerror", None) or "it is no JSON") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT or not isinstance(found.get("version"), int):
        raise _damaged(path, "it is no list of checkpoints")
    if found["version"] > VERSION:
        message = f"{path} was written by a newer version of this package (format {found['version']})."
        raise CheckpointError(message, f"Use that version: this one reads formats up to {VERSION}.")
    index: dict[str, Any] = found.get("session", {})
    if checksum(plain(index)) != found.get("checksum"):
        raise _damaged(path, "its checksum is another than when it was written")
    return index


def _damaged(path: Path, why: str) -> CheckpointError:
    message = f"{path} is damaged: {why}."
    return CheckpointError(message, "Take it from a backup, or begin the session anew under another image name.")
