"""Public projects by facet and value, as key sets (`psf.database.keysets`), with their amounts.

Lists, figures and the pages of countries count by these sets. The sets are read from the listing
tables (`projects.list_index.rows`). After a change only the changed projects are read again.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from django.utils import timezone

from partners.participation import CountryProjects
from projects.list_index import membership_facet
from projects.list_index.changed_projects import changed_projects
from projects.models import AmountKind
from projects.models.querysets import SUMS, Money
from psf.caching.memo import cached_until_change
from psf.counts.changes import Changes
from psf.counts.followed import Followed
from psf.database.keysets import KeySet, Values, digits_of, extremes, keyset, merged, sum_of, union
from psf.database.sql import aggregate_keys, fetch_all, parse_keys

# The selected projects and their partnerships. CROSS JOIN makes SQLite start with the projects.
# For NOT it reads the table in order, which is faster than an index without all columns.
SELECTED = """
WITH selected AS MATERIALIZED (
    SELECT project_id, call_id, status, memberships FROM projects_listing
    WHERE NOT since > %s {of_projects}
), parts AS {parts}
"""
ALL_PARTS = """NOT MATERIALIZED (SELECT * FROM projects_listedpart WHERE since <= %s),
every_part AS NOT MATERIALIZED (SELECT * FROM projects_listedpart WHERE NOT since > %s)
"""
SOME_PARTS = """MATERIALIZED (
    SELECT part.* FROM selected CROSS JOIN projects_listedpart part
    WHERE part.project_id = selected.project_id
), every_part AS NOT MATERIALIZED (SELECT * FROM parts)"""
LINKED = "selected CROSS JOIN projects_project_{} link WHERE link.project_id = selected.project_id"
# By facet: the SQL of its values and of their source.
FACETS = {
    "call": ("call_id", "selected"),
    "status": ("status", "selected"),
    "priority": ("priority_id", LINKED.format("priorities")),
    "topic": ("topic_id", LINKED.format("topics")),
    "country": ("country_id", "every_part AS selected"),
    "lead": ("country_id", "parts AS selected WHERE leads"),
    "kind": ("kind", "every_part AS selected WHERE partner_id > 0"),
    "kind_of_lead": ("kind", "every_part AS selected WHERE leads AND partner_id > 0"),
    "not_named": ("country_id", "parts AS selected WHERE partner_id IS NULL"),
}
# Rows of other columns: projects by call and `memberships`, the closing of each call, and projects
# by amount (drafts too, because no index with amounts knows which projects are public).
MEMBERS, CLOSING, AMOUNT = "members", "closing", "amount"
OTHERS = f"""
SELECT '{MEMBERS}', CAST(call_id AS text), memberships, {{keys}} FROM selected
GROUP BY call_id, memberships
UNION ALL SELECT '{CLOSING}', CAST(id AS text), time_zone, CAST(closes_at AS text)
FROM projects_call WHERE closes_at IS NOT NULL
UNION ALL SELECT '{AMOUNT}', amount_kind, CAST(CAST(ROUND(amount_eur * 100) AS bigint) AS text),
    {{keys_of_amounts}} FROM projects_project {{of_amounts}} GROUP BY amount_kind, amount_eur
