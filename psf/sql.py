"""Statements that Django's queries cannot say, made of parts that they can."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import QuerySet


def compiled(rows: QuerySet) -> tuple[str, tuple[Any, ...]]:
    """The SQL of a query and its parameters, even of one that can find nothing."""
    compiler = rows.query.get_compiler(connection=connection, elide_empty=False)
    return compiler.as_sql()


def fetched(sql: str, params: Iterable[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        return cursor.fetchall()


def counts_of(queries: dict[str, QuerySet]) -> dict[str, int]:
    """How many rows each of the queries finds, in one statement."""
    parts = {name: compiled(rows.order_by()) for name, rows in queries.items()}
    columns = ", ".join(f"(SELECT COUNT(*) FROM ({sql}) AS found)" for sql, _ in parts.values())
    params = [value for _, values in parts.values() for value in values]
    return dict(zip(parts, fetched(f"SELECT {columns}", params)[0], strict=True))
