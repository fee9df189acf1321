"""The triggers of the history on SQLite."""

from django.db.models import Model

from psf.history.row_sql import pk_column, record_sql
from psf.history.tracking import kind_of, quiet_columns, recorded_columns

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
SETUP = [
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

EVENTS = ["INSERT", "UPDATE", "DELETE"]
ENTER = "INSERT INTO history_current (change_set_id) VALUES (%s)"
LEAVE = "DELETE FROM history_current"


def create_trigger(model: type[Model], name: str, event: str) -> str:
    """Return the statement that creates the trigger of a table for an event."""
    values = {"kind": f"'{kind_of(model)}'"}
    if event != "INSERT":
        values |= _row_values(model, "OLD", "before")
    if event != "DELETE":
        values |= _row_values(model, "NEW", "after")
    if event == "UPDATE":
        values["quiet"] = f"',{','.join(quiet_columns(model))},'"
    return (
        f'CREATE TRIGGER "{name}" AFTER {event} ON "{model._meta.db_table}" BEGIN '
        f"INSERT INTO history_told ({', '.join(values)}) VALUES ({', '.join(values.values())});"
        " END"
    )


def _row_values(model: type[Model], row: str, time: str) -> dict[str, str]:
    """Return SQL for the key, the record and the columns of a row, by column of the view."""
    kind, key = record_sql(model, row)
    pairs = [f"'{column}', {row}.\"{column}\"" for column in recorded_columns(model)]
    return {
        f"key_{time}": f'{row}."{pk_column(model)}"',
        f"record_kind_{time}": kind,
        f"record_key_{time}": key,
        time: f"json_object({', '.join(pairs)})",
    }
