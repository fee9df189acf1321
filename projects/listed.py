"""Lists of projects that are known as sets: only the pages asked for are put in order."""

from array import array
from collections.abc import Iterable, Sequence
from itertools import compress, islice
from typing import NamedTuple

from psf.bits import flags_of, keys_in

from .models import Listing
from .models.listings import projects_of
from .models.rows import ListedProject

ORDERS = {
    "newest": ["-closes_at", "reference"],
    "oldest": ["closes_at", "reference"],
    "title": ["title", "reference"],
}
# Of what matches a text alike, the newest comes first.
ORDERS["best"] = ORDERS["newest"]


class Order(NamedTuple):
    """All public projects in one order: the key at each place, and the place of each key."""

    keys: Sequence[int]
    places: Sequence[int]


def put_in_order(by: Sequence[str]) -> Order:
    keys = array("I", Listing.objects.public().order_by(*by).values_list("pk", flat=True))
    places = array("I", [0]) * (max(keys, default=0) + 1)
    for place, key in enumerate(keys):
        places[key] = place
    return Order(keys, places)


class Rows(NamedTuple):
    """The keys of the projects of a page."""

    keys: list[int]

    def projects(self) -> list[ListedProject]:
        return projects_of(self.keys)


class InOrder(NamedTuple):
    """Groups of projects, one after the other, each in that order.

    What has become public meanwhile has no place yet: it stands last, or is left out.
    """

    groups: list[int]
    order: Order

    def __getitem__(self, part: slice) -> Rows:  # type: ignore[override]
        """The rows from one place to another; both are given."""
        first, last, keys = part.start, part.stop, list[int]()
        for group in self.groups:
            size = group.bit_count()
            if first < size and last > 0:
                keys += self._of(group, size, max(first, 0), last)
            first, last = first - size, last - size
        return Rows(keys)

    def _of(self, group: int, size: int, first: int, last: int) -> Iterable[int]:
        """Of a large group those are met first that stand first; a small one is sorted."""
        keys, places = self.order
        if last * len(keys) < size * size:
            chosen = flags_of(group, len(places))
            return islice(compress(keys, map(chosen.__getitem__, keys)), first, last)
        return sorted(keys_in(group), key=self._place)[first:last]

    def _place(self, key: int) -> int:
        places = self.order.places
        return places[key] if key < len(places) else key
