"""Cooperation: pairs of countries, missing pairs, organisations in more than one project."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import combinations, islice
from typing import Any, NamedTuple

from django.db.models import Count, F, Max, Min, OrderBy, Q, QuerySet
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.models import Country, Membership, MembershipStatus, Partner
from partners.pages.list_index import (
    most_projects_first,
    partners_by_name,
    public_partner_sets,
)
from partners.slugs import with_winners
from projects.figures.totals import year_words
from projects.list_index.facet_sets import closing_year, public_sets
from projects.models import Partnership, Project, Role
from psf.caching.values import at_each_version
from psf.charts.matrix import Matrix, matrix
from psf.charts.tables import Cell, Column, Table
from psf.database.keysets import union
from psf.exports.responses import DataTable
from psf.lists.ordering import OrderedPages
from psf.text.phrases import foreign_language
from psf.text.slugs import slug_url

MAX_ROWS = 100
# The page of an organisation shows one less and links to the full table.
NEAREST = 11
FIELDS = ["name", "name_language", "slug", "country__name"]


class Neighbour(NamedTuple):
    """An organisation, and its number of public projects shared with a given organisation."""

    name: str
    language: str
    slug: str
    country: str
    shared: int

    def cell(self) -> Cell:
        url = slug_url("partners:partner-detail", self.slug)
        return Cell(self.name, url=url, language=foreign_language(self.language))


def nearest_to(partner: Partner) -> list[Neighbour]:
    """The organisations with most shared public projects, at most `NEAREST`."""
    own = Partnership.objects.public().filter(partner=partner).values("project")
    parts = Partnership.objects.filter(partner__isnull=False, project__in=own)
    counted = parts.exclude(partner=partner).order_by().values("partner")
    counted = counted.annotate(shared=Count("project", distinct=True))
    nearest = counted.order_by("-shared", "partner_id").values_list("partner", "shared")
    shared = dict(nearest[:NEAREST])
    rows = Partner.objects.filter(pk__in=shared).order_by("folded", "slug")
    neighbours = [
        Neighbour(name, language, slug, country, shared[key])
        for key, name, language, slug, country in rows.values_list("pk", *FIELDS)
    ]
    return sorted(neighbours, key=lambda neighbour: -neighbour.shared)


def neighbours_of(partner: Partner) -> dict[str, Any]:
    """The nearest organisations, for the page of the organisation."""
    nearest = nearest_to(partner)
    neighbours = nearest[: NEAREST - 1]
    return {
        "neighbours": [(neighbour.cell(), neighbour) for neighbour in neighbours],
        "more": len(nearest) == NEAREST,
    }


def all_neighbours(partner: Partner) -> list[Neighbour]:
    """All organisations in the same public projects, most shared projects first."""
    neighbour = "project__partnerships__partner"
    rows = (
        Partnership.objects.public()
        .filter(partner=partner)
        .filter(Q(**{f"{neighbour}__lt": partner.pk}) | Q(**{f"{neighbour}__gt": partner.pk}))
        .order_by()
        .values_list(*(f"{neighbour}__{name}" for name in FIELDS))
        .annotate(shared=Count("project", distinct=True))
        .order_by("-shared", f"{neighbour}__folded", f"{neighbour}__slug")
    )
    return [Neighbour(*row[:5]) for row in rows]


def partner_table(partner: Partner, neighbours: list[Neighbour]) -> Table:
    rows = [[row.cell(), Cell(row.country), Cell(row.shared)] for row in neighbours]
    columns = [
        Column("organisation", _("Organisation"), numeric=False),
        Column("country", _("Country"), numeric=False),
        Column("shared", _("Shared projects")),
    ]
    caption = _("Organisations with shared projects")
    return Table("network", caption, columns, rows, _address("partner", partner), most=MAX_ROWS)


def organisation_cell(partner: Partner) -> Cell:
    language = foreign_language(partner.name_language)
    return Cell(partner.name, url=partner.get_absolute_url(), language=language)


def _address(kind: str, record: Partner | Project) -> str:
    return f"{reverse('figures:network-data', args=['csv'])}?{kind}={record.slug}"


def ties_of(project: Project) -> tuple[list[Partner], dict[tuple[int, int], int]]:
    """The organisations of a project in order, and the shared public projects of each pair.

    `project` comes from `for_page()`. A pair consists of two places in the list of organisations.
    """
    partners = list(dict.fromkeys(row.partner for row in project.partnerships.all() if row.partner))
    keys = [partner.pk for partner in partners]
    neighbour = "project__partnerships__partner"
    rows = (
        Partnership.objects.public()
        .filter(partner__in=keys, **{f"{neighbour}__in": keys, f"{neighbour}__gt": F("partner")})
        .order_by()
        .values_list("partner", neighbour)
        .annotate(shared=Count("project", distinct=True))
    )
    shared_by_pair = {frozenset([first, second]): shared for first, second, shared in rows}
    return partners, {
        (first, second): shared_by_pair[frozenset([keys[first], keys[second]])]
        for first, second in combinations(range(len(keys)), 2)
    }


def project_table(
    project: Project, partners: list[Partner], ties: dict[tuple[int, int], int]
) -> Table:
    """Each pair of organisations with the number of shared projects, including this project."""
    rows = [
        [organisation_cell(partners[first]), organisation_cell(partners[second]), Cell(shared)]
        for (first, second), shared in ties.items()
    ]
    columns = [
        Column("one", _("Organisation"), numeric=False),
        Column("other", _("With"), numeric=False),
        Column("shared", _("Shared projects")),
    ]
    caption = _("Projects shared by the organisations, including this project")
    return Table("network", caption, columns, rows, _address("project", project))


class NetworkPage(NamedTuple):
    """An organisation or a project, with a table of the network."""

    kind: str
    record: Partner | Project
    language: str
    table: Table


def load_network(query: QueryDict) -> NetworkPage:
    """The network of the record in the address. Raises Http404 unless the record is public."""
    if slug := with_winners(query).get("partner"):
        partner = get_object_or_404(Partner.objects.public(), slug=slug)
        table = partner_table(partner, all_neighbours(partner))
        return NetworkPage("partner", partner, foreign_language(partner.name_language), table)
    project = get_object_or_404(Project.objects.public().for_page(), slug=query.get("project", ""))
    table = project_table(project, *ties_of(project))
    return NetworkPage("project", project, foreign_language(project.title_language), table)


Codes = tuple[str, str]
MAX_PAIRS = 25
MAX_RETURNING = 50
DEFAULT_ORDER = "-projects"
ORDERS = {
    "organisation": "partner__folded",
    "country": "partner__country__name",
    "projects": "projects",
    "led": "led",
    "calls": "calls",
    "first": "first",
    "last": "last",
}
NUMBERS = ["projects", "led", "calls", "first", "last"]


class Gap(NamedTuple):
    """A country with the countries that share no recorded project with this country.

    Each pair occurs once. `until` is the last day of a former membership.
    """

    country: Country
    until: date | None
    missing: list[Country]


class SharedProjects(NamedTuple):
    """The numbers of shared projects, most first; all member states, also former.

    The key of a number are the codes of two countries, in their order.
    """

    pairs: dict[Codes, int]
    names: dict[str, str]
    members: list[Country]

    def members_on(self, day: date) -> list[Country]:
        return [country for country in self.members if country.was_member_on(day)]


def load_shared_projects() -> SharedProjects:
    names = dict(Country.objects.values_list("code", "name"))
    members = Membership.objects.filter(status=MembershipStatus.MEMBER)
    states = Country.objects.filter(pk__in=members.values("country")).with_memberships()
    return SharedProjects(_pairs(names), names, list(states))


def _pairs(names: Mapping[str, str]) -> dict[Codes, int]:
    """A project counts once for each pair of its countries."""
    by_country = public_sets().values["country"]
    pairs = {
        (first, second): number
        for first, second in combinations(sorted(by_country), 2)
        if (number := (by_country[first] & by_country[second]).bit_count())
    }
    return dict(sorted(pairs.items(), key=lambda pair: (-pair[1], *map(names.get, pair[0]))))


def gaps(shared: SharedProjects, day: date) -> tuple[list[Gap], list[Gap]]:
    """The missing pairs among the members on `day`, and of former members with these members."""
    members = shared.members_on(day)

    def missing(country: Country, others: list[Country]) -> list[Country]:
        return [row for row in others if _codes(country.code, row.code) not in shared.pairs]

    current = [Gap(row, None, missing(row, members[n:])) for n, row in enumerate(members, start=1)]
    former = [
        Gap(row, _until(row), missing(row, members)) for row in shared.members if row not in members
    ]
    return [gap for gap in current if gap.missing], [gap for gap in former if gap.missing]


def _codes(first: str, second: str) -> Codes:
    return min(first, second), max(first, second)


def _until(country: Country) -> date | None:
    """The last day of the last membership."""
    rows = [row for row in country.memberships.all() if row.status == MembershipStatus.MEMBER]
    return rows[-1].valid_to


def pair_table(shared: SharedProjects) -> Table:
    cells = {
        code: Cell(name, url=slug_url("partners:country-detail", code.lower()))
        for code, name in shared.names.items()
    }
    rows = [
        [cells[first], cells[second], Cell(projects)]
        for (first, second), projects in shared.pairs.items()
    ]
    columns = [
        Column("one", _("Country"), numeric=False),
        Column("other", _("With"), numeric=False),
        Column("projects", _("Shared projects")),
    ]
    table = _table("pairs", _("Projects shared by two countries"), columns, rows)
    return replace(table, most=MAX_PAIRS)


def gap_table(shared: SharedProjects) -> Table:
    """The missing pairs as rows, for download."""
    current, former = gaps(shared, timezone.localdate())
    rows = [
        [
            Cell(gap.country.name),
            Cell(country.name),
            Cell(gap.until.isoformat() if gap.until else None),
        ]
        for gap in [*current, *former]
        for country in gap.missing
    ]
    columns = [
        Column("one", _("Country"), numeric=False),
        Column("other", _("No shared project in these records with"), numeric=False),
        Column("until", _("Member until"), numeric=False),
    ]
    return _table("gaps", _("Pairs without a shared project in these records"), columns, rows)


def member_matrix(shared: SharedProjects) -> Matrix:
    """The shared projects of current and former member states."""
    codes = [country.code for country in shared.members]
    return matrix(codes, lambda row, column: shared.pairs.get(_codes(row, column), 0))


def _numbers(parts: QuerySet) -> QuerySet:
    """The numbers of each organisation with these participations."""
    closed = closing_year("project__call")
    named_parts = parts.filter(partner__isnull=False).order_by()
    return named_parts.values("partner").annotate(
        projects=Count("project", distinct=True),
        led=Count("pk", filter=Q(role=Role.LEAD)),
        calls=Count("project__call", distinct=True),
        first=Min(closed),
        last=Max(closed),
    )


def _returning() -> QuerySet:
    """The organisations with more than one public project."""
    return _numbers(Partnership.objects.public()).filter(projects__gt=1)


class Returning(NamedTuple):
    """An organisation with more than one public project; `first` and `last` are closing years."""

    name: str
    language: str
    slug: str
    country: str
    projects: int
    led: int
    calls: int
    first: int | None
    last: int | None

    def cells(self) -> list[Cell]:
        url = slug_url("partners:partner-detail", self.slug)
        return [
            Cell(self.name, url=url, language=foreign_language(self.language)),
            Cell(self.country),
            *map(Cell, [self.projects, self.led, self.calls]),
            *(Cell(year, year_words(year)) for year in [self.first, self.last]),
        ]


def returning_organisations(order: str) -> tuple[int, list[Returning]]:
    """The number of returning organisations, and the first of these in the given order.

    Equal organisations are in the order of their names.
    """
    by_number = public_partner_sets()["number"]
    returning = union(keys for number, keys in by_number.items() if number != "1")
    partners = _first_returning(order)
    fields = ["name", "name_language", "slug", "country__name"]
    rows = Partner.objects.public().filter(pk__in=partners).values_list("pk", *fields)
    names = {key: fields for key, *fields in rows}
    parts = _numbers(Partnership.objects.public().filter(partner__in=names))
    numbers = {key: fields for key, *fields in parts.values_list("partner", *NUMBERS)}
    found = [key for key in partners if key in numbers]
    return returning.bit_count(), [Returning(*names[key], *numbers[key]) for key in found]


@at_each_version
def _first_returning(order: str) -> list[int]:
    """The keys of the first returning organisations in the given order."""
    if order == DEFAULT_ORDER:
        by_number = public_partner_sets()["number"]
        several = {number: keys for number, keys in by_number.items() if number != "1"}
        groups = most_projects_first(union(several.values()), several)
        return [*islice(OrderedPages(groups, partners_by_name(), list).keys(), MAX_RETURNING)]
    in_order = _returning().order_by(_order(order), "partner__folded", "partner")
    return [*in_order.values_list("partner", flat=True)[:MAX_RETURNING]]


def _order(order: str) -> OrderBy:
    field = F(ORDERS[order.removeprefix("-")])
    return field.desc(nulls_last=True) if order.startswith("-") else field.asc(nulls_last=True)


def order_of(sort: str) -> str:
    """The order of the organisations by the address; most projects first by default."""
    minus, key = ("-", sort[1:]) if sort.startswith("-") else ("", sort)
    table, _dot, column = key.partition(".")
    return f"{minus}{column}" if table == "organisations" and column in ORDERS else DEFAULT_ORDER


def returning_table(order: str) -> Table:
    """The organisations, sorted by the database because there can be very many."""
    total, organisations = returning_organisations(order)
    rows = [organisation.cells() for organisation in organisations]
    table = _table("organisations", _("Organisations with more than one project"), _columns(), rows)
    return replace(table, total=total)


def _columns() -> list[Column]:
    return [
        Column("organisation", _("Organisation"), numeric=False),
        Column("country", _("Country"), numeric=False),
        Column("projects", _("Projects")),
        Column("led", _("Led")),
        Column("calls", _("Calls")),
        Column("first", _("First call closed")),
        Column("last", _("Last call closed")),
    ]


def returning_data() -> DataTable:
    """All returning organisations, most projects first, for download."""
    names = ["partner__name", "partner__country__name"]
    rows = _returning().order_by("-projects", "partner__folded", "partner")
    lines = rows.values_list(*names, *NUMBERS).iterator()
    return DataTable("organisations", [column.label for column in _columns()], lines)


def _table(name: str, caption: str, columns: list[Column], rows: list[list[Cell]]) -> Table:
    return Table(
        name, caption, columns, rows, reverse("figures:cooperation-data", args=[name, "csv"])
    )
