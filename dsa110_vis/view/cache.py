"""A cache that forgets what was not used for longest, bounded by bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["BytesCache"]

T = TypeVar("T")


class BytesCache(Generic[T]):
    """Keeps values by key until they take more than a number of bytes; safe to use from several threads.

    Parameters
    ----------
    limit : int
        How many bytes may be kept; can be changed later. The value put in last is always kept.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._kept: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """How many bytes are kept."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> T | None:
        """Look a value up, which makes it the one used last.

        Parameters
        ----------
        key : hashable
            What it was put in under.

        Returns
        -------
        object or None
            The value, or None if there is none.
        """
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def put(self, key: Hashable, value: T, nbytes: int) -> None:
        """Keep a value, and forget others if there is not room for all.

        Parameters
        ----------
        key : hashable
            What it can be found under.
        value : object
            The value.
        nbytes : int
            How many bytes it takes.
        """
        with self._lock:
            self._drop(key)
            self._kept[key] = (value, nbytes)
            self._bytes += nbytes
            while self._bytes > self.limit and len(self._kept) > 1:
                self._drop(next(iter(self._kept)))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    def _drop(self, key: Hashable) -> None:
        if key in self._kept:
            self._bytes -= self._kept.pop(key)[1]
