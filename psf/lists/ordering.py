"""Orders lists that are key sets. Only the requested page is sorted."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, NamedTuple

from django.db.models import QuerySet

from psf.database.keysets import KeySet, keys_of

# Skipping so many keys of the order is cheaper than sorting.
SKIPPED_KEYS = 64


class Order(NamedTuple):
    """An order of records: the key at each place, and the place of each key."""

    keys: Sequence[int]
    places: Sequence[int]


def read_order(rows: QuerySet) -> Order:
    """Return the order of the rows of a query, no two of which are equal in the order."""
    keys = array("I", rows.values_list("pk", flat=True))
    places = array("I", [0]) * (max(keys, default=0) + 1)
    for place, key in enumerate(keys):
        places[key] = place
    return Order(keys, places)


@dataclass(frozen=True)
class OrderedPages(Sequence[Any]):
    """Groups of keys, each sorted by one order. `load` returns the records of keys.

    A record that was published after the order was built has no place. Such a record comes last
    in a small group and is omitted from a large group.
    """

    groups: Iterable[KeySet]
    order: Order
    load: Callable[[list[int]], list[Any]]

    def __len__(self) -> int:
        return sum(group.bit_count() for group in self.groups)

    def __getitem__(self, part: slice) -> list[Any]:  # type: ignore[override]
        """Return the records of a slice with a start and a stop."""
        return self.load([*islice(self.keys(), part.start, part.stop)])

    def keys(self) -> Iterator[int]:
        """Return the keys of all groups in order."""
        return chain.from_iterable(map(self._in_order, self.groups))

    def _in_order(self, group: KeySet) -> Iterable[int]:
        """Return the keys of a group: filter the order for a large group, else sort."""
        keys, places = self.order
        if len(keys) < SKIPPED_KEYS * group.bit_count():
            digits = f"{group:0{len(places)}b}"[::-1]
            return (key for key in keys if digits[key] == "1")
        return sorted(keys_of(group), key=lambda key: places[key] if key < len(places) else key)
