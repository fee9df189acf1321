"""Tables of figures: shown on a page, sorted by links, and downloaded as CSV."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.core.exceptions import BadRequest
from django.http import HttpResponseBase
from django.utils.translation import gettext as _

from psf.exports.files import Value
from psf.exports.responses import CONTENT_TYPES, DataTable, table_response
from psf.text.folding import fold
from psf.text.numbers import number


class Cell(NamedTuple):
    """`value` is used for sorting and in the download. `text`, if given, is shown instead.

    A cell with neither value nor text reads "not published".
    """

    value: Value
    text: str = ""
    url: str = ""
    language: str = ""

    @property
    def words(self) -> str:
        """The text shown in the cell; "" if the value is not published."""
        if self.text or self.value is None:
            return self.text
        return number(self.value) if isinstance(self.value, int) else str(self.value)


class Column(NamedTuple):
    key: str
    label: str
    numeric: bool = True


class Head(NamedTuple):
    """The head of a column, with the current order and the link that sorts by this column.

    `order` is "" if the table is not sorted by this column. `url` is "" if sorting is not offered.
    """

    label: str
    numeric: bool
    order: str
    url: str


@dataclass(frozen=True)
class Table:
    """Rows of cells under columns. The first cell of a row is a text: the subject of the row.

    A page shows the first `most` rows. `total` is the number of all rows if only some were read.
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
        """A sentence about rows that the page does not show; "" if all rows are shown."""
        total = self.total or len(self.rows)
        count = min(len(self.rows), self.most)
        if total <= count:
            return ""
        text = _("The first %(shown)d of %(total)d; the download has all.")
        return text % {"shown": count, "total": total}

    def downloads(self) -> list[tuple[str, str]]:
        """The name and the address of each format; [] without a download."""
        if not self.csv_url:
            return []
        return [
            (suffix.upper(), self.csv_url.replace(".csv", f".{suffix}", 1))
            for suffix in CONTENT_TYPES
        ]

    def heads(self) -> list[Head]:
        return [self._head(column) for column in self.columns]

    def _head(self, column: Column) -> Head:
        ascending = f"{self.name}.{column.key}"
        descending = f"-{ascending}"
        order = {ascending: "ascending", descending: "descending"}.get(self.sort, "")
        # The first click sorts numbers from the greatest, and text from A.
        first, second = (descending, ascending) if column.numeric else (ascending, descending)
        sort = second if self.sort == first else first
        url = f"{self.address}sort={sort}#{self.name}" if self.address else ""
        return Head(column.label, column.numeric, order, url)

    def body(self) -> list[list[tuple[Cell, bool]]]:
        """The shown rows: each cell with a flag for numeric columns."""
        numeric = [column.numeric for column in self.columns]
        return [list(zip(row, numeric, strict=True)) for row in self.rows[: self.most]]

    def sorted_by(self, sort: str, address: str) -> "Table":
        """Return the table sorted by `sort`, such as "-towns.sum"; unsorted if `sort` is another's.

        Unknown values come last in both directions. `address` is the start of the sort links.
        """
        index = self.column_index(sort)
        if index is None:
            return replace(self, address=address)
        rows = [row for row in self.rows if row[index].value is not None]
        unknown = [row for row in self.rows if row[index].value is None]
        rows.sort(key=lambda row: _sort_key(row[index].value), reverse=sort.startswith("-"))
        return replace(self, rows=rows + unknown, sort=sort, address=address)

    def column_index(self, sort: str) -> int | None:
        """The index of the column that `sort` names; None if it is not a column of this table."""
        keys = [f"{self.name}.{column.key}" for column in self.columns]
        key = sort.removeprefix("-")
        return keys.index(key) if key in keys else None


def _sort_key(value: Value) -> Any:
    return fold(value) if isinstance(value, str) else value


def sorted_tables(tables: Iterable[Table], sort: str, address: str = "?") -> dict[str, Table]:
    """Return the tables of a page by name. The table that `sort` names is sorted.

    Raises `BadRequest` if no table has the column.
    """
    tables_by_name = {table.name: table.sorted_by(sort, address) for table in tables}
    if sort and not any(table.sort for table in tables_by_name.values()):
        raise BadRequest(_("No table on this page has that column."))
    return tables_by_name


def table_as_data(table: Table, suffix: str) -> HttpResponseBase:
    """Return the table, unsorted, as a download in a format."""
    heads = [column.label for column in table.columns]
    keys = [column.key for column in table.columns]
    rows = ([cell.value for cell in row] for row in table.rows)
    return table_response(suffix, DataTable(table.name, heads, rows, keys))
