"""Triggers that note the records with stale documents.

Triggers also see changes by `update()`, `psql` or a restored table. A note is written in the
transaction of the change, and the next search updates the document.
"""

from collections.abc import Iterable
from typing import NamedTuple

EVENTS = {"INSERT": ["new"], "UPDATE": ["old", "new"], "DELETE": ["old"]}

SQLITE = """
CREATE TRIGGER {name}_{event} AFTER {event} ON {table} {condition} BEGIN
    {notes}
END
"""
# One note for each record, because an import writes many rows of one project.
SQLITE_NOTE = """
INSERT INTO psf_searchnote (kind, record)
SELECT DISTINCT '{kind}', stale.record FROM ({records}) AS stale WHERE NOT EXISTS (
    SELECT 1 FROM psf_searchnote AS note
    WHERE note.kind = '{kind}' AND note.record = stale.record
);
"""

# One trigger for each statement. Existing notes are not checked: a note of a long import would
# make this transaction wait for the end of the import.
POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN {insert}
    ELSIF TG_OP = 'DELETE' THEN {delete}
    ELSE {update}
    END IF;
    RETURN NULL;
END $$
"""
POSTGRESQL_NOTE = """
INSERT INTO psf_searchnote (kind, record)
SELECT DISTINCT '{kind}', stale.record
FROM ({rows}) AS changed, LATERAL ({records}) AS stale;
"""
POSTGRESQL = """
CREATE TRIGGER {name}_{event} AFTER {event} ON {table} REFERENCING {rows}
    FOR EACH STATEMENT EXECUTE FUNCTION {name}()
"""


class Watch(NamedTuple):
    """A table whose rows are part of documents, and the columns that matter.

    `records` is a query for the affected records, in the column `record`. In the query, `{row}`
    stands for the changed row.
    """

    table: str
    columns: list[str]
    records: str

    def name(self, kind: str) -> str:
        return f"psf_{kind}_search_{self.table}"


def search_trigger_names(kind: str, watches: Iterable[Watch]) -> list[str]:
    return [f"{watch.name(kind)}_{event.lower()}" for watch in watches for event in EVENTS]


def create_triggers(vendor: str, kind: str, watches: Iterable[Watch]) -> list[str]:
    """Return the statements that create the triggers of an index."""
    create = {"sqlite": _sqlite, "postgresql": _postgresql}[vendor]
    return [statement for watch in watches for statement in create(kind, watch)]


def drop_triggers(vendor: str, kind: str, watches: Iterable[Watch]) -> list[str]:
    """Return the statements that drop the triggers of an index, if they exist."""
    statements: list[str] = []
    for watch in watches:
        name, on_table = watch.name(kind), f" ON {watch.table}"
        if vendor == "sqlite":
            statements += [f"DROP TRIGGER IF EXISTS {name}_{event.lower()}" for event in EVENTS]
        else:
            triggers = [f"{name}_{event.lower()}{on_table}" for event in EVENTS]
            statements += [f"DROP TRIGGER IF EXISTS {trigger}" for trigger in triggers]
            statements.append(f"DROP FUNCTION IF EXISTS {name}")
    return statements


def _sqlite(kind: str, watch: Watch) -> list[str]:
    changed = " OR ".join(f"old.{column} IS NOT new.{column}" for column in watch.columns)
    return [
        SQLITE.format(
            name=watch.name(kind),
            event=event.lower(),
            table=watch.table,
            condition=f"WHEN {changed}" if event == "UPDATE" else "",
            notes="".join(
                SQLITE_NOTE.format(kind=kind, records=watch.records.format(row=row)) for row in rows
            ),
        )
        for event, rows in EVENTS.items()
    ]


def _postgresql(kind: str, watch: Watch) -> list[str]:
    name, columns = watch.name(kind), ", ".join(watch.columns)
    old, new = (f"SELECT {columns} FROM {rows}_rows" for rows in ["old", "new"])
    changed = f"({old} EXCEPT {new}) UNION ALL ({new} EXCEPT {old})"
    notes = {
        event: POSTGRESQL_NOTE.format(
            kind=kind, rows=rows, records=watch.records.format(row="changed")
        )
        for event, rows in {"insert": new, "delete": old, "update": changed}.items()
    }
    return [
        POSTGRESQL_FUNCTION.format(name=name, **notes),
        *(
            POSTGRESQL.format(
                name=name,
                event=event.lower(),
                table=watch.table,
                rows=" ".join(f"{row.upper()} TABLE AS {row}_rows" for row in rows),
            )
            for event, rows in EVENTS.items()
        ),
    ]
