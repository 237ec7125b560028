"""Files that are there whole or not at all, and that can be told from damaged ones."""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsa110_vis.errors import CheckpointError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PART", "WrittenFile", "checksum", "flush_folder", "read_whole", "write_whole"]

PART = ".part"
"""What the name of a file ends in while it is written."""


@dataclass(frozen=True)
class WrittenFile:
    """What is known of a file, to find it again as it was.

    Attributes
    ----------
    name : str
        Its name.
    size : int
        Its length in bytes.
    checksum : str
        Of its content.
    """

    name: str
    size: int
    checksum: str


def checksum(content: bytes) -> str:
    """Give a checksum.

    Parameters
    ----------
    content : bytes
        Of what.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def write_whole(folder: Path, name: str, content: bytes) -> WrittenFile:
    """Write a file under another name, wait for the disk, and give it its name.

    Parameters
    ----------
    folder : pathlib.Path
        Where; `flush_folder` makes the name last.
    name : str
        Its name; a file that has it is replaced.
    content : bytes
        What is in it.

    Returns
    -------
    WrittenFile
        What `read_whole` needs.

    Raises
    ------
    OSError
        If it cannot be written; then nothing has changed.
    """
    part = folder / f"{name}{PART}"
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / name)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    return WrittenFile(name, len(content), checksum(content))


def flush_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where its file system can say so.

    Parameters
    ----------
    folder : pathlib.Path
        The folder.
    """
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read_whole(folder: Path, file: WrittenFile) -> bytes:
    """Read a file, if it is as it was written.

    Parameters
    ----------
    folder : pathlib.Path
        Where.
    file : WrittenFile
        What `write_whole` gave.

    Returns
    -------
    bytes
        Its content.

    Raises
    ------
    CheckpointError
        If it is not there, cannot be read, or is another.
    """
    path = folder / file.name
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}."
        raise CheckpointError(message) from None
    if len(content) != file.size:
        message = f"{path} is damaged: it has {len(content)} bytes and was written with {file.size}."
        raise CheckpointError(message)
    if checksum(content) != file.checksum:
        message = f"{path} is damaged: its checksum is another than when it was written."
        raise CheckpointError(message)
    return content
