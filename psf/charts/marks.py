"""Charts in which one mark is one record: rows of squares, and dots on an axis of time.

Positions along the width are per cent, so text and marks keep their size on every page.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from psf.database.keysets import KeySet
from psf.text.numbers_and_amounts import short_number

# A chart with more marks in a row shows bars; more dots of one call are one dot with a number.
MAX_SQUARES, MAX_DOTS = 60, 8
# The bar of the longest row, in per cent. The remaining width is for the text beside the bar.
LONGEST = 40
# A chart with more points in time has one point a year.
MAX_POINTS = 24
# The distance between the middles of two dots, in pixels.
PITCH = 11


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


class Point(NamedTuple):
    """A point or a period on the axis: of a call, or of the calls of a year."""

    label: str
    first: date
    last: date

    @property
    def is_band(self) -> bool:
        return self.first != self.last

    def of_year(self) -> "Point":
        """The point that stands for all calls of a year; a band stands for itself."""
        middle = date(self.last.year, 7, 1)
        return self if self.is_band else Point(self.label, middle, middle)


class Tick(NamedTuple):
    """The label of a year above its first point. On a telephone every second tick is shown."""

    label: str
    x: float
    is_minor: bool


@dataclass(frozen=True)
class Axis:
    """A linear axis from the first to the last day, with its points."""

    first: date
    last: date
    today: date
    points: list[Point]

    def x(self, day: date) -> float:
        return round(100 * (day - self.first).days / (self.last - self.first).days, 2)

    def middle(self, point: Point) -> float:
        return round((self.x(point.first) + self.x(point.last)) / 2, 2)

    def width(self, point: Point) -> float:
        return round(self.x(point.last) - self.x(point.first), 2)

    def bands(self) -> list[Point]:
        return [point for point in self.points if point.is_band]

    def ticks(self) -> list[Tick]:
        """A label for each band and each year, once."""
        labels = {point.label: point for point in reversed(self.points)}
        in_order = sorted(labels.values(), key=lambda point: point.first)
        return [
            Tick(point.label, self.middle(point), not point.is_band and number % 2 == 1)
            for number, point in enumerate(in_order)
        ]


def time_axis(points: Iterable[Point], today: date) -> Axis:
    """The axis from the beginning of the first year to four months after the last day."""
    in_axis = list(points)
    last = max([today, *(point.last for point in in_axis)])
    months = last.year * 12 + last.month + 3
    end = date(months // 12, months % 12 + 1, 1)
    return Axis(date(min(point.first.year for point in in_axis), 1, 1), end, today, in_axis)


class Dot(NamedTuple):
    """A dot at x per cent and some pixels from there. With a number it stands for many records."""

    mark: Mark
    x: float
    dx: float = 0
    dy: float = 0
    number: str = ""


class DotRow(NamedTuple):
    """The dots of a country; `words` says the same in a line."""

    label: str
    url: str
    dots: list[Dot]
    number: int
    words: str

    @property
    def has_numbers(self) -> bool:
        return any(dot.number for dot in self.dots)


def dots_of(axis: Axis, point: Point, groups: Iterable[Group], links: Links) -> list[Dot]:
    """The dots of a point: stacked by two, spread in a band, or one dot for many records."""
    groups = [group for group in groups if group.number]
    number = sum(group.number for group in groups)
    if number > MAX_DOTS:
        return [Dot(Mark("project"), axis.middle(point), number=short_number(number))]
    marks = [mark for group in groups for mark in group.marks(links)]
    if point.is_band:
        step = axis.width(point) / (number + 1)
        start = axis.x(point.first)
        return [Dot(mark, round(start + step * n, 2)) for n, mark in enumerate(marks, start=1)]
    columns = (number + 1) // 2
    return [
        Dot(
            mark,
            axis.x(point.first),
            (n // 2 - (columns - 1) / 2) * PITCH,
            0 if n == number - 1 and number % 2 else (n % 2 - 0.5) * PITCH,
        )
        for n, mark in enumerate(marks)
    ]
