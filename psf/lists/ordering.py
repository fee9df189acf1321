"""Orders lists that are key sets. Only the requested page is sorted."""

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import compress, islice
from typing import Any, NamedTuple

from django.db.models import F, QuerySet

from psf.caching.memo import cached_until_change
from psf.database.keysets import flags_of, keys_of
from psf.database.prepared import Prepared, compile_queryset
from psf.database.sql import aggregate_keys, fetch_all, given_keys, parse_keys
from psf.followed_values.changes import Changes
from psf.followed_values.followed import Followed

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
    keys = parse_keys(text)
    places = array("I", [0]) * (max(keys, default=0) + 1)
    for place, key in enumerate(keys):
        places[key] = place
    return Order(keys, places)


def sort_keys(rows: Callable[[], QuerySet]) -> Prepared:
    """Return a query for the keys of a few rows, in the order of the rows."""

    def sorted_rows() -> QuerySet:
        result = rows()
        return result.filter(pk__in=given_keys(result.model)).values_list("pk")

    return Prepared(sorted_rows)


def renew_order(old: Order, sorted_keys: Prepared, changed: Collection[int]) -> Order | None:
    """Return the old order, or None if one of the changed records has another place or none.

    `sorted_keys` sorts the keys of changed records and of their neighbours.
    """
    if len(changed) > MAX_COMPARED:
        return None
    places = {place for key in changed for place in _places_around(old, key)}
    before = [old.keys[place] for place in sorted(places)]
    now = [key for (key,) in sorted_keys.of({*before, *changed})]
    return old if now == before else None


def _places_around(order: Order, key: int) -> range:
    """Return the places of a key and of its neighbours. A key outside the order has none."""
    place = order.places[key] if key < len(order.places) else 0
    if place >= len(order.keys) or order.keys[place] != key:
        return range(0)
    return range(max(place - 1, 0), min(place + 2, len(order.keys)))


_orders: dict[str, Followed[Order]] = {}


def cached_order(
    name: str, rows: Callable[[], QuerySet], changed: Callable[[Changes], Collection[int]]
) -> Order:
    """Return the cached order of rows. The name identifies the rows and their order.

    No two rows may be equal in the order. `changed` returns the keys of the records whose place
    may differ after changes.
    """
    if name not in _orders:
        sorted_keys = sort_keys(rows)
        _orders[name] = Followed(
            lambda at: read_order(rows()),
            lambda old, changes: renew_order(old, sorted_keys, changed(changes)),
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
