"""Rows of CSV and XLSX files."""

import codecs
import csv
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, StringIO
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext as _, gettext_lazy

from projects.imports.problems import (
    LONGEST_CELL,
    MOST_CELLS_OF_A_ROW,
    MOST_MEMBERS,
    MOST_PROBLEMS,
    MOST_UNPACKED_BYTES,
    Problem,
    Refused,
    check_archive,
    check_cells,
    check_members,
    check_rows,
    refuse,
)
from projects.imports.template import COLUMNS, SHEET

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.reader.excel import ExcelReader

BOMS_OF_UTF_16 = codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE
MARK = "\ufeff"  # byte order mark; some programs write two
# Formats without a table.
OTHER_FORMATS = [
    (b"%PDF", gettext_lazy("a PDF")),
    (b"{\\rtf", gettext_lazy("a document of a word processor")),
    (b"<", gettext_lazy("a web page or XML")),
    (b"[", gettext_lazy("JSON")),
    (b"{", gettext_lazy("JSON")),
]


def check_format(content: bytes) -> None:
    """Refuse an empty file, and one whose first bytes show another format than a table."""
    head = content[:512]
    if not head:
        raise refuse(_("The file is empty."))
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise refuse(
            _("This is an old Excel file or has a password. Save it as .xlsx without a password.")
        )
    for beginning, kind in OTHER_FORMATS:
        if head.lstrip().startswith(beginning):
            raise refuse(
                _("The content is %(kind)s. Save the table as .xlsx or CSV UTF-8.") % {"kind": kind}
            )


SIGNS = ",;\t|"
DECLARED_DELIMITER = re.compile(rf'"?sep=(?P<sign>[{SIGNS}])"?\s*', re.IGNORECASE)
HEAD = 8192  # characters


def read_csv(content: bytes) -> Iterator[tuple[int, list[object]]]:
    """The number and the cells of each row, beginning with the names of the columns."""
    lines = StringIO(_decode(content).lstrip(MARK), newline="")
    first = lines.readline(HEAD)
    lines.seek(0)
    declared = DECLARED_DELIMITER.fullmatch(first)
    number = 0
    # After a stray quotation mark the limit stops the reader near the mistake.
    csv.field_size_limit(LONGEST_CELL)
    sign = declared["sign"] if declared else _delimiter(first)
    try:
        for number, cells in enumerate(csv.reader(lines, delimiter=sign, strict=True), start=1):
            check_rows(number)
            if cells and not (declared and number == 1):
                yield number, [*cells]
    except csv.Error as error:
        why = _(
            "The row cannot be split into cells: a quotation mark is missing or stray, or a cell "
            "has more than %(most)d characters (%(error)s)."
        )
        raise refuse(why % {"most": LONGEST_CELL, "error": error}, row=number + 1) from None


def _decode(content: bytes) -> str:
    """A text in UTF-8, or in UTF-16 with its byte order mark."""
    try:
        return content.decode("utf-16" if content.startswith(BOMS_OF_UTF_16) else "utf-8")
    except UnicodeDecodeError as error:
        why = _("Line %(line)d of the file is not UTF-8. Save the table as .xlsx or CSV UTF-8.")
        line = content.count(b"\n", 0, error.start) + 1
        raise refuse(why % {"line": line}) from None


def _delimiter(first: str) -> str:
    """The sign that splits the first line into the most names of columns."""
    return max(
        SIGNS,
        key=lambda sign: sum(name.strip(' "\r\n') in COLUMNS for name in first.split(sign)),
    )


