"""XLSX files, written row by row in constant memory."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from tempfile import SpooledTemporaryFile, TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

MAX_BYTES_IN_MEMORY = 2_000_000
# The same data give the same bytes.
CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 (a cell or property of a workbook has no time zone)
WIDTH = 18
DAY_FORMAT, MOMENT_FORMAT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"


class Sheet(NamedTuple):
    """A sheet: a row of heads above the rows."""

    name: str
    heads: Sequence[str]
    rows: Iterable[Iterable[Any]]


def xlsx_file(sheets: Iterable[Sheet]) -> IO[bytes]:
    """Return an open file with the workbook. Texts never become formulas or links."""
    # Imported here to save memory: few requests need a workbook.
    from xlsxwriter import Workbook

    file = SpooledTemporaryFile(MAX_BYTES_IN_MEMORY)  # noqa: SIM115 (the caller closes the file)
    try:
        # The folder has the unfinished sheets. It disappears after an error too.
        with TemporaryDirectory(prefix="psf-xlsx-") as folder:
            _write_book(Workbook(file, {"constant_memory": True, "tmpdir": folder}), sheets)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _write_book(book: "Workbook", sheets: Iterable[Sheet]) -> None:
    book.set_properties({"created": CREATED})
    bold = book.add_format({"bold": True})
    formats: dict[type, Any] = {
        date: book.add_format({"num_format": DAY_FORMAT}),
        datetime: book.add_format({"num_format": MOMENT_FORMAT}),
    }
    for name, heads, rows in sheets:
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(heads) - 1, 0), WIDTH)
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, bold)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                _write(sheet, number, column, value, formats)
    book.close()


def _write(
    sheet: "Worksheet", row: int, column: int, value: object, formats: dict[type, Any]
) -> None:
    if isinstance(value, str):
        if value:
            sheet.write_string(row, column, value)
    elif isinstance(value, (int, float, Decimal)):
        sheet.write_number(row, column, value)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, formats[type(value)])
