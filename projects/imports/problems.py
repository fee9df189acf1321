"""What keeps a file from being imported, said so that it can be found and mended."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

LONGEST_QUOTE = 60
MOST_PROBLEMS = 20_000


class Problem(NamedTuple):
    """One reason. `row` counts as spreadsheets do, the heads being row 1; 0 is the whole file."""

    row: int
    column: str
    value: str
    why: str

    def __str__(self) -> str:
        """ "Row 3, amount “12,5”: ..." on one line, whatever the value holds."""
        place = _("Row %(row)d") % {"row": self.row} if self.row else ""
        place = ", ".join(part for part in [place, self.quoted_column()] if part)
        if self.value:
            place = f"{place} “{self.quoted()}”".strip()
        return f"{place}: {self.why}" if place else self.why

    def quoted(self) -> str:
        return as_shown(self.value)

    def quoted_column(self) -> str:
        """A file may call a column anything."""
        return as_shown(self.column)


def as_shown(text: str) -> str:
    """What a file says, as it can be shown: cut short, with nothing that cannot be printed."""
    shown = "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for char in text[: LONGEST_QUOTE + 1]
    )
    return shown if len(shown) <= LONGEST_QUOTE else f"{shown[:LONGEST_QUOTE]}…"


class Refused(Exception):
    """The file cannot be imported. Nothing was written."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def refuse(why: str, row: int = 0, column: str = "", value: str = "") -> Refused:
    """A single reason, to be raised."""
    return Refused([Problem(row, column, value, why)])
