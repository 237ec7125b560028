"""Regions as a viewer is told of them: what has become of those it knows, in messages that are never too large."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dsa110_vis.regions.json import to_plain
from dsa110_vis.view.protocol import DOWN_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsa110_vis.regions import Region

__all__ = ["region_events"]

PART_BYTES = DOWN_BYTES * 3 // 4
"""Most bytes of JSON for the regions of one message, with room for what is around them."""


def region_events(
    before: Sequence[Region] | None, after: Sequence[Region], base: int, revision: int
) -> Iterator[dict[str, Any]]:
    """Say how one list of regions becomes another.

    Parameters
    ----------
    before : sequence of Region or None
        The regions that are known; None if none are.
    after : sequence of Region
        The regions as they are now.
    base, revision : int
        Numbers of the two states.

    Yields
    ------
    dict
        The data of one event ``regions`` after the other, each on top of those before: ``base`` (the revision that must
        be known; None for none), ``revision``, ``removed`` (ids), ``changed`` (regions), ``added`` (runs: ``at``, the
        place of the first one in the new list, and its ``regions``) and ``last``, false where more is to come.
    """
    known = {} if before is None else {region.id: region for region in before}
    ids = {region.id for region in after}
    part = _Part(None if before is None else base, revision)
    part.data["removed"] = [ident for ident in known if ident not in ids]
    if [region.id for region in after if region.id in known] != [ident for ident in known if ident in ids]:
        # in another order: all of them come anew
        known, part.data["base"] = {}, None
    for at, region in enumerate(after):
        if known.get(region.id) == region:
            continue
        one = to_plain(region)
        size = len(json.dumps(one, separators=(",", ":")))
        if not part.has_room(size):
            yield part.data
            part = _Part(revision, revision)
        part.take(size)
        if region.id in known:
            part.data["changed"].append(one)
        else:
            part.add(at, one)
    yield {**part.data, "last": True}


class _Part:
    """What fits into one message."""

    def __init__(self, base: int | None, revision: int) -> None:
        self.data: dict[str, Any] = {"base": base, "revision": revision, "removed": [], "changed": [], "added": []}
        self.data["last"] = False
        self._room = PART_BYTES
        self._next = -1

    def has_room(self, size: int) -> bool:
        """Tell whether there is room for a region of so many bytes; the first one always goes in."""
        return size <= self._room or self._room == PART_BYTES

    def take(self, size: int) -> None:
        """Reserve room for a region, and for a run around it."""
        self._room -= size + 32

    def add(self, at: int, one: dict[str, Any]) -> None:
        """Add a region at its place in the new list."""
        if at == self._next:
            self.data["added"][-1]["regions"].append(one)
        else:
            self.data["added"].append({"at": at, "regions": [one]})
        self._next = at + 1
