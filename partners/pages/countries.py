"""The countries with a page: their numbers, and what they are and were in the CBSS."""

from collections import defaultdict
from datetime import date
from math import inf

from django.utils import timezone

from partners.models import Country, MembershipStatus
from partners.participation import participation
from psf.caching.memo import cached_until_change
from psf.lists.facets import Group

NO_STANDING = "none"
# Numbers of projects, by how they are asked for: the most of each.
NUMBERS = {"none": 0, "one": 1, "few": 4, "many": inf}


def public_countries() -> list[Country]:
    """The countries with a page, their numbers and their standing through time."""
    return cached_until_change("countries", lambda: list(Country.objects.public().for_page()))


@cached_until_change.each
def countries_by_code() -> dict[str, Country]:
    """Every country, with or without a page, and what it was in the CBSS, from first to last."""
    return {country.code: country for country in Country.objects.with_memberships()}


def by_standing(countries: list[Country], today: date) -> dict[str, list[Country]]:
    """The countries as readers know them: members, observers, those that were, and others."""
    groups: dict[str, list[Country]] = {
        name: [] for name in ["members", "observers", "former", "others"]
    }
    for country in countries:
        standing = standing_of(country, today)
        if standing == MembershipStatus.MEMBER:
            groups["members"].append(country)
        elif standing == MembershipStatus.OBSERVER:
            groups["observers"].append(country)
        else:
            groups["former" if country.memberships.all() else "others"].append(country)
    return groups


def standing_of(country: Country, day: date) -> str:
    """What the country was in the CBSS on that day, as the choice of a filter."""
    standing = country.membership_on(day)
    return standing.status if standing else NO_STANDING


def groups_of(countries: list[Country]) -> dict[str, Group]:
    """Each of the countries, by its code, with its values of the facets of their list."""
    today, closings = timezone.localdate(), _closings()
    return {
        country.code: Group(
            {
                "standing": [standing_of(country, today)],
                "standing_then": [
                    *{standing_of(country, day): None for day in closings[country.code]}
                ],
                "role": _roles(country),
                "projects": [size_of(country.number_of_projects)],
            },
            1,
        )
        for country in countries
    }


def size_of(number: int) -> str:
    """That number of projects as the choice of a filter."""
    return next(name for name, most in NUMBERS.items() if number <= most)


def _roles(country: Country) -> list[str]:
    leads, joins = country.number_led > 0, country.number_of_projects > country.number_led
    return [role for role, has in [("lead", leads), ("partner", joins)] if has]


def _closings() -> dict[str, list[date]]:
    """For each country the days on which the calls closed in whose public projects it is."""
    days = participation().closing_days()
    found: dict[str, list[date]] = defaultdict(list)
    parts = participation().public_participations().for_countries().order_by()
    for country, call in parts.values_list("country", "call").distinct():
        if day := days[call]:
            found[country].append(day)
    return found
