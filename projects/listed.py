"""Lists of projects that are known as sets: only the pages asked for are put in order."""

from array import array
from collections.abc import Sequence
from typing import NamedTuple

from psf.bits import keys_in

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


def places_in(order: Sequence[str]) -> Sequence[int]:
    """By the keys of the public projects: the place of each in a list of all of them."""
    keys = list(Listing.objects.public().order_by(*order).values_list("pk", flat=True))
    places = array("I", [0]) * (max(keys, default=0) + 1)
    for place, key in enumerate(keys):
        places[key] = place
    return places


class Rows(NamedTuple):
    """The keys of the projects of a page."""

    keys: list[int]

    def projects(self) -> list[ListedProject]:
        return projects_of(self.keys)


class InOrder(NamedTuple):
    """Groups of projects, one after the other, each in the order that `places` says."""

    groups: list[int]
    places: Sequence[int]

    def __getitem__(self, part: slice) -> Rows:  # type: ignore[override]
        """The rows from one place to another; both are given."""
        first, last, keys = part.start, part.stop, list[int]()
        for group in self.groups:
            size = group.bit_count()
            if first < size and last > 0:
                keys += sorted(keys_in(group), key=self._place)[max(first, 0) : last]
            first, last = first - size, last - size
        return Rows(keys)

    def _place(self, key: int) -> int:
        # What has become public meanwhile has no place yet.
        return self.places[key] if key < len(self.places) else key
