"""The orders of the list of projects, and the pages of the list."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Lower

from projects.list_index.list_rows import projects_of
from projects.models import ListedProject, Project
from psf.database.keysets import KeySet
from psf.followed_values.followed import Followed
from psf.lists.ordering import Order, OrderedPages, followed_order

CLOSING = F("call__closes_at")
# A call without a known closing is the newest.
ORDERS: dict[str, list[Any]] = {
    "newest": [CLOSING.desc(nulls_first=True), "reference"],
    "oldest": [CLOSING.asc(nulls_last=True), "reference"],
    # Ceilings and awards in one order: each row names the kind of its amount.
    "amount": [F("amount_eur").desc(nulls_last=True), "reference"],
    "title": [Lower("title"), "reference"],
}
# The columns that decide on the rows and their places: those of all orders, and of one order.
OF_PROJECTS, OF_CALLS = {"call_id", "reference", "published_at"}, {"closes_at", "published_at"}
OWN_COLUMNS = {"amount": {"amount_eur"}, "title": {"title"}}


def ordered_projects(order: str) -> QuerySet[Project]:
    """All public and scheduled projects in the given order."""
    scheduled = Project.objects.filter(published_at__isnull=False, call__published_at__isnull=False)
    return scheduled.order_by(*ORDERS[order])


def _followed(order: str) -> Followed[Order]:
    own = OF_PROJECTS | OWN_COLUMNS.get(order, set())
    columns = {"projects.project": own, "projects.call": OF_CALLS}
    return followed_order(lambda: ordered_projects(order), columns)


IN_ORDER = {order: _followed(order) for order in ORDERS}
# Equally good matches are ordered by date.
IN_ORDER["best"] = IN_ORDER["newest"]


def ordered_pages(groups: Iterable[int], order: str) -> OrderedPages:
    """The pages of the projects in these key sets, each set in the given order."""
    return OrderedPages(groups, IN_ORDER[order](), projects_of)


def newest_projects(projects: KeySet, number: int) -> list[ListedProject]:
    """The newest of these projects, as rows of lists."""
    pages: Any = ordered_pages([projects], "newest")
    return pages[0:number]
