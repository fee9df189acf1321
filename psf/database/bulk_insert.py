"""Inserts many rows, faster than `bulk_create()`."""

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import chain
from types import NoneType
from typing import Any, TypeAlias, TypeVar, cast

from django.db import connection, models, transaction

from psf.database.sql import chunked, fetch_all

Record = TypeVar("Record", bound=models.Model)
Column: TypeAlias = "models.Field[Any, Any]"

ROWS_A_STATEMENT = 500  # with at most sixty columns: SQLite accepts 32 766 values
# Types that both databases accept without conversion, except in JSON fields.
PLAIN = {str, int, bool, NoneType}
# A number of keys that the table has never used.
NEW_KEYS = {
    "sqlite": """
        SELECT number + coalesce((SELECT seq FROM sqlite_sequence WHERE name = %s), 0) FROM (
            WITH RECURSIVE numbers (number) AS (
                SELECT 1 UNION ALL SELECT number + 1 FROM numbers LIMIT %s
            )
            SELECT number FROM numbers
        )
    """,
    "postgresql": """
        SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)
    """,
}


@transaction.atomic(savepoint=False)
def bulk_insert(records: Iterable[Record]) -> list[Record]:
    """Insert new records of one model, and give a key to each record without one.

    The values must have the types that the fields return.
    """
    rows = list(records)
    assign_keys([row for row in rows if row.pk is None])
    insert = {"sqlite": _insert, "postgresql": _copy}[connection.vendor]
    for chunk in chunked(rows, ROWS_A_STATEMENT):
        fields = [*chunk[0]._meta.local_concrete_fields]
        insert(chunk[0]._meta.db_table, fields, [_values(field, chunk) for field in fields])
    return rows


def assign_keys(rows: Sequence[models.Model]) -> None:
    """Give new records of one model their keys."""
    if not rows:
        return
    for row, key in zip(rows, reserve_keys(type(rows[0]), len(rows)), strict=True):
        row.pk = key


def reserve_keys(model: type[models.Model], number: int) -> Iterator[int]:
    """Keys for new records. On SQLite they are reserved once the records are inserted."""
    rows = fetch_all(NEW_KEYS[connection.vendor], [model._meta.db_table, number])
    return (key for (key,) in rows)


def _values(field: Column, rows: Sequence[models.Model]) -> list[Any]:
    """The values of one field as the database accepts them."""
    values = [field.pre_save(row, add=True) for row in rows]
    if not isinstance(field, models.JSONField) and {*map(type, values)} <= PLAIN:
        return values
    return [field.get_db_prep_save(value, connection) for value in values]


def _names(fields: list[Column]) -> str:
    return ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)


def _insert(table: str, fields: list[Column], columns: list[list[Any]]) -> None:
    placeholders = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(columns[0]))
    sql = f"INSERT INTO {connection.ops.quote_name(table)} ({_names(fields)}) VALUES {placeholders}"
    with connection.cursor() as cursor:
        cursor.execute(sql, list(chain.from_iterable(zip(*columns, strict=True))))


def _copy(table: str, fields: list[Column], columns: list[list[Any]]) -> None:
    """Insert with COPY: PostgreSQL is slow to parse statements with thousands of values."""
    texts = ([*map(_text, column)] for column in columns)
    lines = "\n".join(map("\t".join, zip(*texts, strict=True)))
    sql = f"COPY {connection.ops.quote_name(table)} ({_names(fields)}) FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(sql, BytesIO(lines.encode()))


def _text(value: object) -> str:
    """The value in the text format of COPY."""
    if value is None:
        return r"\N"
    if type(value) not in PLAIN:
        driver = cast(Any, connection).Database
        if isinstance(value, driver.Binary):
            value = f"\\x{bytes(value.adapted).hex()}"
        elif isinstance(value, driver.extras.Json):
            value = value.dumps(value.adapted)
    text = str(value).replace("\\", r"\\").replace("\t", r"\t")
    return text.replace("\n", r"\n").replace("\r", r"\r")
