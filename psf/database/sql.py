"""SQL that querysets cannot express, made of parts of querysets, or that differs by database."""

import json
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice
from threading import local
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.db.models.expressions import RawSQL

from psf.environment import REPLICA

Variant = TypeVar("Variant")


def for_database(
    variants: Mapping[str, Variant], used: BaseDatabaseWrapper = connection
) -> Variant:
    """The variant of the database: everything that differs by database is chosen here."""
    return variants[used.vendor]


class SqliteDialect:
    """Parts of statements of one database: braces for SQL, percent signs for parameters."""

    joined_keys = "GROUP_CONCAT({})"  # the keys of a column, with commas
    # The name and the table of each trigger; the project created all of them.
    existing_triggers = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    drop_trigger = 'DROP TRIGGER "{name}"'
    is_read_only = "PRAGMA query_only"
    begin_writing = "BEGIN IMMEDIATE"  # fails unless the connection may write now
    # Statements before the locking of rows: a save waits longer than a page, for ten people who
    # save one record at the same time. SQLite has one writer at a time.
    extend_timeouts: tuple[str, ...] = ()

    def keys_query(self, values: list[Any], db_type: str) -> tuple[str, list[Any]]:
        """A query for keys of this type, and its parameter, however many the keys are."""
        return "SELECT value FROM json_each(%s)", [json.dumps(values)]

    def refuse_updates(self, table: str, name: str, message: str) -> list[str]:
        """The statements that create a trigger `name` against updates of a table."""
        return [
            f"""CREATE TRIGGER {name} BEFORE UPDATE ON {table}
            BEGIN SELECT RAISE(ABORT, '{message}'); END"""
        ]


class PostgresqlDialect:
    """See `SqliteDialect`."""

    joined_keys = "STRING_AGG(CAST({} AS text), ',')"
    existing_triggers = """
        SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace
    """
    drop_trigger = 'DROP TRIGGER "{name}" ON "{table}"'
    is_read_only = "SHOW transaction_read_only"
    begin_writing = "BEGIN READ WRITE"
    # For the rest of the transaction. PostgreSQL counts a wait as time of the statement too.
    extend_timeouts = (
        """
        SELECT set_config('lock_timeout', '10s', true),
            set_config('statement_timeout', CASE
                WHEN current_setting('statement_timeout') = '0' THEN '0'
                ELSE extract(epoch FROM current_setting('statement_timeout')::interval)::int
                    + 10 || 's'
            END, true)
        WHERE current_setting('lock_timeout') <> '10s'
        """,
    )

    def keys_query(self, values: list[Any], db_type: str) -> tuple[str, list[Any]]:
        # Of numbers as one text, which PostgreSQL reads in a tenth of the time.
        numbers = all(isinstance(value, int) for value in values)
        array = f"{{{','.join(map(str, values))}}}" if numbers else values
        return f"SELECT unnest(%s::{db_type}[])", [array]

    def refuse_updates(self, table: str, name: str, message: str) -> list[str]:
        return [
            f"""CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS $$
            BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = '23514'; END
            $$ LANGUAGE plpgsql""",
            f"""CREATE TRIGGER {name} BEFORE UPDATE ON {table}
            FOR EACH ROW EXECUTE FUNCTION {name}()""",
        ]


Dialect = SqliteDialect | PostgresqlDialect
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


# A request that saves nothing waits this long for a lock, as with `lock_timeout` of PostgreSQL.
READING_SECONDS = 3

Item = TypeVar("Item")


def chunked(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of at most this size."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def fetch_all(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def read_rows(sql: str, params: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of `fetch_all()` one by one, for results that would take much memory."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        yield from cursor


def count_rows() -> dict[str, int]:
    """The number of rows of each table."""
    return {
        name: fetch_all(f'SELECT count(*) FROM "{name}"', [])[0][0]
        for name in connection.introspection.table_names()
    }


@contextmanager
def waiting_at_most(seconds: int) -> Iterator[None]:
    """Limit the wait for another connection that writes to the SQLite file.

    PostgreSQL locks rows only.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        (milliseconds,) = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {seconds * 1000}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {milliseconds}")


def aggregate_keys(column: str) -> str:
    """The SQL of all keys in a column as one text for `parse_keys()`, faster than rows."""
    return for_database(DIALECTS).joined_keys.format(column)


def parse_keys(keys: str | None) -> Sequence[int]:
    return array("I", [*map(int, keys.split(","))] if keys else [])


def in_keys(model: Any, keys: Iterable[Any]) -> RawSQL:
    """Keys of a model to look for with `__in`: one parameter, however many they are.

    Django takes longer to prepare thousands one by one than a database to find them.
    """
    pk = model._meta.pk
    return in_values([*map(pk.to_python, keys)], pk.db_type(connection))


def in_values(values: list[Any], db_type: str) -> RawSQL:
    """Values of a type to look for with `__in`, as one parameter."""
    return RawSQL(*for_database(DIALECTS).keys_query(values, db_type))


def delete_keys(model: type[Model], keys: Iterable[Any]) -> None:
    """Delete the rows alone: no related rows, no signals."""
    table, key, selected = model._meta.db_table, model._meta.pk.column, in_keys(model, keys)
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{table}" WHERE "{key}" IN ({selected.sql})', selected.params)


_replaced = local()


def use_database(alias: str) -> None:
    """From now on, this thread asks the primary ("default") or the replica ("replica")."""
    if connection.alias == alias:
        return
    if alias == REPLICA:
        _replaced.primary = connections[DEFAULT_DB_ALIAS]
        connections[DEFAULT_DB_ALIAS] = connections[REPLICA]
    else:
        connections[DEFAULT_DB_ALIAS] = _replaced.primary
