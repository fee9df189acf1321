"""Orders lists that are key sets. Only the requested page is sorted."""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import compress, islice
from typing import Any, NamedTuple

from django.db.models import F, QuerySet

from psf.caching.memo import Incremental, cached_until_change
from psf.database.keysets import flags_of, keys_of
from psf.database.prepared import compile_queryset
from psf.database.sql import aggregate_keys, fetch_all, parse_keys

# The cost of sorting a key, relative to the cost of skipping a key.
SORT_COST = 8


class Order(NamedTuple):
    """An order of records: the key at each place, the place of each key, and a digest."""

    keys: Sequence[int]
    places: Sequence[int]
    digest: bytes = b""


def build_order(rows: QuerySet, previous: Order | None = None) -> Order:
    """Return the order of the rows of a query, or the previous order if nothing has changed."""
    # Both databases join the keys in the order of the rows.
    sql, params = compile_queryset(rows.values(record=F("pk")))
    [(text,)] = fetch_all(f"SELECT {aggregate_keys('record')} FROM ({sql}) AS in_order", params)
    digest = sha256((text or "").encode()).digest()
    if previous and previous.digest == digest:
        return previous
    keys = array("I", parse_keys(text))
    places = array("I", [0]) * (max(keys, default=0) + 1)
    for place, key in enumerate(keys):
        places[key] = place
    return Order(keys, places, digest)


_latest: defaultdict[str, Incremental[Order]] = defaultdict(Incremental)


def cached_order(name: str, rows: Callable[[], QuerySet]) -> Order:
    """Return the cached order of rows. The name identifies the rows and their order."""
    renew = _latest[name].update
    return cached_until_change(("order", name), lambda: renew(lambda old: build_order(rows(), old)))


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
        keys, places, _digest = self.order
        if last * len(keys) < SORT_COST * size * size:
            flags = flags_of(group, len(places))
            return islice(compress(keys, map(flags.__getitem__, keys)), first, last)
        return sorted(keys_of(group), key=self._place)[first:last]

    def _place(self, key: int) -> int:
        places = self.order.places
        return places[key] if key < len(places) else key
