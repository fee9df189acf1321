"""The portrait of a country, for its page and for the printed sheet."""

from typing import Any, NamedTuple

from django.shortcuts import get_object_or_404

from partners.models import Country
from projects.amounts import Amount, summed_amounts
from projects.figures.records import Records, load_records
from projects.figures.sentences import most_often
from projects.figures.timeline import dot_row, points_of
from projects.list_index.facet_sets import money_of
from projects.list_index.index import newest_projects
from psf.charts.marks import Axis, DotRow, time_axis
from psf.database.keysets import KeySet

# The titles of projects led, and of other projects, that fit on one printed page.
MAX_LED, MAX_JOINED = 12, 12


class Portrait(NamedTuple):
    """The numbers of a country, the countries with which it works most, and its dots by year."""

    projects: int
    total: int
    led: int
    often: list[tuple[str, int, int]]
    shared: dict[str, int]
    axis: Axis | None
    dots: list[DotRow]


def load_country(slug: str) -> Country:
    """The public country with this address, with its memberships. Raises `Http404`."""
    return get_object_or_404(Country.objects.public().with_memberships(), slug=slug)


def portrait_of(country: Country, records: Records) -> Portrait:
    sets, points = records.sets, points_of(records)
    own = sets.of("country", country.code)
    shared = {
        line.country.code: number
        for line in records.lines
        if line.country != country
        and (number := (own & sets.of("country", line.country.code)).bit_count())
    }
    axis = time_axis(points, records.today) if own and points else None
    return Portrait(
        own.bit_count(),
        sets.everything.bit_count(),
        sets.of("lead", country.code).bit_count(),
        most_often({records.countries[code].name: number for code, number in shared.items()}),
        shared,
        axis,
        [dot_row(records, points, axis, country)] if axis else [],
    )


class CountrySheet(NamedTuple):
    """The portrait with the amounts of the projects led, and the newest projects."""

    portrait: Portrait
    amounts: list[Amount]
    led: list[dict[str, Any]]
    joined: list[dict[str, Any]]


def load_sheet(country: Country) -> CountrySheet:
    records = load_records()
    led = records.sets.of("lead", country.code)
    joined = records.sets.of("country", country.code) & ~led
    return CountrySheet(
        portrait_of(country, records),
        summed_amounts(money_of(led)),
        _newest(country, led, MAX_LED),
        _newest(country, joined, MAX_JOINED),
    )


def _newest(country: Country, projects: KeySet, number: int) -> list[dict[str, Any]]:
    """The newest of these projects, with the organisations of the country."""
    return [
        {
            "project": project,
            "organisations": [
                part.partner
                for part in project.partnerships.all()
                if part.partner and part.country_id == country.pk
            ],
        }
        for project in newest_projects(projects, number)
    ]
