"""The orders of the list of projects, and the pages of the list."""

from collections.abc import Iterable

from projects.list_index.changed_projects import changed_projects
from projects.models import Listing
from projects.models.listings import ListingQuerySet, projects_of
from psf.lists.ordering import OrderedPages, cached_order

ORDERS = {
    "newest": ["-closes_at", "reference"],
    "oldest": ["closes_at", "reference"],
    "title": ["title", "reference"],
}
# Equally good matches are ordered by date.
ORDERS["best"] = ORDERS["newest"]


def ordered_listings(order: str) -> ListingQuerySet:
    """All public and scheduled projects in the given order."""
    return Listing.objects.order_by(*ORDERS[order])


def ordered_pages(groups: Iterable[int], order: str) -> OrderedPages:
    """The pages of the projects in these key sets, each set in the given order."""
    name = f"projects by {ORDERS[order]}"
    in_order = cached_order(name, lambda: ordered_listings(order), changed_projects)
    return OrderedPages(groups, in_order, projects_of)
