"""Rows written as CSV, XLSX and JSON."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from itertools import islice
from tempfile import SpooledTemporaryFile, TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from psf.exports.tables import FieldKind, PublicField, Record

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

Cell = Any  # str, int, Decimal, date, datetime or None

BETWEEN_ITEMS, BETWEEN_VALUES = "; ", ", "


def flat_rows(records: Iterable[Record], fields: Sequence[PublicField]) -> Iterator[list[Cell]]:
    """Yield a row of cells for each record. A list becomes one text."""
    keys = [field.key for field in fields]
    changed = [
        (place, CHANGES[field.kind]) for place, field in enumerate(fields) if field.kind in CHANGES
    ]
    for record in records:
        row = [record[key] for key in keys]
        for place, change in changed:
            if row[place] is not None:
                row[place] = change(row[place])
        yield row


def _text_of_records(records: list[Record]) -> str:
    # Lists, because `join()` is slower with generators.
    return BETWEEN_ITEMS.join(
        [
            BETWEEN_VALUES.join(
                [str(value) for value in record.values() if value is not None and value != ""]
            )
            for record in records
        ]
    )


def _in_utc(moment: datetime) -> datetime:
    """The second in UTC without a zone, because cells of spreadsheets have none."""
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)


CHANGES: dict[FieldKind, Callable[[Any], Cell]] = {
    FieldKind.LIST: BETWEEN_ITEMS.join,
    FieldKind.RECORDS: _text_of_records,
    FieldKind.YES_NO: lambda value: "yes" if value else "no",
    FieldKind.MOMENT: _in_utc,
}


def plain_number(amount: Decimal) -> int | float:
    """The amount as a number of JSON, whole if possible."""
    return int(amount) if amount == int(amount) else float(amount)


def json_text(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)  # a translated text


Value = str | int | Decimal | None
# A spreadsheet reads such a text as a formula: "=", "+", "-" or "@", also in full width, and also
# after characters that nobody sees.
INVISIBLE = r"\s\x00-\x1f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
FORMULA = re.compile(rf"[\t\r]|[{INVISIBLE}]*[=+\-@\uff1d\uff0b\uff0d\uff20]")
# The first part is small, so the download starts at once.
FIRST_LINES, LINES = 50, 500


def csv_writer(file: IO[str], heads: Iterable[str]) -> Any:
    """Write the row of heads to a file and return the writer of the rows below."""
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    file.write("\ufeff")
    writer.writerow(safe_row(heads))
    return writer


def safe_row(row: Iterable[Value]) -> list[Value]:
    """Return the cells of a row. A formula gets an apostrophe before it."""
    return [f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell for cell in row]


def csv_parts(heads: Iterable[str], rows: Iterable[Iterable[Value]]) -> Iterator[str]:
    """Yield a CSV file in parts of many lines. None is an empty cell."""
    part = StringIO(newline="")
    writer = csv_writer(part, heads)
    safe_rows = map(safe_row, rows)
    writer.writerows(islice(safe_rows, FIRST_LINES))
    while text := part.getvalue():
        yield text
        part.seek(0)
        part.truncate()
        writer.writerows(islice(safe_rows, LINES))


MAX_BYTES_IN_MEMORY = 2_000_000
# The same data give the same bytes.
CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 (a cell or property of a workbook has no time zone)
WIDTH = 18
DAY_FORMAT, MOMENT_FORMAT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"


class DataTable(NamedTuple):
    """A file or a sheet: its name, and a row of heads above the rows. JSON has `keys` for heads."""

    name: str
    heads: Sequence[str]
    rows: Iterable[Iterable[Any]]
    keys: Sequence[str] = ()


def xlsx_file(sheets: Iterable[DataTable]) -> IO[bytes]:
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


def _write_book(book: "Workbook", sheets: Iterable[DataTable]) -> None:
    book.set_properties({"created": CREATED})
    bold = book.add_format({"bold": True})
    formats: dict[type, Any] = {
        date: book.add_format({"num_format": DAY_FORMAT}),
        datetime: book.add_format({"num_format": MOMENT_FORMAT}),
    }
    for name, heads, rows, _keys in sheets:
        sheet = book.add_worksheet(name[:31])
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
