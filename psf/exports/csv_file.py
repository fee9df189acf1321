"""CSV files for spreadsheets: UTF-8 with a byte order mark, every cell quoted, no formulas."""

import csv
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from io import StringIO
from itertools import islice
from typing import IO, Any, Protocol

Value = str | int | Decimal | None
# A spreadsheet reads such a text as a formula: "=", "+", "-" or "@", also in full width, and also
# after characters that nobody sees.
INVISIBLE = r"\s\x00-\x1f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
FORMULA = re.compile(rf"[\t\r]|[{INVISIBLE}]*[=+\-@\uff1d\uff0b\uff0d\uff20]")
# The first part is small, so the download starts at once.
FIRST_LINES, LINES = 50, 500


class RowWriter(Protocol):
    """A writer of the module csv."""

    def writerow(self, row: Iterable[Any], /) -> object: ...

    def writerows(self, rows: Iterable[Iterable[Any]], /) -> object: ...


def csv_writer(file: IO[str], heads: Iterable[str]) -> RowWriter:
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
