"""The database counts the same numbers as a simple count in Python."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis.extra.django import TestCase

from partners.models import Country
from projects.figures import comparison, cooperation, overview, totals
from projects.figures.country_sheet import load_sheet
from projects.models import Call
from projects.models.projects import Money
from tests.projects.figures.random_records import (
    CODES,
    PROJECTS,
    YEARS,
    RandomRecords,
    as_tally,
    pairs_of,
    returning_partners,
    tally,
)
from tests.support.factories import (
    make_call,
    make_membership,
    make_partner,
    make_partnership,
    make_public_project,
)


class OracleTests(TestCase):
    @given(PROJECTS)
    @settings(max_examples=25)
    def test_sums_equal_a_simple_count(self, facts):
        records = RandomRecords(facts)
        public, loaded = records.public, totals.load_totals()

        assert as_tally(loaded.years) == tally(public, lambda row: [YEARS[row["call"]]])
        slugs = [priority.slug for priority in records.priorities]
        assert as_tally(loaded.priorities) == tally(
            public, lambda row: [slugs[number] for number in row["priorities"]] or [None]
        )
        for value_of, sums, by_country in [
            (records.country_of, loaded.countries, True),
            (records.kind_of, loaded.kinds, False),
        ]:
            assert as_tally(sums) == tally(
                public,
                lambda row, value_of=value_of: map(value_of, row["parts"]),
                lambda row, value_of=value_of, by_country=by_country: map(
                    value_of, row["parts"][: not (by_country and row["by_cbss"])]
                ),
            )
        everything = tally(public, lambda row: [None]) or {None: (0, {})}
        assert as_tally([loaded.grand_total]) == everything

    @given(PROJECTS)
    @settings(max_examples=25)
    def test_pairs_and_returning_organisations_equal_a_simple_count(self, facts):
        records = RandomRecords(facts)

        assert cooperation.load_shared_projects().pairs == pairs_of(records)
        total, rows = cooperation.returning_organisations("-projects")
        expected = returning_partners(records)
        assert total == len(expected)
        assert {row.slug: row.projects for row in rows} == {
            records.partners[number].slug: count for number, count in expected.items()
        }
        assert len(list(cooperation.returning_data().rows)) == total

    @given(PROJECTS)
    @settings(max_examples=15)
    def test_map_and_country_sheet_count_like_the_figures(self, facts):
        RandomRecords(facts)
        by_country = {sums.key: sums for sums in totals.load_totals().countries}
        numbers = overview.country_numbers(overview.filter_of(QueryDict()))

        assert {code: row[1:] for code, row in numbers.items()} == {
            code: (sums.projects, sums.led) for code, sums in by_country.items()
        }
        for code in CODES:
            lines = load_sheet(Country.objects.get(code=code)).lines
            sums = by_country.get(code, totals.Sums(code))
            assert sum(line.projects for line in lines) == sums.projects
            assert sum(line.led for line in lines) == sums.led

    @given(PROJECTS)
    @settings(max_examples=15)
    def test_network_counts_shared_public_projects(self, facts):
        records = RandomRecords(facts)
        for number, partner in enumerate(records.partners):
            projects = [set(row["parts"]) for row in records.public if number in row["parts"]]
            expected = {
                neighbour.slug: count
                for position, neighbour in enumerate(records.partners)
                if position != number and (count := sum(position in parts for parts in projects))
            }
            for neighbours in [
                cooperation.all_neighbours(partner),
                cooperation.nearest_to(partner),
            ]:
                assert {row.slug: row.shared for row in neighbours} == expected
                shared = [row.shared for row in neighbours]
                assert shared == sorted(expected.values(), reverse=True)


pytestmark = pytest.mark.django_db

CLOSED = datetime(2019, 3, 1, 12, tzinfo=UTC)


def test_a_number_is_not_yet_published_only_if_every_call_awaits_its_result():
    closed = make_call(closes_at=CLOSED, published_at=CLOSED)
    awaiting = make_call(closes_at=None)
    assert totals.words_before_result([awaiting]) == "not yet published"
    assert totals.words_before_result([awaiting, closed]) == ""


def test_projects_of_an_unknown_year_come_last_on_the_country_sheet():
    for closes_at in [None, CLOSED]:
        project = make_public_project(call=make_call(opens_at=None, closes_at=closes_at))
    country = project.partnerships.get().country
    assert [line.key for line in load_sheet(country).lines] == [2019, None]


def test_call_counts_in_its_closing_year_in_its_time_zone():
    midnight = datetime(2019, 12, 31, 23, 30, tzinfo=UTC)  # already 2020 in Stockholm

    assert Call(closes_at=midnight).closing_year() == 2020
    assert Call(closes_at=midnight, time_zone="Atlantic/Reykjavik").closing_year() == 2019
    assert Call(closes_at=None).closing_year() is None


def test_amounts_text_keeps_kinds_apart():
    ceilings = Money("ceiling", 2, Decimal(2000), Decimal(1000), Decimal(1000))
    awards = Money("awarded", 1, Decimal(1000), Decimal(1000), Decimal(1000))
    text = totals.amounts_text([ceilings, awards]).replace("\N{NO-BREAK SPACE}", " ")
    assert text == "at most 2 000 EUR (2 × 1 000); awarded 1 000 EUR (1 project)"


def test_organisation_twice_in_one_project_has_one_project():
    project = make_public_project()
    day = date(2020, 1, 1)
    make_partnership(project, project.lead().partner, joined_on=day, left_on=day)

    assert cooperation.returning_organisations("-projects") == (0, [])
    make_public_project(lead=project.lead().partner)
    total, (row,) = cooperation.returning_organisations("-projects")
    assert (total, row.projects, row.calls) == (1, 2, 2)


def test_partner_that_joined_again_counts_once(client):
    project = make_public_project()
    again = make_partner(country="FI")
    make_partnership(project, again, left_on=date(2019, 12, 31))
    make_partnership(project, again, joined_on=date(2020, 1, 1))
    make_partnership(project, country="EE")

    assert client.get(f"{project.get_absolute_url()[:-1]}.json").json()["number_of_partners"] == 3
    lines = dict(comparison.compare_records("project", [project.slug]).lines)
    assert [cell.value for cell in lines["Partners"]] == [3]


def test_gaps_list_members_of_a_day_and_former_members():
    for code in ["LV", "FI", "SE"]:
        make_membership(code)
    make_membership("RU", valid_to=date(2022, 5, 16))
    project = make_public_project(lead=make_partner(country="LV"))
    make_partnership(project, make_partner(country="FI"))
    make_partnership(project, make_partner(country="RU"))

    current, former = cooperation.gaps(cooperation.load_shared_projects(), date(2026, 1, 1))
    assert gap_names(current) == {("Finland", None): ["Sweden"], ("Latvia", None): ["Sweden"]}
    assert gap_names(former) == {("Russia", date(2022, 5, 16)): ["Sweden"]}

    current, former = cooperation.gaps(cooperation.load_shared_projects(), date(2020, 1, 1))
    assert gap_names(current)["Russia", None] == ["Sweden"]
    assert former == []


def gap_names(gaps):
    return {(gap.country.name, gap.until): [row.name for row in gap.missing] for gap in gaps}
