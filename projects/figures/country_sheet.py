"""The printable country sheet for the Committee of Senior Officials."""

from typing import Any, NamedTuple

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from partners.models import Country
from projects.amounts import Amount, project_amount, summed_amounts
from projects.figures.totals import Sums, amounts_text, sums_of, year_of
from projects.list_index.facet_sets import public_sets
from projects.list_index.ordering import newest_projects
from projects.models import Call, ListedProject, Partnership, Role
from projects.models.list_items import PartInList
from psf.caching.memo import cached_until_change
from psf.charts.tables import Cell, Column, Table
from psf.database.keysets import KeySet, keyset, union
from psf.database.prepared import compile_queryset
from psf.database.sql import aggregate_keys, fetch_all, parse_keys

# Limits that keep the sheet on one printed page.
MAX_PROJECTS = 6
MAX_YEARS = 12


class CountrySheet(NamedTuple):
    """The sums by year; the organisations and amounts of all years; the newest projects."""

    lines: list[Sums]
    organisations: int
    amounts: list[Amount]  # of the projects led
    projects: list[dict[str, Any]]


@cached_until_change.memoize
def load_sheet(country: Country) -> CountrySheet:
    sets = public_sets()
    projects, led = sets.of("country", country.pk), sets.of("lead", country.pk)
    calls = {int(call): keys for call, keys in sets.values["call"].items() if keys & projects}
    closings = Call.objects.filter(pk__in=calls).values_list("pk", "closes_at")
    years = {call: year_of(closes_at) for call, closes_at in closings}
    partners = _partners_by_call(country)
    lines = []
    for year in sorted({*years.values()}, key=lambda year: year or 0, reverse=True):
        of_year = union(keys for call, keys in calls.items() if years.get(call) == year)
        sums = sums_of(sets, year, projects & of_year, led & of_year)
        partners_of_year = union(keys for call, keys in partners.items() if years.get(call) == year)
        sums.organisations = partners_of_year.bit_count()
        lines.append(sums)
    organisations, amounts = union(partners.values()).bit_count(), summed_amounts(sets.money(led))
    return CountrySheet(lines, organisations, amounts, _newest(country, projects))


def _partners_by_call(country: Country) -> dict[int, KeySet]:
    """The organisations that take part for a country, by the key of the call."""
    parts = Partnership.objects.public().filter(country=country)
    sql, params = compile_queryset(parts.order_by().values("partner", call=F("project__call")))
    keys = aggregate_keys("partner")
    grouped = f"SELECT call, {keys} FROM ({sql}) AS part GROUP BY call"
    return {call: keyset(parse_keys(text)) for call, text in fetch_all(grouped, params) if text}


def year_table_of(country: Country, lines: list[Sums]) -> Table:
    rows = [
        [
            Cell(line.key, str(line.key) if line.key else _("not known")),
            Cell(line.projects),
            Cell(line.led),
            _named(line),
            Cell(amounts_text(line) or None, amounts_text(line) or "–"),
        ]
        for line in lines
    ]
    columns = [
        Column("year", _("Year"), numeric=False),
        Column("projects", _("Projects")),
        Column("led", _("Led")),
        Column("organisations", _("Named organisations")),
        Column("amounts", _("Amounts of the projects led"), numeric=False),
    ]
    address = reverse("figures:country-sheet-data", args=[country.slug, "csv"])
    caption = _("By the year in which the call closed")
    return Table("sheet", caption, columns, rows, address, most=MAX_YEARS)


def _named(line: Sums) -> Cell:
    """The named organisations; with projects and without a name, "not named"."""
    if line.organisations or not line.projects:
        return Cell(line.organisations)
    return Cell(None, _("not named"))


def _newest(country: Country, projects: KeySet) -> list[dict[str, Any]]:
    """The newest of these projects, with the roles of the organisations of the country."""
    return [
        {
            "project": project,
            "leads": any(part.role == Role.LEAD for part in _parts(project, country)),
            "organisations": [part for part in _parts(project, country) if part.name],
            "amount": project_amount(project),
        }
        for project in newest_projects(projects, MAX_PROJECTS)
    ]


def _parts(project: ListedProject, country: Country) -> list[PartInList]:
    return [part for part in project.parts if part.code == country.pk]
