"""Lists that are known as sets of keys: only the pages asked for are put in order."""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from itertools import compress, islice
from typing import Any, NamedTuple

from django.db.models import F, QuerySet

from psf.caching.memo import Latest, cached_until_change
from psf.database.keysets import flags_of, keys_of
from psf.database.prepared import compile_queryset
from psf.database.sql import aggregate_keys, fetch_all, parse_keys

# What sorting a key costs beside passing it over in its place.
SORTING = 8


class Order(NamedTuple):
    """Records in one order: the key at each place, the place of each key, and what tells it."""

    keys: Sequence[int]
    places: Sequence[int]
    digest: bytes = b""


def build_order(rows: QuerySet, old: Order | None = None) -> Order:
    """The order of the rows of a query; the old one, if it still is that."""
    # Both databases join the keys as the rows come.
    sql, params = compile_queryset(rows.values(record=F("pk")))
    [(text,)] = fetch_all(f"SELECT {aggregate_keys('record')} FROM ({sql}) AS in_order", params)
    digest = sha256((text or "").encode()).digest()
    if old and old.digest == digest:
        return old
    keys = array("I", parse_keys(text))
    places = array("I", [0]) * (max(keys, default=0) + 1)
    for place, key in enumerate(keys):
        places[key] = place
    return Order(keys, places, digest)


_latest: defaultdict[str, Latest[Order]] = defaultdict(Latest)


def order_of(name: str, rows: Callable[[], QuerySet]) -> Order:
    """The order of these rows as it is now; the name tells which they are, and in what order."""
    renew = _latest[name].renewed
    return cached_until_change(("order", name), lambda: renew(lambda old: build_order(rows(), old)))


class OrderedPages(NamedTuple):
    """Groups of keys, one after the other, each in that order; `load` gives records for keys.

    What has become public meanwhile has no place yet: it stands last, or is left out.
    """

    groups: Iterable[int]
    order: Order
    load: Callable[[list[int]], list[Any]]

    def __getitem__(self, part: slice) -> list[Any]:  # type: ignore[override]
        """The records from one place to another; both are given."""
        first, last, keys = part.start, part.stop, list[int]()
        for group in self.groups:
            size = group.bit_count()
            if first < size:
                keys += self._of(group, size, max(first, 0), last)
            first, last = first - size, last - size
            if last <= 0:
                break
        return self.load(keys)

    def _of(self, group: int, size: int, first: int, last: int) -> Iterable[int]:
        """Of a large group those are met first that stand first; a small one is sorted."""
        keys, places, _digest = self.order
        if last * len(keys) < SORTING * size * size:
            chosen = flags_of(group, len(places))
            return islice(compress(keys, map(chosen.__getitem__, keys)), first, last)
        return sorted(keys_of(group), key=self._place)[first:last]

    def _place(self, key: int) -> int:
        places = self.order.places
        return places[key] if key < len(places) else key
