"""The countries with a public page: numbers of projects, and memberships of the CBSS."""

from collections import defaultdict
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.utils import timezone

from partners.models import Country, Membership, MembershipStatus
from partners.models.memberships import BY_START
from partners.pages.list_index import public_partner_sets, size_choice
from partners.participation import CountryProjects, participation
from psf.caching.memo import cached_until_change
from psf.database.keysets import Values
from psf.database.prepared import attach
from psf.followed_values.followed import followed_records
from psf.lists.facet_snapshot import FacetSnapshot

NOT_IN_CBSS = "none"


class AllCountries(NamedTuple):
    """Every country with its memberships by code.

    `with_membership` has the codes of countries with a membership. `member_states` are the current
    and former member states.
    """

    by_code: dict[str, Country]
    with_membership: set[str]
    member_states: list[Country]


def _read_countries() -> AllCountries:
    by_code = {country.code: country for country in Country.objects.all()}
    rows: dict[str, list[Membership]] = {code: [] for code in by_code}
    for membership in Membership.objects.exclude(country=None).order_by(*BY_START):
        code = str(membership.country_id)
        membership.country = by_code[code]
        rows[code].append(membership)
    member_states = []
    for code, country in by_code.items():
        # Prefetching would make a query of Django for each country of the world.
        attach(country, "memberships", rows[code])
        if any(row.status == MembershipStatus.MEMBER for row in rows[code]):
            member_states.append(country)
    return AllCountries(by_code, {code for code in by_code if rows[code]}, member_states)


all_countries = followed_records(_read_countries, "partners.country")


def countries_by_code() -> dict[str, Country]:
    """Every country with its memberships, with or without a public page."""
    return all_countries().by_code


@cached_until_change.memoize
def public_countries() -> list[Country]:
    """The countries with a public page, with their numbers and memberships."""
    return countries_with_numbers(participation().country_projects(), public_partner_sets())


def countries_with_numbers(
    projects: Mapping[str, CountryProjects], partners: Values
) -> list[Country]:
    """The countries with a public page, with the numbers of projects and of organisations."""
    by_code, with_membership, _member_states = all_countries()
    based = partners["country"]
    codes = with_membership | projects.keys() | based.keys()
    return [
        _with_numbers(country, projects.get(code), based.get(code, 0).bit_count())
        for code, country in by_code.items()
        if code in codes
    ]


def _with_numbers(country: Country, projects: CountryProjects | None, partners: int) -> Country:
    """A copy of the country with the numbers of `CountryQuerySet.for_list()`."""
    result = copy(country)
    projects = projects or CountryProjects(0, 0, has_unnamed=False)
    result.number_of_projects, result.number_led, result.has_unnamed = projects
    result.number_of_partners = partners
    return result


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


@dataclass(frozen=True)
class CountrySnapshot(FacetSnapshot):
    """The countries with a public page by facet. The key of a country is its place in the list."""

    countries: list[Country]


@cached_until_change.memoize
def load_country_snapshot() -> CountrySnapshot:
    today, closing_days = timezone.localdate(), participation().closing_days()
    countries = public_countries()
    values: Values = {
        name: defaultdict(int) for name in ["standing", "standing_then", "role", "projects"]
    }
    for place, country in enumerate(countries):
        days = closing_days.get(country.code, [])
        choices = {
            "standing": [membership_status(country, today)],
            "standing_then": [membership_status(country, day) for day in days],
            "role": _roles(country),
            "projects": [size_choice(country.number_of_projects)],
        }
        for name, selected in choices.items():
            for value in selected:
                values[name][value] |= 1 << place
    return CountrySnapshot((1 << len(countries)) - 1, values, {}, countries)


def _roles(country: Country) -> list[str]:
    leads, joins = country.number_led > 0, country.number_of_projects > country.number_led
    return [role for role, applies in [("lead", leads), ("partner", joins)] if applies]
