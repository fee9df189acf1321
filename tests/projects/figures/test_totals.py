"""What the database counts is what a plain count over the same records gives."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis.extra.django import TestCase

from partners.models import Country
from projects.figures import (
    cooperation,
    network,
)
from projects.figures import (
    country_sheet as sheet,
)
from projects.figures import (
    project_map as places,
)
from projects.figures import (
    totals as sums,
)
from projects.models.querysets import Money
from tests.projects.figures.worlds import (
    CODES,
    PROJECTS,
    YEARS,
    World,
    as_tally,
    pairs_of,
    returned,
    tally,
)
from tests.support.factories import (
    make_membership,
    make_partner,
    make_partnership,
    make_public_project,
)


class OracleTests(TestCase):
    @given(PROJECTS)
    @settings(max_examples=25)
    def test_sums_are_those_of_a_plain_count(self, drawn):
        world = World(drawn)
        whole, public = sums.whole(), world.public

        assert as_tally(whole.years()) == tally(public, lambda each: [YEARS[each["call"]]])
        slugs = [priority.slug for priority in world.priorities]
        assert as_tally(whole.priorities) == tally(
            public, lambda each: [slugs[number] for number in each["priorities"]] or [None]
        )
        for of_part, counted in [
            (world.country_of, whole.countries),
            (world.kind_of, whole.kinds),
        ]:
            assert as_tally(counted) == tally(
                public,
                lambda each, of_part=of_part: map(of_part, each["parts"]),
                lambda each, of_part=of_part: map(of_part, each["parts"][:1]),
            )
        assert whole.altogether().projects == len(public)

    @given(PROJECTS)
    @settings(max_examples=25)
    def test_pairs_and_those_that_came_back_are_those_of_a_plain_count(self, drawn):
        world = World(drawn)

        found = {pair.codes: pair.projects for pair in cooperation.shared().pairs}
        assert found == pairs_of(world)
        total, rows = cooperation.comebacks("-projects")
        expected = returned(world)
        assert total == len(expected)
        assert {partner.pk: row["projects"] for partner, row in rows} == {
            world.partners[number].pk: count for number, count in expected.items()
        }
        assert len(list(cooperation.comeback_lines())) == total

    @given(PROJECTS)
    @settings(max_examples=15)
    def test_a_map_and_a_sheet_count_as_the_figures_do(self, drawn):
        World(drawn)
        by_country = {each.key: each for each in sums.whole().countries}
        numbers = places.numbers(places.filter_of(QueryDict()))

        assert {code: row[1:] for code, row in numbers.items()} == {
            code: (each.projects, each.led) for code, each in by_country.items()
        }
        for code in CODES:
            lines = sheet.sheet_of(Country.objects.get(code=code)).lines
            each = by_country.get(code, sums.Sums(code))
            assert sum(line.projects for line in lines) == each.projects
            assert sum(line.led for line in lines) == each.led

    @given(PROJECTS)
    @settings(max_examples=15)
    def test_a_network_counts_shared_public_projects(self, drawn):
        world = World(drawn)
        for number, partner in enumerate(world.partners):
            mine = [set(each["parts"]) for each in world.public if number in each["parts"]]
            expected = {
                other.slug: count
                for at, other in enumerate(world.partners)
                if at != number and (count := sum(at in parts for parts in mine))
            }
            for found in [network.neighbours_of(partner), network.nearest_to(partner)]:
                assert {other.slug: other.shared for other in found} == expected
                assert [other.shared for other in found] == sorted(expected.values(), reverse=True)


pytestmark = pytest.mark.django_db


def test_amounts_of_one_kind_are_taken_together_with_their_bounds():
    unknown = Money("ceiling", 1, None, None, None)
    some = Money("ceiling", 2, Decimal(30), Decimal(10), Decimal(20))

    assert sums.together(unknown, unknown) == Money("ceiling", 2, None, None, None)
    assert sums.together(unknown, some) == Money("ceiling", 3, *some[2:])
    assert sums.together(some, Money("ceiling", 1, Decimal(5), Decimal(5), Decimal(5))) == Money(
        "ceiling", 3, Decimal(35), Decimal(5), Decimal(20)
    )


def test_a_call_belongs_to_the_year_in_which_it_closed_here():
    midnight = datetime(2019, 12, 31, 23, 30, tzinfo=UTC)  # in Stockholm the new year has begun

    assert sums.year_of(midnight) == 2020
    assert sums.year_of(None) is None


def test_amounts_in_words_keep_kinds_apart():
    each = sums.Sums("LV")
    each.add(Money("awarded", 1, Decimal(1000), Decimal(1000), Decimal(1000)))
    each.add(Money("ceiling", 2, Decimal(2000), Decimal(1000), Decimal(1000)))

    words = sums.in_words(each).replace("\N{NO-BREAK SPACE}", " ")
    assert words == "at most 2 000 EUR (2 × 1 000); awarded 1 000 EUR (1 project)"
    assert sums.in_words(None) == ""


def test_an_organisation_twice_in_one_project_did_not_come_back():
    project = make_public_project()
    make_partnership(project, project.lead().partner, joined_on=date(2020, 1, 1))

    assert cooperation.comebacks("-projects") == (0, [])
    make_public_project(lead=project.lead().partner)
    assert cooperation.comebacks("-projects")[0] == 1


def test_gaps_are_told_for_the_members_of_a_day_and_former_ones():
    for code in ["LV", "FI", "SE"]:
        make_membership(code)
    make_membership("RU", valid_to=date(2022, 5, 16))
    project = make_public_project(lead=make_partner(country="LV"))
    make_partnership(project, make_partner(country="FI"))
    make_partnership(project, make_partner(country="RU"))

    now, former = cooperation.gaps(cooperation.shared(), date(2026, 1, 1))
    assert told(now) == {("Finland", None): ["Sweden"], ("Latvia", None): ["Sweden"]}
    assert told(former) == {("Russia", date(2022, 5, 16)): ["Sweden"]}

    now, former = cooperation.gaps(cooperation.shared(), date(2020, 1, 1))
    assert told(now)["Russia", None] == ["Sweden"]
    assert former == []


def told(gaps):
    return {(gap.country.name, gap.until): [other.name for other in gap.others] for gap in gaps}
