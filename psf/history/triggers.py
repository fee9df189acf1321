"""Triggers that write every change of a tracked table to the history.

Triggers also see changes by `update()`, `bulk_create()` and `psql`, which Python code would miss.
`psf.database.triggers` drops all triggers before migrations and creates them again afterwards.
Triggers on the table of changes itself write the data version and the notes for the search.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from django.apps import AppConfig, apps as global_apps
from django.apps.registry import Apps
from django.core.checks import CheckMessage, Warning  # noqa: A004
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Model

from psf.database.sql import for_database
from psf.database.triggers import existing_triggers
from psf.history.models import Change
from psf.history.tracking import (
    INTERNAL,
    kind_of,
    parent_columns,
    quiet_columns,
    recorded_columns,
    tracked_models,
)
from psf.search.index import watched_columns

Sql = dict[str, str]  # statements by name of the trigger


def install_triggers(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the triggers that are missing, and a new data version."""
    for statement in _statements(apps, schema_editor.connection):
        schema_editor.execute(statement, params=None)


def create_missing_triggers() -> None:
    """Do the same in the transaction of the caller."""
    with connection.cursor() as cursor:
        for statement in _statements(global_apps, connection):
            cursor.execute(statement)


def _statements(apps: Apps, used: BaseDatabaseWrapper) -> Iterator[str]:
    if "history" not in apps.app_configs:  # the tables of the history do not exist yet
        return
    sql = for_database(TRIGGERS, used)
    yield from sql.setup
    existing = {name for name, _table in existing_triggers(used)}
    triggers = all_triggers(apps, sql)
    yield from (statement for name, statement in triggers.items() if name not in existing)
    if "history_change_is_noted" in triggers:
        yield sql.new_version


def all_triggers(apps: Apps, sql: "TriggerSql") -> Sql:
    """Return the statement that creates each trigger for the current columns."""
    triggers = dict(sql.shared)
    for model in tracked_models(apps):
        for event in sql.events:
            name = f"{model._meta.db_table}_{event.lower()}_is_kept"
            triggers[name] = sql.create_trigger(model, name, event)
    if {"dataversion", "searchnote"} <= apps.all_models["psf"].keys():  # their tables exist
        triggers |= sql.notes(sorted(INTERNAL), watched_columns())
    return triggers


def check_triggers(
    app_configs: Sequence[AppConfig] | None,
    databases: Sequence[str] | None = None,
    **kwargs: object,
) -> list[CheckMessage]:
    """Look for missing triggers with `manage.py check --database default`.

    Problems are warnings, because errors would stop the migration that solves them.
    """
    if "default" not in (databases or []):
        return []
    if Change._meta.db_table not in connection.introspection.table_names():
        return []
    existing = {name for name, _table in existing_triggers(connection)}
    return [
        Warning(
            f"History and search miss changes: trigger “{name}” is missing.",
            hint="Run “manage.py rebuild_search”.",
            id="psf.W001",
        )
        for name in all_triggers(global_apps, for_database(TRIGGERS))
        if name not in existing
    ]


def _pk_column(model: type[Model]) -> str:
    return str(model._meta.pk.column)


def _record_sql(model: type[Model], row: str, text_cast: str = "") -> tuple[str, str]:
    """Return SQL for the kind and the key of the record of a row.

    `row` is the name of the row in SQL. `text_cast` converts keys to text, such as "::text".
    """
    own_kind, parents = f"'{kind_of(model)}'", parent_columns(model)
    kinds = [f"WHEN {row}.\"{column}\" IS NOT NULL THEN '{kind}'" for kind, column in parents]
    columns = [*(parent.column for parent in parents), _pk_column(model)]
    keys = [f'{row}."{column}"{text_cast}' for column in columns]
    if not parents:
        return own_kind, keys[0]
    return f"CASE {' '.join(kinds)} ELSE {own_kind} END", f"coalesce({', '.join(keys)})"


def _texts(texts: Iterable[str]) -> str:
    """Return texts as a list in SQL."""
    return ", ".join(f"'{text}'" for text in texts)


# SQLite

NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now'{0})"

CHANGE = """
    INSERT INTO history_change
        (change_set_id, kind, key, record_kind, record_key, action, before, after)
        SELECT coalesce(
            (SELECT change_set_id FROM history_current),
            (SELECT max(id) FROM history_changeset)
        ), NEW.kind, NEW.key_{0}, NEW.record_kind_{0}, NEW.record_key_{0}, '{1}', {2}, {3}
        WHERE {4};"""

SAME_RECORD = """coalesce(
            NEW.key_before = NEW.key_after
            AND NEW.record_kind_before = NEW.record_kind_after
            AND NEW.record_key_before = NEW.record_key_after, false
        )"""

