"""The content of the page of a country, and the map with its table."""

from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from partners.models import Country
from partners.pages.list_index import most_projects_first, partners_by_name, public_partner_sets
from partners.pages.partner_detail import load_partner_rows
from partners.participation import participation
from psf.charts.baltic_map import BalticMap, baltic_map
from psf.lists.ordering import OrderedPages

ROWS_OF_COUNTRY = 10


def country_context(country: Country, countries: list[Country]) -> dict[str, Any]:
    """The context of the page of a country, for readers and for the preview of staff.

    `country` comes from `for_page()` and may be without a public page. `countries` are the
    countries with a public page.
    """
    baltic = country_map(countries)
    return {
        "country": country,
        "membership": country.membership_on(timezone.localdate()),
        "amounts": participation().amounts_led(country.code),
        "coverage": participation().coverage(),
        "memberships": _timeline(country),
        "map": baltic,
        "countries": countries_beside_map(countries, baltic),
        **_lists_of_country(country),
    }


def _timeline(country: Country) -> list[dict[str, object]]:
    """The memberships of the country, oldest first."""
    today = timezone.localdate()
    return [
        {
            "when": row.period() or _("start unknown"),
            "what": row.get_status_display(),
            "note": row.source,
            "now": row.holds_on(today),
        }
        for row in country.memberships.all()
    ]


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
