"""The map of the Baltic Sea: outlines of the member states, shaded by a number.

The outlines were projected once; docs/design.md says how. They lie in data/map.json.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

SHADES = 4
# Countries too narrow for their own label: it stands beside them on the water.
LABELLED_AT_SEA = {"DK"}
NAMES = {
    "DE": _("Germany"),
    "DK": _("Denmark"),
    "EE": _("Estonia"),
    "FI": _("Finland"),
    "IS": _("Iceland"),
    "LT": _("Lithuania"),
    "LV": _("Latvia"),
    "NO": _("Norway"),
    "PL": _("Poland"),
    "RU": _("Russia"),
    "SE": _("Sweden"),
}


@dataclass(frozen=True)
class MapCountry:
    """One country as it is drawn: its outline, its shade, its number and where that stands."""

    code: str
    name: str
    has_page: bool
    count: int
    step: int
    path: str
    x: int
    y: int

    @property
    def at_sea(self) -> bool:
        return self.code in LABELLED_AT_SEA

    @property
    def short_count(self) -> str:
        """The number as a label has room for it: 12 345 reads "12k"."""
        return str(self.count) if self.count < 10_000 else f"{self.count // 1000}k"


@dataclass(frozen=True)
class Shade:
    """A shade in use, and the least and the greatest number that it stands for."""

    step: int
    least: int
    most: int


@dataclass(frozen=True)
class BalticMap:
    """The countries in the order of their names, with what surrounds them and a legend."""

    countries: list[MapCountry]
    width: int
    height: int
    ground: str
    graticule: str

    def __iter__(self) -> Iterator[MapCountry]:
        return iter(self.countries)

    @property
    def legend(self) -> list[Shade]:
        """The shades in use, lightest first."""
        numbers: dict[int, list[int]] = {}
        for country in self.countries:
            numbers.setdefault(country.step, []).append(country.count)
        return [Shade(step, min(found), max(found)) for step, found in sorted(numbers.items())]


def baltic_map(counts: Mapping[str, int]) -> BalticMap:
    """The map with each country shaded by its number.

    `counts` holds the countries that have a page; another is drawn with 0 and without a link.
    """
    outlines = _outlines()
    shapes = outlines["countries"]
    steps = shades_by_rank(counts.get(code, 0) for code in shapes)
    countries = [
        MapCountry(code, str(NAMES[code]), code in counts, count, steps[count], **shape)
        for code, shape in shapes.items()
        for count in [counts.get(code, 0)]
    ]
    countries.sort(key=lambda country: country.name)
    return BalticMap(
        countries=countries,
        **{key: outlines[key] for key in ["width", "height", "ground", "graticule"]},
    )


@cache
def _outlines() -> dict[str, Any]:
    return json.loads((Path(__file__).parent / "data" / "map.json").read_text("utf-8"))


def shades_by_rank(counts: Iterator[int]) -> dict[int, int]:
    """The shade of each number: 0 for none, then up to four by rank, the greatest darkest.

    By rank and not by size, so that 1 project and 30 000 are both told apart.
    """
    ranked = sorted(set(counts) - {0}, reverse=True)
    shades = {count: SHADES - rank * SHADES // len(ranked) for rank, count in enumerate(ranked)}
    return {0: 0, **shades}
