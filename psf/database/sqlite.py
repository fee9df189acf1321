"""The SQL of SQLite where it differs from PostgreSQL."""

import json
import re
from functools import lru_cache
from typing import Any


def add_functions(connection: Any, **kwargs: Any) -> None:
    """Receiver of `connection_created`: SQLite itself ignores the case of ASCII letters only."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("like", 3, _like, deterministic=True)
        connection.connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(text: str | None) -> str | None:
    return text and text.lower()


def _like(pattern: str, text: object, escape: str) -> bool | None:
    return None if text is None else _like_regex(pattern, escape).match(str(text)) is not None


@lru_cache(maxsize=100)
def _like_regex(pattern: str, escape: str) -> re.Pattern[str]:
    wildcards = {"%": ".*", "_": "."}
    parts = re.findall(f"{re.escape(escape)}.|.", pattern, re.DOTALL)
    regex = "".join(wildcards.get(part) or re.escape(part[-1]) for part in parts)
    return re.compile(rf"{regex}\Z", re.IGNORECASE | re.DOTALL)


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
