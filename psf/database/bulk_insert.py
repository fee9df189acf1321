"""Inserts many rows, faster than `bulk_create()`."""

from collections.abc import Iterable, Iterator, Sequence
from types import NoneType
from typing import Any, TypeAlias, TypeVar

from django.db import connection, models, transaction

from psf.database.dialects import DIALECTS
from psf.database.sql import chunked, fetch_all

Record = TypeVar("Record", bound=models.Model)
Column: TypeAlias = "models.Field[Any, Any]"

ROWS_A_STATEMENT = 500  # with at most sixty columns: SQLite accepts 32 766 values
# Types that both databases accept without conversion, except in JSON fields.
PLAIN = {str, int, bool, NoneType}


@transaction.atomic(savepoint=False)
def bulk_insert(records: Iterable[Record]) -> list[Record]:
    """Insert new records of one model, and give a key to each record without one.

    The values must have the types that the fields return.
    """
    rows = list(records)
    assign_keys([row for row in rows if row.pk is None])
    quote = connection.ops.quote_name
    for chunk in chunked(rows, ROWS_A_STATEMENT):
        fields = chunk[0]._meta.local_concrete_fields
        DIALECTS[connection.vendor].insert(
            quote(chunk[0]._meta.db_table),
            [quote(str(field.column)) for field in fields],
            [_values(field, chunk) for field in fields],
        )
    return rows


def assign_keys(rows: Sequence[models.Model]) -> None:
    """Give new records of one model their keys."""
    if not rows:
        return
    for row, key in zip(rows, reserve_keys(type(rows[0]), len(rows)), strict=True):
        row.pk = key


def reserve_keys(model: type[models.Model], number: int) -> Iterator[int]:
    """Keys for new records. On SQLite they are reserved once the records are inserted."""
    rows = fetch_all(DIALECTS[connection.vendor].new_keys, [model._meta.db_table, number])
    return (key for (key,) in rows)


def _values(field: Column, rows: Sequence[models.Model]) -> list[Any]:
    """The values of one field as the database accepts them."""
    values = [field.pre_save(row, add=True) for row in rows]
    if not isinstance(field, models.JSONField) and {*map(type, values)} <= PLAIN:
        return values
    return [field.get_db_prep_save(value, connection) for value in values]
