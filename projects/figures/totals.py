"""Numbers of public projects and their amounts, counted by key sets."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from partners.models import Country
from projects.amounts import summed_amounts
from projects.list_index.facet_sets import (
    ProjectSets,
    money_by,
    money_of,
    public_calls,
    public_sets,
)
from projects.models import AmountKind, Call, Priority
from projects.models.projects import SUMS, Money
from projects.pages.coverage import Coverage, coverage_of
from psf.charts.tables import Cell
from psf.database.keysets import KeySet, union


@dataclass
class Sums:
    """The numbers of a group of projects, such as those of one year or one country.

    `led` counts the projects whose lead partner belongs to the group. A project that the CBSS
    leads belongs to no country. The amounts are those of
    the projects led, by kind. `key` is None for projects without a value.
    """

    key: Any
    label: str = ""
    projects: int = 0
    led: int = 0
    organisations: int = 0
    amounts: dict[str, Money] = field(default_factory=dict)

    def total(self, kind: str) -> Decimal | None:
        """The sum of the amounts of a kind (EUR); None without such an amount."""
        money = self.amounts.get(kind)
        return money.total if money else None

    def unpublished(self) -> int:
        """The number of projects led without a published amount."""
        money = self.amounts.get(AmountKind.NOT_PUBLISHED)
        return money.count if money else 0

    def money(self) -> list[Money]:
        """The amounts, one entry per kind, in the order of the kinds."""
        return list(self.amounts.values())


class Totals(NamedTuple):
    """The sums over all public projects, each list with the most projects first.

    `by_call` counts the projects by call. The years are those in which the calls closed, newest
    first.
    """

    calls: list[Call]
    by_call: dict[int, int]
    grand_total: Sums
    years: list[Sums]
    priorities: list[Sums]
    countries: list[Sums]
    kinds: list[Sums]

    def coverage(self, calls: Iterable[Call]) -> Coverage:
        """The coverage of some of the calls."""
        return coverage_of(calls, self.by_call)

    def calls_by_year(self) -> dict[int | None, list[Call]]:
        """The calls by the year in which they closed; None for an unknown year."""
        calls: dict[int | None, list[Call]] = {}
        for call in self.calls:
            calls.setdefault(call.closing_year(), []).append(call)
        return calls


def load_totals() -> Totals:
    """All sums of the page of figures."""
    sets = public_sets()
    by_year = keys_by_year(sets, sets.everything)
    return Totals(
        calls=public_calls(),
        by_call=sets.numbers_by_call(),
        grand_total=sums_of(None, sets.everything, money_of(sets.everything)),
        years=[sums_of(year, by_year[year], money_by("year").get(year, [])) for year in by_year],
        priorities=_sums_by_priority(sets),
        countries=_sums_by_country(sets),
        kinds=_sums_by_kind(sets),
    )


def year_words(year: int | None) -> str:
    return str(year or _("not known"))


def announced_cells(call: Call) -> list[Cell]:
    """The announced numbers of received, eligible and funded applications."""
    return [Cell(count, words_before_result([call])) for count in call.announced_counts()]


def words_before_result(calls: Iterable[Call]) -> str:
    """The text of a number that no call has published: "" if a result was or may be published."""
    return _("not yet published") if all(call.awaits_result() for call in calls) else ""


def sums_of(
    key: object, projects: KeySet, money: list[Money], led: KeySet | None = None, label: str = ""
) -> Sums:
    """The sums of a group of public projects. By default the group leads all of them.

    `money` has the amounts of the projects led.
    """
    led = projects if led is None else led
    amounts = {amount.kind: amount for amount in money}
    return Sums(key, label, projects.bit_count(), led.bit_count(), amounts=amounts)


def keys_by_year(sets: ProjectSets, projects: KeySet) -> dict[int | None, KeySet]:
    """The projects by the year in which their calls closed, newest first; None if not known."""
    by_year = defaultdict[int | None, KeySet](int)
    for call in public_calls():
        if of_call := projects & sets.of("call", call.pk):
            by_year[call.closing_year()] |= of_call
    return dict(sorted(by_year.items(), key=lambda item: item[0] or 0, reverse=True))


def _sums_by_priority(sets: ProjectSets) -> list[Sums]:
    by_key, money = sets.values["priority"], money_by("priority")
    rows = Priority.objects.filter(pk__in=by_key).values_list("pk", "slug", "name")
    sums = [
        sums_of(slug, sets.of("priority", key), money.get(slug, []), label=name)
        for key, slug, name in rows
    ]
    if without := sets.everything & ~union(by_key.values()):
        sums.append(sums_of(None, without, money.get(None, [])))
    return _most_first(sums)


def _sums_by_country(sets: ProjectSets) -> list[Sums]:
    names = Country.objects.filter(pk__in=sets.values["country"]).values_list("code", "name")
    money = money_by("country")
    return _most_first(
        sums_of(code, sets.of("country", code), money.get(code, []), sets.of("lead", code), name)
        for code, name in names
    )


def _sums_by_kind(sets: ProjectSets) -> list[Sums]:
    """The key None is for partners of whom only the country is known."""
    led, money = sets.values["kind_of_lead"], money_by("kind")
    rows = [
        sums_of(kind, projects, money.get(kind, []), led.get(kind, 0))
        for kind, projects in sets.values["kind"].items()
    ]
    if not_named := union(sets.values["not_named"].values()):
        led_by_not_named = union(sets.values["lead_not_named"].values())
        rows.append(sums_of(None, not_named, money.get(None, []), led_by_not_named))
    return _most_first(rows)


def _most_first(rows: Iterable[Sums]) -> list[Sums]:
    return sorted(rows, key=lambda sums: (-sums.projects, str(sums.key)))


def amount_kinds_in(lines: Iterable[Sums]) -> list[str]:
    """The kinds of amount in these sums, in their usual order: the columns of a table."""
    kinds = {kind for sums in lines for kind in sums.amounts}
    return [kind for kind in SUMS if kind in kinds]


def amounts_text(amounts: Iterable[Money]) -> str:
    """The amounts in one line, kind by kind; "" without a project."""
    return "; ".join(str(amount) for amount in summed_amounts(amounts))
