"""Who works with whom: pairs of countries, pairs that are missing, organisations that came back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import Any, NamedTuple

from django.db.models import Count, F, Max, Min, Q, Window
from django.db.models.functions import ExtractYear
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.models import Country, MembershipStatus, Partner
from projects.figures.totals import public_parts
from projects.models import Role
from psf.caching.memo import cached_until_change
from psf.charts.charts import Matrix, matrix
from psf.charts.tables import Cell, Column, Table, Value
from psf.text.languages import foreign_language

PAIRS_SHOWN = 25
COMEBACKS_SHOWN = 50
ORDERS = {
    "organisation": "partner__folded",
    "country": "partner__country__name",
    "projects": "projects",
    "led": "led",
    "calls": "calls",
    "first": "first",
    "last": "last",
}


class Pair(NamedTuple):
    """Two countries in the order of their codes, and how many public projects both take part in."""

    codes: tuple[str, str]
    names: tuple[str, str]
    projects: int


class Gap(NamedTuple):
    """A country, and those with which it never shared a project, each pair in one place only."""

    country: Country
    until: date | None
    others: list[Country]


class Shared(NamedTuple):
    """What the tables of countries and their picture are made of."""

    pairs: list[Pair]
    members: list[Country]

    def members_on(self, day: date) -> list[Country]:
        return [country for country in self.members if country.was_member_on(day)]


@cached_until_change.each
def shared() -> Shared:
    """The pairs that share a project, most first, and all that are or were member states."""
    ever = Country.objects.filter(memberships__status=MembershipStatus.MEMBER).distinct()
    return Shared(_pairs(), list(ever.with_memberships()))


def _pairs() -> list[Pair]:
    """A project counts once for each pair of its countries."""
    other = "project__partnerships__country"
    rows = (
        public_parts()
        .filter(**{f"{other}__gt": F("country")})
        .order_by()
        .values_list("country", other)
        .annotate(number=Count("project", distinct=True))
    )
    # Not of the same query, which would sort all its rows by words.
    names = dict(Country.objects.order_by().values_list("code", "name"))
    found = [Pair((one, two), (names[one], names[two]), number) for one, two, number in rows]
    return sorted(found, key=lambda pair: (-pair.projects, pair.names))


def gaps(known: Shared, day: date) -> tuple[list[Gap], list[Gap]]:
    """The missing pairs: of the members of that day, and of each former member with these."""
    have = {pair.codes for pair in known.pairs}
    today = known.members_on(day)
    missing: dict[str, list[Country]] = {}
    for one, other in combinations(today, 2):
        if _codes(one, other) not in have:
            missing.setdefault(one.code, []).append(other)
    now = [Gap(each, None, missing[each.code]) for each in today if each.code in missing]
    former = []
    for country in known.members:
        others = [other for other in today if _codes(country, other) not in have]
        if country not in today and others:
            former.append(Gap(country, _until(country), others))
    return now, former


def _codes(one: Country, other: Country) -> tuple[str, str]:
    first, second = sorted([one.code, other.code])
    return first, second


def _until(country: Country) -> date | None:
    """The last day of its last membership."""
    rows = [row for row in country.memberships.all() if row.status == MembershipStatus.MEMBER]
    return rows[-1].valid_to


def pair_table(known: Shared) -> Table:
    address = reverse("partners:country-list")
    rows = [
        [
            Cell(pair.names[0], url=f"{address}{pair.codes[0].lower()}/"),
            Cell(pair.names[1], url=f"{address}{pair.codes[1].lower()}/"),
            Cell(pair.projects),
        ]
        for pair in known.pairs
    ]
    columns = [
        Column("one", _("Country"), numeric=False),
        Column("other", _("With"), numeric=False),
        Column("projects", _("Shared projects")),
    ]
    table = _table("pairs", _("Projects that two countries share"), columns, rows)
    return replace(table, most=PAIRS_SHOWN)


def gap_table(known: Shared) -> Table:
    """The missing pairs as rows, for download."""
    now, former = gaps(known, timezone.localdate())
    rows = [
        [
            Cell(gap.country.name),
            Cell(other.name),
            Cell(gap.until.isoformat() if gap.until else None),
        ]
        for gap in [*now, *former]
        for other in gap.others
    ]
    columns = [
        Column("one", _("Country"), numeric=False),
        Column("other", _("Never shared a project with"), numeric=False),
        Column("until", _("Member until"), numeric=False),
    ]
    return _table("gaps", _("Pairs that never shared a project"), columns, rows)


def picture(known: Shared) -> Matrix:
    """The shared projects of all that are or were member states."""
    numbers = {pair.codes: pair.projects for pair in known.pairs}
    codes = [country.code for country in known.members]
    return matrix(
        "matrix",
        _("Shared projects of the member states, now and then"),
        _("A square for each pair of countries, with the number of projects they share."),
        codes,
        lambda one, other: numbers.get((min(one, other), max(one, other)), 0),
    )


def _returned() -> Any:
    """The organisations with more than one public project, each with its numbers."""
    closed = "project__call__closes_at"
    return (
        public_parts()
        .filter(partner__isnull=False)
        .order_by()
        .values("partner")
        .annotate(
            projects=Count("project", distinct=True),
            led=Count("pk", filter=Q(role=Role.LEAD)),
            calls=Count("project__call", distinct=True),
            first=ExtractYear(Min(closed)),
            last=ExtractYear(Max(closed)),
        )
        .filter(projects__gt=1)
    )


@cached_until_change.each
def comebacks(order: str) -> tuple[int, list[tuple[Partner, dict[str, Any]]]]:
    """How many organisations came back, and the first of them in that order."""
    ordered = _returned().order_by(*_order(order), "partner")
    rows = list(ordered.annotate(of=Window(Count("*")))[:COMEBACKS_SHOWN])
    partners = Partner.objects.select_related("country").in_bulk(row["partner"] for row in rows)
    return rows[0]["of"] if rows else 0, [(partners[row["partner"]], row) for row in rows]


def _order(order: str) -> list[Any]:
    field = F(ORDERS[order.removeprefix("-")])
    return [field.desc(nulls_last=True) if order.startswith("-") else field.asc(nulls_last=True)]


def order_in(sort: str) -> str:
    """The order of the organisations that the address asks for; most projects first if none."""
    minus, key = ("-", sort[1:]) if sort.startswith("-") else ("", sort)
    table, _dot, column = key.partition(".")
    return f"{minus}{column}" if table == "organisations" and column in ORDERS else "-projects"


def comeback_table(order: str) -> Table:
    """The organisations in that order. The database sorted them: there can be very many."""
    total, found = comebacks(order)
    rows = [
        [
            Cell(
                partner.name,
                url=partner.get_absolute_url(),
                language=foreign_language(partner.name_language),
            ),
            Cell(partner.country.name),
            *(Cell(row[key]) for key in ["projects", "led", "calls"]),
            *(_year(row[key]) for key in ["first", "last"]),
        ]
        for partner, row in found
    ]
    table = _table("organisations", _("Organisations with more than one project"), _columns(), rows)
    return replace(table, total=total)


def _year(year: int | None) -> Cell:
    return Cell(year, str(year) if year else _("not known"))


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


def comeback_lines() -> Iterator[list[Value]]:
    """All organisations that came back, most projects first, for download."""
    names = ["partner__name", "partner__country__name"]
    numbers = ["projects", "led", "calls", "first", "last"]
    rows = _returned().order_by("-projects", "partner__folded", "partner")
    for row in rows.values_list(*names, *numbers).iterator():
        yield list(row)


def comeback_heads() -> list[str]:
    return [column.label for column in _columns()]


def _table(name: str, caption: str, columns: list[Column], rows: list[list[Cell]]) -> Table:
    return Table(name, caption, columns, rows, reverse("figures:cooperation-csv", args=[name]))
