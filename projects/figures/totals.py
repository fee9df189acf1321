"""Numbers of public projects and their amounts, counted by the database."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, F, Max, Min, Sum, Value
from django.utils import timezone

from partners.models import Country
from projects import amounts as money
from projects.models import AmountKind, Call, Partnership, Project
from projects.models.querysets import SUMS, Money
from psf.caching.memo import cached_until_change


@dataclass
class Sums:
    """What projects with something in common are together.

    `led` counts those whose lead partner has it too, where that says more; the amounts are
    those of the projects led, by kind. `key` is None where the projects do not say.
    """

    key: Any
    label: str = ""
    projects: int = 0
    led: int = 0
    organisations: int = 0
    amounts: dict[str, Money] = field(default_factory=dict)

    def add(self, more: Money) -> None:
        """Take in more projects that are led by it, with amounts of one kind."""
        had = self.amounts.get(more.kind)
        self.amounts[more.kind] = together(had, more) if had else more
        self.led += more.count

    def take_in(self, other: "Sums") -> None:
        """Take in other projects, all of which count as led."""
        self.projects += other.projects
        for amounts in other.money():
            self.add(amounts)

    def money(self) -> list[Money]:
        """The amounts, one line a kind, in the order of the kinds."""
        kinds = [*SUMS, AmountKind.NOT_PUBLISHED]
        return [self.amounts[kind] for kind in kinds if kind in self.amounts]


def together(one: Money, other: Money) -> Money:
    """Two lots of amounts of the same kind as one."""
    pairs = zip(one[2:], other[2:], strict=True)
    totals, leasts, greatests = ([part for part in pair if part is not None] for pair in pairs)
    return Money(
        one.kind,
        one.count + other.count,
        sum(totals, Decimal(0)) if totals else None,
        min(leasts, default=None),
        max(greatests, default=None),
    )


def public_parts() -> Any:
    """The parts in public projects, for sums over all of them.

    The keys of the projects are listed once: the joins of `Partnership.objects.public()` would
    read each long row of a project as often as it has partners.
    """
    return Partnership.objects.filter(project__in=Project.objects.public().order_by().values("pk"))


class Whole(NamedTuple):
    """The sums over all public projects, each list with the most projects first."""

    calls: list[Call]
    of_call: dict[int, Sums]
    priorities: list[Sums]
    countries: list[Sums]
    kinds: list[Sums]

    def years(self) -> list[Sums]:
        """By the year in which their call closed, newest first; None where that is not known."""
        found: dict[int | None, Sums] = {}
        for call in self.calls:
            if call.pk in self.of_call:
                year = year_of(call.closes_at)
                found.setdefault(year, Sums(year)).take_in(self.of_call[call.pk])
        return sorted(found.values(), key=lambda each: each.key or 0, reverse=True)

    def altogether(self) -> Sums:
        found = Sums(None)
        for of_call in self.of_call.values():
            found.take_in(of_call)
        return found


@cached_until_change.each
def whole() -> Whole:
    """All sums of the page of figures, counted together when the first of them is asked for."""
    public = Project.objects.public()
    calls = Call.objects.public().select_related("decision")
    return Whole(
        calls=list(calls.defer("summary", "description", "internal_note", "folded")),
        of_call=_all_led(grouped(public, "call")),
        priorities=_most_first(_all_led(grouped(public, "priorities__slug", "priorities__name"))),
        countries=_named(_by_part("country")),
        kinds=_by_part("partner__kind"),
    )


def grouped(rows: Any, key: Any, label: str = "", through: str = "") -> dict[Any, Sums]:
    """The projects of these rows by key; each of them has one row a key."""
    key = F(key) if isinstance(key, str) else key
    amount = f"{through}amount_eur"
    counted = (
        rows.order_by()
        .values(found_as=key, called=F(label) if label else Value(""))
        .annotate(
            kind=F(f"{through}amount_kind"),
            number=Count("pk"),
            total=Sum(amount),
            least=Min(amount),
            most=Max(amount),
        )
        .values_list("found_as", "called", "kind", "number", "total", "least", "most")
    )
    found: dict[Any, Sums] = {}
    for value, called, *amounts in counted:
        found.setdefault(value, Sums(value, called or "")).add(Money(*amounts))
    return found


def _all_led(found: dict[Any, Sums]) -> dict[Any, Sums]:
    """Where every project has one row a key, as many are counted as are led."""
    for each in found.values():
        each.projects = each.led
    return found


def _by_part(key: str) -> list[Sums]:
    """Projects by what their partners are, with those led by such a partner.

    A project counts once for each key; a key of None stands for partners of whom only the
    country is known.
    """
    found = grouped(Partnership.objects.public().leading(), key, through="project__")
    counted = public_parts().order_by().values(found_as=F(key))
    numbers = counted.annotate(number=Count("project", distinct=True))
    for value, number in numbers.values_list("found_as", "number"):
        found.setdefault(value, Sums(value)).projects = number
    return _most_first(found)


def _named(countries: list[Sums]) -> list[Sums]:
    names = dict(Country.objects.order_by().values_list("code", "name"))
    for each in countries:
        each.label = names[each.key]
    return countries


def _most_first(found: dict[Any, Sums]) -> list[Sums]:
    return sorted(found.values(), key=lambda each: (-each.projects, str(each.key)))


def year_of(closes_at: datetime | None) -> int | None:
    """The year in which a call closed, as the list of calls has it."""
    return timezone.localtime(closes_at).year if closes_at else None


def kinds_in(lines: Iterable[Sums]) -> list[str]:
    """The kinds of amount that occur, in their order: a table has a column for each."""
    occur = {kind for each in lines for kind in each.amounts}
    return [kind for kind in SUMS if kind in occur]


def in_words(sums: Sums | None) -> str:
    """The amounts in one line, each kind for itself; "" where there is no project."""
    return "; ".join(str(amount) for amount in money.lines(sums.money())) if sums else ""
