from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, Self

from django.db import models
from django.db.models import Count, Max, Min, Prefetch, Sum

from projects.models.publication import is_public
from projects.search import PROJECTS
from psf.database.parameters import Moment

from .choices import AmountKind
from .partnerships import Partnership, PartnershipQuerySet

if TYPE_CHECKING:
    from .projects import Project  # noqa: F401 (named in a string below)

# What no row of a list shows, and what would be most of what it loads.
LONG_TEXTS = ["summary", "description", "as_published", "internal_note"]
LONG_TEXTS += [f"call__{name}" for name in ["summary", "description", "internal_note", "folded"]]
SUMS = [AmountKind.CEILING, AmountKind.AWARDED, AmountKind.FINAL, AmountKind.RETURNED]


class Money(NamedTuple):
    """The amounts of one kind: how many projects, their sum, the least and the greatest (EUR).

    For `not_published` only `count` says something; the rest is None.
    """

    kind: str
    count: int  # type: ignore[assignment]  # a tuple has a method of that name
    total: Decimal | None
    least: Decimal | None
    greatest: Decimal | None


def parts_in_lists() -> PartnershipQuerySet:
    """The parts of projects with all that a row of a list shows of them."""
    parts: PartnershipQuerySet = Partnership.objects.select_related("partner", "country")
    return parts.only(
        "project", "role", "position", "partner__name", "partner__name_language", "country__name"
    )


class ProjectQuerySet(models.QuerySet["Project"]):
    index = PROJECTS

    def public(self, at: Moment = None) -> Self:
        """The projects that anyone may see at this moment (`at`, or now)."""
        return self.filter(is_public(at))

    def unpublished(self, at: Moment = None) -> Self:
        """The projects that were public and are not at this moment: their address says so."""
        return self.filter(unpublished_at__isnull=False).exclude(is_public(at))

    def found_by(self, text: str) -> Self:
        """The projects in which all that was typed stands, the names of their partners included."""
        return self.index.search(self, text)

    def best_first(self, text: str) -> Self:
        """Those found by the text, in the order of how well they match."""
        return self.index.best_first(self, text)

    def for_list(self) -> Self:
        """All that a row shows, in a number of queries that does not grow."""
        return (
            self.select_related("call")
            .defer(*LONG_TEXTS)
            .prefetch_related(Prefetch("partnerships", queryset=parts_in_lists()))
        )

    def for_staff_list(self) -> Self:
        """All that a row shows to staff: of the parts the lead partner's alone, as `leads`."""
        leads = Prefetch("partnerships", queryset=parts_in_lists().leading(), to_attr="leads")
        return self.select_related("call").defer(*LONG_TEXTS).prefetch_related(leads)

    def for_page(self) -> Self:
        """What the page of one project shows, and what is asked of one that shall have it."""
        parts = Partnership.objects.select_related("partner__country", "country")
        return self.select_related("call__decision").prefetch_related(
            "sources",
            Prefetch("partnerships", queryset=parts),
            "partnerships__country__memberships",
        )

    def of_one_page(self) -> Self:
        """What the page of one project shows, without countries and related records."""
        parts = Partnership.objects.select_related("partner")
        return self.select_related("call").prefetch_related(
            Prefetch("partnerships", queryset=parts)
        )

    def for_announcement(self) -> Self:
        """What an announcement says of each project."""
        parts = Partnership.objects.select_related("partner")
        return self.prefetch_related(
            "priorities", "announced_countries", Prefetch("partnerships", queryset=parts)
        )

    def for_rules(self) -> Self:
        """What the rules of their call ask of the applications."""
        partnerships = Partnership.objects.select_related("country", "partner").prefetch_related(
            "country__memberships"
        )
        return self.select_related("call").prefetch_related(
            "waivers", Prefetch("partnerships", queryset=partnerships)
        )

    def money(self) -> list[Money]:
        """The amounts of these projects, one line a kind, so that kinds never add up."""
        each_once = self.model._default_manager.filter(
            pk__in=self.values("pk")
        )  # joins repeat rows
        rows = (
            each_once.order_by()
            .values("amount_kind")
            .annotate(
                count=Count("pk"),
                total=Sum("amount_eur"),
                least=Min("amount_eur"),
                greatest=Max("amount_eur"),
            )
        )
        by_kind = {row["amount_kind"]: row for row in rows}
        return [
            Money(kind, row["count"], row["total"], row["least"], row["greatest"])
            for kind in [*SUMS, AmountKind.NOT_PUBLISHED]
            if (row := by_kind.get(kind))
        ]