# The columns of one side of an update that differ from the other side, without quiet columns.
CHANGED_VALUES = """(
            SELECT json_group_object(pair.key, pair.value) FROM json_each(NEW.{0}) AS pair
            WHERE pair.value IS NOT json_extract(NEW.{1}, '$.' || pair.key)
                AND instr(NEW.quiet, ',' || pair.key || ',') = 0
        )"""

VIEW = """CREATE VIEW history_told AS SELECT
        NULL AS kind, NULL AS quiet,
        NULL AS key_before, NULL AS record_kind_before, NULL AS record_key_before, NULL AS before,
        NULL AS key_after, NULL AS record_kind_after, NULL AS record_key_after, NULL AS after"""

# The first trigger deletes changes with their set when a flush empties the tables in any order.
# The triggers of all tables insert the old and new values into the view. Only the trigger of the
# view writes changes, so its SQL is in memory once and not once for each table.
SHARED = {
    "history_changeset_takes_changes": """CREATE TRIGGER history_changeset_takes_changes
        AFTER DELETE ON history_changeset BEGIN
            DELETE FROM history_change WHERE change_set_id = OLD.id;
        END""",
    "history_told_is_kept": f"""CREATE TRIGGER history_told_is_kept
    INSTEAD OF INSERT ON history_told
    WHEN NOT {SAME_RECORD} OR {CHANGED_VALUES.format("before", "after")} <> '{{}}' BEGIN
    INSERT INTO history_changeset (made_at, who, channel, reason)
        SELECT {NOW.format("")}, '', 'unknown', ''
        WHERE NOT EXISTS (SELECT 1 FROM history_current) AND NOT EXISTS (
            SELECT 1 FROM history_changeset
            WHERE id = (SELECT max(id) FROM history_changeset)
                AND channel = 'unknown' AND made_at >= {NOW.format(", '-1 seconds'")}
        );"""
    + CHANGE.format(
        "after",
        "~",
        CHANGED_VALUES.format("before", "after"),
        CHANGED_VALUES.format("after", "before"),
        SAME_RECORD,
    )
    + CHANGE.format(
        "before", "-", "NEW.before", "NULL", f"NEW.before IS NOT NULL AND NOT {SAME_RECORD}"
    )
    + CHANGE.format(
        "after", "+", "NULL", "NEW.after", f"NEW.after IS NOT NULL AND NOT {SAME_RECORD}"
    )
    + "\nEND",
}

# INSERT OR REPLACE would obey the ON CONFLICT clause of the statement that fires the trigger.
SQLITE_VERSION = """
INSERT INTO psf_dataversion (id, value) VALUES (1, random())
ON CONFLICT (id) DO UPDATE SET value = excluded.value
"""
SQLITE_VERSION_TRIGGER = """
CREATE TRIGGER history_change_is_noted AFTER INSERT ON history_change
WHEN NEW.kind NOT IN ({internal}) BEGIN {new_version}; END
"""
# One note for each record, because an import writes many rows of one project. It is a new one, so
# that an update of the search, which deletes the notes that it read, keeps it.
SQLITE_NOTE_TRIGGER = """
CREATE TRIGGER history_change_is_searched AFTER INSERT ON history_change
WHEN NEW.kind IN ({kinds}) AND EXISTS (
    SELECT 1 FROM json_each(coalesce(NEW.after, NEW.before))
    WHERE NEW.kind || '.' || key IN ({columns})
) BEGIN
    DELETE FROM psf_searchnote WHERE kind = NEW.record_kind AND record = NEW.record_key;
    INSERT INTO psf_searchnote (kind, record) VALUES (NEW.record_kind, NEW.record_key);
END
"""


