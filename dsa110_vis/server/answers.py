"""Answers that are kept: found again by what was asked, and good for as long as the Measurement Set has not changed."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsa110_vis._version import __version__
from dsa110_vis.fingerprint import fingerprint

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from dsa110_vis.server.workers import Workers

__all__ = ["Answers", "Held", "Question"]

MOST_PARTS_KNOWN = 4096


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes
    ----------
    method : str
        Of `dsa110_vis.rest.Desk`.
    path : str
        Real path of the Measurement Set.
    query : tuple of (str, tuple of str)
        The parameters in alphabetical order.
    """

    method: str
    path: str
    query: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(cls, method: str, path: str, query: Mapping[str, Sequence[str]]) -> Question:
        """Make the same question of the same parameters in any order.

        Parameters
        ----------
        method, path
            As above.
        query : mapping
            The parameters.

        Returns
        -------
        Question
            The question.
        """
        return cls(method, path, tuple((name, tuple(query[name])) for name in sorted(query)))

    def tag(self, state: str) -> str:
        """Give the entity tag of the answer.

        Parameters
        ----------
        state : str
            Fingerprint of the Measurement Set.

        Returns
        -------
        str
            In quotes, for the header.
        """
        text = repr((__version__, self.method, self.path, self.query, state))
        return f'"{hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()}"'


@dataclass(frozen=True)
class Held:
    """An answer.

    Attributes
    ----------
    tag : str or None
        Entity tag; None if the Measurement Set changed while it was read.
    body : bytes or None
        None if who asks has it already.
    mime : str
        Media type.
    warnings : tuple of str
        What the reader should know.
    """

    tag: str | None
    body: bytes | None = None
    mime: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes in memory, about."""
        return len(self.body or b"") + sum(map(len, self.warnings)) + 500


class Answers:
    """Answers questions, from memory where it can.

    All methods are called on the server's event loop; files are looked at on other threads.

    Parameters
    ----------
    workers : Workers
        Answer what is not known.
    most_bytes : int
        How much is kept.
    look : callable
        Calls a function that looks at files, on another thread.
    """

    def __init__(self, workers: Workers, most_bytes: int, look: Callable[..., Awaitable[str]]) -> None:
        self._workers, self._most_bytes, self._look = workers, most_bytes, look
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._bytes = 0
        # Of which folders each Measurement Set consists: only casacore can tell, and it is not in this process.
        self._parts: OrderedDict[str, tuple[Path, ...]] = OrderedDict()

    async def get(self, question: Question, has: Callable[[str], bool]) -> Held:
        """Answer a question.

        Parameters
        ----------
        question : Question
            The question.
        has : callable
            Tells whether who asks has the answer with an entity tag.

        Returns
        -------
        Held
            The answer, without a body if who asks has it.

        Raises
        ------
        Dsa110VisError
            As from `Workers.run`.
        """
        if question.path not in self._parts and has(""):
            await self._workers_answer(Question("fingerprint", question.path))
        if question.path in self._parts:
            tag = question.tag(await self._state(question.path))
            if has(tag):
                return Held(tag)
            if tag in self._held:
                self._held.move_to_end(tag)
                return self._held[tag]
        answer = await self._workers_answer(question)
        tag_now = None if answer["state"] is None else question.tag(answer["state"])
        held = Held(tag_now, answer["body"], answer["mime"], tuple(answer["warnings"]))
        self._keep(held)
        return held

    async def _workers_answer(self, question: Question) -> dict[str, Any]:
        query = [{name: list(values) for name, values in question.query}] if question.method != "fingerprint" else []
        answer: dict[str, Any] = await self._workers.run(question.method, question.path, *query)
        self._parts[question.path] = tuple(map(Path, answer["parts"]))
        self._parts.move_to_end(question.path)
        if len(self._parts) > MOST_PARTS_KNOWN:
            self._parts.popitem(last=False)
        return answer

    async def _state(self, path: str) -> str:
        parts = self._parts[path]
        try:
            return await self._look(fingerprint, Path(path), parts)
        except OSError:
            return ""  # it is being changed just now

    def _keep(self, held: Held) -> None:
        if held.tag is None or held.size > self._most_bytes:
            return
        before = self._held.pop(held.tag, None)
        self._bytes += held.size - (before.size if before is not None else 0)
        self._held[held.tag] = held
        while self._bytes > self._most_bytes:
            self._bytes -= self._held.popitem(last=False)[1].size
