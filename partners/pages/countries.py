"""The countries with a public page: numbers of projects, and memberships of the CBSS."""

from collections import defaultdict
from datetime import date
from math import inf

from django.utils import timezone

from partners.models import Country, MembershipStatus
from partners.participation import participation
from psf.caching.memo import cached_until_change
from psf.lists.facets import FacetGroup

NOT_IN_CBSS = "none"
# The choices of the filter by number of projects, each with its highest number.
HIGHEST_NUMBERS = {"none": 0, "one": 1, "few": 4, "many": inf}


def public_countries() -> list[Country]:
    """The countries with a public page, with their numbers and memberships."""
    return cached_until_change("countries", lambda: list(Country.objects.public().for_page()))


@cached_until_change.memoize
def countries_by_code() -> dict[str, Country]:
    """Every country with its memberships, with or without a public page."""
    return {country.code: country for country in Country.objects.with_memberships()}


def group_by_membership(countries: list[Country], today: date) -> dict[str, list[Country]]:
    """The countries as "members", "observers", "former" (or suspended) and "others"."""
    groups: dict[str, list[Country]] = {
        name: [] for name in ["members", "observers", "former", "others"]
    }
    for country in countries:
        status = membership_status(country, today)
        if status == MembershipStatus.MEMBER:
            groups["members"].append(country)
        elif status == MembershipStatus.OBSERVER:
            groups["observers"].append(country)
        else:
            groups["former" if country.memberships.all() else "others"].append(country)
    return groups


def membership_status(country: Country, day: date) -> str:
    """The membership status of the country on a day, as a choice of a filter."""
    membership = country.membership_on(day)
    return membership.status if membership else NOT_IN_CBSS


def facet_groups(countries: list[Country]) -> dict[str, FacetGroup]:
    """The facet values of each country, by its code."""
    today, closing_days = timezone.localdate(), _closing_days()
    return {
        country.code: FacetGroup(
            {
                "standing": [membership_status(country, today)],
                "standing_then": [
                    *{membership_status(country, day): None for day in closing_days[country.code]}
                ],
                "role": _roles(country),
                "projects": [size_choice(country.number_of_projects)],
            },
            1,
        )
        for country in countries
    }


def size_choice(number: int) -> str:
    """The choice of the filter for this number of projects."""
    return next(name for name, most in HIGHEST_NUMBERS.items() if number <= most)


def _roles(country: Country) -> list[str]:
    leads, joins = country.number_led > 0, country.number_of_projects > country.number_led
    return [role for role, applies in [("lead", leads), ("partner", joins)] if applies]


def _closing_days() -> dict[str, list[date]]:
    """The closing days of the calls in which each country has a public project."""
    days_of_calls = participation().closing_days()
    days: dict[str, list[date]] = defaultdict(list)
    rows = participation().public_participations().for_countries().order_by()
    for country, call in rows.values_list("country", "call").distinct():
        if day := days_of_calls[call]:
            days[country].append(day)
    return days
