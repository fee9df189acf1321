from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from psf.lists import AnyOf, ListFilter

from .models import Country, Partner, PartnerKind
from .models.countries import public_partnerships


class LeadPartnerFilter(ListFilter):
    """What the list of lead partners can be narrowed by."""

    country = AnyOf(field_name="country__slug", label=_("Country"))
    kind = AnyOf(choices=PartnerKind.choices, label=_("Kind"))
    sort = django_filters.ChoiceFilter(
        label=_("Order"),
        choices=[("name", _("by name")), ("projects", _("most projects first"))],
        empty_label=None,
        method="filter_order",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partners = Partner.objects.public().filter(country=OuterRef("pk"))
        countries = Country.objects.filter(Exists(partners)).values_list("slug", "name")
        self.filters["country"].extra["choices"] = list(countries)
        self.filters.move_to_end("sort")  # after what a subclass adds

    def filter_order(self, rows: QuerySet, name: str, order: str) -> QuerySet:
        return {
            "best": rows,  # as it was found
            "name": rows.order_by("folded", "slug"),
            "projects": rows.order_by("-number_of_projects", "folded", "slug"),
        }[order]


class PartnerFilter(LeadPartnerFilter):
    """What the list of all partners can be narrowed by: also by whether they lead."""

    role = AnyOf(
        choices=[("lead", _("leads a project")), ("partner", _("takes part in a project"))],
        method="filter_role",
        label=_("Role"),
    )

    def filter_role(self, rows: QuerySet, name: str, roles: list[str]) -> QuerySet:
        parts = public_partnerships().filter(role__in=roles, partner=OuterRef("pk"))
        return rows.filter(Exists(parts)) if roles else rows
