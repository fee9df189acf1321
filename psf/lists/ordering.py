"""Orders lists that are key sets. Only the requested page is sorted."""

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import compress, islice
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet

from psf.caching.memo import cached_until_change
from psf.counts.changes import Changes
from psf.counts.followed import Followed
from psf.database.keysets import flags_of, keys_of
from psf.database.prepared import compile_queryset
from psf.database.sql import aggregate_keys, fetch_all, parse_keys

# The cost of sorting a key, relative to the cost of skipping a key.
SORT_COST = 8
# With more changed records an order is read again.
MAX_COMPARED = 5


class Order(NamedTuple):
    """An order of records: the key at each place, and the place of each key."""

    keys: Sequence[int]
    places: Sequence[int]


def read_order(rows: QuerySet) -> Order:
    """Return the order of the rows of a query."""
    # Both databases join the keys in the order of the rows.
    sql, params = compile_queryset(rows.values(record=F("pk")))
    [(text,)] = fetch_all(f"SELECT {aggregate_keys('record')} FROM ({sql}) AS in_order", params)
    keys = array("I", parse_keys(text))
    places = array("I", [0]) * (max(keys, default=0) + 1)
    for place, key in enumerate(keys):
        places[key] = place
    return Order(keys, places)


def renew_order(old: Order, rows: QuerySet, changed: Collection[int]) -> Order | None:
    """Return the old order, or None if one of the changed records has another place or none.

    The rows are ordered by names of columns without NULL, which differ in at least one column.
    """
    if len(changed) > MAX_COMPARED:
        return None
    fields = [str(field) for field in rows.query.order_by]
    names = [field.removeprefix("-") for field in fields]
    values = {key: row for key, *row in rows.filter(pk__in=changed).values_list("pk", *names)}
    for key in changed:
        place = old.places[key] if key < len(old.places) else 0
        has_place = place < len(old.keys) and old.keys[place] == key
        if has_place != (key in values):
            return None
        if has_place:
            earlier = rows.filter(_is_earlier(fields, values[key])).reverse()
            before = earlier.values_list("pk", flat=True).first()
            if before != (old.keys[place - 1] if place else None):
                return None
    return old


def _is_earlier(fields: list[str], values: list[Any]) -> Q:
    """The condition that a row comes before a row with these values."""
    condition, equal = Q(), dict[str, Any]()
    for field, value in zip(fields, values, strict=True):
        name, lookup = field.removeprefix("-"), "gt" if field.startswith("-") else "lt"
        condition |= Q(**equal, **{f"{name}__{lookup}": value})
        equal[name] = value
        if len(equal) == 1:  # the databases search an index by this condition alone
            bound = Q(**{f"{name}__{lookup}e": value})
    return bound & condition


_orders: dict[str, Followed[Order]] = {}


def cached_order(
    name: str, rows: Callable[[], QuerySet], changed: Callable[[Changes], Collection[int]]
) -> Order:
    """Return the cached order of rows. The name identifies the rows and their order.

    `changed` returns the keys of the records whose place may differ after changes.
    """
    if name not in _orders:
        _orders[name] = Followed(
            lambda at: read_order(rows()),
            lambda old, changes: renew_order(old, rows(), changed(changes)),
        )
    return cached_until_change(("order", name), _orders[name].current)


class OrderedPages(NamedTuple):
    """Groups of keys, each sorted by one order. `load` returns the records of keys.

    A record that was published after the order was built has no place. Such a record comes last
    in a small group and is omitted from a large group.
    """

    groups: Iterable[int]
    order: Order
    load: Callable[[list[int]], list[Any]]

    def __getitem__(self, part: slice) -> list[Any]:  # type: ignore[override]
        """Return the records of a slice with a start and a stop."""
        first, last, keys = part.start, part.stop, list[int]()
        for group in self.groups:
            size = group.bit_count()
            if first < size:
                keys += self._page_keys(group, size, max(first, 0), last)
            first, last = first - size, last - size
            if last <= 0:
                break
        return self.load(keys)

    def keys(self) -> Iterator[int]:
        """Return the keys of all groups in order."""
        for group in self.groups:
            size = group.bit_count()
            yield from self._page_keys(group, size, 0, size)

    def _page_keys(self, group: int, size: int, first: int, last: int) -> Iterable[int]:
        """Return the keys of a slice of a group: filter the order for a large group, else sort."""
        keys, places = self.order
        if last * len(keys) < SORT_COST * size * size:
            flags = flags_of(group, len(places))
            return islice(compress(keys, map(flags.__getitem__, keys)), first, last)
        return sorted(keys_of(group), key=self._place)[first:last]

    def _place(self, key: int) -> int:
        places = self.order.places
        return places[key] if key < len(places) else key
