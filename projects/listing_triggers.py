"""The tables of `projects.models.listings`, and the triggers by which the database keeps them.

Plain statements: on SQLite a trigger deletes the rows of a project and writes them anew. On
PostgreSQL a function does that once a statement, for all projects that the statement touched.
"""

from typing import Any

from projects.models.public import SINCE_SQL

NEVER = {
    "sqlite": "'9999-12-01 00:00:00'",
    "postgresql": "TIMESTAMPTZ '9999-12-01 00:00:00+00'",
}
MOMENT = {"sqlite": "datetime", "postgresql": "timestamptz"}
KEY = {"sqlite": "integer", "postgresql": "bigint"}  # on SQLite the one that is the row's own

TABLES = """
CREATE TABLE projects_listing (
    project_id {key} NOT NULL PRIMARY KEY,
    since {moment} NOT NULL,
    call_id bigint NOT NULL,
    closes_at {moment} NOT NULL,
    reference varchar(30) NOT NULL,
    title varchar(300) NOT NULL,
    status varchar(12) NOT NULL,
    has_amount boolean NOT NULL
);
CREATE INDEX listing_newest ON projects_listing
    (closes_at DESC, reference, since, project_id, call_id, status, has_amount);
CREATE INDEX listing_oldest ON projects_listing (closes_at, reference, since, project_id);
CREATE INDEX listing_by_title ON projects_listing (title, reference, since, project_id);
CREATE INDEX listing_by_call ON projects_listing
    (call_id, closes_at DESC, reference, since, project_id, status, has_amount);
CREATE INDEX listing_since ON projects_listing (since, call_id, status, has_amount);
CREATE TABLE projects_listedpart (
    partnership_id {key} NOT NULL PRIMARY KEY,
    project_id bigint NOT NULL,
    country_id varchar(2) NOT NULL,
    partner_id bigint NULL,
    seat_id varchar(2) NULL,
    kind varchar(20) NULL,
    leads boolean NOT NULL,
    since {moment} NOT NULL,
    first_of_country boolean NOT NULL,
    first_of_kind boolean NOT NULL
);
CREATE INDEX listedpart_of_project ON projects_listedpart (project_id);
CREATE INDEX listedpart_countries ON projects_listedpart
    (project_id, country_id) WHERE first_of_country;
CREATE INDEX listedpart_lead ON projects_listedpart (project_id, country_id) WHERE leads;
CREATE INDEX listedpart_kinds ON projects_listedpart (project_id, kind) WHERE first_of_kind;
CREATE INDEX listedpart_by_country ON projects_listedpart
    (country_id, since, project_id) WHERE first_of_country;
CREATE INDEX listedpart_by_lead ON projects_listedpart (country_id, since, project_id) WHERE leads;
CREATE INDEX listedpart_by_kind ON projects_listedpart
    (kind, since, project_id) WHERE first_of_kind;
CREATE INDEX listedpart_by_partner ON projects_listedpart
    (partner_id, since, project_id, leads, seat_id, kind);
CREATE INDEX listedpart_by_seat ON projects_listedpart
    (seat_id, since, partner_id, project_id, leads)
"""

