"""The countries with a public page: numbers of projects, memberships, the page and the map."""

import json
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from partners.models import Country, MembershipStatus
from partners.pages.list_index import (
    load_partner_rows,
    most_projects_first,
    partners_by_name,
    public_partner_sets,
)
from partners.participation import CountryProjects, participation
from psf.charts.baltic_map import BalticMap, baltic_map
from psf.lists.ordering import OrderedPages

NOT_IN_CBSS = "none"
ROWS_OF_COUNTRY = 12  # projects led, projects joined, and organisations


class Capital(NamedTuple):
    city: str
    time_zone: str


@cache
def capitals() -> dict[str, Capital]:
    """The capitals of the countries that are or were members, and of their neighbours, by code."""
    path = Path(__file__).parents[1] / "data" / "capitals.json"
    return {code: Capital(*row) for code, row in json.loads(path.read_text("utf-8")).items()}


def public_countries() -> list[Country]:
    """The countries with a public page, with the numbers of `for_list()` and their memberships."""
    projects, based = participation().country_projects(), public_partner_sets()["country"]
    countries = list(Country.objects.public().with_memberships())
    for row in countries:
        numbers = projects.get(row.code, CountryProjects(0, 0, has_unnamed=False))
        row.number_of_projects, row.number_led, row.has_unnamed = numbers
        row.number_of_partners = based.get(row.code, 0).bit_count()
    return countries


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


def country_context(country: Country, countries: list[Country]) -> dict[str, Any]:
    """The context of the page of a country, for readers and for the preview of staff.

    `country` comes from `for_page()` and may be without a public page. `countries` are the
    countries with a public page.
    """
    portrait = participation().portrait(country, countries)
    shared = {row.code: portrait.shared.get(row.code, 0) for row in countries}
    return {
        "country": country,
        "portrait": portrait,
        "map": baltic_map({row.code: row.name for row in countries}, shared),
        **_lists_of_country(country),
    }


def _lists_of_country(country: Country) -> dict[str, list[Any]]:
    """The newest public projects led and joined; the organisations with most projects."""
    led, joined = participation().newest_of_country(country.code, ROWS_OF_COUNTRY)
    sets = public_partner_sets()
    most_first = most_projects_first(sets["country"].get(country.code, 0), sets["number"])
    load = partial(load_partner_rows, sets["number"])
    partners = OrderedPages(most_first, partners_by_name(), load)[0:ROWS_OF_COUNTRY]
    return {"led": led, "joined": joined, "partners": partners}


def countries_beside_map(countries: list[Country], baltic: BalticMap) -> list[Country]:
    """The rows of the table beside a map: countries on the map, or with a public project."""
    codes = {country.code for country in baltic.countries}
    return [row for row in countries if row.number_of_projects or row.code in codes]


def country_map(countries: list[Country]) -> BalticMap:
    """The map, shaded by numbers of public projects. The countries come from `for_list()`."""
    names = {country.code: country.name for country in countries}
    return baltic_map(names, {country.code: country.number_of_projects for country in countries})
