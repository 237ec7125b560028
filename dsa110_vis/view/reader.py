"""From controls to a picture: opens the file, reads what is not remembered, remembers it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import OptionError
from dsa110_vis.ms import MeasurementSet
from dsa110_vis.paths import absolute_path
from dsa110_vis.raster import (
    AGGREGATORS,
    AVERAGINGS,
    AXES,
    BASELINE_ORDERS,
    COLORMAPS,
    LABELS,
    LIMITS_MODES,
    PRESETS,
    QUANTITIES,
    STRETCHES,
    Request,
    available_columns,
    axes,
    reduce,
)
from dsa110_vis.raster.reduction import selected
from dsa110_vis.view.cache import BytesCache
from dsa110_vis.view.chosen import Chosen
from dsa110_vis.view.picture import Picture

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping

    from dsa110_vis.raster import Axes, Cells

__all__ = ["Opened", "Reader"]

ALL_BYTES = 96 << 20
"""If the cells of all values of the iterated axis take less than this, all are computed in one pass."""

BYTES_PER_CELL = 64
"""About what the sums of one cell take."""

_CELLS: BytesCache[tuple[Cells, Axes, Request, range]] = BytesCache(256 << 20)
_ROUNDS = itertools.count(1)
_SENSIBLE = (
    ("baseline", "time"), ("frequency", "time"), ("frequency", "baseline"), ("correlation", "time"),
    ("correlation", "baseline"), ("frequency", "correlation"),
)  # fmt: skip


def _named(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"name": name, "label": LABELS.get(name, name)} for name in names]


@dataclass(frozen=True)
class Opened:
    """What opening the file came to.

    Attributes
    ----------
    fresh : bool
        Whether it was not open before.
    changed : bool
        Whether it was, and has been modified on disk since.
    """

    fresh: bool
    changed: bool


class Reader:
    """Makes pictures of one Measurement Set after the other; one thread at a time may use it.

    Parameters
    ----------
    cache_bytes : int
        How much memory all viewers of this process together may keep for cells.
    client : distributed.Client, optional
        Workers that do the reading.
    """

    def __init__(self, *, cache_bytes: int, client: Any = None) -> None:
        _CELLS.limit = cache_bytes
        self._client = client
        self._given = Chosen("")
        self._root: MeasurementSet | None = None  # as it was opened
        self._ms: MeasurementSet | None = None  # with what is selected in it
        self._suggestions: dict[str, list[str]] = {}
        self._round = 0
        self._seen = ""
        self._warned: set[tuple[str, ...]] = set()

    def adopt(self, ms: MeasurementSet | Chosen | str | os.PathLike[str]) -> str:
        """Take what the user gave as the Measurement Set.

        Parameters
        ----------
        ms : MeasurementSet, Chosen or path
            The Measurement Set; the selections of an open one are kept.

        Returns
        -------
        str
            Its path.

        Raises
        ------
        OptionError
            If it is none of these.
        """
        self._given = Chosen.of(ms)
        return self._given.path

    def forget(self) -> None:
        """Read the file anew next time."""
        self._round = next(_ROUNDS)

    def close(self) -> None:
        """Let go of the file."""
        if self._root is not None:
            self._root.close()
        self._root = self._ms = None

    def open(self, path: str, tell: Callable[[float, str], bool]) -> Opened:
        """Make sure that the file is open, as it is on disk now.

        Parameters
        ----------
        path : str
            The Measurement Set.
        tell : callable
            Is told how far it is.

        Returns
        -------
        Opened
            Whether anything is new.

        Raises
        ------
        Dsa110VisError
            If it cannot be opened.
        """
        if not path:
            message = "There is no Measurement Set to look at."
            raise OptionError(message, "Set path to the one you want to see.")
        wanted = absolute_path(path)
        ms, changed = self._ms, False
        if ms is not None and ms.path == wanted and wanted.is_dir():
            if ms.fingerprint == self._seen:
                return Opened(fresh=False, changed=False)
            changed = True
        else:
            tell(0.0, f"Opening {wanted.name}")
        self.close()
        self._root = MeasurementSet(wanted)
        given = self._given
        self._ms = self._root.select_each(given.selections if given.path == str(wanted) else ())
        self._seen = self._ms.fingerprint
        self._suggestions = {}
        self._warned.clear()
        return Opened(fresh=True, changed=changed)

    def describe(self) -> None:
        """Find out what takes a moment: what there is to select. May be called beside the rest."""
        ms = self._ms
        if ms is not None and not self._suggestions:
            found = ms.suggestions()
            if ms is self._ms:
                self._suggestions = found

    def choices(self) -> dict[str, Any]:
        """Give what the controls may be.

        Returns
        -------
        dict
            As in the answer to ``hello``.
        """
        ms = self._ms
        correlations: dict[str, None] = {}
        if ms is not None:
            for description in ms.metadata.data_descriptions:
                correlations.update(dict.fromkeys(description.correlations))
        return {
            "axes": _named(AXES),
            "quantities": _named(QUANTITIES),
            "columns": [] if ms is None else list(available_columns(ms)),
            "aggregators": _named(AGGREGATORS),
            "averagings": _named(AVERAGINGS),
            "baseline_orders": _named(BASELINE_ORDERS),
            "colormaps": list(COLORMAPS),
            "stretches": list(STRETCHES),
            "limits_modes": [*LIMITS_MODES, "manual"],
            "presets": [{"name": preset.name, "label": preset.label} for preset in PRESETS.values()],
            "correlations": list(correlations),
            "suggestions": self._suggestions,
        }

    def source(self, path: str) -> dict[str, Any]:
        """Give what is looked at.

        Parameters
        ----------
        path : str
            The Measurement Set, for as long as it is not open.

        Returns
        -------
        dict
            ``name``, ``path``, ``title`` and ``telescope``.
        """
        ms = self._ms
        if ms is None or str(ms.path) != path:
            return {"name": Path(path).name, "path": path, "title": Path(path).name, "telescope": ""}
        telescope = ms.metadata.telescope
        title = f"{ms.name} · {telescope}" if telescope else ms.name
        return {"name": ms.name, "path": path, "title": title, "telescope": telescope}

    def sensible_axes(self, state: Mapping[str, Any]) -> dict[str, str]:
        """Choose axes for a first picture: a pair of which both have more than one value.

        Parameters
        ----------
        state : mapping
            All controls.

        Returns
        -------
        dict
            With ``x`` and ``y``.
        """
        for x, y in _SENSIBLE:
            if state["iterate"] in (x, y):
                continue
            shape = axes(self._table, self._request({**state, "x": x, "y": y, "iterate": None})).shape
            if min(shape[1:]) > 1:
                return {"x": x, "y": y}
        return {"x": state["x"], "y": state["y"]}

    def make(self, state: Mapping[str, Any], tell: Callable[[float, str], bool]) -> Picture:
        """Make the picture for some controls, from memory or by reading.

        Parameters
        ----------
        state : mapping
            All controls.
        tell : callable
            Is told how far it is; returns False to stop.

        Returns
        -------
        Picture
            The picture.

        Raises
        ------
        CancelledError
            If `tell` returned False.
        Dsa110VisError
            If it cannot be made.
        """
        ms = self._table
        asked = self._request(state)
        request = asked.validate(selected(ms, asked))
        key = (str(ms.path), self._seen, self._round, tuple(sorted(ms.selection.items())), request.cells_key)
        known = _CELLS.get(key)
        whole = known[1] if known is not None else axes(ms, request)
        shown = self._shown(state, whole)
        if known is None or shown.start not in known[3] or shown.stop - 1 not in known[3]:
            window = self._window(shown, whole)
            text = f"Reading {request.column or 'flags and weights'} of {ms.name}"
            cells = reduce(
                ms,
                request,
                iterations=None if whole.iterate is None else list(window),
                progress=lambda fraction: tell(fraction, text),
                client=self._client,
            )
            known = (cells, whole, request, window)
            _CELLS.put(key, known, cells.nbytes)
        picture = Picture(
            known[0], whole, request, state=state, available=known[3], title=self._title(ms, request, state)
        )
        if request.warnings and request.warnings not in self._warned:
            self._warned.add(request.warnings)
            picture.new_warnings = request.warnings
        return picture

    # -- inside -----------------------------------------------------------------------------------------------------

    @property
    def _table(self) -> MeasurementSet:
        assert self._ms is not None  # noqa: S101  open() comes first
        return self._ms

    @staticmethod
    def _request(state: Mapping[str, Any]) -> Request:
        names = (
            "x", "y", "quantity", "column", "aggregator", "averaging", "weighted", "selection", "autocorrelations",
            "iterate", "baseline_order",
        )  # fmt: skip
        return Request(**{name: state[name] for name in names})

    @staticmethod
    def _shown(state: Mapping[str, Any], whole: Axes) -> range:
        size = whole.shape[0]
        first = min(state["iteration"], size - 1)
        rows, columns = state["subplots"] if whole.iterate is not None else (1, 1)
        return range(first, min(first + rows * columns, size))

    @staticmethod
    def _window(shown: range, whole: Axes) -> range:
        """Choose which values of the iterated axis to compute: all, or those around the ones in view."""
        size, n_y, n_x = whole.shape
        each = n_y * n_x * BYTES_PER_CELL
        fitting = max(ALL_BYTES // max(each, 1), len(shown))
        if fitting >= size:
            return range(size)
        first = max(0, min(shown.start - (fitting - len(shown)) // 4, size - fitting))
        return range(first, first + fitting)

    @staticmethod
    def _title(ms: MeasurementSet, request: Request, state: Mapping[str, Any]) -> str:
        if state["title"] is not None:
            return str(state["title"])
        parts = [ms.name, request.column or "", *(f"{key} {value}" for key, value in state["selection"].items())]
        return " · ".join(part for part in parts if part)
