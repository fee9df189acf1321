"""Triggers by which the database itself writes down every change of a record.

Code that writes it down would miss `update()`, `bulk_create()`, a colleague with `psql`.
`psf.database.triggers` takes them away before migrations and has them made again afterwards.
"""

import json
from typing import Any

from psf.history.tracking import (
    generated_columns,
    kind_of,
    parent_columns,
    recorded_columns,
    tracked_models,
)

NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now'{0})"

SQLITE_DIFFERENT = """(
            SELECT json_group_object({0}.key, {0}.value)
            FROM json_each(NEW.before) AS o JOIN json_each(NEW.after) AS n ON n.key = o.key
            WHERE o.value IS NOT n.value AND o.key NOT IN (SELECT value FROM json_each(NEW.quiet))
        )"""

SQLITE_CHANGE = """
    INSERT INTO history_change
        (change_set_id, kind, key, record_kind, record_key, action, before, after)
        SELECT coalesce(
            (SELECT change_set_id FROM history_current),
            (SELECT max(id) FROM history_changeset)
        ), NEW.kind, NEW.key_{0}, NEW.record_kind_{0}, NEW.record_key_{0}, '{1}', {2}, {3}
        WHERE {4};"""

SQLITE_SAME_RECORD = """coalesce(
            NEW.key_before = NEW.key_after
            AND NEW.record_kind_before = NEW.record_kind_after
            AND NEW.record_key_before = NEW.record_key_after, false
        )"""

# The second keeps a flush, which empties the tables in any order, from leaving changes without set.
# The triggers of all tables tell the view what a row was and is; it alone knows how that is kept:
# each connection would hold it once for each of them.
SQLITE_FIRST = [
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
    f"""CREATE TRIGGER history_told_is_kept INSTEAD OF INSERT ON history_told BEGIN
    INSERT INTO history_changeset (made_at, who, door, reason)
        SELECT {NOW.format("")}, '', 'unknown', ''
        WHERE NOT EXISTS (SELECT 1 FROM history_current) AND NOT EXISTS (
            SELECT 1 FROM history_changeset
            WHERE id = (SELECT max(id) FROM history_changeset)
                AND door = 'unknown' AND made_at >= {NOW.format(", '-1 seconds'")}
        );"""
    + SQLITE_CHANGE.format(
        "after", "~", SQLITE_DIFFERENT.format("o"), SQLITE_DIFFERENT.format("n"), SQLITE_SAME_RECORD
    )
    + SQLITE_CHANGE.format(
        "before", "-", "NEW.before", "NULL", f"NEW.before IS NOT NULL AND NOT {SQLITE_SAME_RECORD}"
    )
    + SQLITE_CHANGE.format(
        "after", "+", "NULL", "NEW.after", f"NEW.after IS NOT NULL AND NOT {SQLITE_SAME_RECORD}"
    )
    + "\nEND",
]

POSTGRESQL_FIRST = """
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

# Once a statement: a function for each row took half as long again. The set is asked for with the
# first change that is found, and not again.
POSTGRESQL = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO history_change
        (change_set_id, kind, key, record_kind, record_key, action, before, after)
        SELECT (SELECT history_set()), '{kind}', key, record_kind, record_key, action,
            before, after FROM ({changes}) AS found ORDER BY row_key, action = '+';
    RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {event} ON "{table}" REFERENCING {rows}
    FOR EACH STATEMENT EXECUTE FUNCTION {name}()
"""
POSTGRESQL_ROWS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}
POSTGRESQL_CHANGES = {
    "INSERT": """
            SELECT {new_pk} AS row_key, {new_pk}::text AS key, {new_record_kind} AS record_kind,
                {new_record_key} AS record_key, '+' AS action, NULL::jsonb AS before,
                {new_row} AS after
            FROM new_rows AS is_now""",
    "DELETE": """
            SELECT {old_pk} AS row_key, {old_pk}::text AS key, {old_record_kind} AS record_kind,
                {old_record_key} AS record_key, '-' AS action, {old_row} AS before,
                NULL::jsonb AS after
            FROM old_rows AS was""",
    # A full join: any other may be planned for one row, and kept for thousands.
    "UPDATE": """
            SELECT coalesce({old_pk}, {new_pk}) AS row_key, change.*
            FROM old_rows AS was FULL JOIN new_rows AS is_now ON {old_pk} = {new_pk}
            CROSS JOIN LATERAL (SELECT coalesce({old_pk} = {new_pk}
                AND {old_record_kind} = {new_record_kind}
                AND {old_record_key} = {new_record_key}, false) AS same) AS record
            CROSS JOIN LATERAL (
                SELECT {new_pk}::text AS key, {new_record_kind} AS record_kind,
                    {new_record_key} AS record_key, '~' AS action,
                    jsonb_object_agg(each.key, each.value) AS before,
                    jsonb_object_agg(each.key, to_jsonb(is_now) -> each.key) AS after
                FROM jsonb_each(to_jsonb(was)) AS each
                WHERE each.value IS DISTINCT FROM to_jsonb(is_now) -> each.key
                    AND each.key <> ALL ('{{{quiet}}}')
                HAVING record.same
                UNION ALL SELECT {old_pk}::text, {old_record_kind}, {old_record_key}, '-',
                    {old_row}, NULL WHERE {old_pk} IS NOT NULL AND NOT record.same
                UNION ALL SELECT {new_pk}::text, {new_record_kind}, {new_record_key}, '+',
                    NULL, {new_row} WHERE {new_pk} IS NOT NULL AND NOT record.same
            ) AS change
            WHERE {different}""",
}

