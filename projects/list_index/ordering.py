"""The orders of the list of projects, and the pages of the list."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from projects.list_index.changed_projects import changed_projects
from projects.models import Listing
from projects.models.list_items import ListedProject
from projects.models.listings import ListingQuerySet, projects_of
from psf.database.parameters import NOW
from psf.database.prepared import Prepared
from psf.lists.ordering import OrderedPages, cached_order

ORDERS = {
    "newest": ["-closes_at", "reference"],
    "oldest": ["closes_at", "reference"],
    "title": ["title", "reference"],
}
# Equally good matches are ordered by date.
ORDERS["best"] = ORDERS["newest"]


class IndexedPages(NamedTuple):
    """The pages of the unfiltered list, read from an index of the database.

    A page in the second half is read from the end, because the database reads all earlier rows.
    """

    order: str
    number: int

    def __getitem__(self, part: slice) -> list[ListedProject]:  # type: ignore[override]
        """The projects of a slice with start and stop."""
        first, last = part.start, part.stop
        if first <= self.number / 2:
            rows = _page_keys(self.order, False, first, last)()
        else:
            rows = _page_keys(self.order, True, max(self.number - last, 0), self.number - first)()
            rows.reverse()
        return projects_of([key for (key,) in rows])


@lru_cache(maxsize=100)
def _page_keys(order: str, is_reversed: bool, first: int, last: int) -> Prepared:
    """The keys of a page. They come from an index alone, also those before a late page."""
    rows = Listing.objects.public(NOW).order_by(*ORDERS[order]).values_list("pk")
    return Prepared(lambda: (rows.reverse() if is_reversed else rows)[first:last])


def ordered_listings(order: str) -> ListingQuerySet:
    """All public and scheduled projects in the given order."""
    return Listing.objects.order_by(*ORDERS[order])


def ordered_pages(groups: Iterable[int], order: str) -> OrderedPages:
    """The pages of the projects in these key sets, each set in the given order."""
    name = f"projects by {ORDERS[order]}"
    in_order = cached_order(name, lambda: ordered_listings(order), changed_projects)
    return OrderedPages(groups, in_order, projects_of)
