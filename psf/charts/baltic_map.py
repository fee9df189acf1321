"""The map of the Baltic Sea: outlines of the member states, shaded by a number.

The outlines are stored, already projected, in `data/map.json`. See docs/design.md for the
projection.
"""

import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

from psf.text.numbers_and_amounts import short_number

SHADES = 4
# Countries too narrow for a label: the label ends on the sea, and a line leads to the country.
# x and y of the label, x of the end of the line.
AT_SEA = {"DK": (415, 548, 0), "EE": (688, 468, 712), "LV": (668, 536, 700), "LT": (656, 603, 690)}
# Countries without an outline, with x and y of the label. Their number is on the ground.
ON_GROUND = {"BY": (840, 612), "UA": (900, 790)}


@dataclass(frozen=True)
class MapCountry:
    """A country on the map: outline, shade, number, and the position of the label.

    Without an outline the map has the label only. `leader` is the end of the line from a label
    at sea, or 0. A country without a page has no name here.
    """

    code: str
    name: str
    has_page: bool
    count: int
    step: int
    x: int
    y: int
    path: str = ""
    leader: int = 0

    @property
    def at_sea(self) -> bool:
        return self.code in AT_SEA

    @property
    def short_count(self) -> str:
        return short_number(self.count) if self.count else ""


@dataclass(frozen=True)
class Shade:
    """A shade used on the map, with the smallest and the greatest number that it stands for."""

    step: int
    least: int
    most: int


@dataclass(frozen=True)
class BalticMap:
    """The countries ordered by name, with the surrounding land, the graticule and a legend."""

    countries: list[MapCountry]
    legend: list[Shade]
    width: int
    height: int
    ground: str
    graticule: str


def baltic_map(names: Mapping[str, str], counts: Mapping[str, int]) -> BalticMap:
    """Return the map with each country shaded by number.

    `names` has the countries with a page, by code. Other countries are drawn with 0 and without a
    link.
    """
    outlines = _outlines()
    shapes: dict[str, dict[str, Any]] = dict(outlines["countries"])
    shapes |= {code: {"x": x, "y": y} for code, (x, y) in ON_GROUND.items() if counts.get(code)}
    for code, (x, y, leader) in AT_SEA.items():
        shapes[code] = {**shapes[code], "x": x, "y": y, "leader": leader}
    numbers = [counts.get(code, 0) for code in shapes]
    steps = shades(numbers)
    countries = [
        MapCountry(code, names.get(code, ""), code in names, count, steps[count], **shape)
        for (code, shape), count in zip(shapes.items(), numbers, strict=True)
    ]
    countries.sort(key=lambda country: country.name)
    return BalticMap(
        countries=countries,
        legend=_legend(numbers),
        **{key: outlines[key] for key in ["width", "height", "ground", "graticule"]},
    )


def _legend(counts: Iterable[int]) -> list[Shade]:
    """The shades used on the map, lightest first, each with all numbers that it stands for."""
    numbers = {*counts} - {0}
    limits, used = shade_limits(numbers), {*shades(numbers).values()} - {0}
    firsts = [min(numbers, default=0), *(limit + 1 for limit in limits)]
    return [Shade(step, firsts[step - 1], limits[step - 1]) for step in sorted(used)]


@cache
def _outlines() -> dict[str, Any]:
    return json.loads((Path(__file__).parent / "data" / "map.json").read_text("utf-8"))


def shade_limits(counts: Iterable[int]) -> list[int]:
    """The greatest number of each shade, from the least to the greatest number, in equal steps.

    Numbers that differ by less than a quarter have one shade.
    """
    numbers = {*counts} - {0}
    least, most = min(numbers, default=0), max(numbers, default=0)
    if most < 1.25 * least or most == 0:
        return [least - 1] * (SHADES - 2) + [most]
    return [least - 1 + ceil((most - least + 1) * step / SHADES) for step in range(1, SHADES + 1)]


def shades(counts: Iterable[int]) -> dict[int, int]:
    """The shade of each number: 0 for zero, then 1 to `SHADES`, the greatest darkest."""
    numbers = {*counts}
    limits = shade_limits(numbers)
    return {value: bisect_left(limits, value) + 1 if value else 0 for value in numbers | {0}}
