"""Triggers that write every change of a tracked table to the history.

Triggers also see changes by `update()`, `bulk_create()` and `psql`, which Python code would miss.
`psf.database.triggers` drops all triggers before migrations and creates them again afterwards.
"""

from typing import Protocol

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Model

from psf.database.dialects import for_database
from psf.history.tracking import (
    kind_of,
    parent_columns,
    quiet_columns,
    recorded_columns,
    tracked_models,
)


def history_trigger_name(model: type[Model], event: str) -> str:
    return f"{model._meta.db_table}_{event.lower()}_is_kept"


def install_history_triggers(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the triggers of all tracked tables for the current columns."""
    if "history" not in apps.app_configs:  # the tables of the history do not exist yet
        return
    sql = for_database(TRIGGERS, schema_editor.connection)
    for statement in sql.setup:
        schema_editor.execute(statement, params=None)
    for model in tracked_models(apps):
        for event in sql.events:
            name = history_trigger_name(model, event)
            schema_editor.execute(sql.create_trigger(model, name, event), params=None)


class TriggerSql(Protocol):
    """The SQL of one database."""

    setup: list[str]  # statements that run before the triggers are created
    events: list[str]  # each tracked table has a trigger for each event
    enter: str  # assigns the changes of the transaction to a change set
    leave: str

    def create_trigger(self, model: type[Model], name: str, event: str) -> str:
        """Return the statement that creates the trigger of a table for an event."""


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

# The second statement deletes changes with their set when a flush empties the tables in any order.
# The triggers of all tables insert the old and new values into the view. Only the trigger of the
# view writes changes, so its SQL is in memory once and not once for each table.
TELL = [
    "CREATE TABLE IF NOT EXISTS history_current (change_set_id bigint NOT NULL)",
    """CREATE TRIGGER IF NOT EXISTS history_changeset_takes_changes
        AFTER DELETE ON history_changeset BEGIN
            DELETE FROM history_change WHERE change_set_id = OLD.id;
        END""",
    "DROP VIEW IF EXISTS history_told",
    """CREATE VIEW history_told AS SELECT
        NULL AS kind, NULL AS quiet,
        NULL AS key_before, NULL AS record_kind_before, NULL AS record_key_before, NULL AS before,
        NULL AS key_after, NULL AS record_kind_after, NULL AS record_key_after, NULL AS after""",
    f"""CREATE TRIGGER history_told_is_kept INSTEAD OF INSERT ON history_told
    WHEN NOT {SAME_RECORD} OR {CHANGED_VALUES.format("before", "after")} <> '{{}}' BEGIN
    INSERT INTO history_changeset (made_at, who, door, reason)
        SELECT {NOW.format("")}, '', 'unknown', ''
        WHERE NOT EXISTS (SELECT 1 FROM history_current) AND NOT EXISTS (
            SELECT 1 FROM history_changeset
            WHERE id = (SELECT max(id) FROM history_changeset)
                AND door = 'unknown' AND made_at >= {NOW.format(", '-1 seconds'")}
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
]


class SqliteTriggers:
    """See `TriggerSql`."""

    setup = TELL
    events = ["INSERT", "UPDATE", "DELETE"]
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


# PostgreSQL

CHANGE_SET = """
CREATE OR REPLACE FUNCTION history_set() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    set_id bigint := nullif(current_setting('psf.change_set', true), '')::bigint;
BEGIN
    IF set_id IS NULL THEN
        INSERT INTO history_changeset (made_at, who, door, reason)
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


class PostgresqlTriggers:
    """See `TriggerSql`."""

    setup = [CHANGE_SET, TRUNCATION]
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


TRIGGERS: dict[str, TriggerSql] = {"sqlite": SqliteTriggers(), "postgresql": PostgresqlTriggers()}
