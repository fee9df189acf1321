from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial, reduce
from operator import and_, or_
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from partners.models import Partner, PartnerKind
from psf.bits import set_of, union
from psf.facets import Group, told_apart
from psf.lists import AnyOf, ListFilter
from psf.memory import remembered
from psf.search.advice import Tried
from psf.search.asking import Query, understand

from . import standing
from .listed import ORDERS, InOrder, put_in_order
from .models import Call, ListedPart, Phase, ProjectStatus
from .models.choices import FUNDED_STATUSES
from .search import PROJECTS
from .whole import sizes, whole_list

AMOUNTS = [("published", _("published")), ("not_published", _("not published"))]


class ProjectFilter(ListFilter):
    """What the list of projects can be narrowed by; each choice is one that readers may see.

    Every filter leaves a set of projects (`projects.sets`): the database is asked for no list.
    """

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
        self.whole = remembered("projects", whole_list)
        asked = self.data.getlist("partner")
        self.partners = list(Partner.objects.public().filter(slug__in=asked)) if asked else []
        named = [(partner.slug, partner.name) for partner in self.partners]
        for name, values in (self.whole.choices | {"partner": named}).items():
            self.filters[name].extra["choices"] = values

    def total(self) -> int:
        return self.whole.everything.bit_count()

    def counts(self) -> dict[str, dict[str, int]]:
        chosen = self._chosen
        if not chosen:
            return self.whole.counts
        counts = {"": {"": self.left.bit_count()}}
        for name in self.facet_names:
            left = self._without(name) if name in chosen else self.left
            counts[name] = sizes(self.whole.sets[name], left)
        return counts

    def listed(self) -> Any:
        """The rows of the list: of the whole list from its index, of another one from its set."""
        order = self.form.cleaned_data["sort"] or ("best" if self._query else "newest")
        if not self._chosen:
            return self.queryset.order_by(*ORDERS[order])
        groups = self._found if order == "best" else [self.left]
        known = remembered(("order", *ORDERS[order]), partial(put_in_order, ORDERS[order]))
        return InOrder([group & self.left for group in groups], known)

    def sizes(self, tried: Sequence[Tried]) -> list[int]:
        return [self._size(each) for each in tried]

    def _size(self, tried: Tried) -> int:
        sets = [self._chosen[name] for name in tried.names if name != "q"]
        if "q" in tried.names and not tried.query.is_empty():
            sets += PROJECTS.sets(tried.query, self.whole.everything)
        return self._in_all(sets).bit_count()

    @cached_property
    def left(self) -> int:
        """The set of the projects that all filters leave."""
        return self._in_all(self._chosen.values())

    def _without(self, name: str) -> int:
        return self._in_all(keys for other, keys in self._chosen.items() if other != name)

    def _in_all(self, sets: Iterable[int]) -> int:
        return reduce(and_, sets, self.whole.everything)

    @cached_property
    def _chosen(self) -> dict[str, int]:
        """For each filter in use the set of the projects that it leaves."""
        return {name: self._set(name, values) for name, values in self.chosen_values().items()}

    def _set(self, name: str, values: list[str]) -> int:
        if name == "q":
            return union(self._found)
        if name == "partner":
            parts = ListedPart.objects.filter(partner__in=self.partners)
            return set_of([*parts.values_list("project", flat=True)])
        return union(self.whole.sets[name].get(value, 0) for value in values)

    @cached_property
    def _query(self) -> Query | None:
        """What the text asks for, if it asks for anything."""
        query = understand(self.form.cleaned_data["q"])
        return None if query.is_empty() else query

    @cached_property
    def _found(self) -> list[int]:
        """The sets of what the text finds, the best matches first."""
        if self._query is None:
            return [self.whole.everything]
        return PROJECTS.sets(self._query, self.whole.everything, ranked=True)


class CallFilter(ListFilter):
    """What the list of calls can be narrowed by."""

    q = None  # a call a year: nobody needs to search them
    phase = AnyOf(choices=Phase.choices, method="filter_phase", label=_("Phase"))
    year = AnyOf(field_name="closes_at__year", label=_("Year of closing"))
    facet_names = ["phase", "year"]
    in_order = facet_names

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = remembered("facets of calls", call_groups)
        years = {year for group in self.groups for year in group.values["year"]}
        self.filters["year"].extra["choices"] = [
            (year, year) for year in sorted(years, reverse=True)
        ]

    def total(self) -> int:
        return len(self.groups)

    def counts(self) -> dict[str, dict[str, int]]:
        return dict(told_apart(self.groups, self.facet_names, self.chosen_values()))

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
