"""The SQL of PostgreSQL where it differs from SQLite."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, cast

from django.db import connection


class PostgresqlDialect:
    """See `Dialect`."""

    joined_keys = "STRING_AGG(CAST({} AS text), ',')"
    key_only_table = ""
    running_transactions = """
        SELECT CAST(CAST(pg_snapshot_xmin(now) AS text) AS bigint),
            CAST(CAST(pg_snapshot_xmax(now) AS text) AS bigint)
        FROM pg_current_snapshot() AS now
    """
    existing_triggers = """
        SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace
    """
    drop_trigger = 'DROP TRIGGER "{name}" ON "{table}"'
    is_read_only = "SHOW transaction_read_only"
    begin_writing = ["BEGIN READ WRITE"]
    new_keys = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"

    def keys_query(self, values: list[Any], db_type: str) -> tuple[str, list[Any]]:
        # Of numbers as one text, which PostgreSQL reads in a tenth of the time.
        numbers = all(isinstance(value, int) for value in values)
        given = f"{{{','.join(map(str, values))}}}" if numbers else values
        return f"SELECT unnest(%s::{db_type}[])", [given]

    def refuse_updates(self, table: str, name: str, message: str) -> list[str]:
        return [
            f"""CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS $$
            BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = '23514'; END
            $$ LANGUAGE plpgsql""",
            f"""CREATE TRIGGER {name} BEFORE UPDATE ON {table}
            FOR EACH ROW EXECUTE FUNCTION {name}()""",
        ]

    def insert(self, table: str, columns: Sequence[str], values: Sequence[Sequence[Any]]) -> None:
        """Insert with COPY: PostgreSQL is slow to parse statements with thousands of values."""
        texts = ([*map(_copy_text, column)] for column in values)
        lines = "\n".join(map("\t".join, zip(*texts, strict=True)))
        sql = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with connection.cursor() as cursor, connection.wrap_database_errors:
            cursor.copy_expert(sql, BytesIO(lines.encode()))


def _copy_text(value: object) -> str:
    """The value in the text format of COPY."""
    if value is None:
        return r"\N"
    driver = cast(Any, connection).Database
    if isinstance(value, driver.Binary):
        value = f"\\x{bytes(value.adapted).hex()}"
    elif isinstance(value, driver.extras.Json):
        value = value.dumps(value.adapted)
    text = str(value).replace("\\", r"\\").replace("\t", r"\t")
    return text.replace("\n", r"\n").replace("\r", r"\r")
