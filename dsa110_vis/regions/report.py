"""What became of the lines of a region file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import OptionError, RegionSyntaxError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dsa110_vis.regions.shapes import Region

__all__ = ["BadRegionError", "Problem", "Report"]

MOST_REGIONS = 500_000
MOST_PROBLEMS = 10_000
MOST_TEXT = 120


class BadRegionError(ValueError):
    """One region of a file cannot be taken; the text says why."""


@dataclass(frozen=True)
class Problem:
    """Something in a file that could not be taken.

    Attributes
    ----------
    line : int
        Number of the line, from 1.
    text : str
        What stands there, at most 120 characters.
    reason : str
        One sentence: why not.
    """

    line: int
    text: str
    reason: str


@dataclass
class Report:
    """What became of the lines of a region file: each that looks like a shape is a region or a problem.

    Attributes
    ----------
    format : str
        "ds9", "crtf", "json" or "fits".
    n_regions : int
        How many regions there are.
    problems : list of Problem
        What could not be taken.
    warnings : list of str
        What was taken in a way that one should know of.
    """

    format: str
    n_regions: int = 0
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def take(self, line: int, text: str, make: Callable[[], Iterable[Region]]) -> Iterator[Region]:
        """Make the regions of a line, or say that it could not be taken.

        Parameters
        ----------
        line : int
            Number of the line, from 1.
        text : str
            What stands there.
        make : callable
            Makes them.

        Yields
        ------
        Region
            The regions.

        Raises
        ------
        RegionSyntaxError
            If there are too many.
        """
        try:
            found = list(make())
        except (BadRegionError, OptionError) as error:
            self.refuse(line, text, str(error))
            return
        except (ValueError, OverflowError) as error:
            self.refuse(line, text, f"Its numbers cannot be read: {error}.")
            return
        self.n_regions += len(found)
        if self.n_regions > MOST_REGIONS:
            message = f"The file has more than {MOST_REGIONS} regions."
            raise RegionSyntaxError(message, "Split it, or make a mask of it.")
        yield from found

    def refuse(self, line: int, text: str, reason: str) -> None:
        """Say that something could not be taken.

        Parameters
        ----------
        line : int
            Number of the line, from 1.
        text : str
            What stands there.
        reason : str
            Why not.

        Raises
        ------
        RegionSyntaxError
            If there is too much of that.
        """
        text = text.strip()
        self.problems.append(Problem(line, text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 3]}...", reason))
        if len(self.problems) > MOST_PROBLEMS:
            first = self.problems[0]
            message = (
                f"The file has more than {MOST_PROBLEMS} lines that cannot be taken; the first is line {first.line}."
            )
            raise RegionSyntaxError(message, first.reason)

    def warn(self, text: str) -> None:
        """Say something once.

        Parameters
        ----------
        text : str
            What.
        """
        if text not in self.warnings:
            self.warnings.append(text)

    def describe(self) -> dict[str, Any]:
        """Give the report as plain data.

        Returns
        -------
        dict
            By the names of the attributes.
        """
        return {
            "format": self.format,
            "n_regions": self.n_regions,
            "problems": [{"line": p.line, "text": p.text, "reason": p.reason} for p in self.problems],
            "warnings": list(self.warnings),
        }
