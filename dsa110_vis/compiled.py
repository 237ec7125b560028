"""Numba's compiler as this package uses it: without the interpreter's lock, and with a cache that notices upgrades."""

from __future__ import annotations

import functools
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["compiler"]


def compiler(file: str) -> Callable[..., Callable[[Any], Any]]:
    """Make the decorator for the compiled functions of a package.

    Numba itself looks only at size and time of a function's own file, which installing may leave as they were, not at
    those of what is inlined. So the code of the whole package is in the names under which it keeps compiled functions.

    Parameters
    ----------
    file : str
        A file of the package: ``__file__``.

    Returns
    -------
    callable
        To be called ``compiled``. Of its keywords, ``fastmath`` lets sums be taken in any order and assumes that there
        is no NaN and no infinity; ``inner`` (the default) is for functions that are called by compiled functions only:
        these get no wrappers for Python, which take as long to compile as the functions, and need no cache.
    """
    sources = _sources(Path(file).parent)

    def compiled(*, fastmath: bool = False, inner: bool = True) -> Callable[[Any], Any]:
        options: dict[str, Any] = {"nogil": True, "fastmath": fastmath}
        options |= {"no_cpython_wrapper": True, "no_cfunc_wrapper": True} if inner else {"cache": True}
        decorator: Callable[[Any], Any] = njit(**options)

        def compile_later(function: Any) -> Any:
            if not inner:
                function.__qualname__ += f"-{sources}"
            return decorator(function)

        return compile_later

    return compiled


@functools.cache
def _sources(folder: Path) -> str:
    return f"{zlib.crc32(b''.join(path.read_bytes() for path in sorted(folder.glob('*.py')))):08x}"
