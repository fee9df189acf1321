from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial, reduce
from operator import or_
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.models import Partner, PartnerKind
from psf.facets import Group, told_apart
from psf.lists import AnyOf, ListFilter
from psf.memory import remembered

from . import facets, standing
from .models import Call, ListedPart, Phase, Project, ProjectStatus
from .models.choices import FUNDED_STATUSES
from .whole import whole_list

AMOUNTS = [("published", _("published")), ("not_published", _("not published"))]
ORDERS = {
    "newest": ["-closes_at", "reference"],
    "oldest": ["closes_at", "reference"],
    "title": ["title", "reference"],
}


class ByCall(AnyOf):
    """Projects of calls for which any of the values holds: their addresses, or their years."""

    def filter(self, qs: QuerySet, value: list[str]) -> QuerySet:
        place = ["slug", "year"].index(self.field_name)
        calls = self.parent.whole.calls
        keys = [key for key, told in calls.items() if told[place] in value]
        return qs.filter(call__in=keys) if value else qs


class ByRows(AnyOf):
    """Projects with a row of another table, found by `rows`, for which any of the values holds."""

    def __init__(self, *args: Any, rows: Callable[[], QuerySet], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows

    def filter(self, qs: QuerySet, value: list[str]) -> QuerySet:
        if not value:
            return qs
        keys = self.parent.keys.get(self.field_name, {})
        found = self.rows().filter(
            **{f"{self.field_name}__in": [keys.get(each, each) for each in value]}
        )
        return qs.filter(project__in=found.values("project"))


class ByMembers(AnyOf):
    """Projects all of whose countries were member states on a day, or some of them not."""

    def filter(self, qs: QuerySet, value: list[str]) -> QuerySet:
        whole = self.parent.whole
        days = whole.days[self.field_name]
        return standing.narrowed(qs, days, whole.memberships(), value) if value else qs


class ProjectFilter(ListFilter):
    """What the list of projects can be narrowed by; each choice is one that readers may see.

    Its rows are listings: what the page then shows is loaded for its own projects alone.
    """

    call = ByCall(field_name="slug", label=_("Call"))
    year = ByCall(field_name="year", label=_("Year in which the call closed"))
    priority = ByRows(
        field_name="priority", rows=Project.priorities.through.objects.all, label=_("Priority")
    )
    topic = ByRows(field_name="topic", rows=Project.topics.through.objects.all, label=_("Topic"))
    country = ByRows(
        field_name="country",
        rows=lambda: ListedPart.objects.for_countries(),
        label=_("Country of any partner"),
    )
    lead = ByRows(
        field_name="country",
        rows=lambda: ListedPart.objects.leading(),
        label=_("Country of the lead partner"),
    )
    kind = ByRows(
        field_name="kind",
        rows=lambda: ListedPart.objects.for_kinds(),
        choices=PartnerKind.choices,
        label=_("Kind of partner"),
    )
    status = AnyOf(
        choices=[choice for choice in ProjectStatus.choices if choice[0] in FUNDED_STATUSES],
        label=_("Status"),
    )
    amount = AnyOf(choices=AMOUNTS, method="filter_amount", label=_("Amount"))
    members_then = ByMembers(
        field_name=standing.THEN,
        choices=standing.CHOICES,
        label=_("Countries when the call closed"),
    )
    members_now = ByMembers(
        field_name=standing.NOW, choices=standing.CHOICES, label=_("Countries today")
    )
    # The page does not list thousands of organisations: this one is chosen on their pages.
    partner = ByRows(
        field_name="partner",
        rows=ListedPart.objects.all,
        widget=forms.MultipleHiddenInput,
        label=_("Partner"),
    )
    sort = django_filters.ChoiceFilter(
        label=_("Order"),
        choices=[
            ("newest", _("newest call first")),
            ("oldest", _("oldest call first")),
            ("title", _("by title")),
        ],
        empty_label=None,
        method="filter_order",
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
        partners = Partner.objects.public().filter(slug__in=asked) if asked else []
        self.keys = self.whole.keys | {"partner": {each.slug: each.pk for each in partners}}
        choices = self.whole.choices | {"partner": [(each.slug, each.name) for each in partners]}
        for name, values in choices.items():
            self.filters[name].extra["choices"] = values

    def filter_order(self, rows: QuerySet, name: str, order: str) -> QuerySet:
        return rows if order == "best" else rows.order_by(*ORDERS[order])

    def filter_amount(self, rows: QuerySet, name: str, values: list[str]) -> QuerySet:
        wanted = [value == "published" for value in values]
        return rows.filter(has_amount__in=wanted) if wanted else rows

    def total(self) -> int:
        return sum(group.number for group in self.whole.counted.groups)

    def counts(self) -> dict[str, dict[str, int]]:
        chosen = self.chosen_values()
        key = ("projects", *((name, *values) for name, values in sorted(chosen.items())))
        return remembered(key, partial(self._counts, chosen))

    def _counts(self, chosen: dict[str, list[str]]) -> dict[str, dict[str, int]]:
        counted = self._count(chosen) if chosen else self.whole.counted
        groups = [
            Group(values_of(group, self.whole.calls), group.number) for group in counted.groups
        ]
        return {
            **told_apart(groups, facets.SINGLE, chosen),
            **self._by_value(counted.several),
            **{name: self._by_members(name, found) for name, found in counted.members.items()},
        }

    def _count(self, chosen: dict[str, list[str]]) -> facets.Counted:
        """Count; of a facet that alone is chosen, the counts are those of the whole list."""
        whole = self.whole.counted
        if len(chosen) > 1 or not {*facets.SEVERAL, *facets.MEMBERS} & {*chosen}:
            return facets.count(self.without, chosen)
        found = facets.count(self.without, [])
        several = {name: whole.several[name] for name in chosen if name in whole.several}
        members = {name: whole.members[name] for name in chosen if name in whole.members}
        return found._replace(
            several={**found.several, **several}, members={**found.members, **members}
        )

    def _by_members(self, name: str, counts: Mapping[tuple[str, str], int]) -> dict[str, int]:
        """The counts by what is said of the countries on the day that the facet asks for."""
        found: Counter[str] = Counter()
        days = self.whole.days[name]
        for (call, memberships), number in counts.items():
            if day := days.get(call):
                found[standing.judged(memberships, day)] += number
        return found

    def _by_value(self, several: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
        """The counts by the values of addresses instead of the keys of records."""
        found = {}
        for name, counts in several.items():
            keys = self.whole.keys.get(self.filters[name].field_name, {})
            values = {str(key): value for value, key in keys.items()}
            found[name] = {values.get(key, key): number for key, number in counts.items()}
        return found


def values_of(group: facets.Listed, calls: dict[str, tuple[str, str]]) -> dict[str, list[str]]:
    """What projects of that group have of each single-valued facet."""
    # A call that was published a moment ago may not be among those remembered.
    slug, year = calls.get(group.call, ("", ""))
    return {
        "call": [slug],
        "year": [year],
        "status": [group.status],
        "amount": [AMOUNTS[0][0] if group.has_amount else AMOUNTS[1][0]],
    }


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
