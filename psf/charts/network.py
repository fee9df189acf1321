"""The geometry of networks, in a square of 320 pixels."""

from dataclasses import dataclass
from math import cos, pi, sin
from typing import NamedTuple

CENTRE, RADIUS = 160.0, 138.0
HEAVIEST = 8  # pixels: the greatest width of a line


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

    nodes: list[Node]
    links: list[NetworkLink]


def on_a_circle(labels: list[str]) -> list[Node]:
    """Return a node for each label, clockwise from the top, in a square of 320 pixels."""
    turns = [2 * pi * index / len(labels) - pi / 2 for index in range(len(labels))]
    return [
        Node(round(CENTRE + RADIUS * cos(turn), 1), round(CENTRE + RADIUS * sin(turn), 1), label)
        for turn, label in zip(turns, labels, strict=True)
    ]


def star(numbers: list[int]) -> Network:
    """Return a node in the middle, linked to one node for each number."""
    outer_nodes = on_a_circle([str(index) for index in range(1, len(numbers) + 1)])
    middle = Node(CENTRE, CENTRE, "")
    links = [
        NetworkLink(middle, node, min(number, HEAVIEST))
        for node, number in zip(outer_nodes, numbers, strict=True)
    ]
    return Network([middle, *outer_nodes], links)


def ring(size: int, pairs: dict[tuple[int, int], int]) -> Network:
    """Return `size` nodes on a circle. `pairs` gives the weight of the link between two nodes."""
    nodes = on_a_circle([str(index) for index in range(1, size + 1)])
    links = [
        NetworkLink(nodes[start], nodes[end], min(number, HEAVIEST))
        for (start, end), number in pairs.items()
    ]
    return Network(nodes, links)
