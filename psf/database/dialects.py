"""The SQL that differs between the databases."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar, Protocol, TypeVar

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

Variant = TypeVar("Variant")


def for_database(
    variants: Mapping[str, Variant], used: BaseDatabaseWrapper = connection
) -> Variant:
    """The variant of the database: everything that differs by database is chosen here."""
    return variants[used.vendor]


class Dialect(Protocol):
    """Parts of statements of one database: braces for SQL, percent signs for parameters."""

    joined_keys: str  # the keys of a column, with commas
    existing_triggers: str  # the name and the table of each; the project created all of them
    drop_trigger: str
    is_read_only: str
    # Statements that fail unless the connection may write now.
    begin_writing: list[str]
    # Statements before the locking of rows: a save waits longer than a page, for ten people who
    # save one record at the same time.
    extend_timeouts: ClassVar[list[str]]

    def keys_query(self, values: list[Any], db_type: str) -> tuple[str, list[Any]]:
        """Return a query for keys of this type, and its parameter, however many the keys are."""

    def refuse_updates(self, table: str, name: str, message: str) -> list[str]:
        """Return the statements that create a trigger `name` against updates of a table."""


class SqliteDialect:
    """See `Dialect`."""

    joined_keys = "GROUP_CONCAT({})"
    existing_triggers = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    drop_trigger = 'DROP TRIGGER "{name}"'
    is_read_only = "PRAGMA query_only"
    begin_writing = ["PRAGMA busy_timeout = 1000", "BEGIN IMMEDIATE"]
    extend_timeouts: ClassVar[list[str]] = []  # one writer at a time

    def keys_query(self, values: list[Any], db_type: str) -> tuple[str, list[Any]]:
        return "SELECT value FROM json_each(%s)", [json.dumps(values)]

    def refuse_updates(self, table: str, name: str, message: str) -> list[str]:
        return [
            f"""CREATE TRIGGER {name} BEFORE UPDATE ON {table}
            BEGIN SELECT RAISE(ABORT, '{message}'); END"""
        ]


class PostgresqlDialect:
    """See `Dialect`."""

    joined_keys = "STRING_AGG(CAST({} AS text), ',')"
    existing_triggers = """
        SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace
    """
    drop_trigger = 'DROP TRIGGER "{name}" ON "{table}"'
    is_read_only = "SHOW transaction_read_only"
    begin_writing = ["BEGIN READ WRITE"]
    # For the rest of the transaction. PostgreSQL counts a wait as time of the statement too.
    extend_timeouts: ClassVar[list[str]] = [
        """
        SELECT set_config('lock_timeout', '10s', true),
            set_config('statement_timeout', CASE
                WHEN current_setting('statement_timeout') = '0' THEN '0'
                ELSE extract(epoch FROM current_setting('statement_timeout')::interval)::int
                    + 10 || 's'
            END, true)
        WHERE current_setting('lock_timeout') <> '10s'
        """
    ]

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


DIALECTS: dict[str, Dialect] = {"sqlite": SqliteDialect(), "postgresql": PostgresqlDialect()}


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
