"""Querysets that are compiled once and executed with other values each time.

Django needs ten times longer to compile the queries of a page than the database to answer them.
A prepared query is made of ordinary querysets, so `public()` decides here too what readers see.
This is the only module that uses internals of Django; tests/psf/database/test_django_internals.py
names each of them.
"""

from collections.abc import Callable, Collection
from copy import copy
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet
from django.utils import timezone

from psf.database.parameters import NOW, values_in_order
from psf.database.sql import fetch_all


class Prepared:
    """A query with parameters, or several queries whose rows follow one another.

    `make` returns the queryset or the list of querysets. A call with a value for each parameter
    returns the result of the queryset: the tuples of `values_list()`, or records. Records have
    `select_related()` and annotations, but no `prefetch_related()`. A moment in the query would
    stay as it was at the first call: use the parameter `NOW`.
    """

    def __init__(self, make: Callable[[], QuerySet[Any] | list[QuerySet[Any]]]) -> None:
        self._make = make

    def __call__(self, **values: Any) -> list[Any]:
        sql, params, queryset, compiler = self._compiled
        values = {NOW.value: timezone.now(), **values}
        rows = fetch_all(sql, values_in_order(params, values))
        # The connection of the compiler may belong to another thread; only its kind matters.
        answered = copy(compiler)
        answered.execute_sql = lambda *args, **kwargs: [rows]
        query = SimpleNamespace(get_compiler=lambda *args, **kwargs: answered)
        source = SimpleNamespace(db=connection.alias, query=query, _known_related_objects={})
        return list(queryset._iterable_class(source))

    def of(self, keys: Collection[Any], **values: Any) -> list[Any]:
        """The result of a query with `sql.given_keys()` for these keys; [] without keys."""
        return self(keys=keys, **values) if keys else []

    def one(self, **values: Any) -> Any:
        """The first record, or None."""
        return next(iter(self(**values)), None)

    @cached_property
    def _compiled(self) -> tuple[str, list[Any], Any, Any]:
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
        if len(compiled) == 1:
            sql = compiled[0][0]
        return sql, params, querysets[0], compilers[0]


def attach(record: Model, relation: str, rows: list[Any]) -> None:
    """Store related rows in the record, as `prefetch_related()` does."""
    record.__dict__.setdefault("_prefetched_objects_cache", {})[relation] = rows
