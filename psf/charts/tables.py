"""Tables of figures: as a page shows them, sorted by plain links, and as CSV."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import BadRequest
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from psf.text.folding import fold
from psf.text.numbers import number

Value = str | int | Decimal | None
# What makes a spreadsheet take the text of a cell for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Cell(NamedTuple):
    """`value` is sorted by and downloaded; `text` is shown where that is not the same.

    A value of None without a text reads "not published".
    """

    value: Value
    text: str = ""
    url: str = ""
    language: str = ""

    @property
    def words(self) -> str:
        """What is shown; "" where that is not published."""
        if self.text or self.value is None:
            return self.text
        return number(self.value) if isinstance(self.value, int) else str(self.value)


class Column(NamedTuple):
    key: str
    label: str
    numeric: bool = True


class Head(NamedTuple):
    """The head of a column: the order in force ("" if it is another's), and the link to sort.

    Without a link the table of this page is not sorted.
    """

    label: str
    numeric: bool
    order: str
    url: str


@dataclass(frozen=True)
class Table:
    """Rows of cells under columns. The first cell of a row, never a number, is what it is about.

    A page shows the first `most` rows. `total` says how many there are where not all were read.
    """

    name: str
    caption: str
    columns: list[Column]
    rows: list[list[Cell]]
    csv_url: str = ""
    sort: str = ""
    address: str = ""
    most: int = 1000
    total: int | None = None

    @property
    def note(self) -> str:
        """What is left out: the rows beyond `most`, and those that were never read."""
        total = self.total or len(self.rows)
        shown = min(len(self.rows), self.most)
        if total <= shown:
            return ""
        words = _("The first %(shown)d of %(total)d; the download has all.")
        return words % {"shown": shown, "total": total}

    def heads(self) -> list[Head]:
        return [self._head(column) for column in self.columns]

    def _head(self, column: Column) -> Head:
        up = f"{self.name}.{column.key}"
        down = f"-{up}"
        order = {up: "ascending", down: "descending"}.get(self.sort, "")
        # A number is asked for to see the greatest, a word to begin at A.
        first, second = (down, up) if column.numeric else (up, down)
        wanted = second if self.sort == first else first
        url = f"{self.address}sort={wanted}#{self.name}" if self.address else ""
        return Head(column.label, column.numeric, order, url)

    def body(self) -> list[list[tuple[Cell, bool]]]:
        """The rows, each cell with whether its column is of numbers."""
        numeric = [column.numeric for column in self.columns]
        return [list(zip(row, numeric, strict=True)) for row in self.rows[: self.most]]

    def sorted_by(self, sort: str, address: str) -> "Table":
        """The same table in the order that the address asks for, if it asks it of this table.

        What is not known comes last in both directions. `address` is what the links to sort
        keep of the address of the page.
        """
        at = self.index(sort)
        if at is None:
            return replace(self, address=address)
        known = [row for row in self.rows if row[at].value is not None]
        unknown = [row for row in self.rows if row[at].value is None]
        known.sort(key=lambda row: _order_of(row[at].value), reverse=sort.startswith("-"))
        return replace(self, rows=known + unknown, sort=sort, address=address)

    def index(self, sort: str) -> int | None:
        """The column of this table of which the address speaks."""
        keys = [f"{self.name}.{column.key}" for column in self.columns]
        wanted = sort.removeprefix("-")
        return keys.index(wanted) if wanted in keys else None


def _order_of(value: Any) -> Any:
    return fold(value) if isinstance(value, str) else value


def sorted_tables(tables: Iterable[Table], sort: str, address: str = "?") -> dict[str, Table]:
    """The tables of a page by name, the one that the address names in that order.

    Raises BadRequest where it names a column that no table has.
    """
    found = {table.name: table.sorted_by(sort, address) for table in tables}
    if sort and not any(table.sort for table in found.values()):
        raise BadRequest(_("No table of this page has that column."))
    return found


def safe(value: Value) -> Value:
    """The value as it may stand in a spreadsheet: text that would be a formula stays text."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


class _Line:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(heads: Iterable[str], rows: Iterable[Iterable[Value]]) -> Iterator[str]:
    """The lines of a CSV file for spreadsheets: with a byte order mark, every cell quoted."""
    writer = csv.writer(_Line(), quoting=csv.QUOTE_ALL)
    yield "\ufeff" + writer.writerow([safe(head) for head in heads])
    for row in rows:
        yield writer.writerow(["" if cell is None else safe(cell) for cell in row])


def csv_response(
    name: str, heads: Iterable[str], rows: Iterable[Iterable[Value]]
) -> StreamingHttpResponse:
    response = StreamingHttpResponse(csv_lines(heads, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def table_as_csv(table: Table) -> StreamingHttpResponse:
    """The table as it was before it was sorted, for download."""
    heads = [column.label for column in table.columns]
    return csv_response(table.name, heads, ([cell.value for cell in row] for row in table.rows))
