"""The rows of a CSV file, in the encoding that is declared.

Between cells stand commas, semicolons, tabs or bars. Excel is told which by a first line "sep=;".
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.imports.file_type import MARK

from .columns import COLUMNS
from .limits import LONGEST_CELL, LONGEST_ROW, check_rows
from .problems import refuse

UTF_8 = "utf-8"
# What can be declared. UTF-8 is never guessed away: bytes that are none are refused.
ENCODINGS = [
    (UTF_8, gettext_lazy("UTF-8 (“CSV UTF-8” in Excel)")),
    ("utf-16", gettext_lazy("UTF-16 (“Unicode text”)")),
    ("cp1252", gettext_lazy("Windows-1252, Western European")),
    ("cp1257", gettext_lazy("Windows-1257, Baltic")),
    ("cp1250", gettext_lazy("Windows-1250, Central European")),
    ("cp1251", gettext_lazy("Windows-1251, Cyrillic")),
    ("iso-8859-1", gettext_lazy("ISO 8859-1, Latin 1")),
    ("iso-8859-4", gettext_lazy("ISO 8859-4, Latin 4, Baltic")),
    ("iso-8859-13", gettext_lazy("ISO 8859-13, Latin 7, Baltic")),
    ("iso-8859-15", gettext_lazy("ISO 8859-15, Latin 9")),
]
WIDE = "utf-16", "utf-32"  # those whose letters have zeros beside them
SIGNS = ",;\t|"
TOLD = re.compile(rf'"?sep=(?P<sign>[{SIGNS}])"?\s*', re.IGNORECASE)
HEAD_BYTES = 8192


def read_csv(path: Path, encoding: str) -> Iterator[tuple[int, list[Any]]]:
    """The number and the cells of each row, the heads first."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if b"\0" in head and not encoding.startswith(WIDE):
        raise refuse(_("This is no text: save the table as CSV (UTF-8), XLSX or JSON."))
    if not encoding.startswith("utf") and _is_utf_8(path):
        raise refuse(
            _("The text is UTF-8, not %(encoding)s: choose UTF-8.") % {"encoding": encoding.upper()}
        )
    number = 0
    # A stray quotation mark swallows the rest: the limit ends it early, and says where.
    csv.field_size_limit(LONGEST_CELL)
    try:
        with path.open(encoding=encoding, newline="") as text:
            lines = _Lines(text)
            sign, is_told = _delimiter(path, encoding)
            rows = csv.reader(lines, delimiter=sign, strict=True)
            for number, cells in enumerate(rows, start=1):
                lines.taken = 0
                check_rows(number)
                if cells and not (is_told and number == 1):
                    yield number, cells
    except UnicodeError:
        raise refuse(_not_of(encoding), row=number + 1) from None
    except csv.Error as error:
        raise refuse(_not_a_row(error), row=number + 1) from None


def _is_utf_8(path: Path) -> bool:
    """Whether it has letters beyond ASCII, and each is one in UTF-8: no other text looks so."""
    beyond_ascii = False
    try:
        with path.open(encoding=UTF_8, newline="") as text:
            while chunk := text.read(LONGEST_ROW):
                beyond_ascii |= not chunk.isascii()
    except UnicodeError:
        return False
    return beyond_ascii


def _not_of(encoding: str) -> str:
    return _(
        "The text is not %(encoding)s from this row on or soon after. Save the table as "
        "CSV UTF-8, or choose the encoding that it has."
    ) % {"encoding": encoding.upper()}


def _not_a_row(error: csv.Error) -> str:
    return _(
        "The row cannot be taken apart: a quotation mark is missing or stray, or a cell "
        "has more than %(most)d characters (%(error)s)."
    ) % {"most": LONGEST_CELL, "error": error}


class _Lines:
    """The lines of a text. One row takes so many characters at most, over however many lines."""

    def __init__(self, text: TextIO) -> None:
        self.text = text
        self.taken = 0

    def __iter__(self) -> Iterator[str]:
        while line := self.text.readline(LONGEST_ROW):
            self.taken += len(line)
            if self.taken >= LONGEST_ROW:
                raise csv.Error(_("the row does not end"))
            yield line.lstrip(MARK)


def _delimiter(path: Path, encoding: str) -> tuple[str, bool]:
    """The sign between cells, and whether the first line only tells which.

    Otherwise it is the one that parts the heads of columns into names that are known; a comma if
    none does.
    """
    with path.open(encoding=encoding, newline="") as text:
        first = text.readline(HEAD_BYTES).lstrip(MARK)

    def known(sign: str) -> int:
        return sum(name.strip(' "\r\n') in COLUMNS for name in first.split(sign))

    if told := TOLD.fullmatch(first):
        return told["sign"], True
    return max(SIGNS, key=known), False
