"""Numbers of public projects and their amounts, counted by the database."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, F, Max, Min, QuerySet, Sum, Value
from django.db.models.expressions import Combinable
from django.utils import timezone

from partners.models import Country
from projects.amounts import summed_amounts
from projects.models import AmountKind, Call, Partnership, Project
from projects.models.querysets import SUMS, Money
from projects.pages.coverage import Coverage, coverage_of
from psf.caching.memo import cached_until_change


@dataclass
class Sums:
    """The numbers of a group of projects, such as those of one year or one country.

    `led` counts the projects whose lead partner belongs to the group. The amounts are those of
    the projects led, by kind. `key` is None for projects without a value.
    """

    key: Any
    label: str = ""
    projects: int = 0
    led: int = 0
    organisations: int = 0
    amounts: dict[str, Money] = field(default_factory=dict)

    def add(self, money: Money) -> None:
        """Add projects led by the group, with amounts of one kind."""
        sum_so_far = self.amounts.get(money.kind)
        self.amounts[money.kind] = combine(sum_so_far, money) if sum_so_far else money
        self.led += money.count

    def merge(self, sums: "Sums") -> None:
        """Add the projects of another group, all of which count as led."""
        self.projects += sums.projects
        for money in sums.money():
            self.add(money)

    def unpublished(self) -> int:
        """The number of projects led without a published amount."""
        money = self.amounts.get(AmountKind.NOT_PUBLISHED)
        return money.count if money else 0

    def money(self) -> list[Money]:
        """The amounts, one entry per kind, in the order of the kinds."""
        kinds = [*SUMS, AmountKind.NOT_PUBLISHED]
        return [self.amounts[kind] for kind in kinds if kind in self.amounts]


def combine(first: Money, second: Money) -> Money:
    """The sum of two groups of amounts of the same kind."""
    pairs = zip(first[2:], second[2:], strict=True)
    totals, minima, maxima = ([value for value in pair if value is not None] for pair in pairs)
    return Money(
        first.kind,
        first.count + second.count,
        sum(totals, Decimal(0)) if totals else None,
        min(minima, default=None),
        max(maxima, default=None),
    )


def public_partnerships() -> QuerySet[Partnership]:
    """The partnerships in public projects, for sums over all of them.

    The keys of the projects are listed once. The joins of `Partnership.objects.public()` would
    read each long project row once per partner.
    """
    return Partnership.objects.filter(project__in=Project.objects.public().order_by().values("pk"))


class Totals(NamedTuple):
    """The sums over all public projects, each list with the most projects first."""

    calls: list[Call]
    by_call: dict[int, Sums]
    priorities: list[Sums]
    countries: list[Sums]
    kinds: list[Sums]

    def coverage(self, calls: Iterable[Call]) -> Coverage:
        """The coverage of some of the calls."""
        return coverage_of(calls, {pk: sums.projects for pk, sums in self.by_call.items()})

    def years(self) -> list[Sums]:
        """By the year in which the call closed, newest first; None for an unknown year."""
        by_year: dict[int | None, Sums] = {}
        for call in self.calls:
            if call.pk in self.by_call:
                year = year_of(call.closes_at)
                by_year.setdefault(year, Sums(year)).merge(self.by_call[call.pk])
        return sorted(by_year.values(), key=lambda sums: sums.key or 0, reverse=True)

    def calls_by_year(self) -> dict[int | None, list[Call]]:
        """The calls by the year in which they closed; None for an unknown year."""
        calls: dict[int | None, list[Call]] = {}
        for call in self.calls:
            calls.setdefault(year_of(call.closes_at), []).append(call)
        return calls

    def grand_total(self) -> Sums:
        total = Sums(None)
        for sums in self.by_call.values():
            total.merge(sums)
        return total


@cached_until_change.memoize
def load_totals() -> Totals:
    """All sums of the page of figures, counted together on first use."""
    public = Project.objects.public()
    calls = Call.objects.public().select_related("decision")
    by_priority = _count_all_as_led(sums_by(public, "priorities__slug", "priorities__name"))
    return Totals(
        calls=list(calls.defer("summary", "description", "internal_note", "folded")),
        by_call=_count_all_as_led(sums_by(public, "call")),
        priorities=_most_first(by_priority),
        countries=_add_country_names(_sums_by_partner("country")),
        kinds=_sums_by_partner("partner__kind"),
    )


def sums_by(
    rows: QuerySet, key: str | Combinable, label: str = "", through: str = ""
) -> dict[Any, Sums]:
    """The sums of projects by `key`; each project has one row per key."""
    amount = f"{through}amount_eur"
    counted = (
        rows.order_by()
        .values(
            group=F(key) if isinstance(key, str) else key,
            group_label=F(label) if label else Value(""),
        )
        .annotate(
            kind=F(f"{through}amount_kind"),
            number=Count("pk"),
            total=Sum(amount),
            least=Min(amount),
            most=Max(amount),
        )
        .values_list("group", "group_label", "kind", "number", "total", "least", "most")
    )
    by_key: dict[Any, Sums] = {}
    for group, group_label, *money in counted:
        by_key.setdefault(group, Sums(group, group_label or "")).add(Money(*money))
    return by_key


def _count_all_as_led(by_key: dict[Any, Sums]) -> dict[Any, Sums]:
    """Where every project has one row per key, its number of projects is its number led."""
    for sums in by_key.values():
        sums.projects = sums.led
    return by_key


def _sums_by_partner(key: str) -> list[Sums]:
    """Projects by a value of their partners, with the projects led by such a partner.

    A project counts once per key. The key None stands for partners of whom only the country is
    known.
    """
    by_key = sums_by(Partnership.objects.public().leading(), key, through="project__")
    partnerships = public_partnerships().order_by().values(group=F(key))
    counted = partnerships.annotate(number=Count("project", distinct=True))
    for group, number in counted.values_list("group", "number"):
        by_key.setdefault(group, Sums(group)).projects = number
    return _most_first(by_key)


def _add_country_names(countries: list[Sums]) -> list[Sums]:
    names = dict(Country.objects.order_by().values_list("code", "name"))
    for sums in countries:
        sums.label = names[sums.key]
    return countries


def _most_first(by_key: dict[Any, Sums]) -> list[Sums]:
    return sorted(by_key.values(), key=lambda sums: (-sums.projects, str(sums.key)))


def year_of(closes_at: datetime | None) -> int | None:
    """The year in which a call closed, in local time as in the list of calls."""
    return timezone.localtime(closes_at).year if closes_at else None


def amount_kinds_in(lines: Iterable[Sums]) -> list[str]:
    """The kinds of amount in these sums, in their usual order: the columns of a table."""
    kinds = {kind for sums in lines for kind in sums.amounts}
    return [kind for kind in SUMS if kind in kinds]


def amounts_text(sums: Sums | None) -> str:
    """The amounts in one line, kind by kind; "" without a project."""
    return "; ".join(str(amount) for amount in summed_amounts(sums.money())) if sums else ""
