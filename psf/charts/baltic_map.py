"""The map of the Baltic Sea: outlines of the member states, shaded by a number.

The outlines are stored, already projected, in `data/map.json`. See docs/design.md for the
projection.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

SHADES = 4
# Countries too narrow for a label: the label is on the sea beside the country.
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
    """A country on the map: outline, shade, number, and the position of the label."""

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
        """The number, rounded to fit the label: 12 645 reads "13k"."""
        return str(self.count) if self.count < 10_000 else f"{(self.count + 500) // 1000}k"


@dataclass(frozen=True)
class Shade:
    """A shade used on the map, with the smallest and the greatest number shown in this shade."""

    step: int
    least: int
    most: int


@dataclass(frozen=True)
class BalticMap:
    """The countries ordered by name, with the surrounding land, the graticule and a legend."""

    countries: list[MapCountry]
    width: int
    height: int
    ground: str
    graticule: str

    def __iter__(self) -> Iterator[MapCountry]:
        return iter(self.countries)

    @property
    def legend(self) -> list[Shade]:
        """The shades used on the map, lightest first."""
        counts: dict[int, list[int]] = {}
        for country in self.countries:
            counts.setdefault(country.step, []).append(country.count)
        return [Shade(step, min(group), max(group)) for step, group in sorted(counts.items())]


def baltic_map(counts: Mapping[str, int]) -> BalticMap:
    """Return the map with each country shaded by number.

    `counts` maps the codes of the countries that have a page to their numbers. Other countries
    are drawn with 0 and without a link.
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


def shades_by_rank(counts: Iterable[int]) -> dict[int, int]:
    """Return the shade of each number: 0 for zero, then 1 to `SHADES`, the greatest darkest.

    Shades follow the rank and not the size, so both small and very large numbers stay distinct.
    """
    numbers = sorted(set(counts) - {0}, reverse=True)
    shades = {count: SHADES - rank * SHADES // len(numbers) for rank, count in enumerate(numbers)}
    return {0: 0, **shades}
