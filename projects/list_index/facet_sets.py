"""Public projects by facet and value, as key sets (`psf.database.keysets`).

They are read from the listing tables (`projects.list_index.rows`). After a change only the
projects of calls with a new mark are read again.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from projects.list_index import membership_facet
from psf.caching.memo import Incremental
from psf.database.keysets import Values, keyset, merged, union
from psf.database.sql import aggregate_keys, fetch_all, parse_keys

# The selected projects and their partnerships. CROSS JOIN makes SQLite start with the projects.
SELECTED = """
WITH selected AS MATERIALIZED (
    SELECT project_id, call_id, status, has_amount, memberships, mark FROM projects_listing
    WHERE since <= %s {of_calls}
), parts AS {parts}
"""
ALL_PARTS = "NOT MATERIALIZED (SELECT * FROM projects_listedpart WHERE since <= %s)"
SOME_PARTS = """MATERIALIZED (
    SELECT part.* FROM selected CROSS JOIN projects_listedpart part
    WHERE part.project_id = selected.project_id
)"""
LINKED = "selected CROSS JOIN projects_project_{} link WHERE link.project_id = selected.project_id"
# By facet: the SQL of its values and of their source.
FACETS = {
    "call": ("call_id", "selected"),
    "status": ("status", "selected"),
    "amount": ("CASE WHEN has_amount THEN 1 ELSE 0 END", "selected"),
    "priority": ("priority_id", LINKED.format("priorities")),
    "topic": ("topic_id", LINKED.format("topics")),
    "country": ("country_id", "parts AS selected WHERE first_of_country"),
    "lead": ("country_id", "parts AS selected WHERE leads"),
    "kind": ("kind", "parts AS selected WHERE first_of_kind"),
}
# Projects by call and `memberships`. The value of the facet depends on the day.
MEMBERS = "members"
OF_MEMBERS = """
SELECT 'members', CAST(call_id AS text), memberships, {keys} FROM selected
GROUP BY call_id, memberships
"""
CALLS = "calls"
MARKS = "SELECT {} CAST(call_id AS text), CAST(SUM(mark) AS text) {} GROUP BY call_id"

Days = Mapping[str, date | None]


class FacetSets(NamedTuple):
    """The public projects by facet and value. A value is the key of a record as text, or a text.

    `calls` has the mark and the closing day of each call with public projects.
    """

    values: Values
    calls: dict[str, tuple[str, date | None]]
    today: date

    def everything(self) -> int:
        return union(self.values["call"].values())


def refresh_sets(old: FacetSets | None, at: datetime, days: Days, today: date) -> FacetSets:
    """The sets of the projects public at a moment; `days` has the closing day of each call."""
    if old is None or old.today != today:
        return _read(at, days, today, [])
    public = "FROM projects_listing WHERE since <= %s"
    marks = fetch_all(MARKS.format("", public), [at])
    calls = {call: (mark, days.get(call)) for call, mark in marks}
    changed = {call for call in {*calls, *old.calls} if calls.get(call) != old.calls.get(call)}
    if not changed:
        return old
    new = _read(at, days, today, sorted(changed))
    outdated = union(old.values["call"].get(call, 0) for call in changed)
    unchanged = {call: mark for call, mark in old.calls.items() if call not in changed}
    return FacetSets(merged(old.values, outdated, new.values), unchanged | new.calls, today)


def _read(at: datetime, days: Days, today: date, calls: list[str]) -> FacetSets:
    """The sets of the projects of these calls, or of all projects without calls."""
    of_calls = f"AND call_id IN ({', '.join(map(str, map(int, calls)))})" if calls else ""
    keys = aggregate_keys("selected.project_id")
    statements = [
        f"SELECT '{name}', CAST({value} AS text), '', {keys} FROM {source} GROUP BY {value}"
        for name, (value, source) in FACETS.items()
    ]
    statements += [OF_MEMBERS.format(keys=keys), MARKS.format(f"'{CALLS}', '',", "FROM selected")]
    selected = SELECTED.format(of_calls=of_calls, parts=SOME_PARTS if calls else ALL_PARTS)
    rows = fetch_all(f"{selected} {' UNION ALL '.join(statements)}", [at] * selected.count("%s"))
    values: Values = {name: {} for name in [*FACETS, membership_facet.THEN, membership_facet.NOW]}
    marks = {}
    for facet, value, detail, keys in rows:
        if facet == CALLS:
            marks[detail] = (keys, days.get(detail))
        elif facet == MEMBERS:
            for name, day in [
                (membership_facet.THEN, days.get(value)),
                (membership_facet.NOW, today),
            ]:
                if day:
                    choice = membership_facet.choice_on(day, detail)
                    values[name][choice] = values[name].get(choice, 0) | keyset(parse_keys(keys))
        else:
            values[facet][value] = keyset(parse_keys(keys))
    return FacetSets(values, marks, today)


_latest = Incremental[FacetSets]()


def current_sets(at: datetime, days: Days, today: date) -> FacetSets:
    """The sets at the current data version."""
    return _latest.update(lambda old: refresh_sets(old, at, days, today))
