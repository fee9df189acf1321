"""One printable page on the part of one country, for its member of the Committee."""

from typing import Any

from django.db.models import Count
from django.db.models.functions import ExtractYear
from django.urls import reverse
from django.utils.translation import gettext as _

from partners.models import Country
from projects import money
from projects.models import Partnership, Project
from psf.tables import Cell, Column, Table

from .sums import Sums, grouped, in_words

# What one sheet has room for.
PROJECTS_ON_A_SHEET = 6
YEARS_ON_A_SHEET = 12


def numbers_of(country: Country) -> list[Sums]:
    """By the year in which the call closed, newest first; the amounts are of projects led."""
    parts = Partnership.objects.public().filter(country=country).order_by()
    year = ExtractYear("project__call__closes_at")
    found = grouped(parts.leading(), year, through="project__")
    counted = parts.values(year=year).annotate(
        number=Count("project", distinct=True),
        organisations=Count("partner", distinct=True),
    )
    for key, number, organisations in counted.values_list("year", "number", "organisations"):
        each = found.setdefault(key, Sums(key))
        each.projects, each.organisations = number, organisations
    return sorted(found.values(), key=lambda each: each.key or 0, reverse=True)


def organisations_of(country: Country) -> int:
    """How many organisations take part for the country."""
    parts = Partnership.objects.public().filter(country=country)
    return parts.aggregate(number=Count("partner", distinct=True))["number"]


def table(country: Country, lines: list[Sums]) -> Table:
    rows = [
        [
            Cell(line.key, str(line.key) if line.key else _("not known")),
            Cell(line.projects),
            Cell(line.led),
            Cell(line.organisations),
            Cell(in_words(line) or None, in_words(line) or "–"),
        ]
        for line in lines
    ]
    columns = [
        Column("year", _("Year"), numeric=False),
        Column("projects", _("Projects")),
        Column("led", _("Led")),
        Column("organisations", _("Organisations")),
        Column("amounts", _("Amounts of the projects led"), numeric=False),
    ]
    address = reverse("figures:country-sheet-csv", args=[country.slug])
    caption = _("By the year in which the call closed")
    return Table("sheet", caption, columns, rows, address, most=YEARS_ON_A_SHEET)


def projects_of(country: Country) -> list[dict[str, Any]]:
    """Its newest public projects, each with what its own organisations do in it."""
    parts = Partnership.objects.filter(country=country)
    projects = Project.objects.public().filter(pk__in=parts.values("project")).for_list()
    return [
        {
            "project": project,
            "leads": any(row.is_lead() for row in _parts(project, country)),
            "organisations": [row.partner for row in _parts(project, country) if row.partner],
            "amount": money.of_project(project),
        }
        for project in projects[:PROJECTS_ON_A_SHEET]
    ]


def _parts(project: Project, country: Country) -> list[Partnership]:
    return [row for row in project.partnerships.all() if row.country_id == country.pk]