class SqliteTriggers:
    """The SQL of one database."""

    # Statements that run before the triggers are created.
    setup = [
        "CREATE TABLE IF NOT EXISTS history_current (change_set_id bigint NOT NULL)",
        "DROP VIEW IF EXISTS history_told",  # and its trigger
        VIEW,
    ]
    shared = SHARED  # the triggers of no single tracked table
    new_version = SQLITE_VERSION  # the statement that writes a new data version
    events = ["INSERT", "UPDATE", "DELETE"]  # each tracked table has a trigger for each
    # Assigns the changes of the transaction to a change set.
    enter = "INSERT INTO history_current (change_set_id) VALUES (%s)"
    leave = "DELETE FROM history_current"

    def create_trigger(self, model: type[Model], name: str, event: str) -> str:
        """Return the statement that creates the trigger of a table for an event."""
        values = {"kind": f"'{kind_of(model)}'"}
        if event != "INSERT":
            values |= self._row_values(model, "OLD", "before")
        if event != "DELETE":
            values |= self._row_values(model, "NEW", "after")
        if event == "UPDATE":
            values["quiet"] = f"',{','.join(quiet_columns(model))},'"
        return (
            f'CREATE TRIGGER "{name}" AFTER {event} ON "{model._meta.db_table}" BEGIN '
            f"INSERT INTO history_told ({', '.join(values)}) VALUES ({', '.join(values.values())});"
            " END"
        )

    def _row_values(self, model: type[Model], row: str, time: str) -> dict[str, str]:
        """Return SQL for the key, the record and the columns of a row, by column of the view."""
        kind, key = _record_sql(model, row)
        pairs = [f"'{column}', {row}.\"{column}\"" for column in recorded_columns(model)]
        return {
            f"key_{time}": f'{row}."{_pk_column(model)}"',
            f"record_kind_{time}": kind,
            f"record_key_{time}": key,
            time: f"json_object({', '.join(pairs)})",
        }

    def notes(self, internal: list[str], watched: dict[str, set[str]]) -> Sql:
        """Return the triggers on the table of changes itself.

        Each change, except of rows of the `internal` kinds, writes a new data version. Each change
        of a `watched` column, by kind, writes a note for the search.
        """
        columns = [f"{kind}.{name}" for kind, names in watched.items() for name in sorted(names)]
        return {
            "history_change_is_noted": SQLITE_VERSION_TRIGGER.format(
                internal=_texts(internal), new_version=SQLITE_VERSION
            ),
            "history_change_is_searched": SQLITE_NOTE_TRIGGER.format(
                kinds=_texts(watched), columns=_texts(columns)
            ),
        }


# PostgreSQL

CHANGE_SET = """
CREATE OR REPLACE FUNCTION history_set() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    set_id bigint := nullif(current_setting('psf.change_set', true), '')::bigint;
BEGIN
    IF set_id IS NULL THEN
        INSERT INTO history_changeset (made_at, who, channel, reason)
            VALUES (now(), '', 'unknown', '') RETURNING id INTO set_id;
        PERFORM set_config('psf.change_set', set_id::text, true);
    END IF;
    RETURN set_id;
END $$
"""
# The history cannot record TRUNCATE. The command may empty a table together with the history only.
TRUNCATION = """
CREATE OR REPLACE FUNCTION history_forbids_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM history_change) THEN
        RAISE EXCEPTION 'TRUNCATE of % would leave no history: use DELETE.', TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$
"""
FORBID_TRUNCATE = """
CREATE TRIGGER {name} AFTER TRUNCATE ON "{table}"
    FOR EACH STATEMENT EXECUTE FUNCTION history_forbids_truncate()
"""

# The trigger runs once for each statement: a trigger for each row is slower. The change set is
# opened with the first change.
TRIGGER = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO history_change
        (change_set_id, kind, key, record_kind, record_key, action, before, after)
        SELECT (SELECT history_set()), '{kind}', key, record_kind, record_key, action,
            before, after FROM ({changes}) AS changes ORDER BY row_key, action = '+';
    RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {event} ON "{table}" REFERENCING {rows}
    FOR EACH STATEMENT EXECUTE FUNCTION {name}()
"""
ROWS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}
CHANGES = {
    "INSERT": """
            SELECT {new_pk} AS row_key, {new_pk}::text AS key, {new_record_kind} AS record_kind,
                {new_record_key} AS record_key, '+' AS action, NULL::jsonb AS before,
                {new_row} AS after
            FROM new_rows AS new_row""",
    "DELETE": """
            SELECT {old_pk} AS row_key, {old_pk}::text AS key, {old_record_kind} AS record_kind,
                {old_record_key} AS record_key, '-' AS action, {old_row} AS before,
                NULL::jsonb AS after
            FROM old_rows AS old_row""",
    # With a full join, the plan for one row is also a good plan for thousands of rows.
    "UPDATE": """
            SELECT coalesce({old_pk}, {new_pk}) AS row_key, change.*
            FROM old_rows AS old_row FULL JOIN new_rows AS new_row ON {old_pk} = {new_pk}
            CROSS JOIN LATERAL (SELECT coalesce({old_pk} = {new_pk}
                AND {old_record_kind} = {new_record_kind}
                AND {old_record_key} = {new_record_key}, false) AS same) AS record
            CROSS JOIN LATERAL (
                SELECT {new_pk}::text AS key, {new_record_kind} AS record_kind,
                    {new_record_key} AS record_key, '~' AS action,
                    jsonb_object_agg(key, old_value.value) AS before,
                    jsonb_object_agg(key, new_value.value) AS after
                FROM jsonb_each(to_jsonb(old_row)) AS old_value
                JOIN jsonb_each(to_jsonb(new_row)) AS new_value USING (key)
                WHERE old_value.value <> new_value.value AND key <> ALL ('{{{quiet}}}')
                HAVING record.same
                UNION ALL SELECT {old_pk}::text, {old_record_kind}, {old_record_key}, '-',
                    {old_row}, NULL WHERE {old_pk} IS NOT NULL AND NOT record.same
                UNION ALL SELECT {new_pk}::text, {new_record_kind}, {new_record_key}, '+',
                    NULL, {new_row} WHERE {new_pk} IS NOT NULL AND NOT record.same
            ) AS change
            WHERE {different}""",
}


POSTGRESQL_VERSION = """
INSERT INTO psf_dataversion AS version (id, value) VALUES (1, (random() * 9e18)::bigint)
ON CONFLICT (id) DO UPDATE SET value = excluded.value
"""
RENEW_VERSION = f"""
CREATE OR REPLACE FUNCTION psf_renew_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Once a transaction. The rollback of a savepoint resets this setting.
    IF current_setting('psf.changed_in', true) IS DISTINCT FROM txid_current()::text THEN
        PERFORM set_config('psf.changed_in', txid_current()::text, true);
        {POSTGRESQL_VERSION};
    END IF;
    RETURN NULL;
