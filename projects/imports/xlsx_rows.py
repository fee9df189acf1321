"""The rows of an XLSX workbook, read cell by cell without building the sheet in memory."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .columns import COLUMNS
from .limits import check_archive, check_rows
from .problems import Problem, Refused, refuse

CHUNK = 1_000_000
OVERLAP = 300  # longer than the tags that are looked for
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]{0,100}?ref="([A-Z0-9:]{1,30})"')
HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\s[^<>]{0,200}?hidden="(?:1|true)"[^<>]{0,200}>')
HIDDEN_COLUMN = re.compile(rb'<(?:\w+:)?col\s[^<>]{0,200}?hidden="(?:1|true)"[^<>]{0,200}>')
FIRST_COLUMN = re.compile(rb'\smin="(\d{1,5})"')
ROW_NUMBER = re.compile(rb'\sr="(\d{1,7})"')
TEMPLATE_SHEET = "Projects"
UNREADABLE = gettext_lazy(
    "The workbook cannot be read: it is damaged or not made by a spreadsheet program. "
    "Open it and save it again as .xlsx."
)


class Unreadable(NamedTuple):
    """A cell that holds something else than a value, and why it is not taken."""

    text: str
    why: str


def read_xlsx(path: Path) -> Iterator[tuple[int, list[Any]]]:
    """The number and the cells of each row, the heads first."""
    try:
        with zipfile.ZipFile(path) as archive:
            check_archive(archive)
            _check_kind(archive)
            if any(name.endswith("vbaProject.bin") for name in archive.namelist()):
                raise refuse(_("The workbook holds macros: save it as .xlsx, without them."))
        yield from _rows(path)
    except Refused:
        raise
    except Exception:  # the library raises whatever a broken part leads to
        raise refuse(str(UNREADABLE)) from None


def _check_kind(archive: zipfile.ZipFile) -> None:
    """Many kinds of files are packed as a workbook is."""
    names = archive.namelist()
    if "content.xml" in names:
        raise refuse(_("This is an OpenDocument file (.ods), not .xlsx: save it as .xlsx."))
    if "xl/workbook.bin" in names:
        raise refuse(_("This is a binary workbook (.xlsb), not .xlsx: save it as .xlsx."))
    if not any(name.startswith("xl/") for name in names):
        raise refuse(_("This is a packed file, not a workbook: save the table as .xlsx."))


def _rows(path: Path) -> Iterator[tuple[int, list[Any]]]:
    import openpyxl  # here and not above: each worker would hold what few requests need

    with path.open("rb") as file:  # of a path the library would ask the ending
        book = openpyxl.load_workbook(file, read_only=True, keep_links=False)
        sheet = _sheet_to_read(book)
        with zipfile.ZipFile(file) as archive:
            _check_layout(archive, sheet._worksheet_path)
        sheet.reset_dimensions()  # what the file says of its size need not be true
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            check_rows(number)
            yield number, [_value(cell) for cell in cells]


def _sheet_to_read(book: Any) -> Any:
    """The sheet of the template, or the only one; never one that its owner does not see."""
    named = [sheet for sheet in book.worksheets if sheet.title == TEMPLATE_SHEET]
    sheets = named or book.worksheets
    shown = [sheet for sheet in sheets if sheet.sheet_state == "visible"]
    if len(shown) == 1 and (named or len(book.worksheets) == 1):
        return shown[0]
    if not sheets:
        raise refuse(str(UNREADABLE))
    if not shown:
        raise refuse(_("The sheet with the rows is hidden: show it, so that you see what is read."))
    names = ", ".join(f"“{sheet.title}”" for sheet in book.worksheets)
    raise refuse(
        _(
            "The workbook has several sheets, shown or hidden (%(names)s): "
            "call the one to read “Projects”."
        )
        % {"names": names}
    )


def _check_layout(archive: zipfile.ZipFile, name: str) -> None:
    """What the library does not tell when it reads row by row: merged cells and what is hidden."""
    merged, hidden, columns = list[str](), list[int](), list[int]()
    with archive.open(name.lstrip("/")) as part:
        text = b""
        while chunk := part.read(CHUNK):
            text = text[-OVERLAP:] + chunk
            merged += [ref.decode() for ref in MERGED.findall(text)]
            for tag in HIDDEN_ROW.findall(text):
                hidden += [int(row) for row in ROW_NUMBER.findall(tag)]
            for tag in HIDDEN_COLUMN.findall(text):
                columns += [int(column) for column in FIRST_COLUMN.findall(tag)]
    problems = [
        Problem(0, ref, "", _("These cells are merged: unmerge them and fill in each."))
        for ref in dict.fromkeys(merged)
    ]
    problems += [
        Problem(row, "", "", _("The row is hidden: show it or delete it."))
        for row in sorted(set(hidden))
    ]
    problems += [
        Problem(0, column, "", _("The column is hidden: show it or delete it."))
        for column in _letters(columns)
    ]
    if problems:
        raise Refused(problems)


def _letters(columns: list[int]) -> list[str]:
    """ "B" of 2. People also hide the empty ones behind the table: those say nothing."""
    from openpyxl.utils import get_column_letter

    return [get_column_letter(column) for column in sorted(set(columns)) if column <= len(COLUMNS)]


def _value(cell: Any) -> Any:
    if cell.data_type == "f":
        text = str(getattr(cell.value, "text", cell.value))
        return Unreadable(text, _("A formula: copy the cells and paste them as values."))
    if cell.data_type == "e":
        return Unreadable(str(cell.value), _("A formula went wrong here: put a value instead."))
    return cell.value
