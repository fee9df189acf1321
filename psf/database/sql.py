"""SQL that querysets cannot express, made of parts of querysets."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from threading import local
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models.expressions import RawSQL

from psf.database.dialects import DIALECTS, for_database

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


def delete_keys(model: Any, keys: Iterable[Any]) -> None:
    """Delete the rows alone: no related rows, no signals."""
    table, key, selected = model._meta.db_table, model._meta.pk.column, in_keys(model, keys)
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{table}" WHERE "{key}" IN ({selected.sql})', selected.params)


REPLICA = "replica"
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
