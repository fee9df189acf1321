"""The portrait of a country, for its page and for the printed sheet."""

from typing import Any, NamedTuple

from partners.models import Country
from projects.amounts import summed_amounts
from projects.figures.records import Records, load_records
from projects.figures.sentences import most_often
from projects.figures.timeline import Axis, DotRow, dot_row, points_of, time_axis
from projects.list_index.facet_sets import ProjectSets, money_of
from projects.list_index.index import newest_of_groups
from projects.models import Project

# The titles of projects led, and as many of other projects, that fit on one printed page.
MAX_TITLES = 12


class Portrait(NamedTuple):
    """The numbers of a country, the countries with which it works most, and its dots by year."""

    projects: int
    total: int
    led: int
    often: list[tuple[str, int, int]]
    shared: dict[str, int]
    axis: Axis | None
    dots: list[DotRow]


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


def led_and_joined(sets: ProjectSets, code: str, number: int) -> list[list[Project]]:
    """The newest public projects led from a country, and with another partner for it."""
    led = sets.of("lead", code)
    return newest_of_groups(number, led, sets.of("country", code) & ~led)


def sheet_context(country: Country) -> dict[str, Any]:
    """The portrait with the amounts of the projects led, and the newest projects."""
    records = load_records()
    led = records.sets.of("lead", country.code)
    led_rows, joined_rows = led_and_joined(records.sets, country.code, MAX_TITLES)
    return {
        "country": country,
        "portrait": portrait_of(country, records),
        "amounts": summed_amounts(money_of(led)),
        "led": led_rows,
        "joined": joined_rows,
    }
