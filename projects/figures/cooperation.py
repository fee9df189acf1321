"""Who works with whom: pairs of countries, and missing pairs."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from partners.models import Country
from projects.figures.records import Records
from projects.list_index.facet_sets import ProjectSets
from psf.charts.tables import Cell, Column, Table
from psf.text.numbers_and_amounts import short_number

Codes = tuple[str, str]


def numbers_of_pairs(sets: ProjectSets) -> dict[Codes, int]:
    """The shared projects of each pair of countries, most first. The codes are in their order.

    A project counts once for each pair of its countries.
    """
    by_country = sets.values["country"]
    pairs = {
        (first, second): number
        for first, second in combinations(sorted(by_country), 2)
        if (number := (by_country[first] & by_country[second]).bit_count())
    }
    return dict(sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0])))


def pair_of(first: str, second: str) -> Codes:
    return min(first, second), max(first, second)


class Pairs(NamedTuple):
    """A half matrix of countries, with the shade of each number of shared projects."""

    countries: Sequence[Country]
    numbers: Mapping[Codes, int]
    shades: Mapping[int, int]

    def cell(self, one: Country, other: Country) -> tuple[str, int, str]:
        """The number as a short text, its shade, and the address of the list; "" for no project."""
        number = self.numbers.get(pair_of(one.code, other.code), 0)
        if not number:
            return "", 0, ""
        address = f"{reverse('projects:project-list')}?country={one.slug}&together={other.slug}"
        return short_number(number), self.shades[number], address


def missing_pairs(
    countries: Sequence[Country], pairs: Mapping[Codes, int]
) -> dict[Country, list[Country]]:
    """The countries with those further down the list with which they share no project."""
    missing = {
        country: [row for row in later if pair_of(country.code, row.code) not in pairs]
        for place, country in enumerate(countries, start=1)
        for later in [countries[place:]]
    }
    return {country: rows for country, rows in missing.items() if rows}


def pair_table(records: Records) -> Table:
    """The pairs of countries, and those of member states without a shared project."""
    pairs = numbers_of_pairs(records.sets)
    missing = missing_pairs(records.members(), pairs)
    none = {(one.code, other.code): 0 for one, others in missing.items() for other in others}
    cells = {
        code: Cell(row.name, url=row.get_absolute_url()) for code, row in records.countries.items()
    }
    rows = [
        [cells[first], cells[second], Cell(number)]
        for (first, second), number in [*pairs.items(), *none.items()]
    ]
    columns = [
        Column("one", _("Country"), numeric=False),
        Column("other", _("With"), numeric=False),
        Column("projects", _("Shared projects")),
    ]
    return Table("pairs", _("Projects shared by two countries"), columns, rows)
