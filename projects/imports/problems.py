"""Problems of a file, and its limits."""

import zipfile
from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from psf.files.types import DIRECTORY_ENTRY, MEGABYTE

LONGEST_QUOTE = 60
MOST_PROBLEMS = 20_000
MOST_PLACES = 5  # of one kind of problem


class Problem(NamedTuple):
    """A problem. `row` counts as spreadsheets do: the header is row 1. 0 means the whole file."""

    row: int
    column: str
    value: str
    why: str
    reference: str = ""  # of the project, if known

    def __str__(self) -> str:
        """ "Row 3, amount “12,5”: ..." in one line."""
        place = _("Row %(row)d") % {"row": self.row} if self.row else ""
        place = ", ".join(part for part in [place, self.quoted_column()] if part)
        if self.value:
            place = f"{place} “{self.quoted()}”".strip()
        return f"{place}: {self.why}" if place else self.why

    def place(self) -> str:
        """Where it is: "PSF-2019-03, row 4"."""
        row = _("row %(row)d") % {"row": self.row} if self.row else ""
        return ", ".join(filter(None, [printable(self.reference), row])) or _("the whole file")

    def quoted(self) -> str:
        return printable(self.value)

    def quoted_column(self) -> str:
        """The printable name of the column."""
        return printable(self.column)


class Fault(NamedTuple):
    """All problems of one kind: column and explanation, their number, the first places."""

    column: str
    why: str
    number: int
    places: list[tuple[str, str]]  # where it is, and the cell


def grouped(problems: Iterable[Problem]) -> list[Fault]:
    """The problems by column and explanation, in the order of their first rows."""
    groups: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.quoted_column(), problem.why), []).append(problem)
    return [
        Fault(column, why, len(same), [(row.place(), row.quoted()) for row in same[:MOST_PLACES]])
        for (column, why), same in groups.items()
    ]


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


MOST_UNPACKED_BYTES = 400 * MEGABYTE
MOST_MEMBERS = 1000
MOST_TIMES_PACKED = 100
HARMLESS_BYTES = 5 * MEGABYTE
MOST_ROWS = 20_000
MOST_COLUMNS = 100
MOST_CELLS = 2_000_000  # of a file, empty ones too
MOST_CELLS_OF_A_ROW = 16_384  # the limit of spreadsheets
LONGEST_CELL = 32_767  # characters, the limit of spreadsheets


def check_members(content: bytes, most: int = MOST_MEMBERS) -> None:
    """Count the entries of a ZIP archive. Python would load them all, however many there are."""
    if content.count(DIRECTORY_ENTRY) > most:
        why = _("The workbook has more than %(most)d parts. Copy its content into an empty one.")
        raise refuse(why % {"most": most})


def check_archive(archive: zipfile.ZipFile, most_unpacked: int = MOST_UNPACKED_BYTES) -> None:
    """Check the directory of a workbook before unpacking."""
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    if unpacked > most_unpacked:
        why = _(
            "Unpacked, the workbook has %(size)d MB. At most %(most)d MB are allowed. Copy its "
            "content into an empty one."
        )
        sizes = {"size": unpacked // MEGABYTE, "most": most_unpacked // MEGABYTE}
        raise refuse(why % sizes)
    for member in members:
        if member.file_size > max(HARMLESS_BYTES, member.compress_size * MOST_TIMES_PACKED):
            why = _(
                "A part of the workbook is compressed more than %(most)d times. Copy the rows into "
                "a new workbook."
            )
            raise refuse(why % {"most": MOST_TIMES_PACKED}, value=member.filename)
    if any(member.flag_bits & 1 for member in members):
        raise refuse(_("The workbook has a password. Save a copy without a password."))


def check_rows(row: int) -> None:
    """`row` is the number of rows so far, including the header."""
    if row > MOST_ROWS + 1:
        raise refuse(
            _("The file has more than %(most)s rows. Split it.") % {"most": f"{MOST_ROWS:,}"}
        )


def check_cells(cells: int) -> None:
    """Refuse too many cells. `cells` counts also the empty cells between the table and others."""
    if cells > MOST_CELLS:
        raise refuse(
            _("There are too many empty cells. Delete the columns after the table, or split it.")
        )
