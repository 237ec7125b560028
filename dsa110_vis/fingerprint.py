"""The state of a casacore table on disk, found without casacore: by the names, sizes and times of its files."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["fingerprint"]


def fingerprint(path: Path, parts: Iterable[Path] = ()) -> str:
    """Identify the state of a table on disk by the names, sizes and modification times of its files.

    The lock file is left out: other readers touch it.

    Parameters
    ----------
    path : pathlib.Path
        Folder of the table.
    parts : iterable of pathlib.Path
        Folders of other tables of which it consists, if it is a selection from them or joins them.

    Returns
    -------
    str
        32 hexadecimal digits, which change when the table or one of its sub-tables is modified.
    """
    state = hashlib.blake2b(os.fsencode(path), digest_size=16)
    for table in (path, *parts):
        folders = sorted(child for child in table.iterdir() if child.is_dir()) if table.is_dir() else []
        for folder in (table, *folders):
            for file in sorted(folder.glob("table.*")):
                if file.name != "table.lock" and file.is_file():
                    status = file.stat()
                    name = f"{table.name}/{folder.name}/{file.name}"
                    state.update(os.fsencode(f"{name}:{status.st_size}:{status.st_mtime_ns};"))
    return state.hexdigest()
