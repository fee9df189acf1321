"""Adding many rows: what `bulk_create()` does, whose statements take longer to say than to run."""

from collections.abc import Iterable
from itertools import chain
from types import NoneType
from typing import Any, TypeVar

from django.db import connection, models, transaction

from psf.sql import fetched

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
def add_many(records: Iterable[Record]) -> list[Record]:
    """Add new records of one model, whose values have the types that their fields give back.

    A record without a key gets one.
    """
    rows = list(records)
    give_keys([row for row in rows if row.pk is None])
    for start in range(0, len(rows), ROWS_A_STATEMENT):
        _insert(rows[start : start + ROWS_A_STATEMENT])
    return rows


def give_keys(rows: list[Any]) -> None:
    """Give new records of one model the keys that they will have."""
    if not rows:
        return
    keys = fetched(NEW_KEYS[connection.vendor], [rows[0]._meta.db_table, len(rows)])
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk = key


def _insert(rows: list[Any]) -> None:
    options, quote = rows[0]._meta, connection.ops.quote_name
    fields = options.local_concrete_fields
    values = zip(*(_values(field, rows) for field in fields), strict=True)
    names = ", ".join(quote(field.column) for field in fields)
    places = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(options.db_table)} ({names}) VALUES {places}",
            list(chain.from_iterable(values)),
        )


def _values(field: Any, rows: list[Any]) -> list[Any]:
    """What the rows have in one field, as the database takes it."""
    values = [field.pre_save(row, add=True) for row in rows]
    if not isinstance(field, models.JSONField) and {*map(type, values)} <= PLAIN:
        return values
    return [field.get_db_prep_save(value, connection) for value in values]
