"""Triggers by which the database itself writes down every change of a record.

Code that writes it down would miss `update()`, `bulk_create()`, a colleague with `psql`.
`psf.triggers` takes them away before migrations and has them made again afterwards.
"""

from typing import Any

from .kinds import columns_of, kind_of, parents_of, quiet_columns_of, watched_models

NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now'{0})"

# The second keeps a flush, which empties the tables in any order, from leaving changes without set.
SQLITE_FIRST = [
    "CREATE TABLE IF NOT EXISTS history_current (change_set_id bigint NOT NULL)",
    """CREATE TRIGGER IF NOT EXISTS history_changeset_takes_changes
        AFTER DELETE ON history_changeset BEGIN
            DELETE FROM history_change WHERE change_set_id = OLD.id;
        END""",
]

SQLITE_SET = f"""
    INSERT INTO history_changeset (made_at, who, door, reason)
        SELECT {NOW.format("")}, '', 'unknown', ''
        WHERE NOT EXISTS (SELECT 1 FROM history_current) AND NOT EXISTS (
            SELECT 1 FROM history_changeset
            WHERE id = (SELECT max(id) FROM history_changeset)
                AND door = 'unknown' AND made_at >= {NOW.format(", '-1 seconds'")}
        );"""

SQLITE_CHANGE = """
    INSERT INTO history_change
        (change_set_id, kind, key, record_kind, record_key, action, before, after)
        SELECT coalesce(
            (SELECT change_set_id FROM history_current),
            (SELECT max(id) FROM history_changeset)
        ), '{kind}', {row}."{pk}", {record_kind}, {record_key}, '{action}', {before}, {after}
        WHERE {condition};"""

SQLITE_DIFFERENT = """(
            SELECT json_group_object({0}.key, {0}.value)
            FROM json_each({old}) AS o JOIN json_each({new}) AS n ON n.key = o.key
            WHERE o.value IS NOT n.value
        )"""

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
        bodies = [_sqlite_insert(model), _sqlite_update(model), _sqlite_delete(model)]
        return [
            f'CREATE TRIGGER "{name}" AFTER {event} ON "{model._meta.db_table}"{body}\nEND'
            for name, event, body in zip(names, EVENTS[vendor], bodies, strict=True)
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


# SQLite has no functions of its own: each trigger says everything.


def _json(row: str, columns: list[str]) -> str:
    pairs = [f"'{name}', {row}.\"{name}\"" for name in columns]
    return f"json_object({', '.join(pairs)})"


def _sqlite_change(model: Any, row: str, action: str, **values: str) -> str:
    pk, parents = model._meta.pk.column, parents_of(model)
    kinds = [f"WHEN {row}.\"{column}\" IS NOT NULL THEN '{kind}'" for kind, column in parents]
    keys = [f'{row}."{column}"' for column in [*(parent.column for parent in parents), pk]]
    own = f"'{kind_of(model)}'"
    defaults = {"before": "NULL", "after": "NULL", "condition": "true"}
    return SQLITE_CHANGE.format(
        kind=kind_of(model),
        pk=pk,
        row=row,
        action=action,
        record_kind=f"CASE {' '.join(kinds)} ELSE {own} END" if parents else own,
        record_key=f"coalesce({', '.join(keys)})" if parents else keys[0],
        **defaults | values,
    )


def _sqlite_insert(model: Any) -> str:
    row = _json("NEW", columns_of(model))
    return f" BEGIN{SQLITE_SET}{_sqlite_change(model, 'NEW', '+', after=row)}"


def _sqlite_delete(model: Any) -> str:
    row = _json("OLD", columns_of(model))
    return f" BEGIN{SQLITE_SET}{_sqlite_change(model, 'OLD', '-', before=row)}"


def _sqlite_update(model: Any) -> str:
    columns, quiet = columns_of(model), quiet_columns_of(model)
    told = [column for column in columns if column not in quiet]
    changed = " OR ".join(f'OLD."{column}" IS NOT NEW."{column}"' for column in told)
    rows = {"old": _json("OLD", told), "new": _json("NEW", told)}
    different = {
        "before": SQLITE_DIFFERENT.format("o", **rows),
        "after": SQLITE_DIFFERENT.format("n", **rows),
    }
    parents = [parent.column for parent in parents_of(model)]
    stays = " AND ".join(f'OLD."{column}" IS NEW."{column}"' for column in parents) or "true"
    steps = [_sqlite_change(model, "NEW", "~", condition=stays, **different)]
    if parents:  # the row moves from one record to another
        moves, old, new = f"NOT ({stays})", _json("OLD", columns), _json("NEW", columns)
        steps.append(_sqlite_change(model, "OLD", "-", condition=moves, before=old))
        steps.append(_sqlite_change(model, "NEW", "+", condition=moves, after=new))
    return f" WHEN {changed} BEGIN{SQLITE_SET}{''.join(steps)}"
