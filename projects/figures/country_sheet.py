"""The printable country sheet for the Committee of Senior Officials."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from partners.models import Country
from projects.amounts import Amount, project_amount, summed_amounts
from projects.figures.totals import Sums, amounts_text, keys_by_year, sums_of, year_words
from projects.list_index.facet_sets import closing_year, money_of, public_sets
from projects.list_index.index import newest_projects
from projects.models import Partnership, Project
from projects.models.projects import Money
from psf.charts.tables import Cell, Column, Table
from psf.database.keysets import KeySet, keys_of
from psf.database.sql import in_keys

# Limits that keep the sheet on one printed page.
MAX_PROJECTS = 6
MAX_YEARS = 12


class CountrySheet(NamedTuple):
    """The sums by year; the organisations and amounts of all years; the newest projects."""

    lines: list[Sums]
    organisations: int
    amounts: list[Amount]  # of the projects led
    projects: list[dict[str, Any]]


def load_country(slug: str) -> Country:
    """The public country with this address, with its memberships. Raises `Http404`."""
    return get_object_or_404(Country.objects.public().with_memberships(), slug=slug)


def load_sheet(country: Country) -> CountrySheet:
    sets = public_sets()
    projects, led = sets.of("country", country.pk), sets.of("lead", country.pk)
    by_year = keys_by_year(sets, projects)
    partners, money = _partners_by_year(country, by_year), _money_by_year(led)
    lines = []
    for year, of_year in by_year.items():
        sums = sums_of(year, of_year, money.get(year, []), led & of_year)
        sums.organisations = len(partners[year])
        lines.append(sums)
    organisations, amounts = len(set().union(*partners.values())), summed_amounts(money_of(led))
    return CountrySheet(lines, organisations, amounts, _newest(country, projects))


def _money_by_year(led: KeySet) -> dict[int | None, list[Money]]:
    projects = Project.objects.public().filter(pk__in=in_keys(Project, keys_of(led)))
    return projects.annotate(closing_year=closing_year("call")).money_by("closing_year")


def _partners_by_year(
    country: Country, by_year: Mapping[int | None, KeySet]
) -> dict[int | None, set[int]]:
    """The organisations that take part for a country in the projects of each year."""
    years = {project: year for year, projects in by_year.items() for project in keys_of(projects)}
    partners: dict[int | None, set[int]] = {year: set() for year in by_year}
    # Public or not: all columns are in one index, and a join would read all the projects.
    parts = Partnership.objects.filter(country=country, partner__isnull=False).order_by()
    for project, partner in parts.values_list("project", "partner"):
        if project in years:
            partners[years[project]].add(partner)
    return partners


def year_table_of(country: Country, lines: list[Sums]) -> Table:
    rows = [
        [
            Cell(line.key, year_words(line.key)),
            Cell(line.projects),
            Cell(line.led),
            _named(line),
            Cell(text or None, text or "–"),
        ]
        for line in lines
        for text in [amounts_text(line.money())]
    ]
    columns = [
        Column("year", _("Year"), numeric=False),
        Column("projects", _("Projects")),
        Column("led", _("Led")),
        Column("organisations", _("Named partners")),
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
            "leads": project.lead_country() == country,
            "organisations": [part.partner for part in _parts(project, country) if part.partner],
            "amount": project_amount(project),
        }
        for project in newest_projects(projects, MAX_PROJECTS)
    ]


def _parts(project: Project, country: Country) -> list[Partnership]:
    return [part for part in project.partnerships.all() if part.country_id == country.pk]
