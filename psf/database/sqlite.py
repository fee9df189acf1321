"""The SQL of SQLite where it differs from PostgreSQL."""

import json
from collections.abc import Sequence
from itertools import chain
from typing import Any

from django.db import connection


class SqliteDialect:
    """See `Dialect`."""

    joined_keys = "GROUP_CONCAT({})"
    key_only_table = "WITHOUT ROWID"
    running_transactions = ""
    existing_triggers = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    drop_trigger = 'DROP TRIGGER "{name}"'
    is_read_only = "PRAGMA query_only"
    begin_writing = ["PRAGMA busy_timeout = 1000", "BEGIN IMMEDIATE"]
    new_keys = """
        SELECT number + coalesce((SELECT seq FROM sqlite_sequence WHERE name = %s), 0) FROM (
            WITH RECURSIVE numbers (number) AS (
                SELECT 1 UNION ALL SELECT number + 1 FROM numbers LIMIT %s
            )
            SELECT number FROM numbers
        )
    """

    def keys_query(self, values: list[Any], db_type: str) -> tuple[str, list[Any]]:
        return "SELECT value FROM json_each(%s)", [json.dumps(values)]

    def refuse_updates(self, table: str, name: str, message: str) -> list[str]:
        return [
            f"""CREATE TRIGGER {name} BEFORE UPDATE ON {table}
            BEGIN SELECT RAISE(ABORT, '{message}'); END"""
        ]

    def insert(self, table: str, columns: Sequence[str], values: Sequence[Sequence[Any]]) -> None:
        placeholders = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(values[0]))
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {placeholders}"
        with connection.cursor() as cursor:
            cursor.execute(sql, list(chain.from_iterable(zip(*values, strict=True))))
