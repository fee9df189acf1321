"""The rows of a CSV file, in the declared encoding.

Commas, semicolons, tabs or bars separate cells. A first line "sep=;" declares the separator.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext as _, gettext_lazy

from projects.imports.file_type import MARK

from .columns import COLUMNS
from .limits import LONGEST_CELL, LONGEST_ROW, check_rows
from .problems import refuse

UTF_8 = "utf-8"
# Bytes that are not valid UTF-8 are refused unless another encoding is declared.
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
WIDE = "utf-16", "utf-32"  # encodings with zero bytes in ASCII text
SIGNS = ",;\t|"
DECLARED_DELIMITER = re.compile(rf'"?sep=(?P<sign>[{SIGNS}])"?\s*', re.IGNORECASE)
HEAD_BYTES = 8192


def read_csv(path: Path, encoding: str) -> Iterator[tuple[int, list[object]]]:
    """The number and the cells of each row, beginning with the names of the columns."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if b"\0" in head and not encoding.startswith(WIDE):
        raise refuse(_("This is not a text file. Save the table as CSV (UTF-8) or XLSX."))
    if not encoding.startswith("utf") and _is_utf_8(path):
        raise refuse(
            _("The text is UTF-8, not %(encoding)s. Choose UTF-8.") % {"encoding": encoding.upper()}
        )
    number = 0
    # After a stray quotation mark the limit stops the reader near the mistake.
    csv.field_size_limit(LONGEST_CELL)
    try:
        with path.open(encoding=encoding, newline="") as text:
            lines = _Lines(text)
            sign, is_declared = _delimiter(path, encoding)
            rows = csv.reader(lines, delimiter=sign, strict=True)
            for number, cells in enumerate(rows, start=1):
                lines.characters = 0
                check_rows(number)
                if cells and not (is_declared and number == 1):
                    yield number, [*cells]
    except UnicodeError:
        raise refuse(_wrong_encoding(encoding), row=number + 1) from None
    except csv.Error as error:
        raise refuse(_broken_row(error), row=number + 1) from None


def _is_utf_8(path: Path) -> bool:
    """Whether the file has letters beyond ASCII and all bytes are valid UTF-8."""
    beyond_ascii = False
    try:
        with path.open(encoding=UTF_8, newline="") as text:
            while chunk := text.read(LONGEST_ROW):
                beyond_ascii |= not chunk.isascii()
    except UnicodeError:
        return False
    return beyond_ascii


def _wrong_encoding(encoding: str) -> str:
    return _(
        "This row or a row soon after is not %(encoding)s. Save the table as "
        "CSV UTF-8, or choose the encoding of the file."
    ) % {"encoding": encoding.upper()}


def _broken_row(error: csv.Error) -> str:
    return _(
        "The row cannot be split into cells: a quotation mark is missing or stray, or a cell "
        "has more than %(most)d characters (%(error)s)."
    ) % {"most": LONGEST_CELL, "error": error}


class _Lines:
    """The lines of a text. A row over several lines has at most LONGEST_ROW characters."""

    def __init__(self, text: TextIO) -> None:
        self.text = text
        self.characters = 0

    def __iter__(self) -> Iterator[str]:
        while line := self.text.readline(LONGEST_ROW):
            self.characters += len(line)
            if self.characters >= LONGEST_ROW:
                raise csv.Error(_("the row has no end"))
            yield line.lstrip(MARK)


def _delimiter(path: Path, encoding: str) -> tuple[str, bool]:
    """The separator, and whether the first line only declares the separator.

    Without a declaration: the sign that splits the first line into the most column names.
    """
    with path.open(encoding=encoding, newline="") as text:
        first = text.readline(HEAD_BYTES).lstrip(MARK)

    def count_columns(sign: str) -> int:
        return sum(name.strip(' "\r\n') in COLUMNS for name in first.split(sign))

    if match := DECLARED_DELIMITER.fullmatch(first):
        return match["sign"], True
    return max(SIGNS, key=count_columns), False
