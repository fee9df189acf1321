"""The geometry of charts. Widths are per cent of the chart, heights are pixels.

Text therefore keeps its size when the chart grows or shrinks with the page.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import cos, pi, sin
from typing import NamedTuple

from psf.charts.baltic_map import shades_by_rank

# Per cent of the chart. The remaining width is for the text beside the longest bar.
LONGEST = 50.0
LABEL, BAR, GAP = 22, 18, 14
CELL = 28


class Bar(NamedTuple):
    """A bar with the text beside the bar. The width is 0 for zero and for an unknown value."""

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


class BarGroup(NamedTuple):
    label: str
    y: int
    bars: list[Bar]


@dataclass(frozen=True)
class BarChart:
    """Groups of bars, top to bottom."""

    name: str
    title: str
    description: str
    groups: list[BarGroup]
    height: int


def bar_chart(
    name: str,
    title: str,
    description: str,
    groups: Iterable[tuple[str, list[tuple[float | None, str]]]],
    looks: Sequence[int] = range(4),
) -> BarChart:
    """Return groups of bars on one scale.

    Each group is a label with pairs of a value and a text. An unknown value is None: the text
    is shown without a bar. `looks` are the looks of the bars of a group; 0 is the solid bar.
    """
    rows = list(groups)
    greatest = max((value or 0 for _label, bars in rows for value, _text in bars), default=0)
    bar_groups, y = [], 0
    for label, bars in rows:
        top = y + LABEL
        placed_bars = [
            Bar(looks[place], top + BAR * place, _width(value, greatest), text)
            for place, (value, text) in enumerate(bars)
        ]
        bar_groups.append(BarGroup(label, y + 15, placed_bars))
        y = top + BAR * len(bars) + GAP
    return BarChart(name, title, description, bar_groups, y)


def _width(value: float | None, greatest: float) -> float:
    return round(LONGEST * float(value) / float(greatest), 2) if value and greatest else 0.0


class MatrixCell(NamedTuple):
    x: float
    y: int
    number: int
    step: int

    @property
    def short(self) -> str:
        """The number, shortened to fit the cell: 12 345 reads "12k"."""
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
        """The width of a cell in per cent. The labels take the width of one more column."""
        return round(100 / (len(self.labels) + 1), 3)

    @property
    def height(self) -> int:
        return CELL * (len(self.labels) + 1)

    def heads(self) -> Iterator[tuple[str, float, int]]:
        """Yield each label with the middle of the column and the height of the row label."""
        for index, label in enumerate(self.labels, start=1):
            yield label, round(self.size * (index + 0.5), 3), CELL * index + 18


def matrix(
    name: str, title: str, description: str, labels: list[str], number: Callable[[str, str], int]
) -> Matrix:
    """Return the matrix of `number(row, column)`, shaded like the map, without the diagonal."""
    places = list(permutations(range(len(labels)), 2))
    numbers = [number(labels[row], labels[column]) for row, column in places]
    shades = shades_by_rank(numbers)
    size = 100 / (len(labels) + 1)
    cells = [
        MatrixCell(round(size * (column + 1), 3), CELL * (row + 1), value, shades[value])
        for (row, column), value in zip(places, numbers, strict=True)
    ]
    return Matrix(name, title, description, labels, cells)


class Node(NamedTuple):
    """A circle labelled with the row number in the table beside the chart."""

    x: float
    y: float
    label: str

    @property
    def text_y(self) -> float:
        return round(self.y + 4.5, 1)


class NetworkLink(NamedTuple):
    start: Node
    end: Node
    weight: int


@dataclass(frozen=True)
class Network:
    """Circles and the links between the circles. A thicker line means more shared projects."""

    name: str
    title: str
    description: str
    nodes: list[Node]
    links: list[NetworkLink]


CENTRE, RADIUS, HEAVIEST = 160.0, 138.0, 8


def on_a_circle(labels: list[str]) -> list[Node]:
    """Return a node for each label, clockwise from the top, in a square of 320 pixels."""
    turns = [2 * pi * index / len(labels) - pi / 2 for index in range(len(labels))]
    return [
        Node(round(CENTRE + RADIUS * cos(turn), 1), round(CENTRE + RADIUS * sin(turn), 1), label)
        for turn, label in zip(turns, labels, strict=True)
    ]


def star(name: str, title: str, description: str, numbers: list[int]) -> Network:
    """Return a node in the middle, linked to one node for each number."""
    outer_nodes = on_a_circle([str(index) for index in range(1, len(numbers) + 1)])
    middle = Node(CENTRE, CENTRE, "")
    links = [
        NetworkLink(middle, node, min(number, HEAVIEST))
        for node, number in zip(outer_nodes, numbers, strict=True)
    ]
    return Network(name, title, description, [middle, *outer_nodes], links)


def ring(
    name: str, title: str, description: str, size: int, pairs: dict[tuple[int, int], int]
) -> Network:
    """Return `size` nodes on a circle. `pairs` gives the weight of the link between two nodes."""
    nodes = on_a_circle([str(index) for index in range(1, size + 1)])
    links = [
        NetworkLink(nodes[start], nodes[end], min(number, HEAVIEST))
        for (start, end), number in pairs.items()
    ]
    return Network(name, title, description, nodes, links)
