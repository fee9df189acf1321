"""Tables of figures: shown on a page, and downloaded as CSV."""

from dataclasses import dataclass
from typing import NamedTuple

from django.http import HttpResponseBase

from psf.exports.files import DataTable, Value
from psf.exports.responses import table_response
from psf.text.numbers_and_amounts import number


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


@dataclass(frozen=True)
class Table:
    """Rows of cells under columns. The first cell of a row is a text: the subject of the row."""

    name: str
    caption: str
    columns: list[Column]
    rows: list[list[Cell]]


def table_as_data(table: Table, suffix: str) -> HttpResponseBase:
    """Return the table as a download in a format."""
    heads = [column.label for column in table.columns]
    keys = [column.key for column in table.columns]
    rows = ([cell.value for cell in row] for row in table.rows)
    return table_response(suffix, DataTable(table.name, heads, rows, keys))
