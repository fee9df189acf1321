"""Public projects by facet and value, as key sets (`psf.database.keysets`), with their amounts.

Lists, figures and the pages of countries count by these sets. Sets of all projects are read from
indexes and intersected with the set of public projects. After a change only the changed projects
are read again.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils import timezone

from partners.models import Membership, MembershipStatus
from partners.participation import CountryProjects
from projects.list_index.changed_projects import recounted_projects
from projects.list_index.membership_facet import membership_facets
from projects.models import AmountKind, Call
from projects.models.amount_sums import Money
from psf.database.keysets import (
    KeySet,
    Values,
    collect,
    keyset,
    merged,
    union,
    within,
)
from psf.database.sql import aggregate_keys, parse_keys, read_rows
from psf.followed_values.changes import Changes
from psf.followed_values.followed import Followed

# Rows of a facet, a value, a detail and keys of projects, public or not. The detail of a country or
# kind are the keys of the projects led. The conditions `{project}`, `{part}` and `{link}` select
# projects. CROSS JOIN makes SQLite read the partnerships first.
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
UNION ALL SELECT 'kind', partner.kind, {led_keys}, {part_keys}
FROM projects_partnership AS part CROSS JOIN partners_partner AS partner
WHERE partner.id = part.partner_id AND {part} GROUP BY partner.kind
UNION ALL SELECT 'priority', CAST(link.priority_id AS text), NULL, {link_keys}
FROM projects_project_priorities AS link WHERE {link} GROUP BY link.priority_id
UNION ALL SELECT 'topic', CAST(link.topic_id AS text), NULL, {link_keys}
FROM projects_project_topics AS link WHERE {link} GROUP BY link.topic_id
"""
# The facets of the projects led.
OF_LEADS = {"country": "lead", "kind": "kind_of_lead"}
FACETS = ["call", "status", "amount_kind", "priority", "topic", "not_named"]
FACETS += [*OF_LEADS, *OF_LEADS.values(), "cents"]


@dataclass(frozen=True)
class ProjectSets:
    """The public projects by facet and value. A value is the key of a record as text, or a text.

    The values of the facet "cents" are the places of binary digits: "3" has the projects whose
    amount in cents has the digit 1 of 2 ** 3.
    """

    values: Values

    @cached_property
    def everything(self) -> KeySet:
        return union(self.values["call"].values())

    def of(self, facet: str, value: object) -> KeySet:
        return self.values[facet].get(str(value), 0)

    def numbers_by_call(self) -> dict[int, int]:
        """The number of public projects by the key of the call."""
        return {int(call): keys.bit_count() for call, keys in self.values["call"].items()}

    def money(self, projects: KeySet) -> list[Money]:
        """The sums of the amounts of public projects, one entry per kind."""
        of_kinds = {kind: projects & self.of("amount_kind", kind) for kind in AmountKind}
        return [self._sum(kind, keys) for kind, keys in of_kinds.items() if keys]

    def _sum(self, kind: str, projects: KeySet) -> Money:
        if kind == AmountKind.NOT_PUBLISHED:
            return Money(kind, projects.bit_count(), None, None, None)
        least = most = projects
        for _place, keys in sorted(self._digits(), reverse=True):
            least, most = least & ~keys or least, most & keys or most
        # Projects that remain have the same amount, and one of them has it once.
        cents = map(self._cents, [projects, least & -least, most & -most])
        return Money(kind, projects.bit_count(), *(Decimal(number).scaleb(-2) for number in cents))

    def _cents(self, projects: KeySet) -> int:
        """The sum of the amounts."""
        return sum((keys & projects).bit_count() << place for place, keys in self._digits())

    def _digits(self) -> list[tuple[int, KeySet]]:
        return [(int(place), keys) for place, keys in self.values["cents"].items()]


def renew_sets(old: ProjectSets, changes: Changes, at: datetime) -> ProjectSets:
    changed = recounted_projects(changes)
    if not changed:
        return old
    return ProjectSets(merged(old.values, keyset(changed), _read(at, changed)))


def read_sets(at: datetime) -> ProjectSets:
    """The sets of the projects public at a moment."""
    return ProjectSets(_read(at))


def _read(at: datetime, projects: Collection[int] | None = None) -> Values:
    """The sets of the projects public at a moment: of all, or of these projects only."""
    values = collect(FACETS, _groups(read_rows(_sql(projects), [at])))
    public_calls = Call.objects.filter(published_at__lte=at).only("time_zone", "closes_at")
    days = {str(call.pk): call.closing_day() for call in public_calls.order_by()}
    of_calls = {call: values["call"][call] for call in days.keys() & values["call"].keys()}
    values = within(values, union(of_calls.values()))
    by_day = defaultdict[date | None, KeySet](int)
    for call, public in of_calls.items():
        by_day[days[call]] |= public
    today = timezone.localdate(at)
    members = Membership.objects.filter(status=MembershipStatus.MEMBER).order_by()
    return values | membership_facets(values["country"], [*members], by_day, today)


def _sql(projects: Collection[int] | None) -> str:
    columns = {"project": "project.id", "part": "part.project_id", "link": "link.project_id"}
    keys = {f"{name}_keys": aggregate_keys(column) for name, column in columns.items()}
    keys["led_keys"] = f"{keys['part_keys']} FILTER (WHERE part.role = 'lead')"
    selected = "IS NOT NULL" if projects is None else f"IN ({', '.join(map(str, projects))})"
    return ROWS.format(**keys, **{name: f"{column} {selected}" for name, column in columns.items()})


def _groups(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, str, Sequence[int]]]:
    """The facets and values of the projects in rows, each with the keys."""
    for facet, value, detail, text in rows:
        keys = parse_keys(text)
        yield facet, value, keys
        if facet == "call":
            yield "status", detail, keys
        elif facet == "amount_kind":
            digits = f"{int(detail or 0):b}"[::-1]
            yield from (("cents", str(n), keys) for n, digit in enumerate(digits) if digit == "1")
        elif facet in OF_LEADS:
            yield OF_LEADS[facet], value, parse_keys(detail)


# The sets of the projects that are public now.
public_sets = Followed(read_sets, renew_sets)


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
