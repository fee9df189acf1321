"""Public projects by facet and value, as key sets (`psf.database.keysets`), with their amounts.

Lists, figures and the pages of countries count by these sets. Sets of all projects are read from
indexes and intersected with the set of public projects. After a change only the changed projects
are read again.
"""

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from partners.models import Membership, MembershipStatus
from partners.participation import CountryProjects
from projects.list_index.changed_projects import recounted_projects
from projects.list_index.membership_facet import membership_facets
from projects.models import AmountKind, Call
from projects.models.amount_sums import Money
from psf.caching.memo import cached_until_change
from psf.database.keysets import (
    KeySet,
    Values,
    collect,
    keys_of,
    keyset,
    merged,
    union,
    within,
)
from psf.database.parameters import NOW
from psf.database.prepared import Prepared
from psf.database.sql import aggregate_keys, parse_keys, read_rows
from psf.followed_values.changes import Changes
from psf.followed_values.followed import Followed

# Rows of a facet, a value, a detail and keys of projects, public or not. The detail of a country or
# kind are the keys of the projects led. The conditions `{project}`, `{part}` and `{link}` select
# projects. `{named}` are the partnerships with an organisation.
ROWS = """
SELECT 'call', CAST(project.call_id AS text), project.status, {project_keys}
FROM projects_project AS project WHERE project.published_at <= %s AND {project}
GROUP BY project.call_id, project.status
UNION ALL SELECT 'amount_kind', project.amount_kind,
    CAST(CAST(ROUND(project.amount_eur * 100) AS bigint) AS text), {project_keys}
FROM projects_project AS project WHERE {project} GROUP BY project.amount_kind, project.amount_eur
UNION ALL SELECT 'country', part.country_id, {led_keys}, {part_keys}
FROM projects_partnership AS part WHERE {part} GROUP BY part.country_id
UNION ALL SELECT 'not_named', part.country_id, NULL, {part_keys}
FROM projects_partnership AS part WHERE part.partner_id IS NULL AND {part} GROUP BY part.country_id
UNION ALL SELECT 'kind', partner.kind, {led_keys}, {part_keys} FROM {named} GROUP BY partner.kind
UNION ALL SELECT 'priority', CAST(link.priority_id AS text), NULL, {link_keys}
FROM projects_project_priorities AS link WHERE {link} GROUP BY link.priority_id
UNION ALL SELECT 'topic', CAST(link.topic_id AS text), NULL, {link_keys}
FROM projects_project_topics AS link WHERE {link} GROUP BY link.topic_id
"""
# CROSS JOIN makes SQLite read organisations in the order of an index by kind, or few projects.
ALL_NAMED = """partners_partner AS partner CROSS JOIN projects_partnership AS part
WHERE part.partner_id = partner.id"""
SOME_NAMED = """projects_partnership AS part CROSS JOIN partners_partner AS partner
WHERE part.partner_id = partner.id AND {part}"""
# The facets of the projects led.
OF_LEADS = {"country": "lead", "kind": "kind_of_lead"}
FACETS = ["call", "status", "amount_kind", "priority", "topic", "not_named"]
FACETS += [*OF_LEADS, *OF_LEADS.values()]
MAX_SUMS = 500


@dataclass(frozen=True)
class ProjectSets:
    """The public projects by facet and value. A value is the key of a record as text, or a text.

    The facets of memberships are those of the day `today`. `cents` has the amounts by the key of
    the project, also of projects that are hidden or deleted.
    """

    values: Values
    today: date
    cents: "array[int]" = field(compare=False)
    _sums: dict[KeySet, list[Money]] = field(default_factory=dict, compare=False)

    @cached_property
    def everything(self) -> KeySet:
        return union(self.values["call"].values())

    def of(self, facet: str, value: object) -> KeySet:
        return self.values[facet].get(str(value), 0)

    def numbers_by_call(self) -> dict[int, int]:
        """The number of public projects by the key of the call."""
        return {int(call): keys.bit_count() for call, keys in self.values["call"].items()}

    def money(self, projects: KeySet) -> list[Money]:
        """The sums of the amounts of public projects, one entry per kind. Latest sums are kept."""
        sums = self._sums.get(projects)
        if sums is None:
            if len(self._sums) >= MAX_SUMS:
                self._sums.clear()
            sums = self._sums[projects] = [
                self._sum(kind, keys)
                for kind in AmountKind
                if (keys := projects & self.of("amount_kind", kind))
            ]
        return sums

    def _sum(self, kind: str, projects: KeySet) -> Money:
        if kind == AmountKind.NOT_PUBLISHED:
            return Money(kind, projects.bit_count(), None, None, None)
        cents = [self.cents[project] for project in keys_of(projects)]
        numbers = [sum(cents), min(cents), max(cents)]
        return Money(kind, len(cents), *(Decimal(number).scaleb(-2) for number in numbers))


