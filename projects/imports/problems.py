"""Problems of a file, each with its place and how to fix it."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

LONGEST_QUOTE = 60
MOST_PROBLEMS = 20_000


class Problem(NamedTuple):
    """A problem. `row` counts as spreadsheets do: the header is row 1. 0 means the whole file."""

    row: int
    column: str
    value: str
    why: str

    def __str__(self) -> str:
        """ "Row 3, amount “12,5”: ..." in one line."""
        place = _("Row %(row)d") % {"row": self.row} if self.row else ""
        place = ", ".join(part for part in [place, self.quoted_column()] if part)
        if self.value:
            place = f"{place} “{self.quoted()}”".strip()
        return f"{place}: {self.why}" if place else self.why

    def quoted(self) -> str:
        return printable(self.value)

    def quoted_column(self) -> str:
        """The printable name of the column."""
        return printable(self.column)


def printable(text: str) -> str:
    """A text of the file, shortened, in one line and without unprintable characters."""
    clean = "".join(
        char if char.isprintable() else " " if char.isspace() else "\N{REPLACEMENT CHARACTER}"
        for char in text[: LONGEST_QUOTE + 1]
    )
    return clean if len(clean) <= LONGEST_QUOTE else f"{clean[:LONGEST_QUOTE]}…"


class Refused(Exception):
    """The file cannot be imported. Nothing was written."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def refuse(why: str, row: int = 0, column: str = "", value: str = "") -> Refused:
    """An exception with a single problem, to be raised."""
    return Refused([Problem(row, column, value, why)])