EVENTS = ["INSERT", "UPDATE", "DELETE"]


def history_trigger_names(model: Any) -> list[str]:
    return [f"{model._meta.db_table}_{event.lower()}_is_kept" for event in EVENTS]


def install_history_triggers(apps: Any, schema_editor: Any) -> None:
    """Give every table of records its triggers, which fit the columns that it has now."""
    if "history" not in apps.app_configs:  # its own tables are not there yet
        return
    vendor = schema_editor.connection.vendor
    for sql in {"sqlite": SQLITE_FIRST, "postgresql": [POSTGRESQL_FIRST]}[vendor]:
        schema_editor.execute(sql, params=None)
    make = {"sqlite": _sqlite, "postgresql": _postgresql}[vendor]
    for model in tracked_models(apps):
        for name, event in zip(history_trigger_names(model), EVENTS, strict=True):
            schema_editor.execute(make(model, name, event), params=None)


def drop_functions(apps: Any, schema_editor: Any) -> None:
    """Take away what earlier versions made. For migrations."""
    if schema_editor.connection.vendor == "postgresql":
        for name in ["history_keep", "history_different", "history_record_of"]:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}", params=None)


def _sqlite(model: Any, name: str, event: str) -> str:
    quiet = generated_columns(model)
    told = {"kind": f"'{kind_of(model)}'", "quiet": f"'{json.dumps(quiet)}'"}
    if event != "INSERT":
        told |= _told(model, "OLD", "before")
    if event != "DELETE":
        told |= _told(model, "NEW", "after")
    changes = (f'OLD."{column}" IS NOT NEW."{column}"' for column in _telling_columns(model))
    when = f" WHEN {' OR '.join(changes)}" if event == "UPDATE" else ""
    names, values = ", ".join(told), ", ".join(told.values())
    return (
        f'CREATE TRIGGER "{name}" AFTER {event} ON "{model._meta.db_table}"{when}'
        f" BEGIN INSERT INTO history_told ({names}) VALUES ({values}); END"
    )


def _told(model: Any, row: str, time: str) -> dict[str, str]:
    """What is told of a row: its key, the record to which it belongs, and all that it says."""
    kind, key = _record(model, row)
    pairs = [f"'{column}', {row}.\"{column}\"" for column in recorded_columns(model)]
    return {
        f"key_{time}": f'{row}."{model._meta.pk.column}"',
        f"record_kind_{time}": kind,
        f"record_key_{time}": key,
        time: f"json_object({', '.join(pairs)})",
    }


def _record(model: Any, row: str, text: str = "") -> tuple[str, str]:
    """The kind and the key of the record to which a row belongs; `text` makes texts of keys."""
    own, parents = f"'{kind_of(model)}'", parent_columns(model)
    kinds = [f"WHEN {row}.\"{column}\" IS NOT NULL THEN '{kind}'" for kind, column in parents]
    columns = [*(parent.column for parent in parents), model._meta.pk.column]
    keys = [f'{row}."{column}"{text}' for column in columns]
    if not parents:
        return own, keys[0]
    return f"CASE {' '.join(kinds)} ELSE {own} END", f"coalesce({', '.join(keys)})"


def _telling_columns(model: Any) -> list[str]:
    """The columns of which a change is one of the record."""
    quiet = generated_columns(model)
    return [column for column in recorded_columns(model) if column not in quiet]


def _postgresql(model: Any, name: str, event: str) -> str:
    fields = model._meta.local_concrete_fields
    left_out = [field.column for field in fields if field.column not in recorded_columns(model)]
    less = f" - '{{{','.join(left_out)}}}'::text[]" if left_out else ""
    values = {"quiet": ",".join(generated_columns(model))}
    for time, row in [("old", "was"), ("new", "is_now")]:
        kind, key = _record(model, row, "::text")
        values |= {
            f"{time}_pk": f'{row}."{model._meta.pk.column}"',
            f"{time}_record_kind": kind,
            f"{time}_record_key": key,
            f"{time}_row": f"to_jsonb({row}){less}",
        }
    was, is_now = (
        ", ".join(f'{row}."{column}"' for column in _telling_columns(model))
        for row in ["was", "is_now"]
    )
    values["different"] = f"ROW({was}) IS DISTINCT FROM ROW({is_now})"
    return POSTGRESQL.format(
        name=name,
        event=event,
        table=model._meta.db_table,
        kind=kind_of(model),
        rows=POSTGRESQL_ROWS[event],
        changes=POSTGRESQL_CHANGES[event].format(**values),
    )
