"""The content of the page of a country, and the map with its table."""

from functools import partial
from typing import Any

from partners.models import Country
from partners.pages.list_index import most_projects_first, partners_by_name, public_partner_sets
from partners.pages.partner_detail import load_partner_rows
from partners.participation import participation
from psf.charts.baltic_map import BalticMap, baltic_map
from psf.lists.ordering import OrderedPages

ROWS_OF_COUNTRY = 12


def country_context(country: Country, countries: list[Country]) -> dict[str, Any]:
    """The context of the page of a country, for readers and for the preview of staff.

    `country` comes from `for_page()` and may be without a public page. `countries` are the
    countries with a public page.
    """
    portrait = participation().portrait(country)
    shared = {row.code: portrait.shared.get(row.code, 0) for row in countries}
    return {
        "country": country,
        "portrait": portrait,
        "map": baltic_map(shared),
        **_lists_of_country(country),
    }


def _lists_of_country(country: Country) -> dict[str, list[Any]]:
    """The newest public projects led and joined; the organisations with most projects."""
    led, joined = participation().newest_of_country(country.code, ROWS_OF_COUNTRY)
    sets = public_partner_sets()
    most_first = most_projects_first(sets["country"].get(country.code, 0), sets["number"])
    load = partial(load_partner_rows, sets["number"])
    partners: Any = OrderedPages(most_first, partners_by_name(), load)
    return {"led": led, "joined": joined, "partners": partners[0:ROWS_OF_COUNTRY]}


def countries_beside_map(countries: list[Country], baltic: BalticMap) -> list[Country]:
    """The rows of the table beside a map: countries on the map, or with a public project."""
    codes = {country.code for country in baltic}
    return [row for row in countries if row.number_of_projects or row.code in codes]


def country_map(countries: list[Country]) -> BalticMap:
    """The map, shaded by numbers of public projects. The countries come from `for_list()`."""
    return baltic_map({country.code: country.number_of_projects for country in countries})
