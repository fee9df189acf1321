"""Public projects by facet and value, as key sets (`psf.database.keysets`).

They are made of what the database keeps beside its projects (`projects.list_index.rows`). After a
change only those projects are read anew whose call has another mark than before.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from projects.list_index import membership_facet as standing
from psf.caching.memo import Latest
from psf.database.keysets import Values, keyset, merged, union
from psf.database.sql import aggregate_keys, fetch_all, parse_keys

# The projects that are asked for, and their parts; then of each facet what names a value, and
# from where it comes. CROSS: SQLite shall begin with the projects.
ASKED = """
WITH asked AS MATERIALIZED (
    SELECT project_id, call_id, status, has_amount, memberships, mark FROM projects_listing
    WHERE since <= %s {of_calls}
), parts AS {parts}
"""
ALL_PARTS = "NOT MATERIALIZED (SELECT * FROM projects_listedpart WHERE since <= %s)"
SOME_PARTS = """MATERIALIZED (
    SELECT part.* FROM asked CROSS JOIN projects_listedpart part
    WHERE part.project_id = asked.project_id
)"""
GIVEN = "asked CROSS JOIN projects_project_{} given WHERE given.project_id = asked.project_id"
FACETS = {
    "call": ("call_id", "asked"),
    "status": ("status", "asked"),
    "amount": ("CASE WHEN has_amount THEN 1 ELSE 0 END", "asked"),
    "priority": ("priority_id", GIVEN.format("priorities")),
    "topic": ("topic_id", GIVEN.format("topics")),
    "country": ("country_id", "parts AS asked WHERE first_of_country"),
    "lead": ("country_id", "parts AS asked WHERE leads"),
    "kind": ("kind", "parts AS asked WHERE first_of_kind"),
}
# Of the projects of a call, by what their `memberships` say, which depends on the day.
MEMBERS = "members"
OF_MEMBERS = """
SELECT 'members', CAST(call_id AS text), memberships, {keys} FROM asked
GROUP BY call_id, memberships
"""
CALLS = "calls"
MARKS = "SELECT {} CAST(call_id AS text), CAST(SUM(mark) AS text) {} GROUP BY call_id"

Days = Mapping[str, date | None]


class Sets(NamedTuple):
    """The public projects by facet and value: a value is the key of a record as text, or itself.

    `calls` has of each call that has some its mark and the day on which it closed.
    """

    values: Values
    calls: dict[str, tuple[str, date | None]]
    today: date

    def everything(self) -> int:
        return union(self.values["call"].values())


def renewed(old: Sets | None, at: datetime, days: Days, today: date) -> Sets:
    """The sets of what is public at that moment; `days` has the closing day of each call."""
    if old is None or old.today != today:
        return _read(at, days, today, [])
    listed = "FROM projects_listing WHERE since <= %s"
    now = {call: (mark, days.get(call)) for call, mark in fetch_all(MARKS.format("", listed), [at])}
    changed = {call for call in {*now, *old.calls} if now.get(call) != old.calls.get(call)}
    if not changed:
        return old
    read = _read(at, days, today, sorted(changed))
    gone = union(old.values["call"].get(call, 0) for call in changed)
    same = {call: mark for call, mark in old.calls.items() if call not in changed}
    return Sets(merged(old.values, gone, read.values), same | read.calls, today)


def _read(at: datetime, days: Days, today: date, calls: list[str]) -> Sets:
    """What the database knows of the projects of these calls, or of all if there are none."""
    of_calls = f"AND call_id IN ({', '.join(map(str, map(int, calls)))})" if calls else ""
    keys = aggregate_keys("asked.project_id")
    statements = [
        f"SELECT '{name}', CAST({value} AS text), '', {keys} FROM {source} GROUP BY {value}"
        for name, (value, source) in FACETS.items()
    ]
    statements += [OF_MEMBERS.format(keys=keys), MARKS.format(f"'{CALLS}', '',", "FROM asked")]
    asked = ASKED.format(of_calls=of_calls, parts=SOME_PARTS if calls else ALL_PARTS)
    rows = fetch_all(f"{asked} {' UNION ALL '.join(statements)}", [at] * asked.count("%s"))
    values: Values = {name: {} for name in [*FACETS, standing.THEN, standing.NOW]}
    marks = {}
    for facet, value, said, keys in rows:
        if facet == CALLS:
            marks[said] = (keys, days.get(said))
        elif facet == MEMBERS:
            for name, day in [(standing.THEN, days.get(value)), (standing.NOW, today)]:
                if day:
                    judged = standing.judged(said, day)
                    values[name][judged] = values[name].get(judged, 0) | keyset(parse_keys(keys))
        else:
            values[facet][value] = keyset(parse_keys(keys))
    return Sets(values, marks, today)


_latest = Latest[Sets]()


def latest(at: datetime, days: Days, today: date) -> Sets:
    """The sets as they are now."""
    return _latest.renewed(lambda old: renewed(old, at, days, today))
