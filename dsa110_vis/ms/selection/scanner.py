"""Reading a selection string piece by piece, and pointing at the place where it goes wrong."""

from __future__ import annotations

import math
import re
from typing import NoReturn

from dsa110_vis.errors import SelectionSyntaxError

__all__ = ["EXAMPLES", "Scanner", "glob_to_regex"]

EXAMPLES = {
    "spw": "Examples: 0  0~3  0:100~200;300  0:1~10^2  *:5~20  <3  0:1311~1400MHz  1.3~1.4GHz.",
    "antenna": "Examples: 1  DA41&DA42  1~3&5  DV*&  !1  1&&1  *&&&  @W09  <500m  1&2;3.",
    "timerange": "Examples: 2025/09/05/03:23:14~2025/09/05/03:25:00  03:23:14~03:25:00  >03:23:14  03:23:14+0:1:0. "
    "Times are hh:mm:ss; two numbers are mm:ss.",
    "scan": "Examples: 1  1,3  1~3  <3  >=2&<=4.",
    "field": 'Examples: 0  0~3  3C286  3C*  <5  "name with, comma"  /regular.expression/.',
    "correlation": "Examples: XX  XX,YY  0:RR;1:LL.",
    "uvrange": "Examples: >1klambda  0~500m  <2km  100~200  300m:5%.",
    "observation": "Examples: 0  0~1  <2.",
    "array": "Examples: 0  0~1  <2.",
    "intent": "Examples: *PHASE*  CALIBRATE_WVR*  1  *PHASE*&*ON_SOURCE*.",
    "taql": "Examples: ANTENNA1 == 3  any(isnan(DATA))  TIME > 5e9 && SCAN_NUMBER in [1,2].",
}
MOST_DIGITS = 15
_INTEGER = re.compile(r"\d+")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?")


