from collections.abc import Iterator
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.models import Partner, PartnerKind
from projects.list_index import membership_facet
from projects.list_index.index import ProjectSnapshot, load_snapshot
from projects.list_index.ordering import ordered_pages
from projects.models import Call, Partnership, Phase, ProjectStatus
from projects.models.choices import FUNDED_STATUSES
from projects.search import PROJECTS
from psf.caching.memo import cached_until_change
from psf.database.keysets import keyset
from psf.lists.bitset_filterset import BitsetFilterSet
from psf.lists.facets import FacetGroup, count_facets
from psf.lists.filterset import AnyOf, ListFilterSet
from psf.lists.ordering import OrderedPages

# The list says of such a project "Ended …" after its announced period.
STATUS_LABELS = {ProjectStatus.FUNDED: _("funded (the announced period may have ended)")}
AMOUNTS = [("published", _("published")), ("not_published", _("not published"))]


class ProjectFilterSet(BitsetFilterSet):
    """The filters of the list of projects. Every choice is public."""

    index = PROJECTS
    first_order = "newest"

    call = AnyOf(label=_("Call"))
    year = AnyOf(label=_("Closing year of the call"))
    priority = AnyOf(label=_("Priority"))
    topic = AnyOf(label=_("Topic"))
    country = AnyOf(label=_("Country of any partner"))
    lead = AnyOf(label=_("Country of the lead partner"))
    kind = AnyOf(choices=PartnerKind.choices, label=_("Kind of partner"))
    status = AnyOf(
        choices=[(status, STATUS_LABELS.get(status, status.label)) for status in FUNDED_STATUSES],
        label=_("Status"),
    )
    amount = AnyOf(choices=AMOUNTS, label=_("Amount"))
    members_then = AnyOf(
        choices=membership_facet.CHOICES, label=_("Countries when the call closed")
    )
    members_now = AnyOf(choices=membership_facet.CHOICES, label=_("Countries today"))
    # Not a list on the page: there are thousands of organisations. Their pages link to the filter.
    partner = AnyOf(widget=forms.MultipleHiddenInput, label=_("Partner"))
    sort = django_filters.ChoiceFilter(
        label=_("Sort by"),
        choices=[
            ("newest", _("newest call first")),
            ("oldest", _("oldest call first")),
            ("title", _("by title")),
        ],
        empty_label=None,
    )
    facet_names = [
        "country",
        "lead",
        "kind",
        "call",
        "year",
        "priority",
        "topic",
        "status",
        "amount",
        membership_facet.THEN,
        membership_facet.NOW,
    ]
    fixed_order = ["year", membership_facet.THEN, membership_facet.NOW]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slugs = self.data.getlist("partner")
        self.partners = list(Partner.objects.public().filter(slug__in=slugs)) if slugs else []
        choices = [(partner.slug, partner.name) for partner in self.partners]
        self.filters["partner"].extra["choices"] = choices

    def load_snapshot(self) -> ProjectSnapshot:
        return cached_until_change("projects", load_snapshot)

    def result_rows(self) -> OrderedPages:
        return ordered_pages(self.groups(), self.order())

    def result_keys(self) -> Iterator[int]:
        return ordered_pages(self.groups(), self.order()).keys()

    def filter_keys(self, name: str, values: list[str]) -> int:
        if name == "partner":
            parts = Partnership.objects.filter(partner__in=self.partners)
            return keyset([*parts.values_list("project", flat=True)])
        return super().filter_keys(name, values)


class CallFilterSet(ListFilterSet):
    """The filters of the list of calls."""

    phase = AnyOf(choices=Phase.choices, method="filter_phase", label=_("Phase"))
    year = AnyOf(field_name="closes_at__year", label=_("Closing year"))
    facet_names = ["phase", "year"]
    fixed_order = facet_names

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = cached_until_change("facets of calls", call_groups)
        years = {year for group in self.groups for year in group.values["year"]}
        self.filters["year"].extra["choices"] = [
            (year, year) for year in sorted(years, reverse=True)
        ]

    def total(self) -> int:
        return len(self.groups)

    def counts(self) -> dict[str, dict[str, int]]:
        return dict(count_facets(self.groups, self.facet_names, self.chosen_values()))

    def filter_phase(self, rows: QuerySet, name: str, phases: list[str]) -> QuerySet:
        at = timezone.now()
        conditions = [Q(pk__in=Call.objects.in_phase(phase, at).values("pk")) for phase in phases]
        return rows.filter(reduce(or_, conditions)) if conditions else rows


def call_groups() -> list[FacetGroup]:
    """Each public call with its phase, and its closing year if known."""
    calls = Call.objects.public().select_related("decision").order_by()
    return [
        FacetGroup({"phase": [call.phase()], "year": _year(call.closes_at)}, 1)
        for call in calls.only("opens_at", "closes_at", "published_at", "decision__published_at")
    ]


def _year(moment: datetime | None) -> list[str]:
    return [str(timezone.localtime(moment).year)] if moment else []
