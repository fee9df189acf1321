"""Rows of CSV and XLSX files."""

import csv
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from django.utils.translation import gettext as _, gettext_lazy

from projects.imports.columns import COLUMNS
from projects.imports.problems import (
    LONGEST_CELL,
    LONGEST_ROW,
    MOST_PROBLEMS,
    Problem,
    Refused,
    check_archive,
    check_members,
    check_rows,
    refuse,
)

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell

MARK = "\ufeff"  # byte order mark; some programs write two
# Formats without a table.
OTHER_FORMATS = [
    (b"%PDF", gettext_lazy("a PDF")),
    (b"{\\rtf", gettext_lazy("a document of a word processor")),
    (b"<", gettext_lazy("a web page or XML")),
    (b"[", gettext_lazy("JSON")),
    (b"{", gettext_lazy("JSON")),
]


def encoding_of(head: bytes, declared: str) -> str:
    """The encoding by the byte order mark or by zero bytes, else the declared encoding.

    The first character is ASCII: that of the name of a column.
    """
    detected = json.detect_encoding(head)  # works for any text that begins with ASCII
    return declared if detected == "utf-8" else detected


def check_format(head: bytes) -> None:
    """Refuse a file whose first bytes show another format than a table."""
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise refuse(
            _("This is an old Excel file or has a password. Save it as .xlsx without a password.")
        )
    for beginning, kind in OTHER_FORMATS:
        if head.lstrip().startswith(beginning):
            raise refuse(
                _("The content is %(kind)s. Save the table as .xlsx or CSV UTF-8.") % {"kind": kind}
            )


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


CHUNK = 1_000_000
OVERLAP = 300  # longer than the searched tags
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]{0,100}?ref="([A-Z0-9:]{1,30})"')
HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\s[^<>]{0,200}?hidden="(?:1|true)"[^<>]{0,200}>')
HIDDEN_COLUMN = re.compile(rb'<(?:\w+:)?col\s[^<>]{0,200}?hidden="(?:1|true)"[^<>]{0,200}>')
COLUMN_ENDS = re.compile(rb'\s(?:min|max)="(\d{1,5})"')
ROW_NUMBER = re.compile(rb'\sr="(\d{1,7})"')
# The parts of a number format that show EUR, and parts that show something else: "kr", a unit
# without quotes (\k), thousands as one (a comma after the digits), or no number at all (;;;).
OWN_UNIT = re.compile(r'"[^\w%£"]*(?:EURO?)?[^\w%£"]*"|\[\$(?:€|EURO?)?[-\]]', re.IGNORECASE)
OTHER_UNIT = re.compile(r'["%]|\[\$|\\[^\W\d_]|[0#?],+(?![0#?,])|^;')
TEMPLATE_SHEET = "Projects"
UNREADABLE = gettext_lazy(
    "The workbook is damaged or not made by a spreadsheet program. "
    "Open it and save it again as .xlsx."
)


class Unreadable(NamedTuple):
    """A cell without a plain value, and the reason for refusing the cell."""

    text: str
    why: str

    def __str__(self) -> str:
        return self.text


def read_xlsx(path: Path) -> Iterator[tuple[int, list[object]]]:
    """The number and the cells of each row, beginning with the names of the columns."""
    try:
        with path.open("rb") as file:
            check_members(file)
        with zipfile.ZipFile(path) as archive:
            check_archive(archive)
            check_kind(archive)
            if any(name.endswith("vbaProject.bin") for name in archive.namelist()):
                raise refuse(_("The workbook contains macros. Save it as .xlsx without macros."))
        yield from _rows(path)
    except Refused:
        raise
    except Exception:  # openpyxl raises many kinds of errors for a damaged file
        raise refuse(str(UNREADABLE)) from None


def check_kind(archive: zipfile.ZipFile) -> None:
    """Refuse other formats that are ZIP archives too."""
    names = archive.namelist()
    if "content.xml" in names:
        raise refuse(_("This is an OpenDocument file (.ods). Save it as .xlsx."))
    if "xl/workbook.bin" in names:
        raise refuse(_("This is a binary workbook (.xlsb). Save it as .xlsx."))
    if not any(name.startswith("xl/") for name in names):
        raise refuse(_("This is a ZIP archive, not a workbook. Save the table as .xlsx."))