# `these` is a condition that says which projects.
PROJECTS = f"""
INSERT INTO projects_listing
    (project_id, since, call_id, closes_at, reference, title, status, has_amount)
SELECT project_id, since, call_id, closes_at, reference, title, status, has_amount FROM (
    SELECT project.id AS project_id, {SINCE_SQL} AS since, project.call_id,
        COALESCE(call.closes_at, {{never}}) AS closes_at, project.reference,
        LOWER(project.title) AS title, project.status,
        project.amount_eur IS NOT NULL AS has_amount
    FROM projects_project project JOIN projects_call call ON call.id = project.call_id
    WHERE {{these}}
) AS found WHERE since IS NOT NULL
"""
PARTS = """
INSERT INTO projects_listedpart
    (partnership_id, project_id, country_id, partner_id, seat_id, kind, leads, since,
    first_of_country, first_of_kind)
SELECT part.id, part.project_id, part.country_id, part.partner_id, partner.country_id,
    partner.kind, part.role = 'lead', listing.since,
    ROW_NUMBER() OVER (PARTITION BY part.project_id, part.country_id ORDER BY part.id) = 1,
    partner.kind IS NOT NULL AND
        ROW_NUMBER() OVER (PARTITION BY part.project_id, partner.kind ORDER BY part.id) = 1
FROM projects_partnership part
JOIN projects_listing listing ON listing.project_id = part.project_id
LEFT JOIN partners_partner partner ON partner.id = part.partner_id
WHERE {these}
"""
# A new part alone: as cheap as it must be for an import of many.
NEW_PART = """
INSERT INTO projects_listedpart
    (partnership_id, project_id, country_id, partner_id, seat_id, kind, leads, since,
    first_of_country, first_of_kind)
SELECT NEW.id, NEW.project_id, NEW.country_id, NEW.partner_id, partner.country_id,
    partner.kind, NEW.role = 'lead', listing.since,
    NOT EXISTS (SELECT 1 FROM projects_listedpart other
        WHERE other.project_id = NEW.project_id AND other.country_id = NEW.country_id),
    partner.kind IS NOT NULL AND NOT EXISTS (SELECT 1 FROM projects_listedpart other
        WHERE other.project_id = NEW.project_id AND other.kind = partner.kind)
FROM projects_listing listing
LEFT JOIN partners_partner partner ON partner.id = NEW.partner_id
WHERE listing.project_id = NEW.project_id
"""

# What of a row has a place in the tables; what else changes is no business of theirs.
OF_PROJECT = [
    "id",
    "published_at",
    "unpublished_at",
    "call_id",
    "reference",
    "title",
    "status",
    "amount_eur",
]
OF_PART = ["id", "project_id", "partner_id", "country_id", "role"]
OF_CALL = ["published_at", "closes_at"]
OF_PARTNER = ["kind", "country_id"]


def _projects(which: str, vendor: str) -> list[str]:
    """Write the rows of those projects anew; `which` says how a column names one of them."""
    return [
        f"DELETE FROM projects_listing WHERE {which.format('project_id')}",
        PROJECTS.format(never=NEVER[vendor], these=which.format("project.id")),
        *_parts(which),
    ]


def _parts(which: str) -> list[str]:
    return [
        f"DELETE FROM projects_listedpart WHERE {which.format('project_id')}",
        PARTS.format(these=which.format("part.project_id")),
    ]


ONE, BOTH = "{} = NEW.id", "{} IN (OLD.id, NEW.id)"
OF_CALL_CHANGED = "{} IN (SELECT id FROM projects_project WHERE call_id = NEW.id)"
OF_PARTNER_CHANGED = "{} IN (SELECT project_id FROM projects_partnership WHERE partner_id = NEW.id)"
# Name, table, event, the columns that matter (all, if none), and what is done for each row.
SQLITE: list[tuple[str, str, str, list[str], list[str]]] = [
    ("project_listed", "projects_project", "INSERT", [], _projects(ONE, "sqlite")),
    ("project_relisted", "projects_project", "UPDATE", OF_PROJECT, _projects(BOTH, "sqlite")),
    ("project_unlisted", "projects_project", "DELETE", [], _projects("{} = OLD.id", "sqlite")),
    ("part_listed", "projects_partnership", "INSERT", [], [NEW_PART]),
    (
        "part_relisted",
        "projects_partnership",
        "UPDATE",
        OF_PART,
        _parts("{} IN (OLD.project_id, NEW.project_id)"),
    ),
    ("part_unlisted", "projects_partnership", "DELETE", [], _parts("{} = OLD.project_id")),
    ("call_relists", "projects_call", "UPDATE", OF_CALL, _projects(OF_CALL_CHANGED, "sqlite")),
    ("partner_relists", "partners_partner", "UPDATE", OF_PARTNER, _parts(OF_PARTNER_CHANGED)),
]

