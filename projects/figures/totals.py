"""Numbers of public projects and their amounts, counted by key sets."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from partners.models import Country
from projects.amounts import summed_amounts
from projects.list_index.facet_sets import ProjectSets, public_sets
from projects.list_index.public_calls import load_public_calls
from projects.models import AmountKind, Call, Priority
from projects.models.amount_sums import SUMS, Money
from projects.pages.coverage import Coverage, coverage_of
from psf.caching.memo import cached_until_change
from psf.charts.tables import Cell
from psf.database.keysets import KeySet, union


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
    sets = public_sets()
    return Totals(
        calls=load_public_calls(),
        by_call={
            int(call): sums_of(sets, int(call), projects)
            for call, projects in sets.values["call"].items()
        },
        priorities=_sums_by_priority(sets),
        countries=_sums_by_country(sets),
        kinds=_sums_by_kind(sets),
    )


def announced_cells(call: Call) -> list[Cell]:
    """The announced numbers of received, eligible and funded applications."""
    return [Cell(count, words_before_result([call])) for count in call.announced_counts()]


def words_before_result(calls: Iterable[Call]) -> str:
    """The text of a number that no call has published: "" if a result was or may be published."""
    return _("not yet published") if all(call.awaits_result() for call in calls) else ""


def sums_of(
    sets: ProjectSets, key: object, projects: KeySet, led: KeySet | None = None, label: str = ""
) -> Sums:
    """The sums of a group of public projects. By default the group leads all of them."""
    sums = Sums(key, label, projects.bit_count())
    for money in sets.money(projects if led is None else led):
        sums.add(money)
    return sums


def _sums_by_priority(sets: ProjectSets) -> list[Sums]:
    by_key = sets.values["priority"]
    names = Priority.objects.filter(pk__in=by_key).values_list("pk", "slug", "name")
    rows = [sums_of(sets, slug, sets.of("priority", key), label=name) for key, slug, name in names]
    without = sets.everything & ~union(by_key.values())
    return _most_first([*rows, *([sums_of(sets, None, without)] if without else [])])


def _sums_by_country(sets: ProjectSets) -> list[Sums]:
    names = dict(Country.objects.order_by().values_list("code", "name"))
    return _most_first(
        sums_of(sets, code, projects, sets.of("lead", code), names[code])
        for code, projects in sets.values["country"].items()
    )


def _sums_by_kind(sets: ProjectSets) -> list[Sums]:
    """The key None stands for partners of whom only the country is known."""
    led = sets.values["kind_of_lead"]
    rows = [
        sums_of(sets, kind, projects, led.get(kind, 0))
        for kind, projects in sets.values["kind"].items()
    ]
    if not_named := union(sets.values["not_named"].values()):
        led_by_not_named = union(sets.values["lead"].values()) & ~union(led.values())
        rows.append(sums_of(sets, None, not_named, led_by_not_named))
    return _most_first(rows)


def _most_first(rows: Iterable[Sums]) -> list[Sums]:
    return sorted(rows, key=lambda sums: (-sums.projects, str(sums.key)))


def year_of(closes_at: datetime | None) -> int | None:
    """The year in which a call closed, in local time as in the list of calls."""
    return timezone.localtime(closes_at).year if closes_at else None


def amount_kinds_in(lines: Iterable[Sums]) -> list[str]:
    """The kinds of amount in these sums, in their usual order: the columns of a table."""
    kinds = {kind for sums in lines for kind in sums.amounts}
    return [kind for kind in SUMS if kind in kinds]


def amounts_text(sums: Sums) -> str:
    """The amounts in one line, kind by kind; "" without a project."""
    return "; ".join(str(amount) for amount in summed_amounts(sums.money()))
