"""The SQL of SQLite where it differs from PostgreSQL."""

import json
from typing import Any


class SqliteDialect:
    """See `Dialect`."""

    joined_keys = "GROUP_CONCAT({})"
    running_transactions = ""
    existing_triggers = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    drop_trigger = 'DROP TRIGGER "{name}"'
    is_read_only = "PRAGMA query_only"
    begin_writing = ["PRAGMA busy_timeout = 1000", "BEGIN IMMEDIATE"]
    # The default cache (2 MB) is too small for indexes in another order than the rows.
    enlarge_cache = ["PRAGMA cache_size = -400000"]

    def keys_query(self, values: list[Any], db_type: str) -> tuple[str, list[Any]]:
        return "SELECT value FROM json_each(%s)", [json.dumps(values)]

    def refuse_updates(self, table: str, name: str, message: str) -> list[str]:
        return [
            f"""CREATE TRIGGER {name} BEFORE UPDATE ON {table}
            BEGIN SELECT RAISE(ABORT, '{message}'); END"""
        ]