# Whoever changes the same project or its call waits: each then writes what both have done.
POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION projects_list(keys bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF keys = '{{}}' THEN RETURN; END IF;
    PERFORM 1 FROM projects_call WHERE id IN
        (SELECT call_id FROM projects_project WHERE id = ANY(keys)) ORDER BY id FOR SHARE;
    PERFORM 1 FROM projects_project WHERE id = ANY(keys) ORDER BY id FOR NO KEY UPDATE;
    {steps};
END $$
"""
POSTGRESQL_TRIGGER = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {step};
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


def _changed(what: str, columns: list[str]) -> str:
    """What of the rows before and after says which projects, where a column differs."""
    return (
        f"SELECT {what} FROM before was FULL JOIN after is_now ON is_now.id = was.id "
        f"WHERE {_differ('was', 'IS DISTINCT FROM', 'is_now', columns)}"
    )


def _differ(old: str, distinct: str, new: str, columns: list[str]) -> str:
    return " OR ".join(f"{old}.{name} {distinct} {new}.{name}" for name in columns)


MOVED_CALLS = _changed("is_now.id", OF_CALL)
MOVED_PARTNERS = _changed("is_now.id", OF_PARTNER)
# Name, table, event, and the projects that are to be listed anew; without them all rows go.
POSTGRESQL: list[tuple[str, str, str, str]] = [
    ("project_listed", "projects_project", "INSERT", "SELECT id FROM after"),
    (
        "project_relisted",
        "projects_project",
        "UPDATE",
        _changed("UNNEST(ARRAY[was.id, is_now.id])", OF_PROJECT),
    ),
    ("project_unlisted", "projects_project", "DELETE", "SELECT id FROM before"),
    ("part_listed", "projects_partnership", "INSERT", "SELECT project_id FROM after"),
    (
        "part_relisted",
        "projects_partnership",
        "UPDATE",
        _changed("UNNEST(ARRAY[was.project_id, is_now.project_id])", OF_PART),
    ),
    ("part_unlisted", "projects_partnership", "DELETE", "SELECT project_id FROM before"),
    (
        "call_relists",
        "projects_call",
        "UPDATE",
        f"SELECT id FROM projects_project WHERE call_id IN ({_changed('is_now.id', OF_CALL)})",
    ),
    (
        "partner_relists",
        "partners_partner",
        "UPDATE",
        f"SELECT project_id FROM projects_partnership WHERE partner_id IN ({MOVED_PARTNERS})",
    ),
    ("projects_unlisted", "projects_project", "TRUNCATE", ""),
    ("parts_unlisted", "projects_partnership", "TRUNCATE", ""),
]
EMPTY = "DELETE FROM projects_listing; DELETE FROM projects_listedpart"


def make_tables(apps: Any, schema_editor: Any) -> None:
    """Make the tables of the listings. For migrations."""
    vendor = schema_editor.connection.vendor
    for statement in TABLES.format(key=KEY[vendor], moment=MOMENT[vendor]).split(";"):
        schema_editor.execute(statement, params=None)


def drop_tables(apps: Any, schema_editor: Any) -> None:
    """Take the tables away again. For migrations."""
    for table in ["projects_listedpart", "projects_listing"]:
        schema_editor.execute(f"DROP TABLE {table}", params=None)


def keep_listings(apps: Any, schema_editor: Any) -> None:
    """Write all rows anew, and have the database keep them from now on."""
    if "listing" not in apps.all_models["projects"]:  # the first migrations alone
        return
    vendor = schema_editor.connection.vendor
    everything = _projects("{} IS NOT NULL", vendor)
    for statement in [*everything, *_triggers(vendor)]:
        schema_editor.execute(statement, params=None)


def _triggers(vendor: str) -> list[str]:
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {name} AFTER {event} ON {table}"
            + (f" WHEN {_differ('OLD', 'IS NOT', 'NEW', columns)}" if columns else "")
            + f" BEGIN {'; '.join(steps)}; END"
            for name, table, event, columns, steps in SQLITE
        ]
    steps = ";\n".join(_projects("{} = ANY(keys)", vendor))
    return [
        POSTGRESQL_FUNCTION.format(steps=steps),
        *(
            POSTGRESQL_TRIGGER.format(
                name=name,
                table=table,
                event=event,
                rows=ROWS[event],
                step=f"PERFORM projects_list(ARRAY({keys}))" if keys else EMPTY,
            )
            for name, table, event, keys in POSTGRESQL
        ),
    ]
