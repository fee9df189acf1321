"""One printable page on the part of one country, for its member of the Committee."""

from typing import Any, NamedTuple

from django.db.models import Case, Count, IntegerField, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from partners.models import Country
from projects import amounts as money
from projects.figures.totals import Sums, grouped, in_words, year_of
from projects.models import ListedPart, ListedProject, Listing, Role
from projects.models.list_items import PartInList
from psf.caching.memo import cached_until_change
from psf.charts.tables import Cell, Column, Table

# What one sheet has room for.
PROJECTS_ON_A_SHEET = 6
YEARS_ON_A_SHEET = 12
EVERY_YEAR = 0


class Sheet(NamedTuple):
    """What one sheet says: the years, the organisations in all of them, the newest projects."""

    lines: list[Sums]
    organisations: int
    projects: list[dict[str, Any]]


@cached_until_change.each
def sheet_of(country: Country) -> Sheet:
    parts = ListedPart.objects.public().filter(country=country).order_by()
    projects = list(
        parts.for_countries()
        .values_list("call", "call__closes_at")
        .annotate(number=Count("pk"))
        .values_list("call", "call__closes_at", "number")
    )
    years = {call: year_of(closes_at) for call, closes_at, _number in projects}
    found = {year: Sums(year) for year in years.values()}
    for call, _closes_at, number in projects:
        found[years[call]].projects += number
    for call, led in grouped(parts.leading(), "call", through="project__").items():
        for amounts in led.money():
            found.setdefault(years.get(call), Sums(None)).add(amounts)
    organisations = _organisations(parts, years)
    for year, sums in found.items():
        sums.organisations = organisations.get(year, 0)
    lines = sorted(found.values(), key=lambda each: each.key or 0, reverse=True)
    return Sheet(lines, organisations.get(EVERY_YEAR, 0), _newest(country, parts))


def _organisations(parts: Any, years: dict[int, int | None]) -> dict[int | None, int]:
    """How many take part in each year and in all, each once in however many calls."""
    known = [When(call=call, then=Value(year)) for call, year in years.items() if year]
    in_year = Case(*known, output_field=IntegerField())
    # By country, although there is one: or SQLite goes through all organisations in their order.
    each, all_together = (
        parts.values("country")
        .annotate(year=year, number=Count("partner", distinct=True))
        .values_list("year", "number")
        for year in [in_year, Value(EVERY_YEAR)]
    )
    return dict(each.union(all_together, all=True))


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


def _newest(country: Country, parts: Any) -> list[dict[str, Any]]:
    """Its newest public projects, each with what its own organisations do in it."""
    own = parts.for_countries().values("project")
    listings = Listing.objects.public().filter(project__in=own).order_by("-closes_at", "reference")
    return [
        {
            "project": project,
            "leads": any(part.role == Role.LEAD for part in _parts(project, country)),
            "organisations": [part for part in _parts(project, country) if part.name],
            "amount": money.of_project(project),
        }
        for project in listings[:PROJECTS_ON_A_SHEET].projects()
    ]


def _parts(project: ListedProject, country: Country) -> list[PartInList]:
    return [part for part in project.parts if part.code == country.pk]