END $$
"""
# The version is written at commit. If the first change wrote the version, all other writers would
# wait for the end of a long import.
POSTGRESQL_VERSION_TRIGGER = """
CREATE CONSTRAINT TRIGGER history_change_is_noted AFTER INSERT ON history_change
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.kind NOT IN ({internal})) EXECUTE FUNCTION psf_renew_version()
"""
TRUNCATION_TRIGGER = """
CREATE TRIGGER history_truncate_is_noted AFTER TRUNCATE ON history_change
    FOR EACH STATEMENT EXECUTE FUNCTION psf_renew_version()
"""
# Existing notes are not checked: a note of a long import would make this transaction wait for the
# end of the import.
POSTGRESQL_NOTE_TRIGGER = """
CREATE OR REPLACE FUNCTION history_notes_searched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO psf_searchnote (kind, record)
        SELECT DISTINCT record_kind, record_key FROM new_rows
        WHERE coalesce(after, before) ?| CASE kind {columns} END;
    RETURN NULL;
END $$;
CREATE TRIGGER history_change_is_searched AFTER INSERT ON history_change
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history_notes_searched()
"""


class PostgresqlTriggers:
    """See `SqliteTriggers`."""

    setup = [CHANGE_SET, TRUNCATION, RENEW_VERSION]
    shared: ClassVar[Sql] = {}
    new_version = POSTGRESQL_VERSION
    events = [*ROWS, "TRUNCATE"]
    enter = "SELECT set_config('psf.change_set', %s::text, true)"
    leave = "SELECT set_config('psf.change_set', '', true)"

    def create_trigger(self, model: type[Model], name: str, event: str) -> str:
        """Return the statement that creates the trigger of a table for an event."""
        if event == "TRUNCATE":
            return FORBID_TRUNCATE.format(name=name, table=model._meta.db_table)
        return TRIGGER.format(
            name=name,
            event=event,
            table=model._meta.db_table,
            kind=kind_of(model),
            rows=ROWS[event],
            changes=CHANGES[event].format(**self._row_values(model)),
        )

    def _row_values(self, model: type[Model]) -> dict[str, str]:
        recorded = recorded_columns(model)
        fields = model._meta.local_concrete_fields
        omitted = ",".join(str(field.column) for field in fields if field.column not in recorded)
        minus = f" - '{{{omitted}}}'::text[]" if omitted else ""
        quiet = quiet_columns(model)
        values = {"quiet": ",".join(quiet)}
        for time in ["old", "new"]:
            row = f"{time}_row"
            kind, key = _record_sql(model, row, "::text")
            values |= {
                f"{time}_pk": f'{row}."{_pk_column(model)}"',
                f"{time}_record_kind": kind,
                f"{time}_record_key": key,
                row: f"to_jsonb({row}){minus}",
            }
        compared = [column for column in recorded if column not in quiet]
        old, new = (
            ", ".join(f'{time}_row."{column}"' for column in compared) for time in ["old", "new"]
        )
        return values | {"different": f"ROW({old}) IS DISTINCT FROM ROW({new})"}

    def notes(self, internal: list[str], watched: dict[str, set[str]]) -> Sql:
        columns = " ".join(
            f"WHEN '{kind}' THEN '{{{','.join(sorted(names))}}}'::text[]"
            for kind, names in watched.items()
        )
        return {
            "history_truncate_is_noted": TRUNCATION_TRIGGER,
            "history_change_is_noted": POSTGRESQL_VERSION_TRIGGER.format(internal=_texts(internal)),
            "history_change_is_searched": POSTGRESQL_NOTE_TRIGGER.format(columns=columns),
        }


TriggerSql = SqliteTriggers | PostgresqlTriggers
TRIGGERS: dict[str, TriggerSql] = {"sqlite": SqliteTriggers(), "postgresql": PostgresqlTriggers()}