def renew_sets(old: ProjectSets, changes: Changes) -> ProjectSets | None:
    """The sets after changes; None on another day, because memberships may have ended."""
    if timezone.localdate(changes.until) != old.today:
        return None
    changed = recounted_projects(changes)
    if not changed:
        return old
    new, amounts = _read(changes.until, changed)
    changed_keys = keyset(changed)
    values, cents = merged(old.values, changed_keys, new), _replaced(old.cents, amounts)
    # Most edits change no set and no amount, and the same object keeps its sums.
    if values == old.values and cents == old.cents:
        return old
    sums = {keys: sums for keys, sums in old._sums.copy().items() if not keys & changed_keys}
    return ProjectSets(values, old.today, cents, sums)


def read_sets(at: datetime) -> ProjectSets:
    """The sets of the projects public at a moment."""
    values, amounts = _read(at)
    return ProjectSets(values, timezone.localdate(at), _replaced(array("q"), amounts))


def _replaced(cents: "array[int]", amounts: Mapping[int, int]) -> "array[int]":
    """A copy of the amounts by key, with these instead of their earlier ones."""
    copy = cents + array("q", [0]) * (max(amounts, default=0) + 1 - len(cents))
    for project, amount in amounts.items():
        copy[project] = amount
    return copy


def _read(at: datetime, projects: Collection[int] | None = None) -> tuple[Values, dict[int, int]]:
    """The sets and amounts at a moment, of all or of these projects."""
    cents: dict[int, int] = {}
    values = collect(FACETS, _groups(read_rows(_sql(projects), [at]), cents))
    days = {str(call.pk): call.closing_day() for call in _public_calls(at=at)}
    of_calls = {call: values["call"][call] for call in days.keys() & values["call"].keys()}
    values = within(values, union(of_calls.values()))
    by_day = defaultdict[date | None, KeySet](int)
    for call, public in of_calls.items():
        by_day[days[call]] |= public
    today = timezone.localdate(at)
    values |= membership_facets(values["country"], _memberships(), by_day, today)
    return values, cents


@Prepared
def _public_calls() -> QuerySet[Call]:
    return Call.objects.filter(published_at__lte=NOW).only("time_zone", "closes_at").order_by()


@Prepared
def _memberships() -> QuerySet[Membership]:
    return Membership.objects.filter(status=MembershipStatus.MEMBER).order_by()


def _sql(projects: Collection[int] | None) -> str:
    columns = {"project": "project.id", "part": "part.project_id", "link": "link.project_id"}
    keys = {f"{name}_keys": aggregate_keys(column) for name, column in columns.items()}
    keys["led_keys"] = f"{keys['part_keys']} FILTER (WHERE part.role = 'lead')"
    if projects is None:
        return ROWS.format(named=ALL_NAMED, **keys, **dict.fromkeys(columns, "TRUE"))
    selected = f"IN ({', '.join(map(str, projects))})"
    conditions = {name: f"{column} {selected}" for name, column in columns.items()}
    return ROWS.format(named=SOME_NAMED.format(**conditions), **keys, **conditions)


def _groups(
    rows: Iterable[tuple[Any, ...]], cents: dict[int, int]
) -> Iterator[tuple[str, str, Sequence[int]]]:
    """The facets and values of the projects in rows, each with the keys. Adds to `cents`."""
    for facet, value, detail, text in rows:
        keys = parse_keys(text)
        yield facet, value, keys
        if facet == "call":
            yield "status", detail, keys
        elif facet == "amount_kind":
            cents.update(dict.fromkeys(keys, int(detail or 0)))
        elif facet in OF_LEADS:
            yield OF_LEADS[facet], value, parse_keys(detail)


_sets = Followed(read_sets, renew_sets)


def public_sets() -> ProjectSets:
    """The sets of the projects that are public now."""
    return cached_until_change("project sets", _sets.current)


def country_projects(sets: ProjectSets) -> dict[str, CountryProjects]:
    """The numbers of each country with a public project, by code."""
    return {
        code: CountryProjects(
            keys.bit_count(),
            sets.of("lead", code).bit_count(),
            has_unnamed=code in sets.values["not_named"],
        )
        for code, keys in sets.values["country"].items()
    }
