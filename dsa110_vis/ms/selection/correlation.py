"""``correlation``: by name, for all spectral windows or for some."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from dsa110_vis.ms.selection.context import Resolved, listed, refuse
from dsa110_vis.ms.selection.scanner import Scanner
from dsa110_vis.ms.selection.spw import spw_ids

if TYPE_CHECKING:
    import numpy.typing as npt

    from dsa110_vis.ms.selection.context import Context

__all__ = ["select_correlation"]

_NAME = re.compile(r"[A-Za-z0-9]+")
_WINDOWS = re.compile(r"[^:;]*:")


def select_correlation(text: str, context: Context) -> Resolved:
    """Select correlations, and the rows that have all of those asked for.

    Parameters
    ----------
    text : str
        The selection string: ``XX,YY``, or ``spw:names`` with ``;`` between several.
    context : Context
        Where it is looked up.

    Returns
    -------
    Resolved
        Rows and correlations.

    Raises
    ------
    SelectionSyntaxError
        If the string cannot be understood.
    SelectionEmptyError
        If no data have these correlations.
    """
    scanner = Scanner("correlation", text)
    chosen: dict[int, set[int]] = {}
    while True:
        windows = scanner.match(_WINDOWS)
        ids = None if windows is None else spw_ids(windows[:-1], context, "correlation")
        names = _names(scanner)
        found = False
        for description in context.metadata.data_descriptions:
            if ids is not None and description.spw_id not in ids:
                continue
            known = [name.upper() for name in description.correlations]
            if all(name in known for name in names):
                chosen.setdefault(description.id, set()).update(known.index(name) for name in names)
                found = True
        if not found:
            kinds = dict.fromkeys(",".join(one.correlations) for one in context.metadata.data_descriptions)
            what = " and ".join(names)
            refuse(f"No data have correlation {what}.", f"There are {listed(kinds)}.")
        if not scanner.take(";"):
            break
    scanner.finish("',' or ';'")
    rows = np.isin(context.table.ddid, list(chosen))
    correlations: dict[int, npt.NDArray[np.int64]] = {
        ddid: np.array(sorted(numbers), dtype=np.int64) for ddid, numbers in chosen.items()
    }
    return Resolved(rows, {}, correlations)


def _names(scanner: Scanner) -> list[str]:
    names = []
    while True:
        name = scanner.match(_NAME)
        if name is None:
            scanner.fail("the name of a correlation is expected, such as XX")
        names.append(name.upper())
        if not scanner.take(","):
            return names
