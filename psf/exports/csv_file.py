"""CSV files for spreadsheets: UTF-8 with a byte order mark, every cell quoted, no formulas."""

import csv
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice

Value = str | int | Decimal | None
# A spreadsheet reads a text that starts with one of these characters as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
FORMULA_SIGNS = frozenset(FORMULA_STARTS)
# The first part is small, so the download starts at once.
FIRST_LINES, LINES = 50, 500


class _Lines:
    """A file that keeps the written lines until `take()`."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self.write = self._lines.append

    def take(self) -> str:
        text = "".join(self._lines)
        self._lines.clear()
        return text


def safe(value: Value) -> Value:
    """Return the value for a spreadsheet cell. A formula gets an apostrophe before it."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def csv_parts(heads: Iterable[str], rows: Iterable[Iterable[Value]]) -> Iterator[str]:
    """Yield a CSV file in parts of many lines. None is an empty cell."""
    lines = _Lines()
    writer = csv.writer(lines, quoting=csv.QUOTE_ALL)
    lines.write("\ufeff")
    writer.writerow([safe(head) for head in heads])
    # The rule of `safe()`, without a call for each of many cells.
    safe_rows = (
        [
            cell if type(cell) is not str or cell[:1] not in FORMULA_SIGNS else f"'{cell}"
            for cell in row
        ]
        for row in rows
    )
    writer.writerows(islice(safe_rows, FIRST_LINES))
    while text := lines.take():
        yield text
        writer.writerows(islice(safe_rows, LINES))
