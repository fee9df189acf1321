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
from projects.list_index import membership_facet as standing
from projects.list_index.index import Whole, whole_list
from projects.list_index.ordering import FromIndex, in_order, listings
from projects.models import Call, ListedPart, Phase, ProjectStatus
from projects.models.choices import FUNDED_STATUSES
from projects.search import PROJECTS
from psf.caching.memo import cached_until_change
from psf.database.keysets import keyset
from psf.lists.bitset_filterset import BitsetFilterSet
from psf.lists.facets import Group, count_facets
from psf.lists.filterset import AnyOf, ListFilter

AMOUNTS = [("published", _("published")), ("not_published", _("not published"))]


class ProjectFilter(BitsetFilterSet):
    """What the list of projects can be narrowed by; each choice is one that readers may see.

    Every filter leaves a set of projects (`projects.list_index.facet_sets`).
    """

    index = PROJECTS
    first_order = "newest"

    call = AnyOf(label=_("Call"))
    year = AnyOf(label=_("Year in which the call closed"))
    priority = AnyOf(label=_("Priority"))
    topic = AnyOf(label=_("Topic"))
    country = AnyOf(label=_("Country of any partner"))
    lead = AnyOf(label=_("Country of the lead partner"))
    kind = AnyOf(choices=PartnerKind.choices, label=_("Kind of partner"))
    status = AnyOf(
        choices=[choice for choice in ProjectStatus.choices if choice[0] in FUNDED_STATUSES],
        label=_("Status"),
    )
    amount = AnyOf(choices=AMOUNTS, label=_("Amount"))
    members_then = AnyOf(choices=standing.CHOICES, label=_("Countries when the call closed"))
    members_now = AnyOf(choices=standing.CHOICES, label=_("Countries today"))
    # The page does not list thousands of organisations: this one is chosen on their pages.
    partner = AnyOf(widget=forms.MultipleHiddenInput, label=_("Partner"))
    sort = django_filters.ChoiceFilter(
        label=_("Order"),
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
        standing.THEN,
        standing.NOW,
    ]
    in_order = ["year", standing.THEN, standing.NOW]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = self.data.getlist("partner")
        self.partners = list(Partner.objects.public().filter(slug__in=asked)) if asked else []
        named = [(partner.slug, partner.name) for partner in self.partners]
        self.filters["partner"].extra["choices"] = named

    def whole_list(self) -> Whole:
        return cached_until_change("projects", whole_list)

    def listed(self) -> Any:
        """The rows of the list: of the whole list from its index, of another one from its set."""
        if not self.chosen_sets:
            return FromIndex(listings(self.order()), self.total())
        return in_order(self.groups(), self.order())

    def keys_of(self, name: str, values: list[str]) -> int:
        if name == "partner":
            parts = ListedPart.objects.filter(partner__in=self.partners)
            return keyset([*parts.values_list("project", flat=True)])
        return super().keys_of(name, values)


class CallFilter(ListFilter):
    """What the list of calls can be narrowed by."""

    phase = AnyOf(choices=Phase.choices, method="filter_phase", label=_("Phase"))
    year = AnyOf(field_name="closes_at__year", label=_("Year of closing"))
    facet_names = ["phase", "year"]
    in_order = facet_names

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
        in_any = [Q(pk__in=Call.objects.in_phase(phase, at).values("pk")) for phase in phases]
        return rows.filter(reduce(or_, in_any)) if in_any else rows


def call_groups() -> list[Group]:
    """Each public call with its phase and the year in which it closes, if that is known."""
    calls = Call.objects.public().select_related("decision").order_by()
    return [
        Group({"phase": [call.phase()], "year": _year(call.closes_at)}, 1)
        for call in calls.only("opens_at", "closes_at", "published_at", "decision__published_at")
    ]


def _year(moment: datetime | None) -> list[str]:
    return [str(timezone.localtime(moment).year)] if moment else []