def _rows(path: Path) -> Iterator[tuple[int, list[object]]]:
    # Imported here to save memory: few requests need openpyxl.
    from openpyxl.reader.excel import ExcelReader

    with path.open("rb") as file:  # for a path openpyxl checks the file name
        reader = ExcelReader(file, read_only=True, keep_links=False)
        reader.read()
        sheet = _sheet_to_read(reader.wb)
        for entry, part in reader.parser.find_sheets():
            if entry.name == sheet.title:  # a damaged workbook may have the name twice
                _check_layout(reader.archive, part.target)
        sheet.reset_dimensions()  # the declared size may be wrong
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            check_rows(number)
            yield number, [value_of(cell) for cell in cells]


def _sheet_to_read(book: "Workbook") -> Any:
    """The sheet named as in the template, or the only sheet. A hidden sheet is refused."""
    name = TEMPLATE_SHEET.casefold()
    template_sheets = [sheet for sheet in book.worksheets if sheet.title.casefold() == name]
    sheets = template_sheets or book.worksheets
    visible = [sheet for sheet in sheets if sheet.sheet_state == "visible"]
    if len(visible) == 1 and (template_sheets or len(book.worksheets) == 1):
        return visible[0]
    if not sheets:
        raise refuse(str(UNREADABLE))
    if not visible:
        raise refuse(_("The sheet with the rows is hidden. Unhide the sheet."))
    names = ", ".join(f"“{sheet.title}”" for sheet in book.worksheets)
    raise refuse(
        _(
            "The workbook has several sheets, visible or hidden (%(names)s). "
            "Name the sheet with the rows “Projects”."
        )
        % {"names": names}
    )


def _check_layout(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse merged cells, hidden rows and hidden columns. openpyxl does not report them here."""
    from openpyxl.utils import get_column_letter

    merged, hidden, columns = list[str](), list[int](), list[int]()
    with archive.open(name.lstrip("/")) as part:
        text = b""
        while chunk := part.read(CHUNK):
            text = text[-OVERLAP:] + chunk
            merged += [ref.decode() for ref in MERGED.findall(text)]
            for tag in HIDDEN_ROW.findall(text):
                hidden += [int(row) for row in ROW_NUMBER.findall(tag)]
            for tag in HIDDEN_COLUMN.findall(text):
                first, last = sorted(int(column) for column in COLUMN_ENDS.findall(tag))
                columns += range(first, min(last, len(COLUMNS)) + 1)  # others may be hidden
    problems = [
        Problem(0, ref, "", _("These cells are merged. Unmerge them and fill in each cell."))
        for ref in dict.fromkeys(merged)
    ]
    problems += [
        Problem(row, "", "", _("The row is hidden. Unhide or delete it."))
        for row in sorted(set(hidden))
    ]
    problems += [
        Problem(0, column, "", _("The column is hidden. Unhide or delete it."))
        for column in map(get_column_letter, sorted(set(columns)))
    ]
    if problems:
        raise Refused(problems[:MOST_PROBLEMS])


def value_of(cell: "Cell") -> object:
    """The value of a cell, or why it has none that can be read."""
    if cell.data_type == "f":
        text = str(getattr(cell.value, "text", cell.value))
        return Unreadable(text, _("This is a formula. Copy the cells and paste them as values."))
    if cell.data_type == "e":
        return Unreadable(str(cell.value), _("This formula has an error. Write a value instead."))
    is_number = isinstance(cell.value, int | float)
    if is_number and OTHER_UNIT.search(OWN_UNIT.sub("", cell.number_format or "")):
        return Unreadable(
            f"{cell.value:.15g}",
            _(
                "The cell shows something other than this number, such as a percentage, thousands "
                "or another currency. "
                "Format the cell as text or as a plain number and write the value again."
            ),
        )
    return cell.value
