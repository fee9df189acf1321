"""The database counts the same numbers as a simple count in Python."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis.extra.django import TestCase

from projects.figures import comparison, cooperation
from projects.figures.overview import amounts_text
from projects.figures.records import amounts_by, load_records
from projects.figures.timeline import dot_row, points_of
from projects.models import Call
from projects.models.projects import Money
from psf.charts.marks import time_axis
from tests.projects.figures.random_records import (
    PROJECTS,
    YEARS,
    RandomRecords,
    as_tally,
    pairs_of,
    tally,
)
from tests.support.factories import make_partner, make_partnership, make_public_project


class OracleTests(TestCase):
    @given(PROJECTS)
    @settings(max_examples=25)
    def test_sums_equal_a_simple_count(self, facts):
        records = RandomRecords(facts)
        public, loaded = records.public, load_records()

        by_call = tally(public, lambda row: [records.calls[row["call"]].pk])
        numbers = loaded.sets.numbers_by_call()
        assert as_tally(numbers, amounts_by("call")) == by_call
        countries = {line.country.code: line.projects for line in loaded.lines}
        assert as_tally(countries, amounts_by("country")) == tally(
            public,
            lambda row: map(records.country_of, row["parts"]),
            lambda row: map(records.country_of, row["parts"][: not row["by_cbss"]]),
        )
        for line in loaded.lines:
            money = amounts_by("country").get(line.country.code, {})
            assert line.led == sum(row.count for row in money.values())

    @given(PROJECTS)
    @settings(max_examples=25)
    def test_pairs_and_dots_equal_a_simple_count(self, facts):
        records = RandomRecords(facts)
        loaded = load_records()
        points = points_of(loaded)

        assert cooperation.shared_projects(loaded.sets) == pairs_of(records)
        dated = [row for row in records.public if YEARS[row["call"]]]
        for line in loaded.lines:
            own = [
                row for row in dated if line.country.code in map(records.country_of, row["parts"])
            ]
            axis = time_axis(points, loaded.today)
            assert len(dot_row(loaded, points, axis, line.country).dots) == len(own)

    @given(PROJECTS)
    @settings(max_examples=15)
    def test_organisations_share_public_projects(self, facts):
        records = RandomRecords(facts)
        for number, partner in enumerate(records.partners):
            projects = [set(row["parts"]) for row in records.public if number in row["parts"]]
            expected = {
                neighbour.slug: count
                for position, neighbour in enumerate(records.partners)
                if position != number and (count := sum(position in parts for parts in projects))
            }
            neighbours = cooperation.neighbours_of(partner)
            assert {row.slug: row.shared for row in neighbours} == expected
            assert [row.shared for row in neighbours] == sorted(expected.values(), reverse=True)


pytestmark = pytest.mark.django_db


def test_call_counts_in_its_closing_year_in_its_time_zone():
    midnight = datetime(2019, 12, 31, 23, 30, tzinfo=UTC)  # already 2020 in Stockholm

    assert Call(closes_at=midnight).closing_year() == 2020
    assert Call(closes_at=midnight, time_zone="Atlantic/Reykjavik").closing_year() == 2019
    assert Call(closes_at=None).closing_year() is None


def test_amounts_text_keeps_kinds_apart():
    ceilings = Money("ceiling", 2, Decimal(2000), Decimal(1000), Decimal(1000))
    awards = Money("awarded", 1, Decimal(1000), Decimal(1000), Decimal(1000))
    text = amounts_text([ceilings, awards]).replace("\N{NO-BREAK SPACE}", " ")
    assert text == "at most 2 000 EUR (2 × 1 000); awarded 1 000 EUR (1 project)"


def test_partner_that_joined_again_counts_once(client):
    project = make_public_project()
    again = make_partner(country="FI")
    make_partnership(project, again, left_on=date(2019, 12, 31))
    make_partnership(project, again, joined_on=date(2020, 1, 1))
    make_partnership(project, country="EE")

    assert client.get(f"{project.get_absolute_url()[:-1]}.json").json()["number_of_partners"] == 3
    lines = dict(comparison.compare_records("project", [project.slug]).lines)
    assert [cell.value for cell in lines["Partners"]] == [3]
