from functools import reduce
from operator import or_
from typing import Any

import django_filters
from django import forms
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import ExtractYear, Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.models import Country, Partner, PartnerKind
from psf.lists import AnyOf, ListFilter

from .models import Call, Partnership, Phase, Priority, Project, ProjectStatus, Role, Topic
from .models.choices import FUNDED_STATUSES


class AnyRelated(AnyOf):
    """Projects with a related row for which any of the values holds, each project once.

    `also` is what must hold of the same related row, such as that it leads.
    """

    def __init__(self, *args: Any, also: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.also = also or {}

    def filter(self, qs: QuerySet, value: list[str]) -> QuerySet:
        if not value:
            return qs
        found = Project.objects.filter(**{f"{self.field_name}__in": value}, **self.also)
        return qs.filter(pk__in=found.values("pk"))


class ProjectFilter(ListFilter):
    """What the list of projects can be narrowed by; each choice is one that readers may see."""

    call = AnyOf(field_name="call__slug", label=_("Call"))
    priority = AnyRelated(field_name="priorities__slug", label=_("Priority"))
    topic = AnyRelated(field_name="topics__slug", label=_("Topic"))
    country = AnyRelated(
        field_name="partnerships__country__slug", label=_("Country of any partner")
    )
    lead = AnyRelated(
        field_name="partnerships__country__slug",
        also={"partnerships__role": Role.LEAD},
        label=_("Country of the lead partner"),
    )
    kind = AnyRelated(
        field_name="partnerships__partner__kind",
        choices=PartnerKind.choices,
        label=_("Kind of partner"),
    )
    status = AnyOf(
        choices=[choice for choice in ProjectStatus.choices if choice[0] in FUNDED_STATUSES],
        label=_("Status"),
    )
    # The page does not list thousands of organisations: this one is chosen on their pages.
    partner = AnyRelated(
        field_name="partnerships__partner__slug",
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        calls = Call.objects.public().values_list("slug", "title")
        choices = {"call": list(calls), **_terms(), **_countries()}
        asked = self.data.getlist("partner")
        partners = Partner.objects.public().filter(slug__in=asked) if asked else []
        choices["partner"] = [(partner.slug, partner.name) for partner in partners]
        for name, values in choices.items():
            self.filters[name].extra["choices"] = values

    def filter_order(self, rows: QuerySet, name: str, order: str) -> QuerySet:
        return {
            "best": rows,  # as it was found
            "newest": rows.order_by(F("call__closes_at").desc(nulls_first=True), "reference"),
            "oldest": rows.order_by(F("call__closes_at").asc(nulls_last=True), "reference"),
            "title": rows.order_by(Lower("title"), "reference"),
        }[order]


def _terms() -> dict[str, list[tuple[str, str]]]:
    """The priorities and topics of public projects, in one query."""
    public = Project.objects.public()
    kinds: dict[str, tuple[Any, str]] = {
        "priority": (Priority, "priorities"),
        "topic": (Topic, "topics"),
    }
    priorities, topics = (
        model.objects.filter(Exists(public.filter(**{relation: OuterRef("pk")})))
        .order_by()
        .values_list("slug", "name", Value(kind, output_field=CharField()))
        for kind, (model, relation) in kinds.items()
    )
    found: dict[str, list[tuple[str, str]]] = {kind: [] for kind in kinds}
    for slug, name, kind in priorities.union(topics, all=True).order_by("name"):
        found[kind].append((slug, name))
    return found


def _countries() -> dict[str, list[tuple[str, str]]]:
    """The countries with a part in public projects, and those that lead one, in one query."""
    parts = Partnership.objects.public().filter(country=OuterRef("pk"))
    countries = Country.objects.annotate(leads=Exists(parts.leading())).filter(Exists(parts))
    return {
        "country": [(country.slug, country.name) for country in countries],
        "lead": [(country.slug, country.name) for country in countries if country.leads],
    }


class CallFilter(ListFilter):
    """What the list of calls can be narrowed by."""

    q = None  # a call a year: nobody needs to search them
    phase = AnyOf(choices=Phase.choices, method="filter_phase", label=_("Phase"))
    year = AnyOf(field_name="closes_at__year", label=_("Year of closing"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = Call.objects.public().filter(closes_at__isnull=False).order_by()
        closings = years.annotate(year=ExtractYear("closes_at")).values_list("year", flat=True)
        self.filters["year"].extra["choices"] = [
            (str(year), str(year)) for year in sorted(set(closings), reverse=True)
        ]

    def filter_phase(self, rows: QuerySet, name: str, phases: list[str]) -> QuerySet:
        at = timezone.now()
        in_any = [Q(pk__in=Call.objects.in_phase(phase, at).values("pk")) for phase in phases]
        return rows.filter(reduce(or_, in_any)) if in_any else rows
