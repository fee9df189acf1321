"""Querysets that are compiled once and executed with other values each time.

Django needs ten times longer to compile the queries of a page than the database to answer them.
A prepared query is made of ordinary querysets, so `public()` decides here too what readers see.
This is the only module that uses internals of Django; tests/psf/database/test_django_internals.py
names each of them.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable, get_related_populators
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from psf.database.parameters import NOW, Row, values_in_order
from psf.database.sql import fetch_all

# Makes records, or tuples of Python values, from rows.
Reader = Callable[[list[Row]], list[Any]]
Make = Callable[[], QuerySet[Any] | list[QuerySet[Any]]]


class Prepared:
    """A query with parameters, or several queries whose rows follow one another.

    `make` returns the queryset or the list of querysets. A call with a value for each parameter
    returns the result of the queryset: the tuples of `values_list()`, or records. Records have
    `select_related()` and annotations, but no `prefetch_related()`.
    A query with `has_moments` may contain constant moments.
    """

    def __init__(self, make: Make, has_moments: bool = False) -> None:
        self._make, self._has_moments = make, has_moments

    def __call__(self, **values: Any) -> list[Any]:
        """Raises ValueError if the query contains a constant moment without `has_moments`."""
        sql, params, read = self._compiled
        values = {NOW.value: timezone.now(), **values}
        return read(fetch_all(sql, values_in_order(params, values)))

    def of(self, keys: Collection[Any], **values: Any) -> list[Any]:
        """The result of a query with `sql.given_keys()` for these keys; [] without keys."""
        return self(keys=keys, **values) if keys else []

    def one(self, **values: Any) -> Any:
        """The first record, or None."""
        return next(iter(self(**values)), None)

    @cached_property
    def _compiled(self) -> tuple[str, list[Any], Reader]:
        result = self._make()
        querysets = result if isinstance(result, list) else [result]
        # SQL is written even for a query without any possible row.
        compilers = [
            queryset.query.get_compiler(connection=connection, elide_empty=False)
            for queryset in querysets
        ]
        compiled = [compiler.as_sql() for compiler in compilers]
        sql = " UNION ALL ".join(f"SELECT * FROM ({sql}) AS part" for sql, _params in compiled)
        params = [param for _sql, params in compiled for param in params]
        if not self._has_moments and any(is_moment(param) for param in params):
            raise ValueError("A prepared query must not contain a moment: use a parameter.")
        if len(compiled) == 1:
            sql = compiled[0][0]
        return sql, params, build_reader(querysets[0], compilers[0])


def is_moment(param: object) -> bool:
    return isinstance(param, datetime) or (isinstance(param, str) and bool(parse_datetime(param)))


def build_reader(queryset: Any, compiler: Any) -> Reader:
    """Makes records, or tuples of Python values, from the rows of a compiled query."""
    converters = compiler.get_converters([column for column, _sql, _alias in compiler.select])
    is_of_records = issubclass(queryset._iterable_class, ModelIterable)
    build = _record_builder(compiler) if is_of_records else tuple

    def read(rows: list[Row]) -> list[Any]:
        # The connection of the compiler may belong to another thread; only its kind matters.
        converted = compiler.apply_converters(rows, converters) if converters else rows
        return [build(row) for row in converted]

    return read


def _record_builder(compiler: Any) -> Callable[[Row], Model]:
    """Builds a record from a row, as Django's own querysets do."""
    info, select = compiler.klass_info, compiler.select
    first, last = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [column.target.attname for column, _sql, _alias in select[first:last]]
    populators = get_related_populators(info, select, connection.alias)  # type: ignore[call-arg]
    annotations = compiler.annotation_col_map.items()

    def build(row: Row) -> Model:
        record: Model = info["model"].from_db(connection.alias, names, row[first:last])
        for populator in populators:
            populator.populate(row, record)
        for name, place in annotations:
            setattr(record, name, row[place])
        return record

    return build


def attach(record: Model, relation: str, rows: list[Any]) -> None:
    """Store related rows in the record, as `prefetch_related()` does."""
    record.__dict__.setdefault("_prefetched_objects_cache", {})[relation] = rows
