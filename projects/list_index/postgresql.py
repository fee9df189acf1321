"""The triggers of the listing tables on PostgreSQL.

Each trigger runs once per statement and calls a function for all changed projects.
"""

from projects.list_index.rows import (
    CALL_COLUMNS,
    MEMBERSHIP_COLUMNS,
    PART_COLUMNS,
    PARTNER_COLUMNS,
    PROJECT_COLUMNS,
    VALUE_COLUMNS,
    columns_differ,
    rewrite_projects,
    write_values,
)

# Locks make concurrent changes of the same project, call or country wait for each other, so each
# change writes rows that include the earlier change.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION projects_list(keys bigint[]) RETURNS void LANGUAGE plpgsql
    SET enable_seqscan = off AS $$
BEGIN
    IF keys = '{{}}' THEN RETURN; END IF;
    PERFORM 1 FROM partners_country WHERE code IN
        (SELECT country_id FROM projects_partnership WHERE project_id = ANY(keys))
        ORDER BY code FOR KEY SHARE;
    PERFORM 1 FROM projects_call WHERE id IN
        (SELECT call_id FROM projects_project WHERE id = ANY(keys)) ORDER BY id FOR SHARE;
    PERFORM 1 FROM projects_project WHERE id = ANY(keys) ORDER BY id FOR NO KEY UPDATE;
    {statements};
END $$
"""
TRIGGER = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {statement};
    RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {event} ON {table} {rows}
    FOR EACH STATEMENT EXECUTE FUNCTION {name}()
"""
ROWS = {
    "INSERT": "REFERENCING NEW TABLE AS after",
    "UPDATE": "REFERENCING OLD TABLE AS before NEW TABLE AS after",
    "DELETE": "REFERENCING OLD TABLE AS before",
    "TRUNCATE": "",
}


def _changed(expression: str, columns: list[str]) -> str:
    """Select an expression of the rows in which one of the columns changed."""
    return (
        f"SELECT {expression} FROM before old_row "
        "FULL JOIN after new_row ON new_row.id = old_row.id "
        f"WHERE {columns_differ('old_row', 'IS DISTINCT FROM', 'new_row', columns)}"
    )


CHANGED_CALLS = _changed("new_row.id", CALL_COLUMNS)
CHANGED_PARTNERS = _changed("new_row.id", PARTNER_COLUMNS)
# Name, table, event, and the keys of the projects to write again; "" deletes all rows.
PROJECT_TRIGGERS: list[tuple[str, str, str, str]] = [
    ("project_listed", "projects_project", "INSERT", "SELECT id FROM after"),
    (
        "project_relisted",
        "projects_project",
        "UPDATE",
        _changed("UNNEST(ARRAY[old_row.id, new_row.id])", PROJECT_COLUMNS),
    ),
    ("project_unlisted", "projects_project", "DELETE", "SELECT id FROM before"),
    ("part_listed", "projects_partnership", "INSERT", "SELECT project_id FROM after"),
    (
        "part_relisted",
        "projects_partnership",
        "UPDATE",
        _changed("UNNEST(ARRAY[old_row.project_id, new_row.project_id])", PART_COLUMNS),
    ),
    ("part_unlisted", "projects_partnership", "DELETE", "SELECT project_id FROM before"),
    (
        "call_relists",
        "projects_call",
        "UPDATE",
        f"SELECT id FROM projects_project WHERE call_id IN ({CHANGED_CALLS})",
    ),
    (
        "partner_relists",
        "partners_partner",
        "UPDATE",
        f"SELECT project_id FROM projects_partnership WHERE partner_id IN ({CHANGED_PARTNERS})",
    ),
    # Only together with all other tables.
    ("projects_unlisted", "projects_project", "TRUNCATE", ""),
]
# Needs no locks: the transaction has locked the changed projects.
WRITE_VALUES = f"""
{write_values("new_row")} FROM after new_row JOIN before old_row USING (id)
WHERE project_id = new_row.id
    AND ({columns_differ("old_row", "IS DISTINCT FROM", "new_row", VALUE_COLUMNS)})
"""
DELETE_ALL = "DELETE FROM projects_listing; DELETE FROM projects_listedpart"
# Triggers on memberships: name, event, and the codes of the countries.
MEMBERSHIP_TRIGGERS: list[tuple[str, str, str]] = [
    ("member_listed", "INSERT", "SELECT country_id FROM after"),
    (
        "member_relisted",
        "UPDATE",
        _changed("UNNEST(ARRAY[old_row.country_id, new_row.country_id])", MEMBERSHIP_COLUMNS),
    ),
    ("member_unlisted", "DELETE", "SELECT country_id FROM before"),
]
# Locks the countries first, so that no new partnership of these countries is missed.
REWRITE_COUNTRIES = """
PERFORM 1 FROM partners_country WHERE code IN ({countries}) ORDER BY code FOR UPDATE;
PERFORM projects_list(ARRAY(
    SELECT project_id FROM projects_partnership WHERE country_id IN ({countries})
))"""


def postgresql_triggers() -> list[str]:
    """The statements that create all functions and triggers."""
    statements = ";\n".join(rewrite_projects("{} = ANY(keys)", "postgresql"))
    return [
        FUNCTIONS.format(statements=statements),
        *(
            _trigger(
                name,
                event,
                table,
                f"PERFORM projects_list(ARRAY({keys}))" if keys else DELETE_ALL,
            )
            for name, table, event, keys in PROJECT_TRIGGERS
        ),
        _trigger("project_values_listed", "UPDATE", "projects_project", WRITE_VALUES),
        *(
            _trigger(
                name, event, "partners_membership", REWRITE_COUNTRIES.format(countries=countries)
            )
            for name, event, countries in MEMBERSHIP_TRIGGERS
        ),
    ]


def _trigger(name: str, event: str, table: str, statement: str) -> str:
    return TRIGGER.format(
        name=name, table=table, event=event, rows=ROWS[event], statement=statement
    )