"""
# The facets of the kind of the amount and of its digits in cents.
AMOUNT_KIND, CENTS = "amount_kind", "cents"


@dataclass(frozen=True)
class ProjectSets:
    """The public projects by facet and value. A value is the key of a record as text, or a text.

    The facets of amounts contain drafts too; `CENTS` has digits for `keysets.sum_of()`. The facets
    of memberships are those of the day `today`.
    """

    values: Values
    today: date
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
        """The sums of the amounts of public projects, one entry per kind."""
        if projects not in self._sums:
            self._sums[projects] = self._add_amounts(projects)
        return self._sums[projects]

    def _add_amounts(self, projects: KeySet) -> list[Money]:
        rows = []
        for kind in [*SUMS, AmountKind.NOT_PUBLISHED]:
            if keys := projects & self.of(AMOUNT_KIND, kind):
                has_amounts = kind != AmountKind.NOT_PUBLISHED
                rows.append(self._sum(kind, keys) if has_amounts else _unknown(kind, keys))
        return rows

    def _sum(self, kind: str, projects: KeySet) -> Money:
        digits = self.values[CENTS]
        cents = [sum_of(projects, digits), *extremes(projects, digits)]
        return Money(kind, projects.bit_count(), *(Decimal(number).scaleb(-2) for number in cents))


def _unknown(kind: str, projects: KeySet) -> Money:
    return Money(kind, projects.bit_count(), None, None, None)


def read_sets(at: datetime) -> ProjectSets:
    """The sets of all projects public at a moment."""
    return ProjectSets(_read_values(at, None), timezone.localdate(at))


def renew_sets(old: ProjectSets, changes: Changes) -> ProjectSets | None:
    """The sets after changes; None on another day, because memberships may have ended."""
    if timezone.localdate(changes.until) != old.today:
        return None
    changed = changed_projects(changes)
    if not changed:
        return old
    new = _read_values(changes.until, changed)
    values = merged(old.values, keyset(changed), new)
    # Most edits change no set, and the same object keeps its sums.
    return old if values == old.values else ProjectSets(values, old.today)


def _read_values(at: datetime, projects: Collection[int] | None) -> Values:
    """The sets of these public projects, by default of all."""
    values: Values = {name: {} for name in FACETS}
    others: dict[str, list[tuple[str, str, str]]] = {MEMBERS: [], CLOSING: [], AMOUNT: []}
    sql = _sql(projects)
    for facet, value, detail, text in fetch_all(sql, [at] * sql.count("%s")):
        if facet in others:
            others[facet].append((value, detail, text))
        else:
            values[facet][value] = keyset(parse_keys(text))
    days = {call: _closing_day(zone, moment) for call, zone, moment in others[CLOSING]}
    members = _members(others[MEMBERS], days, timezone.localdate(at))
    return values | members | _amounts(others[AMOUNT])


def _sql(projects: Collection[int] | None) -> str:
    keys = aggregate_keys("selected.project_id")
    condition = "" if projects is None else f"IN ({', '.join(map(str, projects))})"
    selected = SELECTED.format(
        of_projects=condition and f"AND project_id {condition}",
        parts=SOME_PARTS if condition else ALL_PARTS,
    )
    others = OTHERS.format(
        keys=keys,
        keys_of_amounts=aggregate_keys("id"),
        of_amounts=condition and f"WHERE id {condition}",
    )
    facets = [
        f"SELECT '{name}', CAST({value} AS text), '', {keys} FROM {source} GROUP BY {value}"
        for name, (value, source) in FACETS.items()
    ]
    return f"{selected} {' UNION ALL '.join([*facets, others])}"


def _closing_day(zone: str, moment: str) -> date:
    """The day in the zone of the call. SQLite stores moments in UTC without the zone."""
    closes_at = datetime.fromisoformat(moment)
    if timezone.is_naive(closes_at):
        closes_at = closes_at.replace(tzinfo=UTC)
    return closes_at.astimezone(ZoneInfo(zone)).date()


def _members(
    rows: list[tuple[str, str, str]], days: Mapping[str, date | None], today: date
) -> Values:
    """The facets of memberships, from rows of call, memberships and keys."""
    values: Values = {membership_facet.THEN: {}, membership_facet.NOW: {}}
    for call, memberships, text in rows:
        projects = keyset(parse_keys(text))
        for name, day in [(membership_facet.THEN, days.get(call)), (membership_facet.NOW, today)]:
            if day:
                choice = membership_facet.choice_on(day, memberships)
                values[name][choice] = values[name].get(choice, 0) | projects
    return values


def _amounts(rows: list[tuple[str, str, str]]) -> Values:
    """The projects by kind and digits of their amount, from rows of kind, cents and keys."""
    keys: dict[str, dict[str, list[int]]] = {
        AMOUNT_KIND: defaultdict(list),
        CENTS: defaultdict(list),
    }
    for kind, cents, text in rows:
        projects = parse_keys(text)
        keys[AMOUNT_KIND][kind] += projects
        for place in digits_of(int(cents or 0)):
            keys[CENTS][place] += projects
    return {
        facet: {value: keyset(projects) for value, projects in by_value.items()}
        for facet, by_value in keys.items()
    }


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
