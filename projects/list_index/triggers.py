"""The triggers by which the database keeps the tables of `projects.models.listings`.

Plain statements: on SQLite a trigger deletes the rows of a project and writes them anew. On
PostgreSQL a function does that once a statement, for all projects that the statement touched.
"""

from typing import Any

from projects.list_index.rows import MARK, NEVER, NEW_PART, PARTS, PROJECTS, memberships_of

# What of a row has a place in the tables; what else changes is no business of theirs.
OF_PROJECT = [
    "id",
    "published_at",
    "call_id",
    "reference",
    "title",
    "status",
    "amount_eur",
]
OF_PART = ["id", "project_id", "partner_id", "country_id", "role"]
OF_CALL = ["published_at", "closes_at"]
OF_PARTNER = ["kind", "country_id"]
OF_MEMBERSHIP = ["country_id", "status", "valid_from", "valid_to"]


def _projects(which: str, vendor: str) -> list[str]:
    """Write the rows of those projects anew; `which` says how a column names one of them."""
    return [
        f"DELETE FROM projects_listing WHERE {which.format('project_id')}",
        PROJECTS.format(
            mark=MARK[vendor],
            never=NEVER[vendor],
            memberships=memberships_of("project.id", vendor),
            these=which.format("project.id"),
        ),
        *_parts(which),
    ]


def _parts(which: str) -> list[str]:
    return [
        f"DELETE FROM projects_listedpart WHERE {which.format('project_id')}",
        # Of listings, which drafts have none of: an import adds nothing else.
        PARTS.format(these=which.format("listing.project_id")),
    ]


def _marked(which: str) -> str:
    """On SQLite: say that something of those projects was written anew."""
    return f"UPDATE projects_listing SET mark = {MARK['sqlite']} WHERE {which.format('project_id')}"


def _memberships(which: str) -> str:
    """On SQLite: write anew what the countries of those projects were in the CBSS."""
    held = memberships_of("projects_listing.project_id", "sqlite")
    where = which.format("project_id")
    mark = MARK["sqlite"]
    return f"UPDATE projects_listing SET memberships = {held}, mark = {mark} WHERE {where}"


def _parts_alone(which: str) -> list[str]:
    return [*_parts(which), _memberships(which)]


# What is counted by project and stands in no table of these: the name of one and of its table.
TERMS = [("priority", "priorities"), ("topic", "topics")]
ONE, BOTH, OF_NEW_ROW = "{} = NEW.id", "{} IN (OLD.id, NEW.id)", "{} = NEW.project_id"
OF_CALL_CHANGED = "{} IN (SELECT id FROM projects_project WHERE call_id = NEW.id)"
OF_PARTNER_CHANGED = "{} IN (SELECT project_id FROM projects_partnership WHERE partner_id = NEW.id)"
NEW_COUNTRY = """{} = NEW.project_id AND NOT EXISTS (SELECT 1 FROM projects_partnership other
    WHERE other.project_id = NEW.project_id AND other.country_id = NEW.country_id
    AND other.id <> NEW.id)"""
