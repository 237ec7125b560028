"""Parameters as the text of a call of tclean, and back. Text is parsed, never run."""

from __future__ import annotations

import ast
from typing import Any

from dsa110_vis.clean.parameters import Parameters
from dsa110_vis.errors import ParameterError

__all__ = ["from_tclean", "to_tclean"]

_MAX_TEXT = 100_000
_HINT = "Give one call with names and plain values, as tclean(vis='obs.ms', imagename='obs', imsize=512)."
_ALWAYS = ("vis", "imagename", "imsize", "cell")


def to_tclean(parameters: Parameters) -> str:
    """Write the call of tclean that makes the same image.

    Parameters
    ----------
    parameters : Parameters
        All of them.

    Returns
    -------
    str
        Python: one argument a line, those that differ from tclean's defaults.
    """
    usual = Parameters().to_dict()
    given = parameters.to_dict()
    lines = [
        f"    {name}={_plain(value)!r},\n"
        for name, value in given.items()
        if name in _ALWAYS or value != usual[name]
    ]  # fmt: skip
    return f"tclean(\n{''.join(lines)})"


def from_tclean(text: str) -> Parameters:
    """Read a call of tclean.

    Parameters
    ----------
    text : str
        As `to_tclean` writes it, or as in a log: the name of the function may have dots, ``casatasks.tclean``.

    Returns
    -------
    parameters : Parameters
        Its arguments; what it does not give has tclean's default.

    Raises
    ------
    ParameterError
        If the text is no such call, a value is not a plain one, or an argument is not allowed.
    """
    call = _call(text)
    values = {name: _value(name, each) for name, each in zip(Parameters.model_fields, call.args, strict=False)}
    if len(call.args) > len(Parameters.model_fields):
        message = "The call has more arguments than tclean."
        raise ParameterError(message, _HINT)
    for keyword in call.keywords:
        if keyword.arg is None:
            message = "The call has arguments behind ** that cannot be read."
            raise ParameterError(message, _HINT)
        if keyword.arg in values:
            message = f"{keyword.arg} is given twice."
            raise ParameterError(message, "Give it once.", key=keyword.arg)
        values[keyword.arg] = _value(keyword.arg, keyword.value)
    return Parameters.from_dict(values)


def _plain(value: Any) -> Any:
    """Write a list of one as what is in it, where tclean takes both."""
    return value[0] if isinstance(value, list) and len(value) == 1 and value != [""] else value


def _call(text: str) -> ast.Call:
    if len(text) > _MAX_TEXT:
        message = f"The text is too long for a call of tclean: {len(text)} characters."
        raise ParameterError(message, _HINT)
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        where = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        message = f"The text cannot be understood as a call of tclean{where}."
        raise ParameterError(message, _HINT) from None
    if not isinstance(tree, ast.Call):
        message = "The text is no call."
        raise ParameterError(message, _HINT)
    function = tree.func
    name = getattr(function, "attr", getattr(function, "id", ""))
    if name != "tclean":
        message = f"The text calls {name[:40] or 'something'}, not tclean."
        raise ParameterError(message, _HINT)
    return tree


def _value(name: str, node: ast.expr) -> Any:
    if isinstance(node, ast.Starred):
        message = "The call has arguments behind * that cannot be read."
        raise ParameterError(message, _HINT)
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        message = f"{name} is not given as a plain value: {ast.unparse(node)[:80]}."
        raise ParameterError(message, "Allowed: texts, numbers, True, False, and lists of them.", key=name) from None
