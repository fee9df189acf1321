"""The geometry of pictures. Widths are in per cent of the picture, heights in pixels.

So words keep their size while the picture grows and shrinks with its page.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import cos, pi, sin
from typing import NamedTuple

from psf.charts.baltic_map import shades_by_rank

# The rest is for the words beside the longest bar.
LONGEST = 50.0
LABEL, BAR, GAP = 22, 18, 14
CELL = 28


class Bar(NamedTuple):
    """A bar, or without a width what is not known or nought, and the words beside it."""

    look: int
    y: int
    width: float
    text: str

    @property
    def text_y(self) -> int:
        return self.y + 11

    @property
    def text_x(self) -> float:
        return self.width + 1.5 if self.width else 0.0


class Group(NamedTuple):
    label: str
    y: int
    bars: list[Bar]


@dataclass(frozen=True)
class BarChart:
    """Groups of bars below one another; `look` tells the bars of one group apart."""

    name: str
    title: str
    description: str
    groups: list[Group]
    height: int


def bar_chart(
    name: str,
    title: str,
    description: str,
    groups: Iterable[tuple[str, list[tuple[float | None, str]]]],
) -> BarChart:
    """Bars on one scale: for each group its label, and values with what is said beside them.

    A value of None is not known: it has words and no bar.
    """
    rows = list(groups)
    most = max((value or 0 for _label, bars in rows for value, _text in bars), default=0)
    drawn, y = [], 0
    for label, bars in rows:
        top = y + LABEL
        placed = [
            Bar(look, top + BAR * look, _width(value, most), text)
            for look, (value, text) in enumerate(bars)
        ]
        drawn.append(Group(label, y + 15, placed))
        y = top + BAR * len(bars) + GAP
    return BarChart(name, title, description, drawn, y)


def _width(value: float | None, most: float) -> float:
    return round(LONGEST * float(value) / float(most), 2) if value and most else 0.0


class MatrixCell(NamedTuple):
    """A square of a matrix; without a number it lies on the diagonal."""

    x: float
    y: int
    middle: float
    number: int | None
    step: int

    @property
    def text_y(self) -> int:
        return self.y + 18

    @property
    def short(self) -> str:
        """The number as a cell has room for it: 12 345 reads "12k"."""
        if self.number is None:
            return ""
        return str(self.number) if self.number < 1000 else f"{self.number // 1000}k"


@dataclass(frozen=True)
class Matrix:
    """A number for each pair of labels, shaded by rank."""

    name: str
    title: str
    description: str
    labels: list[str]
    cells: list[MatrixCell]

    @property
    def size(self) -> float:
        """How wide one cell is; a column before the first is for the labels."""
        return round(100 / (len(self.labels) + 1), 3)

    @property
    def height(self) -> int:
        return CELL * (len(self.labels) + 1)

    def heads(self) -> Iterator[tuple[str, float, int]]:
        """Each label, the middle of its column, and where it stands beside its row."""
        for at, label in enumerate(self.labels, start=1):
            yield label, round(self.size * (at + 0.5), 3), CELL * at + 18


def matrix(
    name: str,
    title: str,
    description: str,
    labels: list[str],
    number: Callable[[str, str], int],
) -> Matrix:
    """The matrix of `number(row, column)`, shaded as the map is."""
    pairs = [(row, column) for row in labels for column in labels]
    shades = shades_by_rank(number(*pair) for pair in pairs if pair[0] != pair[1])
    size = 100 / (len(labels) + 1)
    cells = []
    for index, (row, column) in enumerate(pairs):
        at_y, at_x = divmod(index, len(labels))
        found = None if row == column else number(row, column)
        cells.append(
            MatrixCell(
                x=round(size * (at_x + 1), 3),
                y=CELL * (at_y + 1),
                middle=round(size * (at_x + 1.5), 3),
                number=found,
                step=0 if found is None else shades[found],
            )
        )
    return Matrix(name, title, description, labels, cells)


class Node(NamedTuple):
    """A circle with its number in the table beside the picture."""

    x: float
    y: float
    label: str

    @property
    def text_y(self) -> float:
        return round(self.y + 4.5, 1)


class Link(NamedTuple):
    start: Node
    end: Node
    weight: int


@dataclass(frozen=True)
class Network:
    """Who is linked with whom; the thicker a line, the more they share."""

    name: str
    title: str
    description: str
    nodes: list[Node]
    links: list[Link]


CENTRE, RADIUS, HEAVIEST = 160.0, 138.0, 8


def on_a_circle(labels: list[str]) -> list[Node]:
    """The places of so many circles, from the top clockwise, in a picture of 320 by 320."""
    turns = [2 * pi * at / len(labels) - pi / 2 for at in range(len(labels))]
    return [
        Node(round(CENTRE + RADIUS * cos(turn), 1), round(CENTRE + RADIUS * sin(turn), 1), label)
        for turn, label in zip(turns, labels, strict=True)
    ]


def star(name: str, title: str, description: str, numbers: list[int]) -> Network:
    """One in the middle and the others around it, linked by so many each."""
    around = on_a_circle([str(at) for at in range(1, len(numbers) + 1)])
    middle = Node(CENTRE, CENTRE, "")
    links = [
        Link(middle, node, min(number, HEAVIEST))
        for node, number in zip(around, numbers, strict=True)
    ]
    return Network(name, title, description, [middle, *around], links)


def ring(
    name: str, title: str, description: str, size: int, pairs: dict[tuple[int, int], int]
) -> Network:
    """So many around a circle; `pairs` says how much those at two places share."""
    nodes = on_a_circle([str(at) for at in range(1, size + 1)])
    links = [
        Link(nodes[one], nodes[other], min(number, HEAVIEST))
        for (one, other), number in pairs.items()
    ]
    return Network(name, title, description, nodes, links)
