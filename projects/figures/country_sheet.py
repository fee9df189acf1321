"""The printable country sheet for the Committee of Senior Officials."""

from typing import Any, NamedTuple

from django.db.models import Case, Count, IntegerField, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from partners.models import Country
from projects.amounts import project_amount
from projects.figures.totals import Sums, amounts_text, sums_by, year_of
from projects.models import ListedPart, ListedProject, Listing, Role
from projects.models.list_items import PartInList
from projects.models.listings import ListedPartQuerySet
from psf.caching.memo import cached_until_change
from psf.charts.tables import Cell, Column, Table

# Limits that keep the sheet on one printed page.
MAX_PROJECTS = 6
MAX_YEARS = 12
EVERY_YEAR = 0


class CountrySheet(NamedTuple):
    """The sums by year, the number of organisations over all years, the newest projects."""

    lines: list[Sums]
    organisations: int
    projects: list[dict[str, Any]]


@cached_until_change.memoize
def load_sheet(country: Country) -> CountrySheet:
    parts = ListedPart.objects.public().filter(country=country).order_by()
    projects = list(
        parts.for_countries()
        .values_list("call", "call__closes_at")
        .annotate(number=Count("pk"))
        .values_list("call", "call__closes_at", "number")
    )
    years = {call: year_of(closes_at) for call, closes_at, _number in projects}
    by_year = {year: Sums(year) for year in years.values()}
    for call, _closes_at, number in projects:
        by_year[years[call]].projects += number
    for call, led in sums_by(parts.leading(), "call", through="project__").items():
        for money in led.money():
            by_year.setdefault(years.get(call), Sums(None)).add(money)
    organisations = _organisations(parts, years)
    for year, sums in by_year.items():
        sums.organisations = organisations.get(year, 0)
    lines = sorted(by_year.values(), key=lambda sums: sums.key or 0, reverse=True)
    return CountrySheet(lines, organisations.get(EVERY_YEAR, 0), _newest(country, parts))


def _organisations(
    parts: ListedPartQuerySet, years: dict[int, int | None]
) -> dict[int | None, int]:
    """The number of different organisations by year, and over all years under `EVERY_YEAR`."""
    cases = [When(call=call, then=Value(year)) for call, year in years.items() if year]
    year_of_call = Case(*cases, output_field=IntegerField())
    # Grouped by the single country: otherwise SQLite scans all organisations in order.
    by_year, every_year = (
        parts.values("country")
        .annotate(year=year, number=Count("partner", distinct=True))
        .values_list("year", "number")
        for year in [year_of_call, Value(EVERY_YEAR)]
    )
    return dict(by_year.union(every_year, all=True))


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


def _newest(country: Country, parts: ListedPartQuerySet) -> list[dict[str, Any]]:
    """The newest public projects of the country, with the roles of its organisations."""
    own = parts.for_countries().values("project")
    listings = Listing.objects.public().filter(project__in=own).order_by("-closes_at", "reference")
    return [
        {
            "project": project,
            "leads": any(part.role == Role.LEAD for part in _parts(project, country)),
            "organisations": [part for part in _parts(project, country) if part.name],
            "amount": project_amount(project),
        }
        for project in listings[:MAX_PROJECTS].projects()
    ]


def _parts(project: ListedProject, country: Country) -> list[PartInList]:
    return [part for part in project.parts if part.code == country.pk]
