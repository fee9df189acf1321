"""Triggers by which the database itself notes whose documents no longer say what the records say.

Code that notes it would miss `update()`, a restored table, a colleague with `psql`. A note is
written in the transaction of the change, and read with the next search.
"""

from collections.abc import Iterable
from typing import NamedTuple

EVENTS = {"INSERT": ["new"], "UPDATE": ["old", "new"], "DELETE": ["old"]}

SQLITE = """
CREATE TRIGGER {name}_{event} AFTER {event} ON {table} {condition} BEGIN
    {notes}
END
"""
# Each once: an import writes many rows of one project.
SQLITE_NOTE = """
INSERT INTO psf_searchnote (kind, record)
SELECT DISTINCT '{kind}', found.record FROM ({records}) AS found WHERE NOT EXISTS (
    SELECT 1 FROM psf_searchnote AS note
    WHERE note.kind = '{kind}' AND note.record = found.record
);
"""

# Once a statement, and without looking for notes that are there: the same note in a long
# import of somebody else would make this transaction wait for its end.
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
SELECT DISTINCT '{kind}', found.record
FROM ({rows}) AS changed, LATERAL ({records}) AS found;
"""
POSTGRESQL = """
CREATE TRIGGER {name}_{event} AFTER {event} ON {table} REFERENCING {rows}
    FOR EACH STATEMENT EXECUTE FUNCTION {name}()
"""


class Watch(NamedTuple):
    """A table whose columns go into documents, and whose: a query with `{row}` for the row.

    The query gives `record`; the columns hold all that it reads of the row.
    """

    table: str
    columns: list[str]
    records: str

    def name(self, kind: str) -> str:
        return f"psf_{kind}_search_{self.table}"


def trigger_names(kind: str, watches: Iterable[Watch]) -> list[str]:
    return [f"{watch.name(kind)}_{event.lower()}" for watch in watches for event in EVENTS]


def making(vendor: str, kind: str, watches: Iterable[Watch]) -> list[str]:
    """The statements that make the triggers of one kind of record."""
    make = {"sqlite": _sqlite, "postgresql": _postgresql}[vendor]
    return [statement for watch in watches for statement in make(kind, watch)]


def dropping(vendor: str, kind: str, watches: Iterable[Watch]) -> list[str]:
    """The statements that take them away, if they are there."""
    found: list[str] = []
    for watch in watches:
        name, on_table = watch.name(kind), f" ON {watch.table}"
        if vendor == "sqlite":
            found += [f"DROP TRIGGER IF EXISTS {name}_{event.lower()}" for event in EVENTS]
        else:
            triggers = [f"{name}_{event.lower()}{on_table}" for event in EVENTS]
            found += [f"DROP TRIGGER IF EXISTS {trigger}" for trigger in triggers]
            found.append(f"DROP FUNCTION IF EXISTS {name}")
    return found


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
