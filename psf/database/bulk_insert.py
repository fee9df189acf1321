"""Adding many rows: what `bulk_create()` does, whose statements take longer to say than to run."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import chain
from types import NoneType
from typing import Any, TypeVar, cast

from django.db import connection, models, transaction

from psf.database.sql import chunked, fetch_all

Record = TypeVar("Record", bound=models.Model)

ROWS_A_STATEMENT = 500  # of sixty columns at most: SQLite takes 32 766 values
# What both databases take as it is, in every field but those of JSON.
PLAIN = {str, int, bool, NoneType}
# So many numbers that a table never had as keys.
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
    """Add new records of one model, whose values have the types that their fields give back.

    A record without a key gets one.
    """
    rows = list(records)
    assign_keys([row for row in rows if row.pk is None])
    add = {"sqlite": _insert, "postgresql": _copy}[connection.vendor]
    for chunk in chunked(rows, ROWS_A_STATEMENT):
        fields = [*chunk[0]._meta.local_concrete_fields]
        add(chunk[0]._meta.db_table, fields, [_values(field, chunk) for field in fields])
    return rows


def assign_keys(rows: list[Any]) -> None:
    """Give new records of one model the keys that they will have."""
    if not rows:
        return
    for row, key in zip(rows, reserve_keys(type(rows[0]), len(rows)), strict=True):
        row.pk = key


def reserve_keys(model: Any, number: int) -> Iterator[int]:
    """Keys for so many new records: the next ones, once these are added."""
    found = fetch_all(NEW_KEYS[connection.vendor], [model._meta.db_table, number])
    return (key for (key,) in found)


def _values(field: Any, rows: list[Any]) -> list[Any]:
    """What the rows have in one field, as the database takes it."""
    values = [field.pre_save(row, add=True) for row in rows]
    if not isinstance(field, models.JSONField) and {*map(type, values)} <= PLAIN:
        return values
    return [field.get_db_prep_save(value, connection) for value in values]


def _names(fields: list[Any]) -> str:
    return ", ".join(connection.ops.quote_name(field.column) for field in fields)


def _insert(table: str, fields: list[Any], columns: list[list[Any]]) -> None:
    places = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(columns[0]))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {connection.ops.quote_name(table)} ({_names(fields)}) VALUES {places}",
            list(chain.from_iterable(zip(*columns, strict=True))),
        )


def _copy(table: str, fields: list[Any], columns: list[list[Any]]) -> None:
    """In the way of PostgreSQL, which reads no statement with thousands of values."""
    texts = ([*map(_text, column)] for column in columns)
    lines = "\n".join(map("\t".join, zip(*texts, strict=True)))
    sql = f"COPY {connection.ops.quote_name(table)} ({_names(fields)}) FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(sql, BytesIO(lines.encode()))


def _text(value: Any) -> str:
    """A value in the text format of COPY."""
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
