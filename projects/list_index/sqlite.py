"""The triggers of the listing tables on SQLite.

Most triggers delete the rows of the changed project and write them again.
"""

from projects.list_index.rows import (
    CALL_COLUMNS,
    MEMBERSHIP_COLUMNS,
    NEW_PART,
    PART_COLUMNS,
    PARTNER_COLUMNS,
    PROJECT_COLUMNS,
    VALUE_COLUMNS,
    columns_differ,
    memberships_of,
    rewrite_parts,
    rewrite_projects,
    write_values,
)

# Conditions with a placeholder for the column of the project's key.
OLD_OR_NEW = "{} IN (OLD.project_id, NEW.project_id)"
OLD_PROJECT = "{} = OLD.project_id"
OF_CALL = "{} IN (SELECT id FROM projects_project WHERE call_id = NEW.id)"
OF_PARTNER = "{} IN (SELECT project_id FROM projects_partnership WHERE partner_id = NEW.id)"
OF_NEW_COUNTRY = """{} = NEW.project_id AND NOT EXISTS (SELECT 1 FROM projects_partnership other
    WHERE other.project_id = NEW.project_id AND other.country_id = NEW.country_id
    AND other.id <> NEW.id)"""
OF_COUNTRY = (
    "{{}} IN (SELECT project_id FROM projects_partnership WHERE country_id = {}.country_id)"
)


def _rewrite_memberships(condition: str) -> str:
    """Write the memberships of the countries of projects again."""
    memberships = memberships_of("projects_listing.project_id", "sqlite")
    where = condition.format("project_id")
    return f"UPDATE projects_listing SET memberships = {memberships} WHERE {where}"


def _rewrite_parts_and_memberships(condition: str) -> list[str]:
    return [*rewrite_parts(condition), _rewrite_memberships(condition)]


NEW_COUNTRY = _rewrite_memberships(OF_COUNTRY.format("NEW"))
OLD_COUNTRY = _rewrite_memberships(OF_COUNTRY.format("OLD"))
# Name, table, event, columns (empty: all), and the statements for each changed row.
TRIGGERS: list[tuple[str, str, str, list[str], list[str]]] = [
    (
        "project_listed",
        "projects_project",
        "INSERT",
        [],
        rewrite_projects("{} = NEW.id", "sqlite"),
    ),
    (
        "project_relisted",
        "projects_project",
        "UPDATE",
        PROJECT_COLUMNS,
        rewrite_projects("{} IN (OLD.id, NEW.id)", "sqlite"),
    ),
    (
        "project_values_listed",
        "projects_project",
        "UPDATE",
        VALUE_COLUMNS,
        [f"{write_values('NEW')} WHERE project_id = NEW.id"],
    ),
    (
        "project_unlisted",
        "projects_project",
        "DELETE",
        [],
        rewrite_projects("{} = OLD.id", "sqlite"),
    ),
    (
        "part_listed",
        "projects_partnership",
        "INSERT",
        [],
        [NEW_PART, _rewrite_memberships(OF_NEW_COUNTRY)],
    ),
    (
        "part_relisted",
        "projects_partnership",
        "UPDATE",
        PART_COLUMNS,
        _rewrite_parts_and_memberships(OLD_OR_NEW),
    ),
    (
        "part_unlisted",
        "projects_partnership",
        "DELETE",
        [],
        _rewrite_parts_and_memberships(OLD_PROJECT),
    ),
    ("call_relists", "projects_call", "UPDATE", CALL_COLUMNS, rewrite_projects(OF_CALL, "sqlite")),
    (
        "partner_relists",
        "partners_partner",
        "UPDATE",
        PARTNER_COLUMNS,
        rewrite_parts(OF_PARTNER),
    ),
    ("member_listed", "partners_membership", "INSERT", [], [NEW_COUNTRY]),
    (
        "member_relisted",
        "partners_membership",
        "UPDATE",
        MEMBERSHIP_COLUMNS,
        [OLD_COUNTRY, NEW_COUNTRY],
    ),
    ("member_unlisted", "partners_membership", "DELETE", [], [OLD_COUNTRY]),
]


def sqlite_triggers() -> list[str]:
    """The statements that create all triggers."""
    return [
        f"CREATE TRIGGER {name} AFTER {event} ON {table}"
        + (f" WHEN {columns_differ('OLD', 'IS NOT', 'NEW', columns)}" if columns else "")
        + f" BEGIN {'; '.join(statements)}; END"
        for name, table, event, columns, statements in TRIGGERS
    ]