CHUNK = 1_000_000
OVERLAP = 300  # longer than the searched tags
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]{0,100}?ref="([A-Z0-9:]{1,30})"')
HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\s[^<>]{0,200}?hidden="(?:1|true)"[^<>]{0,200}>')
HIDDEN_COLUMN = re.compile(rb'<(?:\w+:)?col\s[^<>]{0,200}?hidden="(?:1|true)"[^<>]{0,200}>')
COLUMN_ENDS = re.compile(rb'\s(?:min|max)="(\d{1,5})"')
ROW, CELL = re.compile(rb"<(?:\w+:)?row[\s/>]"), re.compile(rb"<(?:\w+:)?c[\s/>]")
ROW_NUMBER = re.compile(rb'\sr="(\d{1,7})"')
# The parts of a number format that show EUR, and parts that show something else: "kr", a unit
# without quotes (\k), thousands as one (a comma after the digits), or no number at all (;;;).
OWN_UNIT = re.compile(r'"[^\w%£"]*(?:EURO?)?[^\w%£"]*"|\[\$(?:€|EURO?)?[-\]]', re.IGNORECASE)
OTHER_UNIT = re.compile(r'["%]|\[\$|\\[^\W\d_]|[0#?],+(?![0#?,])|^;')
CONTROL_CHARACTER = re.compile("_x(00[01][0-9A-F])_")  # such as _x000D_ at an end of line
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


def read_xlsx(content: bytes) -> Iterator[tuple[int, list[object]]]:
    """The number and the cells of each row, beginning with the names of the columns."""
    with damage_refused():
        yield from _rows(open_workbook(content))


@contextmanager
def damage_refused() -> Iterator[None]:
    """Refuse a damaged file, for which openpyxl, zipfile and zlib raise many kinds of errors."""
    try:
        yield
    except Refused:
        raise
    except Exception:
        raise refuse(str(UNREADABLE)) from None


def open_workbook(
    content: bytes, most_members: int = MOST_MEMBERS, most_unpacked: int = MOST_UNPACKED_BYTES
) -> "ExcelReader":
    """Open a workbook. Raises `Refused` before another or a large archive is unpacked."""
    # Imported here to save memory: few requests need openpyxl.
    from openpyxl.reader.excel import ExcelReader

    check_members(content, most_members)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        check_archive(archive, most_unpacked)
        _check_kind(archive)
        _check_rows(archive)
    reader = ExcelReader(BytesIO(content), read_only=True, keep_links=False)
    reader.read()
    return reader


def _check_rows(archive: zipfile.ZipFile) -> None:
    """Count the cells of each row. openpyxl would load them all, however many they are."""
    for name in archive.namelist():
        cells = -inf  # of the last row so far. Excel lists its formulas outside of rows.
        with archive.open(name) as part:
            while chunk := part.read(CHUNK):
                counts = [float(len(CELL.findall(row))) for row in ROW.split(chunk)]
                counts[0] += cells
                cells = counts[-1]
                if max(counts) > MOST_CELLS_OF_A_ROW:
                    raise refuse(str(UNREADABLE))


def _check_kind(archive: zipfile.ZipFile) -> None:
    """Refuse other formats that are ZIP archives too, and macros."""
    names = archive.namelist()
    if any(name.endswith("vbaProject.bin") for name in names):
        raise refuse(_("The workbook contains macros. Save it as .xlsx without macros."))
    if "content.xml" in names:
        raise refuse(_("This is an OpenDocument file (.ods). Save it as .xlsx."))
    if "xl/workbook.bin" in names:
        raise refuse(_("This is a binary workbook (.xlsb). Save it as .xlsx."))
    if not any(name.startswith("xl/") for name in names):
        raise refuse(_("This is a ZIP archive, not a workbook. Save the table as .xlsx."))


def _rows(reader: "ExcelReader") -> Iterator[tuple[int, list[object]]]:
    sheet = _sheet_to_read(reader.wb)
    for entry, part in reader.parser.find_sheets():
        if entry.name == sheet.title:  # a damaged workbook may have the name twice
            _check_layout(reader.archive, part.target)
    sheet.reset_dimensions()  # the declared size may be wrong
    read = 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        check_rows(number)
        check_cells(read := read + len(cells))
        yield number, [value_of(cell) for cell in cells]


def _sheet_to_read(book: "Workbook") -> Any:
    """The sheet named as in the template, or the only sheet. A hidden sheet is refused."""
    name = SHEET.casefold()
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
    if isinstance(cell.value, str):
        return CONTROL_CHARACTER.sub(lambda match: chr(int(match[1], 16)), cell.value)
    return cell.value
