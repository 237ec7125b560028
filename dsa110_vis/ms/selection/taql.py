"""``taql``: an expression on the columns of the main table, and nothing else of that language.

TaQL is a whole language: it can write tables, read others and load libraries, and some of its functions crash the
process. So a string is looked through before casacore gets it: it has to be one expression in balanced parentheses,
without commands, sub-queries, other tables or functions of other libraries.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from casacore.tables import taql

from dsa110_vis.errors import UnreadableError
from dsa110_vis.ms.selection.context import Resolved, refuse
from dsa110_vis.ms.selection.scanner import Scanner

if TYPE_CHECKING:
    from dsa110_vis.ms.selection.context import Context

__all__ = ["select_taql"]

ROWS_PER_CALL = 50_000
"""casacore holds the interpreter's lock while it evaluates."""
# fmt: off
COMMANDS = frozenset({
    "select", "update", "insert", "delete", "count", "calc", "create", "alter", "drop", "show", "with",
    "using", "giving", "from", "where", "limit", "offset", "orderby", "groupby", "having", "into", "values",
    "dminfo", "as", "subtables", "copy", "rename", "add", "set", "unset",
})
# fmt: on
ROW_FUNCTIONS = frozenset({"rownumber", "rownr", "rand", "gcount", "gmin", "gmax", "gsum", "gmean"})
_TOKEN = re.compile(
    r"""
    (?P<space>\s+) | (?P<string>"[^"\n]*"|'[^'\n]*')
    | (?P<pattern>[pfm](?:/[^/\n]*/|%[^%\n]*%|@[^@\n]*@)i?)
    | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[A-Za-z]*)
    | (?P<name>[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)
    | (?P<open>[(\[{]) | (?P<close>[)\]}])
    | (?P<operator>[-+*/%^&|!=<>~,:?])
    """,
    re.VERBOSE,
)
_DERIVED = re.compile(
    r"(?:derived)?mscal\.(?:(?:ha|hadec|azel|itrf|last|delay)[12]?|pa[12]|ant[12]name)", re.IGNORECASE
)
_PAIRS = {")": "(", "]": "[", "}": "{"}


def select_taql(text: str, context: Context) -> Resolved:
    """Select rows by an expression.

    Parameters
    ----------
    text : str
        A TaQL expression on columns of the main table.
    context : Context
        Where it is evaluated.

    Returns
    -------
    Resolved
        The rows for which it is true.

    Raises
    ------
    SelectionSyntaxError
        If it is no expression, or one that is not allowed.
    SelectionEmptyError
        If it is true for no row.
    """
    scanner = Scanner("taql", text)
    _check(scanner, context)
    rows = np.zeros(context.main.n_rows, dtype=np.bool_)
    for start in range(0, rows.size, ROWS_PER_CALL):
        numbers = np.arange(start, min(start + ROWS_PER_CALL, rows.size))
        try:
            with context.main.use() as table:
                part = table.selectrows(numbers)
                # Something has to be in `locals`, or the variables of the calling function are pasted into the text.
                found = taql(f"select from $1 where ({text})", tables=[part], locals={"_": 0})
                local = np.asarray(found.rownumbers(part), dtype=np.int64)
        except UnreadableError as error:
            scanner.fail(_reason(str(error.__cause__)), 0)
        rows[start + local] = True
    if not rows.any():
        refuse(f"No row matches taql={text!r}.", "")
    return Resolved(rows)


def _check(scanner: Scanner, context: Context) -> None:
    """Look through the text."""
    text = scanner.text
    with context.main.use() as table:
        columns = set(table.colnames())
    opened: list[tuple[str, int]] = []
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            scanner.fail(f"{text[position]!r} is not allowed in an expression", position)
        kind, token = found.lastgroup, found.group()
        if kind == "open":
            opened.append((token, position))
        elif kind == "close":
            if not opened or opened.pop()[0] != _PAIRS[token]:
                scanner.fail(f"{token!r} has no beginning", position)
        elif kind == "name":
            _check_name(scanner, token, position, columns)
        position = found.end()
    if opened:
        scanner.fail(f"{opened[-1][0]!r} has no end", opened[-1][1])


def _check_name(scanner: Scanner, token: str, position: int, columns: set[str]) -> None:
    if token in columns:
        return
    if "." in token:
        if _DERIVED.fullmatch(token):
            return
        scanner.fail(f"{token!r} is not allowed: functions of libraries and columns of other tables are not", position)
    if token.lower() in COMMANDS:
        scanner.fail(f"the command {token!r} is not allowed, only an expression", position)
    if token.lower() in ROW_FUNCTIONS:
        scanner.fail(f"the function {token!r} is not allowed; rowid() gives the row number", position)


def _reason(message: str) -> str:
    """Give the part of casacore's message that says what is wrong."""
    last = " ".join(message.strip().splitlines()[-1].split())
    return last.removeprefix("Error in select expression: ") or "casacore cannot evaluate it"
