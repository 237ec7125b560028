"""Opening casacore tables safely: typed errors, never a blocking lock, one guard per table, nothing ever written.

python-casacore holds the interpreter's lock (GIL) during every call, so long work is cut into short calls; and two
objects on one path share one table in C++, which is not thread-safe, so the guard belongs to the path.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from casacore import tables as casacore_tables

from dsa110_vis.errors import (
    MeasurementSetEmptyError,
    MeasurementSetLockedError,
    MeasurementSetNotFoundError,
    NotAMeasurementSetError,
    UnreadableError,
)
from dsa110_vis.fingerprint import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MainTable", "fingerprint", "open_table"]

_HINT_NOT_MS = "Give the folder of a Measurement Set, usually called something.ms."
_HINT_UNREADABLE = "A part of the table is missing or damaged: copy or make the Measurement Set again."


@dataclass(frozen=True, slots=True)
class Kind:
    """What a table has to be.

    Attributes
    ----------
    name : str
        What it is called, with its article.
    columns, subtables : tuple of str
        What it has to have.
    hint : str
        What to do if it is something else.
    """

    name: str
    columns: tuple[str, ...]
    subtables: tuple[str, ...]
    hint: str


MEASUREMENT_SET = Kind(
    "a Measurement Set",
    ("ANTENNA1", "ANTENNA2", "DATA_DESC_ID", "FIELD_ID", "SCAN_NUMBER", "TIME"),
    ("ANTENNA", "DATA_DESCRIPTION", "FIELD", "OBSERVATION", "POLARIZATION", "SPECTRAL_WINDOW"),
    _HINT_NOT_MS,
)


class _Guard:
    """The casacore table of a path, which all who use the path in this process share, and the lock that guards it."""

    def __init__(self, path: Path) -> None:
        self.lock = threading.RLock()
        self.generation = 0
        self._path = path
        self._users = 0
        self._table: Any = None

    @property
    def table(self) -> Any:
        if self._table is None:
            self._table = open_table(self._path)
        return self._table

    def join(self) -> None:
        self._users += 1

    def leave(self) -> None:
        self._users -= 1
        if self._users == 0:
            self._table = None

    def forget(self) -> None:
        """Let go of a table whose structure has changed on disk; casacore only sees that in a table opened anew."""
        self._table = None
        self.generation += 1


_guards: weakref.WeakValueDictionary[str, _Guard] = weakref.WeakValueDictionary()
_guards_lock = threading.Lock()


def _guard_of(path: Path) -> _Guard:
    key = os.path.realpath(path)
    with _guards_lock:
        guard = _guards.get(key)
        if guard is None:
            guard = _Guard(path)
            _guards[key] = guard
        return guard


def open_table(path: str | os.PathLike[str]) -> Any:
    """Open a casacore table for reading, without taking or waiting for any lock.

    It is closed when the last reference to it goes: its ``close`` would also let go of a lock that other code of this
    process holds on the same table. casacore makes a lock file where there is none; that one is removed again.

    Parameters
    ----------
    path : str or os.PathLike
        An absolute path; it is taken literally.

    Returns
    -------
    casacore.tables.table
        The open table.

    Raises
    ------
    UnreadableError
        If casacore cannot open it; its message is kept.
    """
    lock_file = Path(path) / "table.lock"
    had_lock_file = lock_file.exists()
    try:
        return casacore_tables.table(os.fspath(path), ack=False, readonly=True, lockoptions="usernoread")
    except (RuntimeError, UnicodeEncodeError) as error:
        message = f"{Path(path).name!r} cannot be opened: {_plain(error)}."
        raise UnreadableError(message, _HINT_UNREADABLE) from error
    finally:
        if not had_lock_file:
            lock_file.unlink(missing_ok=True)


def _plain(error: BaseException) -> str:
    return " ".join(str(error).split()).rstrip(".")


def _check_path(path: Path) -> None:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        parent = path.parent
        hint = f"The folder {str(parent)!r} exists: check the name." if parent.is_dir() else "Check the path."
        message = f"There is nothing at {str(path)!r}."
        raise MeasurementSetNotFoundError(message, hint) from error
    except OSError as error:
        message = f"{str(path)!r} cannot be looked at: {error.strerror or error}."
        raise UnreadableError(message, "Check the permissions of the folders on the way to it.") from error
    if not path.is_dir():
        message = f"{path.name!r} is a file, not a Measurement Set."
        raise NotAMeasurementSetError(message, "A Measurement Set is a folder. " + _HINT_NOT_MS)
    try:
        description = (path / "table.dat").stat()
    except FileNotFoundError as error:
        message = f"{path.name!r} is a folder without a casacore table in it."
        raise NotAMeasurementSetError(message, _HINT_NOT_MS) from error
    except OSError as error:
        message = f"{path.name!r} cannot be read: {error.strerror or error}."
        raise UnreadableError(message, "Check the permissions of the folder.") from error
    if description.st_size == 0:
        message = f"{path.name!r} cannot be opened: its file table.dat is empty."
        raise UnreadableError(message, _HINT_UNREADABLE)
    if not os.access(path / "table.dat", os.R_OK):
        message = f"{path.name!r} cannot be read: permission denied."
        raise UnreadableError(message, "Ask the owner for permission to read it.")


class MainTable:
    """The open main table of a Measurement Set and the guard that makes its use by several threads safe.

    Parameters
    ----------
    path : pathlib.Path
        Absolute path of the Measurement Set.
    lock_timeout : float
        How long to try again while another process holds a write lock, in seconds.
    kind : Kind
        What it has to be.
    """

    def __init__(self, path: Path, lock_timeout: float = 5.0, kind: Kind = MEASUREMENT_SET) -> None:
        self.path = path
        self._kind = kind
        self._lock_timeout = lock_timeout
        _check_path(path)
        self._guard = _guard_of(path)
        self._open = True
        with self._guard.lock:
            self._guard.join()
            self._generation = self._guard.generation
        try:
            self.wait_for_writer(opening=True)
            with self.use() as table:
                self._check_kind(table)
                self.n_rows = int(table.nrows())
                parts = {Path(str(name)) for name in table.partnames(recursive=True)}
            self.parts = tuple(sorted(parts - {path}))
            self._check_has_rows()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the table; closing twice does nothing."""
        with self._guard.lock:
            if self._open:
                self._open = False
                self._guard.leave()

    @contextlib.contextmanager
    def use(self) -> Iterator[Any]:
        """Give the casacore table to one thread at a time, and turn casacore's errors into typed ones.

        Yields
        ------
        casacore.tables.table
            The table; it must not be kept.

        Raises
        ------
        UnreadableError
            If the table is closed, has got another structure, or if casacore fails; its message is kept.
        """
        with self._guard.lock:
            if not self._open:
                message = f"{self.path.name!r} has been closed."
                raise UnreadableError(message, "Open it again with MeasurementSet(path).")
            if self._generation != self._guard.generation:
                self._refuse_changed()
            try:
                yield self._guard.table
            except RuntimeError as error:
                message = f"{self.path.name!r} cannot be read: {_plain(error)}."
                raise UnreadableError(message, _HINT_UNREADABLE) from error

    @contextlib.contextmanager
    def subtable(self, name: str) -> Iterator[Any]:
        """Open a sub-table for a short while.

        Parameters
        ----------
        name : str
            Name of the keyword that points to it, for example ``"ANTENNA"``.

        Yields
        ------
        casacore.tables.table
            The open sub-table; it must not be kept.

        Raises
        ------
        UnreadableError
            If it is missing or damaged; casacore's message is kept.
        """
        with self.use() as table:
            target = str(table.getkeyword(name)).removeprefix("Table: ")
            yield open_table(target)

    def wait_for_writer(self, *, opening: bool = False) -> None:
        """Make sure that no other process holds a write lock, trying again with growing pauses; see what it wrote.

        The test takes a read lock without waiting and lets go of it at once; it writes nothing.

        Parameters
        ----------
        opening : bool
            Whether the table is just being opened, and may have any structure.

        Raises
        ------
        MeasurementSetLockedError
            If the lock is still held after the time-out.
        UnreadableError
            If rows or columns were added or removed since the table was opened.
        """
        deadline = time.monotonic() + self._lock_timeout
        pause = 0.05
        while True:
            state = self._try_lock()
            if state == "changed":
                with self._guard.lock:
                    self._guard.forget()
                    if not opening:
                        self._refuse_changed()
                    # Others in this process have had the table open since before the change.
                    self._generation = self._guard.generation
                state = self._try_lock()
            if state == "free":
                return
            left = deadline - time.monotonic()
            if left <= 0:
                break
            time.sleep(min(pause, left))
            pause = min(pause * 2, 1.0)
        message = f"{self.path.name!r} is locked: another process is writing to it."
        hint = (
            f"It did not let go within {self._lock_timeout:g} s. Wait for it to end, or close the table there "
            "(in CASA: ms.close(), tb.close())."
        )
        raise MeasurementSetLockedError(message, hint)

    def _try_lock(self) -> Literal["free", "held", "changed"]:
        with self.use() as table:
            if table.haslock(write=False):
                return "free"
            try:
                table.lock(write=False, nattempts=1)
            except RuntimeError as error:
                if "cannot sync" not in str(error):
                    raise
                return "changed"
            if not table.haslock(write=False):
                return "held"
            table.unlock()
            return "free" if getattr(self, "n_rows", table.nrows()) == table.nrows() else "changed"

    def _refuse_changed(self) -> NoReturn:
        message = f"Rows or columns of {self.path.name!r} were added or removed since it was opened."
        raise UnreadableError(message, "Close it and open it again with MeasurementSet(path).")

    def _check_has_rows(self) -> None:
        if self.n_rows == 0:
            message = f"{self.path.name!r} is empty: its main table has no rows."
            raise MeasurementSetEmptyError(message, "Nothing was written into it yet, or everything was selected away.")

    def _check_kind(self, table: Any) -> None:
        columns = set(table.colnames())
        keywords = set(table.keywordnames())
        missing_columns = [name for name in self._kind.columns if name not in columns]
        missing_subtables = [name for name in self._kind.subtables if name not in keywords]
        if not missing_columns and not missing_subtables:
            return
        kind = str(table.info().get("type", "")).strip()
        what = f"a casacore table of type {kind!r}" if kind else "a casacore table"
        parts = []
        if missing_columns:
            parts.append("the columns " + ", ".join(missing_columns))
        if missing_subtables:
            parts.append("the sub-tables " + ", ".join(missing_subtables))
        message = f"{self.path.name!r} is {what}, not {self._kind.name}: it lacks {' and '.join(parts)}."
        raise NotAMeasurementSetError(message, self._kind.hint)
