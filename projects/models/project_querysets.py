from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, Max, Min, Prefetch, Sum

from projects.models.amount_sums import Money
from projects.models.publication import is_public
from projects.search import PROJECTS

from .choices import AmountKind
from .partnerships import Partnership, PartnershipQuerySet

if TYPE_CHECKING:
    from .projects import Project  # noqa: F401 (named in a string below)

# Long columns that lists do not show.
LONG_TEXTS = ["summary", "description", "as_published", "internal_note"]
LONG_TEXTS += [f"call__{name}" for name in ["summary", "description", "internal_note", "folded"]]


def parts_in_lists() -> PartnershipQuerySet:
    """The partnerships with the columns of a row of a list."""
    parts: PartnershipQuerySet = Partnership.objects.select_related("partner", "country")
    return parts.only(
        "project", "role", "position", "partner__name", "partner__name_language", "country__name"
    )


class ProjectQuerySet(models.QuerySet["Project"]):
    index = PROJECTS

    def public(self, at: datetime | None = None) -> Self:
        """The projects that are public at a moment (`at`, or now)."""
        return self.filter(is_public(at))

    def unpublished(self, at: datetime | None = None) -> Self:
        """The projects that were public before and are not public at a moment."""
        return self.filter(unpublished_at__isnull=False).exclude(is_public(at))

    def found_by(self, text: str) -> Self:
        """The projects that match all words of a text, including names of their partners."""
        return self.index.search(self, text)

    def best_first(self, text: str) -> Self:
        """The matching projects, best match first."""
        return self.index.best_first(self, text)

    def for_list(self) -> Self:
        """All data of a row, in a fixed number of queries."""
        return (
            self.select_related("call")
            .defer(*LONG_TEXTS)
            .prefetch_related(Prefetch("partnerships", queryset=parts_in_lists()))
        )

    def for_staff_list(self) -> Self:
        """All data of a row for staff, with the lead partner in `leads`."""
        leads = Prefetch("partnerships", queryset=parts_in_lists().leading(), to_attr="leads")
        return self.select_related("call").defer(*LONG_TEXTS).prefetch_related(leads)

    def for_page(self) -> Self:
        """All data of the page of a project, and of the checks before publication."""
        parts = Partnership.objects.select_related("partner__country", "country")
        return self.select_related("call__decision").prefetch_related(
            "sources",
            Prefetch("partnerships", queryset=parts),
            "partnerships__country__memberships",
        )

    def for_announcement(self) -> Self:
        """The data of a project in an announcement."""
        return self.with_partners().prefetch_related("priorities", "announced_countries")

    def with_partners(self) -> Self:
        """The partnerships with their organisations.

        A prefetch of "partnerships__partner" fails on SQLite from 1 000 organisations.
        """
        parts = Partnership.objects.select_related("partner")
        return self.prefetch_related(Prefetch("partnerships", queryset=parts))

    def for_rules(self) -> Self:
        """The data that the rules of the call check."""
        partnerships = Partnership.objects.select_related("country", "partner").prefetch_related(
            "country__memberships"
        )
        return self.select_related("call").prefetch_related(
            "evidence", "waivers", Prefetch("partnerships", queryset=partnerships)
        )

    def money(self) -> list[Money]:
        """The sums of amounts, one entry per kind."""
        # Joins would repeat rows.
        projects = self.model._default_manager.filter(pk__in=self.values("pk")).order_by()
        return _in_order(projects.values_list("amount_kind").annotate(**SUMS))

    def money_by(self, field: str) -> dict[Any, list[Money]]:
        """The sums of amounts by the values of a field. A project counts once for each value."""
        rows = defaultdict[Any, list[tuple[Any, ...]]](list)
        for value, *sums in self.order_by().values_list(field, "amount_kind").annotate(**SUMS):
            rows[value].append(tuple(sums))
        return {value: _in_order(sums) for value, sums in rows.items()}


CENT = Decimal("0.01")  # SQLite adds amounts as floating-point numbers
SUMS = {
    "count": Count("pk"),
    "total": Sum("amount_eur"),
    "least": Min("amount_eur"),
    "greatest": Max("amount_eur"),
}


def _in_order(rows: Iterable[tuple[Any, ...]]) -> list[Money]:
    """The sums in the order of the kinds of amounts."""
    by_kind = {
        kind: Money(
            kind, count, *(None if amount is None else amount.quantize(CENT) for amount in amounts)
        )
        for kind, count, *amounts in rows
    }
    return [by_kind[kind] for kind in AmountKind if kind in by_kind]
