"""Which folders may be read: paths relative to Jupyter's root, and absolute ones under folders that the operator named.

The path is decoded once, by the web server, and taken literally here. Both sides are compared as real paths, so that a
link counts as what it points to. What lies outside is refused in the same words whether it exists or not.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

from dsa110_vis.errors import NotAMeasurementSetError, UnreadableError
from dsa110_vis.server.errors import ForbiddenPathError, NothingThereError, PathError

__all__ = ["PathPolicy"]

MOST_BYTES = 4096
MOST_NAME_BYTES = 255


@dataclass(frozen=True)
class PathPolicy:
    """What the server serves.

    Attributes
    ----------
    root : str
        The folder that Jupyter shows.
    data_roots : tuple of str
        Further folders, by absolute paths.
    allow_hidden : bool
        Whether names that begin with a dot are served.
    """

    root: str
    data_roots: tuple[str, ...] = ()
    allow_hidden: bool = False

    def resolve(self, asked: str, *, files: bool = False) -> str:
        """Find the folder, or the file, for a path.

        Parameters
        ----------
        asked : str
            Relative to the root, or absolute; decoded.
        files : bool
            Whether it may be a file too: an image can be, a table cannot.

        Returns
        -------
        str
            The real path of a folder, or a file, that exists and may be read.

        Raises
        ------
        PathError
            If no file can have this path.
        ForbiddenPathError
            If it leads out of what is served.
        NothingThereError
            If there is nothing, or it is hidden.
        NotAMeasurementSetError
            If it is a file, and may not be.
        UnreadableError
            If it cannot be looked at.
        """
        names = self._names(asked)
        roots = [self.root, *self.data_roots]
        real_roots = [os.path.realpath(root) for root in roots]
        if asked.startswith("/"):
            path = "/" + "/".join(names)
            if not any(_inside(path, root) for root in (*map(os.path.abspath, roots), *real_roots)):
                raise self._outside(asked)  # and nothing was looked at
        else:
            path = os.path.join(real_roots[0], *names)  # noqa: PTH118  a Path would drop what is asked about
        real = os.path.realpath(path)
        homes = [root for root in real_roots if _inside(real, root)]
        if not homes:
            raise self._outside(asked)
        below = min((os.path.relpath(real, root) for root in homes), key=len)
        if not self.allow_hidden and any(_hidden(name) for name in (*names, *below.split("/"))):
            raise _nothing(asked)
        _check_kind(real, asked, files=files)
        return real

    def _names(self, asked: str) -> list[str]:
        try:
            size = len(os.fsencode(asked))
        except UnicodeEncodeError:
            size = 0
        if not size and asked:
            message = "The path has characters in it that no path can have."
            raise PathError(message, "Encode it as UTF-8, and then in per cent.")
        if "\0" in asked:
            message = "The path has a NUL in it."
            raise PathError(message, "No file can have such a name.")
        names = [name for name in asked.split("/") if name not in ("", ".")]
        if size > MOST_BYTES or any(len(os.fsencode(name)) > MOST_NAME_BYTES for name in names):
            message = "The path is too long."
            raise PathError(message, f"At most {MOST_BYTES} bytes, and {MOST_NAME_BYTES} for each name.")
        if ".." in names:
            raise self._outside(asked)
        return names

    def _outside(self, asked: str) -> ForbiddenPathError:
        message = f"{_shown(asked)} is not in a folder that this server serves."
        allowed = "Allowed: paths relative to the folder that Jupyter shows"
        if self.data_roots:
            return ForbiddenPathError(message, f"{allowed}, and absolute ones under {', '.join(self.data_roots)}.")
        return ForbiddenPathError(message, f"{allowed}; the operator can name others (Dsa110VisApp.data_roots).")


def _inside(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")


def _hidden(name: str) -> bool:
    return name.startswith(".") and name not in (".", "..")


def _shown(asked: str) -> str:
    text = repr(asked)
    return text if len(text) <= 200 else f"{text[:199]}..."


def _nothing(asked: str) -> NothingThereError:
    return NothingThereError(f"There is nothing at {_shown(asked)}.", "Check the path.")


def _check_kind(real: str, asked: str, *, files: bool) -> None:
    try:
        mode = os.stat(real).st_mode  # noqa: PTH116
    except (FileNotFoundError, NotADirectoryError):
        raise _nothing(asked) from None
    except OSError as error:
        message = f"{_shown(asked)} cannot be looked at: {error.strerror}."
        raise UnreadableError(message, "Check the permissions of the folders on the way to it.") from None
    if files and stat.S_ISREG(mode):
        return
    if not stat.S_ISDIR(mode):
        message = f"{_shown(asked)} is a file, not a Measurement Set."
        raise NotAMeasurementSetError(message, "A Measurement Set is a folder, usually called something.ms.")
