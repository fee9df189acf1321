"""Triggers by which the database itself writes down every change of a record.

Code that writes it down would miss `update()`, `bulk_create()`, a colleague with `psql`.
`psf.triggers` takes them away before migrations and has them made again afterwards.
"""

import json
from typing import Any

from .kinds import columns_of, kind_of, parents_of, quiet_columns_of, watched_models

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
            NEW.record_kind_before = NEW.record_kind_after
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

POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION history_record_of(row_ jsonb, kind text, pk text, parents text[])
RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    FOR i IN 1 .. coalesce(array_length(parents, 1), 0) / 2 LOOP
        IF row_ ->> parents[2 * i] IS NOT NULL THEN
            RETURN ARRAY[parents[2 * i - 1], row_ ->> parents[2 * i]];
        END IF;
    END LOOP;
    RETURN ARRAY[kind, row_ ->> pk];
END $$;

CREATE OR REPLACE FUNCTION history_different(row_ jsonb, other jsonb, quiet text[])
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_object_agg(key, value) FROM jsonb_each(row_)
    WHERE value IS DISTINCT FROM other -> key AND NOT key = ANY(quiet)
$$;

-- Its arguments: kind, primary key, columns left out, quiet columns, parents and their columns.
CREATE OR REPLACE FUNCTION history_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    set_id bigint := nullif(current_setting('psf.change_set', true), '')::bigint;
    old_row jsonb;
    new_row jsonb;
    old_record text[];
    new_record text[];
    before_ jsonb;
    after_ jsonb;
BEGIN
    -- An import adds many rows: nothing is worked out of what is not there.
    IF TG_OP <> 'INSERT' THEN
        old_row := to_jsonb(OLD) - TG_ARGV[2]::text[];
        old_record := history_record_of(old_row, TG_ARGV[0], TG_ARGV[1], TG_ARGV[4]::text[]);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        new_row := to_jsonb(NEW) - TG_ARGV[2]::text[];
        new_record := history_record_of(new_row, TG_ARGV[0], TG_ARGV[1], TG_ARGV[4]::text[]);
    END IF;
    IF TG_OP = 'UPDATE' THEN
        before_ := history_different(old_row, new_row, TG_ARGV[3]::text[]);
        IF before_ IS NULL THEN
            RETURN NULL;
        END IF;
        after_ := history_different(new_row, old_row, TG_ARGV[3]::text[]);
    END IF;
    IF set_id IS NULL THEN
        INSERT INTO history_changeset (made_at, who, door, reason)
            VALUES (now(), '', 'unknown', '') RETURNING id INTO set_id;
        PERFORM set_config('psf.change_set', set_id::text, true);
    END IF;
    IF TG_OP = 'UPDATE' AND old_record = new_record THEN
        INSERT INTO history_change
            (change_set_id, kind, key, record_kind, record_key, action, before, after)
            VALUES (set_id, TG_ARGV[0], new_row ->> TG_ARGV[1], new_record[1], new_record[2],
                '~', before_, after_);
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO history_change
            (change_set_id, kind, key, record_kind, record_key, action, before)
            VALUES (set_id, TG_ARGV[0], old_row ->> TG_ARGV[1], old_record[1], old_record[2],
                '-', old_row);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO history_change
            (change_set_id, kind, key, record_kind, record_key, action, after)
            VALUES (set_id, TG_ARGV[0], new_row ->> TG_ARGV[1], new_record[1], new_record[2],
                '+', new_row);
    END IF;
    RETURN NULL;
END $$;
"""

POSTGRESQL = """
CREATE TRIGGER "{name}" AFTER INSERT OR UPDATE OR DELETE ON "{table}"
    FOR EACH ROW EXECUTE FUNCTION history_keep(
        '{kind}', '{pk}', '{{{left_out}}}', '{{{quiet}}}', '{{{parents}}}'
    )
"""

EVENTS = {"sqlite": ["INSERT", "UPDATE", "DELETE"], "postgresql": ["CHANGE"]}


def trigger_names(model: Any, vendor: str) -> list[str]:
    return [f"{model._meta.db_table}_{event.lower()}_is_kept" for event in EVENTS[vendor]]


def keep_changes(apps: Any, schema_editor: Any) -> None:
    """Give every table of records its triggers, which fit the columns that it has now."""
    if "history" not in apps.app_configs:  # its own tables are not there yet
        return
    vendor = schema_editor.connection.vendor
    for sql in {"sqlite": SQLITE_FIRST, "postgresql": [POSTGRESQL_FUNCTION]}[vendor]:
        schema_editor.execute(sql, params=None)
    for model in watched_models(apps):
        for sql in triggers_of(model, vendor):
            schema_editor.execute(sql, params=None)


def triggers_of(model: Any, vendor: str) -> list[str]:
    """The SQL that makes the triggers of one table."""
    names = trigger_names(model, vendor)
    if vendor == "sqlite":
        return [
            f'CREATE TRIGGER "{name}" AFTER {event} ON "{model._meta.db_table}"'
            + _sqlite(model, event)
            for name, event in zip(names, EVENTS[vendor], strict=True)
        ]
    fields = model._meta.local_concrete_fields
    left_out = [field.column for field in fields if field.column not in columns_of(model)]
    values = {
        "name": names[0],
        "table": model._meta.db_table,
        "kind": kind_of(model),
        "pk": model._meta.pk.column,
        "left_out": ",".join(left_out),
        "quiet": ",".join(quiet_columns_of(model)),
        "parents": ",".join(f"{kind},{column}" for kind, column in parents_of(model)),
    }
    return [POSTGRESQL.format(**values)]


def _sqlite(model: Any, event: str) -> str:
    """What follows the name of the table: when its trigger tells something, and what."""
    columns, quiet = columns_of(model), quiet_columns_of(model)
    told = {"kind": f"'{kind_of(model)}'", "quiet": f"'{json.dumps(quiet)}'"}
    if event != "INSERT":
        told |= _row(model, "OLD", "before", columns)
    if event != "DELETE":
        told |= _row(model, "NEW", "after", columns)
    changes = (f'OLD."{name}" IS NOT NEW."{name}"' for name in columns if name not in quiet)
    when = f" WHEN {' OR '.join(changes)}" if event == "UPDATE" else ""
    names, values = ", ".join(told), ", ".join(told.values())
    return f"{when} BEGIN INSERT INTO history_told ({names}) VALUES ({values}); END"


def _row(model: Any, row: str, time: str, columns: list[str]) -> dict[str, str]:
    """What is told of a row: its key, the record to which it belongs, and all that it says."""
    pk, own, parents = model._meta.pk.column, f"'{kind_of(model)}'", parents_of(model)
    kinds = [f"WHEN {row}.\"{column}\" IS NOT NULL THEN '{kind}'" for kind, column in parents]
    keys = [f'{row}."{column}"' for column in [*(parent.column for parent in parents), pk]]
    pairs = [f"'{name}', {row}.\"{name}\"" for name in columns]
    return {
        f"key_{time}": f'{row}."{pk}"',
        f"record_kind_{time}": f"CASE {' '.join(kinds)} ELSE {own} END" if parents else own,
        f"record_key_{time}": f"coalesce({', '.join(keys)})" if parents else keys[0],
        time: f"json_object({', '.join(pairs)})",
    }
