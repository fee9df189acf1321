"""The orders in which projects are listed, and what gives the pages of their lists."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from projects.models import Listing
from projects.models.list_items import ListedProject
from projects.models.listings import projects_of
from psf.lists.ordering import OrderedPages, order_of

ORDERS = {
    "newest": ["-closes_at", "reference"],
    "oldest": ["closes_at", "reference"],
    "title": ["title", "reference"],
}
# Of what matches a text alike, the newest comes first.
ORDERS["best"] = ORDERS["newest"]


class FromIndex(NamedTuple):
    """The whole list of so many, whose pages are read from an index of the database.

    A page of the second half is read from the end: the database passes over what stands before.
    """

    listings: Any
    number: int

    def __getitem__(self, part: slice) -> list[ListedProject]:  # type: ignore[override]
        """The projects from one place to another; both are given."""
        first, last = part.start, part.stop
        projects: list[ListedProject]
        if first > self.number / 2:
            from_the_end = slice(max(self.number - last, 0), self.number - first)
            projects = self.listings.reverse()[from_the_end].projects()[::-1]
        else:
            projects = self.listings[part].projects()
        return projects


def listings(order: str) -> Any:
    """Every project that readers may see, in that order."""
    return Listing.objects.public().order_by(*ORDERS[order])


def in_order(groups: Iterable[int], order: str) -> OrderedPages:
    """The projects of these sets, in that order."""
    name = f"projects by {ORDERS[order]}"
    return OrderedPages(groups, order_of(name, lambda: listings(order)), projects_of)
