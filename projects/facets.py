"""How many projects each choice of a list's filters would give, counted in one statement."""

from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from psf.sql import compiled, fetched

from . import standing

# Facets of which a project has several values: their table, its column, and what more must hold.
SEVERAL = {
    "priority": ("projects_project_priorities", "priority_id", ""),
    "topic": ("projects_project_topics", "topic_id", ""),
    "country": ("projects_listedpart", "country_id", "AND many.first_of_country"),
    "lead": ("projects_listedpart", "country_id", "AND many.leads"),
    "kind": ("projects_listedpart", "kind", "AND many.first_of_kind"),
}
# Facets of which it has one: counted together, and told apart afterwards.
SINGLE = ["call", "year", "status", "amount"]
SINGLE_SQL = """
SELECT '', CAST(call_id AS text), status, CAST(has_amount AS integer), COUNT(*)
FROM {rows} GROUP BY call_id, status, has_amount
"""
# Facets of which it has one or none, which depends on the day: counted by what tells it.
MEMBERS = [standing.THEN, standing.NOW]
MEMBERS_SQL = """
SELECT '{names}', CAST(call_id AS text), memberships, 0, COUNT(*)
FROM {rows} GROUP BY call_id, memberships
"""
HIDDEN_SQL = """
SELECT project.id FROM projects_project AS project
LEFT JOIN projects_listing AS one ON one.project_id = project.id AND one.since <= %s
WHERE one.project_id IS NULL
"""
COLUMNS = ["project_id", "call_id", "status", "has_amount", "memberships"]


class Listed(NamedTuple):
    """So many projects of one call, with one status, with or without a published amount."""

    call: str
    status: str
    has_amount: bool
    number: int


class Counted(NamedTuple):
    """What one statement counted; keys are those of the records, as text.

    `members` holds numbers by call and by what its `Listing.memberships` says.
    """

    groups: list[Listed]
    several: dict[str, Counter[str]]
    members: dict[str, Counter[tuple[str, str]]]


def count(rows: Callable[..., QuerySet], chosen: Collection[str]) -> Counted:
    """Count the projects for each value of each facet, as if nothing of that facet were chosen.

    `rows` gives the listings that the filters leave, without the filters that it is told.
    """
    sources = {"found": rows(), "wide": rows(*SINGLE)}
    sources |= {name: rows(name) for name in [*SEVERAL, *MEMBERS] if name in chosen}
    parts = {name: compiled(each.order_by().values(*COLUMNS)) for name, each in sources.items()}
    tables = ", ".join(f"{name}_rows AS MATERIALIZED ({sql})" for name, (sql, _) in parts.items())
    statements = [
        SINGLE_SQL.format(rows="wide_rows"),
        *(_count_several(name, _source(name, chosen)) for name in SEVERAL),
        *(MEMBERS_SQL.format(names=name, rows=f"{_source(name, chosen)}_rows") for name in MEMBERS),
    ]
    params = [value for _, values in parts.values() for value in values]
    return _sorted(fetched(f"WITH {tables} {' UNION ALL '.join(statements)}", params))


def _source(name: str, chosen: Collection[str]) -> str:
    return name if name in chosen else "found"


def count_all(at: datetime) -> Counted:
    """Count every project that is public at that moment, by indexes alone."""
    everything = "projects_listing WHERE since <= %s"
    statements = [
        SINGLE_SQL.format(rows=everything),
        MEMBERS_SQL.format(names=" ".join(MEMBERS), rows=everything),
        *(_count_all_of(name) for name in SEVERAL),
    ]
    sql = f"WITH hidden AS MATERIALIZED ({HIDDEN_SQL}) {' UNION ALL '.join(statements)}"
    counted = _sorted(fetched(sql, [at] * sql.count("%s")))
    # What only hidden projects have is nothing to choose.
    return counted._replace(several={name: +found for name, found in counted.several.items()})


def _count_all_of(name: str) -> str:
    table, column, also = SEVERAL[name]
    if table == "projects_listedpart":
        return (
            f"SELECT '{name}', CAST({column} AS text), '', 0, COUNT(*) "
            f"FROM {table} AS many WHERE since <= %s {also} GROUP BY {column}"
        )
    # Nearly all are public: fewer rows are read of those that are not.
    return (
        f"SELECT '{name}', CAST({column} AS text), '', 0, COUNT(*) FROM {table} "
        f"GROUP BY {column} UNION ALL "
        f"SELECT '{name}', CAST(many.{column} AS text), '', 0, -COUNT(*) "
        f"FROM hidden CROSS JOIN {table} AS many "
        f"WHERE many.project_id = hidden.id GROUP BY many.{column}"
    )


def _count_several(name: str, source: str) -> str:
    table, column, also = SEVERAL[name]
    # CROSS: SQLite shall begin with the rows that were found, and not with the whole table.
    return (
        f"SELECT '{name}', CAST(many.{column} AS text), '', 0, COUNT(*) "
        f"FROM {source}_rows AS one CROSS JOIN {table} AS many "
        f"WHERE many.project_id = one.project_id {also} GROUP BY many.{column}"
    )


def _sorted(rows: list[tuple[Any, ...]]) -> Counted:
    counted = Counted(
        [], {name: Counter() for name in SEVERAL}, {name: Counter() for name in MEMBERS}
    )
    for facet, key, told, has_amount, number in rows:
        if not facet:
            counted.groups.append(Listed(key, told, bool(has_amount), number))
        elif facet in SEVERAL:
            counted.several[facet][key] += number
        else:
            for name in facet.split():
                counted.members[name][key, told] += number
    return counted