class Scanner:
    """A selection string and how far it was read.

    Parameters
    ----------
    parameter : str
        The selection parameter, for messages.
    text : str
        The string.
    """

    def __init__(self, parameter: str, text: str) -> None:
        self.parameter = parameter
        self.text = text
        self.position = 0

    def skip(self) -> None:
        """Go over white space."""
        while self.position < len(self.text) and self.text[self.position].isspace():
            self.position += 1

    @property
    def at_end(self) -> bool:
        """Whether nothing but white space is left."""
        self.skip()
        return self.position == len(self.text)

    def sees(self, literal: str) -> bool:
        """Tell whether a literal comes next.

        Parameters
        ----------
        literal : str
            What to look for.

        Returns
        -------
        bool
            True if it comes next, white space aside.
        """
        self.skip()
        return self.text.startswith(literal, self.position)

    def take(self, literal: str) -> bool:
        """Go over a literal if it comes next.

        Parameters
        ----------
        literal : str
            What to look for.

        Returns
        -------
        bool
            True if it was there.
        """
        found = self.sees(literal)
        if found:
            self.position += len(literal)
        return found

    def match(self, pattern: re.Pattern[str]) -> str | None:
        """Go over what a pattern matches.

        Parameters
        ----------
        pattern : re.Pattern
            What to look for.

        Returns
        -------
        str or None
            What was found; None if it does not come next.
        """
        self.skip()
        found = pattern.match(self.text, self.position)
        if found is None or found.end() == self.position:
            return None
        self.position = found.end()
        return found.group()

    def expect(self, literal: str) -> None:
        """Go over a literal that has to come next.

        Parameters
        ----------
        literal : str
            What has to come.

        Raises
        ------
        SelectionSyntaxError
            If it does not.
        """
        if not self.take(literal):
            self.fail(f"{literal!r} is expected")

    def integer(self, what: str) -> int:
        """Read a whole number without sign.

        Parameters
        ----------
        what : str
            What it is, for the message.

        Returns
        -------
        int
            The number.

        Raises
        ------
        SelectionSyntaxError
            If no number comes next.
        """
        self.skip()
        start = self.position
        found = self.match(_INTEGER)
        if found is None:
            self.fail(f"{what} is expected")
        return self.whole(found, start)

    def whole(self, digits: str, position: int) -> int:
        """Turn digits into a number.

        Parameters
        ----------
        digits : str
            The digits.
        position : int
            Where they start, for the message.

        Returns
        -------
        int
            The number.

        Raises
        ------
        SelectionSyntaxError
            If there are too many of them.
        """
        if len(digits) > MOST_DIGITS:
            self.fail("this number is too large", position)
        return int(digits)

    def number(self) -> float | None:
        """Read a number, with fraction and exponent if it has them.

        Returns
        -------
        float or None
            The number; None if none comes next.
        """
        self.skip()
        start = self.position
        found = self.match(_NUMBER)
        if found is None:
            return None
        value = float(found.replace("d", "e").replace("D", "e"))
        if not math.isfinite(value):
            self.fail("this number is too large", start)
        return value

    def quoted(self, quote: str) -> str | None:
        """Read what stands between two equal characters.

        Parameters
        ----------
        quote : str
            The character, such as a double quote or ``/``.

        Returns
        -------
        str or None
            What stands between; None if the character does not come next.

        Raises
        ------
        SelectionSyntaxError
            If there is no second one.
        """
        if not self.sees(quote):
            return None
        start = self.position
        end = self.text.find(quote, start + 1)
        if end < 0:
            self.fail(f"the {quote} that starts here has no end", start)
        self.position = end + 1
        return self.text[start + 1 : end]

    def finish(self, allowed: str) -> None:
        """Make sure that the string ends here.

        Parameters
        ----------
        allowed : str
            What could also come, for the message.

        Raises
        ------
        SelectionSyntaxError
            If something is left.
        """
        if not self.at_end:
            self.fail(f"{self.text[self.position]!r} is not expected here, but {allowed} or the end")

    def fail(self, what: str, position: int | None = None) -> NoReturn:
        """Raise an error that points at a place.

        Parameters
        ----------
        what : str
            What is wrong there.
        position : int, optional
            Where; by default how far the string was read.

        Raises
        ------
        SelectionSyntaxError
            Always.
        """
        self.skip()
        where = self.position if position is None else position
        shown = "".join(" " if character.isspace() else character for character in self.text)
        message = (
            f"The {self.parameter} selection cannot be understood at character {where + 1}: {what}.\n"
            f"    {shown}\n    {' ' * where}^\n"
        )
        raise SelectionSyntaxError(
            message, EXAMPLES.get(self.parameter, ""), parameter=self.parameter, text=self.text, position=where
        )

    def regex(self, pattern: str, position: int) -> re.Pattern[str]:
        """Compile a regular expression that the user wrote.

        Parameters
        ----------
        pattern : str
            The expression.
        position : int
            Where it starts, for the message.

        Returns
        -------
        re.Pattern
            The expression.

        Raises
        ------
        SelectionSyntaxError
            If it is none.
        """
        try:
            return re.compile(pattern)
        except re.error as error:
            self.fail(f"this is not a regular expression ({error})", position)


def glob_to_regex(pattern: str) -> str:
    """Translate a pattern of a shell: ``*``, ``?``, ``[abc]``, ``[^abc]`` and ``{this,that}``.

    Parameters
    ----------
    pattern : str
        The pattern.

    Returns
    -------
    str
        A regular expression for the whole name.
    """
    parts = []
    braces = 0
    position = 0
    while position < len(pattern):
        letter = pattern[position]
        position += 1
        end = pattern.find("]", position + 1) if letter == "[" else -1
        if letter == "*":
            parts.append(".*")
        elif letter == "?":
            parts.append(".")
        elif end > 0:
            inside = pattern[position:end].replace("\\", "\\\\")
            parts.append(f"[{'^' + inside[1:] if inside.startswith('!') else inside}]")
            position = end + 1
        elif letter == "{" and "}" in pattern[position:]:
            parts.append("(?:")
            braces += 1
        elif letter == "}" and braces:
            parts.append(")")
            braces -= 1
        elif letter == "," and braces:
            parts.append("|")
        else:
            parts.append(re.escape(letter))
    return "".join(parts)
