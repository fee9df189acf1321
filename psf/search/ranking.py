"""The records that match a text, and their order: the rank of a match, best first."""

from typing import Any, Self, cast

from django.db.models import Case, IntegerField, Value, When
from django.db.models.expressions import RawSQL

from psf.database.keysets import KeySet, keyset
from psf.database.sql import aggregate_keys, fetch_all, parse_keys
from psf.search.document import Field
from psf.search.index import Index, try_update
from psf.search.query import Query, parse_query
from psf.search.storage import current_engine

# The fields that contain all terms, and whether whole words must match.
Rank = tuple[list[Field], bool]
ALL_MATCHES: Rank = ([*Field], False)
# The ranks before all other matches, best first.
RANKS: list[Rank] = [
    ([Field.TITLE], True),
    ([Field.TITLE], False),
    ([Field.TITLE, Field.NAMES], True),
    ([Field.TITLE, Field.NAMES], False),
    ([Field.TITLE, Field.NAMES, Field.SUMMARY], False),
]


class Searched:
    """The search of a queryset of records with an index."""

    index: Index

    def found_by(self, text: str) -> Self:
        """The records that have all words of a text. An empty text matches all of them."""
        query, rows = parse_query(text), cast(Any, self)
        if not query.is_empty():
            try_update()
        if query.required:
            rows = rows.filter(pk__in=self._keys(current_engine().condition(query, Field)))
        elif query.excluded:
            rows = rows.exclude(pk__in=self._keys(current_engine().excluded_condition(query)))
        return cast(Self, rows)

    def best_first(self, text: str) -> Self:
        """Order matching records by rank, then by their own order."""
        query, rows = parse_query(text), cast(Any, self)
        if not query.required:
            return self
        ranks = [
            When(pk__in=self._keys(current_engine().condition(query, *rank)), then=Value(place))
            for place, rank in enumerate(RANKS)
        ]
        order = Case(*ranks, default=Value(len(RANKS)), output_field=IntegerField())
        own_order = rows.query.order_by or rows.model._meta.ordering
        return cast(Self, rows.order_by(order, *own_order))

    def _keys(self, condition: str) -> RawSQL:
        return RawSQL(current_engine().matching_keys_sql(self.index.table), [condition])


def matching_keys(index: Index, query: Query, within: KeySet, ranked: bool = False) -> list[KeySet]:
    """Return the matching keys of the key set `within`: by rank if `ranked`, else as one set.

    The query must not be empty. A stale index is updated first.
    """
    try_update()
    if not query.required:
        return [within & ~_read_key_set(index, current_engine().excluded_condition(query))]
    groups = []
    for rank in [*(RANKS if ranked else []), ALL_MATCHES]:
        found = _read_key_set(index, current_engine().condition(query, *rank))
        groups.append(within & found)
        within &= ~found
    return groups


def _read_key_set(index: Index, condition: str) -> KeySet:
    keys_sql = current_engine().matching_keys_sql(index.table)
    sql = f"SELECT {aggregate_keys('record')} FROM ({keys_sql}) AS records"
    [(text,)] = fetch_all(sql, [condition])
    return keyset(parse_keys(text))
