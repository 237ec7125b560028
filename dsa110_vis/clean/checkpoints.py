"""The checkpoints of a clean session on disk.

``session.json`` says what there is: facts, entries in the order they were made, where the session is. Beside it are
files that never change once they have their names: for each checkpoint a record (parameters and convergence rows), its
model and its mask; one that changed only one of the two shares the other with its parent. A checkpoint is there when
``session.json`` says so, which is written last. So a process that is killed, or a full disk, costs at most the
checkpoint it was writing.
"""

from __future__ import annotations

import contextlib
import copy
import gzip
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dsa110_vis.clean import arrays_file
from dsa110_vis.clean.session_file import pack_index, plain, read_index
from dsa110_vis.clean.whole_files import PART, WrittenFile, checksum, flush_folder, read_whole, write_whole
from dsa110_vis.errors import CheckpointError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dsa110_vis.clean.engine import Masks, Models

__all__ = ["INDEX", "Store"]

INDEX, BEGINNING = "session.json", "cycle-"
ARRAYS = ("model", "mask")
FEWEST = 2
"""So many of the newest checkpoints are never thinned."""


class Store:
    """The checkpoints of one session. One process writes, who holds the `SessionLock`; any may read.

    Parameters
    ----------
    folder : pathlib.Path
        The session's folder, with checkpoints in it: see `create` and `open`.
    index : dict
        What ``session.json`` says.
    limit_bytes : int
        How much all files together may take. Beyond it models and masks of old checkpoints are given up, so that those
        left lie the closer the newer they are; never those of the first, of the last two, of the current one and of
        its parent, even if these alone take more.
    """

    def __init__(self, folder: Path, index: dict[str, Any], *, limit_bytes: int) -> None:
        self._folder, self._index, self._limit = folder, index, limit_bytes

    @classmethod
    def create(
        cls, folder: Path, parameters: Mapping[str, Any], facts: Mapping[str, Any], *, limit_bytes: int = 2 << 30
    ) -> Store:
        """Begin a session.

        Parameters
        ----------
        folder : pathlib.Path
            The session's folder, which is made if it is not there.
        parameters : mapping
            All imaging parameters, as plain data.
        facts : mapping
            What else is worth knowing later, as plain data.
        limit_bytes : int
            How much all files together may take.

        Returns
        -------
        Store
            Without a checkpoint yet.

        Raises
        ------
        CheckpointError
            If the folder cannot be written to, or has checkpoints already.
        """
        begun: dict[str, Any] = {"parameters": dict(parameters), "facts": dict(facts), "current": None, "entries": []}
        index = json.loads(plain(begun))
        store = cls(folder, index, limit_bytes=limit_bytes)
        if (folder / INDEX).exists() and read_index(folder / INDEX)["entries"]:
            message = f"There is a session with checkpoints in {folder}."
            raise CheckpointError(message, "Resume it, choose another image name, or remove that folder.")
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise store._unwritten(error) from None
        store._put(index)
        return store

    @classmethod
    def open(cls, folder: Path, *, limit_bytes: int = 2 << 30) -> Store:
        """Take up a session.

        Parameters
        ----------
        folder : pathlib.Path
            The session's folder.
        limit_bytes : int
            How much all files together may take.

        Returns
        -------
        Store
            With the checkpoints that were complete.

        Raises
        ------
        CheckpointError
            If there is no session, or it is damaged or of a newer version.
        """
        return cls(folder, read_index(folder / INDEX), limit_bytes=limit_bytes)

    # -- what there is -------------------------------------------------------------------------------------------------

    @property
    def facts(self) -> dict[str, Any]:
        """What the session was begun with."""
        return copy.deepcopy(self._index["facts"])

    @property
    def current(self) -> int | None:
        """Id of the checkpoint that the session is at; None before the first, which nothing can be read of."""
        found: int | None = self._index["current"]
        return found

    @property
    def bytes(self) -> int:
        """How much the files of all checkpoints take together."""
        return _bytes_of(self._index["entries"])

    def entries(self) -> list[dict[str, Any]]:
        """Give all checkpoints in the order they were made.

        Returns
        -------
        list of dict
            What `add` was given, with ``id``, ``parent`` and ``kept``: whether model and mask are still there.
        """
        return [self.entry(ident) for ident in range(len(self._index["entries"]))]

    def entry(self, ident: int | None) -> dict[str, Any]:
        """Give a checkpoint.

        Parameters
        ----------
        ident : int
            Its id.

        Returns
        -------
        dict
            As one of `entries`.
        """
        made = self._made(ident)
        return {**copy.deepcopy(made["entry"]), "id": ident, "parent": made["parent"], "kept": _is_kept(made)}

    def path(self, ident: int | None) -> list[int]:
        """Give the way from the first checkpoint to another.

        Parameters
        ----------
        ident : int
            Id of the checkpoint.

        Returns
        -------
        list of int
            Ids, both ends among them.
        """
        self._made(ident)
        found: list[int] = []
        while ident is not None:
            found.append(ident)
            ident = self._made(ident)["parent"]
        return found[::-1]

    def children(self, ident: int | None) -> list[int]:
        """Give the checkpoints that were made from another.

        Parameters
        ----------
        ident : int
            Id of the checkpoint.

        Returns
        -------
        list of int
            Ids in the order they were made.
        """
        self._made(ident)
        return [number for number, made in enumerate(self._index["entries"]) if made["parent"] == ident]

    def load(self, ident: int | None) -> tuple[Models, Masks]:
        """Read model and mask of a checkpoint.

        Parameters
        ----------
        ident : int
            Id of the checkpoint.

        Returns
        -------
        models, masks
            One array a field, as they were given.

        Raises
        ------
        CheckpointError
            If they were thinned out, or their files are not as they were written; the hint names others.
        """
        made = self._made(ident)
        if not _is_kept(made):
            message = f"Model and mask of checkpoint {ident} are not kept any more."
            raise CheckpointError(message, self._others(ident))
        try:
            model, mask = (read_whole(self._folder, WrittenFile(**made["files"][kind])) for kind in ARRAYS)
        except CheckpointError as error:
            raise CheckpointError(error.message, self._others(ident)) from None
        return arrays_file.unpack_models(model), arrays_file.unpack_masks(mask)

    def parameters(self, ident: int | None = None) -> dict[str, Any]:
        """Give imaging parameters.

        Parameters
        ----------
        ident : int, optional
            Id of a checkpoint, for those it was made with; the present ones by default.

        Returns
        -------
        dict
            Plain data.
        """
        found: dict[str, Any] = self._index["parameters"] if ident is None else self._record(ident)["parameters"]
        return copy.deepcopy(found)

    def rows(self, ident: int) -> list[dict[str, Any]]:
        """Give the convergence rows of a checkpoint and of all on the way to it.

        Parameters
        ----------
        ident : int
            Id of the checkpoint.

        Returns
        -------
        list of dict
            As `add` got them, with the id of their ``checkpoint``.
        """
        return [{"checkpoint": number, **row} for number in self.path(ident) for row in self._record(number)["rows"]]

    # -- what changes it -----------------------------------------------------------------------------------------------

    def add(
        self,
        entry: Mapping[str, Any],
        models: Models | None,
        masks: Masks | None,
        rows: Sequence[Mapping[str, Any]],
    ) -> int:
        """Keep a checkpoint; its parent is the current one, and it is the current one afterwards.

        Parameters
        ----------
        entry : mapping
            What a list of checkpoints shows of it, as plain data. ``parameters`` are the present imaging parameters.
        models, masks
            One array a field; None for the same as the parent's.
        rows : sequence of mapping
            Convergence rows that it adds, as plain data.

        Returns
        -------
        int
            Its id.

        Raises
        ------
        CheckpointError
            If it cannot be written; then all is as it was before.
        """
        entries, parent = self._index["entries"], self.current
        ident = len(entries)
        shown = json.loads(plain(dict(entry)))
        parameters = shown.pop("parameters", self._index["parameters"])
        packed = {"record": gzip.compress(plain({"rows": list(rows), "parameters": parameters}), 1, mtime=0)}
        if models is not None:
            packed["model"] = arrays_file.pack_models(models)
        if masks is not None:
            packed["mask"] = arrays_file.pack_masks(masks)
        files = {} if parent is None else {k: file for k, file in entries[parent]["files"].items() if k in ARRAYS}
        if not {*files, *packed}.issuperset(ARRAYS):
            message = "A checkpoint needs a model and a mask, and there is no parent to take them from."
            raise CheckpointError(message)
        try:
            for kind, content in packed.items():
                if kind not in files or files[kind]["checksum"] != checksum(content):
                    ending = "json.gz" if kind == "record" else "npz"
                    files[kind] = asdict(write_whole(self._folder, f"{BEGINNING}{ident:05d}.{kind}.{ending}", content))
        except OSError as error:
            self._sweep()
            raise self._unwritten(error) from None
        flush_folder(self._folder)
        made = {"entry": shown, "parent": parent, "files": files}
        kept = _thinned([*entries, made], {0, ident, ident - FEWEST + 1, parent}, self._limit)
        self._put({**self._index, "parameters": parameters, "current": ident, "entries": kept})
        return ident

    def set_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Keep the present imaging parameters.

        Parameters
        ----------
        parameters : mapping
            All of them, as plain data.

        Raises
        ------
        CheckpointError
            If they cannot be written.
        """
        self._put({**self._index, "parameters": json.loads(plain(dict(parameters)))})

    def set_facts(self, facts: Mapping[str, Any]) -> None:
        """Keep other facts.

        Parameters
        ----------
        facts : mapping
            All of them, as plain data.

        Raises
        ------
        CheckpointError
            If they cannot be written.
        """
        self._put({**self._index, "facts": json.loads(plain(dict(facts)))})

    def set_current(self, ident: int) -> None:
        """Say which checkpoint the session is at.

        Parameters
        ----------
        ident : int
            Its id.

        Raises
        ------
        CheckpointError
            If there is none, its model and mask are not kept, or that cannot be written.
        """
        if not _is_kept(self._made(ident)):
            message = f"Model and mask of checkpoint {ident} are not kept any more."
            raise CheckpointError(message, self._others(ident))
        if ident != self.current:
            self._put({**self._index, "current": ident})

    # -- within --------------------------------------------------------------------------------------------------------

    def _made(self, ident: int | None) -> dict[str, Any]:
        entries: list[dict[str, Any]] = self._index["entries"]
        if not entries:
            message = f"The session in {self._folder} has no checkpoint yet."
            raise CheckpointError(message, "It ended before its first image was made: begin it anew.")
        if ident is None or not 0 <= ident < len(entries):
            message = f"There is no checkpoint {ident}."
            raise CheckpointError(message, f"There are {len(entries)}, counted from 0.")
        return entries[ident]

    def _record(self, ident: int) -> dict[str, Any]:
        content = read_whole(self._folder, WrittenFile(**self._made(ident)["files"]["record"]))
        found: dict[str, Any] = json.loads(gzip.decompress(content))
        return found

    def _others(self, ident: int | None) -> str:
        kept = [str(n) for n, made in enumerate(self._index["entries"]) if _is_kept(made) and n != ident]
        return f"Go to another one: {', '.join(kept)}." if kept else "Begin the session anew."

    def _put(self, index: dict[str, Any]) -> None:
        """Make an index the one that counts, on disk first, and give up the files that it does not name."""
        try:
            write_whole(self._folder, INDEX, pack_index(index))
        except OSError as error:
            self._sweep()
            raise self._unwritten(error) from None
        self._index = index
        flush_folder(self._folder)
        self._sweep()

    def _sweep(self) -> None:
        named = {file["name"] for made in self._index["entries"] for file in made["files"].values()}
        with contextlib.suppress(OSError):  # else the next time
            for path in self._folder.iterdir():
                if path.name not in named and (path.name.startswith(BEGINNING) or path.name.endswith(PART)):
                    path.unlink()

    def _unwritten(self, error: OSError) -> CheckpointError:
        count = len(self._index["entries"])
        if count and not self._folder.exists():
            message = f"The session's folder {self._folder} is not there any more."
            return CheckpointError(message, "Put it back and go on: what was done meanwhile is kept in memory.")
        last = f" The {count} before it are safe." if count else ""
        message = f"A checkpoint cannot be written in {self._folder}: {error.strerror or error}.{last}"
        return CheckpointError(message, "Make room on the disk or make the folder writable, and go on.")


def _is_kept(made: dict[str, Any]) -> bool:
    return all(kind in made["files"] for kind in ARRAYS)


def _bytes_of(entries: Sequence[dict[str, Any]]) -> int:
    """Add up the files of entries, each once."""
    return sum({file["name"]: file["size"] for made in entries for file in made["files"].values()}.values())


def _thinned(entries: list[dict[str, Any]], spared: set[int | None], limit: int) -> list[dict[str, Any]]:
    """Give up models and masks until the rest is within the limit, first where the gap left is small for its age."""
    entries = list(entries)
    kept = [number for number, made in enumerate(entries) if _is_kept(made)]
    while _bytes_of(entries) > limit:
        choice = [
            ((kept[at + 1] - kept[at - 1]) / (len(entries) - number), number)
            for at, number in enumerate(kept)
            if number not in spared
        ]
        if not choice:
            break
        number = min(choice)[1]
        kept.remove(number)
        files = {kind: file for kind, file in entries[number]["files"].items() if kind not in ARRAYS}
        entries[number] = {**entries[number], "files": files}
    return entries