OF_COUNTRY = (
    "{{}} IN (SELECT project_id FROM projects_partnership WHERE country_id = {}.country_id)"
)
OF_NEW, OF_OLD = _memberships(OF_COUNTRY.format("NEW")), _memberships(OF_COUNTRY.format("OLD"))
# Name, table, event, the columns that matter (all, if none), and what is done for each row.
SQLITE: list[tuple[str, str, str, list[str], list[str]]] = [
    ("project_listed", "projects_project", "INSERT", [], _projects(ONE, "sqlite")),
    ("project_relisted", "projects_project", "UPDATE", OF_PROJECT, _projects(BOTH, "sqlite")),
    ("project_unlisted", "projects_project", "DELETE", [], _projects("{} = OLD.id", "sqlite")),
    (
        "part_listed",
        "projects_partnership",
        "INSERT",
        [],
        [NEW_PART, _memberships(NEW_COUNTRY), _marked(OF_NEW_ROW)],
    ),
    (
        "part_relisted",
        "projects_partnership",
        "UPDATE",
        OF_PART,
        _parts_alone("{} IN (OLD.project_id, NEW.project_id)"),
    ),
    ("part_unlisted", "projects_partnership", "DELETE", [], _parts_alone("{} = OLD.project_id")),
    ("call_relists", "projects_call", "UPDATE", OF_CALL, _projects(OF_CALL_CHANGED, "sqlite")),
    (
        "partner_relists",
        "partners_partner",
        "UPDATE",
        OF_PARTNER,
        [*_parts(OF_PARTNER_CHANGED), _marked(OF_PARTNER_CHANGED)],
    ),
    ("member_listed", "partners_membership", "INSERT", [], [OF_NEW]),
    ("member_relisted", "partners_membership", "UPDATE", OF_MEMBERSHIP, [OF_OLD, OF_NEW]),
    ("member_unlisted", "partners_membership", "DELETE", [], [OF_OLD]),
    *(
        (f"{term}_{done}", f"projects_project_{terms}", event, [], [_marked(which)])
        for term, terms in TERMS
        for done, event, which in [
            ("given", "INSERT", OF_NEW_ROW),
            ("changed", "UPDATE", "{} IN (OLD.project_id, NEW.project_id)"),
            ("taken", "DELETE", "{} = OLD.project_id"),
        ]
    ),
]

# Whoever changes the same project, its call or what its countries are in the CBSS waits: each
# then writes what both have done.
POSTGRESQL_FUNCTIONS = """
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
    {steps};
END $$;
CREATE OR REPLACE FUNCTION projects_mark(keys bigint[]) RETURNS void LANGUAGE plpgsql
    SET enable_seqscan = off AS $$
BEGIN
    PERFORM 1 FROM projects_project WHERE id = ANY(keys) ORDER BY id FOR NO KEY UPDATE;
    UPDATE projects_listing SET mark = {mark} WHERE project_id = ANY(keys);
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
# Of what only marks projects: the event, and which.
MARKED: list[tuple[str, str]] = [
    ("INSERT", "SELECT project_id FROM after"),
    ("UPDATE", "SELECT project_id FROM before UNION SELECT project_id FROM after"),
    ("DELETE", "SELECT project_id FROM before"),
    ("TRUNCATE", "SELECT id FROM projects_project"),
]
# Of memberships: the name of the trigger, its event, and the countries that they are of.
MEMBERS: list[tuple[str, str, str]] = [
    ("member_listed", "INSERT", "SELECT country_id FROM after"),
    (
        "member_relisted",
        "UPDATE",
        _changed("UNNEST(ARRAY[was.country_id, is_now.country_id])", OF_MEMBERSHIP),
    ),
    ("member_unlisted", "DELETE", "SELECT country_id FROM before"),
    ("members_unlisted", "TRUNCATE", "SELECT code FROM partners_country"),
]
# A lock of its own first, so that no part for these countries is overlooked.
OF_MEMBERS = """
PERFORM 1 FROM partners_country WHERE code IN ({countries}) ORDER BY code FOR UPDATE;
PERFORM projects_list(ARRAY(
    SELECT project_id FROM projects_partnership WHERE country_id IN ({countries})
))"""


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
        POSTGRESQL_FUNCTIONS.format(steps=steps, mark=MARK["postgresql"]),
        *(
            _made(name, event, table, f"PERFORM projects_list(ARRAY({keys}))" if keys else EMPTY)
            for name, table, event, keys in POSTGRESQL
        ),
        *(
            _made(name, event, "partners_membership", OF_MEMBERS.format(countries=countries))
            for name, event, countries in MEMBERS
        ),
        *(
            _made(
                f"{term}_{event.lower()}_marks",
                event,
                f"projects_project_{terms}",
                f"PERFORM projects_mark(ARRAY({keys}))",
            )
            for term, terms in TERMS
            for event, keys in MARKED
        ),
    ]


def _made(name: str, event: str, table: str, step: str) -> str:
    return POSTGRESQL_TRIGGER.format(
        name=name, table=table, event=event, rows=ROWS[event], step=step
    )
