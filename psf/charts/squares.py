"""Charts in which one mark is one record: rows of squares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from psf.database.keysets import KeySet

# A chart with more marks in a row shows bars.
MAX_SQUARES = 60
# The bar of the longest row, in per cent. The text beside it has the remaining width, also on a
# telephone.
LONGEST = 28


class Mark(NamedTuple):
    """A mark of a look, with the address and the title of its record, if it has a page."""

    look: str
    url: str = ""
    title: str = ""


# The address and the title of each record that a mark opens, by key.
Links = Mapping[int, tuple[str, str]]


class Group(NamedTuple):
    """The marks of one look in a row. Without a key set the marks open nothing."""

    look: str
    number: int
    keys: KeySet = 0

    def marks(self, links: Links) -> list[Mark]:
        own = [Mark(self.look, *link) for key, link in links.items() if self.keys >> key & 1]
        return own or [Mark(self.look)] * self.number


class Bar(NamedTuple):
    look: str
    x: float
    width: float


class Row(NamedTuple):
    """A row of marks with its label, and the words beside the last mark."""

    label: str
    url: str
    groups: Sequence[Group]
    text: str
    detail: str = ""

    @property
    def number(self) -> int:
        return sum(group.number for group in self.groups)


@dataclass(frozen=True)
class Squares:
    """Rows of squares under one legend, or of bars of the same length if there are too many."""

    legend: list[tuple[str, str]]
    rows: list[Row]
    links: Links

    @property
    def longest(self) -> int:
        return max(row.number for row in self.rows)

    @property
    def are_bars(self) -> bool:
        return self.longest > MAX_SQUARES

    def marks(self, row: Row) -> list[Mark]:
        return [mark for group in row.groups for mark in group.marks(self.links)]

    def bars(self, row: Row) -> list[Bar]:
        bars, x = [], 0.0
        for group in row.groups:
            width = round(LONGEST * group.number / self.longest, 2)
            bars.append(Bar(group.look, round(x, 2), width))
            x += width
        return bars
