"""Whether all countries of a project were member states when its call closed, and are today.

A project with a country that was no member is told apart from one without. Where the closing of
its call is not known, neither is said of that day.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from .models import ListedPart

THEN, NOW = "members_then", "members_now"
ALL, OTHERS = "all", "others"
CHOICES = [(ALL, _("all are member states")), (OTHERS, _("some are no member states"))]

Statement = tuple[str, list[Any]]


class Period(NamedTuple):
    """The time of a membership, both days included; None does not limit."""

    first: date | None
    last: date | None

    def holds_on(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


class Members(NamedTuple):
    """For projects of these calls, these are the member states, and these the other countries."""

    calls: list[int]
    members: list[str]
    others: list[str]


def members_on(
    days: Mapping[int, date | None], memberships: Mapping[str, Collection[Period]]
) -> list[Members]:
    """The calls, each with its day, by the countries that were members on it.

    `memberships` holds every country; one that never was a member has none.
    """
    calls: dict[frozenset[str], list[int]] = defaultdict(list)
    for call, day in days.items():
        if day:
            held = [
                country
                for country, periods in memberships.items()
                if any(period.holds_on(day) for period in periods)
            ]
            calls[frozenset(held)].append(call)
    return [
        Members(keys, sorted(members), sorted(memberships.keys() - members))
        for members, keys in calls.items()
    ]


def narrowed(rows: QuerySet, told: Iterable[Members], values: Collection[str]) -> QuerySet:
    """The listings for which any of the values holds."""
    wanted = Q(pk__in=[])
    parts = ListedPart.objects.for_countries().filter(project=OuterRef("project"))
    for calls, members, _others in told:
        has_others = Exists(parts.exclude(country__in=members))
        for value in values:
            wanted |= Q(call__in=calls) & (Q(has_others) if value == OTHERS else ~Q(has_others))
    return rows.filter(wanted)


def counted(name: str, told: Iterable[Members], source: str) -> Iterable[Statement]:
    """The statements that count the projects of `source` for each of the values."""
    for calls, members, _others in told:
        outside = f"NOT ({_any_of('part.country_id', members)})"
        has_others = (
            "EXISTS (SELECT 1 FROM projects_listedpart AS part WHERE "
            f"part.project_id = one.project_id AND part.first_of_country AND {outside})"
        )
        statement = (
            f"SELECT '{name}', CASE WHEN {has_others} THEN '{OTHERS}' ELSE '{ALL}' END, '', 0, "
            f"COUNT(*) FROM {source} AS one WHERE {_any_of('one.call_id', calls)} GROUP BY 2"
        )
        yield statement, [*members, *calls]


def counted_in_all(name: str, told: Iterable[Members], at: Any) -> Iterable[Statement]:
    """The same for every public project; of those without other countries no index tells."""
    for calls, _members, others in told:
        of_these = _any_of("one.call_id", calls)
        # CROSS: SQLite shall begin with the parts of other countries, which are few.
        yield (
            (
                f"SELECT '{name}', '{OTHERS}', '', 0, COUNT(DISTINCT part.project_id) "
                "FROM projects_listedpart AS part CROSS JOIN projects_listing AS one "
                f"WHERE {_any_of('part.country_id', others)} AND part.since <= %s "
                f"AND part.first_of_country AND one.project_id = part.project_id AND {of_these}"
            ),
            [*others, at, *calls],
        )
        yield (
            (
                f"SELECT '{name}', '{ALL}', '', 0, COUNT(*) FROM projects_listing AS one "
                f"WHERE one.since <= %s AND {of_these}"
            ),
            [at, *calls],
        )


def _any_of(column: str, values: Collection[Any]) -> str:
    return f"{column} IN ({', '.join(['%s'] * len(values))})" if values else "1 = 0"
