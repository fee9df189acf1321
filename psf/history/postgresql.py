"""The triggers of the history on PostgreSQL."""

from django.db.models import Model

from psf.history.row_sql import pk_column, record_sql
from psf.history.tracking import kind_of, quiet_columns, recorded_columns

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

SETUP = [CHANGE_SET, TRUNCATION]
EVENTS = [*ROWS, "TRUNCATE"]
ENTER = "SELECT set_config('psf.change_set', %s::text, true)"
LEAVE = "SELECT set_config('psf.change_set', '', true)"


def create_trigger(model: type[Model], name: str, event: str) -> str:
    """Return the statement that creates the trigger of a table for an event."""
    if event == "TRUNCATE":
        return FORBID_TRUNCATE.format(name=name, table=model._meta.db_table)
    return TRIGGER.format(
        name=name,
        event=event,
        table=model._meta.db_table,
        kind=kind_of(model),
        rows=ROWS[event],
        changes=CHANGES[event].format(**_row_values(model)),
    )


def _row_values(model: type[Model]) -> dict[str, str]:
    recorded = recorded_columns(model)
    fields = model._meta.local_concrete_fields
    omitted = ",".join(str(field.column) for field in fields if field.column not in recorded)
    minus = f" - '{{{omitted}}}'::text[]" if omitted else ""
    quiet = quiet_columns(model)
    values = {"quiet": ",".join(quiet)}
    for time in ["old", "new"]:
        row = f"{time}_row"
        kind, key = record_sql(model, row, "::text")
        values |= {
            f"{time}_pk": f'{row}."{pk_column(model)}"',
            f"{time}_record_kind": kind,
            f"{time}_record_key": key,
            row: f"to_jsonb({row}){minus}",
        }
    compared = [column for column in recorded if column not in quiet]
    old, new = (
        ", ".join(f'{time}_row."{column}"' for column in compared) for time in ["old", "new"]
    )
    return values | {"different": f"ROW({old}) IS DISTINCT FROM ROW({new})"}
