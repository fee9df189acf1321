"""The geometry of a matrix. Widths are per cent of the chart, heights are pixels."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import permutations
from typing import NamedTuple

from psf.charts.baltic_map import shades_by_rank

CELL = 28


class MatrixCell(NamedTuple):
    x: float
    y: int
    number: int
    step: int

    @property
    def short(self) -> str:
        """The number, rounded to fit the cell: 12 645 reads "13k"."""
        return str(self.number) if self.number < 1000 else f"{(self.number + 500) // 1000}k"


@dataclass(frozen=True)
class Matrix:
    """A number for each pair of labels, shaded by rank."""

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


def matrix(labels: list[str], number: Callable[[str, str], int]) -> Matrix:
    """Return the matrix of `number(row, column)`, shaded like the map, without the diagonal."""
    places = list(permutations(range(len(labels)), 2))
    numbers = [number(labels[row], labels[column]) for row, column in places]
    shades = shades_by_rank(numbers)
    size = 100 / (len(labels) + 1)
    cells = [
        MatrixCell(round(size * (column + 1), 3), CELL * (row + 1), value, shades[value])
        for (row, column), value in zip(places, numbers, strict=True)
    ]
    return Matrix(labels, cells)
